import { type AskedValue, valuePlace } from '../../model/asked-value.ts';
import type { Column } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import { constraintsOver, indexesOver } from './column-users.ts';
import type { TableTarget } from './table-target.ts';

/** SQL of the value that a column gets in old rows; `asked` where a person still has to write it. */
export interface FillValue {
  readonly sql: string;
  readonly asked?: AskedValue;
  readonly notes: readonly string[];
}

/** The value that a person gave for a column, or the place where it is to be written: none is made up. */
export function fillValue(
  { engine, schema, values }: PlanContext,
  table: TableTarget,
  column: Pick<Column, 'name' | 'type'>,
  isOneForAll: boolean,
): FillValue {
  const name = `${table.shown}.${column.name}`;
  const given = values?.get(name) ?? values?.get(column.name);
  if (given !== undefined) return { sql: given, notes: [] };
  // One value for all rows is none for a key, whether it is unique or points at another table.
  const suggestion = isOneForAll ? engine.placeholder(column.type, schema) : undefined;
  return {
    sql: valuePlace(name),
    asked: { name, type: column.type?.display ?? '', ...(suggestion === undefined ? {} : { suggestion }) },
    notes: [
      `Write the value of ${name} that old rows get in place of lockstep_value(...), wherever it stands below: an expression over the row will do. Until then no database runs this step.`,
    ],
  };
}

/** What rows without a value get: the column's own default, or what a person says. */
export function oldRowsValue(context: PlanContext, table: TableTarget, column: string): FillValue {
  const known = table.relation?.columns.find((candidate) => candidate.name === column);
  if (known?.default !== undefined) return { sql: known.default.text, notes: [] };
  const isKey =
    table.relation === undefined ||
    [...constraintsOver(table.relation, column)].some(({ kind }) => kind !== 'check' && kind !== 'not-null') ||
    indexesOver(context.schema, table.relation, column).some(({ unique }) => unique);
  return fillValue(
    context,
    table,
    { name: column, ...(known?.type === undefined ? {} : { type: known.type }) },
    !isKey,
  );
}
