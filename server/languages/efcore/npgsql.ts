import type { Call, Value } from './call.ts';
import { CommandWriter, type Command } from './command.ts';
import { npgsqlLiteral, npgsqlType, quoteText } from './npgsql-types.ts';
import { annotationsOf, BoundArguments } from './parameters.ts';
import type { Provider } from './provider.ts';

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

/** A call as a provider's functions take it. */
export interface Operation {
  readonly call: Call;
  readonly bound: BoundArguments;
  readonly annotations: ReadonlyMap<string, Value>;
  write(): CommandWriter;
  /** A name as SQL writes it. */
  quote(name: string): string;
  /** A constant as the provider writes it for a column of a type. */
  literal(value: Value, type: string): string;
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

export function alterTable({ bound, write }: Operation): CommandWriter {
  return write().add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table'));
}

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

/** Names of one column, of an array of them, or of a lambda that picks them. */
export function keyColumns(
  writer: CommandWriter,
  value: Value | undefined,
  names: ReadonlyMap<string, Value> = new Map(),
  each: (index: number) => string = () => '',
): CommandWriter {
  if (value?.kind === 'columns') {
    for (const [index, column] of value.names.entries()) {
      if (index > 0) writer.add(', ');
      const renamed = names.get(column.name);
      if (renamed === undefined) writer.nameAt(column.name, column.span);
      else writer.name(renamed);
      if (each(index) !== '') writer.add(each(index));
    }
    return writer;
  }
  const items = value?.kind === 'list' ? value.items : [value];
  for (const [index, item] of items.entries()) {
    if (index > 0) writer.add(', ');
    writer.name(item);
    if (each(index) !== '') writer.add(each(index));
  }
  return writer;
}

const NULL_ORDERS: Readonly<Record<string, string>> = { NullsFirst: ' NULLS FIRST', NullsLast: ' NULLS LAST' };

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

const ACTIONS: Readonly<Record<string, string>> = {
  Cascade: 'CASCADE',
  SetNull: 'SET NULL',
  SetDefault: 'SET DEFAULT',
  Restrict: 'RESTRICT',
};

export function foreignKey(
  writer: CommandWriter,
  bound: BoundArguments,
  names?: ReadonlyMap<string, Value>,
): CommandWriter {
  keyColumns(writer.add(' FOREIGN KEY ('), bound.get('columns'), names).add(') REFERENCES ');
  writer.relation(bound.get('principalSchema') ?? undefined, bound.get('principalTable'));
  const principal = bound.get('principalColumns');
  if (principal !== undefined) keyColumns(writer.add(' ('), principal).add(')');
  for (const [parameter, words] of [
    ['onUpdate', ' ON UPDATE '],
    ['onDelete', ' ON DELETE '],
  ] as const) {
    const value = bound.get(parameter);
    const action = value?.kind === 'member' ? ACTIONS[value.name.slice(value.name.lastIndexOf('.') + 1)] : undefined;
    if (action !== undefined) writer.add(words).add(action);
  }
  return writer;
}

/** A column's strategy as its annotation tells it. */
function strategyOf(annotations: ReadonlyMap<string, Value>): 'identity-always' | 'identity' | 'serial' | undefined {
  const value = annotations.get('Npgsql:ValueGenerationStrategy');
  const name = value?.kind === 'member' ? value.name.slice(value.name.lastIndexOf('.') + 1) : undefined;
  if (name === 'IdentityByDefaultColumn') return 'identity';
  if (name === 'IdentityAlwaysColumn') return 'identity-always';
  return name === 'SerialColumn' ? 'serial' : undefined;
}

function addColumn(operation: Operation): readonly Command[] {
  const { call, bound } = operation;
  const name = bound.get('name');
  // The system columns are there already; EF only learns their names.
  if (name?.kind === 'text' && /^(?:xmin|xmax|cmin|cmax|ctid|tableoid)$/.test(name.text.text)) return [];
  const writer = alterTable(operation).add(' ADD ');
  columnDefinition(writer.name(name), call, bound, operation.annotations);
  writer.add(';');
  return [comment(writer, operation).done()];
}

/** COMMENT ON COLUMN as a second statement of the same command. */
function comment(writer: CommandWriter, { bound }: Operation): CommandWriter {
  const text = bound.get('comment');
  if (text === undefined) return writer;
  writer
    .add('\nCOMMENT ON COLUMN ')
    .relation(bound.get('schema'), bound.get('table'))
    .add('.')
    .name(bound.get('name'))
    .add(' IS ');
  return (text.kind === 'text' ? writer.written(quoteText(text.text.text), text.span) : writer.add("''")).add(';');
}

/** Type, nullability and default after a column's name. */
function columnDefinition(
  writer: CommandWriter,
  call: Call,
  bound: BoundArguments,
  annotations: ReadonlyMap<string, Value>,
): CommandWriter {
  const strategy = strategyOf(annotations);
  const named = bound.get('type');
  const inferred = npgsqlType(call.typeArgument, bound);
  const type = named?.kind === 'text' ? named.text.text : (inferred ?? 'text');
  writer.add(' ');
  if (strategy === 'serial')
    writer.add(/^bigint|^int8/.test(type) ? 'bigserial' : /^smallint/.test(type) ? 'smallserial' : 'serial');
  else if (named !== undefined && named.kind === 'text') writer.source(named);
  else {
    writer.add(type);
    if (named !== undefined || inferred === undefined)
      writer.unknown(
        `the type of the column is only known to the model (${call.typeArgument ?? 'no CLR type'})`,
        named?.span ?? call.nameSpan,
      );
  }
  const collation = bound.get('collation');
  if (collation !== undefined) writer.add(' COLLATE ').name(collation);
  const computed = bound.get('computedColumnSql');
  if (computed !== undefined) {
    writer.add(' GENERATED ALWAYS AS (').source(computed).add(') STORED');
    if (bound.isTrue('nullable') === false) writer.add(' NOT NULL');
    return writer;
  }
  const isNullable = bound.isTrue('nullable');
  if (isNullable === 'unknown')
    writer.unknown(
      'whether the column takes null is only known when the program runs',
      bound.get('nullable')?.span ?? call.nameSpan,
    );
  if (isNullable === false && !isIdentity(strategy)) writer.add(' NOT NULL');
  if (strategy !== undefined) {
    if (isIdentity(strategy))
      writer
        .add(strategy === 'identity' ? ' GENERATED BY DEFAULT AS IDENTITY' : ' GENERATED ALWAYS AS IDENTITY')
        .add(identityOptions(textOf(annotations.get('Npgsql:IdentitySequenceOptions'))));
    return writer;
  }
  return columnDefault(writer, bound, type, ' DEFAULT ');
}

/** Start, step, least, most, cycling and cache, each in quotes, as the annotation holds them. */
function identityOptions(text: string | undefined): string {
  const [start, step, least, most, cyclic, cache] = (text ?? '')
    .split(',')
    .map((part) => part.trim().replace(/^'(.*)'$/, '$1'));
  const parts = [
    start && start !== '1' ? `START WITH ${start}` : '',
    step && step !== '1' ? `INCREMENT BY ${step}` : '',
    least ? `MINVALUE ${least}` : '',
    most ? `MAXVALUE ${most}` : '',
    cyclic === 'True' ? 'CYCLE' : '',
    cache && cache !== '1' ? `CACHE ${cache}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}

function columnDefault(writer: CommandWriter, bound: BoundArguments, type: string, words: string): CommandWriter {
  const sql = bound.get('defaultValueSql');
  const value = bound.get('defaultValue');
  if (sql !== undefined)
    return sql.kind === 'text' && sql.text.text === '' ? writer : writer.add(`${words}(`).source(sql).add(')');
  if (value === undefined) return writer;
  writer.add(words);
  return writer.written(npgsqlLiteral(value, type).sql, value.span);
}

function createTable({ bound, call, write }: Operation): readonly Command[] {
  const unlogged = annotationsOf(call).get('Npgsql:UnloggedTable');
  const writer = write().add(
    unlogged?.kind === 'boolean' && unlogged.value ? 'CREATE UNLOGGED TABLE ' : 'CREATE TABLE ',
  );
  writer.relation(bound.get('schema'), bound.get('name')).add(' (\n    ');
  const columns = bound.get('columns');
  const names = new Map<string, Value>();
  let isFirst = true;
  const next = (): void => {
    if (!isFirst) writer.add(',\n    ');
    isFirst = false;
  };
  if (columns?.kind === 'members') {
    for (const member of columns.members) {
      const inner = new BoundArguments(member.call);
      const name = inner.get('name');
      if (name !== undefined) names.set(member.name, name);
      const shownName = name?.kind === 'text' ? name.text.text : member.name;
      if (/^(?:xmin|xmax|cmin|cmax|ctid|tableoid)$/.test(shownName)) continue;
      next();
      if (name === undefined) writer.nameAt(member.name, member.span);
      else writer.name(name);
      columnDefinition(writer, member.call, inner, annotationsOf(member.call));
    }
  } else
    writer.unknown('the columns of the table are only known when the program runs', columns?.span ?? call.nameSpan);
  const constraints = bound.get('constraints');
  if (constraints?.kind === 'calls') {
    for (const each of constraints.calls) {
      const inner = new BoundArguments(each);
      const name = inner.get('name');
      next();
      if (name !== undefined) writer.add('CONSTRAINT ').name(name).add(' ');
      switch (each.method) {
        case 'PrimaryKey':
          keyColumns(writer.add('PRIMARY KEY ('), inner.get('columns'), names).add(')');
          break;
        case 'UniqueConstraint':
          keyColumns(writer.add('UNIQUE ('), inner.get('columns'), names).add(')');
          break;
        case 'ForeignKey':
          foreignKey(writer, inner, names);
          break;
        case 'CheckConstraint': {
          const sql = inner.get('sql');
          writer.add('CHECK (');
          if (sql === undefined) writer.add('TRUE');
          else writer.source(sql);
          writer.add(')');
          break;
        }
        default:
          writer.add('CHECK (TRUE)').unknown(`what "${each.method}" adds to the table is not known`, each.span);
      }
    }
  } else if (constraints !== undefined)
    writer.unknown('the constraints of the table are only known when the program runs', constraints.span);
  writer.add('\n);');
  const text = bound.get('comment');
  if (text?.kind === 'text') {
    writer.add('\nCOMMENT ON TABLE ').relation(bound.get('schema'), bound.get('name')).add(' IS ');
    writer.written(quoteText(text.text.text), text.span).add(';');
  }
  for (const member of columns?.kind === 'members' ? columns.members : []) {
    const note = new BoundArguments(member.call).get('comment');
    if (note?.kind !== 'text') continue;
    writer.add('\nCOMMENT ON COLUMN ').relation(bound.get('schema'), bound.get('name')).add('.');
    const name = names.get(member.name);
    if (name === undefined) writer.nameAt(member.name, member.span);
    else writer.name(name);
    writer.add(' IS ').written(quoteText(note.text.text), note.span).add(';');
  }
  return [writer.done()];
}

function createIndex({ bound, annotations, write }: Operation): readonly Command[] {
  const concurrent = annotations.get('Npgsql:CreatedConcurrently');
  const isConcurrent = concurrent?.kind === 'boolean' && concurrent.value;
  const writer = write().add('CREATE ');
  if (bound.isTrue('unique') === true) writer.add('UNIQUE ');
  writer.add('INDEX ');
  if (isConcurrent) writer.add('CONCURRENTLY ');
  writer.name(bound.get('name')).add(' ON ').relation(bound.get('schema'), bound.get('table'));
  const method = annotations.get('Npgsql:IndexMethod');
  if (method?.kind === 'text') writer.add(' USING ').source(method);
  const descending = bound.get('descending');
  const operators = annotations.get('Npgsql:IndexOperators');
  const collations = annotations.get('Relational:Collation') ?? annotations.get('Npgsql:IndexCollation');
  const nullOrder = annotations.get('Npgsql:IndexNullSortOrder');
  const isDescending = (index: number): boolean => {
    if (descending?.kind !== 'list') return false;
    const flag = descending.items[index];
    // An empty array means all of them.
    return descending.items.length === 0 || (flag?.kind === 'boolean' && flag.value);
  };
  const config = annotations.get('Npgsql:TsVectorConfig');
  if (config !== undefined)
    writer.unknown('the index is over the words of the columns, and not over the columns themselves', config.span);
  keyColumns(writer.add(' ('), bound.get('columns'), undefined, (index) => {
    const operator = operators?.kind === 'list' ? operators.items[index] : undefined;
    const collation = collations?.kind === 'list' ? textOf(collations.items[index]) : undefined;
    const nulls = nullOrder?.kind === 'list' ? nullOrder.items[index] : undefined;
    const order = nulls?.kind === 'member' ? NULL_ORDERS[lastPart(nulls.name)] : undefined;
    return [
      collation === undefined || collation === '' ? '' : ` COLLATE "${collation.replaceAll('"', '""')}"`,
      operator?.kind === 'text' && operator.text.text !== '' ? ` ${operator.text.text}` : '',
      isDescending(index) ? ' DESC' : '',
      order ?? '',
    ].join('');
  }).add(')');
  const included = annotations.get('Npgsql:IndexInclude');
  if (included !== undefined) keyColumns(writer.add(' INCLUDE ('), included).add(')');
  const distinct = annotations.get('Npgsql:NullsDistinct');
  if (distinct?.kind === 'boolean' && !distinct.value) writer.add(' NULLS NOT DISTINCT');
  const options = [...annotations].flatMap(([key, value]) => {
    const option = /^Npgsql:StorageParameter:(.+)$/.exec(key)?.[1];
    return option === undefined ? [] : [{ option, value }];
  });
  for (const [index, { option, value }] of options.entries())
    writer.add(`${index === 0 ? ' WITH (' : ', '}${option}=`).written(literalWords(value), value.span);
  if (options.length > 0) writer.add(')');
  const filter = bound.get('filter');
  if (filter !== undefined) writer.add(' WHERE ').source(filter);
  if (concurrent !== undefined && concurrent.kind !== 'boolean')
    writer.unknown('whether the index is built concurrently is only known when the program runs', concurrent.span);
  return [writer.add(';').done(isConcurrent)];
}

