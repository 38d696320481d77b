import { RUNBOOK_REQUEST, type RunbookParams } from '../../server/protocol/requests.ts';
import type { ViewNode } from '../tree/view-node.ts';
import { pickChange, type CommandContext } from './command-context.ts';
import { say } from '../say.ts';

/** Shows a change as a page: what to do in which order, who does it, and how to go back from each point. */
export async function showRunbook(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickChange(context, node, 'The runbook of which change?', () => true);
  if (picked === undefined) return;
  await showRunbookOf(context, {
    folder: picked.target.folder.folderUri,
    project: picked.target.project,
    change: picked.change.id,
  });
}

/** The same for a change that is known by its id. */
export async function showRunbookOf(context: CommandContext, params: RunbookParams): Promise<void> {
  const outcome = await context.server.ask(RUNBOOK_REQUEST, params);
  if (outcome.ok) await context.documents.showMarkdown(`${params.change}-runbook.md`, outcome.value);
  else say('error', `Lockstep: ${outcome.message}`);
}
