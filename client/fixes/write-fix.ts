import * as vscode from 'vscode';
import type { PlannedFile } from '../../server/protocol/requests.ts';
import type { CommandContext } from '../commands/command-context.ts';
import type { LandedFile, LandedFix } from './landed-fix.ts';
import { readBytes, restore } from './restore.ts';
import { say } from '../say.ts';

/** Files to be written, as the server worked them out. */
export interface PlannedFiles {
  readonly folder: string;
  readonly project: string;
  readonly title: string;
  readonly steps: LandedFix['steps'];
  readonly files: readonly PlannedFile[];
}

/**
 * Writes files, all or none, and keeps what its undo needs; says so and is undefined where they could not be written.
 *
 * The journal knows of the files before the first one is written, so that a window that is closed in between can take them
 * back when it opens again.
 */
export async function writeFix(context: CommandContext, planned: PlannedFiles): Promise<LandedFix | undefined> {
  const files: LandedFile[] = [];
  for (const file of planned.files) {
    const before = await readBytes(file.uri);
    if ((file.action === 'create') !== (before === null))
      return refuse(`${file.path} was ${before === null ? 'taken away' : 'made'} meanwhile. Nothing was written.`);
    files.push({
      uri: file.uri,
      path: file.path,
      before,
      after: file.action === 'delete' ? null : Buffer.from(file.text, 'utf8').toString('base64'),
    });
  }
  const started: LandedFix = {
    id: crypto.randomUUID(),
    title: planned.title,
    folderUri: planned.folder,
    project: planned.project,
    isWhole: false,
    steps: planned.steps.map(({ title, deploys }) => ({ title, deploys })),
    files,
  };
  await context.journal.put(started);
  const edit = new vscode.WorkspaceEdit();
  // New files first: until all of them stand, nothing that exists is touched.
  for (const { uri, before, after } of files.toSorted(
    (left, right) => Number(left.before !== null) - Number(right.before !== null),
  )) {
    if (after === null) edit.deleteFile(vscode.Uri.parse(uri));
    else
      edit.createFile(vscode.Uri.parse(uri), {
        contents: Buffer.from(after, 'base64'),
        overwrite: before !== null,
      });
  }
  let isWritten = false;
  try {
    isWritten = await vscode.workspace.applyEdit(edit);
    for (const file of files) isWritten &&= (await readBytes(file.uri)) === file.after;
  } catch {
    // What the disk refused; said below, once what was written before it is taken back.
    isWritten = false;
  }
  if (!isWritten) {
    const { failed } = await restore(files);
    if (failed.length === 0) await context.journal.remove(started.id);
    return refuse(
      failed.length === 0
        ? 'The files could not be written, and everything is as it was. Is the folder read-only, or the disk full?'
        : `The files could not be written, and ${failed.join(', ')} could not be put back: "Lockstep: Undo Last Fix…" tries again.`,
    );
  }
  const landed: LandedFix = { ...started, isWhole: true };
  await context.journal.put(landed);
  return landed;
}

function refuse(message: string): undefined {
  say('error', `Lockstep: ${message}`);
  return undefined;
}
