/**
 * Built-in types whose values become ones of another where a statement assigns them: `from>to`.
 *
 * Source: `pg_cast` with the contexts `i` and `a`, the same on 13 to 18; checked on every server by
 * test/database/type-data.test.ts.
 */
export const ASSIGNED: ReadonlySet<string> = new Set(
  `
bit>bit bit>varbit bool>bpchar bool>text bool>varchar box>polygon bpchar>bpchar bpchar>char bpchar>name bpchar>text
bpchar>varchar char>bpchar char>text char>varchar cidr>bpchar cidr>inet cidr>text cidr>varchar date>timestamp
date>timestamptz float4>float8 float4>int2 float4>int4 float4>int8 float4>numeric float8>float4 float8>int2
float8>int4 float8>int8 float8>numeric inet>bpchar inet>cidr inet>text inet>varchar int2>float4 int2>float8
int2>int4 int2>int8 int2>numeric int2>oid int2>regclass int2>regcollation int2>regconfig int2>regdictionary
int2>regnamespace int2>regoper int2>regoperator int2>regproc int2>regprocedure int2>regrole int2>regtype int4>float4
int4>float8 int4>int2 int4>int8 int4>money int4>numeric int4>oid int4>regclass int4>regcollation int4>regconfig
int4>regdictionary int4>regnamespace int4>regoper int4>regoperator int4>regproc int4>regprocedure int4>regrole
int4>regtype int8>float4 int8>float8 int8>int2 int8>int4 int8>money int8>numeric int8>oid int8>regclass
int8>regcollation int8>regconfig int8>regdictionary int8>regnamespace int8>regoper int8>regoperator int8>regproc
int8>regprocedure int8>regrole int8>regtype interval>interval interval>time json>jsonb jsonb>json macaddr8>macaddr
macaddr>macaddr8 money>numeric name>bpchar name>text name>varchar numeric>float4 numeric>float8 numeric>int2
numeric>int4 numeric>int8 numeric>money numeric>numeric oid>int4 oid>int8 oid>regclass oid>regcollation
oid>regconfig oid>regdictionary oid>regnamespace oid>regoper oid>regoperator oid>regproc oid>regprocedure
oid>regrole oid>regtype path>polygon pg_dependencies>bytea pg_dependencies>text pg_mcv_list>bytea pg_mcv_list>text
pg_ndistinct>bytea pg_ndistinct>text pg_node_tree>text point>box polygon>path regclass>int4 regclass>int8
regclass>oid regcollation>int4 regcollation>int8 regcollation>oid regconfig>int4 regconfig>int8 regconfig>oid
regdictionary>int4 regdictionary>int8 regdictionary>oid regnamespace>int4 regnamespace>int8 regnamespace>oid
regoper>int4 regoper>int8 regoper>oid regoper>regoperator regoperator>int4 regoperator>int8 regoperator>oid
regoperator>regoper regproc>int4 regproc>int8 regproc>oid regproc>regprocedure regprocedure>int4 regprocedure>int8
regprocedure>oid regprocedure>regproc regrole>int4 regrole>int8 regrole>oid regtype>int4 regtype>int8 regtype>oid
text>bpchar text>char text>name text>regclass text>varchar time>interval time>time time>timetz timestamp>date
timestamp>time timestamp>timestamp timestamp>timestamptz timestamptz>date timestamptz>time timestamptz>timestamp
timestamptz>timestamptz timestamptz>timetz timetz>time timetz>timetz varbit>bit varbit>varbit varchar>bpchar
varchar>char varchar>name varchar>regclass varchar>text varchar>varchar xml>bpchar xml>text xml>varchar
`
    .trim()
    .split(/\s+/),
);

