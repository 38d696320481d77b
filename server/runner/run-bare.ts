import { byEngine } from '../model/engine-id.ts';
import { createHash } from 'node:crypto';
import { DatabaseError, type DatabaseFailure } from '../drivers/driver.ts';
import { FILL_SETTINGS } from '../model/fill-notice.ts';
import { dropInvalid, indexesBefore, leftIndex } from './concurrent-index.ts';
import { ended, runFailure, wordsOf, type FailurePlace, type Outcome } from './failure.ts';
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
import type { RunMark } from './run-marks.ts';
import { sendPiece, watched } from './send.ts';
import { controlOf, unitsOf, type Unit } from './units.ts';

/** How often a backfill tells how far it is. */
const NOTICE_SECONDS = 1;

type Atomic = Extract<Unit, { readonly kind: 'atomic' }>;
type Apart = Extract<Unit, { readonly kind: 'apart' }>;

/** A unit that failed, with what is known of it. */
class UnitFailure extends Error {
  readonly failure: DatabaseFailure;
  readonly place: FailurePlace | undefined;
  /** Of this unit alone. */
  readonly outcome: Outcome;
  /** Whether a person must say how it goes on. */
  readonly asksInterrupted: boolean;

  constructor(
    failure: DatabaseFailure,
    place: FailurePlace | undefined,
    outcome: Outcome,
    asksInterrupted = outcome === 'partly-done',
  ) {
    super(failure.message);
    this.name = 'UnitFailure';
    this.failure = failure;
    this.place = place;
    this.outcome = outcome;
    this.asksInterrupted = asksInterrupted;
  }
}

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
  let mark: RunMark = found ?? { id, direction, done: 0, hash: hashOf(units, 0), hasBegun: false, note: '' };
  const run = new BareRun(context, half, mark);
  let isFinishing = false;
  let number: string | undefined;
  try {
    if (byEngine(connection.dialect, { postgresql: true, sqlite: false }))
      await connection.query('SELECT set_config($1, $2, false)', [FILL_SETTINGS.notice, String(NOTICE_SECONDS)]);
    if (found === undefined) await marks.start(mark);
    const isUndone = (cause: unknown): boolean => cause instanceof UnitFailure && run.isUntouched(cause.outcome);
    await history.run({ ...entryOf(context, half, false), isUndone }, async () => {
      for (const [index, unit] of units.entries()) {
        mark = { ...run.mark, done: index + 1, hash: hashOf(units, index + 1), hasBegun: false, note: '' };
        if (unit.kind === 'setting') await run.setting(unit);
        else if (index < run.mark.done) continue;
        else if (unit.kind === 'atomic') await run.atomic(unit, mark);
        else await run.apart(unit, mark);
      }
      isFinishing = true;
      // What the file did to the session is not for the history, whose row is committed together with the end of the mark.
      await connection.resetSession();
      await connection.begin();
      await connection.setLockTimeout(request.settings.lockTimeoutMs, 'transaction');
      number = await connection.transactionId();
      await marks.remove(mark);
      await context.atEnd();
    });
    await connection.commit();
    return { kind: 'done' };
  } catch (cause) {
    if (cause instanceof UnitFailure) return run.failed(cause, units);
    const failure = databaseFailure(cause);
    await connection.rollback().catch(() => undefined);
    if (!isFinishing) {
      if (isRace(failure)) return { kind: 'raced' };
      return { kind: 'failed', failure: runFailure(id, historyFailure(history, failure), undefined, 'not-done') };
    }
    const fate = number === undefined ? 'rolled-back' : await connection.transactionFate(number);
    if (fate === 'committed') return { kind: 'lost', message: failure.message };
    // The mark says that all is done, so the next run writes the row and nothing else.
    const told = historyFailure(history, failure);
    const message = `${ended(told.message)} Every statement of ${id} was done${fate === 'unknown' ? '; whether the history has it is not known' : ', and the history does not have it yet: the next run writes it down and does nothing again'}.`;
    return {
      kind: 'failed',
      failure: runFailure(id, { ...told, message }, undefined, fate === 'unknown' ? 'unknown' : 'partly-done'),
    };
  }
}

/** One run of one half: where it is, and how a unit of each kind is done. */
class BareRun {
  readonly #context: HalfContext;
  readonly #half: Half;
  mark: RunMark;
  #hasDone: boolean;

  constructor(context: HalfContext, half: Half, mark: RunMark) {
    this.#context = context;
    this.#half = half;
    this.mark = mark;
    this.#hasDone = mark.done > 0 || mark.hasBegun;
  }

