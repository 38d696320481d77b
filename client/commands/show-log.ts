import { LOG_REQUEST } from '../../server/protocol/requests.ts';
import { say } from '../say.ts';
import { pickTarget, type CommandContext } from './command-context.ts';

/** Shows who ran what on the connected database, where the team keeps a log in it. */
export async function showLog(context: CommandContext): Promise<void> {
  const target = await pickTarget(context);
  if (target === undefined) return;
  const outcome = await context.server.ask(LOG_REQUEST, {
    folder: target.folder.folderUri,
    project: target.project,
  });
  if (outcome.ok) await context.documents.show('Log of the database.txt', outcome.value);
  else say('error', `Lockstep: ${outcome.message}`);
}
