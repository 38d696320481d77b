import { sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Relation } from '../schema.ts';
import type { Draft } from './draft.ts';
import { renameInConstraint, renameInElements, renameInExpression, renameInList } from './expression-rename.ts';
import { forgetParts, forgetReaders } from './forget-definitions.ts';
import { renameIndex } from './rename-relation.ts';

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
  forgetParts(draft, relation);
  forgetReaders(draft, key);
  for (const child of draft.childrenOf(key))
    if (child.relation.columns.some((other) => other.name === old)) renameColumn(draft, child.relation, old, to, true);
}

function withRenamedColumn(relation: Relation, from: string, to: string, ignoresCase: boolean): Relation {
  const keyed: Relation =
    relation.partitionKey === undefined
      ? relation
      : {
          ...relation,
          partitionKey: {
            ...relation.partitionKey,
            elements: renameInElements(relation.partitionKey.elements, from, to, ignoresCase),
          },
        };
  return {
    ...keyed,
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
    ...(relation.trackedBy === undefined
      ? {}
      : {
          trackedBy: relation.trackedBy.map((user) => ({
            ...user,
            columns: renameInList(user.columns, from, to, ignoresCase).toSorted(),
          })),
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
