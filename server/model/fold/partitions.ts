import { findRelation } from '../lookup.ts';
import { objectKey, type ObjectName } from '../names.ts';
import type { PartitionBound } from '../operation.ts';
import { isAnyTable, type Constraint, type Relation } from '../schema.ts';
import { chooseConstraintName } from './constraint-names.ts';
import { notNullConstraint } from './constraints.ts';
import { shareWithPartition } from './create-table.ts';
import type { Draft } from './draft.ts';
import { typesDiffer } from './refusals.ts';
import { relationForChange } from './relations.ts';

/** ATTACH PARTITION: the table keeps its columns and constraints, which are inherited now, and gets what it lacks. */
export function attachPartition(draft: Draft, parent: Relation, name: ObjectName, bound: PartitionBound): void {
  const partition = relationForChange(draft, name, false);
  if (partition === undefined) return;
  if (
    (parent.detailsKnown && parent.kind !== 'partitioned-table') ||
    partition.partitionOf !== undefined ||
    partition.inherits.length > 0
  )
    return draft.refuse(
      parent.detailsKnown && parent.kind !== 'partitioned-table'
        ? `${parent.name} is not partitioned, so that nothing can be attached to it.`
        : `${partition.name} is a part of another table already, or inherits from one.`,
    );
  if (!isAnyTable(partition)) return draft.refuse(`${partition.name} is no table, so that it cannot be attached.`);
  if (!takeOver(draft, parent, partition, true)) return draft.refuse(lacksParents(parent, partition));
  const parentKey = objectKey(parent.schema, parent.name);
  const key = objectKey(partition.schema, partition.name);
  draft.changeRelation(key, (relation) =>
    isAnyTable(relation) ? { ...relation, partitionOf: { parentKey, bound } } : relation,
  );
  if (draft.version >= 17) {
    for (const column of parent.columns)
      if (column.identity !== undefined)
        draft.changeColumn(key, column.name, (own) => ({
          ...own,
          ...(column.identity === undefined ? {} : { identity: column.identity }),
        }));
  }
  shareWithPartition(draft, parentKey, key);
}

/** INHERIT: like attaching, but the columns and constraints stay the child's own too. */
export function inherit(draft: Draft, child: Relation, name: ObjectName): void {
  const parent = relationForChange(draft, name, false);
  if (parent === undefined) return;
  const parentKey = objectKey(parent.schema, parent.name);
  const isTable = (relation: Relation): boolean => relation.kind === 'table' || relation.kind === 'foreign-table';
  if (
    !isTable(child) ||
    !isTable(parent) ||
    isDescendant(draft, parentKey, objectKey(child.schema, child.name)) ||
    child.inherits.includes(parentKey) ||
    parent.kind === 'partitioned-table' ||
    child.partitionOf !== undefined ||
    !takeOver(draft, parent, child, false)
  )
    return draft.refuse(
      child.inherits.includes(parentKey)
        ? `${child.name} inherits from ${parent.name} already.`
        : isTable(child) && isTable(parent) && child.partitionOf === undefined
          ? isDescendant(draft, parentKey, objectKey(child.schema, child.name))
            ? `${parent.name} inherits from ${child.name} itself.`
            : lacksParents(parent, child)
          : 'Only a plain table inherits from another plain table.',
    );
  draft.changeRelation(objectKey(child.schema, child.name), (relation) => ({
    ...relation,
    inherits: [...relation.inherits, parentKey],
  }));
}

/** Whether a relation is another one, or inherits from it at any depth. */
function isDescendant(draft: Draft, key: string, ancestor: string): boolean {
  if (key === ancestor) return true;
  const relation = draft.relations.get(key);
  return [
    ...(relation?.inherits ?? []),
    ...(relation?.partitionOf === undefined ? [] : [relation.partitionOf.parentKey]),
  ].some((parent) => isDescendant(draft, parent, ancestor));
}

function lacksParents(parent: Relation, child: Relation): string {
  return `${child.name} lacks a column of the same type, a NOT NULL or a CHECK that ${parent.name} has.`;
}

/** Checks that the child has what it inherits, and marks it so for a partition. False where something is missing. */
function takeOver(draft: Draft, parent: Relation, child: Relation, isPartition: boolean): boolean {
  const key = objectKey(child.schema, child.name);
  const hasColumns =
    !child.columnsKnown ||
    parent.columns.every((column) =>
      child.columns.some(
        (own) =>
          own.name === column.name &&
          !typesDiffer(own.type, column.type) &&
          (own.notNull ||
            !column.notNull ||
            (draft.hasNamedNotNull && notNullConstraint(parent, column.name)?.noInherit === true)),
      ),
    );
  const checks = parent.constraints.filter((constraint) => constraint.kind === 'check' && !constraint.noInherit);
  const hasChecks =
    !child.detailsKnown ||
    checks.every((check) => child.constraints.some((own) => own.kind === 'check' && own.name === check.name));
  if (!hasColumns || !hasChecks) return false;
  if (!isPartition) return true;
  const isInherited = (constraint: Constraint): boolean =>
    (constraint.kind === 'check' && checks.some((check) => check.name === constraint.name)) ||
    (constraint.kind === 'not-null' &&
      constraint.columns[0] !== undefined &&
      notNullConstraint(parent, constraint.columns[0]) !== undefined);
  draft.changeRelation(key, (relation) => ({
    ...relation,
    columns: relation.columns.map((column) =>
      parent.columns.some((other) => other.name === column.name) ? { ...column, isLocal: false } : column,
    ),
    constraints: relation.constraints.map((constraint) =>
      isInherited(constraint) ? { ...constraint, isLocal: false } : constraint,
    ),
  }));
  return true;
}

