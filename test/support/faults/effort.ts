/** Tries of each fault on each target; `LOCKSTEP_TRIES=n` asks for fewer, or more. */
export const TRIES = Number(process.env['LOCKSTEP_TRIES'] ?? '60');

/** A share of these tries, for faults that are not asked for as often. */
export function share(part: number): number {
  return Math.max(1, Math.ceil(TRIES * part));
}

/** Limit of a test that tries a fault again and again; the tries themselves end by `Effort`. */
export const FAULT_TIMEOUT_MS = 300_000;
/** How long one fault is tried on one target, so that all of them end in six minutes on a machine that has much else to do. */
const BUDGET_MS = 60_000;
/** Least part of the tries that must have been made then. */
const LEAST = 1 / 10;

/** So many tries, or as many as the time allows. */
export class Effort {
  readonly #tries: number;
  readonly #deadline: number;

  /** `part`: of the tries, and of the time where it is less than all. */
  constructor(part = 1) {
    this.#tries = share(part);
    this.#deadline = Date.now() + BUDGET_MS * Math.max(part, 1 / 4);
  }

  /** Tries that were asked for. */
  get asked(): number {
    return this.#tries;
  }

  isEnough(tries: number): boolean {
    return tries >= this.#tries || Date.now() >= this.#deadline;
  }

  /** Fewest tries that show something, with what the clock has taken. */
  get least(): number {
    return Date.now() >= this.#deadline ? Math.ceil(this.#tries * LEAST) : this.#tries;
  }
}
