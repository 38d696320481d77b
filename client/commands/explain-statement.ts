import * as vscode from 'vscode';
import { EXPLAIN_REQUEST, type ExplainParams } from '../../server/protocol/requests.ts';
import type { CommandContext } from './command-context.ts';

/** Shows beside the editor what the statement under the cursor does to a running system. */
export async function explainStatement(context: CommandContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage('Lockstep: open a migration and put the cursor on a statement.');
    return;
  }
  const { document, selection } = editor;
  const params: ExplainParams = { uri: document.uri.toString(), offset: document.offsetAt(selection.active) };
  const markdown = await context.server.ask<string | null>(EXPLAIN_REQUEST, params);
  if (markdown === null) void vscode.window.showInformationMessage('Lockstep: there is no statement of a migration under the cursor.');
  else await context.documents.showMarkdown('Explain.md', markdown);
}
