import { DatabaseError, PieceError, type DatabaseFailure } from '../drivers/driver.ts';
import { readFillNotice, readLagNotice } from '../model/fill-notice.ts';
import type { RunRequest } from './runner.ts';
import { controlOf, mayControl, type Piece } from './units.ts';

/** How often it is looked who waits for whom. */
const LOOK_AGAIN_MS = 1_000;
/** How often the same is told again. */
const TELL_AGAIN_MS = 10_000;

/** What was told last of some sessions: others are told at once, the same ones now and then. */
class Told {
  #who = '';
  #at = 0;

  isDue(sessions: readonly string[], now: number): boolean {
    // How long each has been in its transaction is another time at each look.
    const who = sessions.map((session) => session.replace(/, in its transaction for .*$/, '')).join();
    if (who === '' || (who === this.#who && now - this.#at < TELL_AGAIN_MS)) {
      this.#who = who;
      return false;
    }
    this.#who = who;
    this.#at = now;
    return true;
  }
}

/** Sends SQL; where another session blocks it, says who before the lock timeout ends the wait, and again while it goes on. */
export async function sendPiece(request: RunRequest, id: string, piece: Piece): Promise<void> {
  if (isKeyCheck(piece)) return demandNoBrokenKeys(request, piece);
  await watched(request, id, () =>
    request.connection.execute(piece.text, request.signal, (message) => tellFill(request, id, message)),
  );
}

/**
 * Sends all SQL of a migration's own transaction in the same way, together where none of it can end that; what
 * `regainRole` says after it. Errors: rejects with `PieceError`.
 *
 * Nothing is waited for before the first is sent.
 */
export async function sendAll(request: RunRequest, id: string, pieces: readonly Piece[]): Promise<string | undefined> {
  const { connection } = request;
  if (pieces.every(staysInside)) return watched(request, id, () => executeAll(request, id, pieces));
  for (const [index, piece] of pieces.entries()) {
    try {
      await sendPiece(request, id, piece);
    } catch (cause) {
      throw cause instanceof DatabaseError ? new PieceError(index, cause.failure, { cause }) : cause;
    }
    if (connection.transactionState() === 'none') throw new PieceError(index, OWN_END);
  }
  return connection.regainRole();
}

/** A file ended the transaction that is around it. */
export const OWN_END: DatabaseFailure = {
  kind: 'statement',
  message:
    'The file ended the transaction that is around it: take out what does, or let the migration run outside a transaction.',
};

function executeAll(request: RunRequest, id: string, pieces: readonly Piece[]): Promise<string | undefined> {
  return request.connection.executeAll(
    pieces.map((piece) => piece.text),
    request.signal,
    (message) => tellFill(request, id, message),
  );
}

/**
 * Whether a piece leaves the transaction open for sure: a database may take a backslash in a string for an escape, and then
 * it reads the words behind it otherwise than we do.
 */
function staysInside(piece: Piece): boolean {
  return !isKeyCheck(piece) && (!mayControl(piece) || (!piece.text.includes('\\') && controlOf(piece) === undefined));
}

/** What a check finds is the point of it, so rows must not be thrown away. */
function isKeyCheck(piece: Piece): boolean {
  if (!/foreign_key_check/i.test(piece.text)) return false;
  const [operation] = piece.operations;
  return operation?.kind === 'pragma' && operation.name === 'foreign_key_check';
}

function tellFill({ onEvent }: RunRequest, id: string, message: string): void {
  const lag = readLagNotice(message);
  if (lag !== undefined)
    onEvent({
      event: 'waiting',
      id,
      reason: `a replica is ${lag} s behind, and the next batch waits for it`,
      blockers: [],
    });
  const rows = readFillNotice(message);
  if (rows !== undefined) onEvent({ event: 'backfill', id, ...rows });
}

/** Does `work` on the database and tells who holds it up, and whom it keeps waiting, from a session that watches. */
export async function watched<Value>(request: RunRequest, id: string, work: () => Promise<Value>): Promise<Value> {
  const { connection, settings, onEvent, clock } = request;
  let isOver = false;
  const told = { waiting: new Told(), blocking: new Told() };
  // Who looks only informs: what goes wrong with it must not hold up the run.
  const lookAfter = (milliseconds: number): (() => void) =>
    clock.after(milliseconds, () => void look().catch(() => undefined));
  let stop = lookAfter(settings.lockTimeoutMs / 2);
  async function look(): Promise<void> {
    const { blockers, blocked } = await connection.bystanders();
    if (isOver) return;
    const now = clock.now().getTime();
    if (told.waiting.isDue(blockers, now))
      onEvent({
        event: 'waiting',
        id,
        reason: 'another session holds a lock that this statement needs',
        blockers,
      });
    if (told.blocking.isDue(blocked, now)) onEvent({ event: 'blocking', id, sessions: blocked });
    stop = lookAfter(LOOK_AGAIN_MS);
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
