import { givenRows, type GivenRow } from '../../model/given-values.ts';
import { isSurelyFalse } from '../../model/constant-truth.ts';
import { findRelation, foreignKeysTo, resolveTypeName } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { ConstraintDefinition, CreateTable, DeleteRows, InsertRows, Operation } from '../../model/operation.ts';
import type { Constraint, Relation, Schema } from '../../model/schema.ts';

/** What changes no row of any table and no foreign key that is looked at. */
const HARMLESS: ReadonlySet<Operation['kind']> = new Set([
  'create-table',
  'create-index',
  'create-view',
  'create-type',
  'create-sequence',
  'create-schema',
  'add-constraint',
  'add-column',
  'set-default',
  'set-not-null',
  'drop-not-null',
  'comment',
  'grant',
  'select-rows',
  'insert-rows',
]);

/** A foreign key: its columns, and those that it points at. */
interface Pointing {
  readonly columns: readonly string[];
  readonly parent: Relation;
  readonly parentColumns: readonly string[];
}

/** Tables that the file itself makes, and all of whose rows it inserts as literals: what is not among them is not there. */
export class WholeTables {
  #rows = new Map<string, readonly GivenRow[]>();

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** Ask after what was asked of the operation. */
  note(operation: Operation, schema: Schema, isPlain: (insert: InsertRows, relation: Relation) => boolean): void {
    const query = 'query' in operation ? operation.query : undefined;
    // A function may write, and so may a WITH.
    const mayWrite = query !== undefined && (query.functions.length > 0 || query.writes.length > 0);
    if (!HARMLESS.has(operation.kind) || (mayWrite && operation.kind !== 'create-view')) {
      this.#rows = new Map();
      return;
    }
    if (operation.kind === 'create-table') return this.#make(operation, schema);
    if (operation.kind !== 'insert-rows' || this.#rows.size === 0) return;
    const relation = findRelation(schema, operation.relation);
    const key = relation === undefined ? '' : objectKey(relation.schema, relation.name);
    const rows = this.#rows.get(key);
    const isWhole =
      relation !== undefined && isPlain(operation, relation) && operation.rowCount === operation.values?.length;
    if (rows !== undefined && isWhole) this.#rows.set(key, [...rows, ...givenRows(operation, relation)]);
    // Triggers, rules and views bring rows to other tables.
    else if (relation === undefined || rows !== undefined || !isQuiet(relation)) this.#rows = new Map();
  }

  #make(operation: CreateTable, schema: Schema): void {
    const { relation: name, ifNotExists, certainty, persistence } = operation;
    const isPlain =
      !ifNotExists &&
      certainty !== 'may' &&
      persistence === 'permanent' &&
      operation.like.length + operation.inherits.length === 0 &&
      operation.partitionOf === undefined &&
      operation.partitionBy === undefined &&
      operation.ofType === undefined;
    const home = name.schema ?? schema.session.searchPath[0];
    if (isPlain && home !== undefined) this.#rows.set(objectKey(home, name.name), []);
  }

  /** Why rows of a table point at none of such a table. `added` come with the statement itself. */
  unmatched(
    relation: Relation,
    rows: readonly GivenRow[],
    key: Constraint | ConstraintDefinition,
    schema: Schema,
    added: readonly GivenRow[],
  ): string | undefined {
    const pointing = pointingOf(key, schema);
    if (pointing === undefined) return undefined;
    const { parent, columns, parentColumns } = pointing;
    const known = this.#rows.get(objectKey(parent.schema, parent.name));
    if (
      known === undefined ||
      !columns.every((column, place) => isAlike(relation, column, parent, parentColumns[place], schema))
    )
      return undefined;
    const all = parent.schema === relation.schema && parent.name === relation.name ? [...known, ...added] : known;
    const lost = rows.some((row) => {
      const values = columns.map((column) => row.get(column));
      if (values.some((value) => value === undefined || value === null)) return false;
      return all.every((other) =>
        values.some((value, place) => {
          const theirs = other.get(parentColumns[place] ?? '');
          return theirs !== undefined && theirs !== value;
        }),
      );
    });
    return lost
      ? `This migration gives ${relation.name} a row whose ${columns.join(', ')} is in no row that it has inserted into ${parent.name}, which it made itself.`
      : undefined;
  }
}

/** Why a DELETE of rows that are surely there is refused: another row that surely is there points at one of them. */
export function stillReferenced(
  { where }: DeleteRows,
  relation: Relation,
  rows: readonly GivenRow[],
  schema: Schema,
  rowsOf: (relation: Relation) => readonly GivenRow[],
): string | undefined {
  for (const { relation: child, constraint } of foreignKeysTo(schema, objectKey(relation.schema, relation.name))) {
    const pointing = child === relation ? undefined : pointingOf(constraint, schema);
    const action = constraint.references?.onDelete ?? 'no action';
    const isKept = /^(?:no.action|restrict)$/i.test(action);
    if (pointing === undefined || !isKept) continue;
    const { columns, parentColumns } = pointing;
    if (!columns.every((column, place) => isAlike(child, column, relation, parentColumns[place], schema))) continue;
    const isHeld = rowsOf(child).some((row) =>
      rows.some(
        (deleted) =>
          columns.every((column, place) => {
            const value = row.get(column);
            return value !== undefined && value !== null && value === deleted.get(parentColumns[place] ?? '');
          }) &&
          (where === undefined ||
            isSurelyFalse({ kind: 'boolean', operator: 'not', operands: [where.tree] }, (name) => deleted.get(name))),
      ),
    );
    if (isHeld)
      return `A row that this migration has inserted into ${child.name} points at one that this DELETE takes from ${relation.name}.`;
  }
  return undefined;
}

/** A foreign key that is checked at once; undefined for all others. */
function pointingOf(key: Constraint | ConstraintDefinition, schema: Schema): Pointing | undefined {
  if (
    key.kind !== 'foreign-key' ||
    key.period === true ||
    key.initiallyDeferred === true ||
    ('enforced' in key ? !key.enforced : key.notEnforced === true)
  )
    return undefined;
  const { references } = key;
  const parent =
    'relation' in references ? findRelation(schema, references.relation) : schema.relations.get(references.key);
  if (parent === undefined) return undefined;
  const parentColumns =
    references.columns.length > 0
      ? references.columns
      : (parent.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? []);
  return parentColumns.length === key.columns.length && key.columns.length > 0
    ? { columns: key.columns, parent, parentColumns }
    : undefined;
}

/** Whether values of two columns are the same where they are written alike, and only there. */
function isAlike(
  child: Relation,
  column: string,
  parent: Relation,
  other: string | undefined,
  schema: Schema,
): boolean {
  const families = [child, parent].map((relation, place) => {
    const found = relation.columns.find(({ name }) => name === (place === 0 ? column : other));
    const type = found?.type === undefined ? undefined : resolveTypeName(schema, found.type);
    return found?.collation === undefined && type?.schema === undefined ? FAMILIES[type?.name ?? ''] : undefined;
  });
  return families[0] !== undefined && families[0] === families[1];
}

const FAMILIES: Readonly<Record<string, string>> = {
  int2: 'whole',
  int4: 'whole',
  int8: 'whole',
  text: 'text',
  varchar: 'text',
};

function isQuiet(relation: Relation): boolean {
  return (
    relation.kind === 'table' && relation.detailsKnown && relation.rules.length === 0 && relation.triggers.length === 0
  );
}
