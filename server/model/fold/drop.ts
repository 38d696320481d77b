import { without } from '../../core/without.ts';
import { functionLinkKey, incoming, typeLinkKey } from '../links.ts';
import { findIndex, findRelation, findSequence, findType, sameName, searchSchemas } from '../lookup.ts';
import { type ObjectName, objectKey } from '../names.ts';
import type { DropObjects } from '../operation.ts';
import type { Relation, UserType } from '../schema.ts';
import type { Draft } from './draft.ts';
import { dropColumn } from './drop-column.ts';
import { dropExtensionUsers, forgetExtension } from './drop-extensions.ts';
import { dropFunctions } from './drop-functions.ts';
import { dropIndexes, dropRelations, dropSequences, removeTrigger } from './drop-relations.ts';
import { refuseOrDropHolders } from './other-uses.ts';
import { routineOf } from '../routine-types.ts';
import { dropPublications, movePublishedSchema } from './publications.ts';
import { forgetUser } from './tracked-users.ts';

/** DROP of any kind of object, with what goes with it. */
export function dropObjects(draft: Draft, operation: DropObjects): void {
  switch (operation.kind) {
    case 'drop-table':
    case 'drop-view':
    case 'drop-materialized-view':
      return dropRelations(
        draft,
        found(draft, operation, (name) => keyOfKind(draft, name, operation.kind)),
        operation.cascade,
      );
    case 'drop-index':
      return dropIndexes(
        draft,
        found(draft, operation, (name) => keyed(findIndex(draft, name))),
        operation.cascade,
      );
    case 'drop-sequence':
      return dropSequences(
        draft,
        found(draft, operation, (name) => keyed(findSequence(draft, name))),
        operation.cascade,
      );
    case 'drop-type':
      return dropTypes(
        draft,
        found(draft, operation, (name) => keyed(findType(draft, name))),
        operation.cascade,
      );
    case 'drop-function':
      return dropFunctions(draft, operation);
    case 'drop-trigger':
    case 'drop-policy':
    case 'drop-rule':
      return dropPart(draft, operation);
    case 'drop-schema':
      return dropSchemas(draft, operation);
    case 'drop-object':
      // Whatever a role owned is gone, and who owned what is not known.
      if (operation.objectKind === 'owned') draft.isComplete = false;
      if (operation.objectKind === 'publication') dropPublications(draft, operation);
      if (operation.objectKind === 'extension') dropExtensionUsers(draft, operation, dropTypes);
      if (draft.isRefused) return;
      dropOthers(draft, operation);
      return;
    case 'drop-statistics':
      return dropStatistics(draft, operation);
  }
}

function keyed(object: { readonly schema: string; readonly name: string } | undefined): string | undefined {
  return object === undefined ? undefined : objectKey(object.schema, object.name);
}

/** Keys of the named objects; a missing one refuses the statement unless it may be missing or unknown. */
function found(
  draft: Draft,
  operation: DropObjects,
  keyOf: (name: ObjectName) => string | undefined,
): readonly string[] {
  return operation.objects.flatMap((name) => {
    const key = keyOf(name);
    if (key !== undefined) return [key];
    const unknownKey = objectKey(
      searchSchemas(draft, name.schema).at(name.schema === undefined ? 1 : 0) ?? 'public',
      name.name,
    );
    if (!operation.ifExists && (draft.isComplete || draft.dropped.has(unknownKey)))
      draft.refuse(
        `There is no ${operation.objectKind.replaceAll('-', ' ')} "${name.name}"${draft.dropped.has(unknownKey) ? ' any more: it was dropped' : ''}.`,
      );
    // What nobody saw being made is gone all the same.
    else if (!draft.isComplete && !operation.ifExists) draft.dropped = draft.dropped.set(unknownKey, draft.origin);
    return [];
  });
}

