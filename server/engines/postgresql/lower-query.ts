import type { Node } from '@pgsql/types';
import type { Span } from '../../core/span.ts';
import type { ObjectName } from '../../model/names.ts';
import type { Assignment, DeleteRows, InsertRows, MergeRows, Query, UpdateRows } from '../../model/operation.ts';
import { columnPath, expressionIn, expressionTree, partsOf, relationName } from './lower-expression.ts';
import { lowerNames } from './lower-names.ts';
import { lowerQueryTree, lowerWriteTree } from './lower-query-tree.ts';
import { lowerIndexElements } from './lower-index-element.ts';
import { type NodeOf, nodeAs, nodeEntry, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

type RowLock = 'update' | 'no-key-update' | 'share' | 'key-share';

type Writing = InsertRows | UpdateRows | DeleteRows | MergeRows;

/** Strongest first. */
const ROW_LOCKS: readonly RowLock[] = ['update', 'no-key-update', 'share', 'key-share'];

const LOCK_STRENGTHS: Readonly<Record<string, RowLock>> = {
  LCS_FORUPDATE: 'update',
  LCS_FORNOKEYUPDATE: 'no-key-update',
  LCS_FORSHARE: 'share',
  LCS_FORKEYSHARE: 'key-share',
};

const WRITING_NODES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

interface Read {
  readonly relation: ObjectName;
  readonly alias: string | undefined;
  lock: RowLock | undefined;
}

/** What was met on the way down; `hidden` are the names of common table expressions in scope. */
interface Collected {
  readonly source: Source;
  readonly reads: Read[];
  readonly columns: Map<string, { readonly qualifier?: string; readonly name: string }>;
  readonly functions: Map<string, { readonly schema?: string; readonly name: string }>;
  readonly writes: Writing[];
}

/** Fields that say what a query touches, from any part of the parse tree: `target` is the writing statement's own relation. */
export function lowerQuery(source: Source, node: Node | undefined, span: Span, target?: NodeOf<'RangeVar'>): Query {
  const collected: Collected = { source, reads: [], columns: new Map(), functions: new Map(), writes: [] };
  if (node !== undefined) visitTop(collected, node, target);
  const select = selectOf(node);
  const own = node === undefined ? undefined : statementFields(node);
  return {
    text: source.text.slice(span.start, span.end),
    span,
    reads: distinctReads(collected.reads),
    columns: [...collected.columns.values()],
    functions: [...collected.functions.values()],
    output: outputNames(select),
    ...(node === undefined ? {} : lowerNames(source, node)),
    ...treeOf(source, node),
    writes: collected.writes,
    hasWhere: own?.whereClause !== undefined,
    hasLimit: own?.limitCount !== undefined,
  };
}

function treeOf(source: Source, node: Node | undefined): Pick<Query, 'tree'> {
  if (node === undefined) return {};
  const select = nodeAs(node, 'SelectStmt');
  const tree = select === undefined ? lowerWriteTree(partsOf(source), node) : lowerQueryTree(partsOf(source), select);
  return tree === undefined ? {} : { tree };
}

function selectOf(node: Node | undefined): NodeOf<'SelectStmt'> | undefined {
  return nodeAs(node, 'SelectStmt') ?? nodeAs(nodeAs(node, 'InsertStmt')?.selectStmt, 'SelectStmt');
}

/** The two fields that INSERT, UPDATE, DELETE and SELECT share. */
function statementFields(node: Node): { readonly whereClause?: Node; readonly limitCount?: Node } {
  const [, fields] = nodeEntry(node);
  // Read only: a field that the node's type does not have is absent.
  return fields as { readonly whereClause?: Node; readonly limitCount?: Node };
}

function visitTop(collected: Collected, node: Node, target: NodeOf<'RangeVar'> | undefined): void {
  const [, fields] = nodeEntry(node);
  if (nodeAs(node, 'SelectStmt') !== undefined || fields === null || typeof fields !== 'object')
    visit(collected, node, new Set());
  else visitFields(collected, fields, new Set(), target);
}

function visit(collected: Collected, value: unknown, hidden: ReadonlySet<string>): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const item of value) visit(collected, item, hidden);
    return;
  }
  for (const [key, inner] of Object.entries(value)) visitKey(collected, key, inner, hidden);
}

