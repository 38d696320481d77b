import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A table whose every old row goes to the log, or whose changes cannot be replicated. */
export const replicaIdentityFull: Rule = {
  code: 'replica-identity-full',
  aliases: ['replica-identity'],
  title: 'The replica identity writes whole rows to the log, or none',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    "Logical replication finds the row that was changed by the table's replica identity. " +
    'FULL writes all columns of every changed row to the log, and subscribers look each one up by reading the table. ' +
    'NOTHING makes every UPDATE and DELETE fail while the table is published. ' +
    'Use the primary key, which is the default, or a unique index.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY',
    'https://www.postgresql.org/docs/current/logical-replication-publication.html',
  ],
  bad: [{ title: 'FULL', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users <|REPLICA IDENTITY FULL|>;' }],
  good: [
    {
      title: 'A unique index',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users REPLICA IDENTITY USING INDEX users_pkey;',
    },
  ],
  on: ['replica-identity'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'replica-identity')) {
        if (action.mode !== 'full' && action.mode !== 'nothing') continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message:
            action.mode === 'full'
              ? `Every changed row of ${subject.shown} goes to the log whole, and subscribers read their table whole to find it: use the primary key or a unique index.`
              : `While ${subject.shown} is published, every UPDATE and DELETE of it fails: use the primary key or a unique index.`,
        };
      }
    }
  },
};
