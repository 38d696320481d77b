import type { Span } from '../../../core/span.ts';
import { findIndex, findRelation, relationKeyOf, sameName } from '../../../model/lookup.ts';
import { displayName } from '../../../model/names.ts';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  CreateIndex,
  CreateTable,
  CreateTrigger,
  DropObjects,
  Operation,
} from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import { SQLITE } from '../product.ts';
import type { SqliteRefusal } from './sqlite-refusal.ts';
import { literal } from '../../../model/constant-truth.ts';
import { asksClock, type Columns, refusedTree } from './expressions.ts';

/** The types of a STRICT table. Source: sqlite.org/stricttables.html. */
const STRICT_TYPES = /^(?:int|integer|real|text|blob|any)$/i;

const COLLATIONS = /^(?:binary|nocase|rtrim)$/i;

const is = (left: string, right: string): boolean => sameName(SQLITE, left, right);

/** What the definition of a table, index, view or trigger, or the drop of one, is refused for. */
export function refusedDefinition(operation: Operation, schema: Schema): SqliteRefusal | undefined {
  switch (operation.kind) {
    case 'create-table':
      return reserved(operation.relation) ?? (operation.ifNotExists ? undefined : refusedTable(operation));
    case 'create-table-as':
    case 'create-view':
      return reserved(operation.relation);
    case 'create-index':
      return refusedIndex(operation, schema);
    case 'create-trigger':
      return refusedTrigger(operation, schema);
    case 'drop-table':
    case 'drop-view':
    case 'drop-index':
      return refusedDrop(operation, schema);
    default:
      return undefined;
  }
}

function always(span: Span, message: string): SqliteRefusal {
  return { span, when: 'always', message };
}

/** Names that begin with sqlite_ are SQLite's own. */
export function reserved(name: { readonly name: string; readonly span: Span }): SqliteRefusal | undefined {
  return /^sqlite_/i.test(name.name)
    ? always(name.span, `${name.name} begins with sqlite_, which SQLite keeps for itself.`)
    : undefined;
}

