import { DatabaseError, type DatabaseFailure } from '../drivers/driver.ts';
import { dropInvalid, indexesBefore, leftIndex } from './concurrent-index.ts';
import type { Outcome } from './failure.ts';
import { databaseFailure, pauseBefore, placeOf, type Half, type HalfContext } from './half.ts';
import type { Progress } from './progress.ts';
import type { RunMark } from './run-marks.ts';
import type { RunRequest } from './runner.ts';
import { sendPiece, watched } from './send.ts';
import { UnitFailure } from './unit-failure.ts';
import type { ApartUnit } from './units.ts';

/**
 * A statement that runs in no transaction: marked as begun before it is sent, so that who comes later knows to look.
 *
 * `after`: the mark once it is done. Errors: throws `UnitFailure`.
 */
export async function runApart(
  context: HalfContext,
  half: Half,
  progress: Progress,
  unit: ApartUnit,
  after: RunMark,
): Promise<void> {
  const { request } = context;
  const [piece] = unit.pieces;
  const { nature } = unit;
  const settle = async (): Promise<void> => {
    await progress.write(after);
    progress.did(after);
  };
  const wasBegun = progress.mark.hasBegun;
  if (wasBegun && (await isSettled(request, half, progress.mark, unit))) return settle();
  for (let attempt = 1; ; attempt++) {
    try {
      if (!progress.mark.hasBegun)
        await progress.begin(nature.kind === 'index' ? await indexesBefore(request.connection, nature.operation) : '');
      // An index that is built concurrently keeps nobody out while it waits, so it may wait as long as it has to.
      await request.connection.setLockTimeout(nature.kind === 'index' ? 0 : request.settings.lockTimeoutMs, 'session');
      await sendPiece(request, half.migration.id, piece);
      return await settle();
    } catch (cause) {
      const failure = databaseFailure(cause);
      const isGone = wasBegun && failure.sqlstate === '42704' && /^DROP\b/i.test(piece.text);
      if (isGone) return settle();
      const outcome = await leftBehind(request, progress, unit, failure);
      if (outcome === 'not-done' && (await pauseBefore(request, half, failure, attempt))) continue;
      throw new UnitFailure(failure, placeOf(half, piece), outcome);
    }
  }
}

/** Whether a unit that an earlier run began needs not be sent again. Errors: throws `UnitFailure` where a person must say so. */
async function isSettled(request: RunRequest, half: Half, mark: RunMark, unit: ApartUnit): Promise<boolean> {
  const { connection, interrupted, direction } = request;
  const [piece] = unit.pieces;
  switch (unit.nature.kind) {
    case 'index': {
      const left = await leftIndex(connection, unit.nature.operation, mark.note);
      if (left.kind === 'invalid') await watched(request, mark.id, () => dropInvalid(connection, left.name));
      return left.kind === 'finished';
    }
    case 'again':
      return false;
    case 'whole':
    case 'commits': {
      if (interrupted !== undefined) return interrupted === 'done';
      const command = direction === 'up' ? 'lockstep apply' : 'lockstep revert';
      const message = `An earlier run began this statement, which no transaction can take back, and did not see its end: look what is left to do, then say "${command} --interrupted again" to send it again, or "--interrupted done" where nothing of it is missing`;
      throw new UnitFailure({ kind: 'statement', message }, placeOf(half, piece), 'unknown', true);
    }
  }
}

/** What stands of a statement without a transaction that failed; what it left in its own way is taken away. */
async function leftBehind(
  { connection, settings }: RunRequest,
  progress: Progress,
  { nature }: ApartUnit,
  failure: DatabaseFailure,
): Promise<Outcome> {
  if (failure.kind === 'connection-lost') return 'unknown';
  switch (nature.kind) {
    case 'index':
      try {
        await connection.setLockTimeout(settings.lockTimeoutMs, 'session');
        const left = await leftIndex(connection, nature.operation, progress.mark.note);
        if (left.kind === 'invalid') await dropInvalid(connection, left.name);
        return left.kind === 'finished' ? 'done' : await progress.unbegin();
      } catch (cause) {
        if (!(cause instanceof DatabaseError)) throw cause;
        // The next run finds it by the mark.
        return 'unknown';
      }
    case 'again':
    case 'whole':
      return progress.unbegin();
    case 'commits':
      return 'partly-done';
  }
}
