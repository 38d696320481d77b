import type { DatabaseTarget } from '../../drivers/driver.ts';
import type { DatabaseFacts } from '../project.ts';

/** A database that a person named for a project. The target, with its secret, lives in this process only. */
export interface NamedDatabase {
  readonly target: DatabaseTarget;
  /** As a person or the configuration calls it; a comment on the database may say more: `environmentOn`. */
  readonly environment: string | null;
}

/** A run that goes on in this process. */
export interface RunInFlight {
  readonly direction: 'up' | 'down';
  /** The migration that it is at; null before the first. */
  readonly id: string | null;
  /** Who keeps it waiting, for people. */
  readonly blockers: readonly string[];
}

/**
 * The database of one project and what runs on it. A session is opened for each use case and closed after it, so that
 * nothing stays open on a server while nobody looks.
 */
export class ProjectDatabase {
  /** Undefined until one is named. */
  named: NamedDatabase | undefined;
  /** Undefined where nothing runs. */
  inFlight: RunInFlight | undefined;
  /** What the project was last seen to know of the database, and when, in milliseconds since the epoch. */
  seen: { readonly facts: DatabaseFacts | undefined; readonly at: number } | undefined;

  constructor(named?: NamedDatabase) {
    this.named = named;
  }
}
