/** Tries of each fault on each target; `LOCKSTEP_TRIES=n` asks for fewer, or more. */
export const TRIES = Number(process.env['LOCKSTEP_TRIES'] ?? '60');

/** A share of these tries, for faults that are not asked for as often. */
export function share(part: number): number {
  return Math.max(1, Math.ceil(TRIES * part));
}

/** Longest time that all tries of one fault on one target may take on a machine that does other things as well. */
export const FAULT_TIMEOUT_MS = 300_000;
