/**
 * Stable functions of pg_catalog that no form makes immutable, so that no index, generated column or partition key takes them.
 *
 * Source: `pg_proc.provolatile` on 13 to 18; checked on every server by test/database/type-data.test.ts.
 */
export const NEVER_IMMUTABLE: ReadonlySet<string> = new Set(
  `
aclexplode anyarray_send anycompatiblearray_send anytextcat array_send array_to_json array_to_string bpcharsend
brin_bloom_summary_send brin_minmax_multi_summary_send col_description concat concat_ws convert convert_from
convert_to current_database current_schema current_schemas current_setting current_user database_to_xml
database_to_xml_and_xmlschema database_to_xmlschema date_cmp_timestamptz date_eq_timestamptz date_ge_timestamptz
date_gt_timestamptz date_le_timestamptz date_lt_timestamptz date_ne_timestamptz enum_first enum_last enum_range
enum_send fmgr_c_validator fmgr_internal_validator fmgr_sql_validator format format_type get_current_ts_config
getdatabaseencoding getpgusername inet_client_addr inet_client_port inet_server_addr inet_server_port
interval_pl_timestamptz json_build_array json_build_object json_populate_record json_populate_recordset
json_to_record json_to_recordset jsonb_build_array jsonb_build_object jsonb_path_exists_tz jsonb_path_match_tz
jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
jsonb_populate_record_valid jsonb_populate_recordset jsonb_to_record jsonb_to_recordset make_timestamptz money
multirange_send mxid_age namesend now obj_description oidvectortypes range_send record_send regclass
row_security_active row_to_json schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema session_user
shobj_description statement_timestamp system_user table_to_xml table_to_xml_and_xmlschema table_to_xmlschema
textanycat textsend timestamp_cmp_timestamptz timestamp_eq_timestamptz timestamp_ge_timestamptz
timestamp_gt_timestamptz timestamp_le_timestamptz timestamp_lt_timestamptz timestamp_ne_timestamptz
timestamptz_cmp_date timestamptz_cmp_timestamp timestamptz_eq_date timestamptz_eq_timestamp timestamptz_ge_date
timestamptz_ge_timestamp timestamptz_gt_date timestamptz_gt_timestamp timestamptz_le_date timestamptz_le_timestamp
timestamptz_lt_date timestamptz_lt_timestamp timestamptz_mi_interval timestamptz_ne_date timestamptz_ne_timestamp
timestamptz_pl_interval to_char to_date to_json to_jsonb to_number to_regclass to_regcollation to_regnamespace
to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod transaction_timestamp
ts_debug ts_match_tq ts_match_tt txid_current txid_current_if_assigned txid_current_snapshot varcharsend version xml
xml_is_well_formed xml_send
`
    .trim()
    .split(/\s+/),
);

