import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import type { ObjectName } from '../model/names.ts';
import { subjectOf } from './facts/subject.ts';
import { transactionState } from './facts/transactions.ts';

const VIEW = 'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE VIEW people AS SELECT id FROM users;';

/** A view that is gone for a moment. */
export const viewGap: Rule = {
  code: 'view-gap',
  title: 'A view is dropped and made anew outside a transaction',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'Between DROP VIEW and CREATE VIEW the view does not exist for anyone, and if the second fails, it stays away. ' +
    'In one transaction nobody sees the gap. ' +
    'CREATE OR REPLACE VIEW does without one, as long as columns are only added at the end.',
  docs: ['https://www.postgresql.org/docs/current/sql-createview.html'],
  bad: [
    {
      title: 'Two statements on their own',
      dialect: 'postgresql',
      before: [VIEW],
      sql: '-- lockstep: no-transaction\n<|DROP VIEW people|>;\nCREATE VIEW people AS SELECT id, 1 AS one FROM users;',
    },
  ],
  good: [
    {
      title: 'In one transaction',
      dialect: 'postgresql',
      before: [VIEW],
      sql: 'DROP VIEW people;\nCREATE VIEW people AS SELECT id, 1 AS one FROM users;',
    },
    {
      title: 'Replaced',
      dialect: 'postgresql',
      before: [VIEW],
      sql: '-- lockstep: no-transaction\nCREATE OR REPLACE VIEW people AS SELECT id, 1 AS one FROM users;',
    },
  ],
  on: ['drop-view', 'drop-materialized-view'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'drop-view' && operation.kind !== 'drop-materialized-view') continue;
        for (const name of operation.objects) {
          const subject = subjectOf(context, statement, name);
          if (!subject.isInUse || !isMadeApart(context, statement, name)) continue;
          yield {
            statement,
            span: operation.span,
            relation: subject.place,
            operation,
            message: `${subject.shown} does not exist until the statement that makes it anew is done, and queries of it fail meanwhile: put both into one transaction.`,
          };
        }
      }
    }
  },
};

/** Whether a later statement makes the view, in another transaction than the drop. */
function isMadeApart(context: RuleContext, statement: RuleStatement, name: ObjectName): boolean {
  const state = transactionState(context, statement);
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          (operation.kind === 'create-view' || operation.kind === 'create-materialized-view') &&
          operation.relation.name === name.name,
      ) &&
      (!state.isOpen || transactionState(context, later).transaction !== state.transaction),
  );
}
