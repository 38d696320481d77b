import type { AskedValue } from '../model/asked-value.ts';

export type Phase = 'expand' | 'migrate' | 'contract';

/** What must be true on a database before a step may run there. */
export type Requirement =
  | { readonly kind: 'deploy'; readonly description: string }
  | { readonly kind: 'backfill' }
  | { readonly kind: 'parity' };

/**
 * One migration of a change.
 *
 * `up` and `down` hold whole statements, each ending in a semicolon, and comments. `transaction: 'none'` means that the
 * file must run outside a transaction block and then holds one statement per direction wherever the tool sends a file
 * as one string.
 */
export interface Step {
  readonly phase: Phase;
  /** For people: "Add users.status, nullable". */
  readonly title: string;
  /** For file names: lower-case words joined by `_`: `add_users_status`. */
  readonly slug: string;
  readonly up: string;
  /** Undefined where there is no way back; the reason stands in `irreversible`. */
  readonly down?: string;
  readonly irreversible?: string;
  readonly transaction: 'one' | 'none';
  readonly requires: readonly Requirement[];
  /** Sentences for the reader, written as comments above the SQL: what to deploy before the next step. */
  readonly notes: readonly string[];
  /** Values that a person has to write into it before it may run. */
  readonly asked?: readonly AskedValue[];
  /** What "requires parity" compares; written as a directive. */
  readonly parity?: ParityCheck;
}

/** Two expressions over the rows of one table that must give the same value in each. SQL fragments, already quoted. */
export interface ParityCheck {
  readonly table: string;
  readonly old: string;
  readonly new: string;
}

/** A whole expand/contract change. `id` is unique in the project: `users-status`. */
export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}
