import * as vscode from 'vscode';
import { CONNECT_REQUEST } from '../../server/protocol/requests.ts';
import { pickConnection } from '../connections/pick.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';

/** Connects a workspace folder to a database that the person picks; whether it is connected then. */
export async function connect(context: CommandContext, folderUri?: string): Promise<boolean> {
  if (!(await isTrusted())) return false;
  const folder = folderUri ?? (await pickTarget(context))?.folder.folderUri;
  if (folder === undefined) return false;
  const picked = await pickConnection(folder, context.store.statuses(folder), context.saved);
  if (picked === undefined) return false;
  const outcome = await vscode.window.withProgress({ location: { viewId: 'lockstep.migrations' } }, () =>
    context.server.ask(CONNECT_REQUEST, {
      folder,
      url: picked.url,
      environment: picked.environment,
    }),
  );
  await context.store.settled();
  if (!outcome.ok) {
    void vscode.window.showErrorMessage(`Lockstep: ${outcome.message}`);
    return false;
  }
  if (picked.url !== '') await context.saved.save(folder, { ...picked, label: outcome.value.label });
  return true;
}
