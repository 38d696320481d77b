import { assertNever } from '../../core/assert-never.ts';
import type { Command } from '../csharp/command.ts';
import type { Column, Expression, TableName } from './expression.ts';
import type { Generated, GeneratorSettings } from './generated.ts';
import { POSTGRES_FORMS } from './literals.ts';
import { constraintName, foreignKeyName, indexName, primaryKeyName } from './names.ts';
import { postgresType, standInOf } from './postgresql-types.ts';
import { foreignKey } from './foreign-key.ts';
import { sameCommands } from './same-commands.ts';
import { SqlWriter } from './sql-writer.ts';

/**
 * What FluentMigrator 8 sends to PostgreSQL for an expression. Descriptions of tables and columns are no part of it: the
 * release that was run (8.0.1) sends none.
 *
 * Source: fluentmigrator/fluentmigrator, PostgresGenerator.cs, PostgresColumn.cs and Postgres10_0Column.cs.
 */
export function postgresCommands(expression: Expression, settings: GeneratorSettings): Generated {
  // Names without a schema are those of `public`, whatever the search path is.
  const write = (): SqlWriter => new SqlWriter(expression, POSTGRES_FORMS, 'public');
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
      return sameCommands(expression, { write, alter, everyRow: '' });
    case 'create-table':
      return [createTable(expression, write, settings)];
    case 'move-table':
      return one(alter(expression).add(' SET SCHEMA ').name(expression.newSchema).add(';'));
    case 'describe-table':
      // FluentMigrator sends no comment of a table.
      return [];
    case 'create-column': {
      const writer = alter(expression).add(' ADD ');
      columnDefinition(writer, expression.column, settings);
      return one(writer.add(';'));
    }
    case 'alter-column':
      return one(alterColumn(alter(expression), expression.column, settings));
    case 'set-default':
      return one(
        alter(expression)
          .add(' ALTER ')
          .name(expression.column)
          .add(' DROP DEFAULT, ALTER ')
          .name(expression.column)
          .add(' SET DEFAULT ')
          .literal(expression.value)
          .add(';'),
      );
    case 'delete-default':
      return one(alter(expression).add(' ALTER ').name(expression.column).add(' DROP DEFAULT;'));
    case 'create-index':
      return one(createIndex(write(), expression));
    case 'delete-index':
      return one(
        write()
          .add(`DROP INDEX ${expression.isConcurrent ? 'CONCURRENTLY ' : ''}`)
          .relationNamed(expression.schema, expression.name, indexName(expression.table, expression.columns))
          .add(';'),
      );
    case 'create-foreign-key':
      return one(
        foreignKey(
          alter(expression.key.from)
            .add(' ADD CONSTRAINT ')
            .nameOr(expression.key.name, foreignKeyName(expression.key))
            .add(' '),
          expression.key,
        ).add(';'),
      );
    case 'delete-foreign-key':
      return one(
        alter(expression.key.from)
          .add(' DROP CONSTRAINT ')
          .nameOr(expression.key.name, foreignKeyName(expression.key))
          .add(';'),
      );
    case 'create-constraint':
      return one(
        alter(expression)
          .add(' ADD CONSTRAINT ')
          .nameOr(expression.name, constraintName(expression.constraint, expression.table, expression.columns))
          .add(` ${expression.constraint} (`)
          .names(expression.columns)
          .add(');'),
      );
    case 'delete-constraint':
      return one(
        alter(expression)
          .add(' DROP CONSTRAINT ')
          .nameOr(expression.name, constraintName(expression.constraint, expression.table, expression.columns))
          .add(';'),
      );
    case 'create-schema':
      return one(write().add('CREATE SCHEMA ').name(expression.name).add(';'));
    case 'delete-schema':
      return one(write().add('DROP SCHEMA ').name(expression.name).add(';'));
    case 'create-sequence':
      return one(createSequence(write(), expression));
    case 'delete-sequence':
      return one(
        write().add('DROP SEQUENCE ').relationNamed(expression.schema, expression.name, undefined, false).add(';'),
      );
    case 'unknown':
      return [];
    default:
      return assertNever(expression);
  }
}

function createTable(
  expression: Extract<Expression, { readonly kind: 'create-table' }>,
  write: () => SqlWriter,
  settings: GeneratorSettings,
): Command {
  const writer = write().add('CREATE TABLE ').relation(expression).add(' (');
  for (const [index, column] of expression.columns.entries()) {
    if (index > 0) writer.add(', ');
    columnDefinition(writer, column, settings);
  }
  const keys = expression.columns.filter(({ primaryKey }) => primaryKey !== undefined);
  if (keys.length > 0)
    writer
      .add(', CONSTRAINT ')
      .nameOr(
        keys.map(({ primaryKey }) => primaryKey?.name).find((name) => name !== undefined),
        primaryKeyName(expression.table),
      )
      .add(' PRIMARY KEY (')
      .names(keys.map(({ name }) => name))
      .add(')');
  writer.add(');');
  return writer.done();
}

