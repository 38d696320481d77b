import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { rowsReadSql } from './rows-read.ts';

/** Lock modes that keep writers out. */
const BLOCKS_WRITES: readonly string[] = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
/** How often is looked whether a statement waits or is done. */
const LOOK_MS = 2;

/** Rows read by sequential scans of each table so far; the counters outlive a transaction until the server collects them. */
export async function rowsRead(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ oid: number; read: number }>(rowsReadSql('pg_stat_get_xact_tuples_returned'));
  return new Map(rows.map((row) => [String(row.oid), row.read]));
}

/** What an open transaction did that nobody else should have to wait for: a whole table read or rewritten under a lock that blocks writes. */
export async function heavyWork(
  worker: pg.Client,
  watcher: pg.Client,
  before: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const pid = await processIdOf(worker);
  const scanned = [...(await rowsRead(worker))]
    .map(([oid, read]) => ({ oid, read: read - (before.get(oid) ?? 0) }))
    .filter((table) => table.read > 100);
  const { rows: locks } = await watcher.query<{ oid: string; mode: string }>(
    `SELECT relation AS oid, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND granted`,
    [pid],
  );
  return scanned
    .filter((table) => locks.some((lock) => String(lock.oid) === table.oid && BLOCKS_WRITES.includes(lock.mode)))
    .map((table) => `relation ${table.oid}: ${table.read} rows read`);
}

/**
 * Runs a statement outside a transaction while a writer's transaction is open on every table, and gives the locks on
 * tables that it held or waited for while it stood behind the writer and that would keep other writers out: none where
 * it lets them go on. The writer ends as soon as the statement waits.
 */
export async function blockedWhile(
  worker: pg.Client,
  watcher: pg.Client,
  writer: pg.Client,
  sql: string,
): Promise<readonly string[]> {
  const pid = await processIdOf(worker);
  const { rows: tables } = await watcher.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`,
  );
  await writer.query('BEGIN');
  for (const table of tables) await writer.query(`LOCK TABLE ONLY ${table.name} IN ROW EXCLUSIVE MODE`);
  let isDone = false;
  const running = worker.query(sql).finally(() => {
    isDone = true;
  });
  // Looked at below; a failure before that must not count as nobody's.
  running.catch(() => undefined);
  const seen = new Set<string>();
  while (!isDone) {
    const { rows } = await watcher.query<{ name: string | null; mode: string; granted: boolean }>(
      `SELECT c.oid::regclass::text AS name, l.mode, l.granted FROM pg_locks l
         LEFT JOIN pg_class c ON l.locktype = 'relation' AND c.oid = l.relation AND c.relkind IN ('r', 'p') AND c.relnamespace <> 'pg_catalog'::regnamespace WHERE l.pid = $1`,
      [pid],
    );
    for (const lock of rows)
      if (lock.name !== null && BLOCKS_WRITES.includes(lock.mode)) seen.add(`${lock.mode} on ${lock.name}`);
    if (rows.some((lock) => !lock.granted)) break;
    await setTimeout(LOOK_MS);
  }
  await writer.query('COMMIT');
  await running;
  return [...seen];
}

async function processIdOf(client: pg.Client): Promise<number> {
  const {
    rows: [row],
  } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}
