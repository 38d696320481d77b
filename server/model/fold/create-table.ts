import { findRelation } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { ColumnDefinition, ConstraintDefinition, CreateTable, CreateTableAs } from '../operation.ts';
import type { Column, Constraint, Relation, Trigger } from '../schema.ts';
import { withoutComment } from './annotations.ts';
import { addOwnedSequence, buildColumn, inheritedColumn } from './columns.ts';
import { addConstraint, addNotNull, addPartitionForeignKey } from './constraints.ts';
import type { Draft } from './draft.ts';
import { addIndex, attachOrAddIndex, templateOf } from './indexes.ts';
import { outputColumns } from './output-columns.ts';
import { typesDiffer } from './refusals.ts';
import { relationForChange, unknownParts } from './relations.ts';
import { columnsOfType } from './typed-tables.ts';

/** CREATE TABLE, where the name is free. */
export function createTable(draft: Draft, operation: CreateTable): void {
  const schema = draft.schemaFor(operation.relation.schema, operation.persistence === 'temporary');
  if (schema === undefined) return;
  const { name } = operation.relation;
  if (draft.isTaken(schema, name) || draft.types.has(objectKey(schema, name))) {
    if (!operation.ifNotExists) draft.refuseTaken(schema, name);
    return;
  }
  draft.rules.createTable(draft, schema, operation);
}

/** A table with all that PostgreSQL's CREATE TABLE knows: parents, partitions, types, LIKE. */
export function createFullTable(draft: Draft, schema: string, operation: CreateTable): void {
  const { name } = operation.relation;
  const parents = [
    ...operation.inherits,
    ...(operation.partitionOf === undefined ? [] : [operation.partitionOf.parent]),
  ].map((parent) => relationForChange(draft, parent, false));
  const known = parents.filter((parent) => parent !== undefined);
  const isPartition = operation.partitionOf !== undefined;
  const isWrongParent =
    isPartition && known.some((parent) => parent.detailsKnown && parent.kind !== 'partitioned-table');
  const isUninheritable = known.some(
    (parent) =>
      parent.kind === 'view' ||
      parent.kind === 'materialized-view' ||
      (!isPartition && parent.kind === 'partitioned-table') ||
      (parent.persistence === 'temporary' && operation.persistence !== 'temporary'),
  );
  if (draft.isRefused || isWrongParent || isUninheritable || new Set(known).size < known.length)
    return draft.refuse(
      isWrongParent
        ? `${known[0]?.name ?? ''} is not partitioned, so that it has no partitions.`
        : isUninheritable
          ? 'No table inherits from a view, from a partitioned table, or, unless it is temporary itself, from a temporary one.'
          : 'A table inherits from another one once only.',
    );
  const table = { schema, name, persistence: operation.persistence };
  const typed = operation.ofType === undefined ? undefined : columnsOfType(draft, operation, operation.ofType);
  const columns = [...(typed?.columns ?? []), ...inheritColumns(draft, known, isPartition)];
  let columnsKnown =
    known.every((parent) => parent.columnsKnown) && (operation.ofType === undefined || typed !== undefined);
  const likes = operation.like.map((like) => ({ ...like, source: findRelation(draft, like.relation) }));
  for (const element of inTextOrder(operation.columns, likes)) {
    if ('source' in element) {
      if (element.source === undefined) {
        if (draft.isComplete) return draft.refuse(`There is no table "${element.relation.name}".`);
        columnsKnown = false;
        continue;
      }
      columnsKnown &&= element.source.columnsKnown;
      for (const column of likeColumns(draft, table, element.source, element.including))
        mergeColumn(draft, columns, column);
    } else mergeDefinition(draft, table, columns, element);
  }
  if (draft.isRefused) return;
  const parts = {
    ...unknownParts(draft, schema, name),
    persistence: operation.persistence,
    columns,
    columnsKnown,
    detailsKnown: known.every((parent) => parent.detailsKnown),
    constraints: known.flatMap((parent) => inheritedChecks(draft, parent)),
    inherits: isPartition ? [] : known.map((parent) => objectKey(parent.schema, parent.name)),
    ...(operation.partitionOf === undefined || known[0] === undefined
      ? {}
      : { partitionOf: { parentKey: objectKey(known[0].schema, known[0].name), bound: operation.partitionOf.bound } }),
    ...(typed?.ofType === undefined ? {} : { ofType: typed.ofType }),
    ...(operation.onCommit === 'drop' ? { goesAtCommit: true as const } : {}),
    ...(operation.accessMethod === undefined ? {} : { accessMethod: operation.accessMethod }),
    ...(operation.tablespace === undefined ? {} : { tablespace: operation.tablespace }),
  };
  const relation: Relation =
    operation.foreignServer !== undefined
      ? { ...parts, kind: 'foreign-table', server: operation.foreignServer }
      : operation.partitionBy !== undefined
        ? { ...parts, kind: 'partitioned-table', partitionKey: operation.partitionBy }
        : { ...parts, kind: 'table' };
  draft.putRelation(relation);
  addDetails(draft, relation, operation, known, likes);
}

