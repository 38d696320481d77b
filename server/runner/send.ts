import { DatabaseError } from '../drivers/driver.ts';
import { readFillNotice } from '../model/fill-notice.ts';
import type { RunRequest } from './runner.ts';
import type { Piece } from './units.ts';

/** How often it is told again who is waited for. */
const TELL_AGAIN_MS = 10_000;

/** Sends SQL; where another session blocks it, says who before the lock timeout ends the wait, and again while it goes on. */
export async function sendPiece(request: RunRequest, id: string, piece: Piece): Promise<void> {
  if (isKeyCheck(piece)) return demandNoBrokenKeys(request, piece);
  await watched(request, id, () =>
    request.connection.execute(piece.text, request.signal, (message) => tellFill(request, id, message)),
  );
}

/** Sends the last SQL of a migration's own transaction in the same way; what `regainRole` says after it. */
export async function sendLastPiece(request: RunRequest, id: string, piece: Piece): Promise<string | undefined> {
  const { connection } = request;
  if (isKeyCheck(piece)) {
    await demandNoBrokenKeys(request, piece);
    return connection.regainRole();
  }
  return watched(request, id, () =>
    connection.executeLast(piece.text, request.signal, (message) => tellFill(request, id, message)),
  );
}

/** What a check finds is the point of it, so rows must not be thrown away. */
function isKeyCheck(piece: Piece): boolean {
  if (!/foreign_key_check/i.test(piece.text)) return false;
  const [operation] = piece.operations;
  return operation?.kind === 'pragma' && operation.name === 'foreign_key_check';
}

function tellFill({ onEvent }: RunRequest, id: string, message: string): void {
  const rows = readFillNotice(message);
  if (rows !== undefined) onEvent({ event: 'backfill', id, ...rows });
}

/** Does `work` on the database and tells who holds it up. */
export async function watched<Value>(request: RunRequest, id: string, work: () => Promise<Value>): Promise<Value> {
  const { connection, settings, onEvent, clock } = request;
  let isOver = false;
  // Who looks only informs: what goes wrong with it must not hold up the run.
  const lookAfter = (milliseconds: number): (() => void) =>
    clock.after(milliseconds, () => void look().catch(() => undefined));
  let stop = lookAfter(settings.lockTimeoutMs / 2);
  async function look(): Promise<void> {
    const blockers = await connection.blockers();
    if (isOver) return;
    if (blockers.length > 0)
      onEvent({
        event: 'waiting',
        id,
        reason: 'another session holds a lock that this statement needs',
        blockers,
      });
    stop = lookAfter(TELL_AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    isOver = true;
    stop();
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
