import { isAimed } from './bulk.ts';
import { pickTarget, type CommandContext } from './command-context.ts';
import { runMigrations } from './run-migrations.ts';

/** Applies every pending migration, as far as requirements allow. */
export async function applyAll(context: CommandContext): Promise<void> {
  const target = await pickTarget(context);
  if (target !== undefined && isAimed(context, target))
    await runMigrations(context, { target, direction: 'up', extent: { kind: 'all' } });
}
