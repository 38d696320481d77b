import { sliceMapped } from '../../core/source-map.ts';
import type { Call } from '../csharp/call.ts';
import { type Command, CommandWriter } from '../csharp/command.ts';
import { foreignKey, keyColumns } from './constraints.ts';
import type { KnownModel } from './model/ef-model.ts';
import { type Operation, textOf } from './operation.ts';
import { BoundArguments, annotationsOf } from './parameters.ts';
import type { Provider } from './provider.ts';
import { batchesOf } from './sqlserver-batches.ts';
import { addColumn, alterColumn, dropColumn } from './sqlserver-column.ts';
import { alterDatabase } from './sqlserver-database.ts';
import { createIndex, dropIndex } from './sqlserver-index.ts';
import { bracketed, isInMemory, type SqlServerOperation, tableIn, valueAsText } from './sqlserver-operation.ts';
import { changeData, insertData } from './sqlserver-rows.ts';
import {
  alterTable,
  clustering,
  createTable,
  fillFactor,
  renameObject,
  renameWithin,
  restricted,
} from './sqlserver-table.ts';
import { sqlServerLiteral, sqlServerText, sqlServerType } from './sqlserver-types.ts';

/** Where neither the project nor its Designer says which EF Core it is. */
const NEWEST = 10;

/**
 * SQL Server's provider for EF Core 8 to 10. `version` is its major version; where it is left out, that of the EF Core that
 * wrote the Designer stands for the one that runs.
 *
 * Source: dotnet/efcore, src/EFCore.SqlServer/Migrations/SqlServerMigrationsSqlGenerator.cs, compared with it by
 * test/efcore/lowering.test.ts.
 */
export function sqlServerProvider(version?: number): Provider {
  return {
    title: 'Microsoft.EntityFrameworkCore.SqlServer',
    lower: (call, siblings, model) => {
      const write = (): CommandWriter =>
        new CommandWriter(call.span, { start: call.span.start, end: call.nameSpan.end }, bracketed);
      const operation: SqlServerOperation = {
        call,
        bound: new BoundArguments(call),
        annotations: annotationsOf(call),
        write,
        quote: bracketed,
        literal: sqlServerLiteral,
        siblings,
        model,
        version: version ?? versionOf(model),
      };
      const commands = OPERATIONS[call.method]?.(operation) ?? [];
      if (!isTemporal(operation)) return commands;
      return (commands.length === 0 ? [write().add('SELECT 1').done()] : commands).map(temporal);
    },
  };
}

function versionOf(model: KnownModel): number {
  const major = typeof model === 'string' ? undefined : /^\d+/.exec(model.version ?? '')?.[0];
  return major === undefined ? NEWEST : Number(major);
}

/** Calls that do not say themselves that their table keeps its history, and that EF Core then writes otherwise. */
const OF_TEMPORAL_TABLES: ReadonlySet<string> = new Set([
  'AddColumn',
  'AlterColumn',
  'DropColumn',
  'RenameColumn',
  'AddPrimaryKey',
  'DropPrimaryKey',
]);

/**
 * Whether the table keeps its history: as the call says, or another call of the method on the table itself, or the model.
 *
 * Source: dotnet/efcore, SqlServerMigrationsSqlGenerator.RewriteOperations.
 */
function isTemporal({ call, siblings, model, bound }: SqlServerOperation): boolean {
  if (saysTemporal(call)) return true;
  if (!OF_TEMPORAL_TABLES.has(call.method)) return false;
  const isOfTable = (sibling: Call): boolean => {
    const own = new BoundArguments(sibling);
    return (
      textOf(own.get('name')) === textOf(bound.get('table')) &&
      textOf(own.get('schema')) === textOf(bound.get('schema'))
    );
  };
  return (
    tableIn(model, bound)?.isTemporal === true ||
    siblings.some((sibling) => sibling.method.endsWith('Table') && saysTemporal(sibling) && isOfTable(sibling))
  );
}

