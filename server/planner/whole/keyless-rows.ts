import { type ExpressionTree, walkExpression } from '../../model/expression.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from '../parts/table-target.ts';

/** Functions that give the same of the same, whoever calls them. Source: PostgreSQL manual, chapter 9, and pg_proc.provolatile. */
const SAME = new Set(
  'abs btrim ceil coalesce floor greatest initcap least left length lower lpad ltrim md5 nullif replace right round rpad rtrim split_part substr substring trim upper'.split(
    ' ',
  ),
);

/** Types of which no two values are the same, or not the same in the same way as is written. */
const WITHOUT_EQUALITY = new Set(['json', 'xml', 'point', 'box', 'circle', 'path', 'polygon']);

/** One assignment of the statement: the column without quotes, and its value as tree and as SQL. */
export interface Assigned {
  readonly column: string;
  readonly value: ExpressionTree;
  readonly sql: string;
}

/**
 * The condition that holds for the rows of a table without a key that an UPDATE has yet to change, and for none that it has:
 * only by that is there an end to its batches. A text says why there is none.
 */
export function undoneRows(
  {
    reference,
    assigned,
    fresh,
    hasOthers,
  }: {
    /** The table as the statement calls it. */
    readonly reference: string;
    readonly assigned: readonly Assigned[];
    /** Columns that the migration itself adds. */
    readonly fresh: readonly string[];
    /** Whether other tables stand in its FROM. */
    readonly hasOthers: boolean;
  },
  table: TableTarget,
  { engine }: PlanContext,
): string | { readonly sql: string } {
  const written = ({ column }: Assigned): string => `${reference}.${engine.quoteName(column)}`;
  // What was empty and gets a value is done with that; what gets none has nothing to be done.
  if (assigned.every(({ column }) => fresh.includes(column)))
    return { sql: either(assigned.map((each) => `${written(each)} IS NULL AND (${each.sql}) IS NOT NULL`)) };
  const noKey = `${table.shown} has no primary key to make batches by, and`;
  if (hasOthers)
    return `${noKey} which of its rows are done cannot be told where several rows of another table may meet one: give it a key first, or change the rows by a script.`;
  const names = new Set(assigned.map(({ column }) => column));
  const moving = assigned.find(({ value }) => !isSame(value, names));
  if (moving !== undefined)
    return `${noKey} the value of "${moving.column}" does not tell which rows have it: give it a key first, or change the rows by a script.`;
  const conditions = assigned.map((each) => {
    const type = table.relation?.columns.find(({ name }) => name === each.column)?.type;
    return type === undefined || WITHOUT_EQUALITY.has(type.name)
      ? undefined
      : `${written(each)} IS DISTINCT FROM CAST(${each.sql} AS ${type.display})`;
  });
  if (conditions.includes(undefined))
    return `${noKey} values of the type of "${assigned[conditions.indexOf(undefined)]?.column ?? ''}" are not compared: give it a key first, or change the rows by a script.`;
  const trigger = table.relation?.triggers.find(
    (each) => each.timing === 'before' && each.forEachRow && each.events.includes('update'),
  );
  if (trigger !== undefined)
    return `${noKey} the trigger ${trigger.name} may write other values than the statement's: give it a key first, or change the rows by a script.`;
  return { sql: either(conditions.flatMap((each) => each ?? [])) };
}

function either(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.map((each) => `(${each})`).join(' OR ')})`;
}

/** Whether a value is the same whenever it is worked out, whatever of the columns is written. */
function isSame(value: ExpressionTree, written: ReadonlySet<string>): boolean {
  return [...walkExpression(value)].every((part) => {
    switch (part.kind) {
      case 'column':
        return !written.has(part.path.at(-1) ?? '');
      case 'call':
        return SAME.has(part.name.toLowerCase());
      case 'literal':
      case 'operator':
      case 'cast':
      case 'null-test':
      case 'boolean':
        return true;
      default:
        return false;
    }
  });
}
