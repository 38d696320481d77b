import type { ExpressionTree } from '../../../model/expression.ts';
import { findRelation, indexesOf, sameName } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { DeleteRows, InsertRows, UpdateRows } from '../../../model/operation.ts';
import type { Column, Relation, Schema } from '../../../model/schema.ts';
import { SQLITE } from '../product.ts';
import type { SqliteRefusal } from './sqlite-refusal.ts';
import { isSurelyFalse, literal } from '../../../model/constant-truth.ts';
import { gone } from './definitions.ts';

const ROWID = /^(?:rowid|oid|_rowid_)$/i;

const is = (left: string, right: string): boolean => sameName(SQLITE, left, right);

/** INSERT, UPDATE and DELETE: views, columns that are not there, values that a table does not take. */
export function refusedRows(
  operation: InsertRows | UpdateRows | DeleteRows,
  schema: Schema,
): SqliteRefusal | undefined {
  const relation = findRelation(schema, operation.relation);
  if (relation === undefined) return gone(schema, operation.relation);
  const event = operation.kind === 'insert-rows' ? 'insert' : operation.kind === 'update-rows' ? 'update' : 'delete';
  const at = (message: string): SqliteRefusal => ({ span: operation.span, when: 'always', message });
  if (relation.kind === 'view') {
    const isWritten = relation.triggers.some(
      (trigger) => trigger.timing === 'instead-of' && trigger.events.includes(event),
    );
    return isWritten || !relation.detailsKnown
      ? undefined
      : at(`${relation.name} is a view, and has no INSTEAD OF trigger for ${event.toUpperCase()}.`);
  }
  if (operation.kind === 'delete-rows' || !relation.columnsKnown || relation.virtualModule !== undefined)
    return undefined;
  const why = wrongColumns(operation, relation);
  if (why !== undefined) return at(why);
  if (operation.kind === 'update-rows') {
    const message = unfitUpdate(operation, relation);
    return message === undefined ? undefined : { span: operation.span, when: 'if-rows', message };
  }
  const message =
    wrongWidth(operation, relation) ?? wrongConflict(operation, relation, schema) ?? unfitInsert(operation, relation);
  return message === undefined ? undefined : at(message);
}

function find(relation: Relation, name: string): Column | undefined {
  return relation.columns.find((column) => is(column.name, name));
}

function wrongColumns(operation: InsertRows | UpdateRows, relation: Relation): string | undefined {
  const set =
    operation.kind === 'insert-rows' ? (operation.conflict?.assignments ?? []).map(({ column }) => column) : [];
  for (const name of [...(operation.columns ?? []), ...set]) {
    if (ROWID.test(name)) continue;
    const column = find(relation, name);
    if (column === undefined) return `${relation.name} has no column ${name}.`;
    if (column.generated !== undefined) return `${column.name} is generated, and takes no value.`;
  }
  return undefined;
}

/** Columns that INSERT without a list of them fills. */
function plain(relation: Relation): readonly Column[] {
  return relation.columns.filter((column) => column.generated === undefined);
}

function wrongWidth(operation: InsertRows, relation: Relation): string | undefined {
  const places = operation.columns?.length ?? plain(relation).length;
  const { output } = operation.query;
  const given =
    operation.values?.[0]?.length ?? (output.length > 0 && !output.includes(undefined) ? output.length : undefined);
  return given === undefined || given === places
    ? undefined
    : `This gives ${given} values for ${places} columns${operation.columns === undefined ? ` of ${relation.name}` : ''}.`;
}

/** ON CONFLICT that no unique index answers to. */
function wrongConflict({ conflict }: InsertRows, relation: Relation, schema: Schema): string | undefined {
  if (conflict === undefined || conflict.elements.length === 0 || !relation.detailsKnown) return undefined;
  const names = conflict.elements.map((element) => element.column);
  // What an expression amounts to, and a name of the rowid, is not worked out.
  if (names.some((name) => name === undefined || (ROWID.test(name) && find(relation, name) === undefined)))
    return undefined;
  const isOver = (columns: readonly (string | undefined)[]): boolean =>
    columns.length === names.length &&
    columns.every((column) => column !== undefined && names.some((name) => is(name ?? '', column)));
  const isKey =
    relation.constraints.some(
      (constraint) => (constraint.kind === 'primary-key' || constraint.kind === 'unique') && isOver(constraint.columns),
    ) ||
    indexesOf(schema, objectKey(relation.schema, relation.name)).some(
      (index) =>
        index.unique &&
        (index.where === undefined || conflict.where !== undefined) &&
        isOver(index.elements.map((element) => element.column)),
    );
  return isKey
    ? undefined
    : `No key and no unique index of ${relation.name} is over just ${names.join(', ')}, which ON CONFLICT needs.`;
}

/** A key that is the rowid, which gets a number where a row gives none. */
function isRowid(relation: Relation, column: Column): boolean {
  return (
    relation.withoutRowid !== true &&
    /^integer$/i.test(column.type?.name ?? '') &&
    relation.constraints.some(
      (constraint) =>
        constraint.kind === 'primary-key' &&
        constraint.columns.length === 1 &&
        is(constraint.columns[0] ?? '', column.name),
    )
  );
}

/** Whether a row is what the statement gives: nothing passes over it or fails before. */
function takesAsGiven(operation: InsertRows, relation: Relation): boolean {
  return (
    operation.onConflict === undefined &&
    operation.orReplace !== true &&
    relation.detailsKnown &&
    !relation.triggers.some((trigger) => trigger.timing === 'before')
  );
}

