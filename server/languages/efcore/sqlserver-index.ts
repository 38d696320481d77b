import type { Command, CommandWriter } from './command.ts';
import { keyColumns } from './constraints.ts';
import type { EfIndex, EfTable } from './model/ef-model.ts';
import { listOf, textOf } from './operation.ts';
import { BoundArguments } from './parameters.ts';
import { bracketed, columnIn, isMemoryOptimised, type SqlServerOperation, tableIn } from './sqlserver-operation.ts';

export function createIndex(operation: SqlServerOperation): readonly Command[] {
  const { bound, annotations, model } = operation;
  const table = tableIn(model, bound);
  const names = listOf(bound.get('columns')).map(textOf);
  // A column that the model does not have may well hold null.
  const nullable = names.filter((name) => columnIn(table, name)?.isNullable !== false);
  const isUnique = bound.isTrue('unique');
  const writer = operation.write();
  if (isUnique === 'unknown')
    writer.unknown('whether the index is unique is only known when the program runs', operation.call.span);
  const clustered = annotations.get('SqlServer:Clustered');
  const traits = clustered?.kind === 'boolean' ? (clustered.value ? 'CLUSTERED ' : 'NONCLUSTERED ') : '';
  const isInMemory = isMemoryOptimised(operation);
  if (isInMemory) {
    writer.add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table')).add(' ADD INDEX ');
    writer.name(bound.get('name')).add(` ${isUnique === true && nullable.length === 0 ? 'UNIQUE ' : ''}${traits}`);
  } else {
    writer.add(`CREATE ${isUnique === true ? 'UNIQUE ' : ''}${traits}INDEX `).name(bound.get('name'));
    writer.add(' ON ').relation(bound.get('schema'), bound.get('table')).add(' ');
  }
  const descending = bound.get('descending');
  keyColumns(writer.add('('), bound.get('columns'), undefined, (index) => {
    const flag = descending?.kind === 'list' ? descending.items[index] : undefined;
    const isAll = descending?.kind === 'list' && descending.items.length === 0;
    return isAll || (flag?.kind === 'boolean' && flag.value) ? ' DESC' : '';
  }).add(')');
  if (isInMemory) return [writer.add(';').done(true)];
  const include = listOf(annotations.get('SqlServer:Include'));
  if (include.length > 0) {
    for (const [index, column] of include.entries()) writer.add(index === 0 ? ' INCLUDE (' : ', ').name(column);
    writer.add(')');
  }
  const filter = bound.get('filter');
  if (filter !== undefined) writer.add(' WHERE ').source(filter);
  // Without a model EF Core does as its first version did.
  else if (typeof model === 'string' && isUnique === true && traits !== 'CLUSTERED ') {
    if (model === 'unread')
      writer.unknown("whether EF Core adds a filter depends on the migration's Designer file", operation.call.span);
    for (const [index, column] of listOf(bound.get('columns')).entries())
      writer
        .add(index === 0 ? ' WHERE ' : ' AND ')
        .name(column)
        .add(' IS NOT NULL');
  }
  return [indexOptions(writer, operation).add(';').done()];
}

function indexOptions(writer: CommandWriter, { annotations }: SqlServerOperation): CommandWriter {
  const options: string[] = [];
  const fillFactor = annotations.get('SqlServer:FillFactor');
  if (fillFactor?.kind === 'number') options.push(`FILLFACTOR = ${fillFactor.sql}`);
  const online = annotations.get('SqlServer:Online');
  if (online?.kind === 'boolean' && online.value) options.push('ONLINE = ON');
  const temporary = annotations.get('SqlServer:SortInTempDb');
  if (temporary?.kind === 'boolean' && temporary.value) options.push('SORT_IN_TEMPDB = ON');
  const compression = annotations.get('SqlServer:DataCompression');
  if (compression?.kind === 'member')
    options.push(`DATA_COMPRESSION = ${compression.name.slice(compression.name.lastIndexOf('.') + 1).toUpperCase()}`);
  return options.length === 0 ? writer : writer.add(` WITH (${options.join(', ')})`);
}

export function dropIndex(operation: SqlServerOperation): readonly Command[] {
  const { bound, write, call } = operation;
  if (bound.get('table') === undefined)
    return [
      write()
        .add('SELECT 1')
        .unknown('EF Core refuses the whole migration: the index needs its table', call.span)
        .done(),
    ];
  const isInMemory = isMemoryOptimised(operation);
  const writer = isInMemory
    ? write()
        .add('ALTER TABLE ')
        .relation(bound.get('schema'), bound.get('table'))
        .add(' DROP INDEX ')
        .name(bound.get('name'))
    : write().add('DROP INDEX ').name(bound.get('name')).add(' ON ').relation(bound.get('schema'), bound.get('table'));
  return [writer.add(';').done(isInMemory)];
}

/** Indexes of the model that hold a column, apart from those that a later call of the method makes. */
export function indexesAround(
  { call, siblings, bound }: SqlServerOperation,
  table: EfTable | undefined,
  name: string | undefined,
): readonly EfIndex[] {
  if (table === undefined || name === undefined || columnIn(table, name) === undefined) return [];
  const later = siblings.slice(siblings.indexOf(call) + 1).flatMap((sibling) => {
    if (sibling.method !== 'CreateIndex') return [];
    const own = new BoundArguments(sibling);
    const isHere =
      textOf(own.get('table')) === textOf(bound.get('table')) &&
      textOf(own.get('schema')) === textOf(bound.get('schema'));
    return isHere ? [textOf(own.get('name'))] : [];
  });
  return table.indexes.filter((index) => index.columns.includes(name) && !later.includes(index.name));
}

export function dropKnownIndexes(
  writer: CommandWriter,
  bound: BoundArguments,
  indexes: readonly EfIndex[],
): CommandWriter {
  for (const index of indexes)
    writer
      .add(`DROP INDEX ${bracketed(index.name)} ON `)
      .relation(bound.get('schema'), bound.get('table'))
      .add(';\n');
  return writer;
}

export function createKnownIndexes(
  writer: CommandWriter,
  bound: BoundArguments,
  indexes: readonly EfIndex[],
): CommandWriter {
  for (const index of indexes) {
    writer.add(`CREATE ${index.isUnique ? 'UNIQUE ' : ''}INDEX ${bracketed(index.name)} ON `);
    writer.relation(bound.get('schema'), bound.get('table'));
    const columns = index.columns.map(
      (column, place) =>
        `${bracketed(column)}${index.descending?.length === 0 || index.descending?.[place] === true ? ' DESC' : ''}`,
    );
    writer.add(` (${columns.join(', ')})${index.filter === undefined ? '' : ` WHERE ${index.filter}`};\n`);
  }
  return writer;
}
