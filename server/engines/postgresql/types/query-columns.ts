import { type ExpressionTree, walkExpression } from '../../../model/expression.ts';
import { findRelation } from '../../../model/lookup.ts';
import type { FromItem, QueryTree } from '../../../model/expression.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import { Analysis, named, type Seen, type SeenColumn, type SeenItem } from './analysis.ts';
import { isUnmatched } from './coerce.ts';
import { functionForms } from './forms.ts';
import { findFunction } from '../../../model/lookup.ts';
import { valueType } from './value-type.ts';

const NO_TABLES: Seen['tables'] = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();

/** Stands for the columns of a common table expression that gives none. */
const SILENT: readonly SeenColumn[] = [];

/** Nothing is seen. */
export const NOTHING: Seen = { items: [], merged: NO_NAMES, outer: undefined, tables: NO_TABLES };

/** An analysis of one statement. */
export function analysis(schema: Schema, version: number, isInBlock = false): Analysis {
  return new Analysis(schema, version, queryColumns, isInBlock);
}

/** A relation as expressions see it under a name. */
export function seenRelation(schema: Schema, relation: Relation | undefined, alias: string | undefined): SeenItem {
  if (relation === undefined || !relation.columnsKnown) return { alias, columns: undefined };
  const key = relation.constraints.find((constraint) => constraint.kind === 'primary-key' && !constraint.deferrable);
  return {
    alias,
    columns: relation.columns.map((column) => ({ name: column.name, type: valueType(schema, column.type) })),
    ...(key === undefined ? {} : { key: key.columns }),
    words: relation.name,
  };
}

/** The columns that a query gives, in order; undefined where they are not known. What is wrong with it is noted in the analysis. */
export function queryColumns(
  context: Analysis,
  query: QueryTree,
  outer: Seen | undefined,
): readonly SeenColumn[] | undefined {
  const tables = new Map(outer?.tables);
  for (const table of query.with) {
    // What a recursive one gives is not followed into itself.
    if (table.recursive) tables.set(table.name, undefined);
  }
  for (const table of query.with) {
    const columns =
      table.query === undefined
        ? undefined
        : queryColumns(context, table.query, { items: [], merged: NO_NAMES, outer, tables: new Map(tables) });
    tables.set(table.name, table.isSilent === true ? SILENT : renamed(columns, table.columns));
  }
  if (query.set !== undefined) return setColumns(context, query.set, { ...(outer ?? NOTHING), tables });
  if (query.values !== undefined) {
    const seen: Seen = { items: [], merged: NO_NAMES, outer, tables };
    const [first] = query.values;
    for (const row of query.values) {
      for (const value of row) context.typeOf(value, seen, 'no-aggregates');
      if (first !== undefined && row.length !== first.length)
        context.refuse('The lists of VALUES are not of one length.');
    }
    return first?.map((_, index) => ({ name: `column${index + 1}`, type: undefined }));
  }
  const merged = new Set<string>();
  const items: SeenItem[] = [];
  const here: Seen = { items, merged, outer, tables };
  for (const item of query.from) items.push(...fromItems(context, item, here, merged));
  const types = query.targets.map((target) => context.typeOf(target.value, here, 'plain'));
  if (query.where !== undefined) context.condition(query.where, here, 'no-aggregates', 'WHERE');
  if (query.having !== undefined) context.condition(query.having, here, 'plain', 'HAVING');
  const columns = targetColumns(query, types, here);
  ordered(context, query, here, columns);
  grouped(context, query, here);
  if (
    !context.isInBlock &&
    query.limit !== undefined &&
    [...walkExpression(query.limit)].some((node) => node.kind === 'column')
  )
    context.refuse('LIMIT takes no column.');
  if (
    query.locksRows === true &&
    (query.groupBy.length > 0 || query.distinct !== undefined || hasAggregate(context, query))
  )
    context.refuse('FOR UPDATE locks rows, which a query with GROUP BY, DISTINCT or aggregates does not have.');
  return columns;
}

