/** Exit codes of the command line: a contract. */
export const EXIT = {
  done: 0,
  /** Findings at or above `--fail-on`; pending or drifted migrations for `verify`. */
  findings: 1,
  usage: 2,
  /** The database could not be reached, or refused. */
  database: 3,
  /** A migration failed. */
  failed: 4,
  /** Stopped before a step whose requirement is not met. */
  stopped: 5,
  /** Another run holds the lock and did not end within the wait; nothing was done. */
  locked: 6,
} as const;

/** A mistake in how the command was called or configured: one line on standard error, exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