function columnType(writer: SqlWriter, { type }: Column, settings: GeneratorSettings, isSerial: boolean): void {
  if (type === undefined) {
    writer.add('text').unknown('the type of this column is not said', writer.place);
    return;
  }
  const [custom] = type.arguments;
  if (type.method === 'AsCustom') {
    if (custom === undefined) writer.add('text');
    else writer.source(custom);
    return;
  }
  const known = postgresType(type);
  if (isSerial && settings.keys === 'serial') writer.add(known === 'bigint' ? 'bigserial' : 'serial');
  else if (known === undefined)
    writer.add('text').unknown(`the type that ${type.method} makes here is not known`, type.span);
  else writer.add(known);
}

function columnDefinition(writer: SqlWriter, column: Column, settings: GeneratorSettings): void {
  writer.name(column.name).add(' ');
  columnType(writer, column, settings, column.identity !== undefined);
  collate(writer, column);
  if (column.nullable !== true) writer.add(' NOT NULL');
  else if (column.type?.method === 'AsCustom') writer.add(' NULL');
  if (column.default !== undefined) writer.add(' DEFAULT ').literal(column.default, standInOf(column.type));
  if (column.identity !== undefined && settings.keys === 'identity')
    writer.add(` GENERATED ${column.identity.toUpperCase()} AS IDENTITY`);
  if (column.computed !== undefined) writer.add(' GENERATED ALWAYS AS (').source(column.computed.sql).add(') STORED');
}

function collate(writer: SqlWriter, { collation }: Column): void {
  if (collation?.kind === 'text') writer.add(' COLLATE ').source(collation);
}

function alterColumn(writer: SqlWriter, column: Column, settings: GeneratorSettings): SqlWriter {
  writer.add(' ALTER ').name(column.name).add(' TYPE ');
  columnType(writer, column, { keys: 'identity' }, false);
  collate(writer, column);
  if (column.nullable !== undefined)
    writer
      .add(', ALTER ')
      .name(column.name)
      .add(column.nullable ? ' DROP NOT NULL' : ' SET NOT NULL');
  if (column.identity !== undefined && settings.keys === 'identity')
    writer.add(', ALTER ').name(column.name).add(` ADD GENERATED ${column.identity.toUpperCase()} AS IDENTITY`);
  return writer.add(';');
}

function createIndex(writer: SqlWriter, index: Extract<Expression, { readonly kind: 'create-index' }>): SqlWriter {
  const names = index.columns.map(({ name }) => name);
  writer
    .add(`CREATE ${index.isUnique ? 'UNIQUE ' : ''}INDEX ${index.isConcurrent ? 'CONCURRENTLY ' : ''}`)
    .nameOr(index.name, indexName(index.table, names))
    .add(index.isOnly ? ' ON ONLY ' : ' ON ')
    .relation(index)
    .add(index.method === undefined ? ' (' : ` USING ${index.method} (`);
  for (const [at, column] of index.columns.entries()) {
    (at === 0 ? writer : writer.comma()).name(column.name);
    if (index.method !== undefined) continue;
    writer.add(column.isDescending === true ? ' DESC' : ' ASC');
    if (column.nulls !== undefined) writer.add(` NULLS ${column.nulls}`);
  }
  writer.add(')');
  if (index.included.length > 0) writer.add(' INCLUDE (').names(index.included).add(')');
  if (index.filter !== undefined) writer.add(' WHERE ').source(index.filter);
  return writer.add(';');
}

const OPTIONS: readonly (readonly [string, string])[] = [
  ['IncrementBy', 'INCREMENT BY'],
  ['MinValue', 'MINVALUE'],
  ['MaxValue', 'MAXVALUE'],
  ['StartWith', 'START WITH'],
  ['Cache', 'CACHE'],
];

function createSequence(
  writer: SqlWriter,
  { schema, name, options }: Extract<Expression, { readonly kind: 'create-sequence' | 'delete-sequence' }>,
): SqlWriter {
  writer.add('CREATE SEQUENCE ').relationNamed(schema, name, undefined, false);
  for (const [option, words] of OPTIONS) {
    const value = options.get(option);
    if (value !== undefined) writer.add(` ${words} `).literal(value, '1');
    else if (option === 'Cache') writer.add(' CACHE 1');
  }
  return writer.add(options.has('Cycle') ? ' CYCLE;' : ';');
}
