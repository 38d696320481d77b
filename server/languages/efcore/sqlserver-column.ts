import type { Call, Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import type { EfTable } from './model/ef-model.ts';
import { textOf } from './operation.ts';
import { type BoundArguments, annotationsOf } from './parameters.ts';
import { addDescription, dropDescription } from './sqlserver-comment.ts';
import { createKnownIndexes, dropKnownIndexes, indexesAround } from './sqlserver-index.ts';
import {
  columnType,
  isInMemory,
  nameInText,
  namesAsText,
  type SqlServerOperation,
  tableIn,
} from './sqlserver-operation.ts';
import { sqlServerLiteral, sqlServerText } from './sqlserver-types.ts';

/** What a column definition is made from: a column of CreateTable is no call of the builder itself. */
interface Definition {
  readonly call: Call;
  readonly bound: BoundArguments;
  readonly annotations: ReadonlyMap<string, Value>;
  readonly table: EfTable | undefined;
  readonly name: string | undefined;
  /** Of an altered column: what follows the type by commands of its own. */
  readonly isAltered?: boolean;
}

export function addColumn(operation: SqlServerOperation): readonly Command[] {
  return [added(operation).done(isInMemory(operation))];
}

function added(operation: SqlServerOperation, writer = operation.write()): CommandWriter {
  const { bound, model } = operation;
  const name = bound.get('name');
  writer.add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table')).add(' ADD ').name(name);
  const table = tableIn(model, bound);
  columnDefinition(writer, operation, { ...operation, table, name: textOf(name) }).add(';\n');
  const text = bound.get('comment');
  return text === undefined ? writer : addDescription(writer, bound, text, name);
}

/** Type, nullability, default and numbering after a column's name; or what it is computed from. */
export function columnDefinition(
  writer: CommandWriter,
  operation: SqlServerOperation,
  definition: Definition,
): CommandWriter {
  const { call, bound, annotations, table, name, isAltered = false } = definition;
  const computed = bound.get('computedColumnSql');
  if (computed !== undefined && !isAltered) {
    writer.add(' AS ').source(computed);
    if (bound.isTrue('stored') === true) writer.add(' PERSISTED');
    const collation = bound.get('collation');
    if (collation !== undefined) writer.add(' COLLATE ').source(collation);
    return writer;
  }
  const named = bound.get('type');
  const type = columnType({ call, model: operation.model }, bound, table, name);
  writer.add(' ');
  if (named?.kind === 'text') writer.source(named);
  else {
    writer.add(type ?? 'sql_variant');
    if (type === undefined)
      writer.unknown(
        `the type of the column is only known to the model (${call.typeArgument ?? 'no CLR type'})`,
        named?.span ?? call.nameSpan,
      );
  }
  const collation = bound.get('collation');
  if (collation !== undefined) writer.add(' COLLATE ').source(collation);
  const sparse = annotations.get('SqlServer:Sparse');
  if (sparse?.kind === 'boolean' && sparse.value) writer.add(' SPARSE');
  const isNullable = bound.isTrue('nullable');
  if (isNullable === 'unknown')
    writer.unknown(
      'whether the column takes null is only known when the program runs',
      bound.get('nullable')?.span ?? call.nameSpan,
    );
  writer.add(isNullable === false ? ' NOT NULL' : ' NULL');
  if (isAltered) return writer;
  const identity = identityOf(annotations);
  // A row version and a numbered column have no default, though the differ writes one.
  if (
    !/^(?:rowversion|timestamp)$/i.test(type ?? '') &&
    (identity === undefined || bound.get('defaultValue') === undefined)
  )
    columnDefault(writer, bound, annotations, type ?? '', operation.version);
  if (identity !== undefined) {
    writer.add(' IDENTITY');
    if (identity !== '' && identity !== '1, 1') writer.add(`(${identity})`);
  }
  return writer;
}

/** Seed and step of a column that the database numbers, `''` for 1 and 1; undefined for others. */
export function identityOf(annotations: ReadonlyMap<string, Value>): string | undefined {
  const strategy = annotations.get('SqlServer:ValueGenerationStrategy');
  const isNumbered = strategy?.kind === 'member' && strategy.name.endsWith('.IdentityColumn');
  return textOf(annotations.get('SqlServer:Identity')) ?? (isNumbered ? '' : undefined);
}

function columnDefault(
  writer: CommandWriter,
  bound: BoundArguments,
  annotations: ReadonlyMap<string, Value>,
  type: string,
  version: number,
): CommandWriter {
  const sql = bound.get('defaultValueSql');
  const value = bound.get('defaultValue');
  if (sql === undefined && value === undefined) return writer;
  const constraint = annotations.get('Relational:DefaultConstraintName');
  if (constraint !== undefined && version >= NAMED_DEFAULTS_SINCE) writer.add(' CONSTRAINT ').name(constraint);
  if (sql !== undefined) return writer.add(' DEFAULT (').source(sql).add(')');
  return value === undefined ? writer : writer.add(' DEFAULT ').written(sqlServerLiteral(value, type), value.span);
}

/** EF Core that names default constraints, and drops them by their names. */
const NAMED_DEFAULTS_SINCE = 10;
/** EF Core that quotes names that it reads from the catalog by QUOTENAME. */
const QUOTENAME_SINCE = 10;

export function dropColumn(operation: SqlServerOperation): readonly Command[] {
  return [dropped(operation).done(isInMemory(operation))];
}

function dropped(operation: SqlServerOperation, writer = operation.write()): CommandWriter {
  const { bound } = operation;
  dropDefault(writer, operation, operation.annotations);
  return writer
    .add('ALTER TABLE ')
    .relation(bound.get('schema'), bound.get('table'))
    .add(' DROP COLUMN ')
    .name(bound.get('name'))
    .add(';\n');
}

/** SQL Server drops no column and alters no column with a default, whose constraint has a name that differs by database. */
function dropDefault(
  writer: CommandWriter,
  { bound, version }: SqlServerOperation,
  annotations: ReadonlyMap<string, Value>,
): CommandWriter {
  const schema = bound.get('schema');
  const table = bound.get('table');
  const constraint = annotations.get('Relational:DefaultConstraintName');
  if (constraint !== undefined && version >= NAMED_DEFAULTS_SINCE)
    return writer.add('ALTER TABLE ').relation(schema, table).add(' DROP CONSTRAINT ').name(constraint).add(';\n');
  const isQuoted = version >= QUOTENAME_SINCE;
  writer.add(
    isQuoted
      ? 'DECLARE @var nvarchar(max);\nSELECT @var = QUOTENAME([d].[name])\n'
      : 'DECLARE @var sysname;\nSELECT @var = [d].[name]\n',
  );
  writer.add(
    'FROM [sys].[default_constraints] [d]\nINNER JOIN [sys].[columns] [c] ON [d].[parent_column_id] = [c].[column_id] AND [d].[parent_object_id] = [c].[object_id]\nWHERE ([d].[parent_object_id] = OBJECT_ID(',
  );
  const shownTable = nameInText(schema, table);
  namesAsText(writer, sqlServerText(shownTable), [table, schema]).add(') AND [c].[name] = ');
  const name = bound.get('name');
  namesAsText(writer, sqlServerText(textOf(name) ?? nameInText(undefined, name)), [name]).add(');\n');
  const rest = isQuoted ? [' DROP CONSTRAINT ', ''] : [' DROP CONSTRAINT [', ']'];
  writer.add('IF @var IS NOT NULL EXEC(');
  return writer
    .written(sqlServerText(`ALTER TABLE ${shownTable}${rest[0]}`), table?.span ?? name?.span ?? { start: 0, end: 0 })
    .add(` + @var + '${rest[1]};');\n`);
}

/** Everything that differs between the old and the new column, with the indexes that stand in the way. */
export function alterColumn(operation: SqlServerOperation): readonly Command[] {
  const { call, bound, annotations, model } = operation;
  const table = tableIn(model, bound);
  const name = textOf(bound.get('name'));
  const old = annotationsOf(call, 'OldAnnotation');
  const isBare = isInMemory(operation);
  const indexes = indexesAround(operation, table, name);
  const isComputed = textOf(bound.get('computedColumnSql')) !== textOf(bound.get('oldComputedColumnSql'));
  if (isComputed || bound.isTrue('stored') !== bound.isTrue('oldStored')) {
    const first = dropKnownIndexes(operation.write(), operation, indexes);
    added(operation, dropped({ ...operation, annotations: new Map() }, first));
    const again = createKnownIndexes(operation.write(), operation, indexes);
    return [first.done(isBare), ...(indexes.indexes.length === 0 ? [] : [again.done(isBare)])];
  }
  const writer = operation.write();
  if (model === 'unread')
    writer.unknown(
      "which indexes EF Core drops and makes again around this is in the migration's Designer file, which is not read",
      call.span,
    );
  const type = columnType(operation, bound, table, name);
  const oldType = columnType(operation, bound, table, name, 'old');
  const isRequired = bound.isTrue('nullable') === false && bound.isTrue('oldNullable') === true;
  // Without a model EF Core takes nothing of the old column for known.
  const isOldKnown = model !== 'absent';
  const isNarrowed =
    isOldKnown &&
    (type !== oldType || textOf(bound.get('collation')) !== textOf(bound.get('oldCollation')) || isRequired);
  const isAltered = isNarrowed || !isOldKnown || differs(operation, old, type);
  if (isOldKnown && (identityOf(annotations) === undefined) !== (identityOf(old) === undefined))
    return [
      operation
        .write()
        .add('SELECT 1')
        .unknown(
          'EF Core refuses the whole migration: whether the database numbers a column cannot be changed, the column has to be dropped and made again',
          call.span,
        )
        .done(),
    ];
  if (isNarrowed) dropKnownIndexes(writer, operation, indexes);
  const hasDefault = bound.get('defaultValue') !== undefined || bound.get('defaultValueSql') !== undefined;
  const isDefaultChanged = defaultText(bound, '') !== defaultText(bound, 'old');
  if (isAltered || isDefaultChanged) dropDefault(writer, operation, old);
  if (isRequired && hasDefault) {
    const sql = bound.get('defaultValueSql');
    const value = bound.get('defaultValue');
    writer.add('UPDATE ').relation(bound.get('schema'), bound.get('table')).add(' SET ').name(bound.get('name'));
    writer.add(' = ');
    if (sql !== undefined) writer.source(sql);
    else if (value !== undefined) writer.written(sqlServerLiteral(value, type ?? ''), value.span);
    writer.add(' WHERE ').name(bound.get('name')).add(' IS NULL;\n');
  }
  if (isAltered) {
    writer.add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table')).add(' ALTER COLUMN ');
    columnDefinition(writer.name(bound.get('name')), operation, { ...operation, table, name, isAltered: true });
    writer.add(';\n');
  }
  // What was dropped above is made again.
  if (hasDefault && (isAltered || isDefaultChanged)) {
    writer.add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table')).add(' ADD');
    columnDefault(writer, bound, annotations, textOf(bound.get('type')) ?? type ?? '', operation.version);
    writer.add(' FOR ').name(bound.get('name')).add(';\n');
  }
  const text = bound.get('comment');
  const oldText = bound.get('oldComment');
  if (textOf(text) !== textOf(oldText)) {
    if (oldText !== undefined) dropDescription(writer, bound, bound.get('name'));
    if (text !== undefined) addDescription(writer, bound, text, bound.get('name'), oldText !== undefined);
  }
  if (isNarrowed) createKnownIndexes(writer, operation, indexes);
  return writer.length === 0 ? [] : [writer.done(isBare)];
}

const COMPARED = ['unicode', 'fixedLength', 'maxLength', 'precision', 'scale', 'rowVersion', 'nullable', 'collation'];

/** Whether anything that ALTER COLUMN says differs between the two columns. */
function differs(
  { call, bound, annotations }: SqlServerOperation,
  old: ReadonlyMap<string, Value>,
  type: string | undefined,
): boolean {
  const clr = bound.get('oldClrType');
  if (clr?.kind === 'type' && clr.name !== call.typeArgument) return true;
  if (type !== textOf(bound.get('oldType'))) return true;
  const facet = (name: string): string => shownValue(bound.get(name)) ?? (UNSAID.has(name) ? '' : 'false');
  if (COMPARED.some((name) => facet(name) !== facet(`old${name.charAt(0).toUpperCase()}${name.slice(1)}`))) return true;
  const names = new Set([...annotations.keys(), ...old.keys()]);
  return [...names].some((name) => shownValue(annotations.get(name)) !== shownValue(old.get(name)));
}

/** Facets that may also not be said, which is not the same as false. */
const UNSAID: ReadonlySet<string> = new Set(
  ['unicode', 'fixedLength', 'maxLength', 'precision', 'scale', 'collation'].flatMap((name) => [
    name,
    `old${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  ]),
);

function shownValue(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'text') return value.text.text;
  if (value.kind === 'number') return value.sql;
  if (value.kind === 'boolean') return String(value.value);
  return value.kind === 'member' ? value.name : JSON.stringify(value);
}

/** The default as far as it can be compared. */
function defaultText(bound: BoundArguments, prefix: '' | 'old'): string {
  const name = (rest: string): string =>
    prefix === '' ? `${rest.charAt(0).toLowerCase()}${rest.slice(1)}` : `old${rest}`;
  const sql = bound.get(name('DefaultValueSql'));
  const value = bound.get(name('DefaultValue'));
  return `${sql === undefined ? '' : `sql ${textOf(sql) ?? ''}`} ${value === undefined ? '' : sqlServerLiteral(value, '')}`;
}
