import { referencedColumns } from '../expression.ts';
import { findIndex, findRelation, findSequence, resolveTypeName, sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { TableAction, TableActionDetail } from '../operation.ts';
import type { Column, Index, Relation, Sequence } from '../schema.ts';
import { UNLOGGED_SEQUENCE_VERSION, buildColumn, hasColumn, inheritedColumn, isKeptDefault } from './columns.ts';
import { alterConstraint, dropConstraint, validate } from './constraint-action.ts';
import { addConstraint, addNotNull } from './constraints.ts';
import { trackedUserTitle, usersOf } from './tracked-users.ts';
import type { Draft } from './draft.ts';
import { dropColumn, triggerNames } from './drop-column.ts';
import { withoutDefault } from './drop-relations.ts';
import { addIdentity, dropIdentity, setIdentity } from './identity-action.ts';
import { dropNotNull, setNotNull } from './not-null-action.ts';
import { attachPartition, detachPartition, inherit, noInherit } from './partitions.ts';
import { foreignKeyFits, typesDiffer } from './refusals.ts';
import { relationForChange } from './relations.ts';
import { renameAnyRelation, setRelationSchema } from './rename.ts';
import { renameColumn, renameConstraint } from './rename-column.ts';
import { setType, unsetType } from './typed-tables.ts';

/** One action of ALTER TABLE, or of a statement that shares its grammar. */
export function foldTableAction(draft: Draft, operation: TableAction): void {
  const { action } = operation;
  if (action.kind === 'rename-table')
    return renameAnyRelation(draft, operation.relation, action.newName, operation.ifExists);
  if (action.kind === 'set-table-schema') {
    const schema = draft.schemaFor(action.schema, false);
    return schema === undefined ? undefined : setRelationSchema(draft, operation.relation, schema, operation.ifExists);
  }
  const isOther =
    operation.head === 'index' ||
    operation.head === 'sequence' ||
    (findRelation(draft, operation.relation) === undefined &&
      (findIndex(draft, operation.relation) ?? findSequence(draft, operation.relation)) !== undefined);
  if (isOther) return foldIndexAction(draft, operation);
  const kind =
    operation.head === 'view'
      ? 'view'
      : operation.head === 'materialized-view'
        ? 'materialized-view'
        : operation.head === 'foreign-table'
          ? 'foreign-table'
          : 'table';
  const relation = relationForChange(draft, operation.relation, operation.ifExists, kind);
  if (relation === undefined) return;
  if (!draft.rules.allowsAction(relation, action.kind))
    return draft.refuse(
      relation.ofType === undefined
        ? `${relation.name} is a ${relation.kind.replaceAll('-', ' ')}, to which this cannot be done.`
        : undefined,
    );
  foldAction(draft, relation, action, operation.only);
}

/** Actions of ALTER INDEX: of those the tablespace and the storage parameters are in the schema. */
function foldIndexAction(draft: Draft, operation: TableAction): void {
  const index = findIndex(draft, operation.relation);
  const sequence = index === undefined ? findSequence(draft, operation.relation) : undefined;
  if (sequence !== undefined && (operation.action.kind === 'set-logged' || operation.action.kind === 'set-unlogged'))
    return draft.putSequence({
      ...sequence,
      persistence: operation.action.kind === 'set-logged' ? 'permanent' : 'unlogged',
    });
  if (index === undefined) {
    if (operation.head === 'index' && draft.isComplete && !operation.ifExists)
      draft.refuse(`There is no index "${operation.relation.name}".`);
    return;
  }
  const { action } = operation;
  if (action.kind === 'set-tablespace') draft.putIndex({ ...index, tablespace: action.tablespace });
  if (action.kind === 'set-storage-parameters' || action.kind === 'reset-storage-parameters') {
    // As the server does: those that are kept, then the new ones behind them.
    const kept = Object.entries(index.storageParameters ?? {}).filter(([name]) => !action.names.includes(name));
    draft.putIndex(withParameters(index, { ...Object.fromEntries(kept), ...action.values }));
  }
}

function withParameters(
  { storageParameters: _, ...index }: Index,
  parameters: Readonly<Record<string, string>>,
): Index {
  return Object.keys(parameters).length === 0 ? index : { ...index, storageParameters: parameters };
}

/** One action on a table that is known. */
export function foldAction(
  draft: Draft,
  relation: Relation,
  action: Exclude<TableActionDetail, { readonly kind: 'rename-table' | 'set-table-schema' }>,
  only: boolean,
): void {
  const key = objectKey(relation.schema, relation.name);
  switch (action.kind) {
    case 'add-column':
      return addColumn(draft, key, action, only);
    case 'drop-column': {
      if (!hasColumn(draft, relation, action.column)) {
        if (relation.columnsKnown && !action.ifExists)
          draft.refuse(`${relation.name} has no column "${action.column}".`);
        return;
      }
      return dropColumn(draft, key, action.column, { cascade: action.cascade, only, isRecursion: false });
    }
    case 'rename-column':
      return only && draft.childrenOf(key).length > 0
        ? draft.refuse(`Tables inherit from ${relation.name}, and a column is renamed in all of them: leave ONLY out.`)
        : renameColumn(draft, relation, action.column, action.newName, false);
    case 'alter-type':
      return alterType(draft, relation, action, only);
    case 'set-default':
      return onColumn(draft, relation, action.column, only, (column) =>
        column.generated !== undefined || column.identity !== undefined
          ? undefined
          : isKeptDefault(draft, column.type, action.default)
            ? { ...column, default: action.default }
            : withoutDefault(column),
      );
    case 'drop-default':
      return onColumn(draft, relation, action.column, only, (column) =>
        column.identity !== undefined ? undefined : withoutDefault(column),
      );
    case 'set-not-null':
      return setNotNull(draft, relation, action.column, only);
    case 'drop-not-null':
      return dropNotNull(draft, relation, action.column, only);
    case 'set-expression':
      return onColumn(draft, relation, action.column, only, (column) =>
        column.generated === undefined
          ? undefined
          : { ...column, generated: { ...column.generated, expression: action.expression } },
      );
    case 'drop-expression':
      return onColumn(draft, relation, action.column, only, (column) => {
        if (column.generated === undefined) return action.ifExists ? column : undefined;
        const { generated: _generated, ...rest } = column;
        return rest;
      });
    case 'add-identity':
      return addIdentity(draft, relation, action.column, action.always);
    case 'alter-identity':
      return setIdentity(draft, relation, action.column, action.always);
    case 'drop-identity':
      return dropIdentity(draft, relation, action.column, action.ifExists);
    case 'set-storage':
      return onColumn(draft, relation, action.column, only, (column) => ({ ...column, storage: action.storage }));
    case 'set-compression':
      return onColumn(draft, relation, action.column, true, (column) => ({ ...column, compression: action.method }));
    case 'set-statistics':
    case 'set-column-options':
    case 'set-storage-parameters':
    case 'reset-storage-parameters':
    case 'other-table-action':
    case 'toggle-rule':
      return;
    case 'change-owner':
      return draft.putRelation({ ...relation, owner: action.owner });
    case 'of-type':
      return setType(draft, relation, action.type);
    case 'not-of-type':
      return unsetType(draft, relation);
    case 'add-constraint': {
      return draft.rules.addConstraint(draft, relation, action.constraint, only);
    }
    case 'drop-constraint':
      return dropConstraint(draft, relation, action, only);
    case 'rename-constraint':
      return renameConstraint(draft, key, action.constraint, action.newName, false);
    case 'validate-constraint':
      return validate(draft, key, action.constraint, false);
    case 'alter-constraint':
      return alterConstraint(draft, relation, action);
    case 'attach-partition':
      return attachPartition(draft, relation, action.partition, action.bound);
    case 'detach-partition':
      return detachPartition(draft, relation, action.partition, action.mode);
    case 'inherit':
      return inherit(draft, relation, action.parent);
    case 'no-inherit':
      return noInherit(draft, relation, action.parent);
    case 'set-logged':
      return setPersistence(draft, key, relation, 'permanent');
    case 'set-unlogged':
      return setPersistence(draft, key, relation, 'unlogged');
    case 'set-tablespace':
      return draft.putRelation({ ...relation, tablespace: action.tablespace });
    case 'set-access-method':
      return draft.putRelation({ ...relation, accessMethod: action.method });
    case 'cluster-on':
      return draft.putRelation({ ...relation, ...(action.index === undefined ? {} : { clusterIndex: action.index }) });
    case 'set-without-cluster': {
      const { clusterIndex: _index, ...rest } = relation;
      return draft.putRelation(rest);
    }
    case 'replica-identity':
      return draft.putRelation({
        ...relation,
        replicaIdentity: action.mode === 'index' ? (action.index ?? 'index') : action.mode,
      });
    case 'row-security':
      return draft.putRelation(
        action.mode === 'enable' || action.mode === 'disable'
          ? { ...relation, rowSecurity: action.mode === 'enable' }
          : { ...relation, forcedRowSecurity: action.mode === 'force' },
      );
    case 'toggle-trigger':
      return toggleTrigger(draft, key, action, only);
  }
}

function addColumn(
  draft: Draft,
  key: string,
  action: Extract<TableActionDetail, { readonly kind: 'add-column' }>,
  only: boolean,
): void {
  const relation = draft.relations.get(key);
  if (relation === undefined) return;
  if (hasColumn(draft, relation, action.column.name)) {
    if (!action.ifNotExists) draft.refuse(`${relation.name} has a column "${action.column.name}" already.`);
    return;
  }
  draft.rules.addColumn(draft, relation, action, only);
}

/** A new column of a table and its children, with what its constraints bring. */
export function addFullColumn(
  draft: Draft,
  relation: Relation,
  action: Extract<TableActionDetail, { readonly kind: 'add-column' }>,
  only: boolean,
): void {
  const key = objectKey(relation.schema, relation.name);
  const isPartition = relation.partitionOf !== undefined;
  const hasChildren = draft.childrenOf(key).length > 0;
  if (
    isPartition ||
    (hasChildren && only) ||
    (hasChildren && action.column.identity !== undefined && draft.version < 17)
  )
    return draft.refuse(
      isPartition
        ? `${relation.name} is a partition, which gets columns with its parent only.`
        : only
          ? `Tables inherit from ${relation.name}, and get its columns too: leave ONLY out.`
          : `Tables inherit from ${relation.name}, and before PostgreSQL 17 none inherits an identity column.`,
    );
  const column = buildColumn(draft, relation, action.column);
  putColumn(draft, key, column);
  const options = { isNewTable: false, only };
  for (const kind of ['check', 'not-null', 'primary-key', 'unique', 'exclusion', 'foreign-key'] as const) {
    if (kind === 'not-null' && column.notNull) {
      const explicit = action.column.constraints.find((constraint) => constraint.kind === 'not-null');
      const name = action.column.notNull?.name ?? explicit?.name;
      // Before 18 a child that had the column keeps its own word on that.
      if (draft.hasNamedNotNull)
        addNotNull(draft, key, column.name, {
          ...(name === undefined ? {} : { name }),
          noInherit: action.column.notNull?.noInherit ?? false,
          isValidated: true,
          only: false,
          isNameShared: true,
        });
      continue;
    }
    for (const constraint of action.column.constraints)
      if (constraint.kind === kind) addConstraint(draft, key, constraint, options);
  }
}

/** Adds a column to a table and to its children; a child's own column of that name is merged. */
function putColumn(draft: Draft, key: string, column: Column): void {
  draft.changeRelation(key, (relation) => ({ ...relation, columns: [...relation.columns, column] }));
  for (const child of draft.childrenOf(key)) {
    const own = child.relation.columns.find((other) => other.name === column.name);
    if (own !== undefined && typesDiffer(own.type, column.type))
      return draft.refuse(`${child.relation.name}, which inherits it, has a column "${column.name}" of another type.`);
    if (own !== undefined) continue;
    putColumn(draft, child.key, inheritedColumn(draft, column, child.relation.partitionOf !== undefined));
  }
}

/** Changes a column here and, unless ONLY, in the children; `undefined` from `change` refuses the statement. */
function onColumn(
  draft: Draft,
  relation: Relation,
  name: string,
  only: boolean,
  change: (column: Column) => Column | undefined,
): void {
  const column = relation.columns.find((candidate) => sameName(draft.product, candidate.name, name));
  if (column === undefined) {
    if (relation.columnsKnown) draft.refuse(`${relation.name} has no column "${name}".`);
    return;
  }
  const changed = change(column);
  if (changed === undefined)
    return draft.refuse(
      column.identity !== undefined
        ? `"${column.name}" of ${relation.name} is an identity column.`
        : column.generated === undefined
          ? `"${column.name}" of ${relation.name} is no generated column.`
          : `"${column.name}" of ${relation.name} is a generated column.`,
    );
  const key = objectKey(relation.schema, relation.name);
  draft.changeColumn(key, column.name, () => changed);
  if (!only)
    for (const child of draft.childrenOf(key))
      if (child.relation.columns.some((other) => other.name === column.name))
        onColumn(draft, child.relation, column.name, false, change);
}

function alterType(
  draft: Draft,
  relation: Relation,
  action: Extract<TableActionDetail, { readonly kind: 'alter-type' }>,
  only: boolean,
): void {
  const column = relation.columns.find((candidate) => candidate.name === action.column);
  if (column === undefined) {
    if (relation.columnsKnown) draft.refuse(`${relation.name} has no column "${action.column}".`);
    return;
  }
  const key = objectKey(relation.schema, relation.name);
  const isInherited = !column.isLocal && (relation.partitionOf !== undefined || relation.inherits.length > 0);
  const isViewed = draft
    .dependantsOf(key)
    .some(({ relation: view }) =>
      view.dependsOn.some(
        (read) => read.key === key && read.columns !== 'unknown' && read.columns.includes(column.name),
      ),
    );
  const isGeneratedFrom = relation.columns.some(
    (other) =>
      other.generated !== undefined && referencedColumns(other.generated.expression.tree).includes(column.name),
  );
  const isTriggered = relation.triggers.some((trigger) => triggerNames(trigger, column.name));
  const isInPolicy = relation.policies.some(
    (policy) => relation.policyColumns?.[policy]?.includes(column.name) === true,
  );
  const [elsewhere] = usersOf(relation, column.name);
  const isKey =
    relation.partitionKey?.elements.some(
      (element) =>
        element.column === column.name ||
        (element.expression !== undefined && referencedColumns(element.expression.tree).includes(column.name)),
    ) === true;
  const isOnlyParent = only && draft.childrenOf(key).length > 0;
  if (
    isInherited ||
    isViewed ||
    isGeneratedFrom ||
    isTriggered ||
    isInPolicy ||
    elsewhere !== undefined ||
    isKey ||
    isOnlyParent
  )
    return draft.refuse(
      isInherited
        ? `"${column.name}" of ${relation.name} is inherited: change it in the table that it comes from.`
        : isKey
          ? `${relation.name} is partitioned by "${column.name}".`
          : isOnlyParent
            ? `Tables inherit from ${relation.name}, and a column changes in all of them: leave ONLY out.`
            : `${isViewed ? 'A view' : isInPolicy ? 'A policy' : isTriggered ? 'A trigger' : elsewhere === undefined ? 'A generated column' : trackedUserTitle(elsewhere)} uses "${column.name}" of ${relation.name}, and its type cannot change while that is so: drop that first, and make it again after.`,
    );
  const type = resolveTypeName(draft, action.type);
  onColumn(draft, relation, action.column, false, ({ collation: _collation, ...rest }) => ({
    ...rest,
    type,
    ...(action.collation === undefined ? {} : { collation: action.collation }),
  }));
  const changed = draft.relations.get(key);
  const isBroken =
    changed?.constraints.some(
      (constraint) => constraint.kind === 'foreign-key' && !foreignKeyFits(draft, changed, constraint),
    ) === true || draft.foreignKeysTo(key).some((holder) => !foreignKeyFits(draft, holder.relation, holder.constraint));
  if (isBroken)
    return draft.refuse(
      `A foreign key would be between columns of types that do not compare with each other: drop it first, or change both.`,
    );
  // The sequence of an identity column has the column's type.
  if (column.identity === undefined) return;
  for (const { sequence } of draft.sequencesOf(key))
    if (sequence.identity && sequence.ownedBy?.column === column.name)
      draft.putSequence({ ...sequence, dataType: type.name });
}

function setPersistence(draft: Draft, key: string, relation: Relation, persistence: Sequence['persistence']): void {
  if (relation.persistence === 'temporary') return draft.refuse(`${relation.name} is temporary.`);
  draft.putRelation({ ...relation, persistence });
  // Sequences of the table follow only where they can be unlogged.
  if (draft.version >= UNLOGGED_SEQUENCE_VERSION)
    for (const { sequence } of draft.sequencesOf(key)) draft.putSequence({ ...sequence, persistence });
}

function toggleTrigger(
  draft: Draft,
  key: string,
  action: Extract<TableActionDetail, { readonly kind: 'toggle-trigger' }>,
  only: boolean,
): void {
  const relation = draft.relations.get(key);
  if (relation === undefined) return;
  const isKnown =
    action.target !== 'one' ||
    !relation.detailsKnown ||
    relation.triggers.some((trigger) => trigger.name === action.trigger);
  if (!isKnown) return draft.refuse(`${relation.name} has no trigger "${action.trigger ?? ''}".`);
  draft.putRelation({
    ...relation,
    triggers: relation.triggers.map((trigger) =>
      action.target !== 'one' || trigger.name === action.trigger ? { ...trigger, enabled: action.enabled } : trigger,
    ),
  });
  if (only) return;
  for (const child of draft.childrenOf(key)) {
    if (
      child.relation.partitionOf !== undefined &&
      child.relation.triggers.some((trigger) => trigger.name === action.trigger)
    )
      toggleTrigger(draft, child.key, action, false);
  }
}
