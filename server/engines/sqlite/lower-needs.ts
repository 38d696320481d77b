import type { AstNode, FromClause, OneSelect, Select, SelectTable, With } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { Query } from '../../model/operation.ts';
import { lowerName } from './lower-name.ts';
import { nodeSpan } from './syntax.ts';

type Need = NonNullable<Query['needs']>[number];
type Table = Need['among'][number];

/** One thing that columns may come from, under the name that it has there; without a table, what its columns are is not known. */
interface Item {
  readonly name: string | undefined;
  readonly table?: Table;
}

/** What a name may stand for: the tables of one SELECT, and the names that it gives its own columns. */
interface Frame {
  readonly items: readonly Item[];
  readonly aliases: ReadonlySet<string>;
}

/** What column names of a statement have to be found in. */
export interface Needs {
  readonly needs: readonly Need[];
  /** A name that stands for a column where none can be: nothing is read there, or nothing has its qualifier. */
  readonly lost?: string;
}

/** Where the walk of one statement stands. */
interface Walk {
  readonly text: string;
  readonly needs: Need[];
  lost?: string;
}

const ROWID = new Set(['rowid', 'oid', '_rowid_']);

/** Names of columns in a query. */
export function needsOfQuery(text: string, query: Select): Needs {
  const walk: Walk = { text, needs: [] };
  visitSelect(walk, query, [], new Set());
  return walk;
}

/** Names of columns in the parts of INSERT, UPDATE and DELETE: `parts` see the statement's tables, `queries` only their own. */
export function needsOfParts(
  text: string,
  given: {
    readonly with: With | undefined;
    readonly tables: readonly { readonly table: Table; readonly alias?: string | undefined }[];
    readonly from?: FromClause | undefined;
    readonly parts: readonly unknown[];
    readonly queries: readonly (Select | undefined)[];
  },
): Needs {
  const walk: Walk = { text, needs: [] };
  const hidden = visitWith(walk, given.with, [], new Set());
  for (const query of given.queries) if (query !== undefined) visitSelect(walk, query, [], hidden);
  const items: Item[] = given.tables.map(({ table, alias }) => ({ name: alias ?? table.name, table }));
  const frame: Frame = { items: [...items, ...itemsOf(given.from, hidden)], aliases: new Set() };
  visit(walk, given.from, [frame], hidden);
  for (const part of given.parts) visit(walk, part, [frame], hidden);
  return walk;
}

function visitWith(
  walk: Walk,
  clause: With | undefined,
  frames: readonly Frame[],
  hidden: ReadonlySet<string>,
): ReadonlySet<string> {
  if (clause === undefined) return hidden;
  const inner = new Set(hidden);
  for (const table of clause.ctes) inner.add(table.tblName.text.toLowerCase());
  for (const table of clause.ctes) visitSelect(walk, table.select, frames, inner);
  return inner;
}

function visitSelect(walk: Walk, query: Select, frames: readonly Frame[], outer: ReadonlySet<string>): void {
  const hidden = visitWith(walk, query.with, frames, outer);
  const first = frameOf(query.select, hidden);
  visitOne(walk, query.select, first, frames, hidden);
  for (const { select } of query.compounds ?? []) visitOne(walk, select, frameOf(select, hidden), frames, hidden);
  // Behind a compound, ORDER BY names the columns of any of its queries.
  if (query.compounds === undefined) visit(walk, query.orderBy, [...frames, first], hidden);
}

function frameOf(select: OneSelect, hidden: ReadonlySet<string>): Frame {
  if (select.type === 'SelectValues') return { items: [], aliases: new Set() };
  const aliases = select.columns.flatMap((column) =>
    column.type === 'ExprResultColumn' && column.alias !== undefined ? [column.alias.name.text.toLowerCase()] : [],
  );
  return { items: itemsOf(select.from, hidden), aliases: new Set(aliases) };
}

function visitOne(
  walk: Walk,
  select: OneSelect,
  frame: Frame,
  frames: readonly Frame[],
  hidden: ReadonlySet<string>,
): void {
  const inner = [...frames, frame];
  if (select.type === 'SelectValues') return visit(walk, select.values, inner, hidden);
  visit(walk, select.from, inner, hidden);
  visit(walk, select.columns, inner, hidden);
  visit(walk, [select.whereClause, select.groupBy, select.having, select.windowClause], inner, hidden);
}

