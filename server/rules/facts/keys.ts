import type { ExpressionTree } from '../../model/expression.ts';
import { findRelation, indexesOf, relationKeyOf, sameName } from '../../model/lookup.ts';
import type { ObjectName } from '../../model/names.ts';
import type { ConstraintDefinition, Operation } from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import type { RuleStatement } from '../rule.ts';

/** A foreign key that a statement adds, wherever it is written. */
export interface AddedForeignKey {
  readonly operation: Operation;
  readonly relation: ObjectName;
  readonly constraint: ConstraintDefinition;
}

const NO_KEYS: readonly AddedForeignKey[] = [];

/** Foreign keys of CREATE TABLE, ADD COLUMN and ADD CONSTRAINT in a statement. */
export function addedForeignKeys(statement: RuleStatement): readonly AddedForeignKey[] {
  let found: AddedForeignKey[] | undefined;
  for (const operation of statement.body.operations) {
    for (const constraint of constraintsOf(operation)) {
      if (
        constraint.kind !== 'foreign-key' ||
        constraint.references === undefined ||
        !('relation' in operation) ||
        operation.relation === undefined
      )
        continue;
      found ??= [];
      found.push({ operation, relation: operation.relation, constraint });
    }
  }
  return found ?? NO_KEYS;
}

const NO_CONSTRAINTS: readonly ConstraintDefinition[] = [];

/** Constraints that an operation writes down. */
export function constraintsOf(operation: Operation): readonly ConstraintDefinition[] {
  if (operation.kind === 'create-table')
    return [...operation.constraints, ...operation.columns.flatMap((column) => column.constraints)];
  if (!('head' in operation)) return NO_CONSTRAINTS;
  if (operation.action.kind === 'add-constraint') return [operation.action.constraint];
  return operation.action.kind === 'add-column' ? operation.action.column.constraints : NO_CONSTRAINTS;
}

/** Whether an index of the relation begins with the columns, in any order: what a look-up by them needs. */
export function hasIndexOn(schema: Schema, relation: ObjectName, columns: readonly string[]): boolean {
  const key = relationKeyOf(schema, relation);
  return (
    indexesOf(schema, key).some(
      (index) =>
        holdsEveryKey(schema, index.where?.tree, columns) &&
        beginsWith(
          schema,
          index.elements.map((element) => element.column),
          columns,
        ),
    ) ||
    (schema.relations.get(key)?.constraints ?? []).some(
      (constraint) =>
        (constraint.kind === 'primary-key' || constraint.kind === 'unique') &&
        beginsWith(schema, constraint.columns, columns),
    )
  );
}

/** Whether an index over the rows that the condition holds for has every row with a key: it asks for nothing but keys that are not empty. */
function holdsEveryKey(schema: Schema, where: ExpressionTree | undefined, columns: readonly string[]): boolean {
  if (where === undefined) return true;
  if (where.kind === 'boolean' && where.operator === 'and')
    return where.operands.every((operand) => holdsEveryKey(schema, operand, columns));
  if (where.kind !== 'null-test' || !where.negated) return false;
  const [operand] = where.operands;
  return (
    operand.kind === 'column' && columns.some((column) => sameName(schema.product, column, operand.path.at(-1) ?? ''))
  );
}

function beginsWith(schema: Schema, elements: readonly (string | undefined)[], columns: readonly string[]): boolean {
  const head = elements.slice(0, columns.length);
  return columns.every((column) =>
    head.some((element) => element !== undefined && sameName(schema.product, element, column)),
  );
}

/** Columns that a foreign key points at: those that it names, or the primary key. */
export function referencedColumnsOf(parent: Relation, constraint: ConstraintDefinition): readonly string[] {
  const named = constraint.references?.columns ?? [];
  return named.length > 0
    ? named
    : (parent.constraints.find((candidate) => candidate.kind === 'primary-key')?.columns ?? []);
}

/** The referenced table as it is after the statement, so that a table of the statement itself is found. */
export function parentOf(statement: RuleStatement, constraint: ConstraintDefinition): Relation | undefined {
  return constraint.references === undefined
    ? undefined
    : findRelation(statement.after, constraint.references.relation);
}
