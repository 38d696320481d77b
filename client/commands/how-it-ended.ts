import * as vscode from 'vscode';
import type { Outcome, RunResult, RunStop } from '../../server/protocol/requests.ts';
import type { LastRun } from '../tree/live.ts';
import { nodeOfChange, type CommandContext, type CommandTarget, type RunWish } from './command-context.ts';
import { INTERRUPTED } from './confirmation.ts';
import { openAt } from './open-at.ts';
import { stopWords } from './stop-words.ts';
import { say } from '../say.ts';

/** Command that does again what the last run was to do; takes a `RunWish`. */
export const RUN_AGAIN = 'lockstep.runAgain';

const SHOW_STATEMENT = 'Show Statement';
const SHOW_LEFT = 'Show What Was Left';
const TRY_AGAIN = 'Try Again';
const CONFIRM_DEPLOY = 'Confirm Deploy…';
const CONTINUE = 'Continue Change…';
const WRITE_VALUE = 'Write the Value';
const RUNBOOK = 'Runbook';
const WHAT_IS_THIS = 'What Is This?';

/** Keeps what went wrong where the tree shows it, and says how the run ended with what leads on. */
export async function sayHowItEnded(
  context: CommandContext,
  wish: RunWish,
  outcome: Outcome<RunResult>,
  isCancelled: boolean,
): Promise<void> {
  const { folder, project } = wish.target;
  if (!outcome.ok) {
    say('error', `Lockstep: ${outcome.message}`);
    return;
  }
  const { done, left } = outcome.value;
  const isOver = isCancelled || (done.failed === null && done.stopped === null);
  const last: LastRun = { direction: wish.direction, extent: wish.extent, done, left };
  await context.store.setLastRun(folder.folderUri, project, isOver ? undefined : last);
  if (isCancelled) {
    say('information', `Lockstep: cancelled. ${cancelledWords(wish.direction, done)}`);
    return;
  }
  if (isOver) {
    const words = doneWords(wish.direction, done.applied);
    say('information', `Lockstep: ${words === '' ? 'nothing was done.' : words}`);
    return;
  }
  await sayLastRun(context, wish.target, last);
}

/** Says what the last run failed or stopped at, with what leads on from there. */
export async function sayLastRun(context: CommandContext, target: CommandTarget, last: LastRun): Promise<void> {
  const { failed, stopped } = last.done;
  const done = doneWords(last.direction, last.done.applied);
  if (failed !== null) {
    const state =
      failed.id === '' ? '' : failed.rolledBack ? ' Its changes were rolled back.' : ' A part of it may have stayed.';
    const asks = failed.asksInterrupted === true;
    const answer = await vscode.window.showErrorMessage(
      `${done} ${failed.id === '' ? '' : `${failed.id}${failed.outcome === 'unknown' ? '' : ' failed'}: `}${stopWords(failed.message)}${asks ? '' : state}`.trim(),
      ...(failed.path === null ? [] : [SHOW_STATEMENT]),
      ...(last.left.length === 0 && failed.excerpt === null ? [] : [SHOW_LEFT]),
      ...(asks ? [INTERRUPTED.again, INTERRUPTED.done] : [TRY_AGAIN]),
    );
    if (answer === SHOW_STATEMENT && failed.path !== null)
      await openAt(vscode.Uri.joinPath(vscode.Uri.parse(target.folder.folderUri), failed.path), failed.position);
    else if (answer === SHOW_LEFT) await context.documents.showMarkdown('What was left.md', leftPage(last));
    else if (answer === INTERRUPTED.again) await runAgain(target, last, { interrupted: 'again' });
    else if (answer === INTERRUPTED.done) await runAgain(target, last, { interrupted: 'done' });
    else if (answer === TRY_AGAIN) await runAgain(target, last);
    return;
  }
  if (stopped !== null) await sayStop(context, target, `${done} ${stopped.message}`.trim(), stopped);
}