/** All casts of `pg_cast` between built-in types, those that must be written out too: `from>to`. */
export const CASTS: ReadonlySet<string> = new Set(
  `
bit>bit bit>int4 bit>int8 bit>varbit bool>bpchar bool>int4 bool>text bool>varchar box>circle box>lseg box>point
box>polygon bpchar>bpchar bpchar>char bpchar>name bpchar>text bpchar>varchar bpchar>xml char>bpchar char>int4
char>text char>varchar cidr>bpchar cidr>inet cidr>text cidr>varchar circle>box circle>point circle>polygon
date>timestamp date>timestamptz float4>float8 float4>int2 float4>int4 float4>int8 float4>numeric float8>float4
float8>int2 float8>int4 float8>int8 float8>numeric inet>bpchar inet>cidr inet>text inet>varchar int2>float4
int2>float8 int2>int4 int2>int8 int2>numeric int2>oid int2>regclass int2>regcollation int2>regconfig
int2>regdictionary int2>regnamespace int2>regoper int2>regoperator int2>regproc int2>regprocedure int2>regrole
int2>regtype int4>bit int4>bool int4>char int4>float4 int4>float8 int4>int2 int4>int8 int4>money int4>numeric
int4>oid int4>regclass int4>regcollation int4>regconfig int4>regdictionary int4>regnamespace int4>regoper
int4>regoperator int4>regproc int4>regprocedure int4>regrole int4>regtype int8>bit int8>float4 int8>float8 int8>int2
int8>int4 int8>money int8>numeric int8>oid int8>regclass int8>regcollation int8>regconfig int8>regdictionary
int8>regnamespace int8>regoper int8>regoperator int8>regproc int8>regprocedure int8>regrole int8>regtype
interval>interval interval>time json>jsonb jsonb>bool jsonb>float4 jsonb>float8 jsonb>int2 jsonb>int4 jsonb>int8
jsonb>json jsonb>numeric lseg>point macaddr8>macaddr macaddr>macaddr8 money>numeric name>bpchar name>text
name>varchar numeric>float4 numeric>float8 numeric>int2 numeric>int4 numeric>int8 numeric>money numeric>numeric
oid>int4 oid>int8 oid>regclass oid>regcollation oid>regconfig oid>regdictionary oid>regnamespace oid>regoper
oid>regoperator oid>regproc oid>regprocedure oid>regrole oid>regtype path>polygon pg_dependencies>bytea
pg_dependencies>text pg_mcv_list>bytea pg_mcv_list>text pg_ndistinct>bytea pg_ndistinct>text pg_node_tree>text
point>box polygon>box polygon>circle polygon>path polygon>point regclass>int4 regclass>int8 regclass>oid
regcollation>int4 regcollation>int8 regcollation>oid regconfig>int4 regconfig>int8 regconfig>oid regdictionary>int4
regdictionary>int8 regdictionary>oid regnamespace>int4 regnamespace>int8 regnamespace>oid regoper>int4 regoper>int8
regoper>oid regoper>regoperator regoperator>int4 regoperator>int8 regoperator>oid regoperator>regoper regproc>int4
regproc>int8 regproc>oid regproc>regprocedure regprocedure>int4 regprocedure>int8 regprocedure>oid
regprocedure>regproc regrole>int4 regrole>int8 regrole>oid regtype>int4 regtype>int8 regtype>oid text>bpchar
text>char text>name text>regclass text>varchar text>xml time>interval time>time time>timetz timestamp>date
timestamp>time timestamp>timestamp timestamp>timestamptz timestamptz>date timestamptz>time timestamptz>timestamp
timestamptz>timestamptz timestamptz>timetz timetz>time timetz>timetz varbit>bit varbit>varbit varchar>bpchar
varchar>char varchar>name varchar>regclass varchar>text varchar>varchar varchar>xml xid8>xid xml>bpchar xml>text
xml>varchar
`
    .trim()
    .split(/\s+/),
);

/** Casts whose function is not immutable: they depend on the time zone, the locale or names in the catalog. */
export const UNSTEADY_CASTS: ReadonlySet<string> = new Set(
  `
bpchar>xml date>timestamptz int4>money int8>money money>numeric numeric>money text>regclass text>xml time>timetz
timestamp>timestamptz timestamptz>date timestamptz>time timestamptz>timestamp timestamptz>timetz varchar>regclass
varchar>xml
`
    .trim()
    .split(/\s+/),
);

