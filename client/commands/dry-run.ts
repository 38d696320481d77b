import type { ViewNode } from '../tree/view-node.ts';
import { pickTarget, type CommandContext } from './command-context.ts';
import { plan } from './run-migrations.ts';

/** Shows the SQL that Apply All, or Apply to Here on a migration, would run on the connected database, without running it. */
export async function dryRun(context: CommandContext, node?: ViewNode): Promise<void> {
  const target = await pickTarget(context, node);
  if (target === undefined) return;
  const extent =
    node?.migration === undefined ? ({ kind: 'all' } as const) : { kind: 'to' as const, id: node.migration.id };
  const planned = await plan(context, { target, direction: 'up', extent });
  if (planned !== undefined) await context.documents.show('Dry run.sql', planned.sql ?? '');
}
