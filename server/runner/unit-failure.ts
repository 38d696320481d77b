import type { DatabaseFailure } from '../drivers/driver.ts';
import type { FailurePlace, Outcome } from './failure.ts';

/** A unit of a half outside a transaction that failed, with what is known of it. */
export class UnitFailure extends Error {
  readonly failure: DatabaseFailure;
  readonly place: FailurePlace | undefined;
  /** Of this unit alone. */
  readonly outcome: Outcome;
  /** Whether a person must say how it goes on. */
  readonly asksInterrupted: boolean;

  constructor(
    failure: DatabaseFailure,
    place: FailurePlace | undefined,
    outcome: Outcome,
    asksInterrupted = outcome === 'partly-done',
  ) {
    super(failure.message);
    this.name = 'UnitFailure';
    this.failure = failure;
    this.place = place;
    this.outcome = outcome;
    this.asksInterrupted = asksInterrupted;
  }
}
