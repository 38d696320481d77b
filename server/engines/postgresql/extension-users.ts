import { type ExpressionTree, walkWithQueries } from '../../model/expression.ts';
import type { ExtensionUser, MadeObjects } from '../../model/fold/draft.ts';
import { callersIn, callerTitle } from '../../model/fold/called-functions.ts';
import { findFunction, findType } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { Index } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import { EXTENSION_MEMBERS, type ExtensionMembers } from './types/extension-members.ts';
import { INDEXED } from './types/function-data.ts';
import { valueType } from './types/value-type.ts';

/**
 * What of a schema needs what an extension brings, one after the other; undefined where it is not known what that is.
 *
 * A name that a migration made itself is none of the extension's.
 */
export function extensionUsers(schema: MadeObjects, extension: string): readonly ExtensionUser[] | undefined {
  const members = EXTENSION_MEMBERS[extension];
  return members === undefined ? undefined : [...usersIn(schema, extension, members)];
}

function* usersIn(schema: MadeObjects, extension: string, members: ExtensionMembers): IterableIterator<ExtensionUser> {
  for (const other of schema.extensions ?? [])
    if (EXTENSION_MEMBERS[other]?.requires?.has(extension) === true)
      yield { kind: 'extension', name: other, title: `The extension ${other}` };
  const isOfType = (type: TypeName | undefined): boolean =>
    type !== undefined && members.types?.has(type.name) === true && findType(schema, type) === undefined;
  const calls = (tree: ExpressionTree | undefined): boolean =>
    tree !== undefined &&
    [...walkWithQueries(tree)].some(
      (node) =>
        (node.kind === 'call' &&
          members.functions?.has(node.name) === true &&
          findFunction(schema, node) === undefined) ||
        (node.kind === 'cast' && isOfType(node.type)),
    );
  for (const [key, relation] of schema.relations.entries()) {
    const own = { relationKey: key };
    const isView = relation.kind === 'view' || relation.kind === 'materialized-view';
    for (const column of relation.columns) {
      const at = { ...own, name: column.name, title: `"${column.name}" of ${relation.name}` };
      if (isView) continue;
      if (isOfType(column.type)) yield { ...at, kind: 'column', why: `is ${column.type?.display ?? ''}` };
      else if (calls(column.generated?.expression.tree)) yield { ...at, kind: 'column', why: CALLS };
      else if (calls(column.default?.tree)) yield { ...at, kind: 'default', why: CALLS };
    }
    if (isView && relation.columns.some((column) => isOfType(column.type)))
      yield { ...own, kind: 'view', name: '', title: callerTitle(relation, { kind: 'view', name: '', functions: [] }) };
    for (const constraint of relation.constraints)
      if (calls(constraint.expression?.tree))
        yield {
          ...own,
          kind: 'constraint',
          name: constraint.name,
          title: `The constraint ${constraint.name} of ${relation.name}`,
          why: CALLS,
        };
    for (const called of members.functions ?? [])
      for (const part of callersIn(relation, called))
        yield { ...own, kind: part.kind, name: part.name, title: callerTitle(relation, part), why: CALLS };
    for (const trigger of relation.triggers)
      if (trigger.function !== undefined && members.functions?.has(trigger.function.split('.').at(-1) ?? '') === true) {
        const [name, owner] = trigger.function.split('.').toReversed();
        if (
          name !== undefined &&
          findFunction(schema, owner === undefined ? { name } : { schema: owner, name }) === undefined
        )
          yield {
            ...own,
            kind: 'trigger',
            name: trigger.name,
            title: `The trigger ${trigger.name} of ${relation.name}`,
            why: CALLS,
          };
      }
  }
  for (const [key, index] of schema.indexes.entries())
    if (
      needsMethod(index, members) ||
      isServed(index, schema, members) ||
      index.elements.some(({ expression }) => calls(expression?.tree)) ||
      calls(index.where?.tree)
    )
      yield {
        kind: index.constraint === undefined ? 'index' : 'constraint',
        relationKey: index.relationKey,
        name: index.constraint ?? key,
        title: index.constraint === undefined ? `The index ${index.name}` : `The constraint ${index.constraint}`,
      };
  for (const type of schema.types.values())
    if (
      isOfType(type.domain?.base) ||
      type.attributes?.some((attribute) => isOfType(attribute.type)) === true ||
      calls(type.domain?.default?.tree) ||
      type.domain?.constraints.some(({ expression }) => calls(expression?.tree)) === true
    )
      yield {
        kind: 'type',
        name: objectKey(type.schema, type.name),
        title: `The ${type.kind === 'domain' ? 'domain' : 'type'} ${type.name}`,
      };
  for (const [key, called] of schema.functions.entries())
    if (
      called.overloads.some(
        (overload) =>
          overload.argumentTypes.some(isOfType) ||
          isOfType(overload.returns) ||
          overload.outputs?.some((output) => isOfType(output.type)) === true ||
          overload.calls?.some((name) => members.functions?.has(name) === true) === true,
      )
    )
      yield { kind: 'function', name: key, title: `The function ${called.name}` };
}

const CALLS = 'calls a function of it';

function needsMethod({ method, elements }: Index, { methods, operatorClasses }: ExtensionMembers): boolean {
  return (
    methods?.has(method) === true ||
    elements.some(({ operatorClass }) => operatorClass !== undefined && operatorClasses?.has(operatorClass) === true)
  );
}

/** Whether an index takes a column only because of operator classes that the extension brings for built-in types. */
function isServed(
  { method, elements, relationKey }: Index,
  schema: MadeObjects,
  { serves }: ExtensionMembers,
): boolean {
  if (serves !== method) return false;
  const own = INDEXED[method]?.split(' ') ?? [];
  const sorted = INDEXED['btree']?.split(' ') ?? [];
  const relation = schema.relations.get(relationKey);
  return elements.some(({ column, operatorClass }) => {
    const type = valueType(schema, relation?.columns.find(({ name }) => name === column)?.type);
    if (type === undefined || type.isArray || operatorClass !== undefined) return false;
    if (type.enum !== undefined) return true;
    return (
      sorted.includes(type.name === 'varchar' ? 'text' : type.name) &&
      !own.includes(type.name) &&
      !/range$/.test(type.name)
    );
  });
}
