import type { TableAction } from '../../model/operation.ts';
import { slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { Step } from '../step.ts';

/** DROP DEFAULT of a required column: when no running version leaves the column out. */
export function droppedDefault(
  { relation, action }: TableAction,
  text: string,
  context: PlanContext,
): Step | undefined {
  if (action.kind !== 'drop-default') return undefined;
  const table = tableTarget(context, relation);
  const old = table.relation?.columns.find((column) => column.name === action.column)?.default;
  return {
    phase: 'contract',
    title: `Drop the default of ${table.shown}.${action.column}`,
    slug: slugOf('drop_default', table.name, action.column),
    up: `${text};`,
    ...(old === undefined
      ? { irreversible: `the default of ${table.shown}.${action.column} was not known.` }
      : { down: `${table.alter} ALTER COLUMN ${context.engine.quoteName(action.column)} SET DEFAULT ${old.text};` }),
    transaction: 'one',
    requires: [{ kind: 'deploy', description: `version that writes ${table.shown}.${action.column} in every INSERT` }],
    notes: [],
  };
}
