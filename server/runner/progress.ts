import { DatabaseError } from '../drivers/driver.ts';
import type { Outcome } from './failure.ts';
import type { HalfContext } from './half.ts';
import type { RunMark } from './run-marks.ts';

/** How far one run of a half outside a transaction has come, here and in the database's mark. */
export class Progress {
  readonly #context: HalfContext;
  #mark: RunMark;
  #hasDone: boolean;

  /** `mark`: as an earlier run left it, or as this one begins. */
  constructor(context: HalfContext, mark: RunMark) {
    this.#context = context;
    this.#mark = mark;
    this.#hasDone = mark.done > 0 || mark.hasBegun;
  }

  get mark(): RunMark {
    return this.#mark;
  }

  /** Whether the database is as it was before the half was begun. `outcome`: of the unit that failed. */
  isUntouched(outcome: Outcome): boolean {
    return outcome === 'not-done' && !this.#hasDone;
  }

  /** Writes a mark, in the unit's transaction where one is open, as the role that the session was opened with. */
  async write(mark: RunMark): Promise<void> {
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

  /** The unit that `after` tells of is done, and the database knows it. */
  did(after: RunMark): void {
    this.#mark = after;
    this.#hasDone = true;
  }

  /** Marks the next unit as begun. `note`: what was there before it is sent. */
  async begin(note: string): Promise<void> {
    const begun = { ...this.#mark, hasBegun: true, note };
    await this.write(begun);
    this.#mark = begun;
  }

  /** Takes that back, where nothing of the unit is left; what became of the unit is unknown to a later run where that fails. */
  async unbegin(): Promise<Outcome> {
    const before = { ...this.#mark, hasBegun: false, note: '' };
    try {
      await this.write(before);
      this.#mark = before;
      return 'not-done';
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      return 'unknown';
    }
  }

  /** Whether the database's mark does not tell of `after` yet. */
  async isBehind(after: RunMark): Promise<boolean> {
    const now = (await this.#context.marks.read()).find(
      (mark) => mark.id === after.id && mark.direction === after.direction,
    );
    return now !== undefined && now.done < after.done;
  }
}
