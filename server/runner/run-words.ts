import { assertNever } from '../core/assert-never.ts';
import type { FailedEarlier, NoRun, NoWayBack, RunDoubt, RunObstacle } from './plan-run.ts';
import type { RunStop } from './report.ts';

/** Why nothing runs where what would run is not what was shown. */
export const CHANGED_TEXTS =
  'What would run is not what was shown: a file was changed meanwhile, or something else is due. Look again, then run.';

/** Why there is no run, as a person is told it: sentences that say what to do. */
export function noRunWords(why: NoRun): string {
  if (why.kind === 'refused') return obstacleWords(why.reason);
  const command = why.direction === 'up' ? 'apply' : 'revert';
  return `${doubtWords(why)} To go on all the same, say "lockstep ${command} --despite ${why.reason.code}".`;
}

/** The stop of a run as its report has it; a problem is none of one migration. */
export function stopOf(why: NoRun & { readonly kind: 'stopped' }): RunStop {
  const { reason } = why;
  return { id: reason.code === 'problems' ? '' : reason.id, concern: reason.code, message: noRunWords(why) };
}

function doubtWords({ reason, direction }: { readonly reason: RunDoubt; readonly direction: 'up' | 'down' }): string {
  switch (reason.code) {
    case 'problems':
      return reason.problem;
    case 'drifted':
      return `${reason.id} was edited after it was applied, so ${direction === 'up' ? 'what comes after it may not fit' : 'its down half may not fit what was applied'}: undo the edit.`;
    case 'missing':
      return `${reason.id} was applied and has no file here: it was renamed, it is another branch's, or this is another project's database. Bring the file back under its name.`;
    default:
      return assertNever(reason);
  }
}

function obstacleWords(reason: RunObstacle): string {
  switch (reason.code) {
    case 'own-command':
      return reason.command === undefined
        ? `${reason.why} ${reason.tool} has no command that reverts.`
        : `${reason.why} ${reason.direction === 'up' ? 'Apply' : 'Revert'} with "${reason.command}", then look by "lockstep status".`;
    case 'no-such-migration':
      return `There is no migration "${reason.id}" in ${reason.folder}: see "lockstep status" for the ids.`;
    case 'late-arrival':
      return `${reason.id} is older than the newest applied migration, and ${reason.tool} ${reason.isRefused ? 'refuses' : 'never runs'} such a file: give it a new id behind the newest.`;
    case 'failed-earlier':
      return `${reason.id} failed half-way earlier. ${wayOutOfFailed(reason)}`;
    case 'applied-in-part':
      return `${reason.id} was applied in part: finish that by "lockstep apply" first, then revert it.`;
    case 'reverted-in-part':
      return `${reason.id} was reverted in part: finish that by "lockstep revert --last" first.`;
    case 'applied-already':
      return `${reason.id} is applied already.`;
    case 'not-applied':
      return `${reason.id} is not applied, so there is nothing to revert to: see "lockstep status" for the ids.`;
    case 'file-gone':
      return `${reason.id} is applied but its file is gone, so it cannot be reverted: bring the file back from version control.`;
    default:
      return irreversibleWords(reason);
  }
}

/** Why a migration has no way back: a sentence. */
export function irreversibleWords(reason: NoWayBack): string {
  switch (reason.code) {
    case 'no-down-half':
      return `${reason.id} has no down half, so it cannot be reverted: write one, or restore the database from a backup.`;
    case 'irreversible':
      return `${reason.id} cannot be reverted: ${reason.reason}`;
    case 'down-half-empty':
      return `The down half of ${reason.id} is empty, so reverting it would change nothing but the history: write it, or mark it by "-- lockstep: irreversible".`;
    default:
      return assertNever(reason);
  }
}

/** What to do about a migration that failed half-way: sentences. */
export function wayOutOfFailed({ id, byToolOnly, tool }: FailedEarlier): string {
  const part = 'The database may hold a part of it';
  return byToolOnly
    ? `${part}, and only ${tool} writes its history: look what is there, then go on by its own command.`
    : `${part}: bring that to its end or take it away, then say which by "lockstep mark ${id}" or "lockstep unmark ${id}" (in the editor: Mark as Applied, Mark as Not Applied).`;
}