function itemsOf(from: FromClause | undefined, hidden: ReadonlySet<string>): readonly Item[] {
  if (from === undefined) return [];
  const tables = [...(from.select === undefined ? [] : [from.select]), ...(from.joins ?? []).map((join) => join.table)];
  return tables.flatMap((table) => itemsIn(table, hidden));
}

function itemsIn(table: SelectTable, hidden: ReadonlySet<string>): readonly Item[] {
  const alias = table.alias?.name.text;
  switch (table.type) {
    case 'TableSelectTable': {
      const name = lowerName(table.tblName);
      const isQuery = name.schema === undefined && hidden.has(name.name.toLowerCase());
      return [{ name: alias ?? name.name, ...(isQuery ? {} : { table: name }) }];
    }
    case 'TableCallSelectTable':
      return [{ name: alias ?? table.tblName.objName.text }];
    case 'SelectSelectTable':
      return [{ name: alias }];
    case 'SubSelectTable':
      // With a name of its own, its tables are not seen under theirs.
      return alias === undefined ? itemsOf(table.from, hidden) : [{ name: alias }];
  }
}

function isNode(value: unknown): value is AstNode {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}

function visit(walk: Walk, value: unknown, frames: readonly Frame[], hidden: ReadonlySet<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(walk, item, frames, hidden);
    return;
  }
  if (!isNode(value)) return;
  switch (value.type) {
    case 'Id':
      return need(walk, value.name, nodeSpan(value), frames);
    case 'NameExpr':
      return need(walk, value.name.text, nodeSpan(value), frames);
    case 'QualifiedExpr':
      return needQualified(walk, value.table.text, value.column.text, value.schema !== undefined, frames);
    case 'FunctionCallExpr':
      return visit(walk, [value.args, value.orderBy, value.filterOver], frames, hidden);
    case 'FunctionCallStarExpr':
      return visit(walk, value.filterOver, frames, hidden);
    case 'InTableExpr':
      return visit(walk, [value.lhs, value.args], frames, hidden);
    case 'Select':
      return visitSelect(walk, value, frames, hidden);
    case 'BinaryExpr': {
      // A chain may be long: down its left side without recursion.
      let rest: AstNode = value;
      while (rest.type === 'BinaryExpr') {
        visit(walk, rest.right, frames, hidden);
        rest = rest.left;
      }
      return visit(walk, rest, frames, hidden);
    }
    case 'RaiseExpr':
    case 'BlobLiteral':
    case 'Type':
    case 'UsingJoinConstraint':
    case 'Name':
    case 'QualifiedName':
      return;
    case 'CastExpr':
      return visit(walk, value.expr, frames, hidden);
    case 'CollateExpr':
      return visit(walk, value.expr, frames, hidden);
    case 'With':
      return;
    default:
      for (const inner of Object.values(value)) visit(walk, inner, frames, hidden);
  }
}

function need(walk: Walk, name: string, span: Span, frames: readonly Frame[]): void {
  const first = walk.text[span.start];
  const folded = name.toLowerCase();
  if (first !== '"' && first !== '[' && first !== '`' && /^(?:true|false)$/.test(folded)) return;
  if (ROWID.has(folded)) return;
  if (frames.some((frame) => frame.aliases.has(folded))) return;
  const items = frames.flatMap((frame) => frame.items);
  if (items.some((item) => item.table === undefined)) return;
  const among = items.flatMap((item) => item.table ?? []);
  // SQLite may be compiled to take a name in double quotes that it does not find for a text.
  if (first === '"') walk.needs.push({ name, among, quoted: span });
  else if (items.length === 0) walk.lost ??= name;
  else walk.needs.push({ name, among });
}

function needQualified(
  walk: Walk,
  qualifier: string,
  name: string,
  hasSchema: boolean,
  frames: readonly Frame[],
): void {
  if (hasSchema || ROWID.has(name.toLowerCase())) return;
  const folded = qualifier.toLowerCase();
  for (const frame of [...frames].reverse()) {
    const item = frame.items.find((candidate) => candidate.name?.toLowerCase() === folded);
    if (item === undefined) continue;
    if (item.table !== undefined) walk.needs.push({ name, qualifier, among: [item.table] });
    return;
  }
  walk.lost ??= `${qualifier}.${name}`;
}
