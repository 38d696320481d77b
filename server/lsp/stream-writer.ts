import { AbstractMessageWriter, type Message, type MessageWriter } from 'vscode-languageserver';

/**
 * Writes each message in one piece.
 *
 * The writer of `vscode-jsonrpc` writes the header and then, once that is out, the rest: two system calls, for each of
 * which the editor may wake up.
 */
export class StreamWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #output: NodeJS.WritableStream;
  #failures = 0;

  constructor(output: NodeJS.WritableStream) {
    super();
    this.#output = output;
    output.on('error', (error) => this.fireError(error));
    output.on('close', () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      const text = JSON.stringify(message);
      this.#output.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`, 'utf8', (error) => {
        if (error === undefined || error === null) {
          resolve();
          return;
        }
        this.#failures++;
        this.fireError(error, message, this.#failures);
        reject(error);
      });
    });
  }

  end(): void {
    this.#output.end();
  }
}
