import { findSequence } from '../model/lookup.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE SEQUENCE user_numbers;';

/** A sequence that begins anew. */
export const restartedSequence: Rule = {
  code: 'restarted-sequence',
  title: 'A sequence in use is set back, so that it gives numbers out twice',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'ALTER SEQUENCE ... RESTART makes the sequence count from another number at once. ' +
    'If rows with higher numbers exist, inserts fail with a duplicate key, or, where no key stops them, two rows get one number. ' +
    'To move a sequence forward, use setval with the greatest number in the table.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altersequence.html',
    'https://www.postgresql.org/docs/current/functions-sequence.html',
  ],
  bad: [
    {
      title: 'RESTART',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '<|ALTER SEQUENCE user_numbers RESTART WITH 1|>;',
    },
    {
      title: 'An identity',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);'],
      sql: 'ALTER TABLE users <|ALTER COLUMN id RESTART|>;',
    },
  ],
  good: [
    {
      title: 'A sequence of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE SEQUENCE user_numbers;\nALTER SEQUENCE user_numbers RESTART WITH 100;',
    },
    {
      title: 'Another change',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER SEQUENCE user_numbers OWNED BY users.id;',
    },
  ],
  on: ['alter-sequence', 'alter-identity'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'alter-identity')) {
        const subject = subjectOf(context, statement, operation.relation);
        const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
        if (action.restart !== true || !subject.isInUse) continue;
        // One that this migration makes is set to where it should begin.
        if (
          (column !== undefined && context.isNewOrigin(column.origin)) ||
          statementsWith(context, 'add-identity').some((made) => made.index <= statement.index)
        )
          continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `"${action.column}" of ${subject.shown} counts from another number at once: if greater numbers are in use already, inserts fail with a duplicate key.`,
        };
      }
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'alter-sequence' || !operation.restart) continue;
        const sequence = findSequence(statement.before, operation.relation);
        if (sequence !== undefined && context.isNewOrigin(sequence.origin)) continue;
        yield {
          statement,
          span: operation.span,
          operation,
          message: `${operation.relation.name} counts from another number at once: if greater numbers are in use already, inserts fail with a duplicate key.`,
        };
      }
    }
  },
};
