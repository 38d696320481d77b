import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { TransactionFate } from './driver.ts';

/** A server that lost its client may not have noticed, so it is asked again until it has. */
const TRIES = 20;
const PAUSE_MS = 250;

/**
 * What became of a transaction by its `xid8`.
 *
 * `client` is undefined where the session that ran it is lost: then it is asked on sessions of its own, and a backend that
 * goes on with that transaction for nobody is ended first, which rolls it back unless it had committed.
 */
export async function transactionFate(
  id: string,
  client: pg.Client | undefined,
  open: () => pg.Client,
): Promise<TransactionFate> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await setTimeout(PAUSE_MS);
    const asker = client ?? open();
    if (client === undefined) asker.on('error', () => undefined);
    try {
      if (client === undefined) {
        await asker.connect();
        await asker.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND backend_xid IS NOT NULL AND backend_xid::text::bigint = $1::bigint % 4294967296`,
          [id],
        );
      }
      const { rows } = await asker.query<{ fate: string | null }>('SELECT pg_xact_status($1::text::xid8) AS fate', [
        id,
      ]);
      const fate = rows[0]?.fate;
      if (fate === 'committed') return 'committed';
      if (fate === 'aborted') return 'rolled-back';
      // Too old to be known.
      if (fate === null) return 'unknown';
    } catch {
      // The server cannot be asked now: it may be starting again.
      if (client !== undefined) return 'unknown';
    } finally {
      if (client === undefined) void asker.end().catch(() => undefined);
    }
  }
  return 'unknown';
}
