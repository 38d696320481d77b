import { languageOf } from '../tools/language-of.ts';
import { directivesOf } from './directives-of.ts';
import type { MigrationFile } from '../model/migration.ts';
import type { Phase } from '../planner/step.ts';
import type { RunConcern, StatusReport } from './report.ts';
import type { RunExtent, RunnerProject } from './runner.ts';

/** Migrations that a run would take, in its order, or why it cannot; `run-words.ts` has the sentences. */
export type RunPlan = { readonly kind: 'planned'; readonly migrations: readonly MigrationFile[] } | NoRun;

/** Why there is no run. */
export type NoRun =
  /** A person may say that it goes on all the same. */
  | { readonly kind: 'stopped'; readonly direction: 'up' | 'down'; readonly reason: RunDoubt }
  | { readonly kind: 'refused'; readonly reason: RunObstacle };

/** What `status` says against a run, by the concern that a person may pass over. */
export type RunDoubt =
  /** `problem`: the format's own sentences. */
  | { readonly code: 'problems'; readonly problem: string }
  | { readonly code: 'drifted' | 'missing'; readonly id: string };

/** What stands in the way of a run, or of one migration of it. */
export type RunObstacle =
  /** `why`: the tool's sentence; `command`: what does it instead, undefined where there is nothing. */
  | {
      readonly code: 'own-command';
      readonly direction: 'up' | 'down';
      readonly why: string;
      readonly tool: string;
      readonly command: string | undefined;
    }
  | { readonly code: 'no-such-migration'; readonly id: string; readonly folder: string }
  | { readonly code: 'late-arrival'; readonly id: string; readonly tool: string; readonly isRefused: boolean }
  | FailedEarlier
  | {
      readonly code: 'applied-in-part' | 'reverted-in-part' | 'applied-already' | 'not-applied' | 'file-gone';
      readonly id: string;
    }
  | NoWayBack;

/** The history calls it failed, and no mark of Lockstep's own goes on with it. `byToolOnly`: nobody else writes the history. */
export interface FailedEarlier {
  readonly code: 'failed-earlier';
  readonly id: string;
  readonly byToolOnly: boolean;
  readonly tool: string;
}

/** Why a migration has no way back. `reason`: as its author wrote it. */
export type NoWayBack =
  | { readonly code: 'no-down-half' | 'down-half-empty'; readonly id: string }
  | { readonly code: 'irreversible'; readonly id: string; readonly reason: string };

const PHASES: readonly Phase[] = ['expand', 'migrate', 'contract'];

/** How much of a run's extent is taken, and what a person wants to pass over. */
export interface RunLimits {
  readonly phase?: Phase | undefined;
  readonly despite?: readonly RunConcern[] | undefined;
  /** The tool's own command carries it out, where the tool has one that Lockstep runs. */
  readonly byCommand?: boolean | undefined;
}

/** What apply (`up`) or revert (`down`) would run, given the status of the database. */
export function planRun(
  project: RunnerProject,
  status: StatusReport,
  direction: 'up' | 'down',
  extent: RunExtent,
  limits: RunLimits = {},
): RunPlan {
  const named = limits.byCommand === true ? undefined : namedCommand(project, direction);
  if (named !== undefined) return refused(named);
  const plan =
    direction === 'up' ? planApply(project, status, extent, limits.phase) : planRevert(project, status, extent);
  if (plan.kind !== 'planned' || plan.migrations.length === 0) return plan;
  return concernOf(status, direction, plan.migrations, limits.despite ?? []) ?? plan;
}

function refused(reason: RunObstacle): RunPlan {
  return { kind: 'refused', reason };
}

/** The tool's own command, where only that may run the project's migrations. */
function namedCommand({ applier, tool }: RunnerProject, direction: 'up' | 'down'): RunObstacle | undefined {
  return applier.kind === 'command'
    ? {
        code: 'own-command',
        direction,
        why: applier.why,
        tool: tool.title,
        command: direction === 'up' ? applier.apply : applier.revert,
      }
    : undefined;
}

/** What `status` says against a run, unless a person passes over it. */
function concernOf(
  status: StatusReport,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
  despite: readonly RunConcern[],
): RunPlan | undefined {
  const isUp = direction === 'up';
  const planned = new Set(migrations.map((migration) => migration.id));
  const problem = isUp ? status.problems.find((candidate) => candidate.stopsRuns === true) : undefined;
  const drifted = status.migrations.find(({ state, id }) => state === 'drifted' && (isUp || planned.has(id)));
  const missing = isUp ? status.migrations.find(({ state }) => state === 'missing') : undefined;
  const doubts: readonly RunDoubt[] = [
    ...(problem === undefined ? [] : [{ code: 'problems' as const, problem: problem.message }]),
    ...(drifted === undefined ? [] : [{ code: 'drifted' as const, id: drifted.id }]),
    ...(missing === undefined ? [] : [{ code: 'missing' as const, id: missing.id }]),
  ];
  const reason = doubts.find(({ code }) => !despite.includes(code));
  return reason === undefined ? undefined : { kind: 'stopped', direction, reason };
}

