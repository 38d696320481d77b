import type { Rule } from './rule.ts';
import { isInTransaction } from './facts/subject.ts';

/** `PRAGMA foreign_keys = ...` where SQLite does not listen to it. */
export const sqliteForeignKeysPragma: Rule = {
  code: 'sqlite-foreign-keys-pragma',
  title: 'PRAGMA foreign_keys stands in a transaction, where it does nothing',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'SQLite takes PRAGMA foreign_keys only between transactions; inside one it neither obeys nor complains. ' +
    'A migration that rebuilds a table then runs with foreign keys still on, and dropping the old table first deletes its rows, so that ON DELETE CASCADE empties the tables that refer to it. ' +
    "Run the migration outside the tool's transaction: the pragma first, then BEGIN, the rebuild, COMMIT, and the pragma again.",
  docs: [
    'https://www.sqlite.org/pragma.html#pragma_foreign_keys',
    'https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes',
    'https://www.sqlite.org/foreignkeys.html#fk_schemacommands',
  ],
  bad: [
    {
      title: "In the tool's transaction",
      dialect: 'sqlite',
      sql: '<|PRAGMA foreign_keys = OFF|>;\nCREATE TABLE users (id INTEGER PRIMARY KEY);',
    },
    {
      title: "In the file's own transaction",
      dialect: 'sqlite',
      sql: '-- lockstep: no-transaction\nBEGIN;\n<|PRAGMA foreign_keys = OFF|>;\nCOMMIT;',
    },
  ],
  good: [
    {
      title: 'Before the transaction',
      dialect: 'sqlite',
      sql: '-- lockstep: no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN;\nCREATE TABLE users (id INTEGER PRIMARY KEY);\nCOMMIT;\nPRAGMA foreign_keys = ON;',
    },
    { title: 'Asked, not set', dialect: 'sqlite', sql: 'PRAGMA foreign_keys;' },
    { title: 'The pragma that is meant for transactions', dialect: 'sqlite', sql: 'PRAGMA defer_foreign_keys = ON;' },
  ],
  on: ['pragma'],
  *check(context, statements) {
    for (const statement of statements) {
      const operation = statement.body.operations.find(
        (candidate) =>
          candidate.kind === 'pragma' && candidate.name === 'foreign_keys' && candidate.value !== undefined,
      );
      if (operation === undefined || !isInTransaction(context, statement)) continue;
      yield {
        statement,
        span: operation.span,
        operation,
        message:
          "PRAGMA foreign_keys does nothing inside a transaction: foreign keys stay as they were, so that dropping a table deletes its rows first and ON DELETE actions fire. Put it before BEGIN, in a migration that runs outside the tool's transaction.",
      };
    }
  },
};