function keyOfKind(draft: Draft, name: ObjectName, kind: DropObjects['kind']): string | undefined {
  const relation = findRelation(draft, name);
  if (relation === undefined) return undefined;
  const isWrong =
    relation.detailsKnown &&
    (kind === 'drop-table'
      ? relation.kind === 'view' || relation.kind === 'materialized-view'
      : kind === 'drop-view'
        ? relation.kind !== 'view'
        : relation.kind !== 'materialized-view');
  if (isWrong) draft.refuse(`"${relation.name}" is a ${relation.kind.replaceAll('-', ' ')}: drop it as one.`);
  return objectKey(relation.schema, relation.name);
}

function dropTypes(draft: Draft, keys: readonly string[], cascade: boolean): void {
  for (const key of keys) {
    const type = draft.types.get(key);
    if (type === undefined) continue;
    const link = typeLinkKey(type.schema, type.name);
    const users = incoming(draft.links, link).dependants.filter((user) => user !== link);
    if (users.length > 0 && !cascade) {
      const [user = ''] = users;
      const relation = draft.relations.get(user);
      const column = relation?.columns.find((other) => other.type?.name === type.name);
      return draft.refuse(
        `${relation === undefined ? 'Another type' : column === undefined ? relation.name : `"${column.name}" of ${relation.name}`} is of the type ${type.name}: change that first, or write CASCADE to drop it too.`,
      );
    }
    const routine = cascade ? undefined : routineOf(draft.functions.values(), type);
    if (routine !== undefined)
      return draft.refuse(
        `The function ${routine} takes or gives the type ${type.name}: drop it first, or write CASCADE to drop it too.`,
      );
    for (const user of users) {
      if (draft.relations.get(user)?.ofType === key) dropRelations(draft, [user], true);
      const relation = draft.relations.get(user);
      for (const column of relation?.columns ?? [])
        if (column.type?.name === type.name && column.type.schema === type.schema)
          dropColumn(draft, user, column.name, { cascade: true, only: false, isRecursion: true });
      for (const other of draft.types.values()) {
        if (typeLinkKey(other.schema, other.name) !== user) continue;
        if (other.kind === 'domain') dropTypes(draft, [objectKey(other.schema, other.name)], true);
        else
          draft.putType({
            ...other,
            attributes: (other.attributes ?? []).filter(
              (attribute) => attribute.type?.name !== type.name || attribute.type.schema !== type.schema,
            ),
          });
      }
    }
    dropRoutinesOf(draft, type);
    draft.removeType(key);
  }
}

/** With CASCADE the functions that take or give a type go with it. */
function dropRoutinesOf(draft: Draft, type: UserType): void {
  for (const made of draft.functions.values()) {
    const overloads = made.overloads.filter(
      (overload) => routineOf([{ ...made, overloads: [overload] }], type) === undefined,
    );
    if (overloads.length === made.overloads.length) continue;
    if (overloads.length === 0) draft.removeFunction(objectKey(made.schema, made.name));
    else draft.putFunction({ ...made, overloads });
  }
}

function dropPart(draft: Draft, operation: DropObjects): void {
  for (const { name } of operation.objects) {
    const relation =
      operation.relation === undefined ? relationOfTrigger(draft, name) : findRelation(draft, operation.relation);
    if (relation === undefined) {
      if (!operation.ifExists && draft.isComplete)
        draft.refuse(`There is no table "${operation.relation?.name ?? ''}".`);
      continue;
    }
    dropPartOf(draft, relation, operation, name);
  }
}

function dropPartOf(draft: Draft, relation: Relation, operation: DropObjects, name: string): void {
  const isThere =
    operation.kind === 'drop-trigger'
      ? relation.triggers.some((trigger) => sameName(draft.product, trigger.name, name))
      : (operation.kind === 'drop-policy' ? relation.policies : relation.rules).includes(name);
  if (!isThere) {
    if (!operation.ifExists && relation.detailsKnown)
      draft.refuse(`${relation.name} has no ${operation.objectKind} "${name}".`);
    return;
  }
  if (operation.kind === 'drop-policy') {
    draft.putRelation({
      ...relation,
      policies: relation.policies.filter((policy) => policy !== name),
      ...(relation.policyDefinitions === undefined
        ? {}
        : { policyDefinitions: without(relation.policyDefinitions, name) }),
    });
    forgetUser(draft, { kind: 'policy', owner: objectKey(relation.schema, relation.name), name });
  } else if (operation.kind === 'drop-rule') {
    const ruleActions = relation.ruleActions?.filter((action) => action.name !== name);
    draft.putRelation({
      ...relation,
      rules: relation.rules.filter((rule) => rule !== name),
      ...(ruleActions === undefined ? {} : { ruleActions }),
    });
  } else removeTrigger(draft, objectKey(relation.schema, relation.name), name);
}

