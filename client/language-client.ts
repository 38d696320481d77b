import * as vscode from 'vscode';
import {
  LanguageClient,
  TransportKind,
  type LanguageClientOptions,
  type ServerOptions,
} from 'vscode-languageclient/node';
import { MIGRATION_FILES } from './migration-files.ts';
import type { InitializationOptions } from '../server/protocol/requests.ts';
import { say } from './say.ts';

/** V8 would let the server's young objects take 48 MB before it looks at them: a folder of 10,000 migrations then takes 300 MB in place of 200. */
const SERVER_FLAGS = ['--max-semi-space-size=8'] as const;

/** Starts the language server that stands beside the bundle; it ends with the extension. */
export function startLanguageClient(context: vscode.ExtensionContext): LanguageClient {
  const module = context.asAbsolutePath('dist/server.cjs');
  const start = { module, transport: TransportKind.ipc, options: { execArgv: [...SERVER_FLAGS] } };
  const serverOptions: ServerOptions = { run: start, debug: start };
  const options: LanguageClientOptions = {
    documentSelector: MIGRATION_FILES,
    initializationOptions: {
      isTrusted: vscode.workspace.isTrusted,
      appliesFixes: true,
      explainsAt: true,
      showsRules: true,
    } satisfies InitializationOptions,
    outputChannel: vscode.window.createOutputChannel('Lockstep', { log: true }),
  };
  const client = new LanguageClient('lockstep', 'Lockstep', serverOptions, options);
  context.subscriptions.push(client);
  client.start().catch((cause: unknown) => {
    say(
      'error',
      `Lockstep's language server did not start: ${cause instanceof Error ? cause.message : 'see its output channel'}`,
    );
  });
  return client;
}
