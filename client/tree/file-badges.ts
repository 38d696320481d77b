import * as vscode from 'vscode';
import type { ProjectStatus } from '../../server/protocol/requests.ts';
import type { StatusStore } from './store.ts';

type State = ProjectStatus['status']['migrations'][number]['state'];

const BADGES: Readonly<Partial<Record<State, readonly [badge: string, words: string, color?: string]>>> = {
  applied: ['✓', 'applied'],
  baseline: ['✓', 'part of the baseline'],
  pending: ['P', 'pending'],
  'out-of-order': ['P!', 'pending, out of order', 'list.warningForeground'],
  drifted: ['E!', 'edited after it was applied', 'list.warningForeground'],
  failed: ['F!', 'failed half-way', 'list.errorForeground'],
  'repeatable-outdated': ['R', 'to be repeated'],
};

/** Marks the files of migrations in the Explorer and on tabs with their state on the connected database. */
export function showFileBadges(store: StatusStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => {
      if (uri.scheme !== 'file') return undefined;
      const state = store.migrationOf(uri)?.migration.state;
      const badge = state === undefined ? undefined : BADGES[state];
      if (badge === undefined) return undefined;
      const [text, words, color] = badge;
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
