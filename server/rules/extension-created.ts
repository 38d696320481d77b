import { operationsIn } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';

/** An extension that the migration's role may not be allowed to make. */
export const extensionCreated: Rule = {
  code: 'extension-created',
  aliases: ['create-extension'],
  title: 'A migration creates an extension',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    "An extension has to be installed on the server's machine, and most of them may only be created by a superuser; hosted databases offer a list of their own. " +
    "A migration that runs as the application's role then fails on one environment and not on the other. " +
    'Which version is created also depends on the machine. Let whoever sets the database up create extensions.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createextension.html',
    'https://www.postgresql.org/docs/current/extend-extensions.html',
  ],
  bad: [
    { title: 'An extension', dialect: 'postgresql', sql: '<|CREATE EXTENSION pg_stat_statements|>;' },
    {
      title: 'If it is not there',
      dialect: 'postgresql',
      sql: '<|CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public|>;',
    },
  ],
  good: [
    {
      title: 'A comment on one',
      dialect: 'postgresql',
      sql: "COMMENT ON EXTENSION plpgsql IS 'the procedural language';",
    },
  ],
  on: ['create-object'],
  *check(context) {
    for (const { statement, operation } of operationsIn(context, 'create-object')) {
      if (operation.objectKind !== 'extension' || statement.direction !== 'up') continue;
      const name = operation.object?.name ?? 'the extension';
      yield {
        statement,
        span: operation.span,
        operation,
        message: `${name} must be installed on each server, and where it is not trusted only a superuser creates it: the migration stops here wherever that is not so.`,
      };
    }
  },
};
