import * as vscode from 'vscode';
import { TRY_REQUEST } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import type { ViewNode } from '../tree/view-node.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';

/** Does what is due in a transaction that is rolled back, and shows how long it took and what it locked; others wait for it meanwhile. */
export async function tryRun(context: CommandContext, node?: ViewNode): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context, node);
  if (target === undefined) return;
  const button = 'Try It';
  const detail = 'Its locks are really taken until it is rolled back, and others wait for them.';
  if (
    (await vscode.window.showWarningMessage('Run what is due and roll it back?', { modal: true, detail }, button)) !==
    button
  )
    return;
  const extent =
    node?.migration === undefined ? ({ kind: 'all' } as const) : { kind: 'to' as const, id: node.migration.id };
  const outcome = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, cancellable: true, title: 'Trying what is due' },
    (_progress, cancellation) =>
      context.server.ask(
        TRY_REQUEST,
        { folder: target.folder.folderUri, project: target.project, direction: 'up', extent },
        cancellation,
      ),
  );
  if (outcome.ok) await context.documents.show('Dry run with locks.txt', outcome.value);
  else say('error', `Lockstep: ${outcome.message}`);
}
