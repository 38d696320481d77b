import type { Refusal } from '../application/use-cases/answer.ts';
import { assertNever } from '../core/assert-never.ts';
import { DatabaseError } from '../drivers/driver.ts';
import { UsageError } from './exit-codes.ts';

/** Why a use case did nothing, as what ends a command: one line on standard error, and its exit code. */
export function refusalError(reason: Refusal): Error {
  switch (reason.code) {
    case 'database':
      return new DatabaseError(reason.failure);
    case 'not-trusted':
      return new UsageError('this folder is not trusted, so nothing is connected to: trust it first');
    case 'not-connected':
      return new UsageError('no database is named: give --database');
    case 'run-in-flight':
      return new UsageError('a run is under way in this project: wait for its end');
    default:
      return assertNever(reason);
  }
}