function visitKey(collected: Collected, key: string, inner: unknown, hidden: ReadonlySet<string>): void {
  if (inner === null || typeof inner !== 'object') return;
  switch (key) {
    // The key names the node's type in each of these cases, so its fields are those of that type.
    case 'SelectStmt':
    case 'larg':
    case 'rarg':
      return visitFields(collected, inner, hidden, undefined);
    case 'RangeVar':
      return addRead(collected, inner as NodeOf<'RangeVar'>, hidden);
    case 'ColumnRef':
      return addColumn(collected, columnPath((inner as NodeOf<'ColumnRef'>).fields));
    case 'FuncCall': {
      addFunction(collected, stringsOf((inner as NodeOf<'FuncCall'>).funcname));
      return visit(collected, inner, hidden);
    }
    case 'TypeName':
    case 'lockingClause':
      return;
    default:
      return visit(collected, inner, hidden);
  }
}

/** One SELECT or writing statement: its WITH clause hides names in it, its locking clauses strengthen its reads. */
function visitFields(
  collected: Collected,
  fields: object,
  hidden: ReadonlySet<string>,
  target: NodeOf<'RangeVar'> | undefined,
): void {
  // Absent in node types without such a clause.
  const { withClause, lockingClause, ...rest } = fields as {
    readonly withClause?: NodeOf<'WithClause'>;
    readonly lockingClause?: readonly Node[];
  };
  const inner = new Set(hidden);
  for (const item of withClause?.ctes ?? []) {
    const expression = nodeAs(item, 'CommonTableExpr');
    if (expression === undefined) continue;
    const seen = withClause?.recursive === true ? new Set([...inner, expression.ctename ?? '']) : inner;
    const body = expression.ctequery;
    const [type] = body === undefined ? [''] : nodeEntry(body);
    if (body !== undefined && WRITING_NODES.includes(type)) addWrite(collected, body, inner);
    else visit(collected, body, seen);
    inner.add(expression.ctename ?? '');
  }
  const before = collected.reads.length;
  // What the query is about comes first, for that is what a write through a view reaches.
  const entries = Object.entries(rest);
  for (const [key, value] of [
    ...entries.filter(([key]) => key === 'fromClause'),
    ...entries.filter(([key]) => key !== 'fromClause'),
  ]) {
    if (key === 'relation' && value === target) continue;
    visitKey(collected, key, value, inner);
  }
  for (const clause of lockingClause ?? []) lock(collected, nodeAs(clause, 'LockingClause'), before);
}

function lock(collected: Collected, clause: NodeOf<'LockingClause'> | undefined, from: number): void {
  const strength = LOCK_STRENGTHS[clause?.strength ?? ''];
  if (strength === undefined) return;
  const names = (clause?.lockedRels ?? []).map((item) => nodeAs(item, 'RangeVar')?.relname);
  for (const read of collected.reads.slice(from)) {
    if (names.length > 0 && !names.includes(read.alias ?? read.relation.name)) continue;
    if (read.lock === undefined || ROW_LOCKS.indexOf(strength) < ROW_LOCKS.indexOf(read.lock)) read.lock = strength;
  }
}

function addRead(collected: Collected, range: NodeOf<'RangeVar'>, hidden: ReadonlySet<string>): void {
  if (range.schemaname === undefined && hidden.has(range.relname ?? '')) return;
  collected.reads.push({
    relation: relationName(collected.source, range),
    alias: range.alias?.aliasname,
    lock: undefined,
  });
}

function addColumn(collected: Collected, path: readonly string[]): void {
  const name = path.at(-1) ?? '';
  const qualifier = path.at(-2);
  collected.columns.set(
    JSON.stringify([qualifier ?? null, name]),
    qualifier === undefined ? { name } : { qualifier, name },
  );
}

function addFunction(collected: Collected, parts: readonly string[]): void {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  collected.functions.set(
    JSON.stringify(parts),
    schema === undefined || schema === 'pg_catalog' ? { name } : { schema, name },
  );
}

function addWrite(collected: Collected, node: Node, hidden: ReadonlySet<string>): void {
  const { source } = collected;
  const location = source.at(firstRelation(node)?.location);
  // The statement's text lies in the parentheses behind AS; the relation's place is the only location in the tree.
  let from = source.indexAt(location);
  while (from > 0 && !source.isSymbol(from, '(')) from--;
  const span = source.spanOf(from + 1, source.closing(from));
  const lowered = lowerRows(source, node, span);
  if (lowered === undefined) return;
  // Common table expressions in front of it are in its scope, which it cannot see by itself.
  const reads = lowered.query.reads.filter(
    (read) => read.relation.schema !== undefined || !hidden.has(read.relation.name),
  );
  const write = { ...lowered, query: { ...lowered.query, reads } };
  collected.writes.push(write);
  for (const read of write.query.reads)
    collected.reads.push({ relation: read.relation, alias: undefined, lock: read.lock });
  for (const column of write.query.columns)
    collected.columns.set(JSON.stringify([column.qualifier ?? null, column.name]), column);
  for (const called of write.query.functions)
    collected.functions.set(JSON.stringify([called.schema ?? 'pg_catalog', called.name]), called);
  collected.writes.push(...write.query.writes);
}

