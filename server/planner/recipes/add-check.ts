import type { Recipe } from '../plan.ts';
import { changeIdOf } from '../names.ts';
import { newConstraint } from './new-constraint.ts';
import { notValidSteps } from './not-valid-steps.ts';
import { tableTarget } from './table-target.ts';

/** ADD CHECK: new rows are checked at once, old rows later under a weak lock. */
export const addCheck: Recipe = {
  name: 'add-check',
  title: 'Add a check',
  plan(request, context) {
    const added = newConstraint(request, context, 'check');
    if (added === undefined) return { kind: 'refused', reason: 'The name of this check cannot be told: write ADD CONSTRAINT name CHECK (...)' };
    const table = tableTarget(context, added.operation.relation);
    return {
      kind: 'planned',
      plan: {
        id: changeIdOf(added.name), title: `Add check ${added.name}`,
        steps: notValidSteps(context, table, added, { what: 'check', note: 'From here on no row can be written that breaks it; the running version must not write any, nor update an old row that does.' }),
      },
    };
  },
};
