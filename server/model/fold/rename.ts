import { functionLinkKey, incoming, sequenceOfDefault, typeLinkKey } from '../links.ts';
import { findFunction, findIndex, findRelation, findSequence, findType, sameName } from '../lookup.ts';
import { displayName, objectKey, type ObjectName } from '../names.ts';
import type { RenameObject, SetObjectSchema } from '../operation.ts';
import type { Column, Constraint, Index, Relation, Sequence, UserType } from '../schema.ts';
import type { Draft } from './draft.ts';
import { renameInConstraint, renameInElements, renameInExpression, renameInList } from './expression-rename.ts';
import { movePublished } from './publications.ts';
import { relationForChange } from './relations.ts';

/** Gives a relation another schema or name; everything that points at it follows. */
export function moveRelation(draft: Draft, relation: Relation, schema: string, name: string): void {
  const from = objectKey(relation.schema, relation.name);
  const to = objectKey(schema, name);
  if (from === to) return;
  if (draft.isTaken(schema, name) && !(draft.product.ignoresCase && from.toLowerCase() === to.toLowerCase()))
    return draft.refuseTaken(schema, name);
  const indexes = draft.indexesOf(from);
  const sequences = draft.sequencesOf(from);
  const referencing = draft.foreignKeysTo(from);
  const children = draft.childrenOf(from);
  const dependants = draft.dependantsOf(from);
  const { dropped } = draft;
  movePublished(draft, from, to);
  draft.removeRelation(from);
  draft.dropped = dropped.set(from, draft.origin);
  const renamed = (index: string): string => draft.rules.indexAfterRename(index, relation.name, name);
  draft.putRelation({
    ...relation,
    schema,
    name,
    constraints: relation.constraints.map((constraint) =>
      constraint.index === undefined ? constraint : { ...constraint, index: renamed(constraint.index) },
    ),
  });
  for (const index of indexes) {
    if (relation.schema !== schema || renamed(index.name) !== index.name)
      draft.removeIndex(objectKey(index.schema, index.name));
    draft.putIndex({ ...index, schema, name: renamed(index.name), relationKey: to });
  }
  for (const { key, sequence } of sequences) {
    if (relation.schema !== schema) draft.removeSequence(key);
    draft.putSequence({ ...sequence, schema, ownedBy: { relationKey: to, column: sequence.ownedBy?.column ?? '' } });
    if (relation.schema !== schema) renameInDefaults(draft, key, { schema, name: sequence.name });
  }
  for (const holder of new Set(
    referencing.map((reference) => (reference.relationKey === from ? to : reference.relationKey)),
  )) {
    draft.changeRelation(holder, (other) => ({
      ...other,
      constraints: other.constraints.map((constraint) =>
        constraint.kind === 'foreign-key' && constraint.references.key === from
          ? { ...constraint, references: { ...constraint.references, key: to, schema, name } }
          : constraint,
      ),
    }));
  }
  for (const { key } of children) {
    draft.changeRelation(key, (child) => ({
      ...child,
      inherits: renameInList(child.inherits, from, to),
      ...(child.partitionOf?.parentKey === from ? { partitionOf: { ...child.partitionOf, parentKey: to } } : {}),
    }));
  }
  for (const { key } of dependants) {
    draft.changeRelation(key, (view) => ({
      ...view,
      dependsOn: view.dependsOn.map((read) => (read.key === from ? { ...read, key: to } : read)),
    }));
  }
}

/** Column defaults that take values from a sequence, after it got another name. */
function renameInDefaults(
  draft: Draft,
  oldKey: string,
  sequence: { readonly schema: string; readonly name: string },
): void {
  const value = displayName(sequence);
  for (const { relation } of draft.dependantsOf(oldKey)) {
    const rename = (column: Column): Column => {
      if (column.default === undefined || sequenceOfDefault(column, relation.schema) !== oldKey) return column;
      return {
        ...column,
        default: {
          ...column.default,
          text: `nextval('${value.replaceAll("'", "''")}'::regclass)`,
          tree: { kind: 'call', name: 'nextval', operands: [{ kind: 'literal', value }] },
        },
      };
    };
    draft.putRelation({ ...relation, columns: relation.columns.map(rename) });
  }
}

export function moveSequence(draft: Draft, sequence: Sequence, schema: string, name: string): void {
  const from = objectKey(sequence.schema, sequence.name);
  if (from === objectKey(schema, name)) return;
  if (draft.isTaken(schema, name)) return draft.refuseTaken(schema, name);
  draft.putSequence({ ...sequence, schema, name });
  renameInDefaults(draft, from, { schema, name });
  draft.removeSequence(from);
}

