/** What an extension brings that a migration can come to need. */
export interface ExtensionMembers {
  readonly types?: ReadonlySet<string>;
  /** Functions and views, without those of a name that PostgreSQL has itself. */
  readonly functions?: ReadonlySet<string>;
  readonly operatorClasses?: ReadonlySet<string>;
  readonly methods?: ReadonlySet<string>;
  /** Extensions that it needs. */
  readonly requires?: ReadonlySet<string>;
  /** The index method for which it brings operator classes of built-in types, which an index need not name. */
  readonly serves?: string;
  /** Names of PostgreSQL's own functions under which it has forms for types of its own. */
  readonly shared?: ReadonlySet<string>;
  /** Signs of its operators, whatever they are for. */
  readonly signs?: ReadonlySet<string>;
  /** Its operators of which both sides are built-in types, as in `OPERATOR_FORMS`. */
  readonly operators?: string;
  /** What it brings is listed in part: anything else may be its. */
  readonly isPartial?: true;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/**
 * What PostgreSQL's own extensions bring, and the types, operator classes and methods of PostGIS and pgvector.
 *
 * Source: `pg_depend` of each on 13, 15, 17 and 18; the manuals of PostGIS and pgvector.
 */
export const EXTENSION_MEMBERS: Readonly<Record<string, ExtensionMembers>> = {
  autoinc: { functions: words('autoinc') },
  bloom: { methods: words('bloom') },
  btree_gin: { serves: 'gin' },
  btree_gist: {
    functions: words(
      'cash_dist date_dist float4_dist float8_dist int2_dist int4_dist int8_dist interval_dist oid_dist time_dist ts_dist tstz_dist',
    ),
    operatorClasses: words(
      'gist_bit_ops gist_bool_ops gist_bpchar_ops gist_bytea_ops gist_cash_ops gist_cidr_ops gist_date_ops gist_enum_ops gist_float4_ops gist_float8_ops gist_inet_ops gist_int2_ops gist_int4_ops gist_int8_ops gist_interval_ops gist_macaddr8_ops gist_macaddr_ops gist_numeric_ops gist_oid_ops gist_text_ops gist_time_ops gist_timestamp_ops gist_timestamptz_ops gist_timetz_ops gist_uuid_ops gist_vbit_ops',
    ),
    serves: 'gist',
    signs: words('<->'),
    operators:
      '<-> date,date)int4 float4,float4)float4 float8,float8)float8 int2,int2)int2 int4,int4)int4 int8,int8)int8 interval,interval)interval money,money)money oid,oid)oid time,time)interval timestamp,timestamp)interval timestamptz,timestamptz)interval',
  },
  citext: {
    types: words('citext'),
    functions: words(
      'citext citext_cmp citext_eq citext_ge citext_gt citext_hash citext_hash_extended citext_larger citext_le citext_lt citext_ne citext_pattern_cmp citext_pattern_ge citext_pattern_gt citext_pattern_le citext_pattern_lt citext_smaller citextsend',
    ),
    operatorClasses: words('citext_ops citext_pattern_ops'),
    shared: words(
      'max min regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table replace split_part strpos texticlike texticnlike texticregexeq texticregexne translate',
    ),
    signs: words('!~ !~* !~~ !~~* < <= <> = > >= ~ ~* ~<=~ ~<~ ~>=~ ~>~ ~~ ~~*'),
  },
  cube: {
    types: words('cube'),
    functions: words(
      'cube cube_cmp cube_contained cube_contains cube_coord cube_coord_llur cube_dim cube_distance cube_enlarge cube_eq cube_ge cube_gt cube_inter cube_is_point cube_le cube_ll_coord cube_lt cube_ne cube_overlap cube_send cube_size cube_subset cube_union cube_ur_coord distance_chebyshev distance_taxicab',
    ),
    operatorClasses: words('cube_ops gist_cube_ops'),
    signs: words('&& -> < <#> <-> <= <=> <> <@ = > >= @ @> ~ ~>'),
  },
  dblink: {
    types: words('dblink_pkey_results'),
    functions: words(
      'dblink dblink_build_sql_delete dblink_build_sql_insert dblink_build_sql_update dblink_cancel_query dblink_close dblink_connect dblink_connect_u dblink_current_query dblink_disconnect dblink_error_message dblink_exec dblink_fdw_validator dblink_fetch dblink_get_connections dblink_get_notify dblink_get_pkey dblink_get_result dblink_is_busy dblink_open dblink_send_query',
    ),
  },
  earthdistance: {
    types: words('earth'),
    functions: words('earth earth_box earth_distance gc_to_sec geo_distance latitude ll_to_earth longitude sec_to_gc'),
    requires: words('cube'),
    signs: words('<@>'),
    operators: '<@> point,point)float8',
  },
  file_fdw: { functions: words('file_fdw_validator') },
  fuzzystrmatch: {
    functions: words(
      'daitch_mokotoff difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex text_soundex',
    ),
  },
  hstore: {
    types: words('hstore'),
    functions: words(
      'akeys avals defined delete each exist exists_all exists_any fetchval hs_concat hs_contained hs_contains hstore hstore_cmp hstore_eq hstore_ge hstore_gt hstore_hash hstore_hash_extended hstore_le hstore_lt hstore_ne hstore_send hstore_to_array hstore_to_json hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose hstore_to_matrix hstore_version_diag isdefined isexists populate_record skeys slice slice_array svals tconvert',
    ),
    operatorClasses: words('btree_hstore_ops gin_hstore_ops gist_hstore_ops hash_hstore_ops'),
    signs: words('#<# #<=# #= #># #>=# %# %% - -> <> <@ = ? ?& ?| @ @> || ~'),
  },
  insert_username: { functions: words('insert_username') },
  intagg: { functions: words('int_array_aggregate int_array_enum') },
  intarray: {
    types: words('query_int'),
    functions: words(
      '_int_contained _int_contains _int_different _int_inter _int_overlap _int_same _int_union boolop icount idx intarray_del_elem intarray_push_array intarray_push_elem intset intset_subtract intset_union_elem rboolop sort sort_asc sort_desc subarray uniq',
    ),
    operatorClasses: words('gin__int_ops gist__int_ops gist__intbig_ops'),
    shared: words('querytree'),
    signs: words('# & && + - <@ @ @> @@ | ~ ~~'),
    operators:
      '# -,_int4)int4 _int4,int4)int4\n& _int4,_int4)_int4\n&& _int4,_int4)bool\n+ _int4,_int4)_int4 _int4,int4)_int4\n- _int4,_int4)_int4 _int4,int4)_int4\n<@ _int4,_int4)bool\n@ _int4,_int4)bool\n@> _int4,_int4)bool\n| _int4,_int4)_int4 _int4,int4)_int4\n~ _int4,_int4)bool',
  },
  isn: {
    types: words('ean13 isbn isbn13 ismn ismn13 issn issn13 upc'),
    functions: words(
      'btean13cmp btisbn13cmp btisbncmp btismn13cmp btismncmp btissn13cmp btissncmp btupccmp hashean13 hashisbn hashisbn13 hashismn hashismn13 hashissn hashissn13 hashupc is_valid isbn isbn13 ismn ismn13 isn_weak isneq isnge isngt isnle isnlt isnne issn issn13 make_valid upc',
    ),
    operatorClasses: words('ean13_ops isbn13_ops isbn_ops ismn13_ops ismn_ops issn13_ops issn_ops upc_ops'),
    signs: words('< <= <> = > >='),
  },
  lo: { types: words('lo'), functions: words('lo_manage lo_oid') },
  ltree: {
    types: words('lquery ltree ltxtquery'),
    functions: words(
      '_lt_q_regex _lt_q_rregex _ltq_extract_regex _ltq_regex _ltq_rregex _ltree_extract_isparent _ltree_extract_risparent _ltree_isparent _ltree_r_isparent _ltree_r_risparent _ltree_risparent _ltxtq_exec _ltxtq_extract_exec _ltxtq_rexec hash_ltree hash_ltree_extended index lca lquery_send lt_q_regex lt_q_rregex ltq_regex ltq_rregex ltree2text ltree_addltree ltree_addtext ltree_cmp ltree_eq ltree_ge ltree_gt ltree_isparent ltree_le ltree_lt ltree_ne ltree_risparent ltree_send ltree_textadd ltxtq_exec ltxtq_rexec ltxtq_send nlevel subltree subpath text2ltree',
    ),
    operatorClasses: words('gist__ltree_ops gist_ltree_ops hash_ltree_ops ltree_ops'),
    signs: words('< <= <> <@ = > >= ? ?<@ ?@ ?@> ?~ @ @> ^<@ ^? ^@ ^@> ^~ || ~'),
  },
  moddatetime: { functions: words('moddatetime') },
  pg_stat_statements: {
    types: words('pg_stat_statements pg_stat_statements_info'),
    functions: words('pg_stat_statements pg_stat_statements_info pg_stat_statements_reset'),
  },
  pg_trgm: {
    functions: words(
      'set_limit show_limit show_trgm similarity similarity_dist similarity_op strict_word_similarity strict_word_similarity_commutator_op strict_word_similarity_dist_commutator_op strict_word_similarity_dist_op strict_word_similarity_op word_similarity word_similarity_commutator_op word_similarity_dist_commutator_op word_similarity_dist_op word_similarity_op',
    ),
    operatorClasses: words('gin_trgm_ops gist_trgm_ops'),
    signs: words('% %> %>> <% <-> <->> <->>> <<% <<-> <<<->'),
    operators:
      '% text,text)bool\n%> text,text)bool\n%>> text,text)bool\n<% text,text)bool\n<-> text,text)float4\n<->> text,text)float4\n<->>> text,text)float4\n<<% text,text)bool\n<<-> text,text)float4\n<<<-> text,text)float4',
  },
  pgcrypto: {
    functions: words(
      'armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv fips_mode gen_random_bytes gen_salt hmac pgp_armor_headers pgp_key_id pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea',
    ),
    shared: words('gen_random_uuid'),
  },
  plpgsql: {},
  postgres_fdw: {
    functions: words(
      'postgres_fdw_disconnect postgres_fdw_disconnect_all postgres_fdw_get_connections postgres_fdw_validator',
    ),
  },
  refint: { functions: words('check_foreign_key check_primary_key') },
  seg: {
    types: words('seg'),
    functions: words(
      'seg_center seg_cmp seg_contained seg_contains seg_different seg_ge seg_gt seg_inter seg_le seg_left seg_lower seg_lt seg_over_left seg_over_right seg_overlap seg_right seg_same seg_size seg_union seg_upper',
    ),
    operatorClasses: words('gist_seg_ops seg_ops'),
    signs: words('&& &< &> < << <= <> <@ = > >= >> @ @> ~'),
  },
  sslinfo: {
    functions: words(
      'ssl_cipher ssl_client_cert_present ssl_client_dn ssl_client_dn_field ssl_client_serial ssl_extension_info ssl_is_used ssl_issuer_dn ssl_issuer_field ssl_version',
    ),
  },
  tablefunc: { functions: words('connectby crosstab crosstab2 crosstab3 crosstab4 normal_rand') },
  tcn: { functions: words('triggered_change_notification') },
  unaccent: { functions: words('unaccent') },
  'uuid-ossp': {
    functions: words(
      'uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500',
    ),
  },
  xml2: {
    functions: words(
      'xml_encode_special_chars xml_valid xpath_bool xpath_list xpath_nodeset xpath_number xpath_string xpath_table xslt_process',
    ),
  },
  postgis: { types: words('box2d box3d geography geometry'), isPartial: true },
  vector: {
    types: words('halfvec sparsevec vector'),
    operatorClasses: words(
      'halfvec_cosine_ops halfvec_ip_ops halfvec_l1_ops halfvec_l2_ops sparsevec_cosine_ops sparsevec_ip_ops sparsevec_l1_ops sparsevec_l2_ops vector_cosine_ops vector_ip_ops vector_l1_ops vector_l2_ops',
    ),
    methods: words('hnsw ivfflat'),
    isPartial: true,
  },
};
