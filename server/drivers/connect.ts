import type { Connection, ConnectOptions, DatabaseTarget } from './driver.ts';

/**
 * Opens a session; the driver of the target's dialect is loaded only now.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function openConnection(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal?: AbortSignal,
): Promise<Connection> {
  const { driver } =
    target.dialect === 'postgresql'
      ? { driver: (await import('./postgres.ts')).postgresDriver }
      : { driver: (await import('./sqlite.ts')).sqliteDriver };
  return driver.connect(target, options, signal);
}
