import { assertNever } from '../../../core/assert-never.ts';
import type { Draft } from '../../../model/fold/draft.ts';
import { unknownParts } from '../../../model/fold/relations.ts';
import { findRelation, sameName } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  CreateTable,
  ForeignKeyDefinition,
} from '../../../model/operation.ts';
import type { Column, Constraint, ConstraintBase, ForeignKeyConstraint, Relation } from '../../../model/schema.ts';
import { SQLITE } from '../product.ts';

/** What the names of the indexes that SQLite makes for a table's keys begin with. */
export function automaticIndexPrefix(table: string): string {
  return `sqlite_autoindex_${table}_`;
}

/** The column of a definition in SQLite. */
export function buildColumn(draft: Draft, definition: ColumnDefinition): Column {
  return {
    name: definition.name,
    ...(definition.type === undefined ? {} : { type: definition.type }),
    notNull: definition.notNull !== undefined,
    ...(definition.default === undefined ? {} : { default: definition.default }),
    ...(definition.generated === undefined ? {} : { generated: definition.generated }),
    ...(definition.collation === undefined ? {} : { collation: definition.collation }),
    ...(definition.autoincrement === true ? { autoincrement: true } : {}),
    ...(definition.notNull?.onConflict === undefined ? {} : { notNullConflict: definition.notNull.onConflict }),
    origin: draft.origin,
    isLocal: true,
  };
}

/** A constraint in SQLite's schema; one without a name has the empty one. */
export function buildConstraint(
  draft: Draft,
  schema: string,
  definition: ConstraintDefinition,
  columns: readonly Column[],
): Constraint {
  const spelt = (name: string): string => columns.find((column) => sameName(SQLITE, column.name, name))?.name ?? name;
  const shared: ConstraintBase = {
    name: definition.name ?? '',
    columns: definition.columns.map(spelt),
    validated: true,
    enforced: true,
    deferrable: definition.deferrable ?? definition.initiallyDeferred ?? false,
    initiallyDeferred: definition.initiallyDeferred ?? false,
    noInherit: false,
    isLocal: true,
    origin: draft.origin,
    ...(definition.inlineOf === undefined ? {} : { inlineOf: definition.inlineOf }),
  };
  const conflict = definition.onConflict === undefined ? {} : { onConflict: definition.onConflict };
  switch (definition.kind) {
    case 'check':
      return {
        ...shared,
        ...conflict,
        kind: definition.kind,
        ...(definition.expression === undefined ? {} : { expression: definition.expression }),
      };
    case 'foreign-key':
      return { ...shared, kind: definition.kind, references: referenced(draft, schema, definition) };
    case 'not-null':
      return { ...shared, kind: definition.kind };
    case 'unique':
    case 'primary-key':
    case 'exclusion':
      return {
        ...shared,
        ...conflict,
        kind: definition.kind,
        ...(definition.elements === undefined ? {} : { elements: definition.elements }),
      };
    default:
      return assertNever(definition);
  }
}

/** What a foreign key points at: a table of its own database, which need not exist yet. */
function referenced(
  draft: Draft,
  schema: string,
  { references }: ForeignKeyDefinition,
): ForeignKeyConstraint['references'] {
  const target = findRelation(draft, { schema, name: references.relation.name });
  const name = target?.name ?? references.relation.name;
  return {
    key: objectKey(schema, name),
    schema,
    name,
    columns:
      references.columns.length > 0
        ? references.columns
        : (target?.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? []),
    ...(references.onDelete === undefined ? {} : { onDelete: references.onDelete }),
    ...(references.onUpdate === undefined ? {} : { onUpdate: references.onUpdate }),
    ...(references.match === undefined ? {} : { match: references.match }),
  };
}

/** CREATE TABLE in SQLite, with the automatic indexes of its keys. */
export function createTable(draft: Draft, schema: string, operation: CreateTable): void {
  const { name } = operation.relation;
  const definitions = [...operation.columns.flatMap((column) => column.constraints), ...operation.constraints];
  const plain = operation.columns.map((column) => buildColumn(draft, column));
  const primary = definitions.find((definition) => definition.kind === 'primary-key');
  const isRequired = (column: Column): boolean =>
    operation.withoutRowid === true && primary?.columns.some((key) => sameName(SQLITE, key, column.name)) === true;
  const columns = plain.map((column) => (isRequired(column) ? { ...column, notNull: true } : column));
  const isRepeatedColumn = new Set(columns.map((column) => column.name.toLowerCase())).size < columns.length;
  if (isRepeatedColumn) return draft.refuse('A column stands here twice.');
  const relation: Relation = {
    ...unknownParts(draft, schema, name),
    kind: 'table',
    persistence: operation.persistence === 'temporary' ? 'temporary' : 'permanent',
    columns,
    columnsKnown: operation.virtualModule === undefined,
    detailsKnown: true,
    ...(operation.withoutRowid === true ? { withoutRowid: true } : {}),
    ...(operation.strict === true ? { strict: true } : {}),
    ...(operation.virtualModule === undefined ? {} : { virtualModule: operation.virtualModule }),
  };
  draft.putRelation(relation);
  const constraints: Constraint[] = [];
  let automatic = 0;
  const seen = new Set<string>();
  for (const definition of definitions) {
    const constraint = buildConstraint(draft, schema, definition, columns);
    const isKey = constraint.kind === 'unique' || constraint.kind === 'primary-key';
    const form = constraint.columns.join('\u0000').toLowerCase();
    if (!isKey || isRowid(operation, definition) || seen.has(form)) {
      constraints.push(constraint);
      continue;
    }
    seen.add(form);
    const index = `${automaticIndexPrefix(name)}${++automatic}`;
    // The primary key of a WITHOUT ROWID table is the table itself, with an index in name only.
    draft.putIndex({
      schema,
      name: index,
      relationKey: objectKey(schema, name),
      unique: true,
      primary: constraint.kind === 'primary-key',
      constraint: constraint.name,
      exclusion: false,
      valid: true,
      method: 'btree',
      elements: definition.elements ?? constraint.columns.map((column) => ({ column })),
      include: [],
      nullsNotDistinct: false,
      isPartitioned: false,
      origin: draft.origin,
    });
    constraints.push({ ...constraint, index });
  }
  draft.changeRelation(objectKey(schema, name), (current) => ({ ...current, constraints }));
}

/** Whether a primary key is the rowid: one column whose type is exactly INTEGER. Source: sqlite.org, "ROWIDs and the INTEGER PRIMARY KEY". */
function isRowid(operation: CreateTable, definition: ConstraintDefinition): boolean {
  if (definition.kind !== 'primary-key' || definition.columns.length !== 1 || operation.withoutRowid === true)
    return false;
  const column = operation.columns.find((candidate) => sameName(SQLITE, candidate.name, definition.columns[0] ?? ''));
  // Written behind its column, INTEGER PRIMARY KEY DESC is an ordinary key; in a table constraint DESC changes nothing.
  const isDescending = definition.inlineOf !== undefined && definition.elements?.[0]?.descending === true;
  return column?.type?.name.toLowerCase() === 'integer' && column.type.modifiers.length === 0 && !isDescending;
}
