import type { Answer } from '../application/use-cases/answer.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { refusalError } from './refusal-error.ts';
import type { Session } from './session.ts';

/** What a use case gave. Errors: throws the reason why it did nothing. */
export function accepted<Value>(answer: Answer<Value>): Value {
  if (answer.kind === 'refused') throw refusalError(answer.reason);
  return answer.value;
}

/**
 * Whoever cannot be asked has to say yes beforehand. `does`: what the command does, such as `restore replaces the database`;
 * `instead`: what else may be added. Errors: throws `UsageError`.
 */
export function demandAnswer({ terminal, arguments: words }: Session, does: string, instead = ''): void {
  if (!words.flag('yes') && !terminal.isInteractive)
    throw new UsageError(`${does} and there is no terminal to ask on: add --yes${instead}`);
}

/** Says that a question was not answered by yes; the exit code for that. */
export function declined({ terminal }: Session): number {
  terminal.writeError('lockstep: nothing was done: the question was not answered by yes\n');
  return EXIT.usage;
}
