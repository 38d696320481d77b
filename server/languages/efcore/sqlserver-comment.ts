import type { Value } from '../csharp/call.ts';
import type { CommandWriter } from '../csharp/command.ts';
import type { BoundArguments } from './parameters.ts';
import { valueAsText } from './sqlserver-operation.ts';

/** Puts a description on a table, or on a column of it; `isDeclared` where the same command has the variables already. */
export function addDescription(
  writer: CommandWriter,
  bound: BoundArguments,
  text: Value,
  column: Value | undefined,
  isDeclared = false,
): CommandWriter {
  if (!isDeclared) declare(writer, bound);
  valueAsText(writer.add('SET @description = '), text).add(';\n');
  writer.add("EXEC sp_addextendedproperty 'MS_Description', @description, ");
  return described(writer, bound, column).add(';\n');
}

export function dropDescription(
  writer: CommandWriter,
  bound: BoundArguments,
  column: Value | undefined,
): CommandWriter {
  declare(writer, bound).add("EXEC sp_dropextendedproperty 'MS_Description', ");
  return described(writer, bound, column).add(';\n');
}

function declare(writer: CommandWriter, bound: BoundArguments): CommandWriter {
  if (bound.get('schema') === undefined)
    writer.add('DECLARE @defaultSchema AS sysname;\nSET @defaultSchema = SCHEMA_NAME();\n');
  return writer.add('DECLARE @description AS sql_variant;\n');
}

function described(writer: CommandWriter, bound: BoundArguments, column: Value | undefined): CommandWriter {
  const schema = bound.get('schema');
  writer.add("'SCHEMA', ");
  if (schema === undefined) writer.add('@defaultSchema');
  else valueAsText(writer, schema);
  valueAsText(writer.add(", 'TABLE', "), bound.get('table') ?? bound.get('name'));
  return column === undefined ? writer : valueAsText(writer.add(", 'COLUMN', "), column);
}
