import * as vscode from 'vscode';
import { LanguageClient, TransportKind, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';
import type { InitializationOptions } from '../server/protocol/requests.ts';

/** The language server as the rest of the client sees it. */
export interface LockstepServer {
  ask<Result>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<Result>;
  tell(method: string, params: unknown): void;
  on<Params>(method: string, handler: (params: Params) => void): vscode.Disposable;
}

/**
 * Starts the language server that stands beside the bundle; it ends with the extension.
 *
 * Does not wait for it: what is asked before it is up is asked as soon as it is.
 */
export function startLanguageClient(context: vscode.ExtensionContext): LockstepServer {
  const module = context.asAbsolutePath('dist/server.cjs');
  const serverOptions: ServerOptions = { run: { module, transport: TransportKind.ipc }, debug: { module, transport: TransportKind.ipc } };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: 'file', language: 'sql' }, { scheme: 'file', pattern: '**/*.sql' }],
    initializationOptions: { isTrusted: vscode.workspace.isTrusted, placesCursor: true } satisfies InitializationOptions,
    outputChannel: vscode.window.createOutputChannel('Lockstep', { log: true }),
  };
  const client = new LanguageClient('lockstep', 'Lockstep', serverOptions, options);
  context.subscriptions.push(client);
  client.start().catch((cause: unknown) => {
    void vscode.window.showErrorMessage(`Lockstep's language server did not start: ${cause instanceof Error ? cause.message : 'see its output channel'}`);
  });
  return {
    // An undefined token would be sent as one more parameter.
    ask: (method, params, token) => (token === undefined ? client.sendRequest(method, params) : client.sendRequest(method, params, token)),
    tell: (method, params) => void client.sendNotification(method, params),
    on: (method, handler) => client.onNotification(method, handler),
  };
}
