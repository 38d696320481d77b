import { type ExpressionTree, walkExpression } from '../expression.ts';
import { dropColumn, GENERATED_NEEDS_CASCADE_VERSION } from './drop-column.ts';
import { functionLinkKey } from '../links.ts';
import { findFunction } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { DropObjects } from '../operation.ts';
import type { FunctionObject } from '../schema.ts';
import type { Draft } from './draft.ts';
import { matchesSignature } from './function-signature.ts';
import { forgetUser } from './tracked-users.ts';

export function dropFunctions(draft: Draft, operation: DropObjects): void {
  for (const [place, name] of operation.objects.entries()) {
    const object = findFunction(draft, name);
    if (object === undefined) {
      if (!operation.ifExists && draft.isComplete && operation.objectKind !== 'aggregate')
        draft.refuse(`There is no ${operation.objectKind} "${name.name}".`);
      continue;
    }
    const wanted = operation.signatures?.[place];
    const left =
      wanted === undefined
        ? []
        : object.overloads.filter((overload) => !matchesSignature(wanted, overload.argumentTypes));
    if (wanted === undefined && object.overloads.length > 1)
      return draft.refuse(`There is more than one "${name.name}": write its argument types.`);
    if (left.length === object.overloads.length) {
      if (!operation.ifExists) draft.refuse(`There is no "${name.name}" with these argument types.`);
      continue;
    }
    const users = left.length > 0 ? [] : draft.dependantsOf(functionLinkKey(object.schema, object.name));
    const caller = left.length > 0 || operation.cascade ? undefined : callerOf(draft, object);
    if (caller !== undefined)
      return draft.refuse(
        `${caller} calls the function ${object.name}: change that first, or write CASCADE to drop it too.`,
      );
    if (users.length > 0 && !operation.cascade)
      return draft.refuse(
        `${users[0]?.relation.name ?? ''} uses the function ${object.name}: drop what uses it first, or write CASCADE to drop both.`,
      );
    if (left.length === 0 && draft.version < GENERATED_NEEDS_CASCADE_VERSION) dropGenerated(draft, object);
    for (const user of users)
      draft.putRelation({
        ...user.relation,
        triggers: user.relation.triggers.filter((trigger) => trigger.function !== `${object.schema}.${object.name}`),
      });
    if (left.length === 0) {
      const key = objectKey(object.schema, object.name);
      draft.removeFunction(key);
      forgetUser(draft, { kind: 'function', owner: key, name: object.name });
    }
    if (left.length > 0) draft.putFunction({ ...object, overloads: left });
  }
}

/** Older servers take a generated column away with a function that it is made by. */
function dropGenerated(draft: Draft, object: FunctionObject): void {
  for (const relation of draft.relations.values())
    for (const column of relation.columns)
      if (column.generated !== undefined && callsIn(draft, column.generated.expression.tree, object))
        dropColumn(draft, objectKey(relation.schema, relation.name), column.name, {
          cascade: true,
          only: false,
          isRecursion: true,
        });
}

/** Whether an expression calls a function. */
function callsIn(draft: Draft, tree: ExpressionTree | undefined, object: FunctionObject): boolean {
  return (
    tree !== undefined &&
    [...walkExpression(tree)].some(
      (node) => node.kind === 'call' && node.name === object.name && findFunction(draft, node) === object,
    )
  );
}

/** What of a table calls a function: a default, an index, a constraint or a generated column. */
function callerOf(draft: Draft, object: FunctionObject): string | undefined {
  const calls = (tree: ExpressionTree | undefined): boolean => callsIn(draft, tree, object);
  for (const relation of draft.relations.values()) {
    const column = relation.columns.find(
      (each) =>
        calls(each.default?.tree) ||
        (draft.version >= GENERATED_NEEDS_CASCADE_VERSION && calls(each.generated?.expression.tree)),
    );
    if (column !== undefined) return `"${column.name}" of ${relation.name}`;
    const constraint = relation.constraints.find((each) => calls(each.expression?.tree));
    if (constraint !== undefined) return `The constraint ${constraint.name} of ${relation.name}`;
  }
  for (const index of draft.indexes.values())
    if (calls(index.where?.tree) || index.elements.some((element) => calls(element.expression?.tree)))
      return `The index ${index.name}`;
  return undefined;
}
