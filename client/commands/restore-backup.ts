import * as vscode from 'vscode';
import { BACKUPS_REQUEST, RESTORE_REQUEST } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';
import { confirmedFor } from './typed-name.ts';

/** Makes a SQLite file what it was before a run; nothing is picked beforehand, and what is there now is kept. */
export async function restoreBackup(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const place = { folder: target.folder.folderUri, project: target.project };
  const backups = await context.server.ask(BACKUPS_REQUEST, place);
  if (!backups.ok) {
    say('error', `Lockstep: ${backups.message}`);
    return;
  }
  if (backups.value.length === 0) {
    say('information', 'Lockstep: there is no backup beside this database.');
    return;
  }
  const title = 'Lockstep: Restore a Backup';
  const name = await vscode.window.showQuickPick(backups.value, {
    title,
    placeHolder: 'Which one? The newest comes first.',
  });
  if (name === undefined) return;
  const button = 'Restore';
  const detail =
    'Everything that was written since then is gone from the database. What is there now is kept as another backup.';
  if ((await vscode.window.showWarningMessage(`Restore ${name}?`, { modal: true, detail }, button)) !== button) return;
  const confirmed = await confirmedFor(context, target, title);
  if (confirmed === undefined) return;
  const outcome = await context.server.ask(RESTORE_REQUEST, { ...place, ...confirmed, name });
  await context.store.settled();
  if (outcome.ok) say('information', `Lockstep: restored. What was there is kept as ${outcome.value}.`);
  else say('error', `Lockstep: ${outcome.message}`);
}
