import { SQLITE } from './product.ts';
import type { Span } from '../../core/span.ts';
import { type ExpressionTree, referencedColumns } from '../../model/expression.ts';
import { dependantsOf, findRelation, indexesOf, sameName } from '../../model/lookup.ts';
import { displayName, objectKey, type ObjectName } from '../../model/names.ts';
import type { ColumnDefinition, Operation } from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import { isSurelyFalse } from '../../model/constant-truth.ts';
import {
  columnsOf,
  defaultValue,
  gone,
  refusedColumn as refusedDefinedColumn,
  refusedConstraint,
  refusedDefinition,
  reserved,
} from './refusals/definitions.ts';
import { refusedNames } from './refusals/names.ts';
import type { SqliteRefusal } from './refusals/sqlite-refusal.ts';
import { kept, refusedRows } from './refusals/rows.ts';
import { parseStatement } from './parser.ts';
import { formatVersion } from './version.ts';

const TOO_MANY_COLUMNS = `A table has at most ${SQLITE.mostColumns} columns, unless SQLite was compiled to take more.`;

/**
 * What SQLite of a version refuses about a statement that its newest grammar reads; undefined where nothing is known against it.
 *
 * Old versions by their release notes (sqlite.org/changes.html); what the schema forbids, against the errors of a real
 * database, filled and empty, in test/engines/sqlite/refusal.test.ts. Source: sqlite.org/lang_altertable.html.
 */
export function sqliteRefusal(operation: Operation, schema: Schema, version: number): SqliteRefusal | undefined {
  const need = operation.needs?.find((candidate) => candidate.version > version);
  if (need !== undefined)
    return {
      span: need.span,
      when: 'always',
      message: `SQLite ${formatVersion(version)} does not know ${need.feature}, which came with ${formatVersion(need.version)}.`,
    };
  if (operation.neverTaken !== undefined)
    return { span: operation.span, when: 'always', message: operation.neverTaken };
  if (operation.kind === 'create-table' && operation.columns.length > SQLITE.mostColumns)
    return { span: operation.relation.span, when: 'always', message: TOO_MANY_COLUMNS };
  if (!('head' in operation))
    return (
      refusedDefinition(operation, schema) ??
      (operation.kind === 'insert-rows' || operation.kind === 'update-rows' || operation.kind === 'delete-rows'
        ? refusedRows(operation, schema)
        : undefined) ??
      refusedNames(operation, schema)
    );
  if (/^sqlite_(?:master|schema|sequence)$/i.test(operation.relation.name))
    return {
      span: operation.relation.span,
      when: 'always',
      message: `${operation.relation.name} is SQLite's own, which ALTER TABLE does not change.`,
    };
  const relation = findRelation(schema, operation.relation);
  if (relation?.kind === 'view')
    return {
      span: operation.relation.span,
      when: 'always',
      message: `${displayName(relation)} is a view, which ALTER TABLE does not change.`,
    };
  if (relation?.virtualModule !== undefined && operation.action.kind !== 'rename-table')
    return {
      span: operation.relation.span,
      when: 'always',
      message: `${displayName(relation)} is a virtual table: ALTER TABLE can only give it another name.`,
    };
  switch (operation.action.kind) {
    case 'add-column':
      return refusedColumn(operation.action.column, relation, schema);
    case 'drop-column':
      return relation === undefined
        ? undefined
        : refusedDrop(operation.action.column, operation.action.columnSpan, relation, schema);
    case 'rename-table':
      return refusedRename(operation.action, operation.relation, relation);
    case 'add-constraint': {
      if (relation === undefined) return gone(schema, operation.relation);
      const { constraint } = operation.action;
      const holder = relation.constraints.find(
        (other) => constraint.name !== undefined && sameName(SQLITE, other.name, constraint.name),
      );
      if (holder !== undefined)
        return {
          span: constraint.span,
          when: 'always',
          message: `${displayName(relation)} has a constraint ${holder.name} already.`,
        };
      return refusedConstraint(constraint, columnsOf(relation), []);
    }
    default:
      return relation === undefined ? gone(schema, operation.relation) : undefined;
  }
}