/** Gives an index another name; the constraint that it backs has the same name always. */
export function renameIndex(draft: Draft, index: Index, name: string): void {
  const from = objectKey(index.schema, index.name);
  if (index.name === name) return;
  const isConstraintTaken =
    index.constraint !== undefined &&
    draft.relations.get(index.relationKey)?.constraints.some((constraint) => constraint.name === name) === true;
  if (draft.isTaken(index.schema, name) || isConstraintTaken)
    return isConstraintTaken
      ? draft.refuse(`The table has a constraint "${name}" already.`)
      : draft.refuseTaken(index.schema, name);
  const to = objectKey(index.schema, name);
  const { children } = incoming(draft.links, from);
  draft.removeIndex(from);
  draft.putIndex({ ...index, name, ...(index.constraint === undefined ? {} : { constraint: name }) });
  for (const child of children) draft.changeIndex(child, (other) => ({ ...other, parentKey: to }));
  draft.changeRelation(index.relationKey, (relation) => ({
    ...relation,
    constraints: relation.constraints.map((constraint) =>
      constraint.index === index.name
        ? { ...constraint, name: index.constraint === undefined ? constraint.name : name, index: name }
        : constraint,
    ),
    ...(relation.clusterIndex === index.name ? { clusterIndex: name } : {}),
  }));
}

/** Renames a column in its table, in children, and wherever it is named: constraints, indexes, foreign keys, views. */
export function renameColumn(draft: Draft, relation: Relation, from: string, to: string, isRecursion: boolean): void {
  const key = objectKey(relation.schema, relation.name);
  const column = relation.columns.find((candidate) => sameName(draft.product, candidate.name, from));
  if (column === undefined) {
    if (relation.columnsKnown) draft.refuse(`${relation.name} has no column "${from}".`);
    return;
  }
  const isTaken =
    (draft.product.catalog.refusesSameName && from === to) ||
    relation.columns.some((candidate) => candidate !== column && sameName(draft.product, candidate.name, to));
  const isInherited =
    !isRecursion && !column.isLocal && (relation.partitionOf !== undefined || relation.inherits.length > 0);
  if (isTaken || isInherited)
    return draft.refuse(
      isTaken
        ? `${relation.name} has a column "${to}" already.`
        : `"${from}" of ${relation.name} is inherited: rename it in the table that it comes from.`,
    );
  const old = column.name;
  const { ignoresCase } = draft.product;
  const referencing = draft.foreignKeysTo(key);
  draft.putRelation(withRenamedColumn(relation, old, to, ignoresCase));
  for (const index of draft.indexesOf(key)) {
    draft.putIndex({
      ...index,
      elements: renameInElements(index.elements, old, to, ignoresCase),
      include: renameInList(index.include, old, to, ignoresCase),
      ...(index.where === undefined ? {} : { where: renameInExpression(index.where, old, to, ignoresCase) }),
    });
  }
  for (const { sequence } of draft.sequencesOf(key)) {
    if (sequence.ownedBy?.column === old) draft.putSequence({ ...sequence, ownedBy: { relationKey: key, column: to } });
  }
  for (const holder of new Set(referencing.map((reference) => reference.relationKey))) {
    draft.changeRelation(holder, (other) => ({
      ...other,
      constraints: other.constraints.map((constraint) =>
        constraint.kind === 'foreign-key' && constraint.references.key === key
          ? {
              ...constraint,
              references: {
                ...constraint.references,
                columns: renameInList(constraint.references.columns, old, to, ignoresCase),
              },
            }
          : constraint,
      ),
    }));
  }
  for (const { relation: view } of draft.dependantsOf(key)) {
    draft.putRelation({
      ...view,
      dependsOn: view.dependsOn.map((read) =>
        read.key === key && read.columns !== 'unknown'
          ? { ...read, columns: renameInList(read.columns, old, to, ignoresCase) }
          : read,
      ),
    });
  }
  for (const child of draft.childrenOf(key))
    if (child.relation.columns.some((other) => other.name === old)) renameColumn(draft, child.relation, old, to, true);
}

