import type { Span } from '../../../core/span.ts';
import type { ExpressionTree } from '../../../model/expression.ts';
import { isSurelyFalse } from '../../../model/constant-truth.ts';
import { breaksCheck, givenRows, keptValue, keysOf, repeats } from '../../../model/given-values.ts';
import { findRelation, findType, partitionsOf } from '../../../model/lookup.ts';
import { isSystemColumn, objectKey } from '../../../model/names.ts';
import type { ColumnDefinition, DeleteRows, InsertRows, MergeRows, UpdateRows } from '../../../model/operation.ts';
import type { Column, Relation, Schema } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import type { Refusal } from '../../engine.ts';
import { isOutside } from './bounds.ts';
import { isAssignable } from '../types/assignable.ts';
import { expressionType } from '../types/expression-type.ts';
import { isNoShape } from '../types/literal-fits.ts';
import { type ValueType, valueType } from '../types/value-type.ts';
import { outOfBounds } from './value-bounds.ts';
import { type ExpressionScope, refusedExpression, scopeOf, unfitIn, unfitLiteral } from './expressions.ts';

/** Why a value cannot be put into a column. */
export function unfitValue(
  tree: ExpressionTree,
  column: { readonly name: string; readonly type: ValueType | undefined; readonly display: string },
  scope: ExpressionScope,
): string | undefined {
  const unfit = unfitIn(tree, column.type, scope.version) ?? unfitLiteral(tree, scope);
  if (unfit !== undefined) return unfit;
  // An exact number outside of what JavaScript keeps is a text in the tree.
  const from = tree.kind === 'literal' && typeof tree.value === 'string' ? undefined : expressionType(tree, scope);
  if (from === undefined || column.type === undefined || isAssignable(from, column.type) !== false) return undefined;
  return `A value of the type ${from.name}${from.isArray ? '[]' : ''} does not become one of "${column.name}", which is ${column.display}: PostgreSQL refuses this without a cast.`;
}

/** A default that is no value of its column, in a definition. */
export function refusedDefault(
  column: Pick<ColumnDefinition, 'name' | 'default' | 'type' | 'serial'>,
  scope: ExpressionScope,
): Refusal | undefined {
  const { default: value, type } = column;
  if (value === undefined) return undefined;
  return refusedExpression(value, 'default', scope) ?? defaultFor(column.name, value, type, scope);
}

/** A default that is no value of the type. */
export function defaultFor(
  name: string,
  value: { readonly tree: ExpressionTree; readonly span: Span },
  type: TypeName | undefined,
  scope: ExpressionScope,
): Refusal | undefined {
  if (
    type !== undefined &&
    value.tree.kind === 'literal' &&
    findType(scope.schema, type) === undefined &&
    isNoShape(String(value.tree.value ?? '0'), type)
  )
    return {
      span: value.span,
      message: `'${String(value.tree.value)}' is no value of "${name}", which is ${type.display}.`,
    };
  const why = unfitValue(
    value.tree,
    { name, type: valueType(scope.schema, type), display: type?.display ?? '' },
    scope,
  );
  return why === undefined ? undefined : { span: value.span, message: why };
}

/** INSERT and UPDATE: columns that are not there, values that do not fit, and columns that get none and need one. */
export function refusedRows(
  operation: InsertRows | UpdateRows | DeleteRows,
  schema: Schema,
  version: number,
): Refusal | undefined {
  const relation = findRelation(schema, operation.relation);
  if (relation === undefined) return undefined;
  const at = (message: string): Refusal => ({ span: operation.span, message });
  if (relation.kind === 'materialized-view')
    return at(`${relation.name} is a materialized view, whose rows only REFRESH changes.`);
  const fixed = relation.kind === 'view' ? notWritten(operation, relation) : undefined;
  if (fixed !== undefined) return at(fixed);
  if (!relation.columnsKnown) return undefined;
  if (operation.kind === 'delete-rows') return undefined;
  const lacking = lackedColumn(operation, schema);
  if (lacking !== undefined) return at(lacking);
  const why =
    operation.kind === 'insert-rows'
      ? unfitInsert(operation, relation, schema, version)
      : unfitUpdate(operation, relation, schema, version);
  return why === undefined ? undefined : at(why);
}

/** A column that MERGE gives a value and its table does not have. */
export function refusedMerge(operation: MergeRows, schema: Schema): Refusal | undefined {
  const why = lackedColumn(operation, schema);
  return why === undefined ? undefined : { span: operation.span, message: why };
}

/** A column that INSERT or UPDATE gives a value and its table does not have. */
export function lackedColumn(operation: InsertRows | UpdateRows | MergeRows, schema: Schema): string | undefined {
  const relation = findRelation(schema, operation.relation);
  if (relation?.columnsKnown !== true) return undefined;
  const named = [
    ...(operation.columns ?? []),
    ...(operation.kind === 'insert-rows' ? (operation.conflict?.assignments ?? []).map(({ column }) => column) : []),
  ];
  const missing = named.find(
    (name) => name !== '' && !isSystemColumn(name) && !relation.columns.some((column) => column.name === name),
  );
  return missing === undefined ? undefined : `${relation.name} has no column "${missing}".`;
}

