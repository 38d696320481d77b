import type { Value } from './call.ts';
import type { Command, CommandWriter } from './command.ts';
import { keyColumns } from './constraints.ts';
import { type Operation, listOf } from './operation.ts';

/** Rows of one value, of one row of values, or of a table of values. */
function rowsOf(values: Value | undefined): readonly (readonly Value[])[] {
  if (values?.kind !== 'list') return values === undefined ? [] : [[values]];
  return values.items.some((item) => item.kind === 'list')
    ? values.items.map((item) => (item.kind === 'list' ? item.items : [item]))
    : [values.items];
}

/** What is written for a value of a row: its type is the column's, which the call does not name. */
function cell(writer: CommandWriter, value: Value, literal: Operation['literal']): void {
  if (value.kind === 'null') writer.add('NULL');
  else writer.written(literal(value, value.kind === 'list' ? 'text' : ''), value.span);
}

export function insertData({ bound, write, literal }: Operation): readonly Command[] {
  const writer = write();
  const values = bound.get('values');
  const columns = bound.get('columns');
  const isTable = values?.kind === 'list' && values.items.some((item) => item.kind === 'list');
  const rows = isTable
    ? rowsOf(values)
    : columns?.kind !== 'list' && values?.kind === 'list'
      ? values.items.map((item) => [item])
      : rowsOf(values);
  for (const row of rows) {
    keyColumns(
      writer.add('INSERT INTO ').relation(bound.get('schema'), bound.get('table')).add(' ('),
      bound.get('columns'),
    ).add(')\nVALUES (');
    for (const [index, value] of row.entries()) {
      if (index > 0) writer.add(', ');
      cell(writer, value, literal);
    }
    writer.add(');\n');
  }
  return writer.length === 0 ? [] : [writer.done()];
}

export function changeData({ bound, write, literal }: Operation, kind: 'update' | 'delete'): readonly Command[] {
  const writer = write();
  const keys = listOf(bound.get('keyColumns'));
  const columns = listOf(bound.get('columns'));
  const keyRows = keys.length === 1 ? rowsOfOne(bound.get('keyValues')) : rowsOf(bound.get('keyValues'));
  const rows = columns.length === 1 ? rowsOfOne(bound.get('values')) : rowsOf(bound.get('values'));
  for (const [at, key] of keyRows.entries()) {
    writer.add(kind === 'update' ? 'UPDATE ' : 'DELETE FROM ').relation(bound.get('schema'), bound.get('table'));
    if (kind === 'update') {
      writer.add(' SET ');
      for (const [index, column] of columns.entries()) {
        if (index > 0) writer.add(', ');
        writer.name(column).add(' = ');
        const value = rows[at]?.[index];
        if (value === undefined) writer.add('NULL');
        else cell(writer, value, literal);
      }
    }
    writer.add('\nWHERE ');
    for (const [index, column] of keys.entries()) {
      if (index > 0) writer.add(' AND ');
      writer.name(column);
      const value = key[index];
      if (value === undefined || value.kind === 'null') writer.add(' IS NULL');
      else {
        writer.add(' = ');
        cell(writer, value, literal);
      }
    }
    writer.add(';\n');
  }
  return writer.length === 0 ? [] : [writer.done()];
}

/** Values of one column: each of a list is a row, and so is each row of a table. */
function rowsOfOne(values: Value | undefined): readonly (readonly Value[])[] {
  return listOf(values).map((item) => (item.kind === 'list' ? item.items : [item]));
}
