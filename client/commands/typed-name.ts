import * as vscode from 'vscode';
import { databaseName, type Confirmed } from '../../server/protocol/requests.ts';
import type { CommandContext, CommandTarget } from './command-context.ts';
import { wrongName } from './confirmation.ts';

/** Asks for the name of a database that is production; undefined where another one, or none, was typed. */
export async function typedName(asked: {
  readonly title: string;
  readonly prompt: string;
  readonly name: string;
}): Promise<Confirmed | undefined> {
  const typed = await vscode.window.showInputBox({
    title: asked.title,
    prompt: asked.prompt,
    ignoreFocusOut: true,
    validateInput: (text) => wrongName(asked, text),
  });
  return typed === asked.name ? { confirmed: typed } : undefined;
}

/** What lets a command write to a target's database: nothing where it is not production, else its name. */
export async function confirmedFor(
  { store }: CommandContext,
  target: CommandTarget,
  title: string,
): Promise<Confirmed | undefined> {
  const database = databaseOf(store, target);
  if (database?.environment !== 'production') return {};
  const name = databaseName(database.label);
  return typedName({ title: `${title} on PRODUCTION (${database.label})`, prompt: `Type ${name} to go on`, name });
}

/** The database of a target as the last status has it. */
export function databaseOf(
  store: CommandContext['store'],
  { folder, project }: CommandTarget,
): { readonly label: string; readonly environment: string | null } | null {
  return store.statuses(folder.folderUri).find((each) => each.status.folder === project)?.status.database ?? null;
}
