import type { Refusal } from '../application/use-cases/answer.ts';
import type { InvalidIndex } from '../application/use-cases/invalid-indexes.ts';
import { assertNever } from '../core/assert-never.ts';

/** Why a use case did nothing, as a sentence for whoever asked in the editor. */
export function refusalWords(reason: Refusal): string {
  switch (reason.code) {
    case 'not-trusted':
      return 'This workspace is not trusted, so Lockstep only lints it: trust the workspace, then try again.';
    case 'not-connected':
      return 'No database is connected: connect to one first.';
    case 'run-in-flight':
      return 'A run is under way in this project: wait for its end, or cancel it.';
    case 'database':
      return reason.failure.message;
    default:
      return assertNever(reason);
  }
}

export function invalidIndexWords({ name, table }: InvalidIndex): string {
  return `The index ${name} on ${table ?? 'its table'} is invalid: it costs every write and serves no read. Drop it, then apply again.`;
}
