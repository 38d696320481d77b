import { functionLinkKey, incoming, typeLinkKey } from '../links.ts';
import { findFunction, findIndex, findRelation, findSequence, findType } from '../lookup.ts';
import { type ObjectName, displayName, objectKey } from '../names.ts';
import type { RenameObject, SetObjectSchema } from '../operation.ts';
import { type CallingPart, isAnyTable, type Constraint, type Relation, type UserType } from '../schema.ts';
import { routineOf } from '../routine-types.ts';
import { renameInCalls } from './called-functions.ts';
import type { Draft } from './draft.ts';
import { renameInExpressions } from './call-rename.ts';
import { renameInList } from './expression-rename.ts';
import { movePublishedSchema, renamePublication } from './publications.ts';
import { relationForChange } from './relations.ts';
import { moveRelation, moveSequence, renameInTriggers, renameIndex } from './rename-relation.ts';

/** RENAME of anything but a table's column or constraint. */
export function renameObject(draft: Draft, operation: RenameObject): void {
  const { object, newName } = operation;
  const missing = (): void => {
    if (!operation.ifExists && draft.isComplete)
      draft.refuse(`There is no ${operation.objectKind} "${operation.object.name}".`);
  };
  switch (operation.objectKind) {
    case 'table':
    case 'foreign-table':
    case 'view':
    case 'materialized-view':
    case 'index':
    case 'sequence':
      return renameAnyRelation(draft, object, newName, operation.ifExists);
    case 'type':
    case 'domain': {
      const type = findType(draft, object);
      return type === undefined ? missing() : moveType(draft, type, type.schema, newName);
    }
    case 'function':
    case 'procedure':
    case 'routine':
    case 'aggregate':
      return moveFunction(draft, object, undefined, newName, operation.objectKind);
    case 'schema':
      return renameSchema(draft, object.name, newName);
    case 'trigger':
    case 'policy':
    case 'rule':
      return renamePart(draft, operation);
    case 'publication':
      return renamePublication(draft, object.name, newName);
    case 'constraint': {
      const type = operation.relation === undefined ? undefined : findType(draft, operation.relation);
      if (type?.domain === undefined) return missing();
      const rename = (constraint: Constraint): Constraint =>
        constraint.name === object.name ? { ...constraint, name: newName } : constraint;
      return draft.putType({ ...type, domain: { ...type.domain, constraints: type.domain.constraints.map(rename) } });
    }
    default:
      return;
  }
}

/** ALTER TABLE name RENAME TO works on tables, views, indexes and sequences alike. */
export function renameAnyRelation(draft: Draft, name: ObjectName, newName: string, ifExists: boolean): void {
  const relation = findRelation(draft, name);
  const index = relation === undefined ? findIndex(draft, name) : undefined;
  const sequence = relation === undefined && index === undefined ? findSequence(draft, name) : undefined;
  if (index !== undefined) return renameIndex(draft, index, newName);
  if (sequence !== undefined) return moveSequence(draft, sequence, sequence.schema, newName);
  const found = relation ?? relationForChange(draft, name, ifExists);
  if (found === undefined) return;
  moveRelation(draft, found, found.schema, newName);
  renameInTriggers(draft, found.name, newName);
}

function renamePart(draft: Draft, operation: RenameObject): void {
  const relation = operation.relation === undefined ? undefined : findRelation(draft, operation.relation);
  if (relation === undefined) {
    if (draft.isComplete && !operation.ifExists) draft.refuse(`There is no table "${operation.relation?.name ?? ''}".`);
    return;
  }
  const { name } = operation.object;
  if (operation.objectKind === 'policy')
    return draft.putRelation({
      ...relation,
      ...renamedCalls(relation, 'policy', name, operation.newName),
      policies: renameInList(relation.policies, name, operation.newName),
      ...(relation.policyDefinitions === undefined
        ? {}
        : { policyDefinitions: renamedMember(relation.policyDefinitions, name, operation.newName) }),
    });
  if (operation.objectKind === 'rule') {
    const ruleActions = relation.ruleActions?.map((action) =>
      action.name === name ? { ...action, name: operation.newName } : action,
    );
    return draft.putRelation({
      ...relation,
      ...renamedCalls(relation, 'rule', name, operation.newName),
      rules: renameInList(relation.rules, name, operation.newName),
      ...(ruleActions === undefined ? {} : { ruleActions }),
    });
  }
  renameTrigger(draft, objectKey(relation.schema, relation.name), name, operation.newName);
}

