import type { Cell } from './chain.ts';
import type { Expression, TableName } from './expression.ts';
import type { SqlWriter } from './sql-writer.ts';

type Rows = Extract<Expression, { readonly kind: 'insert' | 'update' | 'delete-rows' }>;

/** Whether all that a call gives its rows can be read. */
export function areRowsKnown(expression: Rows): boolean {
  if (expression.kind === 'update')
    return expression.set !== undefined && expression.set.length > 0 && expression.where !== undefined;
  return expression.rows === 'all' || (expression.rows.length > 0 && expression.rows.every((row) => row !== undefined));
}

/** One row that is put in. */
export function insertRow(writer: SqlWriter, table: TableName, row: readonly Cell[] = []): SqlWriter {
  writer.add('INSERT INTO ').relation(table).add(' (').cellNames(row).add(') VALUES (');
  for (const [index, { value }] of row.entries()) (index === 0 ? writer : writer.comma()).literal(value);
  return writer.add(');');
}

/** `UPDATE ... SET ... WHERE ...`, of every row where that is said. */
export function updateRows(writer: SqlWriter, expression: Extract<Rows, { readonly kind: 'update' }>): SqlWriter {
  const { set = [], where = [] } = expression;
  writer.add('UPDATE ').relation(expression).add(' SET ').assignments(set).add(' WHERE ');
  return (where === 'all' ? writer.add('1 = 1') : writer.conditions(where)).add(';');
}

/** Rows of these values that are taken away. */
export function deleteRow(writer: SqlWriter, table: TableName, row: readonly Cell[] = []): SqlWriter {
  return writer.add('DELETE FROM ').relation(table).add(' WHERE ').conditions(row).add(';');
}