function planApply(project: RunnerProject, status: StatusReport, extent: RunExtent, phase: Phase | undefined): RunPlan {
  const state = new Map(status.migrations.map((migration) => [migration.id, migration]));
  const failed = status.migrations.find((migration) => migration.state === 'failed' && migration.goesOnBy !== 'apply');
  if (failed !== undefined)
    return refused(
      failed.goesOnBy === 'revert' ? { code: 'reverted-in-part', id: failed.id } : failedEarlier(project, failed.id),
    );
  // What was begun goes on where it ended; any other failure was refused above.
  const isPending = (migration: MigrationFile): boolean =>
    ['pending', 'out-of-order', 'repeatable-outdated', 'failed'].includes(state.get(migration.id)?.state ?? '');
  let pending = project.migrations.migrations.filter(isPending);
  if (extent.kind === 'to') {
    const target = project.migrations.migrations.findIndex((migration) => migration.id === extent.id);
    if (target < 0) return refused({ code: 'no-such-migration', id: extent.id, folder: project.folder });
    if (state.get(extent.id)?.state === 'applied') return refused({ code: 'applied-already', id: extent.id });
    pending = project.migrations.migrations.slice(0, target + 1).filter(isPending);
  }
  const late =
    project.history.lateArrival === 'runs'
      ? undefined
      : pending.find((migration) => state.get(migration.id)?.state === 'out-of-order');
  if (late !== undefined) {
    return refused({
      code: 'late-arrival',
      id: late.id,
      tool: project.tool.title,
      isRefused: project.history.lateArrival === 'refused',
    });
  }
  if (phase !== undefined) {
    const most = PHASES.indexOf(phase);
    const stop = pending.findIndex((migration) => {
      const { change } = directivesOf(project, migration);
      return change !== undefined && PHASES.indexOf(change.phase) > most;
    });
    if (stop >= 0) pending = pending.slice(0, stop);
  }
  if (extent.kind === 'next') pending = pending.slice(0, 1);
  if (extent.kind === 'steps') pending = pending.slice(0, extent.count);
  return { kind: 'planned', migrations: pending };
}

function planRevert(project: RunnerProject, status: StatusReport, extent: RunExtent): RunPlan {
  const files = new Map(project.migrations.migrations.map((migration) => [migration.id, migration]));
  const begun = status.migrations.find((migration) => migration.goesOnBy === 'apply');
  if (begun !== undefined) return refused({ code: 'applied-in-part', id: begun.id });
  const failed = status.migrations.find(({ state, goesOnBy }) => state === 'failed' && goesOnBy === undefined);
  if (failed !== undefined) return refused(failedEarlier(project, failed.id));
  const applied = status.migrations.filter(
    (migration) =>
      migration.state === 'applied' ||
      migration.state === 'drifted' ||
      migration.state === 'missing' ||
      migration.goesOnBy === 'revert',
  );
  // What is repeatable is no step that could be taken back: it runs again when its text changes.
  const newestFirst = [...applied].reverse().filter(({ id }) => files.get(id)?.kind !== 'repeatable');
  let ids = newestFirst.map((migration) => migration.id);
  if (extent.kind === 'to') {
    const target = ids.indexOf(extent.id);
    if (target < 0) return refused({ code: 'not-applied', id: extent.id });
    ids = ids.slice(0, target);
  } else if (extent.kind === 'next') ids = ids.slice(0, 1);
  else if (extent.kind === 'steps') ids = ids.slice(0, extent.count);
  const migrations: MigrationFile[] = [];
  for (const id of ids) {
    const file = files.get(id);
    if (file === undefined) return refused({ code: 'file-gone', id });
    const obstacle = whyIrreversible(project, file);
    if (obstacle !== undefined) return refused(obstacle);
    migrations.push(file);
  }
  return { kind: 'planned', migrations };
}

export function failedEarlier({ history, tool }: RunnerProject, id: string): FailedEarlier {
  return { code: 'failed-earlier', id, byToolOnly: history.isReadOnly === true, tool: tool.title };
}

/** Why a migration has no way back; undefined where it has one. */
export function whyIrreversible(project: RunnerProject, migration: MigrationFile): NoWayBack | undefined {
  const { downPath, id } = migration;
  const headers = downPath === undefined ? undefined : project.headersOf(downPath);
  const section = headers?.section(migration, 'down');
  if (downPath === undefined || headers === undefined || section === undefined) return { code: 'no-down-half', id };
  const { irreversible } = headers.directivesWithin(section.span);
  if (irreversible !== undefined) return { code: 'irreversible', id, reason: irreversible.reason };
  return languageOf(project.format, downPath).split(project.engine, headers.text, section.span, undefined, section.turn)
    .length === 0
    ? { code: 'down-half-empty', id }
    : undefined;
}
