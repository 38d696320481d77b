import { findIndex, isKeyConstraint, partitionsOf } from '../lookup.ts';
import { isSystemColumn, objectKey } from '../names.ts';
import type { CreateIndex, IndexAction, IndexElement } from '../operation.ts';
import { outsideUniqueKey } from '../partition-key.ts';
import type { Constraint, Index, KeyConstraint, Relation } from '../schema.ts';
import { withoutComment } from './annotations.ts';
import { chooseIndexName } from './constraint-names.ts';
import type { Draft } from './draft.ts';
import { namesMissingColumn } from './refusals.ts';
import { relationForChange } from './relations.ts';

/** An index without its place: what a partition's copy shares with the parent's. */
export type IndexTemplate = Pick<
  Index,
  'unique' | 'primary' | 'exclusion' | 'method' | 'elements' | 'include' | 'nullsNotDistinct'
> &
  Partial<Pick<Index, 'where' | 'tablespace' | 'storageParameters'>> & {
    /** The constraint that the index backs, but for its name. */
    readonly constraint?: Omit<KeyConstraint, 'name' | 'index' | 'isLocal' | 'origin'>;
  };

export function createIndex(draft: Draft, operation: CreateIndex): void {
  const relation = relationForChange(draft, operation.relation, false);
  if (relation === undefined) return;
  if (operation.name !== undefined && draft.isTaken(relation.schema, operation.name)) {
    if (!operation.ifNotExists) draft.refuseTaken(relation.schema, operation.name);
    return;
  }
  const isView = relation.kind === 'view' || relation.kind === 'foreign-table';
  const refusesConcurrently = operation.concurrently && relation.kind === 'partitioned-table';
  if (isView || refusesConcurrently || !namesKnownColumns(draft, relation, operation)) {
    draft.refuse(
      isView
        ? `${relation.name} is a ${relation.kind.replaceAll('-', ' ')}, which has no indexes.`
        : refusesConcurrently
          ? `${relation.name} is partitioned, and no index on a partitioned table is built CONCURRENTLY.`
          : `The index names a column that ${relation.name} does not have.`,
    );
    return;
  }
  addIndex(
    draft,
    objectKey(relation.schema, relation.name),
    {
      unique: operation.unique,
      primary: false,
      exclusion: false,
      method: operation.method,
      elements: operation.elements,
      include: operation.include,
      nullsNotDistinct: operation.nullsNotDistinct ?? false,
      ...(operation.where === undefined ? {} : { where: operation.where }),
      ...(operation.tablespace === undefined ? {} : { tablespace: operation.tablespace }),
      ...(operation.storageParameters === undefined ? {} : { storageParameters: operation.storageParameters }),
    },
    operation.name,
    operation.only,
  );
}

function namesKnownColumns(draft: Draft, relation: Relation, operation: CreateIndex): boolean {
  if (!relation.columnsKnown || !draft.product.catalog.checksDefinitions) return true;
  if (
    namesMissingColumn(relation, operation.where?.tree) ||
    operation.elements.some((element) => namesMissingColumn(relation, element.expression?.tree))
  )
    return false;
  const names = [
    ...operation.elements.flatMap((element) => (element.column === undefined ? [] : [element.column])),
    ...operation.include,
  ];
  return names.every((name) => isSystemColumn(name) || relation.columns.some((column) => column.name === name));
}

/**
 * Makes an index, on a partitioned table with one on each partition, and the constraint that it backs.
 *
 * A partition's own index of the same form is attached rather than made again. Gives the key.
 */
export function addIndex(
  draft: Draft,
  relationKey: string,
  template: IndexTemplate,
  name: string | undefined,
  only: boolean,
  parentKey?: string,
): string | undefined {
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return undefined;
  const { constraint, ...shape } = template;
  const kind =
    constraint?.kind === 'primary-key' || constraint?.kind === 'unique' || constraint?.kind === 'exclusion'
      ? constraint.kind
      : 'index';
  const chosen =
    name ?? chooseIndexName(draft, relation.schema, relation.name, kind, template.elements, template.include);
  if (
    draft.isTaken(relation.schema, chosen) ||
    (template.unique &&
      outsideUniqueKey(
        relation.partitionKey,
        template.elements.map((element) => element.column),
      ) !== undefined)
  ) {
    if (draft.isTaken(relation.schema, chosen)) draft.refuseTaken(relation.schema, chosen);
    else draft.refuse(`A unique key of ${relation.name} must include every column that it is partitioned by.`);
    return undefined;
  }
  const key = objectKey(relation.schema, chosen);
  const isPartitioned = relation.kind === 'partitioned-table';
  const partitions = isPartitioned
    ? partitionsOf(draft, relationKey).filter((partition) => partition.relation.kind !== 'foreign-table')
    : [];
  draft.putIndex({
    ...shape,
    schema: relation.schema,
    name: chosen,
    relationKey,
    valid: !(only && partitions.length > 0),
    isPartitioned,
    origin: draft.origin,
    ...(constraint === undefined ? {} : { constraint: chosen }),
    ...(parentKey === undefined ? {} : { parentKey }),
  });
  if (constraint !== undefined) {
    const added: Constraint = {
      ...constraint,
      name: chosen,
      index: chosen,
      isLocal: parentKey === undefined,
      origin: draft.origin,
    };
    draft.changeRelation(relationKey, (current) => ({ ...current, constraints: [...current.constraints, added] }));
  }
  if (!only) for (const partition of partitions) attachOrAddIndex(draft, partition.key, template, key);
  return key;
}

