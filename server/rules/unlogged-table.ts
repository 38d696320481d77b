import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A table that a crash empties. */
export const unloggedTable: Rule = {
  code: 'unlogged-table',
  title: 'A crash empties this table, and replicas never have it',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'What is written to an UNLOGGED table does not go to the write-ahead log. ' +
    'After a crash or an unclean shutdown the table is empty, and on a replica it cannot be read at all, so that after a fail-over it is empty too. ' +
    'That is right for data that can be made again, and for nothing else.',
  docs: ['https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED'],
  bad: [
    { title: 'A table in use', dialect: 'postgresql', before: [TABLE], sql: '<|ALTER TABLE users SET UNLOGGED|>;' },
    { title: 'A new table', dialect: 'postgresql', sql: '<|CREATE UNLOGGED TABLE cache (id bigint PRIMARY KEY)|>;' },
  ],
  good: [
    { title: 'A plain table', dialect: 'postgresql', sql: TABLE },
    { title: 'A temporary table', dialect: 'postgresql', sql: 'CREATE TEMPORARY TABLE cache (id bigint);' },
  ],
  on: ['set-unlogged', 'create-table', 'create-table-as'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation } of actionsOf(statement, 'set-unlogged')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (subject.isInUse)
          yield {
            statement,
            span: { start: 0, end: statement.source.text.length },
            relation: subject.place,
            operation,
            severity: 'error',
            message: `From now on a crash or a fail-over empties ${subject.shown}.`,
          };
      }
      for (const operation of statement.body.operations) {
        if (
          (operation.kind !== 'create-table' && operation.kind !== 'create-table-as') ||
          operation.persistence !== 'unlogged'
        )
          continue;
        yield {
          statement,
          span: operation.span,
          relation: subjectOf(context, statement, operation.relation).place,
          operation,
          severity: 'info',
          message: `A crash or a fail-over empties ${operation.relation.name}: keep only what can be made again in it.`,
        };
      }
    }
  },
};
