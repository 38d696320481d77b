import type { Connection, PreflightNote } from '../../drivers/driver.ts';
import { DatabaseError } from '../../drivers/driver.ts';
import { displayName, objectKey } from '../../model/names.ts';
import type { UseContext } from './use-context.ts';

/** Size from which on a table is told that a run reads, rewrites or locks whole. */
const LARGE_BYTES = 1_000_000_000;

/**
 * What a person should know before a run: what stands against it on the server now, and the large tables that it rewrites or reads
 * whole. Order, drift and what failed are for the plan of the run, which they stop.
 */
export async function preflight(
  { project }: Pick<UseContext, 'project'>,
  connection: Connection,
  direction: 'up' | 'down',
  ids: readonly string[],
): Promise<readonly PreflightNote[]> {
  if (connection.preflight === undefined || ids.length === 0) return [];
  try {
    return [...(await connection.preflight()), ...(await largeTables(project, connection, direction, ids))];
  } catch (cause) {
    // What cannot be looked at is no reason not to run.
    if (!(cause instanceof DatabaseError)) throw cause;
    return [];
  }
}

async function largeTables(
  project: UseContext['project'],
  connection: Connection,
  direction: 'up' | 'down',
  ids: readonly string[],
): Promise<readonly PreflightNote[]> {
  const { sizes } = await connection.live();
  const least = project.settings.largeTable?.bytes ?? LARGE_BYTES;
  // To see what all that is pending does takes as long as to lint it.
  if (![...sizes.values()].some(({ bytes }) => bytes >= least)) return [];
  const told = new Map<string, PreflightNote>();
  const migrations = new Map(project.migrations.migrations.map((migration) => [migration.id, migration]));
  for (const id of ids) {
    const migration = migrations.get(id);
    const path = direction === 'up' ? migration?.upPath : migration?.downPath;
    if (path === undefined || project.textOf(path) === undefined) continue;
    for (const { statement, effects } of project.impacts(path)) {
      if (statement.section.direction !== direction) continue;
      for (const { schema, relation, rewrite, scan } of effects) {
        const bytes = rewrite || scan ? (sizes.get(objectKey(schema, relation))?.bytes ?? 0) : 0;
        if (bytes < least) continue;
        told.set(`${id} ${schema} ${relation}`, {
          code: 'large-table',
          message: `${id} ${rewrite ? 'rewrites' : 'reads'} ${displayName({ schema, name: relation })} whole, which has ${sizeWords(bytes)}.`,
        });
      }
    }
  }
  return [...told.values()];
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
const STEP = 1_000;

/** `12.3 GB`, for people. */
function sizeWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / STEP ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? 'bytes'}`;
}
