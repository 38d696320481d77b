import type { Call, Value } from '../csharp/call.ts';
import { type CommandWriter, shown } from '../csharp/command.ts';
import type { EfColumn, EfTable, KnownModel } from './model/ef-model.ts';
import { type Operation, textOf } from './operation.ts';
import type { BoundArguments } from './parameters.ts';
import { sqlServerText, sqlServerType } from './sqlserver-types.ts';

/** A call as the functions of SQL Server's provider take it. */
export interface SqlServerOperation extends Operation {
  /** All calls of the method. */
  readonly siblings: readonly Call[];
  readonly model: KnownModel;
  /** Major version of EF Core. */
  readonly version: number;
}

/** `[x]`, as the provider always writes a name. */
export function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A name within SQL that stands in a text: `[audit].[users]`; one that is not literal is the code that gives it. */
export function nameInText(schema: Value | undefined, name: Value | undefined): string {
  const one = (value: Value | undefined): string =>
    bracketed(textOf(value) ?? `{${value === undefined ? 'a name' : shown(value)}}`);
  return schema === undefined ? one(name) : `${one(schema)}.${one(name)}`;
}

/** A text of SQL that holds names of the document: `N'[users].[email]'`. */
export function namesAsText(writer: CommandWriter, text: string, names: readonly (Value | undefined)[]): CommandWriter {
  const [first] = names;
  for (const name of names) {
    if (name !== undefined && (name.kind !== 'text' || name.text.holes.length > 0))
      writer.unknown(`the name ${shown(name)} is only known when the program runs`, name.span);
  }
  return first === undefined ? writer.add(text) : writer.written(text, first.span);
}

/** A text or a name of the document as `N'...'`. */
export function valueAsText(writer: CommandWriter, value: Value | undefined): CommandWriter {
  const text = textOf(value);
  if (text !== undefined && value !== undefined) return writer.written(sqlServerText(text), value.span);
  return namesAsText(writer, sqlServerText(value === undefined ? '' : `{${shown(value)}}`), [value]);
}

/** The table of the model that a call is about; undefined where the model is not known or has none. */
export function tableIn(model: KnownModel, bound: BoundArguments, parameter = 'table'): EfTable | undefined {
  const name = textOf(bound.get(parameter));
  return typeof model === 'string' || name === undefined ? undefined : model.table(name, textOf(bound.get('schema')));
}

export function columnIn(table: EfTable | undefined, name: string | undefined): EfColumn | undefined {
  return name === undefined ? undefined : table?.columns.find((column) => column.name === name);
}

/** The store type of a column: as the call names it, or as EF Core works it out with the model. */
export function columnType(
  { call, model }: Pick<SqlServerOperation, 'call' | 'model'>,
  bound: BoundArguments,
  table: EfTable | undefined,
  name: string | undefined,
  of: 'new' | 'old' = 'new',
): string | undefined {
  const parameter = (word: string): string =>
    of === 'new' ? word : `old${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const named = bound.get(parameter('type'));
  if (named !== undefined) return textOf(named);
  const clr = bound.get('oldClrType');
  const clrType = of === 'old' && clr?.kind === 'type' ? clr.name : call.typeArgument;
  const facet = (word: string): string | undefined => {
    const value = bound.get(parameter(word));
    return value?.kind === 'number' || value?.kind === 'boolean' ? shown(value) : undefined;
  };
  const facets = Object.fromEntries(FACETS.flatMap((word) => pair(word, facet(word))));
  const column = model === 'absent' || model === 'unread' ? undefined : columnIn(table, name);
  if (column === undefined || table === undefined || name === undefined) return sqlServerType(clrType, facets, false);
  const isSame = FACETS.every((word) => normal(word, facets[word]) === normal(word, column.facets?.[word]));
  if (isSame && column.type !== undefined) return column.type;
  const isKeyOrIndexed = [
    ...(table.primaryKey === undefined ? [] : [table.primaryKey]),
    ...table.foreignKeys,
    ...table.indexes,
  ].some(({ columns }) => columns.includes(name));
  return sqlServerType(clrType, facets, isKeyOrIndexed);
}

const FACETS = ['maxLength', 'unicode', 'fixedLength', 'precision', 'scale', 'rowVersion'] as const;

function pair(word: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[word, value]];
}

/** A row version is one or is none, while the other facets may also not be said. */
function normal(word: (typeof FACETS)[number], value: string | undefined): string | undefined {
  return word === 'rowVersion' ? (value ?? 'false') : value;
}

/** Whether the call, or else its table in the model, is memory-optimised: its commands then run in no transaction. */
export function isInMemory(operation: SqlServerOperation, parameter = 'table'): boolean {
  if (operation.annotations.get('SqlServer:MemoryOptimized')?.kind === 'boolean') return isMemoryOptimised(operation);
  return tableIn(operation.model, operation.bound, parameter)?.isMemoryOptimised === true;
}

/** Whether the call itself says that its table is memory-optimised. */
export function isMemoryOptimised({ annotations }: Pick<SqlServerOperation, 'annotations'>): boolean {
  const value = annotations.get('SqlServer:MemoryOptimized');
  return value?.kind === 'boolean' && value.value;
}
