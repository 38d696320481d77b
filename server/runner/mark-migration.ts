import type { Clock } from '../core/ports.ts';
import { DatabaseError, type Connection } from '../drivers/driver.ts';
import type { MigrationState, StatusReport } from './report.ts';
import type { RunnerProject } from './runner.ts';
import { readStatus } from './status.ts';

/** What a person says of a migration without running it. `accepted`: its new text is what was applied. */
export type HistoryMark = 'applied' | 'not-applied' | 'accepted';

const FROM: Readonly<Record<HistoryMark, readonly MigrationState[]>> = {
  applied: ['pending', 'out-of-order'],
  'not-applied': ['applied', 'drifted', 'missing'],
  accepted: ['drifted'],
};

/** Why a mark was not made. */
export type MarkRefusal =
  | { readonly code: 'no-such-migration'; readonly id: string }
  /** It is in a state that the mark is not for. */
  | { readonly code: 'other-state'; readonly id: string; readonly state: MigrationState };

/**
 * Changes what the history says of one migration, in one transaction, and runs nothing; the reason where it does not.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function markMigration(
  project: RunnerProject,
  connection: Connection,
  id: string,
  mark: HistoryMark,
  clock: Clock,
): Promise<MarkRefusal | undefined> {
  const status = await readStatus(project, connection, null);
  const state = status.migrations.find((migration) => migration.id === id)?.state;
  if (state === undefined) return { code: 'no-such-migration', id };
  if (!FROM[mark].includes(state)) return { code: 'other-state', id, state };
  await writeMarks(project, connection, [id], mark, clock);
  return undefined;
}

/**
 * What a baseline marks: everything that is pending up to one migration, or all of it, in the tool's order. What runs on
 * each change of its text runs all the same. A migration that failed half-way is no state to begin from.
 */
export function baselineIds(
  project: RunnerProject,
  status: StatusReport,
  to: string | undefined,
): readonly string[] | MarkRefusal {
  const failed = status.migrations.find(({ state }) => state === 'failed');
  if (failed !== undefined) return { code: 'other-state', id: failed.id, state: failed.state };
  const { migrations } = project.migrations;
  const end = to === undefined ? migrations.length - 1 : migrations.findIndex(({ id }) => id === to);
  if (to !== undefined && end < 0) return { code: 'no-such-migration', id: to };
  return migrations
    .slice(0, end + 1)
    .filter(({ id, kind }) => {
      const state = status.migrations.find((each) => each.id === id)?.state;
      return kind !== 'repeatable' && state !== undefined && FROM.applied.includes(state);
    })
    .map(({ id }) => id);
}

/**
 * Changes what the history says of some migrations, in one transaction, whatever it says of them now.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function writeMarks(
  project: RunnerProject,
  connection: Connection,
  ids: readonly string[],
  mark: HistoryMark,
  clock: Clock,
): Promise<void> {
  const history = await project.history.open(connection);
  await connection.begin();
  try {
    if (mark === 'applied') await history.ensure();
    for (const id of ids) {
      // A migration whose file is gone is known by its id alone.
      const migration = project.migrations.migrations.find((each) => each.id === id) ?? {
        id,
        name: id,
        upPath: '',
        kind: 'versioned' as const,
      };
      const entry = { migration, folder: project, inTransaction: true, now: () => clock.now() };
      if (mark !== 'applied') await history.mark({ ...entry, direction: 'down' });
      if (mark !== 'not-applied') await history.mark({ ...entry, direction: 'up' });
    }
    await connection.commit();
  } catch (cause) {
    await connection.rollback();
    if (cause instanceof DatabaseError) throw cause;
    throw new Error('the history was not changed', { cause });
  }
}
