import * as vscode from 'vscode';
import type { StatusStore } from '../tree/store.ts';

/** One item on the left: environment and pending count; a warning background for drift and for production only. */
export function showStatusBar(store: StatusStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('lockstep.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Lockstep';
  const update = (): void => {
    const all = store.folders.flatMap((folder) => folder.statuses);
    if (all.length === 0) {
      item.hide();
      return;
    }
    const connected = all.find((each) => each.connected);
    const database = connected?.status.database ?? null;
    const pending = all.reduce((sum, each) => sum + each.status.counts.pending + each.status.counts.outOfOrder, 0);
    const isDrifted = all.some(
      (each) => each.status.counts.drifted + each.status.counts.missing + each.status.counts.failed > 0,
    );
    const environment = database?.environment ?? database?.label;
    item.text =
      connected === undefined
        ? '$(debug-disconnect) Lockstep'
        : environment === undefined
          ? '$(warning) Lockstep'
          : `$(database) ${environment}: ${pending} pending`;
    item.tooltip =
      connected === undefined
        ? 'Lockstep: not connected. Click to connect to the last database, or to choose one.'
        : `Lockstep: ${connected.databaseProblem ?? database?.label ?? ''}${isDrifted ? '; the history needs attention' : ''}`;
    item.command = connected === undefined ? 'lockstep.reconnect' : 'lockstep.migrations.focus';
    item.backgroundColor =
      isDrifted || (connected?.databaseProblem !== null && connected !== undefined)
        ? new vscode.ThemeColor('statusBarItem.warningBackground')
        : database?.environment === 'production'
          ? new vscode.ThemeColor('statusBarItem.errorBackground')
          : undefined;
    item.accessibilityInformation = {
      label: `Lockstep, ${connected === undefined ? 'not connected' : `${environment ?? ''}, ${pending} pending`}`,
    };
    item.show();
  };
  return vscode.Disposable.from(item, store.onDidChange(update));
}