/** SQLite names a trigger without its table. */
function relationOfTrigger(draft: Draft, name: string): Relation | undefined {
  for (const relation of draft.relations.values())
    if (relation.triggers.some((trigger) => sameName(draft.product, trigger.name, name))) return relation;
  return undefined;
}

function dropSchemas(draft: Draft, operation: DropObjects): void {
  for (const { name } of operation.objects) {
    if (!draft.schemas.has(name) && draft.isComplete) {
      if (!operation.ifExists) draft.refuse(`There is no schema "${name}".`);
      continue;
    }
    const within = <Value extends { readonly schema: string; readonly name: string }>(
      values: Iterable<Value>,
    ): readonly string[] =>
      [...values].filter((value) => value.schema === name).map((value) => objectKey(value.schema, value.name));
    const relations = within(draft.relations.values());
    const extensions = draft.extensions.filter((extension) => draft.extensionSchemas[extension] === name);
    const [extension] = extensions;
    if (!operation.cascade && extension !== undefined)
      return draft.refuse(
        `The extension ${extension} is in the schema ${name}: drop or move it first, or write CASCADE to drop it too.`,
      );
    const others = [
      ...within(draft.types.values()),
      ...within(draft.functions.values()),
      ...within(draft.sequences.values()),
    ];
    if (!operation.cascade && relations.length + others.length > 0)
      return draft.refuse(
        `The schema ${name} is not empty: drop what is in it first, or write CASCADE to drop it all.`,
      );
    movePublishedSchema(draft, name, undefined);
    if (extensions.length > 0) {
      const objects = extensions.map((each) => ({ name: each, quoted: false, span: operation.span }));
      dropExtensionUsers(draft, { ...operation, objects }, dropTypes);
      for (const each of extensions) forgetExtension(draft, each);
    }
    dropRelations(draft, relations, true);
    dropSequences(draft, within(draft.sequences.values()), true);
    dropTypes(draft, within(draft.types.values()), true);
    for (const key of within(draft.functions.values())) {
      const object = draft.functions.get(key);
      if (object !== undefined)
        for (const user of draft.dependantsOf(functionLinkKey(object.schema, object.name)))
          draft.putRelation({
            ...user.relation,
            triggers: user.relation.triggers.filter(
              (trigger) => trigger.function !== `${object.schema}.${object.name}`,
            ),
          });
      draft.removeFunction(key);
    }
    draft.schemas = draft.schemas.delete(name);
  }
}

/** Extensions, and kinds of objects that have no map. */
function dropOthers(draft: Draft, operation: DropObjects): void {
  refuseOrDropHolders(draft, operation);
  if (draft.isRefused) return;
  const { objectKind, objects } = operation;
  const names = objects.map((object) => object.name);
  if (objectKind === 'extension') for (const name of names) forgetExtension(draft, name);
  const gone = names.map((name) => `${objectKind} ${name}`).filter((other) => draft.others.has(other));
  if (gone.length > 0) draft.others = new Set([...draft.others].filter((other) => !gone.includes(other)));
}

function dropStatistics(draft: Draft, operation: DropObjects): void {
  const names = operation.objects.map((object) => object.name);
  for (const relation of draft.relations.values()) {
    if (relation.statistics?.some((name) => names.includes(name)) !== true) continue;
    draft.putRelation({ ...relation, statistics: relation.statistics.filter((name) => !names.includes(name)) });
  }
}
