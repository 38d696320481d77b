import * as vscode from 'vscode';
import type { CommandContext } from '../commands/command-context.ts';
import { undoFix } from '../commands/undo-fix.ts';
import { compareFix } from './compare-fix.ts';
import { summaryOf, type LandedFix } from './landed-fix.ts';

const UNDO = 'Undo';
const RUNBOOK = 'Show Runbook';
const COMPARE = 'Compare';

/** Opens the first step and says what was written, with the way back; ends when the person has answered. */
export async function sayWhatLanded(context: CommandContext, fix: LandedFix): Promise<void> {
  await context.store.refresh();
  const first = fix.files.find((file) => file.after !== null);
  if (first !== undefined) await vscode.window.showTextDocument(vscode.Uri.parse(first.uri));
  const change = changeOf(context, fix);
  const answer = await vscode.window.showInformationMessage(
    `${fix.title}: ${summaryOf(fix)}. Nothing has run yet.`,
    UNDO,
    ...(change === undefined ? [] : [RUNBOOK]),
    COMPARE,
  );
  if (answer === UNDO) await undoFix(context, fix.id);
  else if (answer === RUNBOOK && change !== undefined)
    await context.runbooks.show({ folder: fix.folderUri, project: fix.project, change });
  else if (answer === COMPARE) await compareFix(context, fix);
}

/** The change that the fix's files are steps of, as the status has it. */
function changeOf(context: CommandContext, fix: LandedFix): string | undefined {
  const written = new Set(fix.files.filter((file) => file.after !== null).map((file) => file.path));
  return (
    context.store
      .statuses(fix.folderUri)
      .find((each) => each.status.folder === fix.project)
      ?.status.migrations.find(
        (migration) => migration.change !== null && migration.paths.some((path) => written.has(path)),
      )?.change ?? undefined
  );
}
