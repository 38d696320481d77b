import { LOCK_MODES, type PostgresLockMode } from './effect.ts';

/** A transaction of another session that holds a lock on a relation. Seen at one moment; nothing says that it lasts. */
export interface LockHolder {
  readonly processId: number;
  /** Role name; empty where the server does not say. */
  readonly user: string;
  /** What the session calls itself; empty where it says nothing. */
  readonly application: string;
  /** Whether it waits for its client instead of working: `idle in transaction`. */
  readonly isIdle: boolean;
  /** Age of its transaction, in seconds. */
  readonly ageSeconds: number;
  /** `objectKey` of the relation. */
  readonly relationKey: string;
  readonly lock: PostgresLockMode;
}

/** Weakest mode that each mode keeps out beside all stronger ones, and the exceptions. Source: PostgreSQL manual, "Explicit Locking", table 13.2. */
const CONFLICTS: Readonly<Record<PostgresLockMode, readonly PostgresLockMode[]>> = {
  AccessShareLock: ['AccessExclusiveLock'],
  RowShareLock: ['ExclusiveLock', 'AccessExclusiveLock'],
  RowExclusiveLock: ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'],
  ShareUpdateExclusiveLock: [
    'ShareUpdateExclusiveLock',
    'ShareLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  ShareLock: [
    'RowExclusiveLock',
    'ShareUpdateExclusiveLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  ShareRowExclusiveLock: [
    'RowExclusiveLock',
    'ShareUpdateExclusiveLock',
    'ShareLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  ExclusiveLock: LOCK_MODES.filter((mode) => mode !== 'AccessShareLock'),
  AccessExclusiveLock: LOCK_MODES,
};

/** Whether one session has to wait for a lock of one mode while another holds one of the other mode. */
export function conflicts(left: PostgresLockMode, right: PostgresLockMode): boolean {
  return CONFLICTS[left].includes(right);
}
