import * as vscode from 'vscode';
import { CONNECT_REQUEST } from '../../server/protocol/requests.ts';
import { connectsByItself, nameOf } from '../connections/choices.ts';
import { enterConnection, pickConnection, urlOf } from '../connections/pick.ts';
import type { SavedConnection } from '../connections/saved-connections.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';

/** Connects a workspace folder to a database that the person picks; whether it is connected then. */
export async function connect(context: CommandContext, folderUri?: string): Promise<boolean> {
  if (!(await isTrusted())) return false;
  const folder = folderUri ?? (await pickTarget(context))?.folder.folderUri;
  if (folder === undefined) return false;
  const picked = await pickConnection(folder, context.store.statuses(folder), context.saved);
  return picked !== undefined && (await connectTo(context, folder, picked));
}

/** Connects to what the folder was connected to last, without a question; asks where there is no such thing. */
export async function reconnect(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const folder = (await pickTarget(context))?.folder.folderUri;
  if (folder === undefined) return;
  const [last] = await context.saved.all(folder);
  if (last === undefined) {
    await connect(context, folder);
    return;
  }
  if (!(await connectTo(context, folder, last))) return;
  const database = context.store.statuses(folder).find((each) => each.status.database !== null)?.status.database;
  if (database?.environment === 'production' || last.reconnects !== undefined) return;
  const always = 'Always When This Folder Opens';
  const answer = await vscode.window.showInformationMessage(
    `Lockstep: connected to ${database?.label ?? nameOf(last)}.`,
    always,
    'Never',
  );
  if (answer !== undefined) await context.saved.change(folder, last, { reconnects: answer === always });
}

/** Connects the folders of a window that has just opened, those for which a person has allowed it. */
export async function reconnectWhereAllowed(context: CommandContext): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  await context.store.loaded();
  for (const { folderUri, statuses } of context.store.folders) {
    const [last] = await context.saved.all(folderUri);
    if (!connectsByItself(last)) continue;
    // What `lockstep.jsonc` names may have become production since.
    const isConfigured = last.url === '' && last.variable === undefined && last.named === undefined;
    if (isConfigured && statuses.some((each) => each.configured?.environment === 'production')) continue;
    const isProtected = statuses.some((each) =>
      each.environments.some(({ name, environment }) => name === last.named && environment === 'production'),
    );
    if (isProtected) continue;
    await connectTo(context, folderUri, last);
  }
}

async function connectTo(context: CommandContext, folder: string, connection: SavedConnection): Promise<boolean> {
  const url = await urlOf(folder, connection);
  if (url === undefined) {
    void offerAgain(
      context,
      folder,
      connection,
      `${connection.variable?.name ?? ''} is not in ${connection.variable?.file ?? ''} any more.`,
    );
    return false;
  }
  const { environment, named } = connection;
  const outcome = await vscode.window.withProgress({ location: { viewId: 'lockstep.migrations' } }, () =>
    context.server.ask(CONNECT_REQUEST, {
      folder,
      url,
      environment,
      ...(named === undefined ? {} : { named }),
    }),
  );
  await context.store.settled();
  if (!outcome.ok) {
    void offerAgain(context, folder, connection, outcome.message);
    return false;
  }
  await context.saved.save(folder, { ...connection, label: outcome.value.label });
  return true;
}

/** Says why there is no connection, with the ways on; nothing that was to run after it runs then. */
async function offerAgain(
  context: CommandContext,
  folder: string,
  connection: SavedConnection,
  message: string,
): Promise<void> {
  const again = 'Try Again';
  const other = 'Another Database…';
  const edit = 'Edit the URL…';
  const isTyped = connection.url !== '' && connection.label === undefined;
  const answer = await vscode.window.showErrorMessage(
    `Lockstep: ${message}`,
    ...(isTyped ? [edit, again] : [again, other]),
  );
  if (answer === again) await connectTo(context, folder, connection);
  else if (answer === other) await connect(context, folder);
  else if (answer === edit) {
    const entered = await enterConnection();
    if (entered !== undefined) await connectTo(context, folder, entered);
  }
}
