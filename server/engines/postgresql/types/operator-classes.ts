/**
 * Operator classes of the system by index method, each with the type that it is for: on any major.
 *
 * Source: `pg_opclass` of 13 to 18; checked on every server by test/database/type-data.test.ts. Those of brin, whose names
 * are made by rule, are left out.
 */
export const OPERATOR_CLASSES: Readonly<Record<string, string>> = {
  btree:
    'array_ops:anyarray bit_ops:bit bool_ops:bool bpchar_ops:bpchar bpchar_pattern_ops:bpchar bytea_ops:bytea char_ops:char cidr_ops:inet date_ops:date enum_ops:anyenum float4_ops:float4 float8_ops:float8 inet_ops:inet int2_ops:int2 int4_ops:int4 int8_ops:int8 interval_ops:interval jsonb_ops:jsonb macaddr8_ops:macaddr8 macaddr_ops:macaddr money_ops:money multirange_ops:anymultirange name_ops:name numeric_ops:numeric oid_ops:oid oidvector_ops:oidvector pg_lsn_ops:pg_lsn range_ops:anyrange record_image_ops:record record_ops:record text_ops:text text_pattern_ops:text tid_ops:tid time_ops:time timestamp_ops:timestamp timestamptz_ops:timestamptz timetz_ops:timetz tsquery_ops:tsquery tsvector_ops:tsvector uuid_ops:uuid varbit_ops:varbit varchar_ops:text varchar_pattern_ops:text xid8_ops:xid8',
  gin: 'array_ops:anyarray jsonb_ops:jsonb jsonb_path_ops:jsonb tsvector_ops:tsvector',
  gist: 'box_ops:box circle_ops:circle inet_ops:inet multirange_ops:anymultirange point_ops:point poly_ops:polygon range_ops:anyrange tsquery_ops:tsquery tsvector_ops:tsvector',
  hash: 'aclitem_ops:aclitem array_ops:anyarray bool_ops:bool bpchar_ops:bpchar bpchar_pattern_ops:bpchar bytea_ops:bytea char_ops:char cid_ops:cid cidr_ops:inet date_ops:date enum_ops:anyenum float4_ops:float4 float8_ops:float8 inet_ops:inet int2_ops:int2 int4_ops:int4 int8_ops:int8 interval_ops:interval jsonb_ops:jsonb macaddr8_ops:macaddr8 macaddr_ops:macaddr multirange_ops:anymultirange name_ops:name numeric_ops:numeric oid_ops:oid oidvector_ops:oidvector pg_lsn_ops:pg_lsn range_ops:anyrange record_ops:record text_ops:text text_pattern_ops:text tid_ops:tid time_ops:time timestamp_ops:timestamp timestamptz_ops:timestamptz timetz_ops:timetz uuid_ops:uuid varchar_ops:text varchar_pattern_ops:text xid8_ops:xid8 xid_ops:xid',
  spgist:
    'box_ops:box inet_ops:inet kd_point_ops:point poly_ops:polygon quad_point_ops:point range_ops:anyrange text_ops:text',
};
