import type { AstNode, Select, Stmt } from 'sqlite3-parser';

/** Why no SQLite takes a statement, whatever the database holds; undefined where nothing in its text speaks against it. */
export function neverTaken(statement: Stmt): string | undefined {
  const isDefinition =
    (statement.type === 'CreateTableStmt' && statement.body.type !== 'AsSelectCreateTableBody') ||
    statement.type === 'CreateViewStmt' ||
    statement.type === 'CreateIndexStmt' ||
    statement.type === 'CreateTriggerStmt' ||
    (statement.type === 'AlterTableStmt' && statement.body.type !== 'RenameToAlterTableBody');
  const stack: unknown[] = [statement];
  while (stack.length > 0) {
    const value = stack.pop();
    if (Array.isArray(value)) stack.push(...value.slice().reverse());
    else if (isNode(value)) {
      const why = wrongNode(value, isDefinition);
      if (why !== undefined) return why;
      for (const inner of Object.values(value))
        if (inner !== null && typeof inner === 'object' && !(inner instanceof Uint8Array)) stack.push(inner);
    }
  }
  return undefined;
}

function isNode(value: unknown): value is AstNode {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}

function wrongNode(node: AstNode, isDefinition: boolean): string | undefined {
  switch (node.type) {
    case 'VariableExpr':
      return isDefinition
        ? `${node.name} stands for a value that a program gives, which nothing that stays in the database can hold.`
        : undefined;
    case 'Select':
      return wrongSelect(node);
    case 'InSelectExpr': {
      const given = node.lhs.type === 'ParenthesizedExpr' ? node.lhs.exprs.length : 1;
      const width = widthOf(node.rhs);
      return width === undefined || width === given
        ? undefined
        : `The query behind IN gives ${width} columns, where ${given === 1 ? 'one is' : `${given} are`} needed.`;
    }
    case 'CommonTableExpr': {
      const width = widthOf(node.select);
      const named = node.columns?.length;
      return width === undefined || named === undefined || width === named
        ? undefined
        : `${node.tblName.text} has ${named} names for ${width} columns.`;
    }
    case 'SetAssignment': {
      const values = node.expr.type === 'ParenthesizedExpr' ? node.expr.exprs.length : undefined;
      const columns = node.colNames.length;
      return columns > 1 && values !== undefined && values !== columns
        ? `${columns} columns are set to ${values} values.`
        : undefined;
    }
    case 'FunctionCallExpr':
    case 'FunctionCallStarExpr':
      return ONLY_WINDOWED.has(node.name.name.toLowerCase()) && node.filterOver?.overClause === undefined
        ? `${node.name.name}() needs an OVER.`
        : undefined;
    default:
      return undefined;
  }
}

/** Source: sqlite.org/windowfunctions.html, "Built-in Window Functions". */
const ONLY_WINDOWED = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'ntile',
  'lag',
  'lead',
  'first_value',
  'last_value',
  'nth_value',
]);

function wrongSelect(query: Select): string | undefined {
  const width = widthOfOne(query.select);
  for (const { select } of query.compounds ?? []) {
    const other = widthOfOne(select);
    if (width !== undefined && other !== undefined && width !== other)
      return `The queries of this UNION, INTERSECT or EXCEPT give ${width} and ${other} columns.`;
  }
  if (query.select.type === 'SelectValues') {
    const uneven = query.select.values.find((row) => row.values.length !== width);
    if (uneven !== undefined) return `The rows of VALUES have ${width ?? 0} and ${uneven.values.length} values.`;
  }
  for (const { expr } of query.orderBy ?? [])
    if (
      expr.type === 'NumericLiteral' &&
      width !== undefined &&
      /^\d+$/.test(expr.value) &&
      (Number(expr.value) < 1 || Number(expr.value) > width)
    )
      return `ORDER BY ${expr.value} names no column: the query gives ${width}.`;
  return undefined;
}

/** How many columns a query gives; undefined where a star stands for some. */
function widthOf(query: Select): number | undefined {
  return widthOfOne(query.select);
}

function widthOfOne(select: Select['select']): number | undefined {
  if (select.type === 'SelectValues') return select.values[0]?.values.length;
  return select.columns.every((column) => column.type === 'ExprResultColumn') ? select.columns.length : undefined;
}
