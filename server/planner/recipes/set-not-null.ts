import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Requirement } from '../step.ts';
import { changeIdOf } from '../names.ts';
import { backfillStep } from '../parts/backfill.ts';
import { oldRowsValue } from '../parts/fill-value.ts';
import { rebuildSteps, requireSteps } from '../parts/require-steps.ts';
import { meetsNotNull } from '../parts/running-version.ts';
import { tableTarget } from '../parts/table-target.ts';

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
  const deploys: readonly Requirement[] = meetsNotNull(context, operation.relation, column)
    ? []
    : [
        {
          kind: 'deploy',
          description: `version that writes ${table.shown}.${column} in every INSERT and never sets it to NULL`,
        },
      ];
  // The requirement stands before the first step: the backfill where there is one.
  const requires = value === undefined ? deploys : [];
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
                requires: deploys,
                notes: value.notes,
                asked: value.asked,
              }),
              ...required,
            ],
    },
  };
}
