import * as vscode from 'vscode';
import { undoStep, type LandedFile } from './landed-fix.ts';

/** A file's bytes in base64; null where there is no such file. */
export async function readBytes(uri: string): Promise<string | null> {
  try {
    return Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.parse(uri))).toString('base64');
  } catch (cause) {
    if (cause instanceof vscode.FileSystemError && cause.code === 'FileNotFound') return null;
    throw cause;
  }
}

/** Paths of files that hold something else than a fix left in them, on disk or unsaved in an editor. */
export async function changedSince(files: readonly LandedFile[]): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const file of files) {
    const isUnsaved = vscode.workspace.textDocuments.some(
      (document) => document.isDirty && document.uri.toString() === vscode.Uri.parse(file.uri).toString(),
    );
    if (isUnsaved || undoStep(file, await readBytes(file.uri)) === 'changed') changed.push(file.path);
  }
  return changed;
}

/** Puts every file back that a fix left as it is now; `failed` are those that the disk refused. */
export async function restore(files: readonly LandedFile[]): Promise<{ readonly failed: readonly string[] }> {
  const failed: string[] = [];
  // What was taken away comes back first: until it stands, nothing that was written goes.
  for (const file of files.toSorted((left, right) => Number(left.before === null) - Number(right.before === null))) {
    const uri = vscode.Uri.parse(file.uri);
    try {
      if (undoStep(file, await readBytes(file.uri)) !== 'restore') continue;
      const edit = new vscode.WorkspaceEdit();
      // Through the editor, so that the tab of a file that goes is closed.
      if (file.before === null) edit.deleteFile(uri);
      else edit.createFile(uri, { contents: Buffer.from(file.before, 'base64'), overwrite: true });
      await vscode.workspace.applyEdit(edit);
    } catch {
      // Found out below, as for an edit that was refused without an error.
    }
    if ((await readBytes(file.uri)) !== file.before) failed.push(file.path);
  }
  return { failed };
}
