import { isTableAction } from '../model/operation.ts';
import { operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE plans (id bigint PRIMARY KEY, name text);';

/** Rows that a migration of the schema brings with it. */
export const seedData: Rule = {
  code: 'seed-data',
  aliases: ['data-in-migration'],
  title: 'A migration changes the schema and writes rows of its own',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Rows that stand in a migration of the schema come into every database that it runs on, also into those of tests, and once only: a later edit of them reaches no database that has the migration. ' +
    "They also keep the locks of the schema's changes until they are written. " +
    'Keep them in a migration of their own, or in a script that may run again.',
  docs: ['https://www.postgresql.org/docs/current/populate.html', 'https://www.sqlite.org/lang_insert.html'],
  bad: [
    {
      title: 'A new table and its rows',
      dialect: 'postgresql',
      sql: "CREATE TABLE roles (id bigint PRIMARY KEY, name text);\n<|INSERT INTO roles VALUES (1, 'admin')|>;\nINSERT INTO roles VALUES (2, 'guest');",
    },
    {
      title: 'A column and a row',
      dialect: 'sqlite',
      before: [TABLE],
      sql: "ALTER TABLE users ADD COLUMN plan_id INTEGER;\n<|INSERT INTO plans (id, name) VALUES (1, 'free')|>;",
    },
  ],
  good: [
    {
      title: 'Rows alone',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "INSERT INTO plans (id, name) VALUES (1, 'free');",
    },
    {
      title: 'Rows that are there already',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'CREATE TABLE copies (id bigint PRIMARY KEY);\nINSERT INTO copies SELECT id FROM users;',
    },
    {
      title: 'A temporary table',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'CREATE TEMPORARY TABLE scratch (id bigint);\nINSERT INTO scratch VALUES (1);\nALTER TABLE users ADD COLUMN nick text;',
    },
  ],
  on: ['insert-rows'],
  *check(context) {
    for (const { statement, operation } of operationsIn(context, 'insert-rows')) {
      if (statement.direction !== 'up' || operation.rowCount === undefined) continue;
      const subject = subjectOf(context, statement, operation.relation);
      if (subject.relation?.persistence === 'temporary') continue;
      if (!changesSchema(context)) return;
      // Once for a file: the next row says nothing more.
      yield {
        statement,
        span: operation.span,
        relation: subject.place,
        operation,
        message: `This row of ${subject.shown} comes with the schema into every database, once, and under its locks: put rows into a migration of their own, or a script that may run again.`,
      };
      return;
    }
  },
};

function changesSchema(context: RuleContext): boolean {
  return context.statements.some((statement) =>
    statement.body.operations.some(
      (operation) =>
        isTableAction(operation) ||
        (operation.kind === 'create-table' && operation.persistence !== 'temporary') ||
        operation.kind === 'create-index' ||
        operation.kind === 'drop-table',
    ),
  );
}