/** A new name that SQLite keeps for itself, or that differs from the old one in case alone. */
function refusedRename(
  { newName, newNameSpan }: { readonly newName: string; readonly newNameSpan: Span },
  written: ObjectName,
  relation: Relation | undefined,
): SqliteRefusal | undefined {
  const own = reserved({ name: newName, span: newNameSpan });
  if (own !== undefined) return own;
  return sameName(SQLITE, newName, relation?.name ?? written.name)
    ? {
        span: newNameSpan,
        when: 'always',
        message: `${newName} is the name that ${relation?.name ?? written.name} has already: SQLite tells names apart without regard to case.`,
      }
    : undefined;
}

function refusedColumn(
  column: ColumnDefinition,
  relation: Relation | undefined,
  schema: Schema,
): SqliteRefusal | undefined {
  const { name } = column;
  const of = (kind: string): ColumnDefinition['constraints'][number] | undefined =>
    column.constraints.find((constraint) => constraint.kind === kind);
  const primary = of('primary-key');
  if (primary !== undefined)
    return {
      span: primary.span,
      when: 'always',
      message: 'SQLite cannot add a PRIMARY KEY column: the table must be rebuilt.',
    };
  const unique = of('unique');
  if (unique !== undefined)
    return {
      span: unique.span,
      when: 'always',
      message: 'SQLite cannot add a UNIQUE column: add it plain, then create a unique index.',
    };
  if (relation?.columns.some((own) => sameName(SQLITE, own.name, name)) === true)
    return { span: column.nameSpan, when: 'always', message: `${displayName(relation)} has a column ${name} already.` };
  if (relation !== undefined && relation.columns.length >= SQLITE.mostColumns)
    return { span: column.nameSpan, when: 'always', message: TOO_MANY_COLUMNS };
  if (column.generated?.stored === true)
    return {
      span: column.generated.expression.span,
      when: 'if-rows',
      message:
        'SQLite cannot add a STORED generated column to a table with rows: make it VIRTUAL, or rebuild the table.',
    };
  const columns = relation === undefined ? { table: '', names: [], isKnown: false } : columnsOf(relation);
  const seen = { ...columns, names: [...columns.names, name] };
  const wrong =
    refusedDefinedColumn(column, seen, { strict: relation?.strict === true }) ??
    column.constraints
      .map((constraint) => refusedConstraint(constraint, seen, [column]))
      .find((why) => why !== undefined);
  if (wrong !== undefined) return wrong;
  const isNull =
    column.default === undefined || (column.default.tree.kind === 'literal' && column.default.tree.value === null);
  if (column.notNull !== undefined && isNull && column.generated === undefined) {
    return {
      span: column.notNull.span,
      when: 'if-rows',
      message: `SQLite cannot add the NOT NULL column ${name} without a default to a table with rows, which would get NULL in it.`,
    };
  }
  if (column.default !== undefined && !isConstant(column.default.tree)) {
    return {
      span: column.default.span,
      when: 'if-rows',
      message: `SQLite cannot add a column whose default, ${column.default.text}, is no constant to a table with rows: existing rows would each need a value.`,
    };
  }
  const reference = of('foreign-key');
  if (reference !== undefined && !isNull && schema.session.foreignKeys !== false) {
    return {
      span: column.default?.span ?? column.span,
      when: 'if-rows',
      message: `With foreign keys on, SQLite cannot add the column ${name}, which references a table, with a default other than NULL to a table with rows.`,
    };
  }
  return brokenByDefault(column, relation);
}

