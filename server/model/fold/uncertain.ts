import { guardedState } from '../guarded.ts';
import { findIndex, findRelation, findType, relationKeyOf } from '../lookup.ts';
import { objectKey, type ObjectName } from '../names.ts';
import { isTableAction, type Operation } from '../operation.ts';
import type { Draft } from './draft.ts';
import { unknownRelation } from './relations.ts';

/**
 * An operation that may or may not have run: whatever it touches is there, and what is known of it ends.
 *
 * A table that may have been made counts as made, of unknown form; one that may have been dropped stays.
 */
export function foldUncertain(draft: Draft, operation: Operation): void {
  // What it would make is there, so it does not run.
  if (operation.unless !== undefined && guardedState(draft, operation.unless) === 'there') return;
  if (isTableAction(operation)) {
    const isColumnChange =
      operation.kind === 'add-column' ||
      operation.kind === 'drop-column' ||
      operation.kind === 'rename-column' ||
      operation.kind === 'rename-table' ||
      operation.kind === 'set-table-schema';
    doubt(draft, operation.relation, isColumnChange);
    if (operation.action.kind === 'add-column' || operation.action.kind === 'add-constraint') return;
    forgetColumn(draft, operation);
    return;
  }
  switch (operation.kind) {
    case 'create-table':
    case 'create-table-as':
    case 'create-view':
    case 'create-materialized-view': {
      const kind =
        operation.kind === 'create-view'
          ? 'view'
          : operation.kind === 'create-materialized-view'
            ? 'materialized-view'
            : operation.kind === 'create-table' && operation.partitionBy !== undefined
              ? 'partitioned-table'
              : 'table';
      const schema = draft.schemaFor(operation.relation.schema, false);
      if (schema === undefined || findRelation(draft, operation.relation) !== undefined) return;
      draft.putRelation(unknownRelation(draft, schema, operation.relation.name, kind));
      return;
    }
    case 'create-type': {
      const schema = draft.schemaFor(operation.name.schema, false);
      if (schema === undefined || findType(draft, operation.name) !== undefined) return;
      // Without labels, attributes or a domain's facts, the type is one of which only the kind is known.
      draft.putType({ kind: operation.definition.kind, schema, name: operation.name.name, origin: draft.origin });
      return;
    }
    case 'alter-type-definition': {
      const type = findType(draft, operation.name);
      if (type === undefined) return;
      const { labels: _labels, domain: _domain, attributes: _attributes, ...rest } = type;
      draft.putType(rest);
      return;
    }
    case 'create-index':
    case 'create-trigger':
    case 'create-policy':
    case 'alter-policy':
    case 'create-rule':
      return doubt(draft, operation.relation, false);
    case 'create-schema':
      if (!draft.schemas.has(operation.name))
        draft.schemas = draft.schemas.set(operation.name, { name: operation.name, origin: draft.origin });
      return;
    case 'drop-table':
    case 'drop-view':
    case 'drop-materialized-view':
      for (const name of operation.objects) if (findRelation(draft, name) !== undefined) doubt(draft, name, true);
      return;
    case 'drop-index': {
      for (const name of operation.objects) {
        const index = findIndex(draft, name);
        if (index !== undefined)
          draft.changeRelation(index.relationKey, (relation) => ({ ...relation, detailsKnown: false }));
      }
      return;
    }
    case 'drop-trigger':
    case 'drop-policy':
    case 'drop-rule':
      if (operation.relation !== undefined) doubt(draft, operation.relation, false);
      return;
    case 'drop-schema':
    case 'rename-object':
    case 'set-object-schema':
      draft.isComplete = false;
      return;
    case 'opaque':
      if (operation.keepsSchema !== true) draft.isComplete = false;
      return;
    default:
      return;
  }
}

/** Not everything of a relation is known any more; of its columns neither, where they may have changed. */
export function doubt(draft: Draft, name: ObjectName, columns: boolean): void {
  const key = relationKeyOf(draft, name);
  draft.changeRelation(key, (relation) => ({
    ...relation,
    detailsKnown: false,
    ...(columns ? { columnsKnown: false } : {}),
  }));
}

/** A column whose type, default or nullability may have changed is not listed any more. */
function forgetColumn(draft: Draft, operation: Extract<Operation, { readonly head: string }>): void {
  const { action } = operation;
  if (!('column' in action) || typeof action.column !== 'string') return;
  const relation = findRelation(draft, operation.relation);
  if (relation === undefined) return;
  const { column } = action;
  draft.changeRelation(objectKey(relation.schema, relation.name), (old) => ({
    ...old,
    columnsKnown: false,
    columns: old.columns.filter((candidate) => candidate.name !== column),
  }));
}
