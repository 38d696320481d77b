import { PROTECTED } from '../../model/environment.ts';
import { planRun } from '../../runner/plan-run.ts';
import { lockForMarks } from '../../runner/run-lock.ts';
import { readStatus } from '../../runner/status.ts';
import { tryRun, type TriedRun } from '../../runner/try-run.ts';
import { runSettingsOf } from '../run-settings.ts';
import { refused, type Refused } from './answer.ts';
import { environmentOn } from './production.ts';
import type { NotStarted, RunHooks, RunWish } from './run-migrations.ts';
import type { UseContext } from './use-context.ts';
import { databaseToChange, withDatabase } from './with-database.ts';

/** Runs what is due in a transaction that is rolled back: how long it takes, and what it locks. Never on production, whose users would wait. */
export async function tryMigrations(
  context: UseContext,
  wish: RunWish,
  hooks: Pick<RunHooks, 'onEvent' | 'signal'>,
): Promise<{ readonly kind: 'tried'; readonly tried: TriedRun } | NotStarted | Refused> {
  const { project, outside } = context;
  const wanted = databaseToChange(context);
  if ('kind' in wanted) return wanted;
  return withDatabase(
    context,
    { readOnly: false },
    async (connection, named) => {
      if ((await environmentOn(connection, named)) === PROTECTED)
        return refused({ code: 'not-on-production', database: connection.label });
      const settings = runSettingsOf(project);
      await using _lock = await lockForMarks(project, connection, settings.migrationLockTimeoutMs);
      const plan = planRun(project, await readStatus(project, connection, null), wish.direction, wish.extent, wish);
      if (plan.kind !== 'planned') return { kind: 'not-started', why: plan } as const;
      const { direction, extent } = wish;
      const tried = await tryRun(
        {
          project,
          connection,
          direction,
          extent,
          settings,
          clock: outside.clock,
          onEvent: hooks.onEvent,
          ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
        },
        plan.migrations,
      );
      return { kind: 'tried', tried } as const;
    },
    hooks.signal,
  );
}
