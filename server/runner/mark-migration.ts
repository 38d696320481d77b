import type { Clock } from '../core/ports.ts';
import { DatabaseError, type Connection } from '../drivers/driver.ts';
import type { OpenHistory } from '../tools/history.ts';
import { lockForMarks } from './run-lock.ts';
import type { MigrationState, MigrationStatus, StatusReport } from './report.ts';
import { RunLog, type Auditor, type LoggedAction } from './run-log.ts';
import { RunMarks } from './run-marks.ts';
import type { RunnerProject } from './runner.ts';
import { readStatus } from './status.ts';

/** What a person says of a migration without running it. `accepted`: its new text is what was applied. */
export type HistoryMark = 'applied' | 'not-applied' | 'accepted';

const FROM: Readonly<Record<HistoryMark, readonly MigrationState[]>> = {
  applied: ['pending', 'out-of-order', 'failed'],
  'not-applied': ['applied', 'drifted', 'missing', 'failed'],
  accepted: ['drifted'],
};

const LOGGED: Readonly<Record<HistoryMark, LoggedAction>> = {
  applied: 'mark',
  'not-applied': 'unmark',
  accepted: 'accept',
};

/** Why a mark was not made. */
export type MarkRefusal =
  | { readonly code: 'no-such-migration'; readonly id: string }
  /** It is in a state that the mark is not for. */
  | { readonly code: 'other-state'; readonly id: string; readonly state: MigrationState }
  /** The history keeps how far it came, so that the mark would say something of others too. */
  | { readonly code: 'marks-others'; readonly id: string; readonly others: readonly string[] };

interface MarkRequest {
  readonly project: RunnerProject;
  readonly connection: Connection;
  readonly mark: HistoryMark;
  readonly clock: Clock;
  /** Whoever is written into the log; absent: none is kept. */
  readonly auditor?: Auditor | undefined;
  /** What the log calls it, and why a person did it. */
  readonly logged?: { readonly action: LoggedAction; readonly reason?: string | undefined } | undefined;
}

/**
 * Changes what the history says of one migration, under the migration lock and in one transaction, and runs nothing; the
 * reason where it does not.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function markMigration(
  request: MarkRequest & {
    readonly id: string;
    /** How long a run that goes on elsewhere is waited for. */
    readonly migrationLockTimeoutMs: number;
  },
): Promise<MarkRefusal | undefined> {
  const { project, connection, id, mark } = request;
  await using _lock = await lockForMarks(project, connection, request.migrationLockTimeoutMs);
  const status = await readStatus(project, connection, null);
  const found = status.migrations.find((migration) => migration.id === id);
  if (found === undefined) return { code: 'no-such-migration', id };
  if (!FROM[mark].includes(found.state)) return { code: 'other-state', id, state: found.state };
  // Awaited: the lock would go with the return otherwise.
  return await writeMarks({ ...request, ids: [id], goesOnBy: found.goesOnBy });
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
 * Changes what the history says of some migrations, in one transaction, whatever it says of them now; the reason where it
 * would say something of others too.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function writeMarks(
  request: MarkRequest & {
    readonly ids: readonly string[];
    /** Of the only one, where a half of it was begun and a run would go on with it. */
    readonly goesOnBy?: MigrationStatus['goesOnBy'];
  },
): Promise<MarkRefusal | undefined> {
  const { project, connection, ids, mark } = request;
  const history = await project.history.open(connection);
  const marks = await RunMarks.open(connection, history.table);
  const others = async (): Promise<readonly string[]> =>
    (await history.read(project)).map((row) => row.id).filter((each) => !ids.includes(each));
  const { auditor, clock, logged } = request;
  const log = await RunLog.open(connection, auditor);
  await connection.begin();
  try {
    if (mark !== 'not-applied') await history.ensure();
    const before = await others();
    for (const id of ids) await writeOne(request, history, id);
    // A half that was begun is done or taken back, as the person says: nothing goes on with it.
    for (const begun of await marks.read()) if (ids.includes(begun.id)) await marks.remove(begun);
    for (const id of ids) await log?.note(logged?.action ?? LOGGED[mark], id, clock.now(), logged?.reason);
    const after = await others();
    const changed = [
      ...before.filter((each) => !after.includes(each)),
      ...after.filter((each) => !before.includes(each)),
    ];
    if (changed.length > 0) {
      await connection.rollback();
      return { code: 'marks-others', id: ids.join(', '), others: changed };
    }
    await connection.commit();
  } catch (cause) {
    await connection.rollback();
    if (cause instanceof DatabaseError) throw cause;
    throw new Error('the history was not changed', { cause });
  }
  return undefined;
}

async function writeOne(
  { project, mark, clock, goesOnBy }: MarkRequest & { readonly goesOnBy?: MigrationStatus['goesOnBy'] },
  history: OpenHistory,
  id: string,
): Promise<void> {
  // A migration whose file is gone is known by its id alone.
  const migration = project.migrations.migrations.find((each) => each.id === id) ?? {
    id,
    name: id,
    upPath: '',
    kind: 'versioned' as const,
  };
  const entry = { migration, folder: project, inTransaction: true, now: () => clock.now() };
  const row = (await history.read(project)).find((each) => each.id === id);
  // One that is being reverted has its row until the end; where the history keeps how far it came, it has none any more.
  const isWhole = row !== undefined && row.failed !== true;
  if (mark === 'applied' && isWhole) return;
  if (row !== undefined || (mark === 'not-applied' && goesOnBy !== 'apply'))
    await history.mark({ ...entry, direction: 'down' });
  if (mark !== 'not-applied') await history.mark({ ...entry, direction: 'up' });
}