/** Words of a query, outside of parentheses and texts, with which no row of its view is one of a table. */
const UNWRITABLE = /\b(?:join|group\s+by|having|distinct|union|intersect|except|limit|offset|fetch|with)\b/i;

/** Why no row can be written through a view; undefined where one can, or its rules or triggers do it. */
function notWritten(operation: InsertRows | UpdateRows | DeleteRows, view: Relation): string | undefined {
  const event = operation.kind === 'insert-rows' ? 'insert' : operation.kind === 'update-rows' ? 'update' : 'delete';
  const isDone =
    !view.detailsKnown ||
    view.rules.length > 0 ||
    view.triggers.some((trigger) => trigger.timing === 'instead-of' && trigger.events.includes(event));
  if (isDone || view.viewText === undefined) return undefined;
  let text = view.viewText.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  while (/\([^()]*\)/.test(text)) text = text.replaceAll(/\([^()]*\)/g, ' ');
  return UNWRITABLE.test(text)
    ? `${view.name} is a view of more than the rows of one table, and has neither a trigger nor a rule for ${event.toUpperCase()}.`
    : undefined;
}

function unfitInsert(operation: InsertRows, relation: Relation, schema: Schema, version: number): string | undefined {
  const { values, columns } = operation;
  // An INSERT without rows of its own has nothing to look at; DEFAULT VALUES gives every column its default.
  if (values === undefined) return undefined;
  const places: readonly (Column | undefined)[] =
    columns?.map((name) => relation.columns.find((column) => column.name === name)) ?? relation.columns;
  const scope = scopeOf(schema, version, undefined);
  for (const row of values) {
    if (row.length > places.length)
      return `There are more values here than columns: ${row.length} for ${places.length}.`;
    if (columns !== undefined && row.length < places.length)
      return `There are fewer values here than columns: ${row.length} for ${places.length}.`;
    for (const [place, value] of row.entries()) {
      const column = places[place];
      const why =
        column === undefined
          ? undefined
          : (unfitFor(column, value, scope) ??
            outOfBounds(value, column.name, baseOf(column.type, schema)) ??
            computedAnyway(column, value, relation));
      if (why !== undefined) return why;
    }
  }
  const given = values.map((row) => places.slice(0, row.length));
  return takesAsGiven(relation) && operation.onConflict === undefined
    ? (nullIn(relation, values, given) ??
        unkeptIn(operation, relation, schema) ??
        outsideDomain(relation, values, given, schema) ??
        outsideBound(relation, values, given, schema) ??
        unrouted(relation, values, given, schema))
    : undefined;
}

/** What a domain is made of, whose length its values have to keep; any other type as it is. */
function baseOf(type: TypeName | undefined, schema: Schema): TypeName | undefined {
  const domain = type === undefined || type.arrayDimensions > 0 ? undefined : findType(schema, type)?.domain;
  return domain?.base ?? type;
}

/** A value in the place of a column that the database computes, in a row that names no columns. */
function computedAnyway(column: Column, value: ExpressionTree, relation: Relation): string | undefined {
  const isDefault = value.kind === 'keyword' && value.name === 'default';
  return column.generated === undefined || isDefault
    ? undefined
    : `"${column.name}" of ${relation.name} is computed from other columns, and PostgreSQL takes no value for it.`;
}

/** A literal that the CHECK of its column's domain does not take. */
function outsideDomain(
  { name: table }: Relation,
  values: readonly (readonly ExpressionTree[])[],
  given: readonly (readonly (Column | undefined)[])[],
  schema: Schema,
): string | undefined {
  for (const [index, row] of values.entries())
    for (const [place, tree] of row.entries()) {
      const column = given[index]?.[place];
      const domain = column?.type === undefined ? undefined : findType(schema, column.type)?.domain;
      if (domain === undefined || column?.type === undefined || column.type.arrayDimensions > 0) continue;
      if (domain.notNull && tree.kind === 'literal' && tree.value === null)
        return `"${column.name}" of ${table} is ${column.type.display}, a type that is never null.`;
      const value = keptValue(tree, domain.base);
      const broken = domain.constraints.find(
        ({ kind, expression }) =>
          kind === 'check' && expression !== undefined && isSurelyFalse(expression.tree, () => value),
      );
      if (value !== undefined && broken !== undefined)
        return `The value for "${column.name}" of ${table} is none of its type ${column.type.display}: CHECK (${broken.expression?.text ?? ''}).`;
    }
  return undefined;
}

