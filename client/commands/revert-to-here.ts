import type { ViewNode } from '../tree/view-node.ts';
import { isAimed } from './bulk.ts';
import { pickMigration, type CommandContext } from './command-context.ts';
import { runMigrations } from './run-migrations.ts';

/** Reverts everything newer than one migration, which stays applied; nothing is picked beforehand. */
export async function revertToHere(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickMigration(context, node, 'Revert back to which migration? It stays applied.', [
    'applied',
    'drifted',
  ]);
  if (picked !== undefined && isAimed(context, picked.target, node))
    await runMigrations(context, { target: picked.target, direction: 'down', extent: { kind: 'to', id: picked.id } });
}
