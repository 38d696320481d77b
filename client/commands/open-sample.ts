import * as vscode from 'vscode';

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
  } catch (cause) {
    if (!(cause instanceof vscode.FileSystemError)) throw cause;
    void vscode.window.showErrorMessage(
      `Lockstep: ${folder.fsPath} could not be written: choose a folder that has no lockstep-sample yet.`,
    );
    return;
  }
  await vscode.commands.executeCommand('vscode.openFolder', folder);
}
