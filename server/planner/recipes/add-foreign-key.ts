import { displayName } from '../../model/names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf } from '../names.ts';
import { newConstraint } from '../parts/new-constraint.ts';
import { notValidSteps } from '../parts/not-valid-steps.ts';
import { tableTarget } from '../parts/table-target.ts';
import { afterDeploy, meetsForeignKey } from '../parts/running-version.ts';
import { planRebuild } from './rebuild-table.ts';

/** ADD FOREIGN KEY: new rows are checked at once, old rows later under a weak lock. */
export const addForeignKey: Recipe = {
  name: 'add-foreign-key',
  title: 'Add a foreign key',
  plans: { postgresql: plan, sqlite: planRebuild },
};

function plan(request: ChangeRequest, context: PlanContext): PlanResult {
  const added = newConstraint(request, context, 'foreign-key');
  if (added === undefined)
    return {
      kind: 'refused',
      reason: 'The name of this foreign key cannot be told: write ADD CONSTRAINT name FOREIGN KEY ...',
    };
  const table = tableTarget(context, added.operation.relation);
  if (table.relation?.kind === 'partitioned-table' && context.target.version < 18) {
    return {
      kind: 'refused',
      reason: `${table.shown} is partitioned, and PostgreSQL ${context.target.version} cannot add a foreign key NOT VALID to it: add the key to each partition first.`,
    };
  }
  const parent =
    added.definition.references === undefined ? 'the other table' : displayName(added.definition.references.relation);
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(added.name),
      title: `Add foreign key ${added.name}`,
      steps: afterDeploy(
        notValidSteps(context, table, added, {
          what: 'foreign key',
          note: `Takes SHARE ROW EXCLUSIVE on ${table.shown} and on ${parent} for a moment. From here on no orphan can be written.`,
        }),
        added.definition.kind === 'foreign-key' &&
          meetsForeignKey(context, added.operation.relation, added.definition, request.isFilled === true),
        `version that writes no ${table.shown}.${added.definition.columns.join(', ')} without its row in ${parent}, and deletes none there that one needs`,
      ),
    },
  };
}
