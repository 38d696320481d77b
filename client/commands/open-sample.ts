import * as vscode from 'vscode';
import { TOUR_MARK } from './tour.ts';

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
  const folder = vscode.Uri.joinPath(parent, 'lockstep-sample');
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
    void vscode.window.showErrorMessage(
      `Lockstep: ${folder.fsPath} could not be written: choose a folder that has no lockstep-sample yet.`,
    );
    return;
  }
  await vscode.commands.executeCommand('vscode.openFolder', folder);
}
