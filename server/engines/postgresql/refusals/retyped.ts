import { type ExpressionTree, referencedColumns } from '../../../model/expression.ts';
import { findRelation, indexesOf } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { Operation, TableAction } from '../../../model/operation.ts';
import { isTableAction } from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';
import { storedExpression } from '../types/stored-expression.ts';
import { analysis } from '../types/query-columns.ts';
import { type ExpressionScope, scopeOf } from './expressions.ts';
import { unindexed } from './index-methods.ts';

/**
 * A CHECK or an index over a column that gets another type, which the server makes again over the new one: it has to have the
 * same operators, functions and operator classes.
 *
 * Source: PostgreSQL manual, "ALTER TABLE", SET DATA TYPE.
 */
export function refusedRetype(
  operation: TableAction,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  const { action, span } = operation;
  const relation = findRelation(schema, operation.relation);
  if (action.kind !== 'alter-type' || relation === undefined || !relation.columnsKnown) return undefined;
  // Names that the same statement gives and takes are not followed.
  if (siblings.some((other) => isTableAction(other) && !TYPE_CHANGES.has(other.action.kind))) return undefined;
  const before = scopeOf(schema, version, relation);
  const after = scopeOf(schema, version, retyped(relation, siblings));
  const again = (tree: ExpressionTree, words: string | undefined): string | undefined =>
    referencedColumns(tree).includes(action.column) ? unmade(tree, words, before, after) : undefined;
  for (const { kind, expression, name } of relation.constraints) {
    const why = kind === 'check' && expression !== undefined ? again(expression.tree, 'CHECK') : undefined;
    if (why !== undefined) return { span, message: `The CHECK ${name} of ${relation.name} is made again: ${why}` };
  }
  for (const index of indexesOf(schema, objectKey(relation.schema, relation.name))) {
    const at = (why: string): Refusal => ({ span, message: `The index ${index.name} is made again: ${why}` });
    const condition = index.where === undefined ? undefined : again(index.where.tree, 'WHERE');
    if (condition !== undefined) return at(condition);
    for (const element of index.elements) {
      const why = element.expression === undefined ? undefined : again(element.expression.tree, undefined);
      if (why !== undefined) return at(why);
      const refusal = element.column === action.column ? unindexed(element, index.method, after, span) : undefined;
      if (refusal !== undefined) return at(refusal.message);
    }
  }
  return undefined;
}

const TYPE_CHANGES: ReadonlySet<string> = new Set([
  'alter-type',
  'drop-default',
  'set-default',
  'set-not-null',
  'drop-not-null',
]);

/** The table with the types that the statement gives its columns. */
function retyped(relation: Relation, siblings: readonly Operation[]): Relation {
  const types = new Map(
    siblings.flatMap((other) =>
      isTableAction(other) && other.action.kind === 'alter-type'
        ? [[other.action.column, other.action.type] as const]
        : [],
    ),
  );
  return {
    ...relation,
    columns: relation.columns.map((column) => {
      const type = types.get(column.name);
      return type === undefined ? column : { ...column, type };
    }),
  };
}

/** Why an expression cannot be made again over other types. */
function unmade(
  tree: ExpressionTree,
  words: string | undefined,
  before: ExpressionScope,
  after: ExpressionScope,
): string | undefined {
  const first = analysis(before.schema, before.version);
  if (words === undefined) first.typeOf(tree, before.seen, 'no-aggregates');
  else first.condition(tree, before.seen, 'no-aggregates', words);
  // What was not read as it was made says nothing of what comes.
  if (first.problem !== undefined) return undefined;
  const stored = storedExpression(tree, first.turned, before.typeOf);
  const second = analysis(after.schema, after.version);
  if (words === undefined) second.typeOf(stored, after.seen, 'no-aggregates');
  else second.condition(stored, after.seen, 'no-aggregates', words);
  return second.problem;
}
