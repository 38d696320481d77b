import { findType } from '../../model/lookup.ts';
import type { Schema } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import { quoteText } from './keywords.ts';

/** SQL for a value that every row may hold, by the type's internal name. */
const BY_TYPE: Readonly<Record<string, string>> = {
  text: "''",
  varchar: "''",
  bpchar: "''",
  name: "''",
  citext: "''",
  bytea: "''",
  int2: '0',
  int4: '0',
  int8: '0',
  numeric: '0',
  float4: '0',
  float8: '0',
  money: '0',
  oid: '0',
  bool: 'false',
  uuid: "'00000000-0000-0000-0000-000000000000'",
  json: "'{}'",
  jsonb: "'{}'",
  date: 'CURRENT_DATE',
  timestamp: 'LOCALTIMESTAMP',
  timestamptz: 'CURRENT_TIMESTAMP',
  time: "'00:00'",
  timetz: "'00:00+00'",
  interval: "'0'",
  inet: "'0.0.0.0'",
  cidr: "'0.0.0.0/0'",
  macaddr: "'00:00:00:00:00:00'",
  tsvector: "''",
  bit: "B''",
  varbit: "B''",
  xml: "''",
  int4range: "'empty'",
  int8range: "'empty'",
  numrange: "'empty'",
  daterange: "'empty'",
  tsrange: "'empty'",
  tstzrange: "'empty'",
};

/** A value of the right type for rows that have none yet; undefined where the type does not tell one. */
export function placeholder(type: TypeName | undefined, schema: Schema): string | undefined {
  if (type === undefined) return undefined;
  if (type.arrayDimensions > 0) return "'{}'";
  const userType = findType(schema, {
    ...(type.schema === undefined ? {} : { schema: type.schema }),
    name: type.name,
  });
  const label = userType?.labels?.[0];
  if (label !== undefined) return quoteText(label);
  if (userType?.domain !== undefined) {
    // A domain's own rules may refuse any value that its base type has.
    return userType.domain.constraints.some((constraint) => constraint.kind === 'check')
      ? undefined
      : placeholder(userType.domain.base, schema);
  }
  return BY_TYPE[type.name];
}
