import * as vscode from 'vscode';
import {
  APPLIED_TEXT_REQUEST,
  BASELINE_REQUEST,
  MARK_REQUEST,
  type AppliedText,
  type MarkParams,
} from '../../server/protocol/requests.ts';
import type { ViewNode } from '../tree/view-node.ts';
import { isTrusted, pickMigration, type CommandContext, type CommandTarget } from './command-context.ts';
import { markedWords, nameList } from './marked-words.ts';
import { confirmedFor } from './typed-name.ts';
import { say } from '../say.ts';

interface Picked {
  readonly target: CommandTarget;
  readonly id: string;
}

/** Shows a migration's text as it was applied beside what its file holds now. */
export async function compareWithApplied(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickMigration(context, node, 'Compare which migration?', ['drifted']);
  const applied = picked === undefined ? undefined : await appliedText(context, picked);
  if (picked === undefined || applied === undefined) return;
  await vscode.commands.executeCommand(
    'vscode.diff',
    context.documents.put(`applied ${applied.path}`, applied.text),
    vscode.Uri.parse(applied.uri),
    `${picked.id}: applied ↔ now`,
  );
}

/** Gives a migration's file the text back that was applied. */
export async function undoEdit(context: CommandContext, node?: ViewNode): Promise<void> {
  if (!(await isTrusted())) return;
  const picked = await pickMigration(context, node, 'Undo the edit of which migration?', ['drifted']);
  const applied = picked === undefined ? undefined : await appliedText(context, picked);
  if (applied === undefined) return;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(applied.uri));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(
    document.uri,
    new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length)),
    applied.text,
  );
  // An edit of the document, so that the editor's own undo takes it back.
  if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save()))
    say('error', `Lockstep: ${applied.path} could not be written.`);
  else await vscode.window.showTextDocument(document);
}

/** Makes the history take a migration's new text for what was applied; a reason is written into the file. */
export async function acceptEdit(context: CommandContext, node?: ViewNode): Promise<void> {
  if (!(await isTrusted())) return;
  const picked = await pickMigration(context, node, 'Accept the new text of which migration?', ['drifted']);
  if (picked === undefined) return;
  const reason = await vscode.window.showInputBox({
    title: `Lockstep: Accept the New Text of ${picked.id}`,
    prompt: 'Nothing runs: what the edit changes is not in the database. Why is it right all the same?',
    placeHolder: 'only a comment was corrected',
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === '' ? 'A reason is written into the file, for whoever meets it next' : undefined,
  });
  if (reason === undefined || reason.trim() === '') return;
  const { folderUri, statuses } = picked.target.folder;
  const path = statuses
    .find((each) => each.status.folder === picked.target.project)
    ?.status.migrations.find((each) => each.id === picked.id)?.paths[0];
  if (path === undefined) return;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(vscode.Uri.parse(folderUri), path));
  const edit = new vscode.WorkspaceEdit();
  const end = document.lineAt(document.lineCount - 1).range.end;
  edit.insert(
    document.uri,
    end,
    `${end.character === 0 ? '' : '\n'}-- Edited after it was applied: ${reason.trim().replaceAll(/\s+/g, ' ')}\n`,
  );
  if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save())) {
    say('error', `Lockstep: ${path} could not be written, so nothing was accepted.`);
    return;
  }
  await mark(context, picked, 'accepted', `the history takes the new text of ${picked.id} for what was applied`);
}

/** Makes the history forget a migration, without running its down half. */
export async function forgetMigration(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickMigration(context, node, 'Mark which migration as not applied?', [
    'applied',
    'drifted',
    'missing',
    'failed',
  ]);
  if (picked === undefined) return;
  const button = 'Mark as Not Applied';
  const detail = 'Its down half does not run: what it made stays in the database. It counts as pending from then on.';
  if (await isMeant(`Mark ${picked.id} as not applied?`, detail, button))
    await mark(context, picked, 'not-applied', `${picked.id} counts as not applied`);
}

/** Makes the history take a migration for applied, without running it. */
export async function markApplied(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickMigration(context, node, 'Mark which migration as applied?', [
    'pending',
    'out-of-order',
    'failed',
  ]);
  if (picked === undefined) return;
  const button = 'Mark as Applied';
  const detail = 'It does not run: the database must have what it makes already.';
  if (await isMeant(`Mark ${picked.id} as applied?`, detail, button))
    await mark(context, picked, 'applied', `${picked.id} counts as applied`);
}

/** Takes over a database that is in use: everything up to a migration counts as applied, and nothing runs. */
export async function markUpToHere(context: CommandContext, node?: ViewNode): Promise<void> {
  if (!(await isTrusted())) return;
  const picked = await pickMigration(context, node, 'Up to which migration does the database have all?', [
    'pending',
    'out-of-order',
  ]);
  if (picked === undefined) return;
  const wish = { folder: picked.target.folder.folderUri, project: picked.target.project, to: picked.id };
  const planned = await context.server.ask(BASELINE_REQUEST, { ...wish, expectedIds: null });
  if (!planned.ok) {
    say('error', `Lockstep: ${planned.message}`);
    return;
  }
  const { ids, lacking, database } = planned.value;
  const detail = [
    `None of them runs: ${nameList(ids)}.`,
    ...(lacking.length === 0 ? [] : [`${database} has no table ${nameList(lacking)}, which they make.`]),
  ].join('\n\n');
  const button = 'Mark as Applied';
  if (!(await isMeant(`Mark ${ids.length} as applied on ${database}?`, detail, button))) return;
  const confirmed = await confirmedFor(context, picked.target, `Mark ${ids.length} as applied`);
  if (confirmed === undefined) return;
  const outcome = await context.server.ask(BASELINE_REQUEST, { ...wish, ...confirmed, expectedIds: ids });
  await context.store.settled();
  if (outcome.ok) say('information', markedWords(ids.length));
  else say('error', `Lockstep: ${outcome.message}`);
}

async function isMeant(question: string, detail: string, button: string): Promise<boolean> {
  if (!(await isTrusted())) return false;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

async function mark(
  context: CommandContext,
  { target, id }: Picked,
  what: MarkParams['mark'],
  done: string,
): Promise<void> {
  const confirmed = await confirmedFor(context, target, `Change the history of ${id}`);
  if (confirmed === undefined) return;
  const outcome = await context.server.ask(MARK_REQUEST, {
    ...confirmed,
    folder: target.folder.folderUri,
    project: target.project,
    id,
    mark: what,
  });
  await context.store.settled();
  if (outcome.ok) say('information', `Lockstep: ${done}. Nothing has run.`);
  else say('error', `Lockstep: ${outcome.message}`);
}

async function appliedText(context: CommandContext, { target, id }: Picked): Promise<AppliedText | undefined> {
  const outcome = await context.server.ask(APPLIED_TEXT_REQUEST, {
    folder: target.folder.folderUri,
    project: target.project,
    id,
  });
  if (outcome.ok) return outcome.value;
  say('error', `Lockstep: ${outcome.message}`);
  return undefined;
}
