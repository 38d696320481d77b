import { assertNever } from '../../core/assert-never.ts';
import type { Command } from '../csharp/command.ts';
import type { Column, ColumnType, Expression, TableName } from './expression.ts';
import { foreignKey } from './foreign-key.ts';
import type { Generated } from './generated.ts';
import { SQLITE_FORMS } from './literals.ts';
import { constraintName, foreignKeyName, indexName, primaryKeyName } from './names.ts';
import { sameCommands } from './same-commands.ts';
import { SqlWriter } from './sql-writer.ts';

/**
 * What FluentMigrator 8 sends to SQLite for an expression.
 *
 * Source: fluentmigrator/fluentmigrator, SQLiteGenerator.cs, SQLiteColumn.cs and SQLiteTypeMap.cs.
 */
export function sqliteCommands(expression: Expression): Generated {
  const write = (): SqlWriter => new SqlWriter(expression, SQLITE_FORMS, undefined);
  const alter = (table: TableName): SqlWriter => write().add('ALTER TABLE ').relation(table);
  const one = (writer: SqlWriter): readonly Command[] => [writer.done()];
  switch (expression.kind) {
    case 'delete-table':
    case 'rename-table':
    case 'delete-columns':
    case 'rename-column':
    case 'insert':
    case 'update':
    case 'delete-rows':
    case 'sql':
      return sameCommands(expression, { write, alter, everyRow: ' WHERE 1 = 1' });
    case 'create-table':
      return [createTable(expression, write)];
    case 'describe-table':
      return [];
    case 'create-column': {
      const writer = alter(expression).add(' ADD COLUMN ');
      columnDefinition(writer, expression.column, false);
      return one(writer.add(';'));
    }
    case 'create-index':
      return one(
        createIndex(
          write(),
          expression,
          indexName(
            expression.table,
            expression.columns.map(({ name }) => name),
          ),
        ),
      );
    case 'delete-index':
      return one(
        write()
          .add('DROP INDEX ')
          .relationNamed(expression.schema, expression.name, indexName(expression.table, expression.columns))
          .add(';'),
      );
    case 'create-foreign-key':
      // Those of a new table were written with it.
      return expression.isInline ? [] : { refused: 'it adds no foreign key to a table that is there' };
    case 'create-constraint':
      if (expression.constraint === 'PRIMARY KEY') return { refused: 'a table that is there gets no primary key' };
      return one(
        createIndex(
          write(),
          { ...expression, columns: expression.columns.map((name) => ({ name })), isUnique: true },
          constraintName('UNIQUE', expression.table, expression.columns),
        ),
      );
    case 'delete-constraint':
      if (expression.constraint === 'PRIMARY KEY') return { refused: 'it drops no primary key' };
      return one(
        write()
          .add('DROP INDEX ')
          .relationNamed(
            expression.schema,
            expression.name,
            constraintName('UNIQUE', expression.table, expression.columns),
          )
          .add(';'),
      );
    case 'alter-column':
      return { refused: 'it changes no column' };
    case 'set-default':
    case 'delete-default':
      return { refused: 'it changes no default' };
    case 'delete-foreign-key':
      return { refused: 'it drops no foreign key' };
    case 'create-sequence':
    case 'delete-sequence':
      return { refused: 'there are no sequences' };
    case 'create-schema':
    case 'delete-schema':
    case 'move-table':
      // The generator writes nothing for these.
      return [];
    case 'unknown':
      return [];
    default:
      return assertNever(expression);
  }
}

function createTable(
  expression: Extract<Expression, { readonly kind: 'create-table' }>,
  write: () => SqlWriter,
): Command {
  const writer = write().add('CREATE TABLE ').relation(expression).add(' (');
  const keys = expression.columns.filter(({ primaryKey }) => primaryKey !== undefined);
  const isKeyInColumn = keys.some(({ identity }) => identity !== undefined);
  for (const [index, column] of expression.columns.entries()) {
    if (index > 0) writer.add(', ');
    columnDefinition(writer, column, isKeyInColumn);
  }
  if (keys.length > 0 && !isKeyInColumn)
    writer
      .add(', CONSTRAINT ')
      .nameOr(
        keys.map(({ primaryKey }) => primaryKey?.name).find((name) => name !== undefined),
        primaryKeyName(expression.table),
      )
      .add(' PRIMARY KEY (')
      .names(keys.map(({ name }) => name))
      .add(')');
  for (const { foreignKey: key } of expression.columns) {
    if (key === undefined) continue;
    writer.add(', CONSTRAINT ').nameOr(key.name, foreignKeyName(key)).add(' ');
    foreignKey(writer, { ...key, to: { schema: undefined, table: key.to.table } });
  }
  return writer.add(');').done();
}

const TYPES: Readonly<Record<string, string>> = {
  AsBinary: 'BLOB',
  AsBoolean: 'INTEGER',
  AsByte: 'INTEGER',
  AsInt16: 'INTEGER',
  AsInt32: 'INTEGER',
  AsInt64: 'INTEGER',
  AsCurrency: 'NUMERIC',
  AsDecimal: 'NUMERIC',
  AsDouble: 'NUMERIC',
  AsFloat: 'NUMERIC',
  AsString: 'TEXT',
  AsAnsiString: 'TEXT',
  AsFixedLengthString: 'TEXT',
  AsFixedLengthAnsiString: 'TEXT',
  AsDate: 'DATETIME',
  AsDateTime: 'DATETIME',
  AsDateTime2: 'DATETIME',
  AsTime: 'DATETIME',
  AsGuid: 'UNIQUEIDENTIFIER',
};

function columnType(writer: SqlWriter, type: ColumnType | undefined): void {
  if (type === undefined) return;
  const [custom] = type.arguments;
  if (type.method === 'AsCustom' && custom !== undefined) {
    writer.add(' ').source(custom);
    return;
  }
  const known = TYPES[type.method];
  if (known === undefined) writer.unknown(`the type that ${type.method} makes here is not known`, type.span);
  else writer.add(` ${known}`);
}

function columnDefinition(writer: SqlWriter, column: Column, isKeyInColumn: boolean): void {
  writer.name(column.name);
  columnType(writer, column.type);
  if (column.collation?.kind === 'text') writer.add(' COLLATE ').source(column.collation);
  if (column.nullable !== true) writer.add(' NOT NULL');
  if (column.default !== undefined) writer.add(' DEFAULT ').literal(column.default);
  if (column.isUnique === true) writer.add(' UNIQUE');
  if (isKeyInColumn && column.primaryKey !== undefined)
    writer.add(column.identity === undefined ? ' PRIMARY KEY' : ' PRIMARY KEY AUTOINCREMENT');
  if (column.computed !== undefined)
    writer
      .add(' GENERATED ALWAYS AS (')
      .source(column.computed.sql)
      .add(column.computed.isStored ? ') STORED' : ') VIRTUAL');
}

function createIndex(
  writer: SqlWriter,
  index: Pick<
    Extract<Expression, { readonly kind: 'create-index' }>,
    'schema' | 'table' | 'name' | 'columns' | 'isUnique'
  >,
  made: string | undefined,
): SqlWriter {
  writer
    .add(`CREATE ${index.isUnique ? 'UNIQUE ' : ''}INDEX `)
    .relationNamed(index.schema, index.name, made)
    .add(' ON ')
    .relation({ schema: undefined, table: index.table })
    .add(' (');
  for (const [at, column] of index.columns.entries())
    writer
      .add(at === 0 ? '' : ', ')
      .name(column.name)
      .add(column.isDescending === true ? ' DESC' : ' ASC');
  return writer.add(');');
}