/** A CHECK that the rows that are there would break, because they get the default. */
function brokenByDefault(column: ColumnDefinition, relation: Relation | undefined): SqliteRefusal | undefined {
  if (column.generated !== undefined) return undefined;
  const value = kept(defaultValue(column), column);
  for (const { kind, expression } of column.constraints) {
    if (kind !== 'check' || expression === undefined) continue;
    const given = (name: string): string | number | null | undefined =>
      sameName(SQLITE, name, column.name) ? value : undefined;
    if (isSurelyFalse(expression.tree, given))
      return {
        span: expression.span,
        when: 'if-rows',
        message: `Rows of ${relation === undefined ? 'the table' : displayName(relation)} would get ${column.default?.text ?? 'NULL'} in ${column.name}, which its CHECK (${expression.text}) does not take.`,
      };
  }
  return undefined;
}

/** A literal, also in parentheses, with a sign or a cast; CURRENT_TIMESTAMP and its kin change with the clock. */
function isConstant(tree: ExpressionTree): boolean {
  return tree.kind === 'literal' || (tree.kind === 'cast' && isConstant(tree.operands[0]));
}

function refusedDrop(name: string, span: Span, relation: Relation, schema: Schema): SqliteRefusal | undefined {
  const table = displayName(relation);
  const refuse = (message: string): SqliteRefusal => ({ span, when: 'always', message });
  const is = (other: string): boolean => sameName(SQLITE, other, name);
  const uses = (tree: ExpressionTree | undefined): boolean => tree !== undefined && referencedColumns(tree).some(is);
  if (relation.columnsKnown && !relation.columns.some((column) => is(column.name)))
    return refuse(`${table} has no column ${name}.`);
  if (relation.columnsKnown && relation.columns.length === 1)
    return refuse(`${name} is the only column of ${table}: a table must have one.`);
  for (const constraint of relation.constraints) {
    if (constraint.kind === 'primary-key' && constraint.columns.some(is))
      return refuse(`SQLite cannot drop ${name}: it is in the primary key of ${table}.`);
    if (constraint.kind === 'unique' && constraint.columns.some(is))
      return refuse(`SQLite cannot drop ${name}: it has a UNIQUE constraint.`);
    const goes = constraint.inlineOf !== undefined && is(constraint.inlineOf);
    if (constraint.kind === 'check' && !goes && uses(constraint.expression?.tree))
      return refuse(`SQLite cannot drop ${name}: a CHECK of ${table} names it.`);
    if (constraint.kind === 'foreign-key' && !goes && constraint.columns.some(is))
      return refuse(`SQLite cannot drop ${name}: a foreign key of ${table} is made of it.`);
  }
  for (const index of indexesOf(schema, objectKey(relation.schema, relation.name))) {
    if (
      index.elements.some((element) => is(element.column ?? '') || uses(element.expression?.tree)) ||
      uses(index.where?.tree)
    )
      return refuse(`SQLite cannot drop ${name}: the index ${index.name} uses it. Drop the index first.`);
  }
  const generated = relation.columns.find((column) => !is(column.name) && uses(column.generated?.expression.tree));
  if (generated !== undefined)
    return refuse(`SQLite cannot drop ${name}: the generated column ${generated.name} is worked out from it.`);
  for (const { relation: view } of dependantsOf(schema, objectKey(relation.schema, relation.name))) {
    const read = view.dependsOn.find((candidate) => candidate.key === objectKey(relation.schema, relation.name));
    // A star goes on meaning the columns that are left.
    if (
      read !== undefined &&
      read.columns !== 'unknown' &&
      read.columns.some(is) &&
      namesColumn(view.viewText ?? '', name)
    )
      return refuse(`SQLite cannot drop ${name}: the view ${displayName(view)} reads it. Drop the view first.`);
  }
  return undefined;
}

/** Whether a view's query names the column itself, not only by a star. */
function namesColumn(query: string, column: string): boolean {
  return parseStatement(query).operations.some(
    (operation) =>
      operation.kind === 'select-rows' && operation.query.columns.some((read) => sameName(SQLITE, read.name, column)),
  );
}
