import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseError } from './driver.ts';
import type { complaintOf } from './sqlite-failure.ts';
import type { ProcessMessage, ProcessReply, ProcessRequest } from './sqlite-process.ts';
import type { SqliteAnswer } from './sqlite-session.ts';

/** How long a cancelled statement may go on before its process is ended. */
const CANCEL_MS = 100;

/** What SQLite refused in the other process. */
export class SqliteRefusal extends Error {
  readonly complaint: ReturnType<typeof complaintOf>;
  readonly inTransaction: boolean;

  constructor(complaint: ReturnType<typeof complaintOf>, inTransaction: boolean) {
    super(complaint.message);
    this.name = 'SqliteRefusal';
    this.complaint = complaint;
    this.inTransaction = inTransaction;
  }
}

/** It was not done, since what was asked for before it in the same message failed. */
export class SqliteSkipped extends Error {
  constructor() {
    super('what came before it failed');
    this.name = 'SqliteSkipped';
  }
}

/** One thing that is asked for, and who waits for it. */
interface Question {
  readonly request: ProcessRequest;
  readonly signal: AbortSignal | undefined;
  resolve(answer: SqliteAnswer): void;
  reject(cause: unknown): void;
}

/** A session in a process of its own. */
export class SqliteProcess {
  readonly #label: string;
  readonly #child: ChildProcess;
  #isGone = false;
  /** What is to be asked for in one message, while that is put together. */
  #gathered: Question[] | undefined;
  /** Ends when the process has answered all that it was asked: an answer does not say which question it is for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(label: string) {
    this.#label = label;
    const bundled = path.join(import.meta.dirname, 'sqlite-process.cjs');
    this.#child = fork(existsSync(bundled) ? bundled : path.join(import.meta.dirname, 'sqlite-process.ts'), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.once('exit', () => {
      this.#isGone = true;
    });
    this.#child.once('error', () => {
      this.#isGone = true;
    });
  }

  /** Asks one thing after the other, in the order in which they come. */
  do(request: ProcessRequest, signal?: AbortSignal): Promise<SqliteAnswer> {
    return new Promise((resolve, reject) => {
      const question = { request, signal, resolve, reject };
      if (this.#gathered === undefined) this.#send([question]);
      else this.#gathered.push(question);
    });
  }

  /** What `ask` asks for at once goes in one message. Errors: what comes after a failure rejects with `SqliteSkipped`. */
  together<Value>(ask: () => Value): Value {
    if (this.#gathered !== undefined) return ask();
    const questions: Question[] = [];
    this.#gathered = questions;
    try {
      return ask();
    } finally {
      this.#gathered = undefined;
      if (questions.length > 0) this.#send(questions);
    }
  }

  async end(): Promise<void> {
    if (this.#isGone) return;
    await this.do({ kind: 'close' }).catch(() => undefined);
    this.#child.disconnect();
  }

  /** Ends a process that was asked for nothing. */
  leave(): void {
    if (!this.#isGone && this.#child.connected) this.#child.disconnect();
  }

  #send(questions: readonly Question[]): void {
    this.#last = this.#last.then(() => this.#ask(questions));
  }

  /** Rejects with nothing: whoever waits for a question is told. */
  #ask(questions: readonly Question[]): Promise<void> {
    const fail = (cause: () => Error): void => {
      for (const question of questions) question.reject(cause());
    };
    if (this.#isGone) {
      fail(() => this.#lost());
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      // Whoever runs one of them runs them all.
      const signal = questions.find((question) => question.signal !== undefined)?.signal;
      let timer: NodeJS.Timeout | undefined;
      const cancel = (): void => {
        timer = globalThis.setTimeout(() => this.#child.kill('SIGKILL'), CANCEL_MS);
      };
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        this.#child.off('error', onExit);
        act();
        resolve();
      };
      const onMessage = (message: unknown): void => {
        // Only `sqlite-process.ts` writes to this channel.
        const reply = message as ProcessReply;
        finish(() => {
          for (const [index, question] of questions.entries()) {
            const result = reply[index];
            if (result === undefined) question.reject(new SqliteSkipped());
            else if (result.ok) question.resolve(result.answer);
            else question.reject(new SqliteRefusal(result.complaint, result.inTransaction));
          }
        });
      };
      const onExit = (): void => {
        this.#isGone = true;
        finish(() => fail(() => (signal?.aborted === true ? cancelled() : this.#lost())));
      };
      this.#child.once('message', onMessage);
      this.#child.once('exit', onExit);
      this.#child.once('error', onExit);
      // It may have been cancelled while it waited for its turn.
      if (signal?.aborted === true) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
      const message: ProcessMessage = questions.map((question) => question.request);
      this.#child.send(message, (cause) => {
        if (cause !== null) onExit();
      });
    });
  }

  #lost(): DatabaseError {
    return new DatabaseError({
      kind: 'connection-lost',
      message: `The process that wrote to ${this.#label} has ended.`,
    });
  }
}

function cancelled(): DatabaseError {
  return new DatabaseError({ kind: 'cancelled', message: 'The run was cancelled.' });
}
