import { sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Relation } from '../schema.ts';
import { hasColumn } from './columns.ts';
import { addNotNull, notNullConstraint, replaceConstraint } from './constraints.ts';
import type { Draft } from './draft.ts';

export function setNotNull(draft: Draft, relation: Relation, name: string, only: boolean): void {
  const key = objectKey(relation.schema, relation.name);
  if (!hasColumn(draft, relation, name)) {
    if (relation.columnsKnown) draft.refuse(`${relation.name} has no column "${name}".`);
    return;
  }
  addNotNull(draft, key, name, { isValidated: true, only, isNameShared: true });
}

export function dropNotNull(draft: Draft, relation: Relation, name: string, only: boolean): void {
  const column = relation.columns.find((candidate) => sameName(draft.product, candidate.name, name));
  if (column === undefined) {
    if (relation.columnsKnown) draft.refuse(`${relation.name} has no column "${name}".`);
    return;
  }
  // SQLite takes it of any column; those of a WITHOUT ROWID table's key stay what they are.
  if (draft.product.catalog.hasNullableKeys)
    return removeNotNull(draft, objectKey(relation.schema, relation.name), column.name, only);
  const isKey = relation.constraints.some(
    (constraint) => constraint.kind === 'primary-key' && constraint.columns.includes(name),
  );
  const identity = draft
    .indexesOf(objectKey(relation.schema, relation.name))
    .find(
      (index) => index.name === relation.replicaIdentity && index.elements.some((element) => element.column === name),
    );
  if (identity !== undefined)
    return draft.refuse(`"${column.name}" is in ${identity.name}, the replica identity of ${relation.name}.`);
  const parent = relation.partitionOf === undefined ? undefined : draft.relations.get(relation.partitionOf.parentKey);
  const isParentRequired = parent?.columns.some((candidate) => candidate.name === name && candidate.notNull) === true;
  const constraint = notNullConstraint(relation, name);
  if (isKey || column.identity !== undefined || isParentRequired || (constraint !== undefined && !constraint.isLocal))
    return draft.refuse(
      isKey
        ? `"${column.name}" is in the primary key of ${relation.name}.`
        : column.identity === undefined
          ? `"${column.name}" of ${relation.name} inherits its NOT NULL.`
          : `"${column.name}" of ${relation.name} is an identity column, which is never null.`,
    );
  removeNotNull(draft, objectKey(relation.schema, relation.name), name, only);
}

/** Takes NOT NULL off a column and off the children that only inherit it. */
export function removeNotNull(draft: Draft, key: string, name: string, only: boolean): void {
  const relation = draft.relations.get(key);
  if (relation === undefined) return;
  const constraint = notNullConstraint(relation, name);
  draft.putRelation({
    ...relation,
    constraints: relation.constraints.filter((candidate) => candidate !== constraint),
    columns: relation.columns.map((column) => (column.name === name ? { ...column, notNull: false } : column)),
  });
  for (const child of draft.childrenOf(key)) {
    const own = notNullConstraint(child.relation, name);
    if (only) {
      if (own !== undefined) replaceConstraint(draft, child.key, own.name, (old) => ({ ...old, isLocal: true }));
    } else if (own === undefined || !own.isLocal) removeNotNull(draft, child.key, name, false);
  }
}
