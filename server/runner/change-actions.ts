import type { Clock } from '../core/ports.ts';
import type { Connection } from '../drivers/driver.ts';
import type { Directives } from '../model/directives.ts';
import { recordMet } from './change-records.ts';
import { directivesOfId } from './directives-of.ts';
import { compareSides, type ParityResult, sidesAgree } from './parity.ts';
import type { MigrationStatus, StatusReport } from './report.ts';
import type { RunnerProject } from './runner.ts';

/** A change as it stands in the folder and on a database. */
export interface ChangeInHand {
  readonly id: string;
  readonly project: RunnerProject;
  /** In order. */
  readonly steps: readonly MigrationStatus[];
}

/** Why nothing was met for a change. */
export type ChangeRefusal =
  /** No step waits for a deploy, or for the one that was named. */
  | { readonly code: 'no-deploy'; readonly change: string; readonly deploy: string | null }
  /** No step says what is to be compared. */
  | { readonly code: 'no-parity'; readonly change: string }
  /** A step before the contract is not applied, so that old and new cannot agree. */
  | { readonly code: 'step-open'; readonly change: string; readonly migration: string };

type ChangeResult<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'refused'; readonly reason: ChangeRefusal };

/** How old and new compare; `agrees` is what was recorded. */
export interface ParityOutcome {
  readonly agrees: boolean;
  readonly checks: readonly ParityResult[];
}

/** Steps of a change by its id; none where there is no such change. */
export function changeInHand(project: RunnerProject, report: StatusReport, id: string): ChangeInHand {
  return { id, project, steps: report.migrations.filter((migration) => migration.change === id) };
}

/** What the headers of a change's steps say, step by step. */
export function directivesOfSteps({
  project,
  steps,
}: ChangeInHand): readonly { readonly step: MigrationStatus; readonly directives: Directives }[] {
  return steps.map((step) => ({ step, directives: directivesOfId(project, step.id) }));
}

/** Deploys that steps of a change wait for, in order. */
export function deploysOf(change: ChangeInHand): readonly string[] {
  return directivesOfSteps(change).flatMap(({ directives }) =>
    directives.requires.flatMap((requirement) => (requirement.kind === 'deploy' ? [requirement.description] : [])),
  );
}

/**
 * Records a person's word that deploys have happened: one, or all that the change names.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function confirmDeploys(
  connection: Connection,
  change: ChangeInHand,
  clock: Clock,
  by: string,
  only?: string,
): Promise<ChangeResult<readonly string[]>> {
  const deploys = deploysOf(change).filter((description) => only === undefined || description === only);
  if (deploys.length === 0)
    return { kind: 'refused', reason: { code: 'no-deploy', change: change.id, deploy: only ?? null } };
  for (const description of deploys)
    await recordMet(connection, {
      change: change.id,
      requirement: 'deploy',
      description,
      metAt: clock.now().toISOString(),
      metBy: by,
    });
  return { kind: 'done', value: deploys };
}

/**
 * Compares what the change's steps say is to be compared; that old and new agree is recorded, so that the contract may run.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function checkChangeParity(
  connection: Connection,
  change: ChangeInHand,
  clock: Clock,
  by: string,
  signal?: AbortSignal,
): Promise<ChangeResult<ParityOutcome>> {
  const parities = directivesOfSteps(change).flatMap(({ directives }) => directives.parity ?? []);
  if (parities.length === 0) return { kind: 'refused', reason: { code: 'no-parity', change: change.id } };
  const open = change.steps.find(
    (step) => step.phase !== 'contract' && step.state !== 'applied' && step.state !== 'drifted',
  );
  if (open !== undefined)
    return { kind: 'refused', reason: { code: 'step-open', change: change.id, migration: open.id } };
  const checks: ParityResult[] = [];
  for (const parity of parities) checks.push(await compareSides(connection, parity, signal));
  const agrees = signal?.aborted !== true && checks.every(sidesAgree);
  if (agrees)
    await recordMet(connection, {
      change: change.id,
      requirement: 'parity',
      description: '',
      metAt: clock.now().toISOString(),
      metBy: by,
    });
  return { kind: 'done', value: { agrees, checks } };
}

/** `1,200 rows compared, all agree`, a line a table. */
export function parityLines({ checks }: ParityOutcome): readonly string[] {
  return checks.map(
    (check) =>
      `${check.table}: ${check.rows} rows compared, ${check.differing === 0 ? 'all agree' : `${check.differing} differ${placesOf(check)}`}`,
  );
}

/** In which rows, counted in the order of the key: their keys are row values and are not shown. */
function placesOf(check: ParityResult): string {
  if (check.ranges.length < 2) return '';
  return ` (${check.ranges
    .filter((range) => range.differing > 0)
    .map((range) => `${range.differing} in rows ${range.firstRow}-${range.firstRow + range.rows - 1}`)
    .join(', ')})`;
}
