import type { DatabaseFailure } from '../../drivers/driver.ts';

/** Why a use case did nothing, as a code with what belongs to it; whoever asked has the words. */
export type Refusal =
  /** The workspace is not trusted: Lockstep only lints in it. */
  | { readonly code: 'not-trusted' }
  /** No database was named for the project. */
  | { readonly code: 'not-connected' }
  /** A run goes on in this project. */
  | { readonly code: 'run-in-flight' }
  /** The database could not be reached, or refused. The message holds no secret. */
  | { readonly code: 'database'; readonly failure: DatabaseFailure };

/** Bugs are thrown; nothing else is. */
export interface Refused<Reason = Refusal> {
  readonly kind: 'refused';
  readonly reason: Reason;
}

export function refused<Reason>(reason: Reason): Refused<Reason> {
  return { kind: 'refused', reason };
}
