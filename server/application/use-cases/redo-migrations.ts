import { PROTECTED } from '../../model/environment.ts';
import type { DoneEvent } from '../../runner/runner.ts';
import { planRun } from '../../runner/plan-run.ts';
import type { RunConcern, StatusReport } from '../../runner/report.ts';
import { readStatus } from '../../runner/status.ts';
import { refused, type Refused } from './answer.ts';
import { environmentOn } from './production.ts';
import {
  planMigrations,
  runMigrations,
  type NotStarted,
  type PlannedRun,
  type RunHooks,
  type RunWish,
} from './run-migrations.ts';
import type { UseContext } from './use-context.ts';
import { withDatabase } from './with-database.ts';

/** How many of the newest applied migrations are taken back and applied again. */
export interface RedoWish {
  readonly steps: number;
}

/** How a redo ended: what was reverted, and what was applied again; that is null where the revert did not come to its end. */
export interface Redone {
  readonly kind: 'redone';
  readonly reverted: DoneEvent;
  readonly applied: DoneEvent | null;
}

/** Whoever has edited a migration has it done again for that. */
const DESPITE: readonly RunConcern[] = ['drifted'];

function downOf({ steps }: RedoWish): RunWish {
  return { direction: 'down', extent: { kind: 'steps', count: steps }, despite: DESPITE };
}

/** What a redo would take back and apply again, or why there is none: never on production. Nothing is written. */
export async function planRedo(
  context: UseContext,
  wish: RedoWish,
  signal?: AbortSignal,
): Promise<PlannedRun | NotStarted | Refused> {
  const planned = await planMigrations(context, downOf(wish), signal);
  const [newest] = planned.kind === 'planned' ? planned.ids : [];
  if (planned.kind !== 'planned' || newest === undefined) return planned;
  const against = await withDatabase(
    context,
    { readOnly: true },
    async (connection, named) => {
      if ((await environmentOn(connection, named)) === PROTECTED)
        return refused({ code: 'not-on-production', database: connection.label });
      return whyNotAgain(context, planned.ids, newest, await readStatus(context.project, connection, null));
    },
    signal,
  );
  return against ?? planned;
}

/** What would keep migrations from being applied again once they are reverted: asked before, so that no redo ends half-way for it. */
function whyNotAgain(
  { project }: UseContext,
  ids: readonly string[],
  newest: string,
  status: StatusReport,
): NotStarted | Refused | undefined {
  const reverted = {
    ...status,
    migrations: status.migrations.map((each) =>
      ids.includes(each.id) ? { ...each, state: 'pending' as const } : each,
    ),
  };
  const plan = planRun(project, reverted, 'up', { kind: 'to', id: newest }, { byCommand: true });
  if (plan.kind !== 'planned') return { kind: 'not-started', why: plan };
  const other = plan.migrations.find(({ id }) => !ids.includes(id));
  return other === undefined ? undefined : refused({ code: 'redo-takes-others', id: other.id });
}

/** Reverts the newest applied migrations and applies them again: just those. Never on production. */
export async function redoMigrations(
  context: UseContext,
  wish: RedoWish,
  { agree, ...hooks }: RunHooks,
): Promise<Redone | NotStarted | { readonly kind: 'declined' } | Refused> {
  const planned = await planRedo(context, wish, hooks.signal);
  if (planned.kind !== 'planned') return planned;
  const { ids } = planned;
  const reverted = await runMigrations(
    context,
    { ...downOf(wish), expectedIds: ids },
    { ...hooks, ...(agree === undefined ? {} : { agree }) },
  );
  if (reverted.kind !== 'ended') return reverted;
  const { done } = reverted;
  const [newest] = ids;
  if (done.failed !== null || done.stopped !== null || done.applied.length < ids.length || newest === undefined)
    return { kind: 'redone', reverted: done, applied: null };
  const applied = await runMigrations(
    context,
    { direction: 'up', extent: { kind: 'to', id: newest }, expectedIds: ids },
    hooks,
  );
  if (applied.kind !== 'ended') return applied.kind === 'declined' ? { kind: 'declined' } : applied;
  return { kind: 'redone', reverted: done, applied: applied.done };
}
