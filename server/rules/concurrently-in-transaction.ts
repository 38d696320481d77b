import type { Rule } from './rule.ts';
import { isInTransaction } from './facts/subject.ts';

/** A statement that the database refuses inside a transaction, where there is one. */
export const concurrentlyInTransaction: Rule = {
  code: 'concurrently-in-transaction',
  aliases: ['ban-concurrent-index-creation-in-transaction'],
  title: 'A statement that cannot run inside a transaction stands in one',
  severity: 'error',
  dialects: ['postgresql', 'sqlite'],
  why:
    'CREATE INDEX CONCURRENTLY, VACUUM and some others need to commit on their own, so the database refuses them inside a transaction. ' +
    'Most migration tools open a transaction for each file, and PostgreSQL also makes one of several statements that are sent as one string. ' +
    'Put the statement alone into a migration that is marked to run outside a transaction.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
    'https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT',
    'https://www.sqlite.org/lang_vacuum.html',
  ],
  bad: [
    {
      title: "In the tool's transaction",
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '<|CREATE INDEX CONCURRENTLY users_email ON users (email)|>;',
    },
    {
      title: "A drop in the tool's transaction",
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX users_email ON users (email);'],
      sql: '<|DROP INDEX CONCURRENTLY users_email|>;',
    },
    {
      title: "In the file's own",
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nBEGIN;\n<|DROP INDEX CONCURRENTLY IF EXISTS users_email|>;\nCOMMIT;',
    },
    { title: 'VACUUM', dialect: 'sqlite', sql: '<|VACUUM|>;' },
  ],
  good: [
    {
      title: 'Marked to run outside a transaction',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email);',
    },
    {
      title: "After the file's own transaction",
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nBEGIN;\nSELECT 1;\nCOMMIT;\nDROP INDEX CONCURRENTLY IF EXISTS users_email;',
    },
  ],
  *check(context) {
    for (const statement of context.statements) {
      const operation = statement.body.operations.find((candidate) => context.engine.refusesTransaction(candidate));
      // SQLite passes over this pragma in silence instead: sqlite-foreign-keys-pragma says so.
      if (
        operation === undefined ||
        (operation.kind === 'pragma' && operation.name === 'foreign_keys') ||
        !isInTransaction(context, statement)
      )
        continue;
      const words =
        /^\s*(?:\S+\s+){0,3}?(?:CONCURRENTLY|VACUUM\b(?:\s+FULL)?)/i
          .exec(statement.source.text)?.[0]
          .trim()
          .replaceAll(/\s+/g, ' ')
          .toUpperCase() ?? 'This statement';
      const reason = statement.transaction === 'one' ? 'the migration runs in one' : 'this file is in one';
      yield {
        statement,
        span: operation.span,
        operation,
        message: `${words} cannot run inside a transaction, and ${reason}: the database ${operation.kind === 'pragma' && operation.name === 'journal_mode' ? 'passes over it in silence' : 'refuses it'}. Put it alone into a migration that runs outside a transaction.`,
      };
    }
  },
  fixes(finding) {
    const { operation, statement } = finding;
    if ((operation?.kind !== 'create-index' && operation?.kind !== 'drop-index') || statement.direction === 'down')
      return [];
    return [
      {
        kind: 'change',
        title: 'Move to a migration of its own, CONCURRENTLY',
        safety: 'review',
        request: { recipe: operation.kind, operation },
      },
    ];
  },
};
