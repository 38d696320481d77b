import type { Value } from '../csharp/call.ts';
import type { Command, CommandWriter } from '../csharp/command.ts';
import { keyColumns } from './constraints.ts';
import type { EfIndex, EfTable, SqlServerIndexOptions } from './model/ef-model.ts';
import { listOf, textOf } from './operation.ts';
import { BoundArguments } from './parameters.ts';
import { bracketed, columnIn, isInMemory, type SqlServerOperation, tableIn } from './sqlserver-operation.ts';

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
  const options = optionsOf(annotations);
  const traits = clusteringOf(options);
  const isMemoryOptimised = isInMemory(operation);
  if (isMemoryOptimised) {
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
  if (isMemoryOptimised) return [writer.add(';').done(true)];
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
  return [writer.add(withOptions(options)).add(';').done()];
}

/** What annotations say of an index; the columns that it includes stand in the document, and are written from there. */
function optionsOf(annotations: ReadonlyMap<string, Value>): SqlServerIndexOptions {
  const flag = (name: string): boolean | undefined => {
    const value = annotations.get(`SqlServer:${name}`);
    return value?.kind === 'boolean' ? value.value : undefined;
  };
  const clustered = flag('Clustered');
  const fillFactor = annotations.get('SqlServer:FillFactor');
  const compression = annotations.get('SqlServer:DataCompression');
  return {
    ...(clustered === undefined ? {} : { clustered }),
    ...(fillFactor?.kind === 'number' ? { fillFactor: fillFactor.sql } : {}),
    ...(flag('Online') === true ? { online: true } : {}),
    ...(flag('SortInTempDb') === true ? { sortInTempDb: true } : {}),
    ...(compression?.kind === 'member'
      ? { compression: compression.name.slice(compression.name.lastIndexOf('.') + 1) }
      : {}),
  };
}

function clusteringOf({ clustered }: SqlServerIndexOptions): string {
  return clustered === undefined ? '' : clustered ? 'CLUSTERED ' : 'NONCLUSTERED ';
}

function withOptions({ fillFactor, online, sortInTempDb, compression }: SqlServerIndexOptions): string {
  const options = [
    ...(fillFactor === undefined ? [] : [`FILLFACTOR = ${fillFactor}`]),
    ...(online === true ? ['ONLINE = ON'] : []),
    ...(sortInTempDb === true ? ['SORT_IN_TEMPDB = ON'] : []),
    ...(compression === undefined ? [] : [`DATA_COMPRESSION = ${compression.toUpperCase()}`]),
  ];
  return options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
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
  const isMemoryOptimised = isInMemory(operation);
  const writer = isMemoryOptimised
    ? write()
        .add('ALTER TABLE ')
        .relation(bound.get('schema'), bound.get('table'))
        .add(' DROP INDEX ')
        .name(bound.get('name'))
    : write().add('DROP INDEX ').name(bound.get('name')).add(' ON ').relation(bound.get('schema'), bound.get('table'));
  return [writer.add(';').done(isMemoryOptimised)];
}

/** The indexes that an operation drops first and makes again, with the table that they are on. */
export interface IndexesAround {
  readonly indexes: readonly EfIndex[];
  readonly table: EfTable | undefined;
  readonly isMemoryOptimised: boolean;
}

/** Indexes of the model that are sorted by a column or include it, apart from those that a later call of the method makes. */
export function indexesAround(
  operation: SqlServerOperation,
  table: EfTable | undefined,
  name: string | undefined,
): IndexesAround {
  const { call, siblings, bound } = operation;
  const isMemoryOptimised = isInMemory(operation);
  if (table === undefined || name === undefined || columnIn(table, name) === undefined)
    return { indexes: [], table, isMemoryOptimised };
  const later = siblings.slice(siblings.indexOf(call) + 1).flatMap((sibling) => {
    if (sibling.method !== 'CreateIndex') return [];
    const own = new BoundArguments(sibling);
    const isHere =
      textOf(own.get('table')) === textOf(bound.get('table')) &&
      textOf(own.get('schema')) === textOf(bound.get('schema'));
    return isHere ? [textOf(own.get('name'))] : [];
  });
  const indexes = table.indexes.filter(
    ({ columns, sqlServer, name: own }) =>
      (columns.includes(name) || sqlServer?.include?.includes(name) === true) && !later.includes(own),
  );
  return { indexes, table, isMemoryOptimised };
}

export function dropKnownIndexes(
  writer: CommandWriter,
  { bound }: SqlServerOperation,
  { indexes, isMemoryOptimised }: IndexesAround,
): CommandWriter {
  for (const { name } of indexes) {
    if (isMemoryOptimised)
      writer
        .add('ALTER TABLE ')
        .relation(bound.get('schema'), bound.get('table'))
        .add(` DROP INDEX ${bracketed(name)};\n`);
    else
      writer
        .add(`DROP INDEX ${bracketed(name)} ON `)
        .relation(bound.get('schema'), bound.get('table'))
        .add(';\n');
  }
  return writer;
}

export function createKnownIndexes(
  writer: CommandWriter,
  { bound, call }: SqlServerOperation,
  { indexes, table, isMemoryOptimised }: IndexesAround,
): CommandWriter {
  for (const index of indexes) {
    const options = index.sqlServer ?? {};
    const columns = index.columns.map(
      (column, place) =>
        `${bracketed(column)}${index.descending?.length === 0 || index.descending?.[place] === true ? ' DESC' : ''}`,
    );
    if (options.untold !== undefined)
      writer.unknown(`what ${options.untold} says of the index ${index.name} is not known`, call.span);
    if (isMemoryOptimised) {
      const isRequired = index.columns.every((column) => columnIn(table, column)?.isNullable === false);
      writer.add('ALTER TABLE ').relation(bound.get('schema'), bound.get('table'));
      writer.add(` ADD INDEX ${bracketed(index.name)} ${index.isUnique && isRequired ? 'UNIQUE ' : ''}`);
      writer.add(`${clusteringOf(options)}(${columns.join(', ')});\n`);
      continue;
    }
    writer.add(`CREATE ${index.isUnique ? 'UNIQUE ' : ''}${clusteringOf(options)}INDEX ${bracketed(index.name)} ON `);
    writer.relation(bound.get('schema'), bound.get('table')).add(` (${columns.join(', ')})`);
    if (options.include !== undefined && options.include.length > 0)
      writer.add(` INCLUDE (${options.include.map(bracketed).join(', ')})`);
    writer.add(`${index.filter === undefined ? '' : ` WHERE ${index.filter}`}${withOptions(options)};\n`);
  }
  return writer;
}
