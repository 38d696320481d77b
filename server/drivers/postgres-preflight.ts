import { LONG_TRANSACTION_SECONDS } from './postgres-live.ts';
import type { PreflightNote, Row } from './driver.ts';

type Query = (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;

/** How far a replica may be behind before it is told. */
const LAG_SECONDS = 10;
/** WAL that an inactive slot may hold back before it is told. */
const SLOT_BYTES = 1_073_741_824;
const BYTES_PER_GIGABYTE = 1_073_741_824;

/**
 * What stands against a run of migrations on a server now, read only.
 *
 * What this role may not see is left out. Source: PostgreSQL manual, "The Cumulative Statistics System" and "System Views".
 */
export async function readPostgresPreflight(query: Query): Promise<readonly PreflightNote[]> {
  const [invalid, old, prepared, lag, slots, vacuums] = [
    await query(
      `SELECT n.nspname AS schema, i.relname AS name, t.relname AS on_table
         FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
           JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
        WHERE NOT x.indisvalid AND i.relkind = 'i' AND n.nspname !~ '^pg_'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = x.indexrelid)
        ORDER BY 1, 2`,
    ),
    await query(
      `SELECT pid, coalesce(usename, '') AS who, coalesce(application_name, '') AS application, state, extract(epoch FROM clock_timestamp() - xact_start)::int8 AS age
         FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend'
          AND xact_start < clock_timestamp() - make_interval(secs => $1)
        ORDER BY xact_start`,
      [LONG_TRANSACTION_SECONDS],
    ),
    await query(
      `SELECT gid, extract(epoch FROM clock_timestamp() - prepared)::int8 AS age FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared`,
    ),
    await query(
      `SELECT coalesce(nullif(application_name, ''), pid::text) AS name, extract(epoch FROM replay_lag)::int8 AS lag
         FROM pg_catalog.pg_stat_replication WHERE replay_lag > make_interval(secs => $1) ORDER BY replay_lag DESC`,
      [LAG_SECONDS],
    ),
    await query(
      `SELECT slot_name AS name, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::int8 AS bytes
         FROM pg_catalog.pg_replication_slots
        WHERE NOT active AND NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) > $1
        ORDER BY 2 DESC`,
      [SLOT_BYTES],
    ),
    await query(
      `SELECT query FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND backend_type = 'autovacuum worker' AND query LIKE '%(to prevent wraparound)%'`,
    ),
  ];
  return [
    ...invalid.map((row) =>
      note(
        'invalid-index',
        `The index ${text(row, 'name')} on ${text(row, 'on_table')} is invalid: a build of it failed, and an IF NOT EXISTS would pass over it. Drop it by DROP INDEX CONCURRENTLY.`,
      ),
    ),
    ...old.map((row) =>
      note(
        'old-transaction',
        `Process ${text(row, 'pid')} of ${text(row, 'who')}${text(row, 'application') === '' ? '' : ` (${text(row, 'application')})`} has been in its transaction for ${text(row, 'age')} s${text(row, 'state').startsWith('idle') ? ' and does nothing in it' : ''}: what needs a lock that it holds waits for it, and others behind that.`,
      ),
    ),
    ...prepared.map((row) =>
      note(
        'prepared-transaction',
        `A prepared transaction has been open for ${text(row, 'age')} s: it holds its locks until it is committed or rolled back.`,
      ),
    ),
    ...lag.map((row) =>
      note(
        'replication-lag',
        `The replica ${text(row, 'name')} is ${text(row, 'lag')} s behind: what is written now makes it later.`,
      ),
    ),
    ...slots.map((row) =>
      note(
        'inactive-slot',
        `The replication slot ${text(row, 'name')} is not in use and holds back ${(Number(row['bytes']) / BYTES_PER_GIGABYTE).toFixed(1)} GB of WAL: what is written now adds to it.`,
      ),
    ),
    ...vacuums.map(() =>
      note(
        'wraparound-vacuum',
        'An autovacuum runs to prevent wraparound: it gives its lock to nobody, so that a change of its table waits for its end.',
      ),
    ),
  ];
}

function note(code: PreflightNote['code'], message: string): PreflightNote {
  return { code, message };
}

function text(row: Row, name: string): string {
  return String(row[name] ?? '');
}
