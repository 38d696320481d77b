import { escapePattern } from '../core/escape-pattern.ts';
import { findRelation, findType } from '../model/lookup.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import type { Relation, Schema } from '../model/schema.ts';
import type { TypeName } from '../model/type-name.ts';

/** Something that an operation needs as it is, in words: `the type mood`. */
export interface Needed {
  readonly kind: 'type' | 'table';
  readonly name: string;
  readonly shown: string;
}

/**
 * What has to stay as long as the operation has not run: the types of columns that it drops or changes, also the new one,
 * and the tables that foreign keys of theirs point at.
 */
export function neededBy(operation: Operation, before: Schema): readonly Needed[] {
  const types = typesOf(operation, before).flatMap((type) => findType(before, type)?.name ?? []);
  const tables = goingKeys(operation, before);
  return [...new Set(types)]
    .map((name): Needed => ({ kind: 'type', name, shown: `the type ${name}` }))
    .concat([...new Set(tables)].map((name): Needed => ({ kind: 'table', name, shown: `the table ${name}` })));
}

/** Whether an operation drops or renames it; of a table, whose drop has a finding and a fix of its own, that is not asked. */
export function takesAway(operation: Operation, needed: Needed): boolean {
  if (needed.kind !== 'type') return false;
  return (
    (operation.kind === 'drop-type' && operation.objects.some((object) => object.name === needed.name)) ||
    (operation.kind === 'rename-object' && operation.objectKind === 'type' && operation.object.name === needed.name)
  );
}

/** The same of a text that is not read. */
export function mayTakeAway(text: string, needed: Needed): boolean {
  const name = `[^;]*(?<![\\w$])${escapePattern(needed.name)}(?![\\w$])`;
  return (
    new RegExp(`\\bdrop\\s+${needed.kind}\\b${name}`, 'iu').test(text) ||
    (needed.kind === 'type' && new RegExp(`\\balter\\s+type\\b${name}[^;]*\\brename\\s+to\\b`, 'iu').test(text))
  );
}

function typesOf(operation: Operation, before: Schema): readonly TypeName[] {
  const columns = goingColumns(operation, before).flatMap((column) => column.type ?? []);
  return operation.kind === 'alter-type' ? [...columns, operation.action.type] : columns;
}

function goingColumns(operation: Operation, before: Schema): Relation['columns'] {
  if (operation.kind === 'drop-table')
    return operation.objects.flatMap((object) => findRelation(before, object)?.columns ?? []);
  if (!isTableAction(operation) || (operation.action.kind !== 'alter-type' && operation.action.kind !== 'drop-column'))
    return [];
  const { column } = operation.action;
  return findRelation(before, operation.relation)?.columns.filter((candidate) => candidate.name === column) ?? [];
}

function goingKeys(operation: Operation, before: Schema): readonly string[] {
  const gone =
    operation.kind === 'drop-table'
      ? operation.objects.flatMap((object) => findRelation(before, object)?.constraints ?? [])
      : operation.kind === 'drop-column'
        ? constraintsOn(findRelation(before, operation.relation), operation.action.column)
        : [];
  return gone.flatMap((constraint) => constraint.references?.name ?? []);
}

function constraintsOn(relation: Relation | undefined, column: string): Relation['constraints'] {
  return relation?.constraints.filter((constraint) => constraint.columns.includes(column)) ?? [];
}
