import * as vscode from 'vscode';
import type { AllowHere } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';

/** Writes the comment that allows a finding and puts the cursor where its reason is to be typed. */
export async function allowHere({ uri, version, edit, cursor }: AllowHere): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  if (document.version !== version) {
    say('error', 'Lockstep: the file has changed since this was offered: ask for it again.');
    return;
  }
  const { start, end } = edit.range;
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(start.line, start.character, end.line, end.character), edit.newText);
  if (!(await vscode.workspace.applyEdit(change))) return;
  const at = new vscode.Position(cursor.line, cursor.character);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}
