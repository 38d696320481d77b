import * as vscode from 'vscode';
import { EXPLAIN_REQUEST, type ExplainParams } from '../../server/protocol/requests.ts';
import type { CommandContext } from './command-context.ts';
import { say } from '../say.ts';

/** Shows beside the editor what the statement under the cursor does to a running system. */
export async function explainStatement(context: CommandContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    say('information', 'Lockstep: open a migration and put the cursor on a statement.');
    return;
  }
  const { document, selection } = editor;
  await explainOffset(context, document, document.offsetAt(selection.active));
}

/** The same for the statement at a place of an open document: what a code lens runs. */
export async function explainAt(
  context: CommandContext,
  uri: string,
  position: { readonly line: number; readonly character: number },
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  await explainOffset(context, document, document.offsetAt(new vscode.Position(position.line, position.character)));
}

async function explainOffset(context: CommandContext, document: vscode.TextDocument, offset: number): Promise<void> {
  const params: ExplainParams = { uri: document.uri.toString(), offset };
  const markdown = await context.server.ask(EXPLAIN_REQUEST, params);
  if (markdown === null) say('information', 'Lockstep: there is no statement of a migration under the cursor.');
  else await context.documents.showMarkdown('Explain.md', markdown);
}