/** Table elements in the order of the text, in which columns get their places. */
function inTextOrder<Like extends { readonly relation: { readonly span: { readonly start: number } } }>(
  columns: readonly ColumnDefinition[],
  likes: readonly Like[],
): readonly (ColumnDefinition | Like)[] {
  if (likes.length === 0) return columns;
  const startOf = (element: ColumnDefinition | Like): number =>
    'relation' in element ? element.relation.span.start : element.span.start;
  return [...columns, ...likes].sort((left, right) => startOf(left) - startOf(right));
}

function inheritColumns(draft: Draft, parents: readonly Relation[], isPartition: boolean): Column[] {
  const columns: Column[] = [];
  for (const parent of parents)
    for (const column of parent.columns)
      mergeColumn(draft, columns, inheritedColumn(draft, column, isPartition, parent));
  return columns;
}

/** Adds a column; two parents may share one, the table's own definition of one is refused only where both are its own. */
function mergeColumn(draft: Draft, columns: Column[], column: Column): void {
  const place = columns.findIndex((candidate) => candidate.name === column.name);
  const before = columns[place];
  if (before === undefined) columns.push(column);
  else if ((before.isLocal && column.isLocal) || typesDiffer(before.type, column.type))
    draft.refuse(
      before.isLocal && column.isLocal
        ? `"${column.name}" stands here twice.`
        : `"${column.name}" has another type in a table that this one inherits from.`,
    );
  else {
    const value = column.default ?? before.default;
    columns[place] = {
      ...before,
      notNull: before.notNull || column.notNull,
      isLocal: before.isLocal || column.isLocal,
      ...(value === undefined ? {} : { default: value }),
      ...(column.identity === undefined ? {} : { identity: column.identity }),
    };
  }
}

function mergeDefinition(
  draft: Draft,
  table: { readonly schema: string; readonly name: string; readonly persistence: Relation['persistence'] },
  columns: Column[],
  definition: ColumnDefinition,
): void {
  const built = buildColumn(draft, table, definition);
  if (definition.type !== undefined || definition.serial !== undefined) return mergeColumn(draft, columns, built);
  // Without a type this is an option of a column that the parent, or the type of the table, has.
  const place = columns.findIndex((candidate) => candidate.name === built.name);
  const before = columns[place];
  if (before === undefined) columns.push(built);
  else
    columns[place] = {
      ...before,
      notNull: before.notNull || built.notNull,
      ...(built.default === undefined ? {} : { default: built.default }),
      ...(built.generated === undefined ? {} : { generated: built.generated }),
    };
}

function inheritedChecks(draft: Draft, parent: Relation): readonly Constraint[] {
  return parent.constraints
    .filter((constraint) => constraint.kind === 'check' && !constraint.noInherit)
    .map((constraint) => ({ ...withoutComment(constraint), isLocal: false, origin: draft.origin }));
}

function includes(including: readonly string[], option: string): boolean {
  return including.some((word) => word.toLowerCase() === 'all' || word.toLowerCase() === option);
}

