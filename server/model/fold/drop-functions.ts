import type { ExpressionTree } from '../expression.ts';
import { callsFunction, functionCallers, functionsCalling } from '../function-callers.ts';
import { dropColumn, GENERATED_NEEDS_CASCADE_VERSION } from './drop-column.ts';
import { functionLinkKey } from '../links.ts';
import { findFunction } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { DropObjects } from '../operation.ts';
import type { FunctionObject } from '../schema.ts';
import { callersIn, dropParts } from './called-functions.ts';
import type { Draft } from './draft.ts';
import { dropRelations, removeIndexTree, withoutDefault } from './drop-relations.ts';
import { matchesSignature } from './function-signature.ts';
import { dropHolder, functionUse, holdersOf } from './other-uses.ts';
import { forgetUser } from './tracked-users.ts';

export function dropFunctions(draft: Draft, operation: DropObjects): void {
  for (const [place, name] of operation.objects.entries()) {
    const object = findFunction(draft, name);
    if (object === undefined) {
      if (operation.objectKind === 'aggregate') dropHolder(draft, `aggregate ${name.name}`);
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
    const caller =
      left.length > 0 || operation.cascade
        ? undefined
        : functionCallers(draft, object, draft.version).next().value?.title;
    if (caller !== undefined)
      return draft.refuse(
        `${caller} calls the function ${object.name}: change that first, or write CASCADE to drop it too.`,
      );
    const [holder] = left.length > 0 ? [] : holdersOf(draft, functionUse(object));
    if (holder !== undefined && !operation.cascade)
      return draft.refuse(
        `The ${holder.replace('-', ' ')} uses the function ${object.name}: drop that first, or write CASCADE to drop it too.`,
      );
    if (users.length > 0 && !operation.cascade)
      return draft.refuse(
        `${users[0]?.relation.name ?? ''} uses the function ${object.name}: drop what uses it first, or write CASCADE to drop both.`,
      );
    if (left.length === 0 && draft.version < GENERATED_NEEDS_CASCADE_VERSION) dropGenerated(draft, object);
    if (left.length === 0 && operation.cascade) dropCallers(draft, object);
    for (const user of users)
      draft.putRelation({
        ...user.relation,
        triggers: user.relation.triggers.filter((trigger) => trigger.function !== `${object.schema}.${object.name}`),
      });
    if (left.length === 0) {
      const key = objectKey(object.schema, object.name);
      draft.removeFunction(key);
      forgetUser(draft, { kind: 'function', owner: key, name: object.name });
      for (const gone of holdersOf(draft, functionUse(object))) dropHolder(draft, gone);
    }
    if (left.length > 0) draft.putFunction({ ...object, overloads: left });
  }
}

/** Older servers take a generated column away with a function that it is made by. */
function dropGenerated(draft: Draft, object: FunctionObject): void {
  for (const relation of draft.relations.values())
    for (const column of relation.columns)
      if (column.generated !== undefined && callsFunction(draft, column.generated.expression.tree, object))
        dropColumn(draft, objectKey(relation.schema, relation.name), column.name, {
          cascade: true,
          only: false,
          isRecursion: true,
        });
}

/** With CASCADE whatever calls a function goes with it. */
function dropCallers(draft: Draft, object: FunctionObject): void {
  const calls = (tree: ExpressionTree | undefined): boolean => callsFunction(draft, tree, object);
  const key = objectKey(object.schema, object.name);
  const indexes = [...draft.indexes.entries()].filter(
    ([, index]) => calls(index.where?.tree) || index.elements.some((element) => calls(element.expression?.tree)),
  );
  for (const [indexKey] of indexes) removeIndexTree(draft, indexKey);
  dropGenerated(draft, object);
  for (const [relationKey, relation] of [...draft.relations.entries()]) {
    const parts = callersIn(relation, key);
    if (parts.some(({ kind }) => kind === 'view')) {
      dropRelations(draft, [relationKey], true);
      continue;
    }
    if (parts.length > 0) dropParts(draft, relationKey, parts);
    const isCalling =
      relation.columns.some((column) => calls(column.default?.tree)) ||
      relation.constraints.some((constraint) => calls(constraint.expression?.tree));
    if (isCalling)
      draft.changeRelation(relationKey, (current) => ({
        ...current,
        columns: current.columns.map((column) => (calls(column.default?.tree) ? withoutDefault(column) : column)),
        constraints: current.constraints.filter((constraint) => !calls(constraint.expression?.tree)),
      }));
  }
  for (const type of [...draft.types.values()]) {
    const { domain } = type;
    if (domain === undefined) continue;
    const constraints = domain.constraints.filter(({ expression }) => !calls(expression?.tree));
    const { default: value, ...rest } = domain;
    const isOpen = calls(value?.tree);
    if (isOpen || constraints.length < domain.constraints.length)
      draft.putType({ ...type, domain: { ...(isOpen ? rest : domain), constraints } });
  }
  for (const other of functionsCalling(draft, key)) {
    const otherKey = objectKey(other.schema, other.name);
    dropCallers(draft, other);
    draft.removeFunction(otherKey);
    forgetUser(draft, { kind: 'function', owner: otherKey, name: other.name });
  }
}
