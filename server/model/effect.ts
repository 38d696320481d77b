/** Lock modes, spelt as pg_locks spells them, weakest first; SQLite has one writer and uses `write`. */
export const LOCK_MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
] as const;

export type PostgresLockMode = (typeof LOCK_MODES)[number];

/** `DatabaseWriteLock`: SQLite's single writer; readers go on in WAL mode. */
export type LockMode = PostgresLockMode | 'DatabaseWriteLock';

export type RelationKind =
  | 'table'
  | 'partitioned-table'
  | 'index'
  | 'view'
  | 'materialized-view'
  | 'sequence'
  | 'foreign-table'
  | 'database';

/**
 * What a statement does to one relation that existed before it.
 *
 * One entry for each relation locked with more than AccessShareLock, and for each index that is rebuilt. `scan`: the
 * relation is read whole while the lock is held; `rewrite`: it gets a new file.
 */
export interface Effect {
  readonly schema: string;
  readonly relation: string;
  readonly relationKind: RelationKind;
  readonly lock: LockMode;
  readonly blocks: readonly ('reads' | 'writes' | 'ddl')[];
  readonly rewrite: boolean;
  readonly scan: boolean;
  /** The lock is certain, but whether the relation is read whole depends on how many rows another one has. */
  readonly scanCertainty?: 'may';
  /** Whether it may not happen: a condition in a DO block, an unknown column type. */
  readonly certainty: 'certain' | 'may';
  /** In words, a full sentence. */
  readonly why: string;
  /** Manual section, or the test that measured it. */
  readonly source: string;
}

/** What other sessions cannot do on the relation while the lock is held. Source: PostgreSQL manual, "Explicit Locking", table 13.2. */
export function blockedBy(lock: LockMode): readonly ('reads' | 'writes' | 'ddl')[] {
  switch (lock) {
    case 'AccessExclusiveLock':
      return ['reads', 'writes', 'ddl'];
    case 'ExclusiveLock':
    case 'ShareRowExclusiveLock':
    case 'ShareLock':
      return ['writes', 'ddl'];
    case 'DatabaseWriteLock':
      return ['writes', 'ddl'];
    case 'ShareUpdateExclusiveLock':
    case 'RowExclusiveLock':
    case 'RowShareLock':
      return ['ddl'];
    case 'AccessShareLock':
      return [];
  }
}

/** The stronger of two modes, in the order of `LOCK_MODES`. */
export function strongerLock(left: LockMode, right: LockMode): LockMode {
  if (left === 'DatabaseWriteLock' || right === 'DatabaseWriteLock') return 'DatabaseWriteLock';
  return LOCK_MODES.indexOf(left) >= LOCK_MODES.indexOf(right) ? left : right;
}

/** `ACCESS EXCLUSIVE` for `AccessExclusiveLock`, as SQL spells it. */
export function lockWords(lock: LockMode): string {
  return lock === 'DatabaseWriteLock'
    ? 'write lock'
    : lock
        .replace(/Lock$/, '')
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
        .toUpperCase();
}
