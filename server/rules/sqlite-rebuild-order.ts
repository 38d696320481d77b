import { dependantsOf, foreignKeysTo, relationKeyOf } from '../model/lookup.ts';
import { statementsWith } from './facts/operation-index.ts';
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
      title: 'Nothing refers to it',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users RENAME TO users_old;\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);',
    },
  ],
  *check(context) {
    if (context.target.version < REWRITING_VERSION) return;
    for (const statement of statementsWith(context, 'rename-table')) {
      for (const { operation, action } of actionsOf(statement, 'rename-table')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse || !isMadeAgain(context, statement, operation.relation.name)) continue;
        const key = relationKeyOf(statement.before, operation.relation);
        const followers = [
          ...new Set([
            ...foreignKeysTo(statement.before, key)
              .filter((entry) => entry.relationKey !== key)
              .map((entry) => entry.relation.name),
            ...dependantsOf(statement.before, key).map((entry) => entry.relation.name),
          ]),
        ];
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