function saysTemporal(call: Call): boolean {
  const both = [annotationsOf(call), annotationsOf(call, 'OldAnnotation')];
  return both.some((annotations) => [...annotations.keys()].some((name) => /^SqlServer:(?:Is)?Temporal/.test(name)));
}

function temporal(command: Command): Command {
  const reason =
    'EF Core turns the history of a temporal table off for some of this, changes both tables and turns it on again';
  return { ...command, unknown: [...command.unknown, { reason, span: command.span }] };
}

const OPERATIONS: Readonly<Record<string, (operation: SqlServerOperation) => readonly Command[]>> = {
  CreateTable: createTable,
  AddColumn: addColumn,
  AlterColumn: alterColumn,
  DropColumn: dropColumn,
  RenameColumn: (operation) => renameWithin(operation, 'COLUMN', false),
  CreateIndex: createIndex,
  DropIndex: dropIndex,
  RenameIndex: (operation) => renameWithin(operation, 'INDEX', isInMemory(operation)),
  DropTable: (operation) => {
    const { bound, write } = operation;
    return [
      write()
        .add('DROP TABLE ')
        .relation(bound.get('schema'), bound.get('name'))
        .add(';')
        .done(isInMemory(operation, 'name')),
    ];
  },
  RenameTable: renameObject,
  RenameSequence: renameObject,
  AlterTable: alterTable,
  AddPrimaryKey: (operation) => [key(operation, ' PRIMARY KEY ').done(isInMemory(operation))],
  AddUniqueConstraint: (operation) => [key(operation, ' UNIQUE ').done()],
  AddCheckConstraint: addCheck,
  CreateCheckConstraint: addCheck,
  AddForeignKey: (operation) => [
    foreignKey(constraint(operation), operation.bound, undefined, restricted).add(';').done(isInMemory(operation)),
  ],
  DropPrimaryKey: dropConstraint,
  DropUniqueConstraint: dropConstraint,
  DropCheckConstraint: dropConstraint,
  DropForeignKey: dropConstraint,
  EnsureSchema: ({ bound, write }) => {
    const name = bound.get('name');
    if (textOf(name)?.toLowerCase() === 'dbo') return [];
    const text = textOf(name);
    const writer = valueAsText(write().add('IF SCHEMA_ID('), name).add(') IS NULL EXEC(');
    const made = sqlServerText(`CREATE SCHEMA ${bracketed(text ?? '{a name}')};`);
    return [(name === undefined ? writer.add(made) : writer.written(made, name.span)).add(');').done()];
  },
  DropSchema: ({ bound, write }) => [write().add('DROP SCHEMA ').name(bound.get('name')).add(';').done()],
  CreateSequence: (operation) => {
    const { call, bound, write } = operation;
    const writer = write().add('CREATE SEQUENCE ').relation(bound.get('schema'), bound.get('name'));
    const type = sqlServerType(call.typeArgument ?? 'long', {}, false);
    if (type !== undefined && type !== 'bigint') writer.add(` AS ${type}`);
    writer.add(` START WITH ${numberIn(operation, 'startValue') ?? '1'}`);
    return [
      sequenceOptions(writer, operation, operation.version < SHORT_SEQUENCES_SINCE)
        .add(';')
        .done(),
    ];
  },
  AlterSequence: (operation) => {
    const { bound, write } = operation;
    const writer = write().add('ALTER SEQUENCE ').relation(bound.get('schema'), bound.get('name'));
    return [sequenceOptions(writer, operation, true).add(';').done()];
  },
  RestartSequence: (operation) => {
    const { bound, write } = operation;
    const start = numberIn(operation, 'startValue');
    const writer = write().add('ALTER SEQUENCE ').relation(bound.get('schema'), bound.get('name')).add(' RESTART');
    return [(start === undefined ? writer : writer.add(` WITH ${start}`)).add(';').done()];
  },
  DropSequence: ({ bound, write }) => [
    write().add('DROP SEQUENCE ').relation(bound.get('schema'), bound.get('name')).add(';').done(),
  ],
  Sql: rawSql,
  AlterDatabase: alterDatabase,
  InsertData: insertData,
  UpdateData: (operation) => changeData(operation, 'update'),
  DeleteData: (operation) => changeData(operation, 'delete'),
};