  /** Whether the database is as it was before the half was begun. */
  isUntouched(outcome: Outcome): boolean {
    return outcome === 'not-done' && !this.#hasDone;
  }

  async setting(unit: Unit): Promise<void> {
    for (const piece of unit.pieces) {
      try {
        await sendPiece(this.#context.request, this.#half.migration.id, piece);
      } catch (cause) {
        throw new UnitFailure(databaseFailure(cause), placeOf(this.#half, piece), 'not-done');
      }
    }
  }

  /** One transaction with the mark in it, tried again where the server says that nothing of it is left. */
  async atomic(unit: Atomic, after: RunMark): Promise<void> {
    const { request } = this.#context;
    const { connection } = request;
    const { id } = this.#half.migration;
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
        if (!beginsItself) {
          await connection.begin();
          await limit();
        }
        for (const [index, piece] of unit.pieces.entries()) {
          // What one string has before its own BEGIN is in the same transaction.
          if (!beginsItself && controlOf(piece) === 'begin') continue;
          place = placeOf(this.#half, piece);
          isCommitting = index === unit.pieces.length - 1 && controlOf(piece) === 'end';
          if (number !== undefined && isCommitting && connection.transactionState() === 'open')
            await this.#write(after);
          await sendPiece(request, id, piece);
          if (number === undefined && connection.transactionState() === 'open') await limit();
        }
        place = undefined;
        if (!isCommitting) {
          if (unit.hasOwnBegin) {
            place = first === undefined ? undefined : placeOf(this.#half, first);
            throw new DatabaseError({
              kind: 'statement',
              message: 'The file begins a transaction and does not end it.',
            });
          }
          await this.#write(after);
          isCommitting = true;
          await connection.commit();
        }
        // ROLLBACK took the mark back with everything else: the file meant it so.
        if (unit.hasOwnBegin && (await this.#isBehind(after))) await this.#write(after);
        this.#did(after);
        return;
      } catch (cause) {
        const failure = databaseFailure(cause);
        await connection.rollback().catch(() => undefined);
        const fate = number === undefined ? 'rolled-back' : await connection.transactionFate(number);
        if (fate === 'committed') this.#did(after);
        if (fate !== 'rolled-back') throw new UnitFailure(failure, place, fate === 'committed' ? 'done' : 'unknown');
        if (unit.pieces.length === 1 && isOutsideOnly(failure)) {
          const [piece] = unit.pieces;
          const nature = { kind: failure.sqlstate === '2D000' ? 'commits' : 'whole' } as const;
          if (piece !== undefined) return this.apart({ kind: 'apart', pieces: [piece], nature }, after);
        }
        if (!(await pauseBefore(request, this.#half, failure, attempt)))
          throw new UnitFailure(failure, place, 'not-done');
      }
    }
  }

  /** A statement that runs in no transaction: marked as begun before it is sent, so that who comes later knows to look. */
  async apart(unit: Apart, after: RunMark): Promise<void> {
    const { request } = this.#context;
    const [piece] = unit.pieces;
    const { nature } = unit;
    const wasBegun = this.mark.hasBegun;
    if (wasBegun && (await this.#isSettled(unit))) {
      await this.#write(after);
      this.#did(after);
      return;
    }
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.mark.hasBegun) {
          const note = nature.kind === 'index' ? await indexesBefore(request.connection, nature.operation) : '';
          const begun = { ...this.mark, hasBegun: true, note };
          await this.#write(begun);
          this.mark = begun;
        }
        // An index that is built concurrently keeps nobody out while it waits, so it may wait as long as it has to.
        await request.connection.setLockTimeout(
          nature.kind === 'index' ? 0 : request.settings.lockTimeoutMs,
          'session',
        );
        await sendPiece(request, this.#half.migration.id, piece);
        await this.#write(after);
        this.#did(after);
        return;
      } catch (cause) {
        const failure = databaseFailure(cause);
        const isGone = wasBegun && failure.sqlstate === '42704' && /^DROP\b/i.test(piece.text);
        if (isGone) {
          await this.#write(after);
          this.#did(after);
          return;
        }
        const outcome = await this.#afterApart(unit, failure);
        if (outcome === 'not-done' && (await pauseBefore(request, this.#half, failure, attempt))) continue;
        throw new UnitFailure(failure, placeOf(this.#half, piece), outcome);
      }
    }
  }

  /** The failure of the half: what stands of it, and what to do. */
  async failed({ failure, place, outcome, asksInterrupted }: UnitFailure, units: readonly Unit[]): Promise<HalfResult> {
    const { request, marks } = this.#context;
    const { id } = this.#half.migration;
    if (this.isUntouched(outcome) && failure.kind !== 'connection-lost') {
      try {
        await marks.remove(this.mark);
      } catch {
        // The mark says "nothing done yet", which is true as well.
      }
    }
    const before = units.slice(0, this.mark.done).reduce((count, unit) => count + unit.pieces.length, 0);
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
    const whole = this.isUntouched(outcome) ? 'not-done' : outcome === 'unknown' ? 'unknown' : 'partly-done';
    const { detail: _detail, hint: _hint, ...rest } = failure;
    const told = runFailure(id, { ...rest, message: words.join(' ') }, place, whole);
    return { kind: 'failed', failure: asksInterrupted ? { ...told, asksInterrupted } : told };
  }

  /** Writes a mark, in the unit's transaction where one is open, as the role that the session was opened with. */
  async #write(mark: RunMark): Promise<void> {
    const { request, marks } = this.#context;
    const { connection } = request;
    const isInside = connection.transactionState() !== 'none';
    if (!isInside) await connection.begin();
    try {
      await connection.regainRole();
      await marks.set(mark);
      if (!isInside) await connection.commit();
    } catch (cause) {
      if (!isInside) await connection.rollback().catch(() => undefined);
      throw cause;
    }
  }

  #did(after: RunMark): void {
    this.mark = after;
    this.#hasDone = true;
  }

  async #isBehind(after: RunMark): Promise<boolean> {
    const now = (await this.#context.marks.read()).find(
      (mark) => mark.id === after.id && mark.direction === after.direction,
    );
    return now !== undefined && now.done < after.done;
  }

  /** Whether a unit that an earlier run began needs not be sent again. Errors: throws `UnitFailure` where a person must say so. */
  async #isSettled(unit: Apart): Promise<boolean> {
    const { connection, interrupted, direction } = this.#context.request;
    const [piece] = unit.pieces;
    switch (unit.nature.kind) {
      case 'index': {
        const left = await leftIndex(connection, unit.nature.operation, this.mark.note);
        if (left.kind === 'invalid')
          await watched(this.#context.request, this.mark.id, () => dropInvalid(connection, left.name));
        return left.kind === 'finished';
      }
      case 'again':
        return false;
      case 'whole':
      case 'commits': {
        if (interrupted !== undefined) return interrupted === 'done';
        const command = direction === 'up' ? 'lockstep apply' : 'lockstep revert';
        const message = `An earlier run began this statement, which no transaction can take back, and did not see its end: look what is left to do, then say "${command} --interrupted again" to send it again, or "--interrupted done" where nothing of it is missing`;
        throw new UnitFailure({ kind: 'statement', message }, placeOf(this.#half, piece), 'unknown', true);
      }
    }
  }

  /** What stands of a statement without a transaction that failed; what it left in its own way is taken away. */
  async #afterApart({ nature }: Apart, failure: DatabaseFailure): Promise<Outcome> {
    const { connection, settings } = this.#context.request;
    if (failure.kind === 'connection-lost') return 'unknown';
    switch (nature.kind) {
      case 'index':
        try {
          await connection.setLockTimeout(settings.lockTimeoutMs, 'session');
          const left = await leftIndex(connection, nature.operation, this.mark.note);
          if (left.kind === 'invalid') await dropInvalid(connection, left.name);
          if (left.kind !== 'finished') return this.#unbegin();
          return 'done';
        } catch (cause) {
          if (!(cause instanceof DatabaseError)) throw cause;
          // The next run finds it by the mark.
          return 'unknown';
        }
      case 'again':
        return this.#unbegin();
      case 'whole':
        return this.#unbegin();
      case 'commits':
        return 'partly-done';
    }
  }

  async #unbegin(): Promise<Outcome> {
    const before = { ...this.mark, hasBegun: false, note: '' };
    try {
      await this.#write(before);
      this.mark = before;
      return 'not-done';
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      return 'unknown';
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

/** Of the texts of the first units, so that a file that was changed there is noticed. */
function hashOf(units: readonly Unit[], count: number): string {
  const hash = createHash('sha256');
  for (const unit of units.slice(0, count))
    for (const piece of unit.pieces) hash.update(`${piece.text.replaceAll(/\r\n?/g, '\n')}\0`);
  return hash.digest('hex');
}
