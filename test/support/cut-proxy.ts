import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Where a connection is cut, both ways: the nth message that holds a word is never sent; it is sent and nobody waits for its
 * answer; its answer is on the way and is lost.
 */
export type CutPlace = 'before' | 'sent' | 'answer';

/** Whether a statement that begins with a word is in what a client sent, alone or with others behind it; every message is without a word. */
function holds(chunk: Buffer, word: string): boolean {
  // A simple query: its letter, its length and its text.
  return word === '' || new RegExp(`Q[^]{4}${word}[\\0;]`).test(chunk.toString('latin1'));
}

/** A proxy on the loopback that forwards PostgreSQL's protocol and cuts connections where it is told to. */
export class CutProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #word: string | undefined;
  #remaining = 0;
  #place: CutPlace = 'answer';
  #bytesLeft: number | undefined;
  #isBlackHole = false;
  #isClosed = false;
  #delayMs = 0;
  #bytes = 0;
  #messages = 0;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#join(client, connect(target, '127.0.0.1')));
  }

  static async start(target: number): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** Bytes that clients have sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages with the word of the last `cut`. */
  get messages(): number {
    return this.#messages;
  }

  /** A URL of the server, by way of this proxy. */
  url(of: string): string {
    const address = this.#server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return of.replace(/:\d+\//, `:${port}/`);
  }

  /** Cuts, once, at the nth message that is a word. */
  cut(word: string, nth: number, place: CutPlace): void {
    this.#word = word;
    this.#remaining = nth;
    this.#place = place;
    this.#messages = 0;
  }

  /** Cuts, once, at the nth message, whatever it is. */
  cutMessage(nth: number, place: CutPlace): void {
    this.cut('', nth, place);
  }

  /** Cuts a connection, once, after so many more bytes from clients, in the middle of a message. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
    this.#bytes = 0;
  }

  /** Lets nobody in any more, as a network that is gone for good, once the connection of the last `cut` is cut. */
  closeBehind(): void {
    this.#isClosed = true;
  }

  /** Lets what clients send wait, so that the server waits for them. */
  delay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  /** Swallows everything from now on, and says nothing. */
  swallow(): void {
    this.#isBlackHole = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #join(client: Socket, server: Socket): void {
    let isCutNext = false;
    if (this.#isClosed && this.#word === undefined) {
      client.destroy();
      server.destroy();
      return;
    }
    const forward = (chunk: Buffer): void => {
      if (this.#delayMs === 0) server.write(chunk);
      else setTimeout(() => server.write(chunk), this.#delayMs);
    };
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (this.#isBlackHole) return;
      this.#bytes += chunk.length;
      if (this.#bytesLeft !== undefined) {
        this.#bytesLeft -= chunk.length;
        if (this.#bytesLeft < 0) {
          server.write(chunk.subarray(0, chunk.length + this.#bytesLeft), cut);
          this.#bytesLeft = undefined;
          return;
        }
      }
      if (this.#word !== undefined && holds(chunk, this.#word)) {
        this.#messages++;
        if (--this.#remaining === 0) {
          this.#word = undefined;
          if (this.#place === 'before') return cut();
          if (this.#place === 'sent') return void server.write(chunk, cut);
          isCutNext = true;
        }
      }
      forward(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (this.#isBlackHole) return;
      if (isCutNext) cut();
      else client.write(chunk);
    });
  }
}