function firstRelation(node: Node): NodeOf<'RangeVar'> | undefined {
  return (
    nodeAs(node, 'InsertStmt')?.relation ??
    nodeAs(node, 'UpdateStmt')?.relation ??
    nodeAs(node, 'DeleteStmt')?.relation ??
    nodeAs(node, 'MergeStmt')?.relation
  );
}

function distinctReads(reads: readonly Read[]): Query['reads'] {
  const byName = new Map<string, Read>();
  for (const read of reads) {
    const key = JSON.stringify([read.relation.schema ?? null, read.relation.name]);
    const known = byName.get(key);
    if (known === undefined) byName.set(key, { ...read });
    else if (
      read.lock !== undefined &&
      (known.lock === undefined || ROW_LOCKS.indexOf(read.lock) < ROW_LOCKS.indexOf(known.lock))
    )
      known.lock = read.lock;
  }
  return [...byName.values()].map((read) =>
    read.lock === undefined ? { relation: read.relation } : { relation: read.relation, lock: read.lock },
  );
}

function outputNames(select: NodeOf<'SelectStmt'> | undefined): readonly (string | undefined)[] {
  let left = select;
  while (left?.larg !== undefined) left = left.larg;
  const first = left?.valuesLists?.[0];
  if (first !== undefined) return (nodeAs(first, 'List')?.items ?? []).map((_, index) => `column${index + 1}`);
  return (left?.targetList ?? []).map((item) => {
    const target = nodeAs(item, 'ResTarget');
    return target?.name ?? outputName(target?.val);
  });
}

/** Name that PostgreSQL gives to an unnamed output column; undefined for a star, and where it depends on more than the tree. */
function outputName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const [key] = nodeEntry(node);
  switch (key) {
    case 'ColumnRef': {
      const last = columnPath(nodeAs(node, 'ColumnRef')?.fields).at(-1);
      return last === '*' ? undefined : last;
    }
    case 'FuncCall':
      return stringsOf(nodeAs(node, 'FuncCall')?.funcname).at(-1);
    case 'CoalesceExpr':
      return 'coalesce';
    case 'CaseExpr':
      return 'case';
    case 'TypeCast': {
      const cast = nodeAs(node, 'TypeCast');
      const inner = cast?.arg === undefined ? undefined : nodeEntry(cast.arg)[0];
      return inner === 'ColumnRef' || inner === 'FuncCall'
        ? outputName(cast?.arg)
        : stringsOf(cast?.typeName?.names).at(-1);
    }
    case 'CollateClause':
      return outputName(nodeAs(node, 'CollateClause')?.arg);
    default:
      return undefined;
  }
}

/** What the rows of VALUES give in each place. */
function givenIn(rows: readonly Node[]): NonNullable<InsertRows['given']> {
  const kinds: NonNullable<InsertRows['given']>[number][] = [];
  for (const row of rows) {
    for (const [place, item] of (nodeAs(row, 'List')?.items ?? []).entries()) {
      const constant = nodeAs(item, 'A_Const');
      const kind =
        constant === undefined
          ? nodeEntry(item)[0] === 'SetToDefault'
            ? 'default'
            : 'some'
          : constant.isnull === true
            ? 'null'
            : 'value';
      kinds[place] = kinds[place] === undefined || kinds[place] === kind ? kind : 'some';
    }
  }
  return kinds;
}

/** Rows of VALUES whose values are looked at: what is wrong with a long list is wrong with its beginning. */
const LOOKED_AT_ROWS = 50;

function firstRows(source: Source, rows: readonly Node[]): NonNullable<InsertRows['values']> {
  return rows
    .slice(0, LOOKED_AT_ROWS)
    .map((row) => (nodeAs(row, 'List')?.items ?? []).map((item) => expressionTree(source, item)));
}

/** SET column = value; parts of columns, and several columns from one row, are left out. */
function assignmentsIn(source: Source, targets: readonly Node[] | undefined): readonly Assignment[] {
  return (targets ?? []).flatMap((node) => {
    const target = nodeAs(node, 'ResTarget');
    return target?.name === undefined ||
      target.val === undefined ||
      (target.indirection ?? []).length > 0 ||
      nodeAs(target.val, 'MultiAssignRef') !== undefined
      ? []
      : [{ column: target.name, value: expressionTree(source, target.val) }];
  });
}

