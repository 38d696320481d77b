import type { Command } from '../csharp/command.ts';
import { keyColumns } from './constraints.ts';
import { literalWords } from './npgsql-table.ts';
import { type Operation, textOf } from './operation.ts';

const NULL_ORDERS: Readonly<Record<string, string>> = { NullsFirst: ' NULLS FIRST', NullsLast: ' NULLS LAST' };

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

export function createIndex({ bound, annotations, write }: Operation): readonly Command[] {
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
