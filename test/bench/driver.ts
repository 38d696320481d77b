import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeParams,
  type InitializeResult,
  type LogMessageParams,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { peakMemory } from './measure.ts';

/** How long an answer may take before the benchmark gives up. */
const WAIT_MS = 120_000;

/** A language server over standard input and output, driven as an editor drives it: asks for diagnostics where it must be asked. */
export class ServerDriver implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #connection: ProtocolConnection;
  readonly #folder: string;
  readonly #isPulled: boolean;
  readonly #sentBefore: Map<string, PublishDiagnosticsParams>;
  readonly #waiting: Set<() => void>;
  /** Processes that the server says it runs beside itself. */
  readonly #besides: Set<number>;

  private constructor(
    child: ChildProcess,
    connection: ProtocolConnection,
    folder: string,
    isPulled: boolean,
    sentBefore: Map<string, PublishDiagnosticsParams>,
    waiting: Set<() => void>,
    besides: Set<number>,
  ) {
    this.#child = child;
    this.#connection = connection;
    this.#folder = folder;
    this.#isPulled = isPulled;
    this.#sentBefore = sentBefore;
    this.#waiting = waiting;
    this.#besides = besides;
  }

  static async start([command, ...words]: readonly [string, ...string[]], folder: string): Promise<ServerDriver> {
    const child = spawn(command, words, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const sent = new Map<string, PublishDiagnosticsParams>();
    const waiting = new Set<() => void>();
    const besides = new Set<number>();
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      sent.set(params.uri, params);
      for (const check of waiting) check();
    });
    connection.onNotification('window/logMessage', ({ message }: LogMessageParams) => {
      const pid = /PID: (\d+)/.exec(message)?.[1];
      if (pid !== undefined) besides.add(Number(pid));
    });
    for (const method of ['client/registerCapability', 'client/unregisterCapability', 'workspace/diagnostic/refresh'])
      connection.onRequest(method, () => null);
    connection.onRequest('workspace/configuration', ({ items }: { readonly items: readonly unknown[] }) =>
      items.map(() => null),
    );
    connection.listen();
    const uri = pathToFileURL(folder).href;
    const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'bench' }],
      capabilities: { textDocument: { publishDiagnostics: {}, diagnostic: {} }, workspace: { configuration: true } },
    } satisfies InitializeParams);
    await connection.sendNotification('initialized', {});
    return new ServerDriver(
      child,
      connection,
      folder,
      capabilities.diagnosticProvider !== undefined,
      sent,
      waiting,
      besides,
    );
  }

  /** Opens a document; ends when its diagnostics are here. Returns how many. */
  async open(name: string, text: string): Promise<number> {
    const uri = this.#uri(name);
    this.#sentBefore.delete(uri);
    await this.#connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'sql', version: 1, text },
    });
    return this.#diagnostics(uri, 1);
  }

  /** Replaces a range; ends when the diagnostics of the new version are here. Returns how many. */
  async change(
    name: string,
    version: number,
    line: number,
    character: number,
    length: number,
    text: string,
  ): Promise<number> {
    const uri = this.#uri(name);
    this.#sentBefore.delete(uri);
    await this.#connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: { line, character }, end: { line, character: character + length } }, text }],
    });
    return this.#diagnostics(uri, version);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** In MB, of the server and what it started. */
  peakMemory(): number {
    return peakMemory(this.#child.pid ?? 0, [...this.#besides]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    // A server that does not end by itself is ended.
    const timer = setTimeout(() => this.#child.kill(), 2_000);
    await ended;
    clearTimeout(timer);
    this.#connection.dispose();
    // A process that the server left running may hold the other end open.
    this.#child.stdout?.destroy();
    this.#child.stdin?.destroy();
  }

  #uri(name: string): string {
    return pathToFileURL(path.join(this.#folder, name)).href;
  }

  async #diagnostics(uri: string, version: number): Promise<number> {
    if (this.#isPulled) {
      const report = await this.#connection.sendRequest<{ readonly items: readonly unknown[] }>(
        'textDocument/diagnostic',
        { textDocument: { uri } },
      );
      return report.items.length;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`no diagnostics of ${uri} within ${WAIT_MS / 1000} s`));
      }, WAIT_MS);
      const check = (): void => {
        const sent = this.#sentBefore.get(uri);
        // Servers that send no version send in order.
        if (sent === undefined || (sent.version ?? version) < version) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(sent.diagnostics.length);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