function likeColumns(
  draft: Draft,
  table: Parameters<typeof mergeDefinition>[1],
  source: Relation,
  including: readonly string[],
): readonly Column[] {
  return source.columns.map((column) => {
    const { default: value, identity, generated, storage, compression, comment, grants: _, ...rest } = column;
    const keepsIdentity = identity !== undefined && includes(including, 'identity');
    // The copy's sequence is a bigint whatever the column is.
    if (keepsIdentity) addOwnedSequence(draft, table, column.name, 'int8', true);
    return {
      ...rest,
      origin: draft.origin,
      isLocal: true,
      ...(value !== undefined && includes(including, 'defaults') ? { default: value } : {}),
      ...(keepsIdentity ? { identity } : {}),
      ...(generated !== undefined && includes(including, 'generated') ? { generated } : {}),
      ...(storage !== undefined && includes(including, 'storage') ? { storage } : {}),
      ...(compression !== undefined && includes(including, 'compression') ? { compression } : {}),
      ...(comment !== undefined && includes(including, 'comments') ? { comment } : {}),
    };
  });
}

/** Constraints, indexes and triggers of a new table, in the order in which PostgreSQL chooses their names. */
function addDetails(
  draft: Draft,
  relation: Relation,
  operation: CreateTable,
  parents: readonly Relation[],
  likes: readonly { readonly source: Relation | undefined; readonly including: readonly string[] }[],
): void {
  const key = objectKey(relation.schema, relation.name);
  const options = { isNewTable: true, only: false };
  const definitions: readonly ConstraintDefinition[] = [
    ...operation.columns.flatMap((column) => column.constraints),
    ...operation.constraints,
  ].sort((left, right) => left.span.start - right.span.start);
  const ofKind = (...kinds: readonly string[]): readonly ConstraintDefinition[] =>
    definitions.filter((definition) => kinds.includes(definition.kind));
  for (const { source, including } of likes) {
    if (source === undefined || !includes(including, 'constraints')) continue;
    const copies = source.constraints
      .filter((constraint) => constraint.kind === 'check')
      .map((constraint) => ({
        ...(includes(including, 'comments') ? constraint : withoutComment(constraint)),
        isLocal: true,
        origin: draft.origin,
        validated: constraint.enforced,
      }));
    draft.changeRelation(key, (current) => ({ ...current, constraints: [...current.constraints, ...copies] }));
  }
  for (const definition of ofKind('check')) addOrMergeCheck(draft, key, definition, options);
  addNotNulls(draft, key, operation, parents, likes, ofKind('not-null'), ofKind('primary-key'));
  for (const definition of [...ofKind('primary-key'), ...ofKind('unique', 'exclusion')])
    if (!isRepeated(draft, key, definition)) addConstraint(draft, key, definition, options);
  for (const { source, including } of likes) {
    if (source === undefined || !includes(including, 'indexes')) continue;
    for (const index of draft.indexesOf(objectKey(source.schema, source.name))) {
      const made = addIndex(draft, key, templateOf(draft, index), undefined, false);
      const { comment } = index;
      if (made !== undefined && comment !== undefined && includes(including, 'comments'))
        draft.changeIndex(made, (copy) => ({ ...copy, comment }));
    }
  }
  for (const definition of ofKind('foreign-key')) addConstraint(draft, key, definition, options);
  if (operation.partitionOf !== undefined)
    for (const parent of parents) shareWithPartition(draft, objectKey(parent.schema, parent.name), key);
}

function addOrMergeCheck(
  draft: Draft,
  key: string,
  definition: ConstraintDefinition,
  options: { readonly isNewTable: boolean; readonly only: boolean },
): void {
  const inherited =
    draft.relations
      .get(key)
      ?.constraints.some(
        (constraint) => constraint.kind === 'check' && constraint.name === definition.name && !constraint.isLocal,
      ) ?? false;
  if (!inherited) return addConstraint(draft, key, definition, options);
  draft.changeRelation(key, (relation) => ({
    ...relation,
    constraints: relation.constraints.map((constraint) =>
      constraint.name === definition.name ? { ...constraint, isLocal: true } : constraint,
    ),
  }));
}

