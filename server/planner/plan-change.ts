import { type ChangeRequest, type PlanContext, planBy, type PlanResult } from './plan.ts';
import { RECIPES } from './recipes/index.ts';
import type { Step } from './step.ts';

/** The steps of a change, or the sentence that says why there are none. */
export function planChange(request: ChangeRequest, context: PlanContext): PlanResult {
  const recipe = RECIPES.find((candidate) => candidate.name === request.recipe);
  if (recipe === undefined) return { kind: 'refused', reason: `There is no recipe "${request.recipe}".` };
  const result = planBy(recipe, request, context);
  return result.kind === 'refused'
    ? result
    : { kind: 'planned', plan: { ...result.plan, steps: withDeploys(result.plan.steps) } };
}

/** The steps, each with a note of what to deploy behind it where the next one waits for that. */
function withDeploys(steps: readonly Step[]): readonly Step[] {
  return steps.map((step, index) => {
    const next = steps[index + 1]?.requires.find((requirement) => requirement.kind === 'deploy');
    if (next?.kind !== 'deploy' || step.notes.some((note) => note.startsWith('Deploy next'))) return step;
    return { ...step, notes: [...step.notes, `Deploy next: a ${next.description}.`] };
  });
}
