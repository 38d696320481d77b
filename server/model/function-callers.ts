import { type ExpressionTree, walkExpression } from './expression.ts';
import { GENERATED_NEEDS_CASCADE_VERSION } from './fold/drop-column.ts';
import { callersIn, callerTitle } from './fold/called-functions.ts';
import { findFunction, type SchemaView } from './lookup.ts';
import { objectKey } from './names.ts';
import type { FunctionObject, Schema } from './schema.ts';

/** What calls a function in a way that the database follows. */
export interface FunctionCaller {
  /** Begins a sentence. */
  readonly title: string;
  /** Of what belongs to a table or is a view. */
  readonly relationKey?: string;
  readonly isView?: true;
}

/** Whether an expression calls a function. */
export function callsFunction(schema: SchemaView, tree: ExpressionTree | undefined, object: FunctionObject): boolean {
  return (
    tree !== undefined &&
    [...walkExpression(tree)].some(
      (node) => node.kind === 'call' && node.name === object.name && findFunction(schema, node) === object,
    )
  );
}

/** Defaults, constraints, indexes, generated columns, policies, rules, triggers, views, domains and functions that call a function. */
export function* functionCallers(
  schema: SchemaView & Pick<Schema, 'relations' | 'indexes' | 'types' | 'functions'>,
  object: FunctionObject,
  version: number,
): Generator<FunctionCaller, undefined> {
  const calls = (tree: ExpressionTree | undefined): boolean => callsFunction(schema, tree, object);
  const key = objectKey(object.schema, object.name);
  for (const [relationKey, relation] of schema.relations.entries()) {
    for (const column of relation.columns)
      if (
        calls(column.default?.tree) ||
        (version >= GENERATED_NEEDS_CASCADE_VERSION && calls(column.generated?.expression.tree))
      )
        yield { relationKey, title: `"${column.name}" of ${relation.name}` };
    for (const constraint of relation.constraints)
      if (calls(constraint.expression?.tree))
        yield { relationKey, title: `The constraint ${constraint.name} of ${relation.name}` };
    for (const part of callersIn(relation, key))
      yield {
        relationKey,
        title: callerTitle(relation, part),
        ...(part.kind === 'view' ? { isView: true as const } : {}),
      };
  }
  for (const index of schema.indexes.values())
    if (calls(index.where?.tree) || index.elements.some((element) => calls(element.expression?.tree)))
      yield { relationKey: index.relationKey, title: `The index ${index.name}` };
  for (const { name, domain } of schema.types.values())
    if (calls(domain?.default?.tree) || domain?.constraints.some(({ expression }) => calls(expression?.tree)) === true)
      yield { title: `The domain ${name}` };
  for (const follower of functionsCalling(schema, key)) yield { title: `The function ${follower.name}` };
}

/** Functions whose body the database follows, and which call another one. */
export function functionsCalling(schema: Pick<Schema, 'functions'>, key: string): readonly FunctionObject[] {
  return [...schema.functions.values()].filter(
    (other) =>
      objectKey(other.schema, other.name) !== key &&
      other.overloads.some((overload) => overload.calls?.includes(key) === true),
  );
}
