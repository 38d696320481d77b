import fc from 'fast-check';

const table = fc.constantFrom('t0', 't1', 't2', 'v0', 'm0');
const column = fc.constantFrom('a', 'b', 'c', '"D d"');
const type = fc.constantFrom(
  'int',
  'bigint',
  'text',
  'varchar(20)',
  'numeric(10,2)',
  'timestamptz',
  'mood',
  'small',
  'int[]',
);
const cascade = fc.constantFrom('', '', ' CASCADE');
const only = fc.constantFrom('', '', 'ONLY ');
const name = fc.constantFrom('n0', 'n1', 'n2');
const check = fc.tuple(column, column).map(([left, right]) => `CHECK (${left} IS NOT NULL OR ${right} IS NULL)`);
const columnConstraint = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ' NOT NULL',
      ' UNIQUE',
      ' PRIMARY KEY',
      ' REFERENCES t0',
      ' REFERENCES t1 ON DELETE CASCADE',
    ),
  },
);

const createTable = fc
  .tuple(
    table,
    fc.array(fc.tuple(column, type, columnConstraint), { minLength: 1, maxLength: 4 }),
    fc.option(table),
    fc.constantFrom('', '', 'IF NOT EXISTS ', 'UNLOGGED '),
  )
  .map(([name_, columns, parent, words]) => {
    const prefix = words === 'UNLOGGED ' ? 'CREATE UNLOGGED TABLE ' : `CREATE TABLE ${words}`;
    return `${prefix}${name_} (${columns.map((parts) => `${parts[0]} ${parts[1]}${parts[2]}`).join(', ')})${parent === null ? '' : ` INHERITS (${parent})`}`;
  });

const action = fc.oneof(
  fc
    .tuple(column, type, columnConstraint)
    .map(([name_, type_, constraint]) => `ADD COLUMN ${name_} ${type_}${constraint}`),
  fc.tuple(column, cascade).map(([name_, word]) => `DROP COLUMN ${name_}${word}`),
  column.map((name_) => `ALTER COLUMN ${name_} SET NOT NULL`),
  column.map((name_) => `ALTER COLUMN ${name_} DROP NOT NULL`),
  column.map((name_) => `ALTER COLUMN ${name_} SET DEFAULT NULL`),
  column.map((name_) => `ALTER COLUMN ${name_} DROP DEFAULT`),
  column.map((name_) => `ALTER COLUMN ${name_} TYPE text`),
  fc.tuple(name, check).map(([name_, text]) => `ADD CONSTRAINT ${name_} ${text}`),
  check.map((text) => `ADD ${text}`),
  fc.tuple(name, check).map(([name_, text]) => `ADD CONSTRAINT ${name_} ${text} NOT VALID`),
  fc.tuple(fc.constantFrom('UNIQUE', 'PRIMARY KEY'), column).map(([kind, name_]) => `ADD ${kind} (${name_})`),
  fc.tuple(name, column).map(([name_, column_]) => `ADD CONSTRAINT ${name_} UNIQUE (${column_})`),
  fc.tuple(column, table).map(([name_, target]) => `ADD FOREIGN KEY (${name_}) REFERENCES ${target}`),
  fc.tuple(name, cascade).map(([name_, word]) => `DROP CONSTRAINT ${name_}${word}`),
  name.map((name_) => `VALIDATE CONSTRAINT ${name_}`),
);

/**
 * Leaves out DROP COLUMN beside another action on the same column: with children the server first takes the column off them
 * and then fails to find it there, which no migration does on purpose.
 */
function onePerColumn([first, second]: readonly string[]): boolean {
  if (first === undefined || second === undefined) return true;
  const dropped = [first, second].flatMap((one) => /^DROP COLUMN ("[^"]*"|\w+)/.exec(one)?.[1] ?? []);
  return dropped.every((name_) => [first, second].filter((one) => ` ${one} `.includes(` ${name_} `)).length < 2);
}

/** Statements over a few names, so that they meet: some the server refuses. */
const statement = fc.oneof(
  { weight: 4, arbitrary: createTable },
  {
    weight: 8,
    arbitrary: fc
      .tuple(table, only, fc.array(action, { minLength: 1, maxLength: 2 }).filter(onePerColumn))
      .map(([name_, word, actions]) => `ALTER TABLE ${word}${name_} ${actions.join(', ')}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(table, cascade, fc.constantFrom('', 'IF EXISTS '))
      .map(([name_, word, exists]) => `DROP TABLE ${exists}${name_}${word}`),
  },
  { weight: 2, arbitrary: fc.tuple(table, table).map(([from, to]) => `ALTER TABLE ${from} RENAME TO ${to}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(table, column, column)
      .map(([name_, from, to]) => `ALTER TABLE ${name_} RENAME COLUMN ${from} TO ${to}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(table, name, name)
      .map(([name_, from, to]) => `ALTER TABLE ${name_} RENAME CONSTRAINT ${from} TO ${to}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('', 'UNIQUE '), table, column, fc.constantFrom('', ' WHERE a IS NOT NULL'))
      .map(([unique, name_, column_, where]) => `CREATE ${unique}INDEX ON ${name_} (${column_})${where}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('v0', 'v1'), table, column)
      .map(([view, name_, column_]) => `CREATE VIEW ${view} AS SELECT ${column_} FROM ${name_}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(table, column)
      .map(([name_, column_]) => `CREATE MATERIALIZED VIEW m0 AS SELECT ${column_} FROM ${name_}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('v0', 'v1', 'm0'), cascade)
      .map(([view, word]) => `DROP ${view === 'm0' ? 'MATERIALIZED ' : ''}VIEW ${view}${word}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(table, fc.constantFrom('s', 'public'))
      .map(([name_, schema]) => `ALTER TABLE ${name_} SET SCHEMA ${schema}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('n0', 't0_pkey', 't0_a_idx', 't1_b_key', 't0_a_key'),
        fc.constantFrom('n1', 'n2', 't0_b_idx'),
      )
      .map(([from, to]) => `ALTER INDEX ${from} RENAME TO ${to}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('t0_a_idx', 't0_a_key', 't1_b_idx').map((index) => `DROP INDEX ${index}`) },
  { weight: 1, arbitrary: fc.tuple(table, table).map(([child, parent]) => `ALTER TABLE ${child} INHERIT ${parent}`) },
  {
    weight: 1,
    arbitrary: fc.tuple(table, table).map(([child, parent]) => `ALTER TABLE ${child} NO INHERIT ${parent}`),
  },
);

/** Histories of up to thirty statements after a common beginning. */
export const generatedHistory = fc
  .array(statement, { minLength: 10, maxLength: 30 })
  .map((statements) => [
    `CREATE TYPE mood AS ENUM ('x', 'y')`,
    `CREATE DOMAIN small AS int CHECK (VALUE < 100)`,
    `CREATE SCHEMA s`,
    'CREATE TABLE t0 (a int PRIMARY KEY, b int NOT NULL, c text)',
    'CREATE TABLE t1 (a int REFERENCES t0, b varchar(20) UNIQUE, c mood)',
    'CREATE TABLE t2 ("D d" small) INHERITS (t0)',
    ...statements,
  ]);
