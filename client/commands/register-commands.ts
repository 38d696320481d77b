import * as vscode from 'vscode';
import type { ViewNode } from '../tree/nodes.ts';
import { applyAll } from './apply-all.ts';
import { applyNext } from './apply-next.ts';
import { applyToHere } from './apply-to-here.ts';
import type { CommandContext } from './command-context.ts';
import { connect } from './connect.ts';
import { continueChange } from './continue-change.ts';
import { disconnect } from './disconnect.ts';
import { dryRun } from './dry-run.ts';
import { explainAt, explainStatement } from './explain-statement.ts';
import { newMigration } from './new-migration.ts';
import { openSample } from './open-sample.ts';
import { revertLast } from './revert-last.ts';
import { revertToHere } from './revert-to-here.ts';
import { startChange } from './start-change.ts';
import { showRunbook } from './show-runbook.ts';
import { showSql } from './show-sql.ts';

/** Registers every command that the manifest names, and those that quick fixes and code lenses use. */
export function registerCommands(context: CommandContext, extension: vscode.ExtensionContext): void {
  const commands: Readonly<Record<string, (node?: ViewNode) => unknown>> = {
    connect: () => connect(context),
    disconnect: () => disconnect(context),
    newMigration: () => newMigration(context),
    applyNext: () => applyNext(context),
    applyAll: () => applyAll(context),
    applyToHere: (node) => applyToHere(context, node),
    revertLast: () => revertLast(context),
    revertToHere: (node) => revertToHere(context, node),
    dryRun: () => dryRun(context),
    showSql: (node) => showSql(context, node),
    startChange: () => startChange(context),
    continueChange: (node) => continueChange(context, node),
    showRunbook: (node) => showRunbook(context, node),
    explainStatement: () => explainStatement(context),
    refresh: () => context.store.refresh(),
    openSample: () => openSample(extension.extensionUri),
  };
  for (const [name, work] of Object.entries(commands))
    extension.subscriptions.push(vscode.commands.registerCommand(`lockstep.${name}`, (node?: ViewNode) => work(node)));
  extension.subscriptions.push(vscode.commands.registerCommand('lockstep.placeCursor', placeCursor));
  extension.subscriptions.push(
    vscode.commands.registerCommand(
      'lockstep.explainAt',
      (uri: string, position: { readonly line: number; readonly character: number }) =>
        explainAt(context, uri, position),
    ),
  );
}

/** Shows a file with the cursor at a place: where a reason is to be typed, or the first step of a change. */
async function placeCursor(
  uri: string,
  position: { readonly line: number; readonly character: number },
): Promise<void> {
  // A preview that the person left writes no file.
  if (!(await exists(vscode.Uri.parse(uri)))) return;
  const at = new vscode.Position(position.line, position.character);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection: new vscode.Range(at, at) });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    // Missing is the answer that was asked for.
    return false;
  }
}
