import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type CodeAction,
  type Diagnostic,
  type InitializeParams,
  type InitializeResult,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';

const root = path.resolve(import.meta.dirname, '../..');
/** How long a test waits for what the server is to send. */
const WAIT_MS = 30_000;

/** A language server in a process of its own on a scratch folder, driven as an editor drives it. */
export interface LspClient extends AsyncDisposable {
  readonly folder: string;
  readonly folderUri: string;
  readonly initialized: InitializeResult;
  uri(name: string): string;
  open(name: string, text: string, version?: number): void;
  change(
    name: string,
    version: number,
    changes: readonly { readonly range?: Diagnostic['range']; readonly text: string }[],
  ): void;
  /** The next diagnostics of a file that satisfy a condition, those that came already included. */
  diagnostics(name: string, condition?: (sent: PublishDiagnosticsParams) => boolean): Promise<readonly Diagnostic[]>;
  /** Hears all diagnostics that come from now on. */
  onDiagnostics(handler: (sent: PublishDiagnosticsParams) => void): void;
  request<Result>(method: string, params: unknown, token?: CancellationToken): Promise<Result>;
  notify(method: string, params: unknown): void;
  on<Params>(method: string, handler: (params: Params) => void): void;
  actions(name: string, diagnostics: readonly Diagnostic[]): Promise<readonly CodeAction[]>;
  /** Standard error so far: must stay empty. */
  errors(): string;
}

export interface StartOptions {
  readonly initializationOptions?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  /** More of `capabilities.workspace`, for requests that the server then sends. */
  readonly workspace?: NonNullable<InitializeParams['capabilities']['workspace']>;
  /** Answers to requests of the server, by method. */
  readonly answers?: Readonly<Record<string, (params: unknown) => unknown>>;
}

/** Writes the files to a scratch folder (or copies a folder) and starts a server on it. */
export async function startLsp(
  files: Readonly<Record<string, string>> | { readonly copy: string },
  options: StartOptions = {},
): Promise<LspClient> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-lsp-'));
  // Told apart by the member that only the second form has.
  if ('copy' in files && typeof files.copy === 'string' && Object.keys(files).length === 1)
    cpSync(files.copy, folder, { recursive: true });
  else {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
  }
  const child = spawn(process.execPath, [path.join(root, 'server/main.ts'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const latest = new Map<string, PublishDiagnosticsParams>();
  const waiting = new Set<() => void>();
  const hearing = new Set<(sent: PublishDiagnosticsParams) => void>();
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    latest.set(params.uri, params);
    for (const check of waiting) check();
    for (const hear of hearing) hear(params);
  });
  connection.onRequest('client/registerCapability', () => null);
  for (const [method, handler] of Object.entries(options.answers ?? {})) connection.onRequest(method, handler);
  connection.listen();
  const folderUri = pathToFileURL(folder).href;
  const uri = (name: string): string => pathToFileURL(path.join(folder, name)).href;
  const initialized = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: folderUri,
    workspaceFolders: [{ uri: folderUri, name: 'app' }],
    capabilities: {
      textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ['edit'] } } },
      workspace: {
        workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} },
        didChangeWatchedFiles: { dynamicRegistration: true },
        ...options.workspace,
      },
    },
    ...(options.initializationOptions === undefined ? {} : { initializationOptions: options.initializationOptions }),
  } satisfies InitializeParams);
  await connection.sendNotification('initialized', {});
  return {
    folder,
    folderUri,
    initialized,
    uri,
    open: (name, text, version = 1) =>
      void connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: uri(name), languageId: 'sql', version, text },
      }),
    change: (name, version, changes) =>
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: uri(name), version },
        contentChanges: changes,
      }),
    diagnostics: (name, condition = () => true) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(
            new Error(
              `no such diagnostics of ${name} arrived; last: ${JSON.stringify(latest.get(uri(name)))}; ${errors}`,
            ),
          );
        }, WAIT_MS);
        function check(): void {
          const sent = latest.get(uri(name));
          if (sent === undefined || !condition(sent)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(sent.diagnostics);
        }
        waiting.add(check);
        check();
      }),
    onDiagnostics: (handler) => void hearing.add(handler),
    request: (method, params, token) =>
      token === undefined ? connection.sendRequest(method, params) : connection.sendRequest(method, params, token),
    notify: (method, params) => void connection.sendNotification(method, params),
    on: (method, handler) => void connection.onNotification(method, handler),
    actions: (name, diagnostics) =>
      connection.sendRequest('textDocument/codeAction', {
        textDocument: { uri: uri(name) },
        range: diagnostics[0]?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
        context: { diagnostics },
      }),
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await ended;
      connection.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `code@line:from-to` of each diagnostic. */
export function places(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(
    ({ code, range }) => `${String(code)}@${range.start.line}:${range.start.character}-${range.end.character}`,
  );
}
