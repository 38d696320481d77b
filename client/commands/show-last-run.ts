import type { ViewNode } from '../tree/view-node.ts';
import { pickTarget, type CommandContext } from './command-context.ts';
import { sayLastRun } from './how-it-ended.ts';
import { say } from '../say.ts';

/** Says again what the last run failed or stopped at, with what leads on from there. */
export async function showLastRun(context: CommandContext, node?: ViewNode): Promise<void> {
  const target = await pickTarget(context, node);
  if (target === undefined) return;
  const last = context.store.lastRun(target.folder.folderUri, target.project);
  if (last === undefined) say('information', 'Lockstep: the last run went through.');
  else await sayLastRun(context, target, last);
}
