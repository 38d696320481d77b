import { SCRIPT_REQUEST } from '../../server/protocol/requests.ts';
import type { ViewNode } from '../tree/view-node.ts';
import { pickMigration, type CommandContext } from './command-context.ts';
import { say } from '../say.ts';

const EVERY_STATE = [
  'applied',
  'pending',
  'out-of-order',
  'drifted',
  'failed',
  'baseline',
  'repeatable-outdated',
  'unknown',
];

/** Shows both halves of a migration as the runner would send them. */
export async function showSql(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickMigration(context, node, 'Show the SQL of which migration?', EVERY_STATE);
  if (picked === undefined) return;
  const texts: string[] = [];
  for (const direction of ['up', 'down'] as const) {
    const outcome = await context.server.ask(SCRIPT_REQUEST, {
      folder: picked.target.folder.folderUri,
      project: picked.target.project,
      direction,
      ids: [picked.id],
    });
    if (!outcome.ok) {
      say('error', `Lockstep: ${outcome.message}`);
      return;
    }
    texts.push(outcome.value);
  }
  await context.documents.show(`${picked.id}.sql`, texts.join('\n'));
}
