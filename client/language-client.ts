import * as vscode from 'vscode';
import { LanguageClient, TransportKind, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';
import type { InitializationOptions } from '../server/protocol/requests.ts';

/** Starts the language server that stands beside the bundle; it ends with the extension. */
export function startLanguageClient(context: vscode.ExtensionContext): LanguageClient {
  const module = context.asAbsolutePath('dist/server.cjs');
  const serverOptions: ServerOptions = { run: { module, transport: TransportKind.ipc }, debug: { module, transport: TransportKind.ipc } };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: 'file', language: 'sql' }, { scheme: 'file', pattern: '**/*.sql' }],
    initializationOptions: { isTrusted: vscode.workspace.isTrusted, placesCursor: true, explainsAt: true } satisfies InitializationOptions,
    outputChannel: vscode.window.createOutputChannel('Lockstep', { log: true }),
  };
  const client = new LanguageClient('lockstep', 'Lockstep', serverOptions, options);
  context.subscriptions.push(client);
  client.start().catch((cause: unknown) => {
    void vscode.window.showErrorMessage(`Lockstep's language server did not start: ${cause instanceof Error ? cause.message : 'see its output channel'}`);
  });
  return client;
}