/** A step waits: who is to do what before it may run, each by a button. */
async function sayStop(
  context: CommandContext,
  target: CommandTarget,
  message: string,
  { id, place }: RunStop,
): Promise<void> {
  const status = context.store
    .statuses(target.folder.folderUri)
    .find((each) => each.status.folder === target.project)?.status;
  const change = status?.changes.find(
    (each) => each.id === status.migrations.find((migration) => migration.id === id)?.change,
  );
  // Going on leads nowhere until it is written.
  const goOn =
    place !== undefined ? WRITE_VALUE : change?.next?.action === 'confirm-deploy' ? CONFIRM_DEPLOY : CONTINUE;
  const answer = await vscode.window.showWarningMessage(
    stopWords(message),
    ...(change === undefined && place === undefined ? [] : [goOn]),
    ...(change === undefined ? [] : [RUNBOOK]),
    WHAT_IS_THIS,
  );
  if (answer === WRITE_VALUE && place !== undefined)
    await openAt(vscode.Uri.joinPath(vscode.Uri.parse(target.folder.folderUri), place.path), place.position);
  else if (answer === goOn && change !== undefined)
    await vscode.commands.executeCommand('lockstep.continueChange', nodeOfChange(target, change));
  else if (answer === RUNBOOK && change !== undefined)
    await context.runbooks.show({ folder: target.folder.folderUri, project: target.project, change: change.id });
  else if (answer === WHAT_IS_THIS) await context.documents.showMarkdown('Why a change waits.md', WHY_A_CHANGE_WAITS);
}

async function runAgain(
  { folder, project }: CommandTarget,
  { direction, extent }: LastRun,
  more: Pick<RunWish, 'interrupted'> = {},
): Promise<void> {
  const wish: RunWish = { target: { folder, project }, direction, extent, ...more };
  await vscode.commands.executeCommand(RUN_AGAIN, wish);
}

function doneWords(direction: 'up' | 'down', ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const [only = ''] = ids;
  // A bare number would be taken for how many.
  const what = ids.length > 1 ? `${ids.length} migrations` : /^\d+$/.test(only) ? `migration ${only}` : only;
  return `${direction === 'up' ? 'Applied' : 'Reverted'} ${what}.`;
}

function cancelledWords(direction: 'up' | 'down', { applied, failed }: RunResult['done']): string {
  const done = doneWords(direction, applied);
  const cut =
    failed === null || failed.id === ''
      ? ''
      : failed.rolledBack
        ? `${failed.id} was rolled back.`
        : `A part of ${failed.id} may have stayed.`;
  return [done, cut].filter((words) => words !== '').join(' ') || 'Nothing had run yet.';
}

function leftPage({ done, left }: LastRun): string {
  const { failed } = done;
  return [
    failed?.outcome === 'unknown'
      ? `# The end of ${failed.id || 'the run'} is not known`
      : `# ${failed?.id || 'The run'} failed`,
    failed?.message ?? '',
    ...(failed?.excerpt == null ? [] : [`\`\`\`\n${failed.excerpt}\n\`\`\``]),
    '## What was left',
    failed?.rolledBack === true
      ? 'The migration was rolled back: the database is as it was before it.'
      : 'The migration was not rolled back as a whole: statements before the failing one may stand.',
    ...left.map((sentence) => `- ${sentence}`),
  ].join('\n\n');
}

const WHY_A_CHANGE_WAITS = `# Why a change waits

A change that a running service would not survive in one go is written as steps: **expand** (add what the new version needs), **migrate** (bring old rows over), **contract** (take away what only the old version needs).

Between two of them a version of the application has to be deployed: a step that ran earlier would break the instances that still run the old one.
Lockstep cannot see your deployments, so it stops there and asks.

- **Confirm Deploy…** records your word in the database that every instance runs that version. Nothing runs by it.
- **Runbook** shows all steps of the change, who does what, and how to go back from each point.
`;
