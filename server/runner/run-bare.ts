import { createHash } from 'node:crypto';
import { byEngine } from '../model/engine-id.ts';
import { FILL_SETTINGS } from '../model/fill-notice.ts';
import { ended, runFailure, wordsOf } from './failure.ts';
import {
  databaseFailure,
  entryOf,
  historyFailure,
  isRace,
  placeOf,
  type Half,
  type HalfContext,
  type HalfResult,
} from './half.ts';
import { Progress } from './progress.ts';
import { runApart } from './run-apart.ts';
import { runAtomic } from './run-atomic.ts';
import type { RunMark } from './run-marks.ts';
import { sendPiece } from './send.ts';
import { UnitFailure } from './unit-failure.ts';
import { unitsOf, type Unit } from './units.ts';

/** How often a backfill tells how far it is. */
const NOTICE_SECONDS = 1;

/**
 * A half that no transaction is around, unit by unit. A mark that is committed with each unit says how far it came, so that
 * the next run goes on from there; the mark goes with the history's row in one transaction.
 */
export async function runBare(context: HalfContext, half: Half): Promise<HalfResult> {
  const { request, marks, history } = context;
  const { connection, direction } = request;
  const { id } = half.migration;
  const units = unitsOf(half.pieces, half.section.transaction === 'implicit');
  const found = (await marks.read()).find((mark) => mark.id === id && mark.direction === direction);
  if (found !== undefined && found.hash !== hashOf(units, found.done))
    return {
      kind: 'failed',
      failure: runFailure(
        id,
        {
          message: `${id} was begun by an earlier run, and its text has changed where it had run already, so nobody can say what is left to do: bring the text back as it was, then run again. What is to be changed comes after the statements that ran, or in a migration of its own.`,
        },
        undefined,
        'partly-done',
      ),
    };
  const first: RunMark = found ?? { id, direction, done: 0, hash: hashOf(units, 0), hasBegun: false, note: '' };
  const progress = new Progress(context, first);
  let isFinishing = false;
  let number: string | undefined;
  try {
    if (byEngine(connection.dialect, { postgresql: true, sqlite: false }))
      await connection.query('SELECT set_config($1, $2, false)', [FILL_SETTINGS.notice, String(NOTICE_SECONDS)]);
    if (found === undefined) await marks.start(first);
    const isUndone = (cause: unknown): boolean => cause instanceof UnitFailure && progress.isUntouched(cause.outcome);
    await history.run({ ...entryOf(context, half, false), isResumed: found !== undefined, isUndone }, async () => {
      for (const [index, unit] of units.entries()) {
        const after = { ...first, done: index + 1, hash: hashOf(units, index + 1), hasBegun: false, note: '' };
        if (unit.kind === 'setting') await sendSetting(context, half, unit);
        else if (index < progress.mark.done) continue;
        else if (unit.kind === 'atomic') await runAtomic(context, half, progress, unit, after);
        else await runApart(context, half, progress, unit, after);
      }
      isFinishing = true;
      // What the file did to the session is not for the history, whose row is committed together with the end of the mark.
      await connection.resetSession();
      number = await connection.beginWork(request.settings.lockTimeoutMs);
      await marks.remove(first);
      await context.atEnd();
    });
    await connection.commit();
    return { kind: 'done' };
  } catch (cause) {
    if (cause instanceof UnitFailure) return failed(context, half, progress, units, cause);
    const failure = databaseFailure(cause);
    await connection.rollback().catch(() => undefined);
    if (!isFinishing) {
      if (isRace(failure)) return { kind: 'raced' };
      return { kind: 'failed', failure: runFailure(id, historyFailure(history, failure), undefined, 'not-done') };
    }
    const fate = number === undefined ? 'rolled-back' : await connection.transactionFate(number);
    if (fate === 'committed') return { kind: 'lost', message: failure.message };
    if (fate === 'rolled-back' && isRace(failure)) return besideAnother(context, first);
    // The mark says that all is done, so the next run writes the row and nothing else.
    const told = historyFailure(history, failure);
    const message = `${ended(told.message)} Every statement of ${id} was done${fate === 'unknown' ? '; whether the history has it is not known' : ', and the history does not have it yet: the next run writes it down and does nothing again'}.`;
    return {
      kind: 'failed',
      failure: runFailure(id, { ...told, message }, undefined, fate === 'unknown' ? 'unknown' : 'partly-done'),
    };
  }
}