function renamed(
  columns: readonly SeenColumn[] | undefined,
  names: readonly string[],
): readonly SeenColumn[] | undefined {
  return names.length === 0
    ? columns
    : columns?.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

function setColumns(
  context: Analysis,
  { operator, left, right }: NonNullable<QueryTree['set']>,
  outer: Seen,
): readonly SeenColumn[] | undefined {
  const first = queryColumns(context, left, outer);
  const second = queryColumns(context, right, outer);
  if (first === undefined || second === undefined) return undefined;
  if (first.length !== second.length)
    return context.refuse(
      `Both sides of ${operator} have one number of columns, and these have ${first.length} and ${second.length}.`,
    );
  for (const [index, column] of first.entries()) {
    const other = second[index];
    if (
      other !== undefined &&
      column.type !== undefined &&
      other.type !== undefined &&
      isUnmatched(column.type, other.type)
    )
      return context.refuse(
        `The sides of this ${operator} have no type in common for "${column.name}": ${named(column.type)} and ${named(other.type)}.`,
      );
  }
  return first.map((column, index) => ({
    name: column.name,
    type: column.type?.name === second[index]?.type?.name ? column.type : undefined,
  }));
}

function fromItems(context: Analysis, item: FromItem, here: Seen, merged: Set<string>): readonly SeenItem[] {
  switch (item.kind) {
    case 'relation': {
      const alias = item.alias ?? item.relation.name;
      if (item.relation.schema === undefined && here.tables.has(item.relation.name)) {
        const table = here.tables.get(item.relation.name);
        if (table === SILENT)
          context.refuse(
            `"${item.relation.name}" changes rows without RETURNING, so that nothing can be read from it.`,
          );
        const columns = table === SILENT ? undefined : renamed(table, item.columns);
        return [{ alias, columns }];
      }
      const isSystem = item.relation.schema === undefined && item.relation.name.startsWith('pg_');
      const seen = seenRelation(
        context.schema,
        isSystem ? undefined : findRelation(context.schema, item.relation),
        alias,
      );
      return [{ ...seen, columns: renamed(seen.columns, item.columns) }];
    }
    case 'query': {
      const outer: Seen = item.lateral ? { ...here, items: [...here.items] } : { ...here, items: [] };
      return [{ alias: item.alias, columns: renamed(queryColumns(context, item.query, outer), item.columns) }];
    }
    case 'join': {
      const left = fromItems(context, item.left, here, merged);
      const right = fromItems(context, item.right, { ...here, items: [...here.items, ...left] }, merged);
      const sides = [...left, ...right];
      if (item.natural) for (const side of sides) for (const column of side.columns ?? []) merged.add(column.name);
      for (const name of item.using ?? []) {
        merged.add(name);
        const lacking = [left, right].find((side) =>
          side.every((each) => each.columns !== undefined && !each.columns.some((column) => column.name === name)),
        );
        if (lacking !== undefined)
          context.refuse(`${lacking[0]?.words ?? lacking[0]?.alias ?? ''} has no column "${name}" for this USING.`);
      }
      // The names of a JOIN with an alias are behind that.
      if (item.alias !== undefined && item.using === undefined) return [{ alias: item.alias, columns: undefined }];
      if (item.on !== undefined)
        context.condition(item.on, { ...here, items: [...here.items, ...sides] }, 'no-aggregates', 'ON');
      return sides;
    }
    default: {
      const seen: Seen = { ...here, items: [...here.items] };
      for (const operand of item.operands) context.typeOf(operand, seen, 'no-aggregates');
      return [{ alias: item.alias, columns: undefined }];
    }
  }
}

/** Output columns; undefined where a star stands for what is not known. */
function targetColumns(
  query: QueryTree,
  types: readonly SeenColumn['type'][],
  here: Seen,
): readonly SeenColumn[] | undefined {
  const columns: SeenColumn[] = [];
  for (const [index, target] of query.targets.entries()) {
    const { value } = target;
    if (value.kind === 'column' && value.path.at(-1) === '*') {
      const qualifier = value.path.at(-2);
      const items =
        qualifier === undefined ? here.items : here.items.filter((candidate) => candidate.alias === qualifier);
      // Columns that a JOIN made one stand once in a star.
      if (items.length === 0 || (here.merged.size > 0 && qualifier === undefined)) return undefined;
      for (const item of items) {
        if (item.columns === undefined) return undefined;
        columns.push(...item.columns);
      }
      continue;
    }
    columns.push({ name: target.name ?? nameOf(value) ?? '', type: types[index] });
  }
  return columns;
}

/** The name that PostgreSQL gives to an unnamed output column; empty where the tree does not tell. */
export function nameOf(tree: ExpressionTree): string | undefined {
  switch (tree.kind) {
    case 'column':
      return tree.path.at(-1);
    case 'call':
      return tree.name;
    case 'cast': {
      const inner = nameOf(tree.operands[0]);
      return inner === undefined || inner === '?column?' ? tree.type.name : inner;
    }
    case 'collate':
      return nameOf(tree.operands[0]);
    case 'literal':
    case 'operator':
    case 'boolean':
    case 'null-test':
      return '?column?';
    case 'keyword':
      return tree.name;
    case 'subquery':
      return tree.form === 'exists' ? 'exists' : tree.form === 'array' ? 'array' : undefined;
    default:
      return tree.case === undefined ? undefined : tree.case.otherwise === undefined ? 'case' : undefined;
  }
}

/** ORDER BY: a name of the output, a place in it, or an expression. */
function ordered(
  context: Analysis,
  { orderBy, distinct, targets }: QueryTree,
  here: Seen,
  columns: readonly SeenColumn[] | undefined,
): void {
  for (const tree of orderBy) {
    const name = tree.kind === 'column' && tree.path.length === 1 ? (tree.path[0] ?? '') : undefined;
    if (tree.kind === 'literal') {
      if (typeof tree.value === 'number' && columns !== undefined && (tree.value < 1 || tree.value > columns.length))
        context.refuse(`ORDER BY ${tree.value} is not one of the ${columns.length} columns.`);
      continue;
    }
    if (name !== undefined && (columns === undefined || columns.some((column) => column.name === name))) continue;
    context.typeOf(tree, here, 'plain');
    const isAmong = targets.some(
      ({ value }) =>
        JSON.stringify(value) === JSON.stringify(tree) ||
        (value.kind === 'column' && tree.kind === 'column' && value.path.at(-1) === tree.path.at(-1)),
    );
    if (!context.isInBlock && distinct === 'all' && tree.kind === 'column' && columns !== undefined && !isAmong)
      context.refuse('SELECT DISTINCT is ordered by columns of its own only.');
  }
}

function isAggregate(context: Analysis, node: ExpressionTree): boolean {
  return (
    node.kind === 'call' &&
    node.over !== true &&
    node.schema === undefined &&
    functionForms().all(node.name).length > 0 &&
    functionForms()
      .all(node.name)
      .every((form) => form.kind === 'aggregate') &&
    findFunction(context.schema, node) === undefined
  );
}

function hasAggregate(context: Analysis, { targets, having }: QueryTree): boolean {
  const trees = [...targets.map((target) => target.value), ...(having === undefined ? [] : [having])];
  return trees.some((tree) => [...walkExpression(tree)].some((node) => isAggregate(context, node)));
}

/** Columns beside aggregates and GROUP BY that are in neither. */
function grouped(context: Analysis, query: QueryTree, here: Seen): void {
  const { groupBy, targets, having } = query;
  if (query.isPartial === true || context.isInBlock || context.problem !== undefined) return;
  if (groupBy.length === 0 && having === undefined && !hasAggregate(context, query)) return;
  if (here.items.some((item) => item.columns === undefined)) return;
  for (const tree of groupBy)
    if (tree.kind !== 'literal' && !isOutput(tree, targets)) context.typeOf(tree, here, 'no-aggregates');
  const keys = new Set<string>();
  const columns = new Set<string>();
  for (const tree of groupBy) {
    const resolved = groupedTree(tree, targets, here);
    keys.add(JSON.stringify(resolved));
    const place = placeOf(resolved, here);
    if (place !== undefined) columns.add(place);
  }
  const free = (tree: ExpressionTree): string | undefined => {
    if (keys.has(JSON.stringify(tree)) || isAggregate(context, tree)) return undefined;
    if (tree.kind === 'subquery') return undefined;
    if (tree.kind === 'column') {
      const place = placeOf(tree, here);
      if (place === undefined || columns.has(place)) return undefined;
      const [index = ''] = place.split('.');
      const item = here.items[Number(index)];
      const isDependent = item?.key?.every((name) => columns.has(`${index}.${name}`)) === true;
      return isDependent ? undefined : tree.path.at(-1);
    }
    if (!('operands' in tree)) return undefined;
    for (const operand of tree.operands) {
      const found = free(operand);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const tree of [...targets.map((target) => target.value), ...(having === undefined ? [] : [having])]) {
    const name = free(tree);
    if (name !== undefined && name !== '*')
      return void context.refuse(`"${name}" is neither in GROUP BY nor in an aggregate here.`);
  }
}

function isOutput(tree: ExpressionTree, targets: QueryTree['targets']): boolean {
  return (
    tree.kind === 'column' &&
    tree.path.length === 1 &&
    targets.some((target) => (target.name ?? nameOf(target.value)) === tree.path[0])
  );
}

/** GROUP BY 1 and GROUP BY of an output's name stand for that output; a column of the tables comes first. */
function groupedTree(tree: ExpressionTree, targets: QueryTree['targets'], here: Seen): ExpressionTree {
  if (tree.kind === 'literal' && typeof tree.value === 'number') return targets[tree.value - 1]?.value ?? tree;
  if (tree.kind !== 'column' || tree.path.length !== 1 || placeOf(tree, here) !== undefined) return tree;
  return targets.find((target) => target.name === tree.path[0])?.value ?? tree;
}

/** Which column of which item a reference is: `item.column`; undefined where it is none of this query, or not one for certain. */
function placeOf(tree: ExpressionTree, here: Seen): string | undefined {
  if (tree.kind !== 'column') return undefined;
  const name = tree.path.at(-1) ?? '';
  if (here.merged.has(name)) return undefined;
  const places = here.items.flatMap((item, index) =>
    (tree.path.length === 1 || item.alias === tree.path.at(-2)) &&
    item.columns?.some((column) => column.name === name) === true
      ? [`${index}.${name}`]
      : [],
  );
  return places.length === 1 ? places[0] : undefined;
}
