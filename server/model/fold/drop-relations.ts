import { incoming, sequenceOfDefault } from '../links.ts';
import { sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Column, Constraint, Relation } from '../schema.ts';
import type { Draft } from './draft.ts';
import { dropUsers, forgetUser } from './tracked-users.ts';
import { movePublished } from './publications.ts';

/** Drops tables and views with partitions, indexes, owned sequences, and with CASCADE whatever depends on them. */
export function dropRelations(draft: Draft, roots: readonly string[], cascade: boolean): void {
  if (!draft.product.catalog.tracksDependants) {
    for (const root of roots) removeWhole(draft, root);
    return;
  }
  const doomed = new Set<string>();
  const blockers = new Set<string>();
  const queue = [...roots];
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    if (doomed.has(key)) continue;
    doomed.add(key);
    for (const child of draft.childrenOf(key))
      (child.relation.partitionOf?.parentKey === key || cascade
        ? queue
        : { push: (other: string) => blockers.add(other) }
      ).push(child.key);
    for (const dependant of draft.dependantsOf(key)) {
      if (cascade) queue.push(dependant.key);
      else blockers.add(dependant.key);
    }
  }
  // A foreign key to a partitioned table reaches each of its partitions, and goes whole with one.
  const holders = [...new Set([...doomed].flatMap((key) => withAncestors(draft, key)))]
    .flatMap((key) => draft.foreignKeysTo(key))
    .filter((holder) => !doomed.has(holder.relationKey));
  const isBlocked = [...blockers].some((key) => !doomed.has(key)) || (!cascade && holders.length > 0);
  if (isBlocked) {
    const user = [...blockers].find((key) => !doomed.has(key)) ?? holders[0]?.relationKey ?? '';
    return draft.refuse(
      neededBy(draft.relations.get(roots[0] ?? '')?.name ?? '', draft.relations.get(user), holders.length > 0),
    );
  }
  for (const holder of holders) removeConstraint(draft, holder.relationKey, holder.constraint.name);
  const sequences = [...doomed].flatMap((key) => draft.sequencesOf(key).map((owned) => owned.key));
  if (cascade)
    for (const key of doomed) {
      const users = draft.relations.get(key)?.trackedBy?.filter(({ kind }) => kind !== 'publication') ?? [];
      dropUsers(draft, key, users);
    }
  for (const key of doomed) removeWhole(draft, key);
  dropSequences(draft, sequences, cascade);
}

/** Why a table or view stays without CASCADE. */
function neededBy(name: string, user: Relation | undefined, isReferenced: boolean): string {
  const what =
    user === undefined
      ? 'Something'
      : user.kind === 'view' || user.kind === 'materialized-view'
        ? `The ${user.kind.replaceAll('-', ' ')} ${user.name}`
        : isReferenced
          ? `A foreign key of ${user.name}`
          : `${user.name}, which inherits from it,`;
  return `${what} needs ${name}: drop that first, or write CASCADE to drop both.`;
}

/** Keys of a relation and of the partitioned tables above it. */
function withAncestors(draft: Draft, key: string): readonly string[] {
  const parent = draft.relations.get(key)?.partitionOf?.parentKey;
  return parent === undefined ? [key] : [key, ...withAncestors(draft, parent)];
}

/** Keys of a relation and of all partitions below it. */
function withPartitions(draft: Draft, key: string): readonly string[] {
  return [
    key,
    ...draft
      .childrenOf(key)
      .filter(({ relation }) => relation.partitionOf?.parentKey === key)
      .flatMap((child) => withPartitions(draft, child.key)),
  ];
}

function removeWhole(draft: Draft, key: string): void {
  movePublished(draft, key, undefined);
  for (const name of draft.relations.get(key)?.policies ?? []) forgetUser(draft, { kind: 'policy', owner: key, name });
  for (const index of draft.indexesOf(key)) draft.removeIndex(objectKey(index.schema, index.name));
  draft.removeRelation(key);
}

/** Takes one constraint off a table, without its index and without asking. */
function removeConstraint(draft: Draft, relationKey: string, name: string): void {
  draft.changeRelation(relationKey, (relation) => ({
    ...relation,
    constraints: relation.constraints.filter((constraint) => constraint.name !== name),
  }));
}

