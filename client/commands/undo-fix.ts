import * as vscode from 'vscode';
import { changedSince, restore } from '../fixes/restore.ts';
import type { LandedFix } from '../fixes/landed-fix.ts';
import { isTrusted, type CommandContext } from './command-context.ts';
import { say } from '../say.ts';

/**
 * Takes back the last fix that wrote files, or the one named, byte for byte.
 *
 * Refused where a file was changed meanwhile or a step of it has been applied: then nothing is touched.
 */
export async function undoFix(context: CommandContext, id?: string): Promise<void> {
  if (!(await isTrusted())) return;
  const fix = id === undefined ? context.journal.all.at(-1) : context.journal.all.find((each) => each.id === id);
  if (fix === undefined) {
    say('information', 'Lockstep: no fix has written files here that could be taken back.');
    return;
  }
  await context.store.refresh();
  const applied = appliedOf(context, fix);
  if (applied.length > 0)
    return refuse(fix, `Already applied: ${applied.join(', ')}. Revert ${applied.length === 1 ? 'it' : 'them'} first.`);
  const changed = await changedSince(fix.files);
  if (changed.length > 0) return refuse(fix, `Changed since the fix: ${changed.join(', ')}.`);
  const { failed } = await restore(fix.files);
  await context.store.refresh();
  if (failed.length > 0) return refuse(fix, `These could not be put back: ${failed.join(', ')}.`);
  await context.journal.remove(fix.id);
  const back = fix.files.find((file) => file.before !== null);
  if (back !== undefined) await vscode.window.showTextDocument(vscode.Uri.parse(back.uri));
  say(
    'information',
    `Lockstep: "${fix.title}" is taken back: ${fix.files.length === 1 ? 'its file is' : `${fix.files.length} files are`} as before.`,
  );
}

/** Ids of the fix's migrations that the connected database has. */
function appliedOf(context: CommandContext, fix: LandedFix): readonly string[] {
  const written = new Set(fix.files.filter((file) => file.after !== null).map((file) => file.path));
  return (
    context.store
      .statuses(fix.folderUri)
      .find((each) => each.status.folder === fix.project)
      ?.status.migrations.filter(
        (migration) =>
          ['applied', 'drifted', 'failed'].includes(migration.state) &&
          migration.paths.some((path) => written.has(path)),
      )
      .map((migration) => migration.id) ?? []
  );
}

/** A notification would cut the list of files off. */
function refuse(fix: LandedFix, detail: string): void {
  void vscode.window.showWarningMessage(`"${fix.title}" is not taken back.`, { modal: true, detail });
}

/** Offers to take back what a window that was closed in the middle of a fix has left. */
export async function offerToFinish(context: CommandContext): Promise<void> {
  const cut = context.journal.all.find((fix) => !fix.isWhole);
  if (cut === undefined || !vscode.workspace.isTrusted) return;
  const undo = 'Take It Back';
  const keep = 'Keep the Files';
  const answer = await vscode.window.showWarningMessage(
    `Lockstep: "${cut.title}" was cut short: some of its files may be missing.`,
    undo,
    keep,
  );
  if (answer === undo) await undoFix(context, cut.id);
  else if (answer === keep) await context.journal.put({ ...cut, isWhole: true });
}
