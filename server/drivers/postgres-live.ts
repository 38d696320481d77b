import type { LockHolder } from '../model/activity.ts';
import { LOCK_MODES, type PostgresLockMode } from '../model/effect.ts';
import { objectKey } from '../model/names.ts';
import type { RelationSize } from '../model/schema.ts';
import type { LiveFacts, Row } from './driver.ts';

/** How long a size may wait for a table that a migration holds: the catalog's own estimate stays where it waits longer. */
const SIZE_LOCK_TIMEOUT_MS = 200;

/** Age of a transaction from which on it is told: younger ones end before a migration begins. */
export const LONG_TRANSACTION_SECONDS = 5;

const IS_USERS = `n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;

/**
 * Sizes of tables that hold rows: asks the file system for each, under AccessShareLock for a moment.
 *
 * Rows: `reltuples` scaled to the pages that the table has now, as the planner does; before the first ANALYZE or VACUUM
 * what the statistics collector counted. Tables that somebody holds exclusively are left out, for they would be waited for.
 */
const SIZES = `SELECT n.nspname AS schema, r.relname AS name, r.reltuples::float8 AS tuples, r.relpages::float8 AS pages, current_setting('block_size')::float8 AS block,
    pg_relation_size(r.oid)::float8 AS heap, pg_table_size(r.oid)::float8 AS stored, pg_indexes_size(r.oid)::float8 AS indexes, pg_stat_get_live_tuples(r.oid)::float8 AS live
  FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  WHERE r.relkind IN ('r', 'm') AND ${IS_USERS}
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'relation' AND l.relation = r.oid AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid())`;

/** Locks on user's relations that transactions of other clients hold; those of workers, which give way, are left out. */
const HOLDERS = `SELECT a.pid, COALESCE(a.usename, '') AS "user", COALESCE(a.application_name, '') AS application, a.state LIKE 'idle in transaction%' AS idle,
    EXTRACT(EPOCH FROM clock_timestamp() - a.xact_start)::float8 AS age, n.nspname AS schema, r.relname AS name, l.mode
  FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l ON l.pid = a.pid
    JOIN pg_catalog.pg_class r ON r.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  WHERE a.datname = current_database() AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid() AND l.locktype = 'relation' AND l.granted
    AND a.xact_start < clock_timestamp() - make_interval(secs => $1) AND r.relkind IN ('r', 'p', 'm', 'v', 'f') AND ${IS_USERS}
  ORDER BY a.xact_start, a.pid, n.nspname, r.relname, l.mode`;

/** What goes on in a database now. Outside a transaction only: a size that waits too long would end it. Errors: those of `query`. */
export async function readPostgresLive(
  query: (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>,
): Promise<LiveFacts> {
  const holders = (await query(HOLDERS, [LONG_TRANSACTION_SECONDS])).flatMap(holderOf);
  return { sizes: await readSizes(query), holders };
}

async function readSizes(
  query: (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>,
): Promise<ReadonlyMap<string, RelationSize>> {
  const [before] = await query(
    `SELECT current_setting('lock_timeout') AS value, set_config('lock_timeout', $1, false)`,
    [`${SIZE_LOCK_TIMEOUT_MS}ms`],
  );
  try {
    return new Map(
      (await query(SIZES)).flatMap((row) => {
        const size = sizeOfRow(row);
        return size === undefined ? [] : [[objectKey(String(row['schema']), String(row['name'])), size] as const];
      }),
    );
  } catch {
    // A table was taken between the look at pg_locks and its turn: the catalog's own numbers are there all the same.
    return new Map();
  } finally {
    await query(`SELECT set_config('lock_timeout', $1, false)`, [String(before?.['value'] ?? '0')]);
  }
}

function sizeOfRow(row: Row): RelationSize | undefined {
  const [tuples, pages, block, heap, stored, indexes, live] = [
    'tuples',
    'pages',
    'block',
    'heap',
    'stored',
    'indexes',
    'live',
  ].map((name) => Number(row[name] ?? 0));
  if (
    tuples === undefined ||
    pages === undefined ||
    block === undefined ||
    heap === undefined ||
    stored === undefined ||
    indexes === undefined ||
    live === undefined
  )
    return undefined;
  const rows =
    heap === 0
      ? 0
      : tuples > 0 && pages > 0
        ? Math.round((tuples / pages) * (heap / block))
        : live > 0
          ? live
          : undefined;
  return rows === undefined
    ? undefined
    : { rows, bytes: stored + indexes, heapBytes: heap, toastBytes: Math.max(0, stored - heap), indexBytes: indexes };
}

function holderOf(row: Row): readonly LockHolder[] {
  const lock = LOCK_MODES.find((mode): mode is PostgresLockMode => mode === row['mode']);
  if (lock === undefined) return [];
  return [
    {
      processId: Number(row['pid']),
      user: String(row['user']),
      application: String(row['application']),
      isIdle: row['idle'] === true,
      ageSeconds: Math.round(Number(row['age'])),
      relationKey: objectKey(String(row['schema']), String(row['name'])),
      lock,
    },
  ];
}