function conflictIn(source: Source, clause: NodeOf<'OnConflictClause'>): NonNullable<InsertRows['conflict']> {
  const { infer } = clause;
  return {
    elements: lowerIndexElements(source, infer?.indexElems ?? [], []),
    ...(infer?.whereClause === undefined ? {} : { where: expressionTree(source, infer.whereClause) }),
    ...(infer?.conname === undefined ? {} : { constraint: infer.conname }),
    assignments: assignmentsIn(source, clause.targetList),
  };
}

const MERGE_ACTIONS = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' } as const;

/** INSERT, UPDATE, DELETE and MERGE, as a statement or in a WITH clause; undefined for any other node. */
export function lowerRows(
  source: Source,
  node: Node,
  span: Span,
): InsertRows | UpdateRows | DeleteRows | MergeRows | undefined {
  const insert = nodeAs(node, 'InsertStmt');
  if (insert?.relation !== undefined) {
    const values = nodeAs(insert.selectStmt, 'SelectStmt')?.valuesLists;
    const rowCount = values?.length ?? (insert.selectStmt === undefined ? 1 : undefined);
    const conflict = insert.onConflictClause?.action;
    return {
      kind: 'insert-rows',
      span,
      relation: relationName(source, insert.relation),
      ...(insert.cols === undefined
        ? {}
        : { columns: insert.cols.map((column) => nodeAs(column, 'ResTarget')?.name ?? '') }),
      ...(rowCount === undefined ? {} : { rowCount }),
      ...(values === undefined ? {} : { given: givenIn(values), values: firstRows(source, values) }),
      query: lowerQuery(source, node, span, insert.relation),
      ...(conflict === 'ONCONFLICT_NOTHING'
        ? { onConflict: 'nothing' as const }
        : conflict === 'ONCONFLICT_UPDATE'
          ? { onConflict: 'update' as const }
          : {}),
      ...(insert.onConflictClause === undefined ? {} : { conflict: conflictIn(source, insert.onConflictClause) }),
    };
  }
  const update = nodeAs(node, 'UpdateStmt');
  if (update?.relation !== undefined) {
    const where = whereIn(source, update.whereClause, span, update.relation.location);
    return {
      kind: 'update-rows',
      span,
      relation: relationName(source, update.relation),
      only: update.relation.inh !== true,
      columns: (update.targetList ?? []).map((target) => nodeAs(target, 'ResTarget')?.name ?? ''),
      assignments: assignmentsIn(source, update.targetList),
      ...(where === undefined ? {} : { where }),
      query: lowerQuery(source, node, span, update.relation),
    };
  }
  const remove = nodeAs(node, 'DeleteStmt');
  if (remove?.relation !== undefined) {
    const where = whereIn(source, remove.whereClause, span, remove.relation.location);
    return {
      kind: 'delete-rows',
      span,
      relation: relationName(source, remove.relation),
      only: remove.relation.inh !== true,
      ...(where === undefined ? {} : { where }),
      query: lowerQuery(source, node, span, remove.relation),
    };
  }
  const merge = nodeAs(node, 'MergeStmt');
  if (merge?.relation === undefined) return undefined;
  return {
    kind: 'merge-rows',
    span,
    relation: relationName(source, merge.relation),
    actions: (merge.mergeWhenClauses ?? []).map((clause) => {
      const command = nodeAs(clause, 'MergeWhenClause')?.commandType;
      return command === 'CMD_INSERT' || command === 'CMD_UPDATE' || command === 'CMD_DELETE'
        ? MERGE_ACTIONS[command]
        : 'nothing';
    }),
    columns: (merge.mergeWhenClauses ?? []).flatMap((clause) =>
      (nodeAs(clause, 'MergeWhenClause')?.targetList ?? []).map((target) => nodeAs(target, 'ResTarget')?.name ?? ''),
    ),
    query: lowerQuery(source, node, span, merge.relation),
  };
}

function whereIn(
  source: Source,
  node: Node | undefined,
  span: Span,
  relationLocation: number | undefined,
): UpdateRows['where'] {
  if (node === undefined) return undefined;
  const from = source.indexAt(source.at(relationLocation));
  const to = source.indexAt(span.end);
  const where = source.findWord(from, to, 'where');
  return expressionIn(source, node, source.spanOf(where + 1, source.findWord(where + 1, to, 'returning')));
}
