import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf, slugOf } from '../names.ts';
import { backfillStep } from '../parts/backfill.ts';
import { conjunctsOf } from '../parts/check-truth.ts';
import { oldRowsValue } from '../parts/fill-value.ts';
import { newConstraint, type NewConstraint } from '../parts/new-constraint.ts';
import { notValidSteps } from '../parts/not-valid-steps.ts';
import { afterDeploy, meetsCheck, meetsNotNull } from '../parts/running-version.ts';
import { planRebuild } from './rebuild-table.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';
import type { Step } from '../step.ts';

/** ADD CHECK: new rows are checked at once, old rows later under a weak lock. */
export const addCheck: Recipe = {
  name: 'add-check',
  title: 'Add a check',
  plans: { postgresql: plan, sqlite: sqliteCheck },
};

function plan(request: ChangeRequest, context: PlanContext): PlanResult {
  const added = newConstraint(request, context, 'check');
  if (added === undefined)
    return {
      kind: 'refused',
      reason: 'The name of this check cannot be told: write ADD CONSTRAINT name CHECK (...)',
    };
  const table = tableTarget(context, added.operation.relation);
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(added.name),
      title: `Add check ${added.name}`,
      steps: afterDeploy(
        [
          ...(request.isFilled === true ? [] : fillSteps(context, table, added)),
          ...notValidSteps(context, table, added, {
            what: 'check',
            note: 'From here on no row can be written that breaks it, nor an old row that does be updated.',
          }),
        ],
        meetsCheck(context, added.operation.relation, added.definition.expression),
        `version that writes no row of ${table.shown} that breaks ${added.name}`,
      ),
    },
  };
}

/** Old rows without a value break IS NOT NULL, as they would SET NOT NULL: they are filled before. */
function fillSteps(
  context: PlanContext,
  table: TableTarget,
  { operation, definition }: NewConstraint,
): readonly Step[] {
  const parts = definition.expression === undefined ? [] : conjunctsOf(definition.expression.tree);
  return parts.flatMap((part) => {
    const column =
      part.kind === 'null-test' && part.negated && part.operands[0].kind === 'column'
        ? part.operands[0].path.at(-1)
        : undefined;
    if (column === undefined || meetsNotNull(context, operation.relation, column)) return [];
    const value = oldRowsValue(context, table, column);
    const quoted = context.engine.quoteName(column);
    return [
      backfillStep(context, {
        table,
        column,
        assignment: `${quoted} = ${value.sql}`,
        predicate: `${quoted} IS NULL`,
        requires: [],
        notes: value.notes,
        asked: value.asked,
      }),
    ];
  });
}

/** SQLite: one statement where the version has it, which reads every row and fails where one breaks the check; else a rebuild. */
function sqliteCheck(request: ChangeRequest, context: PlanContext): PlanResult {
  const added = newConstraint(request, context, 'check');
  if (
    added?.definition.name === undefined ||
    context.target.version < context.engine.product.capabilities.altersChecksSince
  )
    return planRebuild(request, context);
  const table = tableTarget(context, added.operation.relation);
  if (
    table.relation?.constraints.some((constraint) => constraint.name.toLowerCase() === added.name.toLowerCase()) ===
    true
  )
    return { kind: 'refused', reason: `${table.shown} has a constraint "${added.name}" already: choose another name.` };
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(added.name),
      title: `Add check ${added.name}`,
      steps: [
        {
          phase: 'contract',
          title: `Add check ${added.name}`,
          slug: slugOf('add', added.name),
          up: `${table.alter} ADD ${added.text};`,
          down: `${table.alter} DROP CONSTRAINT ${context.engine.quoteName(added.name)};`,
          transaction: 'one',
          requires: [
            { kind: 'deploy', description: `version that writes no row of ${table.shown} that breaks the check` },
          ],
          notes: [
            "Reads every row under the database's write lock; readers go on in WAL mode. It fails, and changes nothing, where a row breaks the check.",
          ],
        },
      ],
    },
  };
}