function refusedTable(operation: CreateTable): SqliteRefusal | undefined {
  if (operation.virtualModule !== undefined) return undefined;
  const { relation, columns } = operation;
  const names = columns.map((column) => column.name);
  const twice = columns.find((column, place) => names.findIndex((name) => is(name, column.name)) !== place);
  if (twice !== undefined) return always(twice.nameSpan, `The column ${twice.name} stands here twice.`);
  const constraints = [...columns.flatMap((column) => column.constraints), ...operation.constraints];
  const [, second] = constraints.filter((constraint) => constraint.kind === 'primary-key');
  if (second !== undefined) return always(second.span, `${relation.name} would have two primary keys.`);
  const primary = constraints.find((constraint) => constraint.kind === 'primary-key');
  if (operation.withoutRowid === true && primary === undefined)
    return always(relation.span, `${relation.name} is WITHOUT ROWID and needs a primary key.`);
  if (columns.length > 0 && columns.every((column) => column.generated !== undefined))
    return always(relation.span, `${relation.name} needs a column that is not generated.`);
  const seen: Columns = { table: relation.name, names, isKnown: true };
  for (const column of columns) {
    const refusal = refusedColumn(column, seen, { strict: operation.strict === true });
    if (refusal !== undefined) return refusal;
    if (column.autoincrement === true) {
      const isRowid =
        column.type?.name.toLowerCase() === 'integer' &&
        column.type.modifiers.length === 0 &&
        !(primary?.inlineOf !== undefined && primary.elements?.[0]?.descending === true);
      if (!isRowid || operation.withoutRowid === true)
        return always(
          column.span,
          'SQLite takes AUTOINCREMENT on an INTEGER PRIMARY KEY only, in a table that has rowids.',
        );
    }
  }
  for (const constraint of constraints) {
    const refusal = refusedConstraint(constraint, seen, columns);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What a column itself is refused for, in CREATE TABLE and ADD COLUMN. */
export function refusedColumn(
  column: ColumnDefinition,
  seen: Columns,
  { strict }: { readonly strict: boolean },
): SqliteRefusal | undefined {
  const { type, generated } = column;
  if (strict && (type === undefined || type.modifiers.length > 0 || !STRICT_TYPES.test(type.name)))
    return always(
      type?.span ?? column.span,
      `${seen.table} is STRICT: its columns are INT, INTEGER, REAL, TEXT, BLOB or ANY${type === undefined ? '' : `, not ${type.display}`}.`,
    );
  if (column.collation !== undefined && !COLLATIONS.test(column.collation)) return undefined;
  if (generated !== undefined) {
    if (column.default !== undefined)
      return always(column.default.span, `${column.name} is generated, and has no default.`);
    const why = refusedTree(generated.expression.tree, 'a generated column', seen);
    if (why !== undefined) return always(generated.expression.span, why);
  }
  const fixed = column.default?.tree;
  if (fixed?.kind === 'column')
    return always(
      column.default?.span ?? column.span,
      `A default names no column, and ${fixed.path.join('.')} is one.`,
    );
  return undefined;
}

/** What a constraint of a table is refused for. `columns` are those whose definitions stand beside it. */
export function refusedConstraint(
  constraint: ConstraintDefinition,
  seen: Columns,
  columns: readonly ColumnDefinition[],
): SqliteRefusal | undefined {
  switch (constraint.kind) {
    case 'check': {
      const tree = constraint.expression?.tree;
      const why = tree === undefined ? undefined : refusedTree(tree, 'a CHECK', seen);
      return why === undefined ? undefined : always(constraint.expression?.span ?? constraint.span, why);
    }
    case 'primary-key':
    case 'unique': {
      if (constraint.elements?.some((element) => element.expression !== undefined) === true)
        return always(constraint.span, 'A key is made of columns; an index over an expression is a CREATE INDEX.');
      if (constraint.elements?.some((element) => element.nullsFirst !== undefined) === true)
        return always(constraint.span, 'SQLite takes no NULLS FIRST or NULLS LAST in a key.');
      const generated =
        constraint.kind === 'primary-key'
          ? columns.find(
              (column) => column.generated !== undefined && constraint.columns.some((key) => is(key, column.name)),
            )
          : undefined;
      if (generated !== undefined)
        return always(constraint.span, `${generated.name} is generated, and cannot be in a primary key.`);
      return missingIn(constraint, seen);
    }
    case 'foreign-key': {
      const { references } = constraint;
      if (references.columns.length > 0 && references.columns.length !== constraint.columns.length)
        return always(
          constraint.span,
          `This foreign key has ${constraint.columns.length} of its own columns and ${references.columns.length} of ${references.relation.name}.`,
        );
      return missingIn(constraint, seen);
    }
    default:
      return undefined;
  }
}

function missingIn({ columns, span }: ConstraintDefinition, seen: Columns): SqliteRefusal | undefined {
  const missing = seen.isKnown ? columns.find((name) => !seen.names.some((own) => is(own, name))) : undefined;
  return missing === undefined ? undefined : always(span, `${seen.table} has no column ${missing}.`);
}

function refusedIndex(operation: CreateIndex, schema: Schema): SqliteRefusal | undefined {
  const { name, relation: table } = operation;
  const at = operation.nameSpan ?? operation.span;
  const owner = findRelation(schema, table);
  if (operation.ifNotExists && name !== undefined && findIndex(schema, { name }) !== undefined) return undefined;
  if (name !== undefined) {
    const own = reserved({ name, span: at });
    if (own !== undefined) return own;
    const taken = findRelation(schema, { schema: owner?.schema ?? table.schema ?? 'main', name });
    if (taken?.detailsKnown === true)
      return always(at, `There is a ${taken.kind} ${taken.name} already, and an index cannot have its name.`);
  }
  if (/^sqlite_/i.test(table.name)) return always(table.span, `${table.name} is SQLite's own, and takes no index.`);
  if (owner === undefined) return gone(schema, table);
  if (owner.kind === 'view') return always(table.span, `${owner.name} is a view, and SQLite has no index on one.`);
  if (owner.virtualModule !== undefined)
    return always(table.span, `${owner.name} is a virtual table, which has no index.`);
  const seen = columnsOf(owner);
  for (const element of operation.elements) {
    if (element.nullsFirst !== undefined)
      return always(operation.span, 'SQLite takes no NULLS FIRST or NULLS LAST in an index.');
    if (element.column !== undefined && seen.isKnown && !seen.names.some((own) => is(own, element.column ?? '')))
      return always(operation.span, `${owner.name} has no column ${element.column}.`);
    const tree = element.expression?.tree;
    const why = tree === undefined ? undefined : refusedTree(tree, 'an index', seen);
    if (why !== undefined) return always(element.expression?.span ?? operation.span, why);
  }
  const why =
    operation.where === undefined ? undefined : refusedTree(operation.where.tree, 'the WHERE of an index', seen);
  if (why !== undefined) return always(operation.where?.span ?? operation.span, why);
  const clock = [...operation.elements.map((element) => element.expression), operation.where].find(
    (expression) => expression !== undefined && asksClock(expression.tree),
  );
  return clock === undefined
    ? undefined
    : {
        span: clock.span,
        when: 'if-rows',
        message: `${clock.text} is not the same from moment to moment, which SQLite refuses in an index as soon as there are rows.`,
      };
}

/** Columns of a table as its own expressions see them. */
export function columnsOf(relation: Relation): Columns {
  return {
    table: relation.name,
    names: relation.columns.map((column) => column.name),
    isKnown: relation.columnsKnown && relation.virtualModule === undefined,
  };
}

function refusedTrigger(operation: CreateTrigger, schema: Schema): SqliteRefusal | undefined {
  const { relation: name, timing } = operation;
  const relation = findRelation(schema, name);
  const isThere = triggerNames(schema).has(operation.name.toLowerCase());
  if (isThere && operation.temporary !== true)
    return operation.ifNotExists ? undefined : always(operation.span, `There is a trigger ${operation.name} already.`);
  const own = reserved({ name: operation.name, span: operation.span });
  if (own !== undefined) return own;
  if (/^sqlite_/i.test(name.name)) return always(name.span, `${name.name} is SQLite's own, and takes no trigger.`);
  const written = operation.body?.find(
    (inner) =>
      (inner.kind === 'insert-rows' || inner.kind === 'update-rows' || inner.kind === 'delete-rows') &&
      inner.relation.schema !== undefined,
  );
  if (written !== undefined && 'relation' in written)
    return always(
      operation.span,
      'SQLite takes no database in front of a table that the statements of a trigger change.',
    );
  if (relation === undefined) return gone(schema, name);
  if (relation.virtualModule !== undefined)
    return always(name.span, `${relation.name} is a virtual table, which has no triggers.`);
  if (relation.kind === 'view' && timing !== 'instead-of')
    return always(name.span, `${relation.name} is a view, whose triggers are INSTEAD OF.`);
  if (relation.kind === 'table' && relation.detailsKnown && timing === 'instead-of')
    return always(name.span, `${relation.name} is a table, which has no INSTEAD OF triggers.`);
  return undefined;
}

function triggerNames(schema: Schema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const relation of schema.relations.values())
    if (relation.schema !== SQLITE.temporarySchema)
      for (const trigger of relation.triggers) names.add(trigger.name.toLowerCase());
  return names;
}

/** A table that the history dropped, or that a whole catalog does not have. */
export function gone(
  schema: Schema,
  name: { readonly schema?: string; readonly name: string; readonly span: Span },
): SqliteRefusal | undefined {
  const isDropped = schema.dropped.has(relationKeyOf(schema, name));
  if (findRelation(schema, name) !== undefined || (!schema.isComplete && !isDropped)) return undefined;
  return always(
    name.span,
    `There is no table ${name.name}${isDropped ? ' any more: it was dropped, or has another name' : ''}.`,
  );
}

function refusedDrop(operation: DropObjects, schema: Schema): SqliteRefusal | undefined {
  for (const object of operation.objects) {
    if (operation.kind === 'drop-index') {
      if (/^sqlite_autoindex_/i.test(object.name))
        return always(object.span, `${object.name} belongs to a key of its table, and goes with it only.`);
      const other = findIndex(schema, object) === undefined ? findRelation(schema, object) : undefined;
      if (other?.detailsKnown === true && !operation.ifExists)
        return always(object.span, `${other.name} is a ${other.kind}, and there is no index of its name.`);
      continue;
    }
    if (operation.kind === 'drop-table' && /^sqlite_(?:master|schema|sequence)$/i.test(object.name))
      return always(object.span, `${object.name} is SQLite's own, and stays.`);
    const relation = findRelation(schema, object);
    if (relation?.detailsKnown !== true) {
      const shadow = operation.kind === 'drop-table' ? shadowed(object.name, schema) : undefined;
      if (shadow !== undefined)
        return always(object.span, `${object.name} belongs to the virtual table ${shadow}, and goes with it only.`);
      continue;
    }
    if ((relation.kind === 'view') !== (operation.kind === 'drop-view'))
      return always(
        object.span,
        `${displayName(relation)} is a ${relation.kind}, which DROP ${relation.kind.toUpperCase()} drops.`,
      );
  }
  return undefined;
}

/** The virtual table that a table holds rows of. Source: sqlite.org/fts5.html, "FTS5 Data Structures"; sqlite.org/rtree.html. */
function shadowed(name: string, schema: Schema): string | undefined {
  for (const relation of schema.relations.values()) {
    const suffixes = SHADOWS[relation.virtualModule?.toLowerCase() ?? ''];
    if (suffixes?.some((suffix) => is(name, `${relation.name}_${suffix}`)) === true) return relation.name;
  }
  return undefined;
}

const SHADOWS: Readonly<Record<string, readonly string[]>> = {
  fts5: ['data', 'idx', 'content', 'docsize', 'config'],
  fts4: ['content', 'segdir', 'segments', 'docsize', 'stat'],
  fts3: ['content', 'segdir', 'segments'],
  rtree: ['node', 'rowid', 'parent'],
};

/** The value of a column's default where it is one that is written down; NULL without one. */
export function defaultValue(column: Pick<ColumnDefinition, 'default'>): string | number | null | undefined {
  const tree = column.default?.tree;
  if (tree === undefined) return null;
  return tree.kind === 'literal' ? literal(tree.value) : undefined;
}