function withRenamedColumn(relation: Relation, from: string, to: string, ignoresCase: boolean): Relation {
  return {
    ...relation,
    columns: relation.columns.map((column) => ({
      ...column,
      ...(column.name === from ? { name: to } : {}),
      ...(column.generated === undefined
        ? {}
        : {
            generated: {
              ...column.generated,
              expression: renameInExpression(column.generated.expression, from, to, ignoresCase),
            },
          }),
    })),
    constraints: relation.constraints.map((constraint) => renameInConstraint(constraint, from, to, ignoresCase)),
    triggers: relation.triggers.map((trigger) => ({
      ...trigger,
      updateColumns: renameInList(trigger.updateColumns, from, to, ignoresCase),
      ...(trigger.whenColumns === undefined
        ? {}
        : { whenColumns: renameInList(trigger.whenColumns, from, to, ignoresCase) }),
    })),
    ...(relation.partitionKey === undefined
      ? {}
      : {
          partitionKey: {
            ...relation.partitionKey,
            elements: renameInElements(relation.partitionKey.elements, from, to, ignoresCase),
          },
        }),
    ...(relation.policyColumns === undefined
      ? {}
      : {
          policyColumns: Object.fromEntries(
            Object.entries(relation.policyColumns).map(([policy, columns]) => [
              policy,
              renameInList(columns, from, to, ignoresCase),
            ]),
          ),
        }),
  };
}

/** Renames a table's constraint, its index with it, and the inherited ones of children. */
export function renameConstraint(
  draft: Draft,
  relationKey: string,
  from: string,
  to: string,
  isRecursion: boolean,
): void {
  const relation = draft.relations.get(relationKey);
  const constraint = relation?.constraints.find((candidate) => candidate.name === from);
  if (relation === undefined) return;
  if (constraint === undefined) {
    if (relation.detailsKnown && !isRecursion) draft.refuse(`${relation.name} has no constraint "${from}".`);
    return;
  }
  if (relation.constraints.some((candidate) => candidate.name === to))
    return draft.refuse(`${relation.name} has a constraint "${to}" already.`);
  const isInheritable = constraint.kind === 'check' || constraint.kind === 'not-null';
  if (!isRecursion && isInheritable && !constraint.isLocal)
    return draft.refuse(`"${from}" of ${relation.name} is inherited: rename it in the table that it comes from.`);
  const index =
    constraint.index === undefined ? undefined : draft.indexes.get(objectKey(relation.schema, constraint.index));
  if (index !== undefined) return renameIndex(draft, index, to);
  draft.putRelation({
    ...relation,
    constraints: relation.constraints.map((candidate) =>
      candidate === constraint ? { ...candidate, name: to } : candidate,
    ),
  });
  if (isInheritable && !constraint.noInherit)
    for (const child of draft.childrenOf(relationKey)) renameConstraint(draft, child.key, from, to, true);
}

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

/** Where the catalog keeps the bodies of triggers, the new name of a table is written into them, also into those of other tables. */
function renameInTriggers(draft: Draft, from: string, to: string): void {
  const isIt = (name: string): boolean => sameName(draft.product, name, from);
  for (const [key, relation] of [...draft.relations.entries()]) {
    if (!relation.triggers.some((trigger) => trigger.touches?.some(isIt) === true)) continue;
    draft.changeRelation(key, (changed) => ({
      ...changed,
      triggers: changed.triggers.map((trigger) =>
        trigger.touches === undefined
          ? trigger
          : { ...trigger, touches: trigger.touches.map((name) => (isIt(name) ? to : name)) },
      ),
    }));
  }
}

function renamePart(draft: Draft, operation: RenameObject): void {
  const relation = operation.relation === undefined ? undefined : findRelation(draft, operation.relation);
  if (relation === undefined) {
    if (draft.isComplete && !operation.ifExists) draft.refuse(`There is no table "${operation.relation?.name ?? ''}".`);
    return;
  }
  const { name } = operation.object;
  if (operation.objectKind === 'policy')
    return draft.putRelation({ ...relation, policies: renameInList(relation.policies, name, operation.newName) });
  if (operation.objectKind === 'rule') {
    const ruleActions = relation.ruleActions?.map((action) =>
      action.name === name ? { ...action, name: operation.newName } : action,
    );
    return draft.putRelation({
      ...relation,
      rules: renameInList(relation.rules, name, operation.newName),
      ...(ruleActions === undefined ? {} : { ruleActions }),
    });
  }
  renameTrigger(draft, objectKey(relation.schema, relation.name), name, operation.newName);
}

function renameTrigger(draft: Draft, key: string, from: string, to: string): void {
  draft.changeRelation(key, (relation) => ({
    ...relation,
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
      ...(relation.ofType === from ? { ofType: to } : {}),
    }));
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
  draft.removeFunction(key);
  draft.putFunction({ ...object, ...to });
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