/** DETACH PARTITION: what was inherited is the table's own, indexes and foreign keys included; copied triggers go. */
export function detachPartition(
  draft: Draft,
  parent: Relation,
  name: ObjectName,
  mode: 'plain' | 'concurrently' | 'finalize',
): void {
  const partition = findRelation(draft, name);
  const parentKey = objectKey(parent.schema, parent.name);
  if (partition === undefined) {
    if (draft.isComplete) draft.refuse(`There is no table "${name.name}".`);
    return;
  }
  if (partition.partitionOf?.parentKey !== parentKey) {
    if (partition.detailsKnown) draft.refuse(`${partition.name} is no partition of ${parent.name}.`);
    return;
  }
  const key = objectKey(partition.schema, partition.name);
  standAlone(draft, parent, partition, true);
  for (const index of draft.indexesOf(key)) {
    if (index.parentKey === undefined) continue;
    const { parentKey: _parent, ...rest } = index;
    draft.putIndex(rest);
  }
  const copied = new Set(parent.triggers.filter((trigger) => trigger.forEachRow).map((trigger) => trigger.name));
  dropCopiedTriggers(draft, key, copied);
  if (mode !== 'plain') addDetachedCheck(draft, key, parent);
}

function dropCopiedTriggers(draft: Draft, key: string, names: ReadonlySet<string>): void {
  draft.changeRelation(key, (relation) => ({
    ...relation,
    triggers: relation.triggers.filter((trigger) => !names.has(trigger.name)),
  }));
  for (const child of draft.childrenOf(key))
    if (child.relation.partitionOf !== undefined) dropCopiedTriggers(draft, child.key, names);
}

/** DETACH CONCURRENTLY leaves the partition's bound behind as a CHECK. */
function addDetachedCheck(draft: Draft, key: string, parent: Relation): void {
  const relation = draft.relations.get(key);
  if (relation === undefined) return;
  const columns = (parent.partitionKey?.elements ?? []).flatMap((element) =>
    element.column === undefined ? [] : [element.column],
  );
  const name = chooseConstraintName(
    draft,
    relation.schema,
    relation.name,
    columns.length === 1 ? columns[0] : undefined,
    'check',
  );
  draft.putRelation({
    ...relation,
    constraints: [
      ...relation.constraints,
      {
        kind: 'check',
        name,
        columns,
        validated: true,
        enforced: true,
        deferrable: false,
        initiallyDeferred: false,
        noInherit: false,
        isLocal: true,
        origin: draft.origin,
      },
    ],
  });
}

/** NO INHERIT. */
export function noInherit(draft: Draft, child: Relation, name: ObjectName): void {
  const parent = findRelation(draft, name);
  if (parent === undefined) return draft.isComplete ? draft.refuse(`There is no table "${name.name}".`) : undefined;
  const parentKey = objectKey(parent.schema, parent.name);
  if (!child.inherits.includes(parentKey))
    return child.detailsKnown ? draft.refuse(`${child.name} does not inherit from ${parent.name}.`) : undefined;
  standAlone(draft, parent, child, false);
}

/** Makes what the child had from this parent its own, unless another parent has it too. */
function standAlone(draft: Draft, parent: Relation, child: Relation, isPartition: boolean): void {
  const parentKey = objectKey(parent.schema, parent.name);
  const others = child.inherits
    .filter((other) => other !== parentKey)
    .flatMap((other) => draft.relations.get(other) ?? []);
  const { partitionOf: _partitionOf, ...rest } = child;
  draft.putRelation({
    ...rest,
    inherits: child.inherits.filter((other) => other !== parentKey),
    columns: child.columns.map((column) => {
      const isShared = others.some((other) => other.columns.some((candidate) => candidate.name === column.name));
      const wasParents = parent.columns.some((candidate) => candidate.name === column.name);
      if (!wasParents || isShared) return column;
      const { identity, ...plain } = column;
      return {
        ...plain,
        ...(identity !== undefined && !(isPartition && draft.version >= 17) ? { identity } : {}),
        isLocal: true,
      };
    }),
    constraints: child.constraints.map((constraint) =>
      others.some((other) => other.constraints.some((candidate) => candidate.name === constraint.name))
        ? constraint
        : { ...constraint, isLocal: true },
    ),
  });
}
