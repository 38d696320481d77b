import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { actionsOf, isContractStep, subjectOf } from './facts/subject.ts';
import { findRelation } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import { isTakenBefore } from './facts/transactions.ts';

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));';

/** A drop that also needs the table that a foreign key points at. */
export const dropLocksParent: Rule = {
  code: 'drop-locks-parent',
  aliases: ['drop-fk-both'],
  title: 'Dropping a foreign key, or its table, also locks the table that it points at',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'A foreign key has triggers on both tables. ' +
    'To drop it, or the table that holds it, PostgreSQL takes ACCESS EXCLUSIVE on the referenced table too: reads and writes of that often busy table wait while the statement waits for running queries. ' +
    'The lock itself is short: run it under a lock_timeout and try again, and drop the foreign keys one by one before the table.',
  docs: [
    'https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES',
    'https://www.postgresql.org/docs/current/sql-altertable.html',
  ],
  bad: [
    {
      title: 'The key',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE orders <|DROP CONSTRAINT orders_user_id_fkey|>;',
    },
    {
      title: 'Its table',
      dialect: 'postgresql',
      before: [TABLES],
      sql: '-- lockstep: allow drop-before-contract because nobody uses it\nDROP TABLE <|orders|>;',
    },
    {
      title: 'Once for a transaction, which has the other table from then on',
      dialect: 'postgresql',
      before: [TABLES, 'CREATE TABLE carts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));'],
      sql: 'ALTER TABLE orders <|DROP CONSTRAINT orders_user_id_fkey|>;\n-- lockstep: allow several-tables-locked because both are small\nALTER TABLE carts DROP CONSTRAINT carts_user_id_fkey;',
    },
    {
      title: 'Each, where each is a transaction',
      dialect: 'postgresql',
      before: [TABLES, 'CREATE TABLE carts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));'],
      sql: '-- lockstep: no-transaction\nALTER TABLE orders <|DROP CONSTRAINT orders_user_id_fkey|>;\nALTER TABLE carts <|DROP CONSTRAINT carts_user_id_fkey|>;',
    },
  ],
  good: [
    {
      title: 'Another constraint',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int CONSTRAINT grown CHECK (age > 0));'],
      sql: 'ALTER TABLE users DROP CONSTRAINT grown;',
    },
    {
      title: 'Alone in a step of a change',
      dialect: 'postgresql',
      before: [TABLES],
      sql: '-- lockstep: change orders-key phase expand\nALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;',
    },
    {
      title: 'Both tables are new',
      dialect: 'postgresql',
      sql: `${TABLES}\nALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;`,
    },
  ],
  on: ['drop-constraint', 'drop-table'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      // A step of a change drops one foreign key alone, which is what this rule asks for.
      for (const { operation, action } of isContractStep(context) || isAloneInStep(context, statement)
        ? []
        : actionsOf(statement, 'drop-constraint')) {
        const subject = subjectOf(context, statement, operation.relation);
        const constraint = subject.relation?.constraints.find((candidate) => candidate.name === action.constraint);
        const parent = constraint?.kind === 'foreign-key' ? constraint.references : undefined;
        if (
          parent === undefined ||
          parent.key === objectKey(subject.relation?.schema ?? '', subject.relation?.name ?? '') ||
          context.isNew(parent.key, statement) ||
          isTakenBefore(context, statement, parent.key)
        )
          continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `This takes ACCESS EXCLUSIVE on ${parent.name} too, which blocks its reads and writes while the statement waits for running queries: run it under a short lock_timeout.`,
        };
      }
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'drop-table') continue;
        for (const name of operation.objects) {
          const relation = findRelation(statement.before, name);
          const own = relation === undefined ? undefined : objectKey(relation.schema, relation.name);
          const parents = [
            ...new Set(
              (relation?.constraints ?? []).flatMap(({ references }) =>
                references === undefined ||
                references.key === own ||
                context.isNew(references.key, statement) ||
                isTakenBefore(context, statement, references.key)
                  ? []
                  : [references.name],
              ),
            ),
          ];
          if (relation === undefined || parents.length === 0) continue;
          yield {
            statement,
            span: name.span,
            relation: { schema: relation.schema, name: relation.name },
            operation,
            message: `Dropping ${name.name} takes ACCESS EXCLUSIVE on ${parents.join(', ')} too, which its foreign keys point at: drop the foreign keys first, one by one, under a short lock_timeout.`,
          };
        }
      }
    }
  },
};

/** Whether the statement is all that a step of a change does, but for settings of its session. */
function isAloneInStep({ change, statements }: RuleContext, own: RuleStatement): boolean {
  return (
    change !== undefined &&
    own.body.operations.length === 1 &&
    statements.every(
      (other) =>
        other === own ||
        other.direction === 'down' ||
        other.body.operations.every((operation) => operation.kind === 'set-variable'),
    )
  );
}
