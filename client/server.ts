import * as vscode from 'vscode';
import type { NotificationMessage, RequestMessage } from '../server/protocol/message.ts';

/** The language server as the rest of the client sees it. */
export interface LockstepServer {
  ask<Params, Result>(
    request: RequestMessage<Params, Result>,
    params: Params,
    token?: vscode.CancellationToken,
  ): Promise<Result>;
  tell<Params>(notification: NotificationMessage<Params>, params: Params): void;
  on<Params>(notification: NotificationMessage<Params>, handler: (params: Params) => void): vscode.Disposable;
}

/**
 * Starts the language server behind the extension's activation: the protocol's code is half of the bundle, and VS Code
 * waits for what runs before activation ends.
 *
 * What is asked before the server is up is asked as soon as it is.
 */
export function startServer(context: vscode.ExtensionContext): LockstepServer {
  const client = new Promise<void>((resolve) => {
    setImmediate(resolve);
  })
    .then(() => import('./language-client.ts'))
    .then(({ startLanguageClient }) => startLanguageClient(context));
  return {
    ask: async <Params, Result>(
      { method }: RequestMessage<Params, Result>,
      params: Params,
      token?: vscode.CancellationToken,
    ): Promise<Result> => {
      const started = await client;
      // An undefined token would be sent as one more parameter.
      return token === undefined
        ? started.sendRequest<Result>(method, params)
        : started.sendRequest<Result>(method, params, token);
    },
    tell: ({ method }, params) => void client.then((started) => started.sendNotification(method, params)),
    on: ({ method }, handler) => {
      let registered: vscode.Disposable | undefined;
      let isDisposed = false;
      void client.then((started) => {
        if (!isDisposed) registered = started.onNotification(method, handler);
      });
      return new vscode.Disposable(() => {
        isDisposed = true;
        registered?.dispose();
      });
    },
  };
}
