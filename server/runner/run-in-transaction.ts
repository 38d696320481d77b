import { DatabaseError } from '../drivers/driver.ts';
import { runFailure, type FailurePlace } from './failure.ts';
import {
  databaseFailure,
  entryOf,
  historyFailure,
  isRace,
  pauseBefore,
  placeOf,
  type Half,
  type HalfContext,
  type HalfResult,
} from './half.ts';
import { sendLastPiece, sendPiece } from './send.ts';

/** Which part of the transaction was under way. */
type Stage = 'history' | 'work' | 'commit';

/**
 * All statements and the history's row in one transaction, the row first: a second runner waits for it, and finds it.
 *
 * What became of a transaction that failed is asked from the server, by its number, whatever the file looks like.
 */
export async function runInTransaction(context: HalfContext, half: Half): Promise<HalfResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await runOnce(context, half, attempt);
    if (result !== 'again') return result;
  }
}

async function runOnce(context: HalfContext, half: Half, attempt: number): Promise<HalfResult | 'again'> {
  const { request, history } = context;
  const { connection, settings } = request;
  const { id } = half.migration;
  let place: FailurePlace | undefined;
  let stage: Stage = 'history';
  let number: string | undefined;
  try {
    number = await connection.beginWork(settings.lockTimeoutMs);
    await history.run(entryOf(context, half, true), async () => {
      stage = 'work';
      const last = half.pieces.at(-1);
      for (const piece of half.pieces.slice(0, -1)) {
        place = placeOf(half, piece);
        await sendPiece(request, id, piece);
        if (connection.transactionState() === 'none') throw ownEnd();
      }
      if (last !== undefined) place = placeOf(half, last);
      const left = await (last === undefined ? connection.regainRole() : sendLastPiece(request, id, last));
      if (left !== number) throw ownEnd();
      place = undefined;
      await context.atEnd();
      stage = 'history';
    });
    stage = 'commit';
    await connection.endWork();
    return { kind: 'done' };
  } catch (cause) {
    const failure = databaseFailure(cause);
    // A lost session cannot be asked to roll back, and needs not be.
    await connection.rollback().catch(() => undefined);
    const fate = number === undefined ? 'rolled-back' : await connection.transactionFate(number);
    if (fate === 'unknown') {
      const message = `${failure.message} Whether ${id} was ${request.direction === 'up' ? 'applied' : 'reverted'} is not known.`;
      return { kind: 'failed', failure: runFailure(id, { ...failure, message }, place, 'unknown') };
    }
    if (fate === 'committed') {
      if (reached(stage) === 'commit') return { kind: 'lost', message: failure.message };
      await takeBackRow(context, half);
      return { kind: 'failed', failure: runFailure(id, failure, place, 'partly-done') };
    }
    if (reached(stage) === 'history' && place === undefined && isRace(failure)) return { kind: 'raced' };
    const told = reached(stage) === 'history' && number !== undefined ? historyFailure(history, failure) : failure;
    if (await pauseBefore(request, half, told, attempt)) return 'again';
    return { kind: 'failed', failure: runFailure(id, told, place, 'not-done') };
  }
}

/** What was reached inside a callback, which the compiler does not follow. */
function reached(stage: Stage): Stage {
  return stage;
}

function ownEnd(): DatabaseError {
  return new DatabaseError({
    kind: 'statement',
    message:
      'The file ended the transaction that is around it: take out what does, or let the migration run outside a transaction.',
  });
}

/** The row went with what the file committed itself: it must not say that all was done. */
async function takeBackRow(context: HalfContext, half: Half): Promise<void> {
  const direction = context.request.direction === 'up' ? 'down' : 'up';
  try {
    await context.history.mark({ ...entryOf(context, half, false), direction });
  } catch {
    // A session that is gone cannot put it right; status shows the row, and the failure says what stands.
  }
}
