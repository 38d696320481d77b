import type { ConstraintDefinition } from '../model/operation.ts';
import type { Constraint, Relation } from '../model/schema.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE =
  'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, age int, CONSTRAINT grown CHECK (age > 0));';

/** A constraint that says what another one says already. */
export const redundantConstraint: Rule = {
  code: 'redundant-constraint',
  title: 'A constraint says what another one of the table says already',
  severity: 'info',
  dialects: ['postgresql'],
  why:
    'Every write checks every constraint, and a unique one keeps an index of its own up. ' +
    'One that repeats another costs that, and the lock that adding it takes, for nothing.',
  docs: ['https://www.postgresql.org/docs/current/ddl-constraints.html'],
  bad: [
    {
      title: 'UNIQUE over the primary key',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT users_id UNIQUE (id)|>;',
    },
    {
      title: 'A CHECK for NOT NULL',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT email_known CHECK (email IS NOT NULL) NOT VALID|>;',
    },
    {
      title: 'The same CHECK',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT born CHECK (age > 0) NOT VALID|>;',
    },
  ],
  good: [
    {
      title: 'Another column',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD CONSTRAINT age_known CHECK (age IS NOT NULL) NOT VALID;',
    },
    {
      title: 'One that takes the place of the old one',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD CONSTRAINT born CHECK (age > 0) NOT VALID;\nALTER TABLE users DROP CONSTRAINT grown;',
    },
  ],
  on: ['add-constraint'],
  *check(context, statements) {
    // A step of a change adds what its next step takes away again.
    if (context.change !== undefined) return;
    const dropped = new Set(
      statementsWith(context, 'drop-constraint').flatMap((statement) =>
        [...actionsOf(statement, 'drop-constraint')].map(({ action }) => action.constraint),
      ),
    );
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'add-constraint')) {
        const subject = subjectOf(context, statement, operation.relation);
        const reason =
          subject.relation === undefined ? undefined : repeats(subject.relation, action.constraint, dropped);
        if (reason === undefined) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `${reason} of ${subject.shown} says the same already.`,
        };
      }
    }
  },
};

/** What says the same, in words. */
function repeats(relation: Relation, added: ConstraintDefinition, dropped: ReadonlySet<string>): string | undefined {
  const { expression } = added;
  if (added.kind === 'check' && expression?.tree.kind === 'null-test' && expression.tree.negated) {
    const [operand] = expression.tree.operands;
    const name = operand.kind === 'column' ? operand.path.at(-1) : undefined;
    if (relation.columns.some((column) => column.name === name && column.notNull)) return `NOT NULL on "${name ?? ''}"`;
  }
  const same = relation.constraints.find((other) => !dropped.has(other.name) && other.enforced && isSame(other, added));
  return same === undefined ? undefined : `"${same.name}"`;
}

function isSame(old: Constraint, added: ConstraintDefinition): boolean {
  if (added.kind === 'unique')
    return (
      (old.kind === 'unique' || old.kind === 'primary-key') &&
      added.usingIndex === undefined &&
      added.deferrable !== true &&
      !old.deferrable &&
      sameColumns(old.columns, added.columns)
    );
  if (added.kind === 'check')
    return (
      old.kind === 'check' &&
      old.expression !== undefined &&
      added.expression !== undefined &&
      bare(old.expression.text) === bare(added.expression.text)
    );
  return (
    added.kind === 'foreign-key' &&
    old.kind === 'foreign-key' &&
    old.references?.name === added.references?.relation.name &&
    old.columns.join() === added.columns.join()
  );
}

function sameColumns(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((column) => right.includes(column));
}

/** An expression without its outer parentheses and white space. */
function bare(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1')
    .trim();
}
