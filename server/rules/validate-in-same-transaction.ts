import { findRelation, relationKeyOf } from '../model/lookup.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { actionsOf, isInTransaction, subjectOf } from './subject.ts';

/** NOT VALID and VALIDATE in one transaction: the strong lock of the first is held while the second reads the table. */
export const validateInSameTransaction: Rule = {
  code: 'validate-in-same-transaction',
  aliases: ['not-valid-validate-same-tx'],
  title: 'A constraint is added NOT VALID and validated in one transaction',
  severity: 'error',
  dialects: ['postgresql'],
  why: 'Adding a constraint NOT VALID is quick, and validating it later lets reads and writes go on. '
    + 'In one transaction the strong lock of the first statement is kept until the end, so that everyone waits while the second reads every row: worse than one plain statement. '
    + 'Put VALIDATE CONSTRAINT into a migration of its own.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES', 'https://www.postgresql.org/docs/current/explicit-locking.html'],
  bad: [
    {
      title: 'Two statements of one migration', dialect: 'postgresql', before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;\nALTER TABLE users <|VALIDATE CONSTRAINT adult|>;',
    },
  ],
  good: [
    {
      title: 'In a later migration', dialect: 'postgresql', before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);', 'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;'],
      sql: 'ALTER TABLE users VALIDATE CONSTRAINT adult;',
    },
    {
      title: 'Outside a transaction', dialect: 'postgresql', before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT adult;',
    },
  ],
  *check(context) {
    for (const statement of context.statements) {
      for (const { operation, action } of actionsOf(statement, 'validate-constraint')) {
        const subject = subjectOf(context, statement, operation.relation);
        const constraint = findRelation(statement.before, operation.relation)?.constraints.find((candidate) => candidate.name === action.constraint);
        if (!subject.isInUse || constraint?.validated === true || !isInTransaction(context, statement)) continue;
        const added = addedEarlier(context, statement, relationKeyOf(statement.before, operation.relation), action.constraint);
        if (added === undefined) continue;
        yield {
          statement, span: operation.span, relation: subject.full, operation,
          message: `Validating "${action.constraint}" reads all of ${subject.shown} while this transaction still holds the lock that adding it took, so that others wait until the end: move VALIDATE CONSTRAINT to a migration of its own.`,
          related: [{ statement: added.statement, span: added.span, message: 'The constraint is added here.' }],
        };
      }
    }
  },
};

function addedEarlier(context: RuleContext, statement: RuleStatement, key: string, name: string): { readonly statement: RuleStatement; readonly span: RuleStatement['source']['span'] } | undefined {
  for (const earlier of context.statements) {
    if (earlier.index > statement.index) return undefined;
    for (const { operation, action } of actionsOf(earlier, 'add-constraint')) {
      if (relationKeyOf(earlier.before, operation.relation) === key && action.constraint.name === name) return { statement: earlier, span: operation.span };
    }
  }
  return undefined;
}
