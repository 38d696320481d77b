import * as vscode from 'vscode';
import { MIGRATION_FILES } from './migration-files.ts';
import { migrationNodes } from './tree/migration-nodes.ts';
import type { ViewNode } from './tree/view-node.ts';
import type { LocatedMigration, StatusStore } from './tree/store.ts';
import { say } from './say.ts';

/** What leads out of an edit after apply: commands that take the node of an edited migration. */
export const EDITED_COMMANDS = [
  { title: 'Compare with What Was Applied', command: 'lockstep.compareWithApplied' },
  { title: 'Undo the Edit', command: 'lockstep.undoEdit' },
  { title: 'Accept the New Text…', command: 'lockstep.acceptEdit' },
] as const;

const FIRST_LINE = new vscode.Range(0, 0, 0, 0);

/** Above a migration: `Apply | Dry Run | Make Safe` while it is pending, `Revert` once it is the newest applied one, what leads out of an edit after apply. */
export function showRunLenses(store: StatusStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => {
      if (!vscode.workspace.getConfiguration('lockstep').get<boolean>('codeLens', true)) return [];
      const owned = store.migrationOf(document.uri);
      return owned === undefined
        ? []
        : lensesOf(owned, document.uri).map((command) => new vscode.CodeLens(FIRST_LINE, command));
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider(MIGRATION_FILES, provider),
    store.onDidChange(() => changed.fire()),
    vscode.languages.onDidChangeDiagnostics(() => changed.fire()),
  );
}

function lensesOf({ folder, project, migration }: LocatedMigration, uri: vscode.Uri): readonly vscode.Command[] {
  const node = nodeOf({ folder, project, migration });
  const apply: readonly vscode.Command[] = [
    {
      title: '$(run-above) Apply',
      tooltip: 'Apply pending migrations up to this one',
      command: 'lockstep.applyToHere',
      arguments: [node],
    },
    { title: 'Dry Run', tooltip: 'Show the SQL that would run', command: 'lockstep.dryRun', arguments: [node] },
  ];
  const error = vscode.languages
    .getDiagnostics(uri)
    .find((diagnostic) => diagnostic.source === 'lockstep' && diagnostic.severity === vscode.DiagnosticSeverity.Error);
  const makeSafe: readonly vscode.Command[] =
    error === undefined
      ? []
      : [
          {
            title: '$(lightbulb) Make Safe',
            tooltip: error.message,
            command: 'lockstep.makeSafe',
            arguments: [uri, error.range.start],
          },
        ];
  switch (migration.state) {
    case 'pending':
    case 'out-of-order':
      return [...apply, ...makeSafe];
    case 'unknown':
      return makeSafe;
    case 'applied': {
      const newest = project.status.migrations.findLast((each) => each.state === 'applied');
      return newest?.id !== migration.id || !migration.reversible
        ? []
        : [{ title: '$(discard) Revert', tooltip: 'Revert this migration', command: 'lockstep.revertLast' }];
    }
    case 'drifted':
      return EDITED_COMMANDS.map((each) => ({ ...each, arguments: [node] }));
    default:
      return [];
  }
}

/** The tree's node of the migration, which is what the commands take. */
export function nodeOf({ folder, project, migration }: LocatedMigration): ViewNode | undefined {
  return migrationNodes(folder.folderUri, [{ ...project, status: { ...project.status, migrations: [migration] } }])[0];
}

/**
 * Puts the cursor on a finding and opens what can be done about it, of which making the whole migration safe is a part; from
 * the command palette on the first finding of the file that is open.
 */
export async function makeSafe(uri?: vscode.Uri, position?: vscode.Position): Promise<void> {
  const file = uri ?? vscode.window.activeTextEditor?.document.uri;
  const at = position ?? (file === undefined ? undefined : firstFinding(file));
  if (file === undefined || at === undefined) {
    say(
      'information',
      file === undefined
        ? 'Open a migration first: its findings are what is made safe.'
        : 'Lockstep has no warning and no error in this file: there is nothing to make safe.',
    );
    return;
  }
  const place = new vscode.Position(at.line, at.character);
  await vscode.window.showTextDocument(file, { selection: new vscode.Range(place, place) });
  await vscode.commands.executeCommand('editor.action.quickFix');
}

function firstFinding(uri: vscode.Uri): vscode.Position | undefined {
  const [first] = vscode.languages
    .getDiagnostics(uri)
    .filter(({ source, severity }) => source === 'lockstep' && severity <= vscode.DiagnosticSeverity.Warning)
    .toSorted((left, right) => left.severity - right.severity || left.range.start.compareTo(right.range.start));
  return first?.range.start;
}
