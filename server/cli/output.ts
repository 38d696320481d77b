import { EXIT } from './exit-codes.ts';

/**
 * A stream of the process to which writing never fails: a reader that has gone (`| head`), or a full disk, must not end a
 * run in the middle. What could not be written is left out, and told by `lost`.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #lost: string | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (cause: NodeJS.ErrnoException) => this.#fail(cause));
  }

  /** Why something could not be written; undefined where all was, or where nobody wanted to read on. */
  get lost(): string | undefined {
    return this.#lost === 'EPIPE' ? undefined : this.#lost;
  }

  write(text: string): void {
    if (this.#lost !== undefined) return;
    try {
      this.#stream.write(text);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #fail(cause: unknown): void {
    this.#lost ??= cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  }
}

/** Commands that change something: their exit code tells of that, whether or not it could be told in words. */
const CHANGES: readonly string[] = ['apply', 'revert', 'change', 'new', 'plan', 'init'];

/** The exit code where standard output could not be written: a report that is not complete is no success. */
export function codeWithoutOutput(code: number, command: string | undefined): number {
  return code === EXIT.done && !CHANGES.includes(command ?? '') ? EXIT.usage : code;
}
