import * as vscode from 'vscode';
import {
  RUN_EVENT,
  RUN_REQUEST,
  type Outcome,
  type RunEvent,
  type RunEventParams,
  type RunParams,
  type RunResult,
} from '../../server/protocol/requests.ts';
import { fillKey } from '../tree/fill.ts';
import { confirmationOf, wrongName } from './confirmation.ts';
import { connect } from './connect.ts';
import { isTrusted, type CommandContext, type CommandTarget } from './command-context.ts';

/** What a command wants to run. */
export interface RunWish {
  readonly target: CommandTarget;
  readonly direction: RunParams['direction'];
  readonly extent: RunParams['extent'];
}

/** Shows what would run, asks where that is due, runs it with progress, and says how it ended. */
export async function runMigrations(context: CommandContext, wish: RunWish): Promise<void> {
  const planned = await plan(context, wish);
  if (planned === undefined) return;
  const ids = planned.done.notRun;
  if (ids.length === 0) {
    void vscode.window.showInformationMessage(
      `Lockstep: there is nothing to ${wish.direction === 'up' ? 'apply' : 'revert'}.`,
    );
    return;
  }
  if (!(await isConfirmed(context, wish, ids))) return;
  const token = crypto.randomUUID();
  const outcome = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: wish.direction === 'up' ? 'Applying' : 'Reverting',
    },
    async (progress, cancellation) => {
      const share = 100 / ids.length;
      const filling = new Set<string>();
      const listening = context.server.on<RunEventParams>(RUN_EVENT, (params) => {
        if (params.token !== token) return;
        const message = eventWords(params.event);
        if (params.event.event === 'backfill') {
          const { id, rows, remaining } = params.event;
          const key = fillKey(wish.target.folder.folderUri, wish.target.project, id);
          filling.add(key);
          context.store.setFill(key, { rows, remaining });
        }
        const isStep = params.event.event === 'applied' || params.event.event === 'reverted';
        if (message !== undefined || isStep)
          progress.report({ ...(message === undefined ? {} : { message }), ...(isStep ? { increment: share } : {}) });
      });
      try {
        return await context.server.ask<Outcome<RunResult>>(
          RUN_REQUEST,
          { ...paramsOf(wish), dryRun: false, token, expectedIds: ids } satisfies RunParams,
          cancellation,
        );
      } finally {
        listening.dispose();
        for (const key of filling) context.store.setFill(key, undefined);
      }
    },
  );
  await context.store.refresh();
  await sayHowItEnded(wish, outcome);
}

/** Connects where nothing is connected yet, and asks the server what would run; undefined when that is refused. */
export async function plan(context: CommandContext, wish: RunWish): Promise<RunResult | undefined> {
  if (!(await isTrusted())) return undefined;
  if (
    !context.store.statuses(wish.target.folder.folderUri).some((each) => each.connected) &&
    !(await connect(context, wish.target.folder.folderUri))
  )
    return undefined;
  const outcome = await context.server.ask<Outcome<RunResult>>(RUN_REQUEST, {
    ...paramsOf(wish),
    dryRun: true,
    token: '',
    expectedIds: null,
  } satisfies RunParams);
  if (outcome.ok) return outcome.value;
  void vscode.window.showErrorMessage(`Lockstep: ${outcome.message}`);
  return undefined;
}

function paramsOf({
  target,
  direction,
  extent,
}: RunWish): Pick<RunParams, 'folder' | 'project' | 'direction' | 'extent'> {
  return { folder: target.folder.folderUri, project: target.project, direction, extent };
}

/** A revert always shows what it takes back; on production a person types the database's name. */
async function isConfirmed(
  context: CommandContext,
  { target, direction }: RunWish,
  ids: readonly string[],
): Promise<boolean> {
  const { database } = context.store
    .statuses(target.folder.folderUri)
    .find((each) => each.status.folder === target.project)?.status ?? { database: null };
  const { revert, production } = confirmationOf(direction, ids, database);
  if (
    revert !== null &&
    (await vscode.window.showWarningMessage(revert.question, { modal: true, detail: revert.detail }, revert.button)) !==
      revert.button
  )
    return false;
  if (production === null) return true;
  const typed = await vscode.window.showInputBox({
    title: production.title,
    prompt: production.prompt,
    ignoreFocusOut: true,
    validateInput: (text) => wrongName(production, text),
  });
  return typed === production.name;
}

function eventWords(event: RunEvent): string | undefined {
  switch (event.event) {
    case 'migration':
      return event.id;
    case 'waiting':
      return event.blockers.length === 0 ? event.reason : `waits: ${event.reason} (${event.blockers.join(', ')})`;
    case 'retry':
      return `${event.id}: try ${event.attempt}: ${event.reason}`;
    case 'backfill':
      return `${event.id}: ${event.rows} rows${event.remaining === null ? '' : `, ${event.remaining} to go`}`;
    default:
      return undefined;
  }
}

async function sayHowItEnded(wish: RunWish, outcome: Outcome<RunResult>): Promise<void> {
  if (!outcome.ok) {
    void vscode.window.showErrorMessage(`Lockstep: ${outcome.message}`);
    return;
  }
  const { applied, failed, stopped } = outcome.value.done;
  const verb = wish.direction === 'up' ? 'Applied' : 'Reverted';
  const done =
    applied.length === 0 ? '' : `${verb} ${applied.length === 1 ? applied[0] : `${applied.length} migrations`}.`;
  if (failed !== null) {
    const open = failed.path === null ? [] : ['Show Statement'];
    const state =
      failed.id === '' ? '' : failed.rolledBack ? ' Its changes were rolled back.' : ' A part of it may have stayed.';
    const answer = await vscode.window.showErrorMessage(
      `${done} ${failed.id === '' ? '' : `${failed.id} failed: `}${failed.message}${state}`.trim(),
      ...open,
    );
    if (answer !== undefined && failed.path !== null)
      await openAt(wish.target.folder.folderUri, failed.path, failed.position);
    return;
  }
  if (stopped !== null) void vscode.window.showWarningMessage(`${done} ${stopped.message}`.trim());
  else void vscode.window.showInformationMessage(`Lockstep: ${done === '' ? 'nothing was done.' : done}`);
}

async function openAt(
  folderUri: string,
  path: string,
  position: { readonly line: number; readonly character: number } | null,
): Promise<void> {
  const at = new vscode.Position(position?.line ?? 0, position?.character ?? 0);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(vscode.Uri.parse(folderUri), path), {
    selection: new vscode.Range(at, at),
  });
}
