import { findType } from '../../model/lookup.ts';
import type { TypeName } from '../../model/type-name.ts';
import type { PlanContext } from '../plan.ts';

/** SQL for a value that every row may hold, by PostgreSQL's internal type name. */
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
export function placeholderValue(context: PlanContext, type: TypeName | undefined): string | undefined {
  if (type === undefined) return context.dialect.id === 'sqlite' ? "''" : undefined;
  if (context.dialect.id === 'sqlite') return sqliteValue(type.name);
  if (type.arrayDimensions > 0) return "'{}'";
  const userType = findType(context.schema, {
    ...(type.schema === undefined ? {} : { schema: type.schema }),
    name: type.name,
  });
  const label = userType?.labels?.[0];
  if (label !== undefined) return context.dialect.quoteText(label);
  if (userType?.domain !== undefined) {
    // A domain's own rules may refuse any value that its base type has.
    return userType.domain.constraints.some((constraint) => constraint.kind === 'check')
      ? undefined
      : placeholderValue(context, userType.domain.base);
  }
  return BY_TYPE[type.name];
}

/** By the affinity of the declared type. Source: https://www.sqlite.org/datatype3.html, section 3.1. */
function sqliteValue(name: string): string {
  if (/int/i.test(name)) return '0';
  if (/char|clob|text/i.test(name)) return "''";
  if (/blob/i.test(name) || name === '') return "x''";
  return '0';
}
