/** Seed of every fault test; printed with what fails. `LOCKSTEP_SEED=n` runs others. */
export const SEED = Number(process.env['LOCKSTEP_SEED'] ?? '7');

/** Numbers from a seed. Source: mulberry32, public domain, https://github.com/cprosche/mulberry32. */
export class Random {
  #state: number;

  constructor(name: string, seed = SEED) {
    this.#state = seed;
    for (const letter of name) this.#state = Math.imul(this.#state ^ letter.charCodeAt(0), 0x01000193);
  }

  /** From 0 up to, and not with, `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * end);
  }
}
