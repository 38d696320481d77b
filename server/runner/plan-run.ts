import { languageOf } from '../tools/language-of.ts';
import { directivesOf } from './directives-of.ts';
import type { MigrationFile } from '../model/migration.ts';
import type { Phase } from '../planner/step.ts';
import type { RunConcern, RunStop, StatusReport } from './report.ts';
import type { RunExtent, RunnerProject } from './runner.ts';

/** Migrations that a run would take, in its order, or why it cannot: a sentence that says what to do. */
export type RunPlan =
  | { readonly kind: 'planned'; readonly migrations: readonly MigrationFile[] }
  /** A person may say that it goes on all the same. */
  | ({ readonly kind: 'stopped'; readonly concern: RunConcern } & RunStop)
  | { readonly kind: 'refused'; readonly message: string };

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
  if (named !== undefined) return { kind: 'refused', message: named };
  const plan =
    direction === 'up' ? planApply(project, status, extent, limits.phase) : planRevert(project, status, extent);
  if (plan.kind !== 'planned' || plan.migrations.length === 0) return plan;
  return concernOf(status, direction, plan.migrations, limits.despite ?? []) ?? plan;
}

/** The tool's own command, where only that may run the project's migrations: sentences. */
function namedCommand({ applier, tool }: RunnerProject, direction: 'up' | 'down'): string | undefined {
  if (applier.kind !== 'command') return undefined;
  if (direction === 'up') return `${applier.why} Apply with "${applier.apply}", then look by "lockstep status".`;
  return applier.revert === undefined
    ? `${applier.why} ${tool.title} has no command that reverts.`
    : `${applier.why} Revert with "${applier.revert}", then look by "lockstep status".`;
}

/** What `status` says against a run, unless a person passes over it. */
function concernOf(
  status: StatusReport,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
  despite: readonly RunConcern[],
): RunPlan | undefined {
  const command = direction === 'up' ? 'apply' : 'revert';
  const stopped = (concern: RunConcern, id: string, what: string): RunPlan | undefined =>
    despite.includes(concern)
      ? undefined
      : {
          kind: 'stopped',
          id,
          concern,
          message: `${what} To go on all the same, say "lockstep ${command} --despite ${concern}".`,
        };
  const problem = status.problems.find((candidate) => candidate.stopsRuns === true);
  if (problem !== undefined && direction === 'up') {
    const found = stopped('problems', '', problem.message);
    if (found !== undefined) return found;
  }
  const planned = new Set(migrations.map((migration) => migration.id));
  const drifted = status.migrations.find(
    (migration) => migration.state === 'drifted' && (direction === 'up' || planned.has(migration.id)),
  );
  if (drifted !== undefined) {
    const found = stopped(
      'drifted',
      drifted.id,
      `${drifted.id} was edited after it was applied, so ${direction === 'up' ? 'what comes after it may not fit' : 'its down half may not fit what was applied'}: undo the edit.`,
    );
    if (found !== undefined) return found;
  }
  const missing = status.migrations.find((migration) => migration.state === 'missing');
  return missing === undefined || direction === 'down'
    ? undefined
    : stopped(
        'missing',
        missing.id,
        `${missing.id} was applied and has no file here: it was renamed, it is another branch's, or this is another project's database. Bring the file back under its name.`,
      );
}

