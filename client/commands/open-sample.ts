import * as vscode from 'vscode';
import { isTrusted } from './command-context.ts';
import { TOUR_MARK } from './tour.ts';
import { say } from '../say.ts';

/** Copies the sample project to a folder that the person picks, and opens it. */
export async function openSample(extensionUri: vscode.Uri): Promise<void> {
  const [parent] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: 'Where to Put the Sample Project',
      openLabel: 'Put It Here',
    })) ?? [];
  if (parent === undefined) return;
  // Nothing is written into a workspace that is not trusted, this neither; anywhere else is the person's own choice.
  if (vscode.workspace.getWorkspaceFolder(parent) !== undefined && !(await isTrusted())) return;
  const folder = vscode.Uri.joinPath(parent, 'lockstep-sample');
  if (await isThere(folder)) {
    const open = 'Open It';
    const answer = await vscode.window.showInformationMessage(
      `Lockstep: ${folder.fsPath} is there already, and nothing was written.`,
      open,
    );
    if (answer === open) await vscode.commands.executeCommand('vscode.openFolder', folder);
    return;
  }
  try {
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(extensionUri, 'media/sample'), folder, { overwrite: false });
    // The first migration is applied in it, with some rows.
    await vscode.workspace.fs.copy(
      vscode.Uri.joinPath(extensionUri, 'media/sample.db'),
      vscode.Uri.joinPath(folder, 'app.db'),
    );
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, TOUR_MARK), new Uint8Array());
  } catch (cause) {
    if (!(cause instanceof vscode.FileSystemError)) throw cause;
    const isGone = await removed(folder);
    say(
      'error',
      `Lockstep: the sample project could not be written to ${folder.fsPath}${isGone ? '' : ', where a part of it is left'}: choose a folder that you may write to, on a disk with space.`,
    );
    return;
  }
  await vscode.commands.executeCommand('vscode.openFolder', folder);
}

/** Takes away what of the copy was made; whether nothing of it is left. */
async function removed(folder: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.delete(folder, { recursive: true });
  } catch {
    // It was never made, or the disk refuses this too: the look below tells which.
  }
  return !(await isThere(folder));
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    // What may not be looked at is refused by the copy, in words of its own.
    return false;
  }
}
