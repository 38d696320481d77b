import * as vscode from 'vscode';
import type { CommandContext } from '../commands/command-context.ts';
import type { LandedFix } from './landed-fix.ts';

/** Shows every file of a fix as it was before beside what it is now. */
export async function compareFix(context: CommandContext, fix: LandedFix): Promise<void> {
  await vscode.commands.executeCommand(
    'vscode.changes',
    fix.title,
    fix.files.map((file) => [
      vscode.Uri.parse(file.uri),
      file.before === null
        ? undefined
        : context.documents.put(`before ${file.path}`, Buffer.from(file.before, 'base64').toString('utf8')),
      file.after === null ? undefined : vscode.Uri.parse(file.uri),
    ]),
  );
}
