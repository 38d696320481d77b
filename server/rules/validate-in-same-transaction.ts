import { transactionState } from './facts/transactions.ts';
import { relationKeyOf } from '../model/lookup.ts';
import { actionsIn, type LocatedAction } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { isInTransaction, subjectOf } from './facts/subject.ts';

/** NOT VALID and VALIDATE in one transaction: the strong lock of the first is held while the second reads the table. */
export const validateInSameTransaction: Rule = {
  code: 'validate-in-same-transaction',
  aliases: ['not-valid-validate-same-tx'],
  title: 'A constraint is added NOT VALID and validated in one transaction',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    'Adding a constraint NOT VALID is quick, and validating it later lets reads and writes go on. ' +
    'In one transaction the strong lock of the first statement is kept until the end, so that everyone waits while the second reads every row: worse than one plain statement. ' +
    'Put VALIDATE CONSTRAINT into a migration of its own.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
    'https://www.postgresql.org/docs/current/explicit-locking.html',
  ],
  bad: [
    {
      title: 'Two statements of one migration',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;\nALTER TABLE users <|VALIDATE CONSTRAINT adult|>;',
    },
  ],
  good: [
    {
      title: 'After a COMMIT',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: '-- lockstep: no-transaction\nBEGIN;\nALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID;\nCOMMIT;\nBEGIN;\nALTER TABLE users VALIDATE CONSTRAINT users_age;\nCOMMIT;',
    },
    {
      title: 'In a later migration',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, age int);',
        'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;',
      ],
      sql: 'ALTER TABLE users VALIDATE CONSTRAINT adult;',
    },
    {
      title: 'Outside a transaction',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT adult;',
    },
  ],
  *check(context) {
    const validations = actionsIn(context, 'validate-constraint');
    if (validations.length === 0) return;
    const added = new Map(
      actionsIn(context, 'add-constraint')
        .toReversed()
        .map((addition) => [placeOf(addition, addition.action.constraint.name ?? ''), addition]),
    );
    for (const validation of validations) {
      const { statement, operation, action } = validation;
      const addition = added.get(placeOf(validation, action.constraint));
      if (addition === undefined || addition.statement.index > statement.index) continue;
      const subject = subjectOf(context, statement, operation.relation);
      const constraint = subject.relation?.constraints.find((candidate) => candidate.name === action.constraint);
      if (!subject.isInUse || constraint?.validated === true || !isInTransaction(context, statement)) continue;
      // A COMMIT between them gave the lock back.
      if (
        transactionState(context, addition.statement).transaction !== transactionState(context, statement).transaction
      )
        continue;
      yield {
        statement,
        span: operation.span,
        relation: subject.place,
        operation,
        message: `Validating "${action.constraint}" reads all of ${subject.shown} while this transaction still holds the lock that adding it took, so that others wait until the end: move VALIDATE CONSTRAINT to a migration of its own.`,
        related: [
          { statement: addition.statement, span: addition.operation.span, message: 'The constraint is added here.' },
        ],
      };
    }
  },
};

/** Names a constraint by its table and its name. */
function placeOf(
  { statement, operation }: Pick<LocatedAction<'add-constraint'>, 'statement' | 'operation'>,
  constraint: string,
): string {
  return `${relationKeyOf(statement.before, operation.relation)} ${constraint}`;
}
