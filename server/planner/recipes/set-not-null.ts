import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf } from '../names.ts';
import { backfillStep } from '../parts/backfill.ts';
import { constraintsOver, indexesOver } from '../parts/column-users.ts';
import { fillValue, type FillValue } from '../parts/fill-value.ts';
import { rebuildSteps, requireSteps } from '../parts/require-steps.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/** SET NOT NULL on an existing column: old rows are filled, then the column is required without a long lock. */
export const setNotNull: Recipe = {
  name: 'set-not-null',
  title: 'Make a column required',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation, isFilled }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'set-not-null') return { kind: 'refused', reason: 'This is not SET NOT NULL.' };
  const { column } = operation.action;
  const table = tableTarget(context, operation.relation);
  const value = isFilled === true ? undefined : oldRowsValue(context, table, column);
  const quoted = context.engine.quoteName(column);
  const deploy = {
    kind: 'deploy' as const,
    description: `version that writes ${table.shown}.${column} in every INSERT and never sets it to NULL`,
  };
  // The requirement stands before the first step: the backfill where there is one.
  const requires = value === undefined ? [deploy] : [];
  const required =
    context.target.version < context.engine.product.capabilities.setsNotNullSince
      ? rebuildSteps(table, column, context.schema, requires)
      : requireSteps(context, table, column, requires);
  if (typeof required === 'string') return { kind: 'refused', reason: required };
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column),
      title: `Require ${table.shown}.${column}`,
      steps:
        value === undefined
          ? required
          : [
              backfillStep(context, {
                table,
                column,
                assignment: `${quoted} = ${value.sql}`,
                predicate: `${quoted} IS NULL`,
                requires: [deploy],
                notes: value.notes,
                asked: value.asked,
              }),
              ...required,
            ],
    },
  };
}

/** What rows without a value get: the column's own default, or what a person says. */
function oldRowsValue(context: PlanContext, table: TableTarget, column: string): FillValue {
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
