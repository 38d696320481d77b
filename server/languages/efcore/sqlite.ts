import type { Call, Value } from '../csharp/call.ts';
import { CommandWriter, shown, type Command } from '../csharp/command.ts';
import { clock, hexByte, KNOWN_MEMBERS, quoteText } from './npgsql-types.ts';
import { alterTable, foreignKey, keyColumns } from './constraints.ts';
import type { Operation } from './operation.ts';
import { changeData, insertData } from './rows.ts';
import { annotationsOf, BoundArguments } from './parameters.ts';
import type { Provider } from './provider.ts';
import { tableBody } from './table-body.ts';
import type { KnownModel } from './model/ef-model.ts';
import { modelIndex, REBUILD_TURNS, rebuildCommands, untold } from './sqlite-rebuild.ts';
import { bindForSqlite, isCreated, isRebuild, planRebuilds, textOf } from './sqlite-rebuild-plan.ts';

/**
 * The SQLite provider of EF Core 8 to 10. What ALTER TABLE cannot do is a rebuild from the model in the migration's Designer,
 * after everything else.
 *
 * Source: dotnet/efcore, src/EFCore.Sqlite.Core/Migrations/SqliteMigrationsSqlGenerator.cs.
 */
export const efSqliteProvider: Provider = {
  title: 'Microsoft.EntityFrameworkCore.Sqlite',
  lower: (call, siblings, model) => {
    const bound = bindForSqlite(call);
    const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    const write = (): CommandWriter =>
      new CommandWriter(call.span, { start: call.span.start, end: call.nameSpan.end }, quote);
    const operation: Operation = { call, bound, annotations: annotationsOf(call), write, quote, literal };
    const own = (): readonly Command[] => OPERATIONS[call.method]?.(operation, siblings, model) ?? [];
    if (isRebuild(call, bound, siblings, call.method === 'AddForeignKey' ? siblings.indexOf(call) : 0)) {
      const first = call.method === 'AddColumn' ? own() : [];
      const table = bound.get(call.method === 'AlterTable' ? 'name' : 'table');
      const plan = planRebuilds(siblings).find(({ causes }) => causes.includes(call));
      if (plan === undefined)
        return [
          ...first,
          rebuild(
            operation,
            `EF Core makes the table ${table === undefined ? '' : shown(table)} again for this, after all other operations of the migration`,
          ),
        ];
      const problem = untold(model, plan);
      // A rebuild that is known comes in its turn, after the commands of all calls.
      if (problem === undefined) return first;
      // The provider has nothing to make of these, and does not complain.
      const isSilent = call.method === 'AlterTable' || call.method === 'AddColumn';
      if (problem.kind === 'refused' && isSilent) return first;
      return [
        ...first,
        problem.kind === 'refused' ? refused(operation, problem.reason) : rebuild(operation, problem.reason),
      ];
    }
    // A foreign key of a table that the same migration makes stands in its CREATE TABLE.
    if (call.method === 'AddForeignKey') return [];
    if (call.method.endsWith('Sequence'))
      return [refused(operation, 'SQLite has no sequences: EF Core refuses the whole migration')];
    // What concerns a column that a rebuild makes again is part of the rebuild.
    if (planRebuilds(siblings).some((plan) => plan.replaced.has(call) && untold(model, plan) === undefined)) return [];
    return own();
  },
  after: (calls, model) => rebuildCommands(calls, model, { literal, storeType }),
  turns: (calls) => (planRebuilds(calls).length === 0 ? [] : REBUILD_TURNS),
};

/** A rebuild that cannot be told. */
function rebuild({ call, bound, write }: Operation, reason: string): Command {
  const table = bound.get(call.method === 'AlterTable' ? 'name' : 'table');
  // The text is only what stands for the call; what it does is in the reason.
  return write()
    .add('ALTER TABLE ')
    .name(table)
    .add(' RENAME TO ')
    .name(table)
    .unknown(`${reason}: rows are copied, and triggers and indexes that the model does not have are lost`, call.span)
    .done();
}

/** A call that EF Core makes no SQL of, but an error. */
function refused({ call, write }: Operation, reason: string): Command {
  return write().add('SELECT 1').unknown(reason, call.span).done();
}

const OPERATIONS: Readonly<
  Record<string, (operation: Operation, siblings: readonly Call[], model: KnownModel) => readonly Command[]>
