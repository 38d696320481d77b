import type { Rule } from './rule.ts';
import { subjectOf } from './subject.ts';

/** A statement that changes every row of a table at once. */
export const updateWithoutWhere: Rule = {
  code: 'update-without-where',
  title: 'Every row of a table in use is changed by one statement',
  severity: 'warning',
  dialects: ['postgresql'],
  why: 'An UPDATE or DELETE without WHERE locks every row until the transaction ends, so that writers of any row wait, doubles the table\'s size on disk, and holds up replication and vacuum. '
    + 'Change the rows in short batches, each in a transaction of its own, outside the migration that changes the schema.',
  docs: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS', 'https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-SPACE-RECOVERY'],
  bad: [
    { title: 'UPDATE', dialect: 'postgresql', before: ['CREATE TABLE users (id bigint PRIMARY KEY, status text);'], sql: '<|UPDATE users SET status = \'new\'|>;' },
    { title: 'DELETE', dialect: 'postgresql', before: ['CREATE TABLE users (id bigint PRIMARY KEY, status text);'], sql: '<|DELETE FROM users|>;' },
  ],
  good: [
    { title: 'Some rows', dialect: 'postgresql', before: ['CREATE TABLE users (id bigint PRIMARY KEY, status text);'], sql: 'UPDATE users SET status = \'new\' WHERE status IS NULL;' },
    { title: 'A table of the same migration', dialect: 'postgresql', sql: 'CREATE TABLE users (id bigint PRIMARY KEY, status text);\nUPDATE users SET status = \'new\';' },
  ],
  *check(context) {
    for (const statement of context.statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if ((operation.kind !== 'update-rows' && operation.kind !== 'delete-rows') || operation.where !== undefined || operation.query.reads.some((read) => read.relation.name !== operation.relation.name)) continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse) continue;
        const verb = operation.kind === 'update-rows' ? 'Updating' : 'Deleting';
        yield {
          statement, span: operation.span, relation: subject.full, operation,
          message: `${verb} every row of ${subject.shown} in one statement locks all of them until the transaction ends, so that writes to any of them wait: do it in batches, outside the schema's transaction.`,
        };
      }
    }
  },
};
