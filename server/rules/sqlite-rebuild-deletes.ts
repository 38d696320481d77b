import { foreignKeysTo } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import { rebuilds } from './facts/rebuild.ts';
import type { Rule } from './rule.ts';
import { isInTransaction } from './facts/subject.ts';

const TABLES =
  'CREATE TABLE users (id INTEGER PRIMARY KEY);\nCREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);';
const REBUILD =
  'CREATE TABLE users_new (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO users_new (id) SELECT id FROM users;';

/** A table rebuild whose drop deletes other tables' rows. */
export const sqliteRebuildDeletes: Rule = {
  code: 'sqlite-rebuild-deletes',
  title: 'A table is rebuilt with foreign keys on, so that dropping the old one deletes rows that refer to it',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'With foreign keys on, DROP TABLE first deletes every row of the table, as DELETE would. ' +
    'ON DELETE CASCADE then empties the tables that refer to it, and ON DELETE SET NULL clears their columns, although the same rows stand in the new table already. ' +
    'Switch foreign keys off before the transaction of the rebuild, and on again after it.',
  docs: [
    'https://www.sqlite.org/foreignkeys.html#fk_schemacommands',
    'https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes',
  ],
  bad: [
    {
      title: "In the tool's transaction",
      dialect: 'sqlite',
      before: [TABLES],
      sql: `${REBUILD}\n<|DROP TABLE users|>;\nALTER TABLE users_new RENAME TO users;`,
    },
  ],
  good: [
    {
      title: 'Foreign keys are off',
      dialect: 'sqlite',
      before: [TABLES],
      sql: `-- lockstep: no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN;\n${REBUILD}\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;\nCOMMIT;\nPRAGMA foreign_keys = ON;`,
    },
    {
      title: 'Nothing is deleted with it',
      dialect: 'sqlite',
      before: [TABLES.replace(' ON DELETE CASCADE', '')],
      sql: `${REBUILD}\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;`,
    },
  ],
  *check(context) {
    for (const { old, drop } of rebuilds(context)) {
      const key = objectKey(old.schema, old.name);
      const children = foreignKeysTo(drop.statement.before, key).filter(
        ({ relationKey, constraint }) =>
          relationKey !== key && /^(?:cascade|set null|set default)$/i.test(constraint.references?.onDelete ?? ''),
      );
      if (children.length === 0 || isOff(context, drop.statement)) continue;
      const isKnownOn = drop.statement.before.session.foreignKeys === true;
      yield {
        statement: drop.statement,
        span: drop.operation.span,
        relation: { schema: old.schema, name: old.name },
        operation: drop.operation,
        message: `${isKnownOn ? 'Dropping' : 'If the connection has foreign keys on, dropping'} ${old.name} deletes its rows first, which changes ${[...new Set(children.map((child) => child.relation.name))].join(', ')} by ON DELETE: switch foreign keys off before the transaction.`,
      };
    }
  },
};

/** Whether a pragma outside any transaction has switched foreign keys off before the statement. */
function isOff(context: Parameters<Rule['check']>[0], statement: (typeof context.statements)[number]): boolean {
  let off = false;
  for (const earlier of context.statements) {
    if (earlier === statement) return off;
    for (const operation of earlier.body.operations) {
      if (
        operation.kind === 'pragma' &&
        operation.name === 'foreign_keys' &&
        operation.value !== undefined &&
        !isInTransaction(context, earlier)
      )
        off = /^(?:off|0|false|no)$/i.test(operation.value);
    }
  }
  return off;
}