function renamedCalls(
  { calls }: Relation,
  kind: CallingPart['kind'],
  from: string,
  to: string,
): Pick<Relation, 'calls'> {
  return calls === undefined
    ? {}
    : { calls: calls.map((part) => (part.kind === kind && part.name === from ? { ...part, name: to } : part)) };
}

function renamedMember<Value>(
  record: Readonly<Record<string, Value>>,
  from: string,
  to: string,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name === from ? to : name, value]));
}

function renameTrigger(draft: Draft, key: string, from: string, to: string): void {
  draft.changeRelation(key, (relation) => ({
    ...relation,
    ...renamedCalls(relation, 'trigger', from, to),
    triggers: relation.triggers.map((trigger) => (trigger.name === from ? { ...trigger, name: to } : trigger)),
  }));
  // Copies in partitions follow from PostgreSQL 15 on.
  if (draft.version >= 15)
    for (const child of draft.childrenOf(key))
      if (child.relation.partitionOf !== undefined) renameTrigger(draft, child.key, from, to);
}

/** Gives a type another schema or name; columns, domains and composite types that use it follow. */
export function moveType(draft: Draft, type: UserType, schema: string, name: string): void {
  const from = objectKey(type.schema, type.name);
  const to = objectKey(schema, name);
  if (from === to) return;
  if (draft.types.has(to) || draft.relations.has(to)) return draft.refuseTaken(schema, name);
  const link = typeLinkKey(type.schema, type.name);
  const users = incoming(draft.links, link).dependants;
  draft.removeType(from);
  draft.putType({ ...type, schema, name });
  const renamed = <Used extends { readonly schema?: string; readonly name: string; readonly display: string }>(
    used: Used,
  ): Used =>
    used.schema === type.schema && used.name === type.name
      ? { ...used, schema, name, display: displayName({ schema, name }) }
      : used;
  for (const user of users) {
    draft.changeRelation(user, (relation) => ({
      ...relation,
      columns: relation.columns.map((column) =>
        column.type === undefined ? column : { ...column, type: renamed(column.type) },
      ),
    }));
    draft.changeRelation(user, (relation) =>
      isAnyTable(relation) && relation.ofType === from ? { ...relation, ofType: to } : relation,
    );
  }
  for (const made of draft.functions.values()) {
    if (routineOf([made], type) === undefined) continue;
    draft.putFunction({
      ...made,
      overloads: made.overloads.map((overload) => ({
        ...overload,
        argumentTypes: overload.argumentTypes.map(renamed),
        ...(overload.returns === undefined ? {} : { returns: renamed(overload.returns) }),
        ...(overload.outputs === undefined
          ? {}
          : { outputs: overload.outputs.map((output) => ({ ...output, type: renamed(output.type) })) }),
      })),
    });
  }
  if (!users.some((user) => user.startsWith('type\u0000'))) return;
  for (const other of draft.types.values()) {
    if (!users.includes(typeLinkKey(other.schema, other.name))) continue;
    draft.putType({
      ...other,
      ...(other.domain === undefined ? {} : { domain: { ...other.domain, base: renamed(other.domain.base) } }),
      ...(other.attributes === undefined
        ? {}
        : {
            attributes: other.attributes.map((attribute) =>
              attribute.type === undefined ? attribute : { ...attribute, type: renamed(attribute.type) },
            ),
          }),
    });
  }
}