/** Types whose text is not read immutably. Source: the volatility of `pg_type.typinput`. */
export const UNSTEADY_INPUT: ReadonlySet<string> = new Set(
  `
aclitem date daterange int4range int8range interval money numrange regclass regcollation regconfig regdictionary
regnamespace regoper regoperator regproc regprocedure regrole regtype time timestamp timestamptz timetz tsrange
tstzrange xml
`
    .trim()
    .split(/\s+/),
);

/** Types that are not turned into text immutably. Source: the volatility of `pg_type.typoutput`; `interval` is immutable below 18. */
export const UNSTEADY_OUTPUT: ReadonlySet<string> = new Set(
  `
aclitem date daterange int4range int8range money numrange regclass regcollation regconfig regdictionary regnamespace
regoper regoperator regproc regprocedure regrole regtype timestamp timestamptz tsrange tstzrange
`
    .trim()
    .split(/\s+/),
);

/** Built-in types without parts, domains or labels that every major has. */
export const BASE_TYPES: ReadonlySet<string> = new Set(
  `
aclitem bit bool bpchar bytea char cid cidr circle date daterange float4 float8 gtsvector inet int2 int4 int4range
int8 int8range interval json jsonb jsonpath macaddr macaddr8 money numeric numrange oid path pg_dependencies pg_lsn
pg_mcv_list pg_ndistinct pg_node_tree pg_snapshot polygon refcursor regclass regcollation regconfig regdictionary
regnamespace regoper regoperator regproc regprocedure regrole regtype text tid time timestamp timestamptz timetz
tsquery tsrange tstzrange tsvector txid_snapshot uuid varbit varchar xid xid8 xml
`
    .trim()
    .split(/\s+/),
);

/**
 * Built-in types whose values become ones of another wherever they stand: `from>to`.
 *
 * Source: `pg_cast` with the context `i`, the same on 13 to 18; checked on every server by test/database/type-data.test.ts.
 */
export const IMPLICIT: ReadonlySet<string> = new Set(
  `
bit>varbit bpchar>name bpchar>text bpchar>varchar char>text cidr>inet date>timestamp date>timestamptz float4>float8
int2>float4 int2>float8 int2>int4 int2>int8 int2>numeric int2>oid int2>regclass int2>regcollation int2>regconfig
int2>regdictionary int2>regnamespace int2>regoper int2>regoperator int2>regproc int2>regprocedure int2>regrole
int2>regtype int4>float4 int4>float8 int4>int8 int4>numeric int4>oid int4>regclass int4>regcollation int4>regconfig
int4>regdictionary int4>regnamespace int4>regoper int4>regoperator int4>regproc int4>regprocedure int4>regrole
int4>regtype int8>float4 int8>float8 int8>numeric int8>oid int8>regclass int8>regcollation int8>regconfig
int8>regdictionary int8>regnamespace int8>regoper int8>regoperator int8>regproc int8>regprocedure int8>regrole
int8>regtype macaddr>macaddr8 macaddr8>macaddr name>text numeric>float4 numeric>float8 oid>regclass oid>regcollation
oid>regconfig oid>regdictionary oid>regnamespace oid>regoper oid>regoperator oid>regproc oid>regprocedure oid>regrole
oid>regtype pg_dependencies>bytea pg_dependencies>text pg_mcv_list>bytea pg_mcv_list>text pg_ndistinct>bytea
pg_ndistinct>text pg_node_tree>text regclass>oid regcollation>oid regconfig>oid regdictionary>oid regnamespace>oid
regoper>oid regoper>regoperator regoperator>oid regoperator>regoper regproc>oid regproc>regprocedure regprocedure>oid
regprocedure>regproc regrole>oid regtype>oid text>bpchar text>name text>regclass text>varchar time>interval
time>timetz timestamp>timestamptz varbit>bit varchar>bpchar varchar>name varchar>regclass varchar>text
`
    .trim()
    .split(/\s+/),
);
