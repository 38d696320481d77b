import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { TransactionFate } from './driver.ts';

/** A server that lost its client may not have noticed, or is starting again, so it is asked until it knows or this has passed. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 250;
/** What the server says of a number that it has not given yet: it crashed, and nothing of that transaction reached its log. */
const IN_THE_FUTURE = '22023';

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
  const deadline = Date.now() + PATIENCE_MS;
  let own = client;
  for (; Date.now() < deadline; await setTimeout(PAUSE_MS)) {
    const asker = own ?? open();
    const isNew = own === undefined;
    if (isNew) asker.on('error', () => undefined);
    try {
      if (isNew) {
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
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === IN_THE_FUTURE) return 'rolled-back';
      // The server cannot be asked on this session, or not now.
      own = undefined;
    } finally {
      if (isNew) void asker.end().catch(() => undefined);
    }
  }
  return 'unknown';
}
