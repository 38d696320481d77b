import * as vscode from 'vscode';
import { MIGRATION_FILES } from './migration-files.ts';
import { EDITED_COMMANDS, nodeOf } from './run-lenses.ts';
import type { StatusStore } from './tree/store.ts';

/** Of the finding that an applied migration was edited. */
const CODE = 'edited-after-apply';

/** What leads out of an edit after apply, on the finding that says so. */
export function showEditedActions(store: StatusStore): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    MIGRATION_FILES,
    {
      provideCodeActions: (document, _range, { diagnostics }) => {
        const found = diagnostics.filter(({ source, code }) => source === 'lockstep' && codeOf(code) === CODE);
        const owned = found.length === 0 ? undefined : store.migrationOf(document.uri);
        if (owned?.migration.state !== 'drifted') return [];
        return EDITED_COMMANDS.map(({ title, command }) => {
          const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
          action.diagnostics = found;
          action.command = { title, command, arguments: [nodeOf(owned)] };
          return action;
        });
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

/** A code may come with a link to its page. */
function codeOf(code: vscode.Diagnostic['code']): string {
  return String(typeof code === 'object' ? code.value : code);
}
