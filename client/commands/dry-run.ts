import { pickTarget, type CommandContext } from './command-context.ts';
import { plan } from './run-migrations.ts';

/** Shows the SQL that Apply All would run on the connected database, without running it. */
export async function dryRun(context: CommandContext): Promise<void> {
  const target = await pickTarget(context);
  if (target === undefined) return;
  const planned = await plan(context, { target, direction: 'up', extent: { kind: 'all' } });
  if (planned !== undefined) await context.documents.show('Dry run.sql', planned.sql ?? '');
}
