import type { AstNode, Expr, OneSelect, Select } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { ObjectName } from '../../model/names.ts';
import type { Query } from '../../model/operation.ts';
import { lowerName } from './lower-name.ts';

/** What was met on the way down. */
interface Collected {
  readonly reads: Map<string, { readonly relation: ObjectName }>;
  readonly columns: Map<string, { readonly qualifier?: string; readonly name: string }>;
  readonly functions: Map<string, { readonly name: string }>;
}

/** Parts of a statement that is no SELECT but has the parts of one. */
export interface QueryParts {
  readonly parts: readonly unknown[];
  /** Names of common table expressions in front of the statement. */
  readonly hasWhere: boolean;
  readonly hasLimit: boolean;
}

/** Fields that say what a query touches: of a SELECT, or of the parts of INSERT, UPDATE and DELETE. */
export function lowerQuery(text: string, query: Select | QueryParts, span: Span): Query {
  const collected: Collected = { reads: new Map(), columns: new Map(), functions: new Map() };
  const isSelect = 'type' in query;
  if (isSelect) visit(collected, query, new Set());
  else visitScope(collected, query.parts, new Set());
  const first = isSelect ? query.select : undefined;
  return {
    text: text.slice(span.start, span.end),
    span,
    reads: [...collected.reads.values()],
    columns: [...collected.columns.values()],
    functions: [...collected.functions.values()],
    output: first === undefined ? [] : outputNames(first),
    writes: [],
    hasWhere: isSelect ? first?.type === 'SelectFrom' && first.whereClause !== undefined : query.hasWhere,
    hasLimit: isSelect ? query.limit !== undefined : query.hasLimit,
  };
}

/** Values in which a WITH clause among them hides its names; all of its queries see all of its names, as in SQLite. */
function visitScope(collected: Collected, values: readonly unknown[], hidden: ReadonlySet<string>): void {
  const inner = new Set(hidden);
  for (const value of values)
    if (isNode(value) && value.type === 'With')
      for (const expression of value.ctes) inner.add(expression.tblName.text.toLowerCase());
  for (const value of values) visit(collected, value, inner);
}

function isNode(value: unknown): value is AstNode {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}

function visit(collected: Collected, value: unknown, hidden: ReadonlySet<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(collected, item, hidden);
    return;
  }
  if (!isNode(value)) return;
  switch (value.type) {
    case 'Id':
      return addColumn(collected, value.name);
    case 'NameExpr':
      return addColumn(collected, value.name.text);
    case 'QualifiedExpr':
      return addColumn(collected, value.column.text, value.table.text);
    case 'StarResultColumn':
      return addColumn(collected, '*');
    case 'TableStarResultColumn':
      return addColumn(collected, '*', value.table.text);
    case 'UsingJoinConstraint':
      for (const column of value.columns) addColumn(collected, column.text);
      return;
    case 'FunctionCallExpr':
    case 'FunctionCallStarExpr': {
      addFunction(collected, value.name.name);
      const { name: _, ...parts } = value;
      return visit(collected, Object.values(parts), hidden);
    }
    case 'TableSelectTable':
      return addRead(collected, lowerName(value.tblName), hidden);
    case 'TableCallSelectTable':
      addFunction(collected, value.tblName.objName.text);
      return visit(collected, value.args, hidden);
    case 'InTableExpr':
      visit(collected, [value.lhs, value.args], hidden);
      if (value.args === undefined) addRead(collected, lowerName(value.rhs), hidden);
      else addFunction(collected, value.rhs.objName.text);
      return;
    case 'BinaryExpr':
      return visitChain(collected, value, hidden);
    case 'BlobLiteral':
    case 'Type':
      return;
    default:
      return visitScope(collected, Object.values(value), hidden);
  }
}

/** Goes down a chain of operators without recursion on its left side, which may be long. */
function visitChain(collected: Collected, chain: Expr, hidden: ReadonlySet<string>): void {
  let rest = chain;
  const right: Expr[] = [];
  while (rest.type === 'BinaryExpr') {
    right.push(rest.right);
    rest = rest.left;
  }
  visit(collected, rest, hidden);
  for (const operand of right.reverse()) visit(collected, operand, hidden);
}

function addRead(collected: Collected, relation: ObjectName, hidden: ReadonlySet<string>): void {
  if (relation.schema === undefined && hidden.has(relation.name.toLowerCase())) return;
  const key = JSON.stringify([relation.schema?.toLowerCase() ?? null, relation.name.toLowerCase()]);
  if (!collected.reads.has(key)) collected.reads.set(key, { relation });
}

function addColumn(collected: Collected, name: string, qualifier?: string): void {
  const key = JSON.stringify([qualifier?.toLowerCase() ?? null, name.toLowerCase()]);
  if (!collected.columns.has(key)) collected.columns.set(key, qualifier === undefined ? { name } : { qualifier, name });
}

function addFunction(collected: Collected, name: string): void {
  const key = name.toLowerCase();
  collected.functions.set(key, { name: key });
}

/** Names of the columns that a SELECT gives, in order; undefined where one has none of its own. */
export function outputNames(select: OneSelect): readonly (string | undefined)[] {
  if (select.type === 'SelectValues') return (select.values[0]?.values ?? []).map((_, index) => `column${index + 1}`);
  return select.columns.map((column) => {
    if (column.type !== 'ExprResultColumn') return undefined;
    if (column.alias !== undefined) return column.alias.name.text;
    if (column.expr.type === 'Id') return column.expr.name;
    return column.expr.type === 'QualifiedExpr' ? column.expr.column.text : undefined;
  });
}
