import type { Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import { keyColumns } from './constraints.ts';
import { type Operation, listOf } from './operation.ts';
import type { BoundArguments } from './parameters.ts';

/** Rows that a call inserts. */
export function rowsOf(bound: BoundArguments): readonly (readonly Value[])[] {
  const values = bound.get('values');
  const isTable = values?.kind === 'list' && values.items.some((item) => item.kind === 'list');
  if (!isTable && bound.get('columns')?.kind !== 'list' && values?.kind === 'list')
    return values.items.map((item) => [item]);
  return rowsIn(values);
}

/** Values of the keys of the rows that a call changes. */
export function keyRowsOf(bound: BoundArguments): readonly (readonly Value[])[] {
  const values = bound.get('keyValues');
  return listOf(bound.get('keyColumns')).length === 1 ? rowsOfOne(values) : rowsIn(values);
}

/** What a call gives the rows that it changes. */
export function valueRowsOf(bound: BoundArguments): readonly (readonly Value[])[] {
  const values = bound.get('values');
  return listOf(bound.get('columns')).length === 1 ? rowsOfOne(values) : rowsIn(values);
}

/** Rows of one value, of one row of values, or of a table of values. */
function rowsIn(values: Value | undefined): readonly (readonly Value[])[] {
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
  for (const row of rowsOf(bound)) {
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
  const rows = valueRowsOf(bound);
  for (const [at, key] of keyRowsOf(bound).entries()) {
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
