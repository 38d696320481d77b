import { assertNever } from '../../core/assert-never.ts';
import { creationSchema, findIndex, findRelation, findSequence, searchSchemas } from '../lookup.ts';
import { objectKey, type ObjectName } from '../names.ts';
import type { Relation, RelationBase } from '../schema.ts';
import type { Draft } from './draft.ts';

/** A relation of which nothing is known but that it is there. */
export function unknownRelation(draft: Draft, schema: string, name: string, kind: Relation['kind']): Relation {
  const parts = unknownParts(draft, schema, name);
  switch (kind) {
    case 'table':
    case 'foreign-table':
      return { ...parts, kind };
    case 'partitioned-table':
      return { ...parts, kind };
    case 'view':
    case 'materialized-view':
      return { ...parts, kind };
    default:
      return assertNever(kind);
  }
}

/** What every relation has, as long as nothing else is known. */
export function unknownParts(draft: Draft, schema: string, name: string): RelationBase {
  return {
    schema,
    name,
    origin: draft.origin,
    persistence: 'permanent',
    columns: [],
    columnsKnown: false,
    constraints: [],
    detailsKnown: false,
    triggers: [],
    policies: [],
    rules: [],
    rowSecurity: false,
    inherits: [],
    dependsOn: [],
  };
}

/**
 * The relation that a statement changes.
 *
 * One that no migration made is put as unknown where there may be such a one. Undefined where there is none: the
 * statement is refused, unless `ifExists` makes it do nothing.
 */
export function relationForChange(
  draft: Draft,
  name: ObjectName,
  ifExists: boolean,
  kind: Relation['kind'] = 'table',
): Relation | undefined {
  const found = findRelation(draft, name);
  if (found !== undefined) return found;
  const schema = name.schema === undefined ? creationSchema(draft) : searchSchemas(draft, name.schema)[0];
  const isKnownAbsent =
    draft.isComplete ||
    schema === undefined ||
    draft.dropped.has(objectKey(schema, name.name)) ||
    findIndex(draft, name) !== undefined ||
    findSequence(draft, name) !== undefined;
  if (isKnownAbsent || schema === undefined) {
    if (!ifExists)
      draft.refuse(
        findIndex(draft, name) !== undefined
          ? `"${name.name}" is an index.`
          : findSequence(draft, name) !== undefined
            ? `"${name.name}" is a sequence.`
            : `There is no table "${name.name}"${schema !== undefined && draft.dropped.has(objectKey(schema, name.name)) ? ' any more: it was dropped' : ''}.`,
      );
    return undefined;
  }
  if (ifExists) return undefined;
  // It was there before any migration that is known, so none of them is its origin.
  const relation = { ...unknownRelation(draft, schema, name.name, kind), origin: { fileIndex: -1 } };
  draft.putRelation(relation);
  return draft.relations.get(objectKey(schema, name.name)) ?? relation;
}
