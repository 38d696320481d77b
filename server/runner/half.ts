import { BAD_BYTE, badByteIn } from '../core/bad-bytes.ts';
import { DatabaseError, type DatabaseFailure } from '../drivers/driver.ts';
import type { MigrationFile, Section } from '../model/migration.ts';
import type { HistoryEntry, OpenHistory } from '../tools/history.ts';
import { ended, historyWords, runFailure, type FailurePlace } from './failure.ts';
import type { RunFailure } from './report.ts';
import type { RunMarks } from './run-marks.ts';
import type { RunRequest } from './runner.ts';
import { controlOf, piecesOf, type Piece } from './units.ts';

/** Pause before the second try of what ran into the lock timeout; doubles from try to try. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const PAUSE_GROWTH = 2;

/** One half of one migration, ready to be sent. */
export interface Half {
  readonly migration: MigrationFile;
  readonly path: string;
  readonly text: string;
  readonly section: Section;
  readonly pieces: readonly Piece[];
}

/** What every half of a run works with. */
export interface HalfContext {
  readonly request: RunRequest;
  readonly history: OpenHistory;
  readonly marks: RunMarks;
  /** Does what goes with the migration in its last transaction: what was met for its change. */
  readonly atEnd: () => Promise<void>;
  /** The transaction of this half, where it was begun with the end of the one before: what `beginWork` said of it. */
  readonly begun?: string;
  /** The transaction of the half after this one may be begun with the end of this one. */
  readonly beginsNext?: boolean;
}

/**
 * What became of a half. `raced`: another run did it, or its contrary, first; nothing was done here. `lost`: it was done, and
 * the session ended with it.
 */
export type HalfResult =
  | {
      readonly kind: 'done';
      /** The transaction of the next half, which has been begun. */
      readonly begun?: string;
    }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'raced' }
  | { readonly kind: 'failed'; readonly failure: RunFailure };

/** Where the half of a migration is, or why nothing of it can be sent; asked without reading its statements. */
export function sendableOf(
  { project, direction }: Pick<RunRequest, 'project' | 'direction'>,
  migration: MigrationFile,
): Pick<Half, 'path' | 'text' | 'section'> | { readonly refused: RunFailure } {
  const path = direction === 'up' ? migration.upPath : migration.downPath;
  const headers = path === undefined ? undefined : project.headersOf(path);
  const section = headers?.section(migration, direction);
  if (path === undefined || headers === undefined || section === undefined) {
    const message = headers?.layout.problems[0]?.message ?? `${migration.id} has no ${direction} half.`;
    return { refused: { ...runFailure(migration.id, { message }, undefined, 'not-done'), path: path ?? null } };
  }
  const { text } = headers;
  if (section.blocked !== undefined)
    return { refused: { ...runFailure(migration.id, { message: section.blocked }, undefined, 'not-done'), path } };
  const bad = badByteIn(text, section.span);
  if (bad !== undefined) {
    const place = { path, text, start: bad, statement: null };
    return { refused: runFailure(migration.id, { message: BAD_BYTE }, place, 'not-done') };
  }
  return { path, text, section };
}

/** The half of a migration, or why it cannot be run. */
export function halfOf(
  request: Pick<RunRequest, 'project' | 'direction'>,
  migration: MigrationFile,
): Half | { readonly refused: RunFailure } {
  const { project } = request;
  const found = sendableOf(request, migration);
  if ('refused' in found) return found;
  const { path, text, section } = found;
  const pieces = piecesOf(project, path, text, section);
  if (section.transaction !== 'one') return { migration, path, text, section, pieces };
  const inner = withinOwnTransaction(pieces);
  const control = inner.find((piece) => controlOf(piece) !== undefined);
  if (control === undefined) return { migration, path, text, section, pieces: inner };
  const message = `${migration.id} runs in one transaction together with its row in the history, and this statement would end that transaction: take it out, or let the migration run outside a transaction.`;
  return {
    refused: runFailure(migration.id, { message }, placeIn(path, text, control), 'not-done'),
  };
}

/** A file's own BEGIN at its start and COMMIT at its end say what the transaction around it says already. */
function withinOwnTransaction(pieces: readonly Piece[]): readonly Piece[] {
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first === undefined || last === undefined || controlOf(first) !== 'begin') return pieces;
  const isCommit = last.operations.some(
    (operation) => operation.kind === 'transaction-control' && operation.action === 'commit',
  );
  return isCommit ? pieces.slice(1, -1) : pieces;
}

export function placeOf(half: Half, piece: Piece): FailurePlace {
  return placeIn(half.path, half.text, piece);
}

function placeIn(path: string, text: string, { start, statement }: Piece): FailurePlace {
  return { path, text, start, statement };
}

/** What the history is told of a half. `inTransaction`: whether one is open around all of it. */
export function entryOf({ request }: HalfContext, half: Half, inTransaction: boolean): HistoryEntry {
  return {
    migration: half.migration,
    direction: request.direction,
    folder: request.project,
    inTransaction,
    now: () => request.clock.now(),
  };
}

/** Waits before another try; whether there is one. A run that is cancelled meanwhile fails with what kept it waiting. */
export async function pauseBefore(
  request: Pick<RunRequest, 'clock' | 'settings' | 'onEvent' | 'signal'>,
  half: { readonly migration: Pick<MigrationFile, 'id'> },
  failure: DatabaseFailure,
  attempt: number,
): Promise<boolean> {
  const { clock, settings, onEvent } = request;
  if (failure.kind !== 'lock-timeout' && failure.kind !== 'conflict') return false;
  if (attempt >= settings.lockAttempts) return false;
  const afterMs = Math.min(FIRST_PAUSE_MS * PAUSE_GROWTH ** (attempt - 1), LONGEST_PAUSE_MS);
  onEvent({ event: 'retry', id: half.migration.id, attempt, afterMs, reason: ended(failure.message) });
  try {
    await clock.sleep(afterMs, request.signal);
  } catch {
    // The signal ended the pause: the run was cancelled while nothing was open.
  }
  return request.signal?.aborted !== true;
}

/** What the database said; anything else is a bug and is thrown again. */
export function databaseFailure(cause: unknown): DatabaseFailure {
  if (cause instanceof DatabaseError) return cause.failure;
  throw cause;
}

/** Whether a row of the history was there already, or was gone: another run was faster. */
export function isRace(failure: DatabaseFailure): boolean {
  return failure.kind === 'raced' || failure.sqlstate === '23505' || /^UNIQUE constraint failed/.test(failure.message);
}

/** A failure of the history's own statements, in words that do not blame the file. */
export function historyFailure(history: OpenHistory, failure: DatabaseFailure): DatabaseFailure {
  if (failure.kind === 'connection-lost' || failure.kind === 'cancelled') return failure;
  const what = `The history ${history.table} could not be written`;
  const message =
    failure.kind === 'lock-timeout'
      ? `${what}: another session holds a lock on it that was not given back in time.`
      : historyWords(what, 'INSERT, UPDATE and DELETE', failure);
  return { ...failure, message };
}