function renameRelation(
  kind: 'TABLE' | 'SEQUENCE',
  bound: BoundArguments,
  write: () => CommandWriter,
): readonly Command[] {
  const writer = write();
  const name = bound.get('name');
  const newName = bound.get('newName');
  const schema = bound.get('schema');
  const newSchema = bound.get('newSchema');
  const isSame = newName?.kind === 'text' && name?.kind === 'text' && newName.text.text === name.text.text;
  if (newName !== undefined && !isSame)
    writer.add(`ALTER ${kind} `).relation(schema, name).add(' RENAME TO ').name(newName).add(';\n');
  const isMoved =
    newSchema !== undefined &&
    !(schema?.kind === 'text' && newSchema.kind === 'text' && schema.text.text === newSchema.text.text);
  if (isMoved)
    writer
      .add(`ALTER ${kind} `)
      .relation(schema, newName ?? name)
      .add(' SET SCHEMA ')
      .name(newSchema)
      .add(';');
  return writer.length === 0 ? [] : [writer.done()];
}

function alterTableOptions({ call, bound, annotations, write }: Operation): readonly Command[] {
  const commands: Command[] = [];
  const old = annotationsOf(call, 'OldAnnotation');
  const relation = (): CommandWriter => write().add('ALTER TABLE ').relation(bound.get('schema'), bound.get('name'));
  for (const [name, value] of annotations) {
    const parameter = /^Npgsql:StorageParameter:(.+)$/.exec(name)?.[1];
    if (parameter !== undefined && value.kind !== 'unknown')
      commands.push(relation().add(` SET (${parameter}=`).written(literalWords(value), value.span).add(');').done());
    if (name === 'Npgsql:UnloggedTable' && value.kind === 'boolean')
      commands.push(
        relation()
          .add(value.value ? ' SET UNLOGGED;' : ' SET LOGGED;')
          .done(),
      );
  }
  for (const [name, value] of old) {
    const parameter = /^Npgsql:StorageParameter:(.+)$/.exec(name)?.[1];
    if (annotations.has(name)) continue;
    if (parameter !== undefined) commands.push(relation().add(` RESET (${parameter});`).done());
    if (name === 'Npgsql:UnloggedTable' && value.kind === 'boolean' && value.value)
      commands.push(relation().add(' SET LOGGED;').done());
  }
  const text = bound.get('comment');
  if (textOf(text) !== textOf(bound.get('oldComment'))) {
    const writer = write().add('COMMENT ON TABLE ').relation(bound.get('schema'), bound.get('name')).add(' IS ');
    if (text?.kind === 'text') writer.written(quoteText(text.text.text), text.span);
    else writer.add('NULL');
    commands.push(writer.add(';').done());
  }
  return commands;
}

