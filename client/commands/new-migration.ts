import * as vscode from 'vscode';
import { NEW_REQUEST } from '../../server/protocol/requests.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';
import { say } from '../say.ts';

/** Writes an empty migration in the project's own format and opens it. */
export async function newMigration(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const name = await vscode.window.showInputBox({
    title: 'Lockstep: New Migration',
    prompt: 'What it does, in a few words',
    placeHolder: 'add user status',
  });
  if (name === undefined || name.trim() === '') return;
  const made = await context.server.ask(NEW_REQUEST, {
    folder: target.folder.folderUri,
    project: target.project,
    name,
  });
  if (!made.ok) {
    say('error', `Lockstep: ${made.message}`);
    return;
  }
  await context.store.settled();
  const [first] = made.value.paths;
  if (first !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(first));
}
