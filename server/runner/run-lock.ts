import type { Connection } from '../drivers/driver.ts';
import { migrationLockKey } from './lock-key.ts';
import type { RunnerProject } from './runner.ts';

/** The lock that a run takes, so that no mark is made beside one; `timeoutMs`: how long such a run is waited for. */
export async function lockForMarks(
  project: RunnerProject,
  connection: Connection,
  timeoutMs: number,
): Promise<AsyncDisposable> {
  return connection.lockMigrations(await runLockKey(project, connection), timeoutMs);
}

/**
 * Whether a run of migrations goes on, whoever began it; null where that cannot be told: a tool's own command may go on
 * after the run that began it has ended, and holds no lock of Lockstep's. Errors: rejects with `DatabaseError`.
 */
export async function isRunGoingOn(project: RunnerProject, connection: Connection): Promise<boolean | null> {
  if (project.applier.kind === 'command') return null;
  return connection.isMigrationLockHeld(await runLockKey(project, connection));
}

/** Key of the lock that a run of the project holds: the tool's own where it takes one. */
export async function runLockKey(project: RunnerProject, connection: Connection): Promise<bigint> {
  const { lockKey } = await project.history.open(connection);
  return lockKey ?? migrationLockKey(project.history.table);
}
