import { pickTarget, type CommandContext } from './command-context.ts';
import { runMigrations } from './run-migrations.ts';

/** Reverts the newest applied migration, after a look at it. */
export async function revertLast(context: CommandContext): Promise<void> {
  const target = await pickTarget(context);
  if (target !== undefined) await runMigrations(context, { target, direction: 'down', extent: { kind: 'next' } });
}
