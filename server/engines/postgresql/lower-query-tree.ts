import type { Node } from '@pgsql/types';
import type { ExpressionTree } from '../../model/expression.ts';
import type { CommonTable, FromItem, QueryTree, Target } from '../../model/expression.ts';
import { type NodeOf, nodeAs, nodeEntry, stringsOf } from './nodes.ts';

/** Rows of VALUES that are looked at: what is wrong with a long list is wrong with its beginning. */
const LOOKED_AT_ROWS = 50;

/** How the expressions and names of a query are read. */
export interface Parts {
  expression(node: Node): ExpressionTree;
}

const EMPTY: Pick<QueryTree, 'with' | 'from' | 'targets' | 'groupBy' | 'orderBy'> = {
  with: [],
  from: [],
  targets: [],
  groupBy: [],
  orderBy: [],
};

/** A SELECT, VALUES or set operation. */
export function lowerQueryTree(parts: Parts, select: NodeOf<'SelectStmt'>): QueryTree {
  const tree = parts.expression;
  const shared = {
    with: withTables(parts, select.withClause),
    orderBy: (select.sortClause ?? []).flatMap((item) => {
      const { node } = nodeAs(item, 'SortBy') ?? {};
      return node === undefined ? [] : [tree(node)];
    }),
    ...(select.limitCount === undefined ? {} : { limit: tree(select.limitCount) }),
    ...((select.lockingClause ?? []).length === 0 ? {} : { locksRows: true as const }),
  };
  if (select.larg !== undefined && select.rarg !== undefined)
    return {
      ...EMPTY,
      ...shared,
      set: {
        operator: (select.op ?? '').replace('SETOP_', ''),
        left: lowerQueryTree(parts, select.larg),
        right: lowerQueryTree(parts, select.rarg),
      },
    };
  if (select.valuesLists !== undefined)
    return {
      ...EMPTY,
      ...shared,
      values: select.valuesLists.slice(0, LOOKED_AT_ROWS).map((row) => (nodeAs(row, 'List')?.items ?? []).map(tree)),
    };
  const groupBy = select.groupClause ?? [];
  const isPartial =
    (select.windowClause ?? []).length > 0 || groupBy.some((node) => nodeAs(node, 'GroupingSet') !== undefined);
  const [first] = select.distinctClause ?? [];
  return {
    ...shared,
    from: (select.fromClause ?? []).map((node) => fromItem(parts, node)),
    targets: targetsIn(parts, select.targetList),
    ...(select.whereClause === undefined ? {} : { where: tree(select.whereClause) }),
    groupBy: isPartial ? [] : groupBy.map(tree),
    ...(select.havingClause === undefined ? {} : { having: tree(select.havingClause) }),
    // DISTINCT alone is one empty node.
    ...(first === undefined ? {} : { distinct: Object.keys(first).length === 0 ? ('all' as const) : ('on' as const) }),
    ...(isPartial ? { isPartial: true as const } : {}),
  };
}

/** UPDATE and DELETE as a query over their table and those beside it. */
export function lowerWriteTree(parts: Parts, node: Node): QueryTree | undefined {
  const insert = nodeAs(node, 'InsertStmt');
  if (insert !== undefined) {
    const select = nodeAs(insert.selectStmt, 'SelectStmt');
    if (select === undefined || select.valuesLists !== undefined) return undefined;
    const tree = lowerQueryTree(parts, select);
    return insert.withClause === undefined
      ? tree
      : { ...tree, with: [...withTables(parts, insert.withClause), ...tree.with] };
  }
  const update = nodeAs(node, 'UpdateStmt');
  const remove = nodeAs(node, 'DeleteStmt');
  const relation = update?.relation ?? remove?.relation;
  if (relation === undefined) return undefined;
  const where = update?.whereClause ?? remove?.whereClause;
  const isCurrentOf = nodeAs(where, 'CurrentOfExpr') !== undefined;
  return {
    ...EMPTY,
    with: withTables(parts, update?.withClause ?? remove?.withClause),
    from: [
      rangeItem(relation),
      ...(update?.fromClause ?? remove?.usingClause ?? []).map((item) => fromItem(parts, item)),
    ],
    targets: targetsIn(parts, update?.targetList),
    ...(where === undefined || isCurrentOf ? {} : { where: parts.expression(where) }),
  };
}

