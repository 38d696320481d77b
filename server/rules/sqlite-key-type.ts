import type { Rule } from './rule.ts';

/** A key that is not the row's own number. */
export const sqliteKeyType: Rule = {
  code: 'sqlite-key-type',
  aliases: ['sqlite-affinity'],
  title: 'A primary key is an integer, but not INTEGER',
  severity: 'info',
  dialects: ['sqlite'],
  why:
    "Only a column whose type is the word INTEGER is the row's own number, which SQLite fills in and looks up without an index. " +
    'INT PRIMARY KEY, BIGINT PRIMARY KEY and the like are columns beside it, with an index of their own, that no one fills in, and that take NULL, any number of times.',
  docs: [
    'https://www.sqlite.org/lang_createtable.html#rowid',
    'https://www.sqlite.org/quirks.html#primary_keys_can_sometimes_contain_nulls',
  ],
  bad: [
    {
      title: 'INT',
      dialect: 'sqlite',
      sql: 'CREATE TABLE users (<|id INT PRIMARY KEY|>);',
      fixed: 'CREATE TABLE users (id INTEGER PRIMARY KEY);',
    },
  ],
  good: [
    { title: 'INTEGER', dialect: 'sqlite', sql: 'CREATE TABLE users (id INTEGER PRIMARY KEY);' },
    { title: 'A text', dialect: 'sqlite', sql: 'CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);' },
    { title: 'Without rowid', dialect: 'sqlite', sql: 'CREATE TABLE users (id INT PRIMARY KEY) WITHOUT ROWID;' },
  ],
  on: ['create-table'],
  *check(_context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'create-table' || operation.withoutRowid === true) continue;
        for (const column of operation.columns) {
          const isKey = [...column.constraints, ...operation.constraints].some(
            (constraint) =>
              constraint.kind === 'primary-key' &&
              constraint.columns.length === 1 &&
              constraint.columns[0] === column.name,
          );
          if (
            !isKey ||
            column.notNull !== undefined ||
            !/^(?:int|bigint|smallint|tinyint|mediumint|int2|int4|int8|unsigned big int)$/i.test(
              column.type?.name ?? '',
            )
          )
            continue;
          yield {
            statement,
            span: column.span,
            operation,
            message: `"${column.name}" is not filled in by SQLite and takes NULL, because only the type INTEGER makes it the row's own number.`,
          };
        }
      }
    }
  },
  fixes({ operation, span }) {
    const type =
      operation?.kind === 'create-table'
        ? operation.columns.find((column) => column.span.start === span.start)?.type?.span
        : undefined;
    return type === undefined
      ? []
      : [{ kind: 'edit', title: 'Use INTEGER', safety: 'review', edits: [{ span: type, newText: 'INTEGER' }] }];
  },
};
