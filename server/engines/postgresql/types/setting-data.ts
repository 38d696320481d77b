/**
 * Settings of the server by name: the type of their values, `fixed` where SET does not change them, and marks of majors as in
 * `FUNCTION_FORMS`, one a line.
 *
 * Source: `pg_settings` of 13 to 18; checked on every server by test/database/type-data.test.ts.
 */
export const SETTINGS = `
allow_alter_system bool fixed @17
allow_in_place_tablespaces bool
allow_system_table_mods bool
application_name string
archive_cleanup_command string fixed
archive_command string fixed
archive_library string fixed @15
archive_mode enum fixed
archive_timeout integer fixed
array_nulls bool
authentication_timeout integer fixed
autovacuum bool fixed
autovacuum_analyze_scale_factor real fixed
autovacuum_analyze_threshold integer fixed
autovacuum_freeze_max_age integer fixed
autovacuum_max_workers integer fixed
autovacuum_multixact_freeze_max_age integer fixed
autovacuum_naptime integer fixed
autovacuum_vacuum_cost_delay real fixed
autovacuum_vacuum_cost_limit integer fixed
autovacuum_vacuum_insert_scale_factor real fixed
autovacuum_vacuum_insert_threshold integer fixed
autovacuum_vacuum_max_threshold integer fixed @18
autovacuum_vacuum_scale_factor real fixed
autovacuum_vacuum_threshold integer fixed
autovacuum_work_mem integer fixed
autovacuum_worker_slots integer fixed @18
backend_flush_after integer
backslash_quote enum
backtrace_functions string
bgwriter_delay integer fixed
bgwriter_flush_after integer fixed
bgwriter_lru_maxpages integer fixed
bgwriter_lru_multiplier real fixed
block_size integer fixed
bonjour bool fixed
bonjour_name string fixed
bytea_output enum
check_function_bodies bool
checkpoint_completion_target real fixed
checkpoint_flush_after integer fixed
checkpoint_timeout integer fixed
checkpoint_warning integer fixed
client_connection_check_interval integer @14
client_encoding string
client_min_messages enum
cluster_name string fixed
commit_delay integer
commit_siblings integer
commit_timestamp_buffers integer fixed @17
compute_query_id enum @14
config_file string fixed
constraint_exclusion enum
cpu_index_tuple_cost real
cpu_operator_cost real
cpu_tuple_cost real
createrole_self_grant string @16
cursor_tuple_fraction real
data_checksums bool fixed
data_directory string fixed
data_directory_mode integer fixed
data_sync_retry bool fixed
datestyle string
db_user_namespace bool fixed !16
deadlock_timeout integer
debug_assertions bool fixed
debug_discard_caches integer @14
debug_io_direct string fixed @16
debug_logical_replication_streaming enum @16
debug_parallel_query enum @16
debug_pretty_print bool
debug_print_parse bool
debug_print_plan bool
debug_print_rewritten bool
default_statistics_target integer
default_table_access_method string
default_tablespace string
default_text_search_config string
default_toast_compression enum @14
default_transaction_deferrable bool
default_transaction_isolation enum
default_transaction_read_only bool
dynamic_library_path string
dynamic_shared_memory_type enum fixed
effective_cache_size integer
effective_io_concurrency integer
enable_async_append bool @14
enable_bitmapscan bool
enable_distinct_reordering bool @18
enable_gathermerge bool
enable_group_by_reordering bool @17
enable_hashagg bool
enable_hashjoin bool
enable_incremental_sort bool
enable_indexonlyscan bool
enable_indexscan bool
enable_material bool
enable_memoize bool @14
enable_mergejoin bool
enable_nestloop bool
enable_parallel_append bool
enable_parallel_hash bool
enable_partition_pruning bool
enable_partitionwise_aggregate bool
enable_partitionwise_join bool
enable_presorted_aggregate bool @16
enable_self_join_elimination bool @18
enable_seqscan bool
enable_sort bool
enable_tidscan bool
escape_string_warning bool
event_source string fixed
event_triggers bool @17
exit_on_error bool
extension_control_path string @18
external_pid_file string fixed
extra_float_digits integer
file_copy_method enum @18
file_extend_method enum fixed @16
force_parallel_mode enum !15
from_collapse_limit integer
fsync bool fixed
full_page_writes bool fixed
geqo bool
geqo_effort integer
geqo_generations integer
geqo_pool_size integer
geqo_seed real
geqo_selection_bias real
geqo_threshold integer
gin_fuzzy_search_limit integer
gin_pending_list_limit integer
gss_accept_delegation bool fixed @16
hash_mem_multiplier real
hba_file string fixed
hot_standby bool fixed
hot_standby_feedback bool fixed
huge_page_size integer fixed @14
huge_pages enum fixed
huge_pages_status enum fixed @17
icu_validation_level enum @16
ident_file string fixed
idle_in_transaction_session_timeout integer
idle_replication_slot_timeout integer fixed @18
idle_session_timeout integer @14
ignore_checksum_failure bool
ignore_invalid_pages bool fixed
ignore_system_indexes bool
in_hot_standby bool fixed @14
integer_datetimes bool fixed
intervalstyle enum
io_combine_limit integer @17
io_max_combine_limit integer fixed @18
io_max_concurrency integer fixed @18
io_method enum fixed @18
io_workers integer fixed @18
jit bool
jit_above_cost real
jit_debugging_support bool
jit_dump_bitcode bool
jit_expressions bool
jit_inline_above_cost real
jit_optimize_above_cost real
jit_profiling_support bool
jit_provider string fixed
jit_tuple_deforming bool
join_collapse_limit integer
krb_caseins_users bool fixed
krb_server_keyfile string fixed
lc_collate string fixed !15
lc_ctype string fixed !15
lc_messages string
lc_monetary string
lc_numeric string
lc_time string
listen_addresses string fixed
lo_compat_privileges bool
local_preload_libraries string
lock_timeout integer
log_autovacuum_min_duration integer fixed
log_checkpoints bool fixed
log_connections string
log_destination string fixed
log_directory string fixed
log_disconnections bool
log_duration bool
log_error_verbosity enum
log_executor_stats bool
log_file_mode integer fixed
log_filename string fixed
log_hostname bool fixed
log_line_prefix string fixed
log_lock_failures bool @18
log_lock_waits bool
log_min_duration_sample integer
log_min_duration_statement integer
log_min_error_statement enum
log_min_messages enum
log_parameter_max_length integer
log_parameter_max_length_on_error integer
log_parser_stats bool
log_planner_stats bool
log_recovery_conflict_waits bool fixed @14
log_replication_commands bool
log_rotation_age integer fixed
log_rotation_size integer fixed
log_startup_progress_interval integer fixed @15
log_statement enum
log_statement_sample_rate real
log_statement_stats bool
log_temp_files integer
log_timezone string fixed
log_transaction_sample_rate real
log_truncate_on_rotation bool fixed
logging_collector bool fixed
logical_decoding_work_mem integer
maintenance_io_concurrency integer
maintenance_work_mem integer
max_active_replication_origins integer fixed @18
max_connections integer fixed
max_files_per_process integer fixed
max_function_args integer fixed
max_identifier_length integer fixed
max_index_keys integer fixed
max_locks_per_transaction integer fixed
max_logical_replication_workers integer fixed
max_notify_queue_pages integer fixed @17
max_parallel_apply_workers_per_subscription integer fixed @16
max_parallel_maintenance_workers integer
max_parallel_workers integer
max_parallel_workers_per_gather integer
max_pred_locks_per_page integer fixed
max_pred_locks_per_relation integer fixed
max_pred_locks_per_transaction integer fixed
max_prepared_transactions integer fixed
max_replication_slots integer fixed
max_slot_wal_keep_size integer fixed
max_stack_depth integer
max_standby_archive_delay integer fixed
max_standby_streaming_delay integer fixed
max_sync_workers_per_subscription integer fixed
max_wal_senders integer fixed
max_wal_size integer fixed
max_worker_processes integer fixed
md5_password_warnings bool @18
min_dynamic_shared_memory integer fixed @14
min_parallel_index_scan_size integer
min_parallel_table_scan_size integer
min_wal_size integer fixed
multixact_member_buffers integer fixed @17
multixact_offset_buffers integer fixed @17
notify_buffers integer fixed @17
num_os_semaphores integer fixed @18
oauth_validator_libraries string fixed @18
old_snapshot_threshold integer fixed !16
operator_precedence_warning bool !13
parallel_leader_participation bool
parallel_setup_cost real
parallel_tuple_cost real
password_encryption enum
plan_cache_mode enum
port integer fixed
post_auth_delay integer
pre_auth_delay integer fixed
primary_conninfo string fixed
primary_slot_name string fixed
promote_trigger_file string fixed !15
quote_all_identifiers bool
random_page_cost real
recovery_end_command string fixed
recovery_init_sync_method enum fixed @14
recovery_min_apply_delay integer fixed
recovery_prefetch enum fixed @15
recovery_target string fixed
recovery_target_action enum fixed
recovery_target_inclusive bool fixed
recovery_target_lsn string fixed
recovery_target_name string fixed
recovery_target_time string fixed
recovery_target_timeline string fixed
recovery_target_xid string fixed
recursive_worktable_factor real @15
remove_temp_files_after_crash bool fixed @14
reserved_connections integer fixed @16
restart_after_crash bool fixed
restore_command string fixed
restrict_nonsystem_relation_kind string
row_security bool
scram_iterations integer @16
search_path string
segment_size integer fixed
send_abort_for_crash bool fixed @16
send_abort_for_kill bool fixed @16
seq_page_cost real
serializable_buffers integer fixed @17
server_encoding string fixed
server_version string fixed
server_version_num integer fixed
session_preload_libraries string
session_replication_role enum
shared_buffers integer fixed
shared_memory_size integer fixed @15
shared_memory_size_in_huge_pages integer fixed @15
shared_memory_type enum fixed
shared_preload_libraries string fixed
ssl bool fixed
ssl_ca_file string fixed
ssl_cert_file string fixed
ssl_ciphers string fixed
ssl_crl_dir string fixed @14
ssl_crl_file string fixed
ssl_dh_params_file string fixed
ssl_ecdh_curve string fixed !17
ssl_groups string fixed @18
ssl_key_file string fixed
ssl_library string fixed
ssl_max_protocol_version enum fixed
ssl_min_protocol_version enum fixed
ssl_passphrase_command string fixed
ssl_passphrase_command_supports_reload bool fixed
ssl_prefer_server_ciphers bool fixed
ssl_tls13_ciphers string fixed @18
standard_conforming_strings bool
statement_timeout integer
stats_fetch_consistency enum @15
stats_temp_directory string fixed !14
subtransaction_buffers integer fixed @17
summarize_wal bool fixed @17
superuser_reserved_connections integer fixed
sync_replication_slots bool fixed @17
synchronize_seqscans bool
synchronized_standby_slots string fixed @17
synchronous_commit enum
synchronous_standby_names string fixed
syslog_facility enum fixed
syslog_ident string fixed
syslog_sequence_numbers bool fixed
syslog_split_messages bool fixed
tcp_keepalives_count integer
tcp_keepalives_idle integer
tcp_keepalives_interval integer
tcp_user_timeout integer
temp_buffers integer
temp_file_limit integer
temp_tablespaces string
timezone string
timezone_abbreviations string
trace_connection_negotiation bool fixed @17
trace_notify bool
trace_recovery_messages enum fixed !16
trace_sort bool
track_activities bool
track_activity_query_size integer fixed
track_commit_timestamp bool fixed
track_cost_delay_timing bool @18
track_counts bool
track_functions enum
track_io_timing bool
track_wal_io_timing bool @14
transaction_buffers integer fixed @17
transaction_deferrable bool
transaction_isolation enum
transaction_read_only bool
transaction_timeout integer @17
transform_null_equals bool
unix_socket_directories string fixed
unix_socket_group string fixed
unix_socket_permissions integer fixed
update_process_title bool
vacuum_buffer_usage_limit integer @16
vacuum_cleanup_index_scale_factor real !13
vacuum_cost_delay real
vacuum_cost_limit integer
vacuum_cost_page_dirty integer
vacuum_cost_page_hit integer
vacuum_cost_page_miss integer
vacuum_defer_cleanup_age integer fixed !15
vacuum_failsafe_age integer @14
vacuum_freeze_min_age integer
vacuum_freeze_table_age integer
vacuum_max_eager_freeze_failure_rate real @18
vacuum_multixact_failsafe_age integer @14
vacuum_multixact_freeze_min_age integer
vacuum_multixact_freeze_table_age integer
vacuum_truncate bool @18
wal_block_size integer fixed
wal_buffers integer fixed
wal_compression enum
wal_consistency_checking string
wal_decode_buffer_size integer fixed @15
wal_init_zero bool
wal_keep_size integer fixed
wal_level enum fixed
wal_log_hints bool fixed
wal_receiver_create_temp_slot bool fixed
wal_receiver_status_interval integer fixed
wal_receiver_timeout integer fixed
wal_recycle bool
wal_retrieve_retry_interval integer fixed
wal_segment_size integer fixed
wal_sender_timeout integer
wal_skip_threshold integer
wal_summary_keep_time integer fixed @17
wal_sync_method enum fixed
wal_writer_delay integer fixed
wal_writer_flush_after integer fixed
work_mem integer
xmlbinary enum
xmloption enum
zero_damaged_pages bool
`;
