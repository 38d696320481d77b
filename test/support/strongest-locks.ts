/** Weakest first, as `pg_locks` spells them. */
const MODES = [
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** The strongest lock of each relation, by its name; one that readers take is none. */
export function strongestLocks(
  locks: readonly { readonly relation: string; readonly lock: string }[],
): Readonly<Record<string, string>> {
  const ordered = locks
    .filter(({ lock }) => MODES.includes(lock))
    .toSorted((left, right) => MODES.indexOf(left.lock) - MODES.indexOf(right.lock));
  return Object.fromEntries(ordered.map(({ relation, lock }) => [relation, lock]));
}
