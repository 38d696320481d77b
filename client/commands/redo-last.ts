import * as vscode from 'vscode';
import { REDO_REQUEST, RUN_EVENT } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';
import { failedWords } from '../tree/migration-nodes.ts';

/** Reverts the newest applied migration and applies it again, after a look at what that destroys. */
export async function redoLast(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const wish = { folder: target.folder.folderUri, project: target.project, steps: 1 };
  const planned = await context.server.ask(REDO_REQUEST, { ...wish, token: '', expectedIds: null });
  if (!planned.ok) {
    say('error', `Lockstep: ${planned.message}`);
    return;
  }
  const { ids, losses } = planned.value;
  if (ids.length === 0) {
    say('information', 'Lockstep: there is nothing to do again.');
    return;
  }
  const button = 'Redo';
  const detail = `${losses.flatMap(({ id, losses: lost }) => [id, ...lost.map((each) => `  ✗ ${each}`)]).join('\n')}\n\nIt is applied again from its file as it is now. What its down half destroys is gone.`;
  const asked = `Revert ${ids.join(', ')} and apply it again?`;
  if ((await vscode.window.showWarningMessage(asked, { modal: true, detail }, button)) !== button) return;
  const token = crypto.randomUUID();
  const outcome = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, cancellable: true, title: 'Redoing' },
    async (progress, cancellation) => {
      const listening = context.server.on(RUN_EVENT, ({ token: of, event }) => {
        if (of === token && (event.event === 'reverted' || event.event === 'applied'))
          progress.report({ message: `${event.id} ${event.event}` });
      });
      try {
        return await context.server.ask(REDO_REQUEST, { ...wish, token, expectedIds: ids }, cancellation);
      } finally {
        listening.dispose();
      }
    },
  );
  await context.store.settled();
  if (!outcome.ok) {
    say('error', `Lockstep: ${outcome.message}`);
    return;
  }
  const { done } = outcome.value;
  if (done?.failed != null) say('error', `Lockstep: ${done.failed.id} ${failedWords(done.failed)}`);
  else if (done?.stopped != null) say('warning', `Lockstep: ${done.stopped.message}`);
  else say('information', `Lockstep: reverted and applied again: ${ids.join(', ')}.`);
}