/** Gives a partition the index of its parent: attaches one of the same form, or makes it. */
export function attachOrAddIndex(draft: Draft, partitionKey: string, template: IndexTemplate, parentKey: string): void {
  const own = draft
    .indexesOf(partitionKey)
    .find(
      (index) =>
        index.parentKey === undefined &&
        isSameForm(index, template) &&
        (template.constraint === undefined || index.constraint !== undefined),
    );
  if (own === undefined) {
    addIndex(draft, partitionKey, template, undefined, false, parentKey);
    return;
  }
  attach(draft, own, parentKey);
}

function attach(draft: Draft, index: Index, parentKey: string): void {
  draft.putIndex({ ...index, parentKey });
  if (index.constraint !== undefined) {
    draft.changeRelation(index.relationKey, (relation) => ({
      ...relation,
      constraints: relation.constraints.map((constraint) =>
        constraint.name === index.constraint ? { ...constraint, isLocal: false } : constraint,
      ),
    }));
  }
  if (!index.valid) draft.changeIndex(parentKey, (parent) => ({ ...parent, valid: false }));
}

function formOf(elements: readonly IndexElement[]): string {
  return JSON.stringify(
    elements.map((element) => [
      element.column,
      element.expression?.tree,
      element.collation,
      element.operatorClass,
      element.operator,
    ]),
  );
}

function isSameForm(index: Index, template: IndexTemplate): boolean {
  return (
    index.unique === template.unique &&
    index.method === template.method &&
    index.nullsNotDistinct === template.nullsNotDistinct &&
    !index.exclusion &&
    !template.exclusion &&
    formOf(index.elements) === formOf(template.elements) &&
    index.include.join('\u0000') === template.include.join('\u0000') &&
    JSON.stringify(index.where?.tree) === JSON.stringify(template.where?.tree)
  );
}

/** The template of an index that is there, for a copy on another table. */
export function templateOf(draft: Draft, index: Index): IndexTemplate {
  const { unique, primary, exclusion, method, elements, include, nullsNotDistinct, where, storageParameters } = index;
  const constraint = draft.relations
    .get(index.relationKey)
    ?.constraints.find(
      (candidate): candidate is KeyConstraint => isKeyConstraint(candidate) && candidate.name === index.constraint,
    );
  return {
    unique,
    primary,
    exclusion,
    method,
    elements,
    include,
    nullsNotDistinct,
    ...(where === undefined ? {} : { where }),
    ...(storageParameters === undefined ? {} : { storageParameters }),
    ...(constraint === undefined ? {} : { constraint: withoutComment(constraint) }),
  };
}

/** ALTER INDEX parent ATTACH PARTITION child; the parent is valid once every partition has a valid one. */
export function attachIndexPartition(draft: Draft, operation: IndexAction): void {
  if (operation.kind !== 'attach-index-partition' || operation.partition === undefined) return;
  const parent = findIndex(draft, operation.index);
  const child = findIndex(draft, operation.partition);
  if (parent === undefined || child === undefined) {
    if (draft.isComplete) draft.refuse();
    return;
  }
  const parentKey = objectKey(parent.schema, parent.name);
  if (child.parentKey === parentKey) return;
  const isPartition = draft.relations.get(child.relationKey)?.partitionOf?.parentKey === parent.relationKey;
  if (
    child.parentKey !== undefined ||
    !isPartition ||
    (parent.constraint !== undefined && child.constraint === undefined)
  ) {
    draft.refuse();
    return;
  }
  attach(draft, child, parentKey);
  validateParent(draft, parentKey);
}

function validateParent(draft: Draft, parentKey: string): void {
  const parent = draft.indexes.get(parentKey);
  if (parent === undefined || parent.valid) return;
  const partitions = partitionsOf(draft, parent.relationKey);
  const isWhole = partitions.every((partition) =>
    draft.indexesOf(partition.key).some((index) => index.parentKey === parentKey && index.valid),
  );
  if (!isWhole) return;
  draft.putIndex({ ...parent, valid: true });
  if (parent.parentKey !== undefined) validateParent(draft, parent.parentKey);
}