/** A row that is put into a partition by its own name and belongs to another one. */
function outsideBound(
  relation: Relation,
  values: readonly (readonly ExpressionTree[])[],
  given: readonly (readonly (Column | undefined)[])[],
  schema: Schema,
): string | undefined {
  const { partitionOf } = relation;
  const parent = partitionOf === undefined ? undefined : schema.relations.get(partitionOf.parentKey);
  const [key, ...others] = parent?.partitionKey?.elements ?? [];
  if (partitionOf === undefined || key?.column === undefined || others.length > 0) return undefined;
  for (const [index, row] of values.entries()) {
    const tree = row[(given[index] ?? []).findIndex((column) => column?.name === key.column)];
    if (tree !== undefined && isOutside(tree, partitionOf.bound))
      return `${relation.name} is a partition of ${parent?.name ?? ''} that does not hold this value of "${key.column}".`;
  }
  return undefined;
}

/** A row for which a partitioned table surely has no partition. */
function unrouted(
  relation: Relation,
  values: readonly (readonly ExpressionTree[])[],
  given: readonly (readonly (Column | undefined)[])[],
  schema: Schema,
): string | undefined {
  const [key, ...others] = relation.partitionKey?.elements ?? [];
  if (relation.kind !== 'partitioned-table' || key?.column === undefined || others.length > 0) return undefined;
  const bounds = partitionsOf(schema, objectKey(relation.schema, relation.name)).map(
    (part) => part.relation.partitionOf?.bound,
  );
  for (const [index, row] of values.entries()) {
    const tree = row[(given[index] ?? []).findIndex((column) => column?.name === key.column)];
    if (tree !== undefined && bounds.length > 0 && bounds.every((bound) => isOutside(tree, bound)))
      return `No partition of ${relation.name} takes this value of "${key.column}".`;
  }
  return undefined;
}

/** Rows that no table of such keys and CHECKs holds, whatever is in it. */
function unkeptIn(operation: InsertRows, relation: Relation, schema: Schema): string | undefined {
  // A block may have an EXCEPTION for it.
  if (operation.within !== undefined) return undefined;
  const rows = givenRows(operation, relation);
  const key = keysOf(relation, schema).find((columns) => repeats(rows, columns));
  if (key !== undefined)
    return `Two of these rows have the same ${key.join(', ')}, which is a key of ${relation.name}.`;
  for (const { kind, enforced, expression } of relation.constraints)
    if (kind === 'check' && enforced && expression !== undefined && breaksCheck(rows, expression.tree))
      return `One of these rows is none that CHECK (${expression.text}) of ${relation.name} takes.`;
  return undefined;
}

function unfitFor(column: Column, value: ExpressionTree, scope: ExpressionScope): string | undefined {
  const target = { name: column.name, type: valueType(scope.schema, column.type), display: column.type?.display ?? '' };
  return unfitValue(value, target, scope);
}

/** Whether a row is what the statement gives: no trigger, rule or partition's own trigger changes it before. */
function takesAsGiven(relation: Relation): boolean {
  return (
    (relation.kind === 'table' || relation.kind === 'partitioned-table') &&
    relation.detailsKnown &&
    relation.rules.length === 0 &&
    !relation.triggers.some((trigger) => trigger.timing === 'before' && trigger.events.includes('insert'))
  );
}

/** A column that is never null, and gets nothing or NULL. */
function nullIn(
  relation: Relation,
  values: readonly (readonly ExpressionTree[])[],
  given: readonly (readonly (Column | undefined)[])[],
): string | undefined {
  for (const column of relation.columns) {
    if (!column.notNull || column.generated !== undefined || column.identity !== undefined) continue;
    for (const [index, row] of values.entries()) {
      const place = (given[index] ?? []).indexOf(column);
      const value = row[place];
      const isNull = value?.kind === 'literal' && value.value === null;
      const isLeftOut = value === undefined || (value.kind === 'keyword' && value.name === 'default');
      if (isNull || (isLeftOut && column.default === undefined && hasNoTypeDefault(column)))
        return `"${column.name}" of ${relation.name} is never null, and this row gives it ${isNull ? 'NULL' : 'nothing, where it has no default'}.`;
    }
  }
  return undefined;
}

/** A type of the database's own may be a domain with a default. */
function hasNoTypeDefault(column: Column): boolean {
  return column.type !== undefined && column.type.schema === undefined;
}

function unfitUpdate(operation: UpdateRows, relation: Relation, schema: Schema, version: number): string | undefined {
  const isAlone = operation.query.reads.length === 0;
  const scope = isAlone ? scopeOf(schema, version, relation) : scopeOf(schema, version, undefined);
  for (const { column: name, value } of operation.assignments ?? []) {
    const column = relation.columns.find((candidate) => candidate.name === name);
    const why =
      column === undefined
        ? undefined
        : (unfitFor(column, value, scope) ?? outOfBounds(value, column.name, column.type));
    if (why !== undefined) return why;
  }
  return isAlone && operation.where !== undefined ? unfitLiteral(operation.where.tree, scope) : undefined;
}