/** Functions of which some forms are immutable and others are not: `name(argument types)result i|s`, one a line. */
export const MIXED_FORMS: readonly string[] = `
age(timestamp)interval s
age(timestamp timestamp)interval i
age(timestamptz)interval s
age(timestamptz timestamptz)interval i
age(xid)int4 s
date(timestamp)date i
date(timestamptz)date s
date_add(timestamptz interval)timestamptz s
date_add(timestamptz interval text)timestamptz i
date_part(text date)float8 i
date_part(text interval)float8 i
date_part(text time)float8 i
date_part(text timestamp)float8 i
date_part(text timestamptz)float8 s
date_part(text timetz)float8 i
date_subtract(timestamptz interval)timestamptz s
date_subtract(timestamptz interval text)timestamptz i
date_trunc(text interval)interval i
date_trunc(text timestamp)timestamp i
date_trunc(text timestamptz)timestamptz s
date_trunc(text timestamptz text)timestamptz i
extract(text date)numeric i
extract(text interval)numeric i
extract(text time)numeric i
extract(text timestamp)numeric i
extract(text timestamptz)numeric s
extract(text timetz)numeric i
generate_series(int4 int4)int4 i
generate_series(int4 int4 int4)int4 i
generate_series(int8 int8)int8 i
generate_series(int8 int8 int8)int8 i
generate_series(numeric numeric)numeric i
generate_series(numeric numeric numeric)numeric i
generate_series(timestamp timestamp interval)timestamp i
generate_series(timestamptz timestamptz interval)timestamptz s
generate_series(timestamptz timestamptz interval text)timestamptz i
in_range(date date interval bool bool)bool i
in_range(float4 float4 float8 bool bool)bool i
in_range(float8 float8 float8 bool bool)bool i
in_range(int2 int2 int2 bool bool)bool i
in_range(int2 int2 int4 bool bool)bool i
in_range(int2 int2 int8 bool bool)bool i
in_range(int4 int4 int2 bool bool)bool i
in_range(int4 int4 int4 bool bool)bool i
in_range(int4 int4 int8 bool bool)bool i
in_range(int8 int8 int8 bool bool)bool i
in_range(interval interval interval bool bool)bool i
in_range(numeric numeric numeric bool bool)bool i
in_range(time time interval bool bool)bool i
in_range(timestamp timestamp interval bool bool)bool i
in_range(timestamptz timestamptz interval bool bool)bool s
in_range(timetz timetz interval bool bool)bool i
json_to_tsvector(json jsonb)tsvector s
json_to_tsvector(regconfig json jsonb)tsvector i
jsonb_to_tsvector(jsonb jsonb)tsvector s
jsonb_to_tsvector(regconfig jsonb jsonb)tsvector i
length(bit)int4 i
length(bpchar)int4 i
length(bytea)int4 i
length(bytea name)int4 s
length(lseg)float8 i
length(path)float8 i
length(text)int4 i
length(tsvector)int4 i
numeric(float4)numeric i
numeric(float8)numeric i
numeric(int2)numeric i
numeric(int4)numeric i
numeric(int8)numeric i
numeric(jsonb)numeric i
numeric(money)numeric s
numeric(numeric int4)numeric i
overlaps(time interval time interval)bool i
overlaps(time interval time time)bool i
overlaps(time time time interval)bool i
overlaps(time time time time)bool i
overlaps(timestamp interval timestamp interval)bool i
overlaps(timestamp interval timestamp timestamp)bool i
overlaps(timestamp timestamp timestamp interval)bool i
overlaps(timestamp timestamp timestamp timestamp)bool i
overlaps(timestamptz interval timestamptz interval)bool s
overlaps(timestamptz interval timestamptz timestamptz)bool s
overlaps(timestamptz timestamptz timestamptz interval)bool s
overlaps(timestamptz timestamptz timestamptz timestamptz)bool i
overlaps(timetz timetz timetz timetz)bool i
phraseto_tsquery(regconfig text)tsquery i
phraseto_tsquery(text)tsquery s
plainto_tsquery(regconfig text)tsquery i
plainto_tsquery(text)tsquery s
quote_literal(anyelement)text s
quote_literal(text)text i
quote_nullable(anyelement)text s
quote_nullable(text)text i
time(interval)time i
time(time int4)time i
time(timestamp)time i
time(timestamptz)time s
time(timetz)time i
timestamp(date)timestamp i
timestamp(date time)timestamp i
timestamp(timestamp int4)timestamp i
timestamp(timestamptz)timestamp s
timestamptz(date)timestamptz s
timestamptz(date time)timestamptz s
timestamptz(date timetz)timestamptz i
timestamptz(timestamp)timestamptz s
timestamptz(timestamptz int4)timestamptz i
timetz(time)timetz s
timetz(timestamptz)timetz s
timetz(timetz int4)timetz i
timezone(interval timestamp)timestamptz i
timezone(interval timestamptz)timestamp i
timezone(interval timetz)timetz i
timezone(text timestamp)timestamptz i
timezone(text timestamptz)timestamp i
timezone(text timetz)timetz s
timezone(timestamp)timestamptz s
timezone(timestamptz)timestamp s
timezone(timetz)timetz s
to_timestamp(float8)timestamptz i
to_timestamp(text text)timestamptz s
to_tsquery(regconfig text)tsquery i
to_tsquery(text)tsquery s
to_tsvector(json)tsvector s
to_tsvector(jsonb)tsvector s
to_tsvector(regconfig json)tsvector i
to_tsvector(regconfig jsonb)tsvector i
to_tsvector(regconfig text)tsvector i
to_tsvector(text)tsvector s
ts_headline(json tsquery)json s
ts_headline(json tsquery text)json s
ts_headline(jsonb tsquery)jsonb s
ts_headline(jsonb tsquery text)jsonb s
ts_headline(regconfig json tsquery)json i
ts_headline(regconfig json tsquery text)json i
ts_headline(regconfig jsonb tsquery)jsonb i
ts_headline(regconfig jsonb tsquery text)jsonb i
ts_headline(regconfig text tsquery)text i
ts_headline(regconfig text tsquery text)text i
ts_headline(text tsquery)text s
ts_headline(text tsquery text)text s
ts_parse(oid text)record i
ts_parse(text text)record s
ts_rewrite(tsquery text)tsquery s
ts_rewrite(tsquery tsquery tsquery)tsquery i
ts_token_type(oid)record i
ts_token_type(text)record s
websearch_to_tsquery(regconfig text)tsquery i
websearch_to_tsquery(text)tsquery s
`
  .trim()
  .split('\n');

/** Aggregates of every major. */
export const AGGREGATES: ReadonlySet<string> = new Set(
  `
array_agg avg bit_and bit_or bool_and bool_or corr count covar_pop covar_samp cume_dist dense_rank every json_agg
json_object_agg jsonb_agg jsonb_object_agg max min mode percent_rank percentile_cont percentile_disc rank regr_avgx
regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp
string_agg sum var_pop var_samp variance xmlagg
`
    .trim()
    .split(/\s+/),
);