> = {
  CreateTable: createTable,
  AddColumn: (operation) => [
    columnDefinition(
      alterTable(operation).add(' ADD ').name(operation.bound.get('name')),
      operation.call,
      operation.bound,
    )
      .add(';')
      .done(),
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
  RenameTable: ({ bound, write }) => [
    write().add('ALTER TABLE ').name(bound.get('name')).add(' RENAME TO ').name(bound.get('newName')).add(';').done(),
  ],
  CreateIndex: ({ bound, write }) => {
    const writer = write().add(bound.isTrue('unique') === true ? 'CREATE UNIQUE INDEX ' : 'CREATE INDEX ');
    writer.name(bound.get('name')).add(' ON ').name(bound.get('table'));
    const descending = bound.get('descending');
    keyColumns(writer.add(' ('), bound.get('columns'), undefined, (index) => {
      const flag = descending?.kind === 'list' ? descending.items[index] : undefined;
      const isAll = descending?.kind === 'list' && descending.items.length === 0;
      return isAll || (flag?.kind === 'boolean' && flag.value) ? ' DESC' : '';
    }).add(')');
    const filter = bound.get('filter');
    return [(filter === undefined ? writer : writer.add(' WHERE ').source(filter)).add(';').done()];
  },
  DropIndex: ({ bound, write }) => [write().add('DROP INDEX ').name(bound.get('name')).add(';').done()],
  RenameIndex: renameIndex,
  DropTable: ({ bound, write }) => [write().add('DROP TABLE ').name(bound.get('name')).add(';').done()],
  Sql: ({ bound, write }) => {
    const sql = bound.get('sql');
    return sql === undefined
      ? []
      : [
          write()
            .source(sql)
            .done(bound.isTrue('suppressTransaction') === true),
        ];
  },
  InsertData: insertData,
  UpdateData: (operation) => changeData(operation, 'update'),
  DeleteData: (operation) => changeData(operation, 'delete'),
};

/** The index of the new name in the model is made in place of the old one. */
function renameIndex(operation: Operation, _siblings: readonly Call[], model: KnownModel): readonly Command[] {
  const { call, bound, write } = operation;
  const table = textOf(bound.get('table'));
  const newName = textOf(bound.get('newName'));
  const drop = (): CommandWriter => write().add('DROP INDEX ').name(bound.get('name')).add(';');
  if (model === 'unread')
    return [
      drop()
        .unknown("EF Core makes the index again as the model in the migration's Designer file describes it", call.span)
        .done(),
    ];
  const schema = textOf(new BoundArguments(call).get('schema'));
  const known = typeof model === 'string' || table === undefined ? undefined : model.table(table, schema);
  const index = known?.indexes.find(({ name }) => name === newName);
  if (index !== undefined && table !== undefined) return [drop().done(), modelIndex(write(), index, table)];
  if (known?.uncertain !== undefined)
    return [drop().unknown(`EF Core makes the index again from the model, and ${known.uncertain}`, call.span).done()];
  return [
    refused(
      operation,
      'EF Core makes an index of the new name from the model in the Designer file, which has none: it refuses the whole migration',
    ),
  ];
}

function createTable(operation: Operation, siblings: readonly Call[]): readonly Command[] {
  const { bound, call, write } = operation;
  const writer = write().add('CREATE TABLE ').name(bound.get('name')).add(' (\n    ');
  const constraints = bound.get('constraints');
  const key =
    constraints?.kind === 'calls' ? constraints.calls.find(({ method }) => method === 'PrimaryKey') : undefined;
  const keyNames = key === undefined ? undefined : bindForSqlite(key).get('columns');
  const single = keyNames?.kind === 'columns' && keyNames.names.length === 1 ? keyNames.names[0]?.name : undefined;
  const { next } = tableBody(writer, operation, {
    always: '1',
    bind: bindForSqlite,
    // A key of one column stands in that.
    isElsewhere: (each) => each === key && single !== undefined,
    column: (member, inner) => {
      columnDefinition(writer, member.call, inner);
      if (member.name !== single || key === undefined) return;
      const keyName = bindForSqlite(key).get('name');
      if (keyName !== undefined) writer.add(' CONSTRAINT ').name(keyName);
      writer.add(' PRIMARY KEY');
      const automatic = annotationsOf(member.call).get('Sqlite:Autoincrement');
      if (automatic?.kind === 'boolean' && automatic.value) writer.add(' AUTOINCREMENT');
    },
  });
  for (const sibling of siblings.slice(siblings.indexOf(call))) {
    if (sibling.method !== 'AddForeignKey') continue;
    const inner = bindForSqlite(sibling);
    if (!isCreated(inner.get('table'), [call])) continue;
    next();
    const name = inner.get('name');
    if (name !== undefined) writer.add('CONSTRAINT ').name(name);
    foreignKey(writer, inner);
  }
  return [writer.add('\n);').done()];
}

function columnDefinition(writer: CommandWriter, call: Call, bound: BoundArguments): CommandWriter {
  // A computed column has neither type nor nullability.
  const computed = bound.get('computedColumnSql');
  if (computed !== undefined) {
    writer.add(' AS (').source(computed).add(')');
    if (bound.isTrue('stored') === true) writer.add(' STORED');
    const order = bound.get('collation');
    return order === undefined ? writer : writer.add(' COLLATE ').source(order);
  }
  const named = bound.get('type');
  const inferred = storeType(call.typeArgument);
  writer.add(' ');
  if (named?.kind === 'text') writer.source(named);
  else {
    writer.add(inferred ?? 'TEXT');
    if (named !== undefined || inferred === undefined)
      writer.unknown('the type of the column is only known to the model', named?.span ?? call.nameSpan);
  }
  const collation = bound.get('collation');
  if (collation !== undefined) writer.add(' COLLATE ').source(collation);
  const isNullable = bound.isTrue('nullable');
  if (isNullable === 'unknown')
    writer.unknown(
      'whether the column takes null is only known when the program runs',
      bound.get('nullable')?.span ?? call.nameSpan,
    );
  else writer.add(isNullable ? ' NULL' : ' NOT NULL');
  const sql = bound.get('defaultValueSql');
  const value = bound.get('defaultValue');
  if (sql !== undefined) writer.add(' DEFAULT (').source(sql).add(')');
  else if (value !== undefined)
    writer
      .add(' DEFAULT ')
      .written(literal(value, named?.kind === 'text' ? named.text.text : (inferred ?? 'TEXT')), value.span);
  return writer;
}

/** Source: src/EFCore.Sqlite.Core/Storage/Internal/SqliteTypeMappingSource.cs. */
function storeType(clrType: string | undefined): string | undefined {
  const plain = clrType?.replace(/\?$/, '').replace(/^System\./, '');
  if (plain === undefined) return undefined;
  if (/^(?:bool|Boolean|byte|Byte|sbyte|SByte|u?short|U?Int16|u?int|U?Int32|u?long|U?Int64)$/.test(plain))
    return 'INTEGER';
  if (/^(?:float|Single|double|Double)$/.test(plain)) return 'REAL';
  if (plain === 'byte[]') return 'BLOB';
  if (
    /^(?:string|String|char|Char|decimal|Decimal|Guid|DateTime|DateTimeOffset|DateOnly|TimeOnly|TimeSpan)$/.test(
      plain,
    ) ||
    plain.endsWith('[]') ||
    /^(?:List|IList|IReadOnlyList|ICollection|IEnumerable)<.+>$/.test(plain)
  )
    return 'TEXT';
  return undefined;
}

/** A decimal without zeros that say nothing, and with one digit after its point at least. */
function decimalText(sql: string): string {
  const plain = sql.includes('.') ? sql.replace(/0+$/, '') : `${sql}.`;
  return plain.endsWith('.') ? `${plain}0` : plain;
}

/** A constant as the provider writes it; a value that is not literal is stood in for, which changes nothing that is told. */
function literal(value: Value, type: string): string {
  const note = ` /* ${shown(value).replaceAll('*/', '')} */`;
  const known = value.kind === 'member' ? KNOWN_MEMBERS[value.name.replace(/^System\./, '')] : undefined;
  if (known !== undefined) return known;
  switch (value.kind) {
    case 'text':
      return quoteText(value.text.text);
    case 'number':
      return /^TEXT$/i.test(type) ? quoteText(decimalText(value.sql)) : value.sql;
    case 'boolean':
      return value.value ? '1' : '0';
    case 'list':
      if (!/^BLOB$/i.test(type)) return value.items.length === 0 ? `'[]'` : `''${note}`;
      return `X'${value.items.map(hexByte).join('')}'`;
    case 'new': {
      const numbers = value.arguments.map((argument) =>
        argument.value.kind === 'number' ? Number(argument.value.sql) : 0,
      );
      const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers;
      const two = (number: number): string => String(number).padStart(2, '0');
      if (value.type === 'Guid') {
        const first = value.arguments[0]?.value;
        return quoteText(
          first?.kind === 'text' ? first.text.text.toUpperCase() : '00000000-0000-0000-0000-000000000000',
        );
      }
      const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
      if (value.type === 'DateOnly' && numbers.length === 3) return `'${date}'`;
      if (value.type === 'TimeOnly' && numbers.length >= 2 && numbers.length <= 3) return `'${clock(numbers)}'`;
      if (value.type === 'TimeSpan' && numbers.length === 3) return `'${clock(numbers)}'`;
      if (value.type === 'DateTime')
        return `'${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}'`;
      return `''${note}`;
    }
    default:
      return /^(?:INTEGER|REAL)$/i.test(type) ? `0${note}` : `''${note}`;
  }
}
