import { type Expression, type ExpressionTree, walkExpression } from '../../../model/expression.ts';
import { findFunction } from '../../../model/lookup.ts';
import type { Schema } from '../../../model/schema.ts';
import { AGGREGATES_AND_WINDOW_FUNCTIONS, STEADY_FUNCTIONS } from './built-in-functions.ts';

/**
 * Volatile functions of pg_catalog that give a value, and the first major that has them.
 *
 * Source: `SELECT proname FROM pg_proc WHERE provolatile = 'v'` on 13 to 18; trigger, index-method and administration
 * functions that no default can use are left out. Checked on every server by test/database/volatility.test.ts.
 */
const VOLATILE: Readonly<Record<string, number>> = {
  array_sample: 16,
  array_shuffle: 16,
  clock_timestamp: 13,
  current_query: 13,
  currtid: 13,
  currtid2: 13,
  currval: 13,
  cursor_to_xml: 13,
  cursor_to_xmlschema: 13,
  gen_random_uuid: 13,
  lastval: 13,
  lo_close: 13,
  lo_creat: 13,
  lo_create: 13,
  lo_export: 13,
  lo_from_bytea: 13,
  lo_get: 13,
  lo_import: 13,
  lo_lseek: 13,
  lo_lseek64: 13,
  lo_open: 13,
  lo_put: 13,
  lo_tell: 13,
  lo_tell64: 13,
  lo_truncate: 13,
  lo_truncate64: 13,
  lo_unlink: 13,
  loread: 13,
  lowrite: 13,
  nextval: 13,
  pg_advisory_lock: 13,
  pg_advisory_lock_shared: 13,
  pg_advisory_unlock: 13,
  pg_advisory_unlock_all: 13,
  pg_advisory_unlock_shared: 13,
  pg_advisory_xact_lock: 13,
  pg_advisory_xact_lock_shared: 13,
  pg_available_wal_summaries: 17,
  pg_backup_start: 15,
  pg_backup_stop: 15,
  pg_blocking_pids: 13,
  pg_cancel_backend: 13,
  pg_clear_attribute_stats: 18,
  pg_clear_relation_stats: 18,
  pg_collation_actual_version: 13,
  pg_control_checkpoint: 13,
  pg_control_recovery: 13,
  pg_control_system: 13,
  pg_copy_logical_replication_slot: 13,
  pg_copy_physical_replication_slot: 13,
  pg_create_logical_replication_slot: 13,
  pg_create_physical_replication_slot: 13,
  pg_create_restore_point: 13,
  pg_current_logfile: 13,
  pg_current_wal_flush_lsn: 13,
  pg_current_wal_insert_lsn: 13,
  pg_current_wal_lsn: 13,
  pg_database_collation_actual_version: 15,
  pg_database_size: 13,
  pg_drop_replication_slot: 13,
  pg_export_snapshot: 13,
  pg_extension_config_dump: 13,
  pg_get_aios: 18,
  pg_get_backend_memory_contexts: 14,
  pg_get_loaded_modules: 18,
  pg_get_multixact_members: 13,
  pg_get_sequence_data: 18,
  pg_get_shmem_allocations: 13,
  pg_get_shmem_allocations_numa: 18,
  pg_get_wait_events: 17,
  pg_get_wal_replay_pause_state: 14,
  pg_get_wal_resource_managers: 15,
  pg_get_wal_summarizer_state: 17,
  pg_import_system_collations: 13,
  pg_indexes_size: 13,
  pg_is_in_backup: 13,
  pg_is_in_recovery: 13,
  pg_is_wal_replay_paused: 13,
  pg_isolation_test_session_is_blocked: 13,
  pg_jit_available: 13,
  pg_last_committed_xact: 13,
  pg_last_wal_receive_lsn: 13,
  pg_last_wal_replay_lsn: 13,
  pg_last_xact_replay_timestamp: 13,
  pg_lock_status: 13,
  pg_log_backend_memory_contexts: 14,
  pg_log_standby_snapshot: 16,
  pg_ls_archive_statusdir: 13,
  pg_ls_dir: 13,
  pg_ls_logdir: 13,
  pg_ls_logicalmapdir: 15,
  pg_ls_logicalsnapdir: 15,
  pg_ls_replslotdir: 15,
  pg_ls_summariesdir: 18,
  pg_ls_tmpdir: 13,
  pg_ls_waldir: 13,
  pg_nextoid: 13,
  pg_notification_queue_usage: 13,
  pg_notify: 13,
  pg_partition_ancestors: 13,
  pg_partition_tree: 13,
  pg_prepared_xact: 13,
  pg_promote: 13,
  pg_read_binary_file: 13,
  pg_read_file: 13,
  pg_read_file_old: 13,
  pg_relation_size: 13,
  pg_reload_conf: 13,
  pg_restore_attribute_stats: 18,
  pg_restore_relation_stats: 18,
  pg_rotate_logfile: 13,
  pg_rotate_logfile_old: 13,
  pg_safe_snapshot_blocking_pids: 13,
  pg_sequence_last_value: 13,
  pg_sleep: 13,
  pg_sleep_for: 13,
  pg_sleep_until: 13,
  pg_start_backup: 13,
  pg_stat_clear_snapshot: 13,
  pg_stat_file: 13,
  pg_stat_force_next_flush: 15,
  pg_stat_have_stats: 15,
  pg_stat_reset: 13,
  pg_stat_reset_backend_stats: 18,
  pg_stat_reset_replication_slot: 14,
  pg_stat_reset_shared: 13,
  pg_stat_reset_single_function_counters: 13,
  pg_stat_reset_single_table_counters: 13,
  pg_stat_reset_slru: 13,
  pg_stat_reset_subscription_stats: 15,
  pg_stop_backup: 13,
  pg_switch_wal: 13,
  pg_sync_replication_slots: 17,
  pg_table_size: 13,
  pg_tablespace_size: 13,
  pg_terminate_backend: 13,
  pg_total_relation_size: 13,
  pg_try_advisory_lock: 13,
  pg_try_advisory_lock_shared: 13,
  pg_try_advisory_xact_lock: 13,
  pg_try_advisory_xact_lock_shared: 13,
  pg_wal_replay_pause: 13,
  pg_wal_replay_resume: 13,
  pg_wal_summary_contents: 17,
  pg_xact_commit_timestamp: 13,
  pg_xact_commit_timestamp_origin: 14,
  pg_xact_status: 13,
  query_to_xml: 13,
  query_to_xml_and_xmlschema: 13,
  query_to_xmlschema: 13,
  random: 13,
  random_normal: 16,
  set_config: 13,
  setseed: 13,
  setval: 13,
  timeofday: 13,
  ts_rewrite: 13,
  ts_stat: 13,
  txid_status: 13,
  uuidv4: 18,
  uuidv7: 18,
};

