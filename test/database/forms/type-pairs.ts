import type { Form } from './form.ts';

/** Types that are paired with each other: every family, with and without modifiers, domains, arrays. */
export const PAIRED_TYPES: readonly string[] = [
  'smallint',
  'int',
  'bigint',
  'oid',
  'regclass',
  'numeric',
  'numeric(8,2)',
  'numeric(10,2)',
  'numeric(12,2)',
  'numeric(12,4)',
  'real',
  'double precision',
  'money',
  'boolean',
  'text',
  'varchar',
  'varchar(10)',
  'varchar(20)',
  'char(3)',
  'char(10)',
  'bpchar',
  '"char"',
  'name',
  'bytea',
  'uuid',
  'json',
  'jsonb',
  'date',
  'time',
  'time(3)',
  'timetz',
  'timetz(3)',
  'timestamp',
  'timestamp(3)',
  'timestamp(0)',
  'timestamptz',
  'timestamptz(3)',
  'interval',
  'interval(3)',
  'interval(6)',
  'interval hour',
  'interval day to second',
  'interval day to second(3)',
  'interval year to month',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'bit(4)',
  'bit(8)',
  'varbit',
  'varbit(8)',
  'varbit(16)',
  'mood',
  'posint',
  'dnn',
  'dchk',
  'dtext',
  'dvc',
  'int[]',
  'bigint[]',
  'text[]',
  'varchar[]',
  'varchar(10)[]',
  'varchar(20)[]',
  'numeric(10,2)[]',
  'numeric(12,2)[]',
  'timestamp[]',
  'timestamptz[]',
  'int4range',
  'int8range',
  'tsvector',
  'point',
  'xid',
];

/** Types without a default btree operator class, so their columns carry no index. */
const WITHOUT_BTREE: readonly string[] = ['json', 'point', 'xid'];

function columnOf(index: number): string {
  return `c${index}`;
}

/** The tables of the pairs: one column a type; every indexable column of `kinds_indexed` has a btree index. */
export const PAIRS_FIXTURE = [
  `CREATE TABLE kinds (${PAIRED_TYPES.map((type, index) => `${columnOf(index)} ${type}${type === 'dnn' ? ' DEFAULT 1' : ''}`).join(', ')});`,
  `CREATE TABLE kinds_indexed (${PAIRED_TYPES.map((type, index) => `${columnOf(index)} ${type}${type === 'dnn' ? ' DEFAULT 1' : ''}`).join(', ')});`,
  ...PAIRED_TYPES.flatMap((type, index) =>
    WITHOUT_BTREE.includes(type) ? [] : [`CREATE INDEX kinds_indexed_${index} ON kinds_indexed (${columnOf(index)});`],
  ),
].join('\n');

/** Rows of nulls, so that every cast that exists succeeds. */
export const PAIRS_ROWS =
  'INSERT INTO kinds (c0) SELECT NULL FROM generate_series(1, 3); INSERT INTO kinds_indexed (c0) SELECT NULL FROM generate_series(1, 3);';

/** Every type changed to every other; the server refuses those without an assignment cast, and they are not counted. */
export function typePairs(): readonly { readonly from: string; readonly to: string; readonly form: Form }[] {
  return PAIRED_TYPES.flatMap((from, index) =>
    PAIRED_TYPES.map((to) => ({
      from,
      to,
      form: { sql: `ALTER TABLE kinds ALTER COLUMN ${columnOf(index)} TYPE ${to}` },
    })),
  );
}

/** Pairs that keep the table's file, on the table whose columns are indexed; `keeps` comes from the same server. */
export function indexedForm(from: string, to: string): Form {
  return { sql: `ALTER TABLE kinds_indexed ALTER COLUMN ${columnOf(PAIRED_TYPES.indexOf(from))} TYPE ${to}` };
}