/**
 * Another program wrote the history while this one ran the same half, which nothing keeps out where its tool takes no lock
 * and no transaction holds both: that is told, and the mark goes, for the history says all that a later run needs.
 */
async function besideAnother({ request, marks, history }: HalfContext, mark: RunMark): Promise<HalfResult> {
  const { id, direction } = mark;
  try {
    await marks.remove(mark);
  } catch {
    // The next run finds the row and the mark, and takes the mark away.
  }
  const message = `Another program ${direction === 'up' ? 'applied' : 'reverted'} ${id} at the same time and wrote the history ${history.table} first. Every statement of ${id} was done here as well, outside a transaction, so what is no harm once may have been done twice: compare the database with the file. ${request.project.tool.title} takes no lock that would keep the two apart, so run one of them at a time.`;
  return { kind: 'failed', failure: runFailure(id, { message }, undefined, 'done') };
}

/** Changes the session alone, so it is sent again when a run goes on later. Errors: throws `UnitFailure`. */
async function sendSetting(context: HalfContext, half: Half, unit: Unit): Promise<void> {
  for (const piece of unit.pieces) {
    try {
      await sendPiece(context.request, half.migration.id, piece);
    } catch (cause) {
      throw new UnitFailure(databaseFailure(cause), placeOf(half, piece), 'not-done');
    }
  }
}

/** The failure of the half: what stands of it, and what to do. */
async function failed(
  { request, marks }: HalfContext,
  half: Half,
  progress: Progress,
  units: readonly Unit[],
  { failure, place, outcome, asksInterrupted }: UnitFailure,
): Promise<HalfResult> {
  const { id } = half.migration;
  const { mark } = progress;
  if (progress.isUntouched(outcome) && failure.kind !== 'connection-lost') {
    try {
      await marks.remove(mark);
    } catch {
      // The mark says "nothing done yet", which is true as well.
    }
  }
  const before = units.slice(0, mark.done).reduce((count, unit) => count + unit.pieces.length, 0);
  const command = request.direction === 'up' ? 'lockstep apply' : 'lockstep revert';
  const words: string[] = [wordsOf(failure)];
  if (outcome === 'unknown') words.push('Whether this statement was done is not known.');
  if (outcome === 'done') words.push('This statement was done.');
  if (outcome === 'partly-done')
    words.push(
      `This statement commits by itself, so what it had committed stands, and it is not sent again by itself: see what is left to do, then say "${command} --interrupted again" to send it again, or "--interrupted done" where nothing of it is missing.`,
    );
  if (before > 0 && outcome !== 'done')
    words.push(
      `The ${before} statement${before === 1 ? '' : 's'} before it ${before === 1 ? 'stands' : 'stand'}, because this migration runs outside a transaction; the next "${command}" goes on from there.`,
    );
  const whole = progress.isUntouched(outcome) ? 'not-done' : outcome === 'unknown' ? 'unknown' : 'partly-done';
  const { detail: _detail, hint: _hint, ...rest } = failure;
  const told = runFailure(id, { ...rest, message: words.join(' ') }, place, whole);
  return { kind: 'failed', failure: asksInterrupted ? { ...told, asksInterrupted } : told };
}

/** Of the texts of the first units, so that a file that was changed there is noticed. */
function hashOf(units: readonly Unit[], count: number): string {
  const hash = createHash('sha256');
  for (const unit of units.slice(0, count))
    for (const piece of unit.pieces) hash.update(`${piece.text.replaceAll(/\r\n?/g, '\n')}\0`);
  return hash.digest('hex');
}