function targetsIn(parts: Parts, nodes: readonly Node[] | undefined): readonly Target[] {
  return (nodes ?? []).flatMap((node) => {
    const { name, val } = nodeAs(node, 'ResTarget') ?? {};
    if (val === undefined) return [];
    const value = oneOfSeveral(parts, val) ?? parts.expression(val);
    return [name === undefined ? { value } : { name, value }];
  });
}

/**
 * The value of one column of `SET (a, b) = ...`, which the parser gives the whole right side to; undefined for any other.
 *
 * A subquery there has as many columns as the left side, so it is no value; what it reads is looked at all the same.
 */
function oneOfSeveral(parts: Parts, node: Node): ExpressionTree | undefined {
  const several = nodeAs(node, 'MultiAssignRef');
  if (several?.source === undefined) return undefined;
  const row = nodeAs(several.source, 'RowExpr')?.args?.[(several.colno ?? 1) - 1];
  if (row !== undefined) return parts.expression(row);
  const tree = parts.expression(several.source);
  return tree.kind === 'subquery' ? { kind: 'other', operands: [{ ...tree, form: 'exists' }] } : tree;
}

function withTables(parts: Parts, clause: NodeOf<'WithClause'> | undefined): readonly CommonTable[] {
  return (clause?.ctes ?? []).flatMap((node) => {
    const expression = nodeAs(node, 'CommonTableExpr');
    if (expression === undefined) return [];
    const select = nodeAs(expression.ctequery, 'SelectStmt');
    const write =
      nodeAs(expression.ctequery, 'InsertStmt') ??
      nodeAs(expression.ctequery, 'UpdateStmt') ??
      nodeAs(expression.ctequery, 'DeleteStmt');
    const isSilent = write !== undefined && write.returningClause === undefined;
    // What SEARCH and CYCLE add are columns that the query does not have.
    const isPlain = expression.search_clause === undefined && expression.cycle_clause === undefined;
    return [
      {
        name: expression.ctename ?? '',
        columns: stringsOf(expression.aliascolnames),
        recursive: clause?.recursive === true,
        ...(isSilent ? { isSilent: true as const } : {}),
        ...(select === undefined || !isPlain ? {} : { query: lowerQueryTree(parts, select) }),
      },
    ];
  });
}

function rangeItem(range: NodeOf<'RangeVar'>): FromItem {
  const alias = range.alias?.aliasname;
  return {
    kind: 'relation',
    relation:
      range.schemaname === undefined
        ? { name: range.relname ?? '' }
        : { schema: range.schemaname, name: range.relname ?? '' },
    ...(alias === undefined ? {} : { alias }),
    columns: stringsOf(range.alias?.colnames),
  };
}

function fromItem(parts: Parts, node: Node): FromItem {
  const range = nodeAs(node, 'RangeVar');
  if (range !== undefined) return rangeItem(range);
  const subquery = nodeAs(node, 'RangeSubselect');
  const select = nodeAs(subquery?.subquery, 'SelectStmt');
  if (subquery !== undefined && select !== undefined) {
    const alias = subquery.alias?.aliasname;
    return {
      kind: 'query',
      query: lowerQueryTree(parts, select),
      lateral: subquery.lateral === true,
      ...(alias === undefined ? {} : { alias }),
      columns: stringsOf(subquery.alias?.colnames),
    };
  }
  const join = nodeAs(node, 'JoinExpr');
  if (join?.larg !== undefined && join.rarg !== undefined) {
    const alias = join.alias?.aliasname ?? join.join_using_alias?.aliasname;
    return {
      kind: 'join',
      left: fromItem(parts, join.larg),
      right: fromItem(parts, join.rarg),
      ...(join.quals === undefined ? {} : { on: parts.expression(join.quals) }),
      ...(join.usingClause === undefined ? {} : { using: stringsOf(join.usingClause) }),
      natural: join.isNatural === true,
      ...(alias === undefined ? {} : { alias }),
    };
  }
  // Every other node of FROM may have an alias.
  const [, fields] = nodeEntry(node);
  const alias = (fields as { readonly alias?: { readonly aliasname?: string } }).alias?.aliasname;
  const tree = parts.expression(node);
  return {
    kind: 'other',
    ...(alias === undefined ? {} : { alias }),
    operands: 'operands' in tree ? tree.operands : [],
  };
}
