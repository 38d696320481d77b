import type { Clock } from '../core/ports.ts';
import { DatabaseError, type Connection } from '../drivers/driver.ts';
import type { MigrationState } from './report.ts';
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
  // A migration whose file is gone is known by its id alone.
  const migration = project.migrations.migrations.find((each) => each.id === id) ?? {
    id,
    name: id,
    upPath: '',
    kind: 'versioned' as const,
  };
  const history = await project.history.open(connection);
  const entry = { migration, folder: project, inTransaction: true, now: () => clock.now() };
  await connection.begin();
  try {
    if (mark === 'applied') await history.ensure();
    if (mark !== 'applied') await history.mark({ ...entry, direction: 'down' });
    if (mark !== 'not-applied') await history.mark({ ...entry, direction: 'up' });
    await connection.commit();
  } catch (cause) {
    await connection.rollback();
    if (cause instanceof DatabaseError) throw cause;
    throw new Error('the history was not changed', { cause });
  }
  return undefined;
}
