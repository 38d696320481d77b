import { LOCK_MODES } from '../../server/model/effect.ts';

/** Weakest first, as `pg_locks` spells them; without the one that readers take. */
const MODES: readonly string[] = LOCK_MODES.filter((mode) => mode !== 'AccessShareLock');

/** The strongest lock of each relation, by its name; one that readers take is none. */
export function strongestLocks(
  locks: readonly { readonly relation: string; readonly lock: string }[],
): Readonly<Record<string, string>> {
  const ordered = locks
    .filter(({ lock }) => MODES.includes(lock))
    .toSorted((left, right) => MODES.indexOf(left.lock) - MODES.indexOf(right.lock));
  return Object.fromEntries(ordered.map(({ relation, lock }) => [relation, lock]));
}