export function dropIndexes(draft: Draft, keys: readonly string[], cascade: boolean): void {
  for (const key of keys) {
    const index = draft.indexes.get(key);
    if (index === undefined) continue;
    // The index of a constraint goes with the constraint, a partition's with the parent's.
    if (
      index.constraint !== undefined ||
      (index.parentKey !== undefined && !keys.includes(index.parentKey)) ||
      (index.primary && !cascade)
    )
      return draft.refuse(
        index.constraint === undefined
          ? `${index.name} is a part of an index of a partitioned table, and goes with that only.`
          : `${index.name} is the index of the constraint "${index.constraint}", which only ALTER TABLE ... DROP CONSTRAINT drops.`,
      );
  }
  for (const key of keys) removeIndexTree(draft, key);
}

/** Removes an index with those of the partitions, and the constraints that they back. */
export function removeIndexTree(draft: Draft, key: string): void {
  const index = draft.indexes.get(key);
  if (index === undefined) return;
  for (const child of incoming(draft.links, key).children) removeIndexTree(draft, child);
  draft.removeIndex(key);
  if (index.constraint !== undefined) removeConstraint(draft, index.relationKey, index.constraint);
}

/** Drops sequences; the default of a column that uses one stands in the way, or goes with CASCADE. */
export function dropSequences(draft: Draft, keys: readonly string[], cascade: boolean): void {
  for (const key of keys) {
    const sequence = draft.sequences.get(key);
    if (sequence === undefined) continue;
    const owner = sequence.ownedBy;
    if (
      sequence.identity &&
      owner !== undefined &&
      draft.relations
        .get(owner.relationKey)
        ?.columns.some((column) => column.name === owner.column && column.identity !== undefined) === true
    )
      return draft.refuse(`${sequence.name} numbers the identity column "${owner.column}", and goes with that only.`);
    for (const user of draft.dependantsOf(key)) {
      if (!cascade)
        return draft.refuse(
          `A default of ${user.relation.name} takes its values from ${sequence.name}: drop that first, or write CASCADE to drop both.`,
        );
      draft.putRelation({
        ...user.relation,
        columns: user.relation.columns.map((column) =>
          sequenceOfDefault(column, user.relation.schema) === key ? withoutDefault(column) : column,
        ),
      });
    }
    draft.removeSequence(key);
  }
}

/** The column without its default. */
export function withoutDefault(column: Column): Column {
  const { default: _default, ...rest } = column;
  return rest;
}

/** Removes a trigger and the copies that partitions have of it. */
export function removeTrigger(draft: Draft, relationKey: string, name: string): void {
  draft.changeRelation(relationKey, (relation) => ({
    ...relation,
    triggers: relation.triggers.filter((trigger) => !sameName(draft.product, trigger.name, name)),
  }));
  for (const child of draft.childrenOf(relationKey))
    if (child.relation.partitionOf !== undefined) removeTrigger(draft, child.key, name);
}

/** Drops a constraint of any kind with its index; foreign keys that rest on it need CASCADE. */
export function dropConstraintWhole(draft: Draft, relationKey: string, constraint: Constraint, cascade: boolean): void {
  if (constraint.kind === 'unique' || constraint.kind === 'primary-key') {
    const columns = [...constraint.columns].sort().join('\u0000');
    const relation = draft.relations.get(relationKey);
    const isOnlyKey =
      relation?.constraints.some(
        (other) =>
          other !== constraint &&
          (other.kind === 'primary-key' || other.kind === 'unique') &&
          [...other.columns].sort().join('\u0000') === columns &&
          other.kind === 'primary-key',
      ) !== true;
    const holders = isOnlyKey
      ? withPartitions(draft, relationKey)
          .flatMap((key) => draft.foreignKeysTo(key))
          .filter((holder) => [...(holder.constraint.references?.columns ?? [])].sort().join('\u0000') === columns)
      : [];
    if (holders.length > 0 && !cascade)
      return draft.refuse(
        `A foreign key of ${holders[0]?.relation.name ?? ''} rests on "${constraint.name}": drop it first, or write CASCADE to drop both.`,
      );
    for (const holder of holders) removeConstraint(draft, holder.relationKey, holder.constraint.name);
  }
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return;
  if (constraint.index !== undefined) removeIndexTree(draft, objectKey(relation.schema, constraint.index));
  removeConstraint(draft, relationKey, constraint.name);
}