function literalWords(value: Value): string {
  if (value.kind === 'text') return value.text.text;
  if (value.kind === 'number') return value.sql;
  return value.kind === 'boolean' ? String(value.value) : '';
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

/** Every difference between the old and the new column, in one command. */
function alterColumn(operation: Operation): readonly Command[] {
  const { call, bound, write } = operation;
  const writer = write();
  const column = (): CommandWriter =>
    writer
      .add('ALTER TABLE ')
      .relation(bound.get('schema'), bound.get('table'))
      .add(' ALTER COLUMN ')
      .name(bound.get('name'));
  const named = bound.get('type');
  const type = named?.kind === 'text' ? named.text.text : npgsqlType(call.typeArgument, bound);
  const oldNamed = bound.get('oldType');
  const oldClr = bound.get('oldClrType');
  const oldType =
    oldNamed?.kind === 'text'
      ? oldNamed.text.text
      : npgsqlType(oldClr?.kind === 'type' ? oldClr.name : undefined, oldBound(bound));
  const computed = bound.get('computedColumnSql');
  const oldComputed = bound.get('oldComputedColumnSql');
  const isStored = bound.isTrue('stored');
  if (textOf(computed) !== textOf(oldComputed) || isStored !== bound.isTrue('oldStored')) {
    // The column is dropped and added; its indexes are made again from the model, which the file does not hold.
    const drop = alterTable(operation).add(' DROP COLUMN ').name(bound.get('name')).add(';').done();
    return [drop, ...addColumn(operation)];
  }
  const collation = bound.get('collation');
  const isCollated = textOf(collation) !== textOf(bound.get('oldCollation'));
  if (type === undefined || (named !== undefined && named.kind !== 'text'))
    writer.unknown('the new type of the column is only known to the model', named?.span ?? call.nameSpan);
  else if (oldType === undefined || normalised(type) !== normalised(oldType) || isCollated) {
    column().add(' TYPE ');
    if (named?.kind === 'text') writer.source(named);
    else writer.add(type);
    if (collation !== undefined) writer.add(' COLLATE ').name(collation);
    writer.add(';\n');
    if (oldType === undefined) writer.unknown('the old type of the column is only known to the model', call.nameSpan);
  }
  const isNullable = bound.isTrue('nullable');
  const wasNullable = bound.isTrue('oldNullable');
  if (isNullable === 'unknown' || wasNullable === 'unknown')
    writer.unknown('whether the column takes null is only known when the program runs', call.nameSpan);
  else if (isNullable && !wasNullable) column().add(' DROP NOT NULL;\n');
  else if (!isNullable && wasNullable) {
    if (bound.get('defaultValue') !== undefined || bound.get('defaultValueSql') !== undefined) {
      writer.add('UPDATE ').relation(bound.get('schema'), bound.get('table')).add(' SET ').name(bound.get('name'));
      const sql = bound.get('defaultValueSql');
      if (sql === undefined) columnDefault(writer, bound, type ?? 'text', ' = ');
      else writer.add(' = ').source(sql);
      writer.add(' WHERE ').name(bound.get('name')).add(' IS NULL;\n');
    }
    column().add(' SET NOT NULL;\n');
  }
  const strategy = strategyOf(operation.annotations);
  const before = strategyOf(annotationsOf(call, 'OldAnnotation'));
  if (strategy !== before && strategy !== undefined && before === undefined && strategy !== 'serial') {
    column().add(` DROP DEFAULT;\n`);
    column().add(
      strategy === 'identity' ? ' ADD GENERATED BY DEFAULT AS IDENTITY;\n' : ' ADD GENERATED ALWAYS AS IDENTITY;\n',
    );
  } else if (isIdentity(strategy) && isIdentity(before) && strategy !== before) {
    column().add(strategy === 'identity' ? ' SET GENERATED BY DEFAULT;\n' : ' SET GENERATED ALWAYS;\n');
  } else if (strategy === undefined && isIdentity(before)) {
    column().add(' DROP IDENTITY;\n');
  } else if (strategy === 'serial' && before === undefined) {
    return makeSerial(operation, writer, type ?? 'integer');
  } else if (strategy === undefined && before === 'serial') {
    sequenceOf(writer.add('DROP SEQUENCE '), operation, '').add(' CASCADE;\n');
  } else if (isIdentity(strategy) && before === 'serial') {
    sequenceOf(writer.add('ALTER SEQUENCE '), operation, '').add(' RENAME TO ');
    writer.written(operation.quote(sequenceName(bound, '_old')), call.nameSpan).add(';\n');
    column().add(' DROP DEFAULT;\n');
    column().add(
      strategy === 'identity' ? ' ADD GENERATED BY DEFAULT AS IDENTITY;\n' : ' ADD GENERATED ALWAYS AS IDENTITY;\n',
    );
    sequenceOf(writer.add("SELECT * FROM setval('"), operation, '').add("', nextval('");
    sequenceOf(writer, operation, '_old').add("'), false);\n");
    sequenceOf(writer.add('DROP SEQUENCE '), operation, '_old').add(';\n');
  } else if (strategy !== before) {
    writer.unknown('the change of how the column gets its values is not followed', call.nameSpan);
  } else if (defaultText(bound, '') !== defaultText(bound, 'old') && strategy === undefined) {
    if (bound.get('defaultValue') === undefined && bound.get('defaultValueSql') === undefined)
      column().add(' DROP DEFAULT;\n');
    else columnDefault(column(), bound, type ?? 'text', ' SET DEFAULT ').add(';\n');
  }
  const text = bound.get('comment');
  if (textOf(text) !== textOf(bound.get('oldComment'))) {
    writer
      .add('COMMENT ON COLUMN ')
      .relation(bound.get('schema'), bound.get('table'))
      .add('.')
      .name(bound.get('name'))
      .add(' IS ');
    if (text?.kind === 'text') writer.written(quoteText(text.text.text), text.span);
    else writer.add('NULL');
    writer.add(';\n');
  }
  return writer.length === 0 ? [] : [writer.done()];
}

function oldBound(bound: BoundArguments): BoundArguments {
  const renamed = ['MaxLength', 'Precision', 'Scale'].flatMap((name) => {
    const value = bound.get(`old${name}`);
    return value === undefined
      ? []
      : [{ name: `${name.charAt(0).toLowerCase()}${name.slice(1)}`, value, span: value.span }];
  });
  return new BoundArguments({ method: 'Column', arguments: renamed });
}

/** `table_column_seq`, which is what PostgreSQL calls the sequence of a serial column. */
function sequenceName(bound: BoundArguments, rest: string): string {
  return `${textOf(bound.get('table')) ?? ''}_${textOf(bound.get('name')) ?? ''}${rest}_seq`;
}

function sequenceOf(writer: CommandWriter, { bound, call, quote }: Operation, rest: string): CommandWriter {
  const schema = bound.get('schema');
  if (schema !== undefined) writer.name(schema).add('.');
  return writer.written(quote(sequenceName(bound, rest)), call.nameSpan);
}

/** A sequence of its own gives the column's values from now on: a command that ends what is written, and one after it. */
function makeSerial(operation: Operation, writer: CommandWriter, type: string): readonly Command[] {
  const { bound } = operation;
  sequenceOf(writer.add('CREATE SEQUENCE '), operation, '');
  if (type !== 'bigint') writer.add(` AS ${type}`);
  const made = writer.add(' START WITH 1 INCREMENT BY 1 NO CYCLE;').done();
  const owner = alterTable(operation).add(' ALTER COLUMN ').name(bound.get('name')).add(" SET DEFAULT (nextval('");
  sequenceOf(owner, operation, '').add("'));\n");
  sequenceOf(owner.add('ALTER SEQUENCE '), operation, '').add(' OWNED BY ');
  owner.relation(bound.get('schema'), bound.get('table')).add('.').name(bound.get('name')).add(';');
  return [made, owner.done()];
}

function isIdentity(strategy: ReturnType<typeof strategyOf>): boolean {
  return strategy === 'identity' || strategy === 'identity-always';
}

function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'text' ? value.text.text : undefined;
}

