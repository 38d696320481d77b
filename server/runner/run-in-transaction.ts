import { PieceError } from '../drivers/driver.ts';
import { runFailure } from './failure.ts';
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
import { OWN_END, sendAll } from './send.ts';

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
  let stage: Stage = 'history';
  // What was begun with the end of the migration before is this one's first try.
  let number = attempt === 1 ? context.begun : undefined;
  try {
    number ??= await connection.beginWork(settings.lockTimeoutMs);
    // The row goes along with the SQL: that is sent before the row is answered, and not done where it is refused.
    await connection.together(() =>
      history.run(entryOf(context, half, true), async () => {
        const left = await sendAll(request, id, half.pieces);
        if (left !== number) throw new PieceError(half.pieces.length - 1, OWN_END);
        stage = 'work';
        await context.atEnd();
        stage = 'history';
      }),
    );
    stage = 'commit';
    const begun = await connection.endWork(context.beginsNext === true ? settings.lockTimeoutMs : undefined);
    return { kind: 'done', ...(begun === undefined ? {} : { begun }) };
  } catch (cause) {
    const failure = databaseFailure(cause);
    const piece = cause instanceof PieceError ? half.pieces[cause.piece] : undefined;
    const place = piece === undefined ? undefined : placeOf(half, piece);
    if (cause instanceof PieceError) stage = 'work';
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
    if (reached(stage) === 'history' && isRace(failure)) return { kind: 'raced' };
    const told = reached(stage) === 'history' && number !== undefined ? historyFailure(history, failure) : failure;
    if (await pauseBefore(request, half, told, attempt)) return 'again';
    return { kind: 'failed', failure: runFailure(id, told, place, 'not-done') };
  }
}

/** What was reached inside a callback, which the compiler does not follow. */
function reached(stage: Stage): Stage {
  return stage;
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