function planApply(project: RunnerProject, status: StatusReport, extent: RunExtent, phase: Phase | undefined): RunPlan {
  const state = new Map(status.migrations.map((migration) => [migration.id, migration]));
  const failed = status.migrations.find((migration) => migration.state === 'failed' && migration.goesOnBy !== 'apply');
  if (failed !== undefined)
    return {
      kind: 'refused',
      message:
        failed.goesOnBy === 'revert'
          ? `${failed.id} was reverted in part: finish that by "lockstep revert --last" first.`
          : `${failed.id} failed half-way earlier. ${wayOutOfFailed(project, failed.id)}`,
    };
  // What was begun goes on where it ended; any other failure was refused above.
  const isPending = (migration: MigrationFile): boolean =>
    ['pending', 'out-of-order', 'repeatable-outdated', 'failed'].includes(state.get(migration.id)?.state ?? '');
  let pending = project.migrations.migrations.filter(isPending);
  if (extent.kind === 'to') {
    const target = project.migrations.migrations.findIndex((migration) => migration.id === extent.id);
    if (target < 0)
      return {
        kind: 'refused',
        message: `There is no migration "${extent.id}" in ${project.folder}: see "lockstep status" for the ids.`,
      };
    if (state.get(extent.id)?.state === 'applied')
      return { kind: 'refused', message: `${extent.id} is applied already.` };
    pending = project.migrations.migrations.slice(0, target + 1).filter(isPending);
  }
  const late =
    project.history.lateArrival === 'runs'
      ? undefined
      : pending.find((migration) => state.get(migration.id)?.state === 'out-of-order');
  if (late !== undefined) {
    return {
      kind: 'refused',
      message: `${late.id} is older than the newest applied migration, and ${project.tool.title} ${project.history.lateArrival === 'refused' ? 'refuses' : 'never runs'} such a file: give it a new id behind the newest.`,
    };
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
  if (begun !== undefined)
    return {
      kind: 'refused',
      message: `${begun.id} was applied in part: finish that by "lockstep apply" first, then revert it.`,
    };
  const failed = status.migrations.find(({ state, goesOnBy }) => state === 'failed' && goesOnBy === undefined);
  if (failed !== undefined)
    return { kind: 'refused', message: `${failed.id} failed half-way earlier. ${wayOutOfFailed(project, failed.id)}` };
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
    if (target < 0)
      return {
        kind: 'refused',
        message: `${extent.id} is not applied, so there is nothing to revert to: see "lockstep status" for the ids.`,
      };
    ids = ids.slice(0, target);
  } else if (extent.kind === 'next') ids = ids.slice(0, 1);
  else if (extent.kind === 'steps') ids = ids.slice(0, extent.count);
  const migrations: MigrationFile[] = [];
  for (const id of ids) {
    const file = files.get(id);
    if (file === undefined)
      return {
        kind: 'refused',
        message: `${id} is applied but its file is gone, so it cannot be reverted: bring the file back from version control.`,
      };
    const obstacle = whyIrreversible(project, file);
    if (obstacle !== undefined) return { kind: 'refused', message: obstacle };
    migrations.push(file);
  }
  return { kind: 'planned', migrations };
}

/** What to do about a migration that the history calls failed, and that no mark of Lockstep's own goes on with: sentences. */
export function wayOutOfFailed({ history, tool }: RunnerProject, id: string): string {
  const part = 'The database may hold a part of it';
  return history.isReadOnly === true
    ? `${part}, and only ${tool.title} writes its history: look what is there, then go on by its own command.`
    : `${part}: bring that to its end or take it away, then say which by "lockstep mark ${id}" or "lockstep unmark ${id}" (in the editor: Mark as Applied, Mark as Not Applied).`;
}

/** Why a migration has no way back; undefined where it has one. */
export function whyIrreversible(project: RunnerProject, migration: MigrationFile): string | undefined {
  const { downPath } = migration;
  const headers = downPath === undefined ? undefined : project.headersOf(downPath);
  const section = headers?.section(migration, 'down');
  if (downPath === undefined || headers === undefined || section === undefined)
    return `${migration.id} has no down half, so it cannot be reverted: write one, or restore the database from a backup.`;
  const { irreversible } = headers.directivesWithin(section.span);
  if (irreversible !== undefined) return `${migration.id} cannot be reverted: ${irreversible.reason}`;
  return languageOf(project.format, downPath).split(project.engine, headers.text, section.span, undefined, section.turn)
    .length === 0
    ? `The down half of ${migration.id} is empty, so reverting it would change nothing but the history: write it, or mark it by "-- lockstep: irreversible".`
    : undefined;
}