function unfitInsert(operation: InsertRows, relation: Relation): string | undefined {
  const isDefault = operation.values === undefined && operation.rowCount === 1;
  if ((operation.values === undefined && !isDefault) || !takesAsGiven(operation, relation)) return undefined;
  const columns = isDefault
    ? []
    : operation.columns === undefined
      ? plain(relation)
      : operation.columns.map((name) => find(relation, name));
  for (const row of operation.values ?? [[]]) {
    const given = (column: Column): ExpressionTree | 'none' => row[columns.indexOf(column)] ?? 'none';
    for (const column of relation.columns) {
      const value = given(column);
      const why = value === 'none' ? undefined : unfitValue(value, column, relation);
      if (why !== undefined) return why;
      if (!column.notNull || column.generated !== undefined || column.notNullConflict !== undefined) continue;
      if (isRowid(relation, column)) continue;
      const isNull = value !== 'none' && value.kind === 'literal' && value.value === null;
      if (isNull || (value === 'none' && hasNoDefault(column)))
        return `${column.name} of ${relation.name} is NOT NULL, and this row gives it ${isNull ? 'NULL' : 'nothing, where it has no default'}.`;
    }
    const known = (name: string): string | number | null | undefined => {
      const column = find(relation, name);
      if (column === undefined || column.generated !== undefined || isRowid(relation, column)) return undefined;
      const value = given(column);
      const tree = value === 'none' ? column.default?.tree : value;
      if (tree === undefined) return null;
      return tree.kind === 'literal' ? kept(literal(tree.value), column) : undefined;
    };
    for (const constraint of relation.constraints) {
      const tree =
        constraint.kind === 'check' && constraint.onConflict === undefined ? constraint.expression : undefined;
      if (tree !== undefined && isSurelyFalse(tree.tree, known))
        return `This row is none that CHECK (${tree.text}) of ${relation.name} takes.`;
    }
  }
  return repeatedKey(operation, relation, columns);
}

function hasNoDefault(column: Column): boolean {
  const tree = column.default?.tree;
  return tree === undefined || (tree.kind === 'literal' && tree.value === null);
}

/** A value that its column keeps as it is; undefined where it may be made another one. Source: sqlite.org/datatype3.html, "Column Affinity". */
export function kept(
  value: string | number | null | undefined,
  column: { readonly type?: { readonly name: string } },
): string | number | null | undefined {
  const type = column.type?.name ?? '';
  const isText = /char|clob|text/i.test(type) && !/int/i.test(type);
  if (typeof value === 'number') return isText || /^any$/i.test(type) ? undefined : value;
  return typeof value === 'string' && !isText ? undefined : value;
}

/** A literal that a STRICT column, or the rowid, does not take. */
function unfitValue(tree: ExpressionTree, column: Column, relation: Relation): string | undefined {
  const value = tree.kind === 'literal' ? literal(tree.value) : undefined;
  if (value === undefined || value === null) return undefined;
  if (isRowid(relation, column) && typeof value === 'string' && Number.isNaN(Number(value)))
    return `${column.name} is the rowid of ${relation.name}, and '${value}' is no whole number.`;
  if (relation.strict !== true || tree.kind !== 'literal' || typeof tree.value === 'boolean') return undefined;
  const type = column.type?.name.toLowerCase() ?? '';
  const isNumber = typeof value === 'number' || (value.trim() !== '' && !Number.isNaN(Number(value)));
  const isUnfit =
    type === 'int' || type === 'integer'
      ? !isNumber || (typeof value === 'number' && !Number.isInteger(value))
      : type === 'real'
        ? !isNumber
        : type === 'blob';
  return isUnfit
    ? `${relation.name} is STRICT, and its column ${column.name} takes no ${typeof value === 'string' ? 'text' : 'number'} such as ${typeof value === 'string' ? `'${value}'` : value}: it is ${type.toUpperCase()}.`
    : undefined;
}

/** Two rows of one statement with the same key. */
function repeatedKey(
  { values = [] }: InsertRows,
  relation: Relation,
  columns: readonly (Column | undefined)[],
): string | undefined {
  for (const constraint of relation.constraints) {
    if ((constraint.kind !== 'primary-key' && constraint.kind !== 'unique') || constraint.onConflict !== undefined)
      continue;
    const places = constraint.columns.map((name) =>
      columns.findIndex((column) => column !== undefined && is(column.name, name)),
    );
    if (places.includes(-1)) continue;
    const seen = new Set<string>();
    for (const row of values) {
      const key = places.map((place) => row[place]);
      const literals = key.map((tree) => (tree?.kind === 'literal' ? literal(tree.value) : undefined));
      if (literals.some((value) => value === undefined || value === null)) continue;
      const form = JSON.stringify(literals);
      if (seen.has(form))
        return `Two of these rows have the same ${constraint.columns.join(', ')}, which is a key of ${relation.name}.`;
      seen.add(form);
    }
  }
  return undefined;
}

function unfitUpdate({ assignments = [], where, query }: UpdateRows, relation: Relation): string | undefined {
  // With a condition, there may be no row that it holds for.
  if (where !== undefined || query.hasWhere || !relation.detailsKnown || query.reads.length > 0) return undefined;
  if (relation.triggers.some((trigger) => trigger.timing === 'before')) return undefined;
  for (const { column: name, value } of assignments) {
    const column = find(relation, name);
    if (column === undefined) continue;
    const isNull = value.kind === 'literal' && value.value === null;
    if (isNull && column.notNull && column.notNullConflict === undefined)
      return `${column.name} of ${relation.name} is NOT NULL.`;
    const why = unfitValue(value, column, relation);
    if (why !== undefined) return why;
  }
  return undefined;
}
