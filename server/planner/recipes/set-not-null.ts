import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf } from '../names.ts';
import { backfillStep } from '../parts/backfill.ts';
import { rebuildSteps, requireSteps } from '../parts/require-steps.ts';
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
  const known = table.relation?.columns.find((candidate) => candidate.name === column);
  const value =
    isFilled === true ? undefined : (known?.default?.text ?? context.dialect.placeholder(known?.type, context.schema));
  const quoted = context.dialect.quoteName(column);
  const deploy = {
    kind: 'deploy' as const,
    description: `version that writes ${table.shown}.${column} in every INSERT and never sets it to NULL`,
  };
  // The requirement stands before the first step: the backfill where there is one.
  const requires = value === undefined ? [deploy] : [];
  const required =
    context.target.version < context.dialect.product.capabilities.setsNotNullSince
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
                assignment: `${quoted} = ${value}`,
                predicate: `${quoted} IS NULL`,
                requires: [deploy],
                notes: [`Choose the value for rows that have none: ${value} only stands in for it.`],
              }),
              ...required,
            ],
    },
  };
}
