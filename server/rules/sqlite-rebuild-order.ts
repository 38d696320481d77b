import { dependantsOf, foreignKeysTo, relationKeyOf } from '../model/lookup.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Schema } from '../model/schema.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLES =
  'CREATE TABLE users (id INTEGER PRIMARY KEY);\nCREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));';
/** First SQLite version that rewrites references on RENAME. Source: sqlite.org/lang_altertable.html, "compatibility note". */
const REWRITING_VERSION = 3026;

/** A table rebuild that takes other tables' references along to the old copy. */
export const sqliteRebuildOrder: Rule = {
  code: 'sqlite-rebuild-order',
  title: 'A table is renamed out of the way to rebuild it, and references follow the old one',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'RENAME TO changes the foreign keys of other tables, and views and triggers, so that they name the table by its new name. ' +
    'When the old table is renamed first and a new one takes its name, all of these go on pointing at the old copy, and when that is dropped, they point at nothing: every later write to such a table fails. ' +
    'Create the new table under another name, copy the rows, drop the old one, and rename the new one last.',
  docs: [
    'https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes',
    'https://www.sqlite.org/lang_altertable.html#alter_table_rename',
  ],
  bad: [
    {
      title: 'The old table is renamed first',
      dialect: 'sqlite',
      before: [TABLES],
      sql: 'ALTER TABLE users RENAME TO <|users_old|>;\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO users (id) SELECT id FROM users_old;\nDROP TABLE users_old;',
    },
  ],
  good: [
    {
      title: 'The new table is renamed last',
      dialect: 'sqlite',
      before: [TABLES],
      sql: '-- lockstep: no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN;\nCREATE TABLE users_new (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO users_new (id) SELECT id FROM users;\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;\nCOMMIT;\nPRAGMA foreign_keys = ON;',
    },
    {
      title: 'What refers to it is rebuilt behind it',
      dialect: 'sqlite',
      before: [TABLES],
      sql: 'ALTER TABLE users RENAME TO users_old;\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO users (id) SELECT id FROM users_old;\nALTER TABLE orders RENAME TO orders_old;\nCREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));\nINSERT INTO orders SELECT id, user_id FROM orders_old;\nDROP TABLE orders_old;\nDROP TABLE users_old;',
    },
    {
      title: 'References stay as they are written',
      dialect: 'sqlite',
      before: [TABLES],
      sql: 'PRAGMA legacy_alter_table = ON;\nALTER TABLE users RENAME TO users_old;\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO users (id) SELECT id FROM users_old;\nDROP TABLE users_old;\nPRAGMA legacy_alter_table = OFF;',
    },
    {
      title: 'Nothing refers to it',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users RENAME TO users_old;\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);',
    },
  ],
  *check(context) {
    if (context.target.version < REWRITING_VERSION) return;
    const end = context.statements.at(-1)?.after;
    for (const statement of statementsWith(context, 'rename-table')) {
      for (const { operation, action } of actionsOf(statement, 'rename-table')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (
          !subject.isInUse ||
          isLegacy(context, statement) ||
          !isMadeAgain(context, statement, operation.relation.name)
        )
          continue;
        const key = relationKeyOf(statement.before, operation.relation);
        const followers = followersOf(statement.before, key).filter(
          // One that is made again behind the new table, or goes, does not stay with the old one.
          (name) => end === undefined || followersOf(end, relationKeyOf(end, { name: action.newName })).includes(name),
        );
        if (followers.length === 0) continue;
        yield {
          statement,
          span: action.newNameSpan,
          relation: subject.place,
          operation,
          message: `${followers.join(', ')} ${followers.length === 1 ? 'refers' : 'refer'} to ${subject.shown} and will follow the old table under its new name: create the new table under another name, copy, drop the old one, and rename the new one last.`,
        };
      }
    }
  },
};

/** Names of other tables, and of views, that refer to a table. */
function followersOf(schema: Schema, key: string): readonly string[] {
  return [
    ...new Set([
      ...foreignKeysTo(schema, key)
        .filter((entry) => entry.relationKey !== key)
        .map((entry) => entry.relation.name),
      ...dependantsOf(schema, key).map((entry) => entry.relation.name),
    ]),
  ];
}

/** Whether an earlier statement of the file has had references left as they are written: PRAGMA legacy_alter_table = ON. */
function isLegacy(context: RuleContext, statement: RuleStatement): boolean {
  const last = context.statements
    .filter((earlier) => earlier.index < statement.index)
    .flatMap((earlier) => earlier.body.operations)
    .findLast((operation) => operation.kind === 'pragma' && operation.name.toLowerCase() === 'legacy_alter_table');
  return last?.kind === 'pragma' && /^(?:on|true|yes|1)$/i.test(last.value ?? '');
}

function isMadeAgain(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          (operation.kind === 'create-table' || operation.kind === 'create-table-as') &&
          operation.relation.name.toLowerCase() === name.toLowerCase(),
      ),
  );
}
