import * as vscode from 'vscode';
import type { FixReference } from '../../server/protocol/requests.ts';
import { makeSafe } from '../run-lenses.ts';
import type { ViewNode } from '../tree/view-node.ts';
import { allowHere } from './allow-here.ts';
import { applyAll } from './apply-all.ts';
import { applyFix, previewFix } from './apply-fix.ts';
import { applyNext } from './apply-next.ts';
import { applyToHere } from './apply-to-here.ts';
import type { CommandContext, RunWish } from './command-context.ts';
import { connect, reconnect } from './connect.ts';
import { continueChange } from './continue-change.ts';
import { disconnect } from './disconnect.ts';
import { dryRun } from './dry-run.ts';
import { explainAt, explainStatement } from './explain-statement.ts';
import { RUN_AGAIN } from './how-it-ended.ts';
import { newMigration } from './new-migration.ts';
import { openSample } from './open-sample.ts';
import {
  acceptEdit,
  compareWithApplied,
  forgetMigration,
  markApplied,
  markUpToHere,
  undoEdit,
} from './repair-history.ts';
import { redoLast } from './redo-last.ts';
import { repair } from './repair.ts';
import { restoreBackup } from './restore-backup.ts';
import { runFleet } from './run-fleet.ts';
import { showLog } from './show-log.ts';
import { moveHistory } from './take-over.ts';
import { tryRun } from './try-run.ts';
import { revertLast } from './revert-last.ts';
import { revertToHere } from './revert-to-here.ts';
import { startChange } from './start-change.ts';
import { showLastRun } from './show-last-run.ts';
import { showRunbook } from './show-runbook.ts';
import { runMigrations } from './run-migrations.ts';
import { showSql } from './show-sql.ts';
import { undoFix } from './undo-fix.ts';

/** Registers every command that the manifest names, and those that quick fixes and code lenses use. */
export function registerCommands(context: CommandContext, extension: vscode.ExtensionContext): void {
  const commands: Readonly<Record<string, (node?: ViewNode) => unknown>> = {
    connect: () => connect(context),
    reconnect: () => reconnect(context),
    disconnect: () => disconnect(context),
    newMigration: () => newMigration(context),
    applyNext: () => applyNext(context),
    applyAll: () => applyAll(context),
    applyToHere: (node) => applyToHere(context, node),
    revertLast: () => revertLast(context),
    revertToHere: (node) => revertToHere(context, node),
    redoLast: () => redoLast(context),
    tryRun: (node) => tryRun(context, node),
    showLog: () => showLog(context),
    repair: () => repair(context),
    takeOver: () => moveHistory(context, 'take-over'),
    handBack: () => moveHistory(context, 'hand-back'),
    restoreBackup: () => restoreBackup(context),
    fleet: () => runFleet(context),
    dryRun: (node) => dryRun(context, node),
    showSql: (node) => showSql(context, node),
    startChange: () => startChange(context),
    continueChange: (node) => continueChange(context, node),
    showRunbook: (node) => showRunbook(context, node),
    explainStatement: () => explainStatement(context),
    showLastRun: (node) => showLastRun(context, node),
    compareWithApplied: (node) => compareWithApplied(context, node),
    undoEdit: (node) => undoEdit(context, node),
    acceptEdit: (node) => acceptEdit(context, node),
    forgetMigration: (node) => forgetMigration(context, node),
    markApplied: (node) => markApplied(context, node),
    markUpToHere: (node) => markUpToHere(context, node),
    showPendingOnly: () => context.store.setPendingOnly(true),
    showAll: () => context.store.setPendingOnly(false),
    undoFix: () => undoFix(context),
    refresh: () => context.store.readAgain(),
    openSample: () => openSample(extension.extensionUri),
  };
  for (const [name, work] of Object.entries(commands))
    extension.subscriptions.push(vscode.commands.registerCommand(`lockstep.${name}`, (node?: ViewNode) => work(node)));
  extension.subscriptions.push(
    vscode.commands.registerCommand('lockstep.applyFix', (reference: FixReference) => applyFix(context, reference)),
    vscode.commands.registerCommand('lockstep.previewFix', (reference: FixReference) => previewFix(context, reference)),
    vscode.commands.registerCommand('lockstep.allowHere', allowHere),
    vscode.commands.registerCommand('lockstep.makeSafe', makeSafe),
    vscode.commands.registerCommand(RUN_AGAIN, (wish: RunWish) => runMigrations(context, wish)),
  );
  extension.subscriptions.push(
    vscode.commands.registerCommand(
      'lockstep.explainAt',
      (uri: string, position: { readonly line: number; readonly character: number }) =>
        explainAt(context, uri, position),
    ),
  );
}
