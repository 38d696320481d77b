import * as vscode from 'vscode';
import { MIGRATION_FILES } from './migration-files.ts';
import type { StatusStore } from './tree/store.ts';

/** One item beside the language of a migration: which tool and product, and its state on the connected database. */
export function showLanguageStatus(store: StatusStore): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem('lockstep.file', MIGRATION_FILES);
  item.name = 'Lockstep';
  const update = (): void => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const owned = uri === undefined ? undefined : store.migrationOf(uri);
    if (owned === undefined) {
      item.text = 'No migration';
      item.detail = 'Lockstep checks the files of migration folders; others can be named in lockstep.jsonc';
      item.severity = vscode.LanguageStatusSeverity.Information;
      item.command = undefined;
      return;
    }
    const { project, migration } = owned;
    const { database } = project.status;
    item.text = `${project.toolTitle}: ${migration.state === 'unknown' ? 'not connected' : migration.state.replaceAll('-', ' ')}`;
    item.detail = database === null ? 'Linted with the files alone' : `${database.label}, ${database.version}`;
    item.severity =
      migration.state === 'drifted' || migration.state === 'failed'
        ? vscode.LanguageStatusSeverity.Warning
        : vscode.LanguageStatusSeverity.Information;
    item.command =
      database === null
        ? { title: 'Connect', command: 'lockstep.reconnect' }
        : { title: 'Show', command: 'lockstep.reveal' };
  };
  update();
  return vscode.Disposable.from(item, store.onDidChange(update), vscode.window.onDidChangeActiveTextEditor(update));
}
