import { type Command, CommandWriter } from '../csharp/command.ts';
import { alterTable, foreignKey, keyColumns } from './constraints.ts';
import { alterColumn } from './npgsql-alter-column.ts';
import { addColumn } from './npgsql-column.ts';
import { alterDatabase } from './npgsql-database.ts';
import { createIndex } from './npgsql-index.ts';
import { alterTableOptions, createTable, renameRelation } from './npgsql-table.ts';
import { npgsqlLiteral, npgsqlType } from './npgsql-types.ts';
import type { Operation } from './operation.ts';
import { BoundArguments, annotationsOf } from './parameters.ts';
import type { Provider } from './provider.ts';
import { changeData, insertData } from './rows.ts';

type Quote = (name: string) => string;

/**
 * Npgsql's provider for EF Core 8 to 10.
 *
 * Source: npgsql/efcore.pg, Migrations/NpgsqlMigrationsSqlGenerator.cs.
 */
export function npgsqlProvider(quote: Quote): Provider {
  return {
    title: 'Npgsql',
    lower: (call) => {
      const bound = new BoundArguments(call);
      const write = (): CommandWriter =>
        new CommandWriter(call.span, { start: call.span.start, end: call.nameSpan.end }, quote);
      const operation = OPERATIONS[call.method];
      return (
        operation?.({
          call,
          bound,
          annotations: annotationsOf(call),
          write,
          quote,
          literal: (value, type) => npgsqlLiteral(value, type).sql,
        }) ?? []
      );
    },
  };
}

const OPERATIONS: Readonly<Record<string, (operation: Operation) => readonly Command[]>> = {
  CreateTable: createTable,
  AddColumn: addColumn,
  AlterColumn: alterColumn,
  DropColumn: (operation) => [
    alterTable(operation).add(' DROP COLUMN ').name(operation.bound.get('name')).add(';').done(),
  ],
  RenameColumn: (operation) => [
    alterTable(operation)
      .add(' RENAME COLUMN ')
      .name(operation.bound.get('name'))
      .add(' TO ')
      .name(operation.bound.get('newName'))
      .add(';')
      .done(),
  ],
  CreateIndex: createIndex,
  DropIndex: ({ bound, write }) => [
    write().add('DROP INDEX ').relation(bound.get('schema'), bound.get('name')).add(';').done(),
  ],
  RenameIndex: ({ bound, write }) => [
    write()
      .add('ALTER INDEX ')
      .relation(bound.get('schema'), bound.get('name'))
      .add(' RENAME TO ')
      .name(bound.get('newName'))
      .add(';')
      .done(),
  ],
  DropTable: ({ bound, write }) => [
    write().add('DROP TABLE ').relation(bound.get('schema'), bound.get('name')).add(';').done(),
  ],
  RenameTable: ({ bound, write }) => renameRelation('TABLE', bound, write),
  RenameSequence: ({ bound, write }) => renameRelation('SEQUENCE', bound, write),
  AlterTable: alterTableOptions,
  AddPrimaryKey: (operation) => [
    keyColumns(constraint(operation).add(' PRIMARY KEY ('), operation.bound.get('columns')).add(');').done(),
  ],
  AddUniqueConstraint: (operation) => [
    keyColumns(constraint(operation).add(' UNIQUE ('), operation.bound.get('columns')).add(');').done(),
  ],
  AddCheckConstraint: addCheck,
  CreateCheckConstraint: addCheck,
  AddForeignKey: (operation) => [foreignKey(constraint(operation), operation.bound).add(';').done()],
  DropPrimaryKey: dropConstraint,
  DropUniqueConstraint: dropConstraint,
  DropCheckConstraint: dropConstraint,
  DropForeignKey: dropConstraint,
  EnsureSchema: ({ bound, write }) => {
    const name = bound.get('name');
    return name?.kind === 'text' && name.text.text === 'public'
      ? []
      : [write().add('CREATE SCHEMA IF NOT EXISTS ').name(name).add(';').done()];
  },
  DropSchema: ({ bound, write }) => [write().add('DROP SCHEMA ').name(bound.get('name')).add(';').done()],
  CreateSequence: ({ call, bound, write }) => {
    const writer = write().add('CREATE SEQUENCE ').relation(bound.get('schema'), bound.get('name'));
    const type = npgsqlType(call.typeArgument, bound);
    if (type !== undefined && type !== 'bigint') writer.add(` AS ${type}`);
    return [sequenceOptions(writer, bound, 'START WITH').add(';').done()];
  },
  AlterSequence: ({ bound, write }) => [
    sequenceOptions(write().add('ALTER SEQUENCE ').relation(bound.get('schema'), bound.get('name')), bound, undefined)
      .add(';')
      .done(),
  ],
  RestartSequence: ({ bound, write }) => {
    const start = bound.get('startValue');
    const sequence = (writer: CommandWriter): CommandWriter =>
      writer.add('ALTER SEQUENCE ').relation(bound.get('schema'), bound.get('name'));
    const writer = write();
    if (start?.kind === 'number') sequence(writer).add(` START WITH ${start.sql};\n`);
    return [sequence(writer).add(' RESTART;').done()];
  },
  DropSequence: ({ bound, write }) => [
    write().add('DROP SEQUENCE ').relation(bound.get('schema'), bound.get('name')).add(';').done(),
  ],
  Sql: ({ bound, write }) => {
    const sql = bound.get('sql');
    const suppress = bound.isTrue('suppressTransaction');
    const writer = write();
    if (sql === undefined) return [];
    writer.source(sql);
    if (suppress === 'unknown')
      writer.unknown('whether it runs in the transaction is only known when the program runs', sql.span);
    return [writer.done(suppress === true)];
  },
  AlterDatabase: alterDatabase,
  InsertData: insertData,
  UpdateData: (operation) => changeData(operation, 'update'),
  DeleteData: (operation) => changeData(operation, 'delete'),
};

function constraint(operation: Operation): CommandWriter {
  const writer = alterTable(operation).add(' ADD');
  const name = operation.bound.get('name');
  return name === undefined ? writer : writer.add(' CONSTRAINT ').name(name);
}

function dropConstraint(operation: Operation): readonly Command[] {
  return [alterTable(operation).add(' DROP CONSTRAINT ').name(operation.bound.get('name')).add(';').done()];
}

function addCheck(operation: Operation): readonly Command[] {
  const sql = operation.bound.get('sql');
  const writer = constraint(operation).add(' CHECK (');
  return [(sql === undefined ? writer : writer.source(sql)).add(');').done()];
}

function sequenceOptions(writer: CommandWriter, bound: BoundArguments, start: string | undefined): CommandWriter {
  const number = (name: string): string | undefined => {
    const value = bound.get(name);
    return value?.kind === 'number' ? value.sql : undefined;
  };
  if (start !== undefined) writer.add(` ${start} ${number('startValue') ?? '1'}`);
  writer.add(` INCREMENT BY ${number('incrementBy') ?? '1'}`);
  const least = number('minValue');
  const most = number('maxValue');
  writer.add(least === undefined ? ' NO MINVALUE' : ` MINVALUE ${least}`);
  writer.add(most === undefined ? ' NO MAXVALUE' : ` MAXVALUE ${most}`);
  return writer.add(bound.isTrue('cyclic') === true ? ' CYCLE' : ' NO CYCLE');
}
