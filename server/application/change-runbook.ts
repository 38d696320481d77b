import { runbook, type RunbookStep } from '../analysis/runbook.ts';
import { directivesOfSteps, type ChangeInHand } from '../runner/change-actions.ts';
import { whyIrreversible } from '../runner/plan-run.ts';
import { irreversibleWords } from '../runner/run-words.ts';
import type { FolderProject } from './folder-project.ts';

/** The runbook of a change of the project; `change` must be one of its own. */
export function changeRunbook(project: FolderProject, change: ChangeInHand): string {
  const { migrations } = project.migrations;
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
  );
}
