import type { Node } from '@pgsql/types';
import type { ObjectName } from '../../model/names.ts';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  CreateTable,
  CreateTableAs,
  Operation,
  PartitionBound,
  PartitionKey,
} from '../../model/operation.ts';
import { lowerColumn } from './lower-column.ts';
import { lowerConstraint } from './lower-constraint.ts';
import { createdName, expressionTree, relationName } from './lower-expression.ts';
import { lowerIndexElements, storageParameters } from './lower-index-element.ts';
import { lowerQuery } from './lower-query.ts';
import { type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import { objectName, type Source } from './source.ts';

/** Bits of LIKE's INCLUDING list. Source: PostgreSQL's `nodes/parsenodes.h` (TableLikeOption). */
const LIKE_BITS = [
  [1, 'comments'],
  [2, 'compression'],
  [4, 'constraints'],
  [8, 'defaults'],
  [16, 'generated'],
  [32, 'identity'],
  [64, 'indexes'],
  [128, 'statistics'],
  [256, 'storage'],
] as const;

function persistenceOf(relation: NodeOf<'RangeVar'> | undefined): 'permanent' | 'temporary' | 'unlogged' {
  return relation?.relpersistence === 't' ? 'temporary' : relation?.relpersistence === 'u' ? 'unlogged' : 'permanent';
}

/** What becomes of a temporary table at the end of its transaction, where it is said. */
function onCommitOf(word: string | undefined): { readonly onCommit?: 'drop' | 'delete-rows' } {
  return word === 'ONCOMMIT_DROP'
    ? { onCommit: 'drop' }
    : word === 'ONCOMMIT_DELETE_ROWS'
      ? { onCommit: 'delete-rows' }
      : {};
}

/** CREATE TABLE in all its forms, CREATE FOREIGN TABLE included. */
export function lowerCreateTable(source: Source, create: NodeOf<'CreateStmt'>, server?: string): CreateTable {
  const relation: ObjectName =
    create.relation === undefined ? { name: '', span: source.span } : createdName(source, create.relation);
  const afterName = source.nameEnd(source.indexAt(relation.span.start));
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  const like: CreateTable['like'][number][] = [];
  const open = source.find(afterName, source.tokens.length, (token) => token.kind === 'symbol' && token.value === '(');
  const items = source.items(open + 1, source.closing(open));
  for (const [index, element] of (create.tableElts ?? []).entries()) {
    const [from, to] = items[index] ?? [open, open];
    const column = nodeAs(element, 'ColumnDef');
    if (column !== undefined) columns.push(lowerColumn(source, column, from, to));
    const constraint = nodeAs(element, 'Constraint');
    const lowered = constraint === undefined ? undefined : lowerConstraint(source, constraint, from, to);
    if (lowered !== undefined) constraints.push(lowered);
    const clause = nodeAs(element, 'TableLikeClause');
    if (clause?.relation !== undefined) {
      const bits = clause.options ?? 0;
      like.push({
        relation: relationName(source, clause.relation),
        including: LIKE_BITS.filter(([bit]) => (bits & bit) !== 0).map(([, word]) => word),
      });
    }
  }
  const parents = (create.inhRelations ?? [])
    .flatMap((node) => nodeAs(node, 'RangeVar') ?? [])
    .map((parent) => relationName(source, parent));
  const [parent] = parents;
  const bound = create.partbound;
  const partitionBy = create.partspec === undefined ? undefined : lowerPartitionKey(source, create.partspec);
  const parameters = storageParameters(create.options);
  return {
    kind: 'create-table',
    span: source.span,
    relation,
    ifNotExists: create.if_not_exists === true,
    persistence: persistenceOf(create.relation),
    columns,
    constraints,
    like,
    inherits: bound === undefined ? parents : [],
    ...(partitionBy === undefined ? {} : { partitionBy }),
    ...(bound === undefined || parent === undefined
      ? {}
      : { partitionOf: { parent, bound: lowerPartitionBound(source, bound) } }),
    ...(create.ofTypename === undefined ? {} : { ofType: typeObject(source, create.ofTypename) }),
    ...(server === undefined ? {} : { foreignServer: server }),
    ...(create.accessMethod === undefined ? {} : { accessMethod: create.accessMethod }),
    ...(create.tablespacename === undefined ? {} : { tablespace: create.tablespacename }),
    ...(parameters === undefined ? {} : { storageParameters: parameters }),
    ...onCommitOf(create.oncommit),
  };
}

/** CREATE TABLE AS, SELECT INTO and CREATE MATERIALIZED VIEW. */
export function lowerCreateTableAs(source: Source, create: NodeOf<'CreateTableAsStmt'>): Operation {
  const into = create.into;
  const relation: ObjectName =
    into?.rel === undefined ? { name: '', span: source.span } : createdName(source, into.rel);
  const columns = into?.colNames === undefined ? undefined : stringsOf(into.colNames);
  const from = source.findWord(source.indexAt(relation.span.end), source.tokens.length, 'as') + 1;
  const withNoData = into?.skipData === true;
  const hasDataClause =
    source.isWord(source.tokens.length - 1, 'data') &&
    source.findWord(Math.max(from, source.tokens.length - 3), source.tokens.length, 'with') < source.tokens.length;
  const to = hasDataClause ? source.tokens.length - (withNoData ? 3 : 2) : source.tokens.length;
  const query = lowerQuery(source, create.query, source.spanOf(Math.min(from, to), to));
  if (create.objtype === 'OBJECT_MATVIEW') {
    return {
      kind: 'create-materialized-view',
      span: source.span,
      relation,
      orReplace: false,
      ifNotExists: create.if_not_exists === true,
      temporary: false,
      recursive: false,
      ...(columns === undefined ? {} : { columns }),
      withData: !withNoData,
      query,
      sql: source.text.slice(source.span.start, source.span.end),
    };
  }
  return {
    kind: 'create-table-as',
    span: source.span,
    relation,
    ifNotExists: create.if_not_exists === true,
    persistence: persistenceOf(into?.rel),
    ...(columns === undefined ? {} : { columns }),
    ...onCommitOf(into?.onCommit),
    withData: !withNoData,
    query,
  };
}

/** SELECT ... INTO, which is CREATE TABLE AS in other words. */
export function lowerSelectInto(source: Source, node: Node, into: NodeOf<'IntoClause'>): CreateTableAs {
  const relation: ObjectName = into.rel === undefined ? { name: '', span: source.span } : createdName(source, into.rel);
  return {
    kind: 'create-table-as',
    span: source.span,
    relation,
    ifNotExists: false,
    persistence: persistenceOf(into.rel),
    withData: true,
    query: lowerQuery(source, node, source.span),
  };
}

/** The INTO clause of a SELECT, which stands in its leftmost part. */
export function intoOf(select: NodeOf<'SelectStmt'> | undefined): NodeOf<'IntoClause'> | undefined {
  for (let part = select; part !== undefined; part = part.larg)
    if (part.intoClause !== undefined) return part.intoClause;
  return undefined;
}

/** A type's name as an object. */
export function typeObject(source: Source, type: NodeOf<'TypeName'>): ObjectName {
  const parts = stringsOf(type.names);
  return objectName(
    parts[0] === 'pg_catalog' ? parts.slice(1) : parts,
    source.nameSpan(source.indexAt(source.at(type.location))),
  );
}

function lowerPartitionKey(source: Source, key: NodeOf<'PartitionSpec'>): PartitionKey {
  const from = source.indexAt(source.at(key.location));
  const open = source.find(from, source.tokens.length, (token) => token.kind === 'symbol' && token.value === '(');
  const strategy =
    key.strategy === 'PARTITION_STRATEGY_LIST' ? 'list' : key.strategy === 'PARTITION_STRATEGY_HASH' ? 'hash' : 'range';
  return {
    strategy,
    elements: lowerIndexElements(source, key.partParams ?? [], source.items(open + 1, source.closing(open))),
  };
}

/** FOR VALUES ... and DEFAULT. */
export function lowerPartitionBound(source: Source, bound: NodeOf<'PartitionBoundSpec'>): PartitionBound {
  if (bound.is_default === true) return { kind: 'default' };
  const from = source.indexAt(source.at(bound.location));
  // The location is that of the word behind FOR VALUES or of FOR itself, as the grammar's rule has it.
  const words = source.isWord(from, 'for') ? from : source.isWord(from - 2, 'for') ? from - 2 : from;
  let end = from;
  for (
    let open = source.find(from, source.tokens.length, (token) => token.value === '(' && token.kind === 'symbol');
    source.isSymbol(open, '(');
    open = source.isWord(end, 'to') ? end + 1 : -1
  ) {
    end = source.closing(open) + 1;
  }
  const { start, end: last } = source.spanOf(words, end);
  const text = source.text.slice(start, last);
  const trees = (nodes: readonly Node[] | undefined): ReturnType<typeof expressionTree>[] =>
    (nodes ?? []).map((node) => boundTree(source, node));
  if (bound.strategy === 'h')
    return { kind: 'hash', modulus: bound.modulus ?? 0, remainder: bound.remainder ?? 0, text };
  if (bound.strategy === 'l') return { kind: 'list', values: trees(bound.listdatums), text };
  return { kind: 'range', from: trees(bound.lowerdatums), to: trees(bound.upperdatums), text };
}

/** MINVALUE and MAXVALUE come as column references, because the grammar has no words for them there. */
function boundTree(source: Source, node: Node): ReturnType<typeof expressionTree> {
  const tree = expressionTree(source, node);
  const name = tree.kind === 'column' && tree.path.length === 1 ? tree.path[0] : undefined;
  return name === 'minvalue' || name === 'maxvalue' ? { kind: 'keyword', name } : tree;
}
