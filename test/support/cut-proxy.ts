import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy on the loopback that forwards PostgreSQL's protocol and cuts connections where it is told to. */
export class CutProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #word: string | undefined;
  #remaining = 0;
  #bytes: number | undefined;
  #isBlackHole = false;

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

  /** A URL of the server, by way of this proxy. */
  url(of: string): string {
    const address = this.#server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return of.replace(/:\d+\//, `:${port}/`);
  }

  /** Cuts, both ways, once the server has answered the nth message that holds a word; its answer is lost. */
  cutAnswerTo(word: string, nth: number): void {
    this.#word = word;
    this.#remaining = nth;
  }

  /** Cuts a connection after it has carried so many bytes from the client. */
  cutAfter(bytes: number): void {
    this.#bytes = bytes;
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
      if (this.#bytes !== undefined) {
        this.#bytes -= chunk.length;
        if (this.#bytes < 0) {
          this.#bytes = undefined;
          server.write(chunk.subarray(0, Math.max(0, chunk.length - 3)), cut);
          return;
        }
      }
      if (this.#word !== undefined && chunk.includes(`${this.#word}\0`) && --this.#remaining === 0) {
        this.#word = undefined;
        isCutNext = true;
      }
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (this.#isBlackHole) return;
      if (isCutNext) cut();
      else client.write(chunk);
    });
  }
}
