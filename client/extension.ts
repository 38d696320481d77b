import * as vscode from 'vscode';
import { STATUS_CHANGED, TRUST_GRANTED } from '../server/protocol/requests.ts';
import type { CommandContext } from './commands/command-context.ts';
import { reconnectWhereAllowed } from './commands/connect.ts';
import { showEditedActions } from './edited-actions.ts';
import { offerInit } from './commands/offer-init.ts';
import { registerCommands } from './commands/register-commands.ts';
import { OpenRunbooks } from './commands/open-runbooks.ts';
import { SqlDocuments } from './commands/sql-documents.ts';
import { offerToFinish } from './commands/undo-fix.ts';
import { SavedConnections } from './connections/saved-connections.ts';
import { showStatusBar } from './connections/status-bar.ts';
import { FixJournal } from './fixes/fix-journal.ts';
import { registerRulePages } from './rule-pages.ts';
import { startServer } from './server.ts';
import { startTour } from './commands/tour.ts';
import { showLanguageStatus } from './language-status.ts';
import { showRunLenses } from './run-lenses.ts';
import { showFileBadges } from './tree/file-badges.ts';
import { showViews } from './tree/provider.ts';
import { StatusStore } from './tree/store.ts';

/** Builds everything; nothing connects to a database here. */
export function activate(context: vscode.ExtensionContext): void {
  const server = startServer(context);
  const store = new StatusStore(server, context.workspaceState);
  const documents = new SqlDocuments();
  const runbooks = new OpenRunbooks(server, documents, store);
  context.subscriptions.push(
    store,
    documents.register(),
    runbooks.register(),
    registerRulePages(server),
    showViews(store),
    showFileBadges(store),
    showRunLenses(store),
    showEditedActions(store),
    showLanguageStatus(store),
    showStatusBar(store),
    offerInit(server, context.workspaceState),
    server.on(STATUS_CHANGED, () => void store.refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.tell(TRUST_GRANTED, {})),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) void store.refresh();
    }),
  );
  const commands: CommandContext = {
    server,
    store,
    saved: new SavedConnections(context.secrets),
    documents,
    runbooks,
    journal: new FixJournal(context.workspaceState),
  };
  registerCommands(commands, context);
  void store.loaded().then(() => reconnectWhereAllowed(commands));
  void offerToFinish(commands);
  void startTour();
}