/** Whether an expression gives another value for each row. `unknown`: it calls a function that no migration created. */
export function isVolatile(
  expression: Expression | ExpressionTree,
  schema: Schema,
  version: number,
): boolean | 'unknown' {
  const tree = 'tree' in expression ? expression.tree : expression;
  let isUnknown = false;
  for (const node of walkExpression(tree)) {
    if (node.kind !== 'call') continue;
    const answer = isVolatileCall(node.schema, node.name, node.operands, schema, version);
    if (answer === true) return true;
    if (answer === 'unknown') isUnknown = true;
  }
  return isUnknown ? 'unknown' : false;
}

/** Grammar that the tree spells as calls; none of it is volatile by itself. */
const GRAMMAR = new Set(['coalesce', 'nullif', 'greatest', 'least', 'row', 'array']);

function isVolatileCall(
  callSchema: string | undefined,
  name: string,
  operands: readonly ExpressionTree[],
  schema: Schema,
  version: number,
): boolean | 'unknown' {
  if (callSchema === undefined && GRAMMAR.has(name)) return false;
  const own = findFunction(schema, { schema: callSchema, name });
  if (own !== undefined && callSchema !== 'pg_catalog') {
    const candidates = own.overloads.filter((overload) => overload.argumentTypes.length === operands.length);
    const overloads = candidates.length === 0 ? own.overloads : candidates;
    // What stands in for the arguments that are left out is not known, and may be volatile.
    if (!overloads.some((overload) => overload.volatility === 'volatile'))
      return candidates.length === 0 && overloads.some((overload) => overload.argumentTypes.length > operands.length)
        ? 'unknown'
        : false;
    if (!overloads.every((overload) => overload.volatility === 'volatile')) return 'unknown';
    // The planner inlines a simple SQL function, and then it is as volatile as what it calls.
    return overloads.some((overload) => overload.language === 'sql') ? 'unknown' : true;
  }
  if (callSchema !== undefined && callSchema !== 'pg_catalog') return isKnownExtension(name) ? true : 'unknown';
  if (name === 'ts_rewrite') return operands.length === 2;
  // 13 and 14 declare the text form for time with time zone volatile; its argument's type is not known here.
  if (name === 'timezone' && version <= 14) return false;
  const first = VOLATILE[name];
  if (first !== undefined) return version >= first ? true : 'unknown';
  return STEADY_FUNCTIONS.has(name) ? false : isKnownExtension(name) ? true : 'unknown';
}

/** Whether a name is that of a function of pg_catalog, of an extension that comes with PostgreSQL, or of its grammar. */
export function isBuiltIn(name: string): boolean {
  return (
    GRAMMAR.has(name) ||
    STEADY_FUNCTIONS.has(name) ||
    AGGREGATES_AND_WINDOW_FUNCTIONS.has(name) ||
    VOLATILE[name] !== undefined ||
    isKnownExtension(name)
  );
}

/** Volatile functions of the extensions that come with PostgreSQL (uuid-ossp, pgcrypto, tablefunc). */
function isKnownExtension(name: string): boolean {
  return /^(uuid_generate_v(1|1mc|4)|gen_random_bytes|gen_salt|normal_rand)$/.test(name);
}
