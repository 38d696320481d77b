import type { EngineId } from '../model/engine-id.ts';
import type { Connection, ConnectOptions, DatabaseTarget, Driver } from './driver.ts';

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
  const driver = await DRIVERS[target.dialect]();
  return driver.connect(target, options, signal);
}

const DRIVERS: Readonly<Record<EngineId, () => Promise<Driver>>> = {
  postgresql: async () => (await import('./postgres.ts')).postgresDriver,
  sqlite: async () => (await import('./sqlite.ts')).sqliteDriver,
};
