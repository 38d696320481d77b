import type { ViewNode } from '../tree/view-node.ts';
import { isAimed } from './bulk.ts';
import { pickMigration, type CommandContext } from './command-context.ts';
import { runMigrations } from './run-migrations.ts';

/** Applies pending migrations up to and including one. */
export async function applyToHere(context: CommandContext, node?: ViewNode): Promise<void> {
  const picked = await pickMigration(context, node, 'Apply up to which migration?', ['pending', 'out-of-order']);
  if (picked !== undefined && isAimed(context, picked.target, node))
    await runMigrations(context, { target: picked.target, direction: 'up', extent: { kind: 'to', id: picked.id } });
}