/** EF Core that leaves bounds out which a new sequence does not have. */
const SHORT_SEQUENCES_SINCE = 9;

/** SQL as it is, one command a batch. */
function rawSql({ bound, write, version }: SqlServerOperation): readonly Command[] {
  const sql = bound.get('sql');
  if (sql === undefined) return [];
  const suppress = bound.isTrue('suppressTransaction');
  const writer = write().source(sql);
  if (suppress === 'unknown')
    writer.unknown('whether it runs in the transaction is only known when the program runs', sql.span);
  const whole = writer.done(suppress === true);
  // A backslash at the end of a line joins it with the next one.
  if (/\\\r?\n/.test(whole.text)) {
    const text = whole.text.replace(/\\\r?\n/g, '');
    return batchesOf(text, version).flatMap(({ start, end, times }) => {
      const batch = write().written(text.slice(start, end), sql.span);
      for (const { reason, span } of whole.unknown) batch.unknown(reason, span);
      return Array.from({ length: times }, () => batch.done(whole.isBare));
    });
  }
  const batches = batchesOf(whole.text, version);
  if (batches.length === 0) return whole.text.trim() === '' && whole.unknown.length > 0 ? [whole] : [];
  return batches.flatMap(({ start, end, times }) => {
    const part = sliceMapped(whole, { text: whole.text.slice(start, end), span: { start, end } });
    return Array.from({ length: times }, () => ({ ...whole, text: part.text, map: part.map ?? [] }));
  });
}

function constraint({ bound, write }: Operation): CommandWriter {
  const writer = write().add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table')).add(' ADD');
  const name = bound.get('name');
  return name === undefined ? writer : writer.add(' CONSTRAINT ').name(name);
}

function key(operation: SqlServerOperation, words: string): CommandWriter {
  const { bound, annotations, version } = operation;
  const writer = constraint(operation).add(words).add(clustering(annotations)).add('(');
  return fillFactor(keyColumns(writer, bound.get('columns')).add(')'), annotations, version).add(';');
}

function dropConstraint(operation: SqlServerOperation): readonly Command[] {
  const { bound, write } = operation;
  const writer = write().add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table')).add(' DROP CONSTRAINT ');
  const isSuppressed = /^Drop(?:PrimaryKey|ForeignKey)$/.test(operation.call.method) && isInMemory(operation);
  return [writer.name(bound.get('name')).add(';').done(isSuppressed)];
}

function addCheck(operation: SqlServerOperation): readonly Command[] {
  const sql = operation.bound.get('sql');
  const writer = constraint(operation).add(' CHECK (');
  return [(sql === undefined ? writer : writer.source(sql)).add(');').done()];
}

function numberIn({ bound }: Operation, name: string): string | undefined {
  const value = bound.get(name);
  return value?.kind === 'number' ? value.sql : undefined;
}

function sequenceOptions(writer: CommandWriter, operation: SqlServerOperation, saysNone: boolean): CommandWriter {
  writer.add(` INCREMENT BY ${numberIn(operation, 'incrementBy') ?? '1'}`);
  for (const [name, word] of [
    ['minValue', 'MINVALUE'],
    ['maxValue', 'MAXVALUE'],
  ] as const) {
    const value = numberIn(operation, name);
    if (value !== undefined) writer.add(` ${word} ${value}`);
    else if (saysNone) writer.add(` NO ${word}`);
  }
  return writer.add(operation.bound.isTrue('cyclic') === true ? ' CYCLE' : ' NO CYCLE');
}
