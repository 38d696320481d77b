import * as vscode from 'vscode';
import { STATE_BADGES, type MigrationState } from './state-badges.ts';
import type { StatusStore } from './store.ts';

/** Scheme of what stands for a state in the tree: its files' own URIs would bring the marks of other extensions along. */
const STATE_SCHEME = 'lockstep-state';

/** What a row of the tree is marked by; undefined where its state has no badge. */
export function stateUri(state: MigrationState): vscode.Uri | undefined {
  return STATE_BADGES[state] === undefined ? undefined : vscode.Uri.from({ scheme: STATE_SCHEME, path: `/${state}` });
}

/** Marks the files of migrations in the Explorer, on tabs and in the tree with their state on the connected database. */
export function showFileBadges(store: StatusStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => {
      const state =
        uri.scheme === STATE_SCHEME
          ? // Made by `stateUri` alone.
            (uri.path.slice(1) as MigrationState)
          : uri.scheme === 'file'
            ? store.migrationOf(uri)?.migration.state
            : undefined;
      const badge = state === undefined ? undefined : STATE_BADGES[state];
      if (badge === undefined) return undefined;
      const { text, words, color } = badge;
      return new vscode.FileDecoration(
        text,
        `Lockstep: ${words}`,
        color === undefined ? undefined : new vscode.ThemeColor(color),
      );
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.window.registerFileDecorationProvider(provider),
    store.onDidChange(() => changed.fire(undefined)),
  );
}
