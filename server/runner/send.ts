import { DatabaseError } from '../drivers/driver.ts';
import { readFillNotice } from '../model/fill-notice.ts';
import type { RunRequest } from './runner.ts';
import type { Piece } from './units.ts';

/** How often it is told again who is waited for. */
const TELL_AGAIN_MS = 10_000;

/** Sends SQL; where another session blocks it, says who before the lock timeout ends the wait, and again while it goes on. */
export async function sendPiece(request: RunRequest, id: string, piece: Piece): Promise<void> {
  const { connection } = request;
  const [operation] = piece.operations;
  // What a check finds is the point of it, so rows must not be thrown away.
  if (operation?.kind === 'pragma' && operation.name === 'foreign_key_check') return demandNoBrokenKeys(request, piece);
  await watched(request, id, () =>
    connection.execute(piece.text, request.signal, (message) => {
      const rows = readFillNotice(message);
      if (rows !== undefined) request.onEvent({ event: 'backfill', id, ...rows });
    }),
  );
}

/** Does `work` on the database and tells who holds it up. */
export async function watched<Value>(request: RunRequest, id: string, work: () => Promise<Value>): Promise<Value> {
  const { connection, settings, onEvent } = request;
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    for (let afterMs = settings.lockTimeoutMs / 2; ; afterMs = TELL_AGAIN_MS) {
      await request.clock.sleep(afterMs, ended.signal);
      const blockers = await connection.blockers();
      if (ended.signal.aborted) return;
      if (blockers.length > 0)
        onEvent({
          event: 'waiting',
          id,
          reason: 'another session holds a lock that this statement needs',
          blockers,
        });
    }
  };
  // The watcher only informs; its pause is ended with the work and must not hold up the run.
  void watch().catch(() => undefined);
  try {
    return await work();
  } finally {
    ended.abort();
  }
}

async function demandNoBrokenKeys({ connection }: RunRequest, piece: Piece): Promise<void> {
  const rows = await connection.query(piece.text);
  const tables = [...new Set(rows.map((row) => String(row['table'])))];
  if (rows.length > 0)
    throw new DatabaseError({
      kind: 'statement',
      message: `${rows.length} ${rows.length === 1 ? 'row refers' : 'rows refer'} to a row that is not there, in ${tables.join(', ')}.`,
    });
}