function moveFunction(
  draft: Draft,
  name: ObjectName,
  schema: string | undefined,
  newName: string,
  kind: RenameObject['objectKind'] = 'routine',
): void {
  const object = findFunction(draft, name);
  if (object === undefined) return;
  const isWrongKind =
    (kind === 'function' && object.overloads.every((overload) => overload.procedure)) ||
    (kind === 'procedure' && !object.overloads.some((overload) => overload.procedure));
  if (isWrongKind) return draft.refuse(`"${name.name}" is no ${kind}.`);
  const to = { schema: schema ?? object.schema, name: newName };
  const key = objectKey(object.schema, object.name);
  if (key === objectKey(to.schema, to.name)) return;
  const users = draft.dependantsOf(functionLinkKey(object.schema, object.name));
  renameInExpressions(draft, object, to);
  draft.removeFunction(key);
  draft.putFunction({ ...object, ...to });
  renameInCalls(draft, key, objectKey(to.schema, to.name));
  for (const { relation } of users) {
    draft.putRelation({
      ...relation,
      triggers: relation.triggers.map((trigger) =>
        trigger.function === `${object.schema}.${object.name}`
          ? { ...trigger, function: `${to.schema}.${to.name}` }
          : trigger,
      ),
    });
  }
}

function renameSchema(draft: Draft, from: string, to: string): void {
  const schema = draft.schemas.get(from);
  if ((schema === undefined && draft.isComplete) || draft.schemas.has(to))
    return draft.refuse(draft.schemas.has(to) ? `There is a schema "${to}" already.` : `There is no schema "${from}".`);
  draft.schemas = draft.schemas.delete(from).set(to, { name: to, origin: schema?.origin ?? draft.origin });
  movePublishedSchema(draft, from, to);
  for (const [extension, home] of Object.entries(draft.extensionSchemas))
    if (home === from) draft.extensionSchemas = { ...draft.extensionSchemas, [extension]: to };
  for (const relation of [...draft.relations.values()])
    if (relation.schema === from) moveRelation(draft, relation, to, relation.name);
  for (const sequence of [...draft.sequences.values()])
    if (sequence.schema === from) moveSequence(draft, sequence, to, sequence.name);
  for (const type of [...draft.types.values()]) if (type.schema === from) moveType(draft, type, to, type.name);
  for (const object of [...draft.functions.values()])
    if (object.schema === from) moveFunction(draft, { ...object, span: { start: 0, end: 0 } }, to, object.name);
}

/** ALTER ... SET SCHEMA of anything but a table. */
export function setObjectSchema(draft: Draft, operation: SetObjectSchema): void {
  const schema = draft.schemaFor(operation.schema, false);
  if (schema === undefined) return;
  const missing = (): void => {
    if (!operation.ifExists && draft.isComplete)
      draft.refuse(`There is no ${operation.objectKind} "${operation.object.name}".`);
  };
  switch (operation.objectKind) {
    case 'table':
    case 'foreign-table':
    case 'view':
    case 'materialized-view':
    case 'sequence':
      return setRelationSchema(draft, operation.object, schema, operation.ifExists);
    case 'type':
    case 'domain': {
      const type = findType(draft, operation.object);
      return type === undefined ? missing() : moveType(draft, type, schema, type.name);
    }
    case 'function':
    case 'procedure':
    case 'routine':
    case 'aggregate':
      return moveFunction(draft, operation.object, schema, operation.object.name, operation.objectKind);
    case 'extension':
      if (draft.extensions.includes(operation.object.name))
        draft.extensionSchemas = { ...draft.extensionSchemas, [operation.object.name]: schema };
      return;
    default:
      return;
  }
}

/** ALTER TABLE name SET SCHEMA, which works on views and sequences too. */
export function setRelationSchema(draft: Draft, name: ObjectName, schema: string, ifExists: boolean): void {
  const relation = findRelation(draft, name);
  const sequence = relation === undefined ? findSequence(draft, name) : undefined;
  if (sequence !== undefined)
    return sequence.ownedBy === undefined
      ? moveSequence(draft, sequence, schema, sequence.name)
      : draft.refuse(`${sequence.name} belongs to a column, and moves with its table only.`);
  const found = relation ?? relationForChange(draft, name, ifExists);
  if (found !== undefined) moveRelation(draft, found, schema, found.name);
}