/** Operators between built-in types that are not immutable: `operator left right`. */
export const UNSTEADY_OPERATORS: ReadonlySet<string> = new Set([
  '+ interval timestamptz',
  '+ timestamptz interval',
  '- timestamptz interval',
  '< date timestamptz',
  '< timestamp timestamptz',
  '< timestamptz date',
  '< timestamptz timestamp',
  '<= date timestamptz',
  '<= timestamp timestamptz',
  '<= timestamptz date',
  '<= timestamptz timestamp',
  '<> date timestamptz',
  '<> timestamp timestamptz',
  '<> timestamptz date',
  '<> timestamptz timestamp',
  '= date timestamptz',
  '= timestamp timestamptz',
  '= timestamptz date',
  '= timestamptz timestamp',
  '> date timestamptz',
  '> timestamp timestamptz',
  '> timestamptz date',
  '> timestamptz timestamp',
  '>= date timestamptz',
  '>= timestamp timestamptz',
  '>= timestamptz date',
  '>= timestamptz timestamp',
  '@@ text text',
  '@@ text tsquery',
]);

/** What functions give all of whose forms give the same type. */
export const RESULTS: Readonly<Record<string, string>> = {
  bool: 'aclcontains aclitemeq amvalidate arraycontained arraycontains arrayoverlap elem_contained_by_range is_normalized isclosed isempty isfinite ishorizontal isopen isparallel isperp isvertical like notlike postgresql_fdw_validator pt_contained_circle pt_contained_poly row_security_active satisfies_hash_partition starts_with texteq texteqname textgename textgtname texticlike texticnlike texticregexeq texticregexne textlename textlike textltname textne textnename textnlike textregexeq textregexne upper_inc upper_inf xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlexists xmlvalidate xpath_exists',
  bytea:
    'anyarray_send anycompatiblearray_send convert convert_to decode jsonpath_send set_byte sha224 sha256 sha384 sha512 textsend unknownsend varcharsend xml_send',
  date: 'make_date to_date',
  float8:
    'acos acosd acosh area asin asind asinh atan atan2 atan2d atand atanh cbrt cos cosd cosh cot cotd degrees height numrange_subdiff pi radians radius sin sind sinh slope tan tand tanh tsrange_subdiff tstzrange_subdiff width',
  int4: 'array_length array_lower array_ndims array_position array_upper ascii bit_length cardinality char_length character_length family get_bit get_byte json_array_length jsonb_array_length masklen min_scale mxid_age npoints num_nonnulls num_nulls numerictypmodin numnode octet_length position scale strpos textlen timetypmodin varchartypmodin width_bucket',
  int8: 'currval lastval nextval setval',
  interval: 'justify_days justify_hours justify_interval make_interval mul_d_interval',
  json: 'array_to_json json_build_array json_build_object row_to_json to_json',
  jsonb: 'jsonb_build_array jsonb_build_object jsonb_insert jsonb_set jsonb_strip_nulls to_jsonb',
  name: 'current_database current_schema current_user getdatabaseencoding getpgusername session_user',
  numeric: 'div factorial to_number trim_scale',
  text: 'abbrev anytextcat array_dims array_to_string chr col_description concat concat_ws convert_from current_query current_setting encode format format_type host initcap json_typeof jsonb_pretty jsonb_typeof left lpad md5 normalize obj_description querytree quote_ident repeat replace right rpad set_config shobj_description similar_escape similar_to_escape split_part text textanycat textcat timeofday to_ascii to_char to_hex translate version',
  time: 'make_time',
  timestamp: 'make_timestamp timedate_pl',
  timestamptz: 'clock_timestamp make_timestamptz now statement_timestamp transaction_timestamp',
  tsvector: 'setweight strip',
  uuid: 'gen_random_uuid',
  varchar: 'varchar',
};

/** Types that an index method takes without an operator class being written, on any major. Source: `pg_opclass.opcdefault`. */
export const INDEXED: Readonly<Record<string, string>> = {
  brin: 'anyrange bit box bpchar bytea char date float4 float8 inet int2 int4 int8 interval macaddr macaddr8 name numeric oid pg_lsn text tid time timestamp timestamptz timetz uuid varbit',
  btree:
    'anyarray anyenum anymultirange anyrange bit bool bpchar bytea char date float4 float8 inet int2 int4 int8 interval jsonb macaddr macaddr8 money name numeric oid oidvector pg_lsn record text tid time timestamp timestamptz timetz tsquery tsvector uuid varbit xid8',
  gin: 'anyarray jsonb tsvector',
  gist: 'anymultirange anyrange box circle point polygon tsquery tsvector',
  hash: 'aclitem anyarray anyenum anymultirange anyrange bool bpchar bytea char cid date float4 float8 inet int2 int4 int8 interval jsonb macaddr macaddr8 name numeric oid oidvector pg_lsn record text tid time timestamp timestamptz timetz uuid xid xid8',
  spgist: 'anyrange box inet point polygon text',
};
