import * as vscode from 'vscode';

/** File in a sample project that has not been shown yet. */
export const TOUR_MARK = '.lockstep-tour';

/** Shows a sample project's first steps beside the migration that they are about, once. */
export async function startTour(): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) return;
  const mark = vscode.Uri.joinPath(folder.uri, TOUR_MARK);
  try {
    await vscode.workspace.fs.stat(mark);
  } catch {
    // An ordinary folder, or a sample that was shown before.
    return;
  }
  if (vscode.workspace.isTrusted) await vscode.workspace.fs.delete(mark);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, 'migrations/0002_user_status.up.sql'), {
    preview: false,
  });
  await vscode.commands.executeCommand('markdown.showPreviewToSide', vscode.Uri.joinPath(folder.uri, 'README.md'));
  await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup');
}
