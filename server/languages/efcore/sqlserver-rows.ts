import type { Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import { keyColumns } from './constraints.ts';
import { listOf, textOf } from './operation.ts';
import {
  columnIn,
  nameInText,
  namesAsText,
  type SqlServerOperation,
  tableIn,
  valueAsText,
} from './sqlserver-operation.ts';
import { keyRowsOf, rowsOf, valueRowsOf } from './rows.ts';
import { sqlServerLiteral, sqlServerText } from './sqlserver-types.ts';

/** All rows by one statement, and numbers that are given for a column that the database numbers. */
export function insertData(operation: SqlServerOperation): readonly Command[] {
  const { bound, write } = operation;
  const rows = rowsOf(bound);
  if (rows.length === 0) return [];
  const writer = identityInsert(write(), operation, 'ON');
  writer.add('INSERT INTO ').relation(bound.get('schema'), bound.get('table')).add(' (');
  keyColumns(writer, bound.get('columns')).add(')\nVALUES ');
  const types = typesOf(operation, 'columns', 'columnTypes');
  for (const [at, row] of rows.entries()) {
    writer.add(at === 0 ? '(' : ',\n(');
    for (const [index, value] of row.entries()) cell(index === 0 ? writer : writer.add(', '), value, types[index]);
    writer.add(')');
  }
  return [identityInsert(writer.add(';\n'), operation, 'OFF').done()];
}

function identityInsert(writer: CommandWriter, { bound }: SqlServerOperation, state: 'ON' | 'OFF'): CommandWriter {
  const schema = bound.get('schema');
  const table = bound.get('table');
  writer.add('IF EXISTS (SELECT * FROM [sys].[identity_columns] WHERE [name] IN (');
  for (const [index, column] of listOf(bound.get('columns')).entries())
    valueAsText(index === 0 ? writer : writer.add(', '), column);
  writer.add(') AND [object_id] = OBJECT_ID(');
  namesAsText(writer, sqlServerText(nameInText(schema, table)), [table, schema]).add('))\n    SET IDENTITY_INSERT ');
  return writer.relation(schema, table).add(` ${state};\n`);
}

/** Each row by a statement of its own, which tells how many rows it met. */
export function changeData(operation: SqlServerOperation, kind: 'update' | 'delete'): readonly Command[] {
  const { bound, write } = operation;
  const writer = write();
  const keys = listOf(bound.get('keyColumns'));
  const columns = listOf(bound.get('columns'));
  const keyTypes = typesOf(operation, 'keyColumns', 'keyColumnTypes');
  const types = typesOf(operation, 'columns', 'columnTypes');
  const rows = valueRowsOf(bound);
  for (const [at, key] of keyRowsOf(bound).entries()) {
    writer.add(kind === 'update' ? 'UPDATE ' : 'DELETE FROM ').relation(bound.get('schema'), bound.get('table'));
    if (kind === 'update') {
      for (const [index, column] of columns.entries()) {
        writer
          .add(index === 0 ? ' SET ' : ', ')
          .name(column)
          .add(' = ');
        cell(writer, rows[at]?.[index], types[index]);
      }
    }
    for (const [index, column] of keys.entries()) {
      writer.add(index === 0 ? '\nWHERE ' : ' AND ').name(column);
      const value = key[index];
      if (value === undefined || value.kind === 'null') writer.add(' IS NULL');
      else cell(writer.add(' = '), value, keyTypes[index]);
    }
    writer.add(';\nSELECT @@ROWCOUNT;\n\n');
  }
  return writer.length === 0 ? [] : [writer.done()];
}

function cell(writer: CommandWriter, value: Value | undefined, type: string | undefined): void {
  if (value === undefined || value.kind === 'null') writer.add('NULL');
  else writer.written(sqlServerLiteral(value, type ?? ''), value.span);
}

/** Types of the columns that a call names: its own words, or those of the model. */
function typesOf(
  { bound, model }: SqlServerOperation,
  columns: 'columns' | 'keyColumns',
  types: 'columnTypes' | 'keyColumnTypes',
): readonly (string | undefined)[] {
  const table = tableIn(model, bound);
  const told = listOf(bound.get(types));
  return listOf(bound.get(columns)).map(
    (column, index) => textOf(told[index]) ?? columnIn(table, textOf(column))?.type,
  );
}
