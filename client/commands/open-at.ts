import * as vscode from 'vscode';

/** Shows a file with the cursor at a place; at its beginning where the place is not known. */
export async function openAt(
  uri: vscode.Uri,
  position: { readonly line: number; readonly character: number } | null,
): Promise<void> {
  const at = new vscode.Position(position?.line ?? 0, position?.character ?? 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
}
