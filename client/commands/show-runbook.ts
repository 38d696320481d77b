import type { ViewNode } from '../tree/view-node.ts';
import { pickChange, type CommandContext } from './command-context.ts';

/** Shows a change as a page: what to do in which order, who does it, and how to go back from each point. */
export async function showRunbook(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickChange(context, node, 'The runbook of which change?', () => true);
  if (picked === undefined) return;
  await context.runbooks.show({
    folder: picked.target.folder.folderUri,
    project: picked.target.project,
    change: picked.change.id,
  });
}