function normalised(type: string): string {
  return type.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/** The default as far as it can be compared. */
function defaultText(bound: BoundArguments, prefix: '' | 'old'): string {
  const name = (rest: string): string =>
    prefix === '' ? `${rest.charAt(0).toLowerCase()}${rest.slice(1)}` : `old${rest}`;
  const sql = bound.get(name('DefaultValueSql'));
  const value = bound.get(name('DefaultValue'));
  if (sql !== undefined) return `sql ${textOf(sql) ?? ''}`;
  return value === undefined ? '' : `value ${npgsqlLiteral(value, 'text').sql}`;
}

/** Enums, extensions and collations of the database, which annotations describe. */
function alterDatabase({ call, annotations, write }: Operation): readonly Command[] {
  const commands: Command[] = [];
  const old = annotationsOf(call, 'OldAnnotation');
  const place = (key: string): { readonly schema?: string; readonly name: string } | undefined => {
    const rest = /^Npgsql:(?:Enum|PostgresExtension|CollationDefinition):(.+)$/.exec(key)?.[1];
    if (rest === undefined) return undefined;
    const dot = rest.indexOf('.');
    const schema = dot < 0 ? '' : rest.slice(0, dot);
    return { ...(schema === '' ? {} : { schema }), name: rest.slice(dot + 1) };
  };
  const relation = (
    writer: CommandWriter,
    at: { readonly schema?: string; readonly name: string },
    value: Value,
  ): CommandWriter => {
    if (at.schema !== undefined) writer.nameAt(at.schema, value.span).add('.');
    return writer.nameAt(at.name, value.span);
  };
  const labels = (value: Value): readonly string[] =>
    (textOf(value) ?? '')
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== '');
  for (const [key, value] of annotations) {
    const at = place(key);
    if (at === undefined) continue;
    if (key.startsWith('Npgsql:CollationDefinition:')) {
      if (old.has(key)) continue;
      // LC_COLLATE, LC_CTYPE, provider, whether it is deterministic.
      const [collate = '', ctype = '', provider = '', deterministic = ''] = (textOf(value) ?? '').split(',');
      const options = [
        ...(collate === ctype
          ? [`LOCALE = ${quoteText(collate)}`]
          : [`LC_COLLATE = ${quoteText(collate)}`, `LC_CTYPE = ${quoteText(ctype)}`]),
        ...(provider === '' ? [] : [`PROVIDER = ${provider}`]),
        ...(deterministic === '' ? [] : [`DETERMINISTIC = ${deterministic}`]),
      ];
      commands.push(
        relation(write().add('CREATE COLLATION '), at, value)
          .add(` (${options.join(', ')});`)
          .done(),
      );
      continue;
    }
    if (key.startsWith('Npgsql:PostgresExtension:')) {
      if (old.has(key)) continue;
      const writer = write().add('CREATE EXTENSION IF NOT EXISTS ').nameAt(at.name, value.span);
      // The value is `schema,,version`.
      const [inSchema, , version] = (textOf(value) ?? '').split(',');
      const schema = at.schema ?? inSchema;
      if (schema !== undefined && schema !== '' && schema !== 'public')
        writer.add(' SCHEMA ').nameAt(schema, value.span);
      if (version !== undefined && version !== '') writer.add(` VERSION "${version.replaceAll('"', '""')}"`);
      commands.push(writer.add(';').done());
      continue;
    }
    const before = old.get(key);
    if (before === undefined) {
      commands.push(
        relation(write().add('CREATE TYPE '), at, value)
          .add(` AS ENUM (${labels(value).map(quoteText).join(', ')});`)
          .done(),
      );
      continue;
    }
    const known = labels(before);
    const wanted = labels(value);
    if (known.some((label) => !wanted.includes(label)))
      commands.push(
        relation(write().add('COMMENT ON TYPE '), at, value)
          .add(' IS NULL;')
          .unknown('EF Core refuses to take a label out of an enum: this migration cannot run', value.span)
          .done(),
      );
    for (const [index, label] of wanted.entries()) {
      if (known.includes(label)) continue;
      // After the label before it; the first has none, and stands before the one that was first.
      const previous = wanted[index - 1];
      const first = known[0];
      const isLast = wanted.slice(index).every((candidate) => !known.includes(candidate));
      const place = isLast
        ? ''
        : previous === undefined
          ? ` BEFORE ${quoteText(first ?? '')}`
          : ` AFTER ${quoteText(previous)}`;
      commands.push(
        relation(write().add('ALTER TYPE '), at, value)
          .add(` ADD VALUE ${quoteText(label)}${place};`)
          .done(),
      );
    }
  }
  for (const [key, value] of old) {
    const at = place(key);
    if (at === undefined || annotations.has(key)) continue;
    if (key.startsWith('Npgsql:Enum:')) commands.push(relation(write().add('DROP TYPE '), at, value).add(';').done());
    if (key.startsWith('Npgsql:CollationDefinition:'))
      commands.push(relation(write().add('DROP COLLATION '), at, value).add(';').done());
  }
  return commands;
}

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

export function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return value.kind === 'list' ? value.items : [value];
}

/** Values of one column: each of a list is a row, and so is each row of a table. */
function rowsOfOne(values: Value | undefined): readonly (readonly Value[])[] {
  return listOf(values).map((item) => (item.kind === 'list' ? item.items : [item]));
}
