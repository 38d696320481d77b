import { isRunGoingOn } from '../../runner/run-lock.ts';
import type { UseContext } from './use-context.ts';
import { withDatabase } from './with-database.ts';

/**
 * Whether a run goes on in the project's database, whoever began it: what its history says then may still change.
 *
 * Null where that cannot be told: there is no database that can be asked, or the tool's own command carries runs out.
 */
export async function runElsewhere(context: UseContext): Promise<boolean | null> {
  const answer = await withDatabase(context, { readOnly: true }, async (connection) => ({
    kind: 'asked' as const,
    isGoingOn: await isRunGoingOn(context.project, connection),
  }));
  return answer.kind === 'asked' ? answer.isGoingOn : null;
}