/** A UNIQUE over the same columns as an earlier one, or as the primary key, makes no index of its own. */
function isRepeated(draft: Draft, key: string, definition: ConstraintDefinition): boolean {
  if (definition.kind !== 'unique' || definition.name !== undefined) return false;
  return draft
    .indexesOf(key)
    .some(
      (index) =>
        index.unique &&
        index.constraint !== undefined &&
        index.origin === draft.origin &&
        index.include.length === 0 &&
        (definition.include ?? []).length === 0 &&
        index.nullsNotDistinct === (definition.nullsNotDistinct ?? false) &&
        index.elements.map((element) => element.column).join('\u0000') === definition.columns.join('\u0000'),
    );
}

function addNotNulls(
  draft: Draft,
  key: string,
  operation: CreateTable,
  parents: readonly Relation[],
  likes: readonly { readonly source: Relation | undefined }[],
  definitions: readonly ConstraintDefinition[],
  primaryKeys: readonly ConstraintDefinition[],
): void {
  const add = (column: string, name: string | undefined, isInherited: boolean, noInherit = false): void =>
    addNotNull(draft, key, column, {
      ...(name === undefined ? {} : { name }),
      noInherit,
      isValidated: true,
      only: false,
      isNameShared: true,
      isInherited,
    });
  // The names of the table that is copied are kept, whatever else makes the column NOT NULL.
  for (const { source } of likes) {
    for (const constraint of source?.constraints ?? [])
      if (constraint.kind === 'not-null' && constraint.columns[0] !== undefined)
        add(constraint.columns[0], constraint.name, false);
  }
  for (const definition of definitions)
    for (const column of definition.columns) add(column, definition.name, false, definition.noInherit);
  for (const column of operation.columns) {
    if (column.notNull !== undefined) add(column.name, column.notNull.name, false, column.notNull.noInherit);
    else if (column.serial !== undefined || column.identity !== undefined) add(column.name, undefined, false);
  }
  for (const definition of primaryKeys) for (const column of definition.columns) add(column, undefined, false);
  for (const parent of parents) {
    for (const constraint of parent.constraints) {
      if (constraint.kind === 'not-null' && !constraint.noInherit && constraint.columns[0] !== undefined)
        add(constraint.columns[0], constraint.name, true);
    }
  }
}

/** Gives a partition the indexes, foreign keys and row triggers of its parent. */
export function shareWithPartition(draft: Draft, parentKey: string, partitionKey: string): void {
  if (draft.relations.get(partitionKey)?.kind !== 'foreign-table') {
    for (const index of draft.indexesOf(parentKey))
      attachOrAddIndex(draft, partitionKey, templateOf(draft, index), objectKey(index.schema, index.name));
  }
  const parent = draft.relations.get(parentKey);
  for (const constraint of parent?.constraints ?? [])
    if (constraint.kind === 'foreign-key') addPartitionForeignKey(draft, partitionKey, constraint);
  const shared: readonly Trigger[] = (parent?.triggers ?? []).filter((trigger) => trigger.forEachRow);
  if (shared.length > 0) addTriggers(draft, partitionKey, shared);
}

/** Row triggers of a partitioned table, copied to a partition and on to its own partitions. */
export function addTriggers(draft: Draft, relationKey: string, triggers: readonly Trigger[]): void {
  draft.changeRelation(relationKey, (relation) => ({
    ...relation,
    triggers: [...relation.triggers, ...triggers.map((trigger) => ({ ...trigger, origin: draft.origin }))],
  }));
  for (const child of draft.childrenOf(relationKey))
    if (child.relation.partitionOf !== undefined) addTriggers(draft, child.key, triggers);
}

/** CREATE TABLE AS and SELECT INTO: names where the query gives them, no types. */
export function createTableAs(draft: Draft, operation: CreateTableAs): void {
  const schema = draft.schemaFor(operation.relation.schema, operation.persistence === 'temporary');
  if (schema === undefined) return;
  if (draft.isTaken(schema, operation.relation.name)) {
    if (!operation.ifNotExists) draft.refuseTaken(schema, operation.relation.name);
    return;
  }
  const { columns, columnsKnown } = outputColumns(draft, operation.columns, operation.query);
  draft.putRelation({
    ...unknownParts(draft, schema, operation.relation.name),
    kind: 'table',
    persistence: operation.persistence,
    columns,
    columnsKnown,
    detailsKnown: true,
    ...(operation.onCommit === 'drop' ? { goesAtCommit: true as const } : {}),
  });
}
