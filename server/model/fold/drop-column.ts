import { referencedColumns } from '../expression.ts';
import { sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Column, Constraint, Index, Relation, TrackedUser, Trigger } from '../schema.ts';
import type { Draft, DropColumnOptions } from './draft.ts';
import { dropUsers, trackedUserTitle, usersOf } from './tracked-users.ts';
import { dropConstraintWhole, dropRelations, dropSequences, removeIndexTree, removeTrigger } from './drop-relations.ts';

/** PostgreSQL major from which a generated column keeps the columns that it is made of from being dropped. */
export const GENERATED_NEEDS_CASCADE_VERSION = 15;

/** Drops a column with the indexes, constraints and sequences that use it; views and foreign keys to it need CASCADE. */
export function dropColumn(draft: Draft, relationKey: string, name: string, options: DropColumnOptions): void {
  const relation = draft.relations.get(relationKey);
  const column = relation?.columns.find((candidate) => sameName(draft.product, candidate.name, name));
  if (relation !== undefined && column !== undefined) draft.rules.dropColumn(draft, relation, column, options);
}

/** The same where dependants are known, and children inherit. */
export function dropFullColumn(draft: Draft, relation: Relation, column: Column, options: DropColumnOptions): void {
  const relationKey = objectKey(relation.schema, relation.name);
  const isInherited = !column.isLocal && (relation.partitionOf !== undefined || relation.inherits.length > 0);
  const isPartitionKey =
    relation.partitionKey?.elements.some(
      (element) => element.column === column.name || mentions(element.expression?.tree, column.name),
    ) === true;
  const generated = relation.columns.filter(
    (other) => other.generated !== undefined && mentions(other.generated.expression.tree, column.name),
  );
  const triggers = relation.triggers.filter((trigger) => triggerNames(trigger, column.name));
  const policies = relation.policies.filter(
    (policy) => relation.policyColumns?.[policy]?.includes(column.name) === true,
  );
  const views = draft
    .dependantsOf(relationKey)
    .filter(({ relation: view }) =>
      view.dependsOn.some(
        (read) => read.key === relationKey && read.columns !== 'unknown' && read.columns.includes(column.name),
      ),
    );
  const elsewhere = usersOf(relation, column.name);
  const needsCascade =
    elsewhere.length > 0 ||
    (generated.length > 0 && draft.version >= GENERATED_NEEDS_CASCADE_VERSION) ||
    triggers.length > 0 ||
    policies.length > 0 ||
    views.length > 0;
  const isOnlyOfPartitioned =
    options.only && relation.kind === 'partitioned-table' && draft.childrenOf(relationKey).length > 0;
  if (
    (isInherited && !options.isRecursion) ||
    isPartitionKey ||
    isOnlyOfPartitioned ||
    (needsCascade && !options.cascade)
  )
    return draft.refuse(
      isInherited && !options.isRecursion
        ? `"${column.name}" of ${relation.name} is inherited: drop it in the table that it comes from.`
        : isPartitionKey
          ? `${relation.name} is partitioned by "${column.name}".`
          : isOnlyOfPartitioned
            ? `A column of the partitioned table ${relation.name} goes from all of its partitions: leave ONLY out.`
            : `${columnUser(views[0]?.relation, policies[0], triggers[0]?.name, generated[0]?.name, elsewhere[0])} needs "${column.name}" of ${relation.name}: drop that first, or write CASCADE to drop both.`,
    );
  dropRelations(
    draft,
    views.map((view) => view.key),
    true,
  );
  if (options.cascade) doubtUnknownViews(draft, relationKey);
  for (const trigger of triggers) removeTrigger(draft, relationKey, trigger.name);
  dropUsers(draft, relationKey, elsewhere);
  if (policies.length > 0)
    draft.changeRelation(relationKey, (current) => ({
      ...current,
      policies: current.policies.filter((policy) => !policies.includes(policy)),
    }));
  for (const other of generated) dropColumn(draft, relationKey, other.name, { ...options, isRecursion: true });
  for (const constraint of draft.relations.get(relationKey)?.constraints ?? [])
    if (constraintUses(constraint, column.name)) dropConstraintWhole(draft, relationKey, constraint, options.cascade);
  for (const index of draft.indexesOf(relationKey))
    if (indexUses(index, column.name)) removeIndexTree(draft, objectKey(index.schema, index.name));
  if (draft.isRefused) return;
  const sequences = draft
    .sequencesOf(relationKey)
    .filter((owned) => owned.sequence.ownedBy?.column === column.name)
    .map((owned) => owned.key);
  draft.changeRelation(relationKey, (current) => ({
    ...current,
    columns: current.columns.filter((other) => other.name !== column.name),
  }));
  dropSequences(draft, sequences, options.cascade);
  for (const child of draft.childrenOf(relationKey)) {
    const own = child.relation.columns.find((other) => other.name === column.name);
    const hasOtherParent = child.relation.inherits.some(
      (parent) =>
        parent !== relationKey &&
        draft.relations.get(parent)?.columns.some((other) => other.name === column.name) === true,
    );
    if (own !== undefined && options.only)
      draft.changeColumn(child.key, column.name, (other) => ({ ...other, isLocal: true }));
    if (own === undefined || hasOtherParent) continue;
    if (options.only) {
      // PostgreSQL 18 takes the inherited NOT NULL constraint away and leaves the column marked as it was.
      const isInheritedNotNull = (constraint: Constraint): boolean =>
        constraint.kind === 'not-null' && !constraint.isLocal && constraint.columns[0] === column.name;
      draft.changeRelation(child.key, (current) => ({
        ...current,
        constraints: current.constraints.filter((constraint) => !isInheritedNotNull(constraint)),
      }));
    }
    if (!options.only && !own.isLocal) dropColumn(draft, child.key, column.name, { ...options, isRecursion: true });
  }
}

/** Whether a trigger is for a column, or looks at it in its WHEN. */
export function triggerNames(trigger: Trigger, column: string): boolean {
  return trigger.updateColumns.includes(column) || trigger.whenColumns?.includes(column) === true;
}

function columnUser(
  view: Relation | undefined,
  policy: string | undefined,
  trigger: string | undefined,
  generated: string | undefined,
  elsewhere: TrackedUser | undefined,
): string {
  if (view !== undefined) return `The ${view.kind.replaceAll('-', ' ')} ${view.name}`;
  if (policy !== undefined) return `The policy ${policy}`;
  if (trigger !== undefined) return `The trigger ${trigger}`;
  return elsewhere === undefined ? `The generated column "${generated ?? ''}"` : trackedUserTitle(elsewhere);
}

function mentions(tree: Parameters<typeof referencedColumns>[0] | undefined, column: string): boolean {
  return tree !== undefined && referencedColumns(tree).includes(column);
}

function constraintUses(constraint: Constraint, column: string): boolean {
  return constraint.columns.includes(column) || mentions(constraint.expression?.tree, column);
}

function indexUses(index: Index, column: string): boolean {
  return (
    index.include.includes(column) ||
    mentions(index.where?.tree, column) ||
    index.elements.some((element) => element.column === column || mentions(element.expression?.tree, column))
  );
}

/** A view that may have used the column may be gone: what is known of it is not any more. */
function doubtUnknownViews(draft: Draft, relationKey: string): void {
  for (const { relation: view } of draft.dependantsOf(relationKey)) {
    if (view.dependsOn.some((read) => read.key === relationKey && read.columns === 'unknown'))
      draft.putRelation({ ...view, columnsKnown: false, detailsKnown: false });
  }
}
