import { DatabaseError, type DatabaseFailure } from '../drivers/driver.ts';
import type { FailurePlace } from './failure.ts';
import { databaseFailure, pauseBefore, placeOf, type Half, type HalfContext } from './half.ts';
import type { Progress } from './progress.ts';
import { runApart } from './run-apart.ts';
import type { RunMark } from './run-marks.ts';
import { sendPiece } from './send.ts';
import { UnitFailure } from './unit-failure.ts';
import { controlOf, type AtomicUnit } from './units.ts';

/**
 * One transaction with the mark in it, tried again where the server says that nothing of it is left.
 *
 * `after`: the mark once it is done. Errors: throws `UnitFailure`.
 */
export async function runAtomic(
  context: HalfContext,
  half: Half,
  progress: Progress,
  unit: AtomicUnit,
  after: RunMark,
): Promise<void> {
  const { request } = context;
  const { connection } = request;
  const { id } = half.migration;
  for (let attempt = 1; ; attempt++) {
    let place: FailurePlace | undefined;
    let number: string | undefined;
    let isCommitting = false;
    try {
      const [first] = unit.pieces;
      const beginsItself = first !== undefined && controlOf(first) === 'begin';
      const limit = async (): Promise<void> => {
        number = await connection.transactionId();
        await connection.setLockTimeout(request.settings.lockTimeoutMs, 'transaction');
      };
      if (!beginsItself) number = await connection.beginWork(request.settings.lockTimeoutMs);
      for (const [index, piece] of unit.pieces.entries()) {
        // What one string has before its own BEGIN is in the same transaction.
        if (!beginsItself && controlOf(piece) === 'begin') continue;
        place = placeOf(half, piece);
        isCommitting = index === unit.pieces.length - 1 && controlOf(piece) === 'end';
        if (number !== undefined && isCommitting && connection.transactionState() === 'open')
          await progress.write(after);
        await sendPiece(request, id, piece);
        if (number === undefined && connection.transactionState() === 'open') await limit();
      }
      place = undefined;
      if (!isCommitting) {
        if (unit.hasOwnBegin) {
          place = first === undefined ? undefined : placeOf(half, first);
          throw new DatabaseError({
            kind: 'statement',
            message: 'The file begins a transaction and does not end it.',
          });
        }
        await progress.write(after);
        isCommitting = true;
        await connection.commit();
      }
      // ROLLBACK took the mark back with everything else: the file meant it so.
      if (unit.hasOwnBegin && (await progress.isBehind(after))) await progress.write(after);
      progress.did(after);
      return;
    } catch (cause) {
      const failure = databaseFailure(cause);
      await connection.rollback().catch(() => undefined);
      const fate = number === undefined ? 'rolled-back' : await connection.transactionFate(number);
      if (fate === 'committed') progress.did(after);
      if (fate !== 'rolled-back') throw new UnitFailure(failure, place, fate === 'committed' ? 'done' : 'unknown');
      if (unit.pieces.length === 1 && isOutsideOnly(failure)) {
        const [piece] = unit.pieces;
        const nature = { kind: failure.sqlstate === '2D000' ? 'commits' : 'whole' } as const;
        if (piece !== undefined)
          return runApart(context, half, progress, { kind: 'apart', pieces: [piece], nature }, after);
      }
      if (!(await pauseBefore(request, half, failure, attempt))) throw new UnitFailure(failure, place, 'not-done');
    }
  }
}

/** The server refuses the statement, or its own COMMIT, inside a transaction; the transaction is rolled back. */
function isOutsideOnly(failure: DatabaseFailure): boolean {
  return (
    failure.sqlstate === '25001' ||
    failure.sqlstate === '2D000' ||
    /^cannot VACUUM from within|within a transaction$/.test(failure.message)
  );
}
