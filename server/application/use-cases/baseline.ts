import type { Connection } from '../../drivers/driver.ts';
import { displayName } from '../../model/names.ts';
import { baselineIds, writeMarks } from '../../runner/mark-migration.ts';
import { lockForMarks } from '../../runner/run-lock.ts';
import { readStatus } from '../../runner/status.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import { isOwnTable } from '../own-tables.ts';
import { runSettingsOf } from '../run-settings.ts';
import { done, refused, type Answer, type Refused } from './answer.ts';
import { auditorOf } from './auditor-of.ts';
import { unconfirmed } from './production.ts';
import type { UseContext } from './use-context.ts';
import { databaseToChange, withDatabase } from './with-database.ts';

/** A database that is in use is taken over: what it has already counts as applied. */
export interface BaselineWish {
  /** The newest migration that the database has; all of them where absent. */
  readonly to?: string;
}

export interface PlannedBaseline {
  /** Of the database, for people. */
  readonly database: string;
  /** What would be marked, in the tool's order. */
  readonly ids: readonly string[];
  /** Tables that these migrations make and the database does not have, as people write them. */
  readonly lacking: readonly string[];
}

/** What a baseline would mark; nothing is written. */
export async function planBaseline(context: UseContext, wish: BaselineWish): Promise<Answer<PlannedBaseline>> {
  await context.project.refresh();
  return withDatabase(context, { readOnly: true }, async (connection) => planned(context, connection, wish));
}

/**
 * Marks what the database has as applied, in one transaction, and runs nothing. `agree` is asked before, about what is
 * marked then: undefined where the answer was no.
 */
export async function markBaseline(
  context: UseContext,
  wish: BaselineWish,
  agree: (shown: PlannedBaseline) => Promise<boolean>,
): Promise<Answer<PlannedBaseline | undefined>> {
  const { project, outside, isKept } = context;
  const wanted = databaseToChange(context);
  if ('kind' in wanted) return wanted;
  await project.refresh();
  return withDatabase(context, { readOnly: false }, async (connection, named) => {
    const plan = await planned(context, connection, wish);
    if (plan.kind === 'refused') return plan;
    if (!(await agree(plan.value))) return done(undefined);
    const { ids } = plan.value;
    if (ids.length > 0) {
      const refusedAs = await unconfirmed(context, connection, named);
      if (refusedAs !== undefined) return refusedAs;
      const { migrationLockTimeoutMs } = runSettingsOf(project);
      await using _lock = await lockForMarks(project, connection, migrationLockTimeoutMs);
      // Whoever was asked may have taken their time.
      const now = baselineIds(project, await readStatus(project, connection, null), wish.to);
      if ('code' in now) return refused(now);
      if (now.join('\n') !== ids.join('\n')) return refused({ code: 'changed-meanwhile' });
      const refusal = await writeMarks({
        project,
        connection,
        ids,
        mark: 'applied',
        clock: outside.clock,
        auditor: auditorOf(context),
        logged: { action: 'baseline' },
      });
      if (refusal !== undefined) return refused(refusal);
    }
    if (isKept) project.setDatabase(await readDatabaseFacts(project, connection));
    return plan;
  });
}

async function planned(
  { project }: UseContext,
  connection: Connection,
  { to }: BaselineWish,
): Promise<Refused | { readonly kind: 'done'; readonly value: PlannedBaseline }> {
  const ids = baselineIds(project, await readStatus(project, connection, null), to);
  if ('code' in ids) return refused(ids);
  return done({ database: connection.label, ids, lacking: await lackingTables(project, connection, ids) });
}

/** Tables that migrations make and the database does not have under that name in any schema. */
async function lackingTables(
  project: UseContext['project'],
  connection: Connection,
  ids: readonly string[],
): Promise<readonly string[]> {
  const last = ids.at(-1);
  if (last === undefined) return [];
  const made = new Set(ids);
  const there = new Set([...(await connection.catalog()).relations.values()].map(({ name }) => name));
  return [...project.schemaAfter(last).relations.values()]
    .filter(
      ({ kind, persistence, origin, name }) =>
        (kind === 'table' || kind === 'partitioned-table') &&
        persistence !== 'temporary' &&
        origin.migration !== undefined &&
        made.has(origin.migration) &&
        !isOwnTable(project, name) &&
        !there.has(name),
    )
    .map(({ name }) => displayName({ name }))
    .sort();
}
