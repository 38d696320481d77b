import { runbook, type RunbookStep } from '../analysis/runbook.ts';
import { deploysOf, directivesOfSteps, type ChangeInHand } from '../runner/change-actions.ts';
import { whyIrreversible } from '../runner/plan-run.ts';
import { irreversibleWords } from '../runner/run-words.ts';
import type { FolderProject } from './folder-project.ts';

/** The runbook of a change of the project; `change` must be one of its own. */
export function changeRunbook(project: FolderProject, change: ChangeInHand): string {
  const { migrations } = project.migrations;
  const [first, last] = [change.steps[0]?.id, change.steps.at(-1)?.id];
  const firstIndex = migrations.findIndex(({ id }) => id === first);
  const before = migrations[firstIndex - 1]?.id;
  return runbook(
    change.id,
    directivesOfSteps(change).flatMap(({ step, directives }): RunbookStep[] => {
      const index = migrations.findIndex((migration) => migration.id === step.id);
      const migration = migrations[index];
      if (migration === undefined) return [];
      const irreversible = whyIrreversible(project, migration);
      return [
        {
          migration: step.id,
          path: migration.upPath,
          directives,
          explained: project.explain(migration.upPath),
          previous: migrations[index - 1]?.id ?? null,
          irreversible: irreversible === undefined ? null : irreversibleWords(irreversible),
          state: step.state === 'unknown' ? null : step.state,
        },
      ];
    }),
    first === undefined || last === undefined || before === undefined
      ? []
      : project.format.programSection?.({
          id: change.id,
          deploy: deploysOf(change)[0],
          before: project.schemaAfter(before),
          after: project.schemaAfter(last),
        }),
  );
}
