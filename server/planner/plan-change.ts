import type { ChangeRequest, PlanContext, PlanResult } from './plan.ts';
import { RECIPES } from './recipes/index.ts';

/** The steps of a change, or the sentence that says why there are none. */
export function planChange(request: ChangeRequest, context: PlanContext): PlanResult {
  const recipe = RECIPES.find((candidate) => candidate.name === request.recipe);
  return recipe === undefined ? { kind: 'refused', reason: `There is no recipe "${request.recipe}".` } : recipe.plan(request, context);
}
