import { isSurelyFalse, literal, type Value } from './constant-truth.ts';
import type { ExpressionTree } from './expression.ts';
import { indexesOf } from './lookup.ts';
import { objectKey } from './names.ts';
import type { InsertRows } from './operation.ts';
import type { Column, Relation, Schema } from './schema.ts';
import type { TypeName } from './type-name.ts';

/** What a row of INSERT ... VALUES holds, by column; a column whose value is not known for certain is not there. */
export type GivenRow = ReadonlyMap<string, string | number | null>;

const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8']);
const NUMBERS: ReadonlySet<string> = new Set([...WHOLE_NUMBERS, 'numeric', 'float8']);
const TEXTS: ReadonlySet<string> = new Set(['text', 'varchar']);

/** Of a statement, the table as it was asked about last, which most keystrokes leave as it is, and its rows. */
const lastGiven = new WeakMap<InsertRows, { readonly relation: Relation; readonly rows: readonly GivenRow[] }>();

/** The rows that an INSERT gives a table, as far as they are literals that their columns keep as they are. */
export function givenRows(operation: InsertRows, relation: Relation): readonly GivenRow[] {
  const last = lastGiven.get(operation);
  if (last?.relation === relation) return last.rows;
  const rows = readRows(operation, relation);
  lastGiven.set(operation, { relation, rows });
  return rows;
}

function readRows({ values = [], columns }: InsertRows, relation: Relation): readonly GivenRow[] {
  return values.map((row) => {
    const known = new Map<string, string | number | null>();
    for (const [place, column] of relation.columns.entries()) {
      if (column.generated !== undefined || column.identity !== undefined) continue;
      const at = columns === undefined ? place : columns.indexOf(column.name);
      const value = keptBy(column, at < 0 ? undefined : row[at]);
      if (value !== undefined) known.set(column.name, value);
    }
    return known;
  });
}

function keptBy({ type, default: fallback }: Column, given: ExpressionTree | undefined): Value {
  // A type of the database's own may have a default and a conversion.
  if (type === undefined || type.schema !== undefined || type.arrayDimensions > 0) return undefined;
  const tree = given === undefined || (given.kind === 'keyword' && given.name === 'default') ? fallback?.tree : given;
  if (tree === undefined) return NUMBERS.has(type.name) || TEXTS.has(type.name) ? null : undefined;
  return keptValue(tree, type);
}

/** A literal as a column of a type keeps it; undefined where it is none, or is changed. */
export function keptValue(tree: ExpressionTree, type: TypeName): Value {
  if (type.schema !== undefined || type.arrayDimensions > 0) return undefined;
  const value = tree.kind === 'literal' && typeof tree.value !== 'boolean' ? literal(tree.value) : undefined;
  if (typeof value === 'number') {
    if (WHOLE_NUMBERS.has(type.name)) return Number.isInteger(value) ? value : undefined;
    // What has more digits than the scale is rounded.
    const scale = type.modifiers.length === 0 ? Number.POSITIVE_INFINITY : Number(type.modifiers[1] ?? 0);
    return NUMBERS.has(type.name) && (String(value).split('.')[1] ?? '').length <= scale ? value : undefined;
  }
  return value === null || (typeof value === 'string' && TEXTS.has(type.name)) ? value : undefined;
}

/** Keys of a table that no two rows share, as lists of columns; a key that is checked at the end is none of them. */
export function keysOf(relation: Relation, schema: Schema): readonly (readonly string[])[] {
  const deferred = new Set(
    relation.constraints.flatMap(({ name, deferrable, onConflict }) =>
      deferrable || onConflict !== undefined ? [name] : [],
    ),
  );
  return [
    ...relation.constraints.flatMap(({ kind, columns, deferrable, period, onConflict }) =>
      (kind === 'primary-key' || kind === 'unique') && !deferrable && period !== true && onConflict === undefined
        ? [columns]
        : [],
    ),
    ...indexesOf(schema, objectKey(relation.schema, relation.name)).flatMap((index) => {
      const columns = index.elements.flatMap(({ column }) => column ?? []);
      return index.unique &&
        index.where === undefined &&
        columns.length === index.elements.length &&
        !deferred.has(index.constraint ?? '')
        ? [columns]
        : [];
    }),
  ];
}

/** Whether two rows surely have the same values in all of some columns. */
export function repeats(rows: readonly GivenRow[], columns: readonly string[]): boolean {
  const seen = new Set<string>();
  for (const row of rows) {
    const values = columns.map((column) => row.get(column));
    if (values.length === 0 || values.some((value) => value === undefined || value === null)) continue;
    const form = JSON.stringify(values);
    if (seen.has(form)) return true;
    seen.add(form);
  }
  return false;
}

/** Whether a CHECK is surely false for one of some rows. */
export function breaksCheck(rows: readonly GivenRow[], tree: ExpressionTree): boolean {
  return rows.some((row) => isSurelyFalse(tree, (column) => row.get(column)));
}
