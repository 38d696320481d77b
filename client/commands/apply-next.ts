import { pickTarget, type CommandContext } from './command-context.ts';
import { runMigrations } from './run-migrations.ts';

/** Applies the next pending migration. */
export async function applyNext(context: CommandContext): Promise<void> {
  const target = await pickTarget(context);
  if (target !== undefined) await runMigrations(context, { target, direction: 'up', extent: { kind: 'next' } });
}
