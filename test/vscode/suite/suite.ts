import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FixReference } from '../../../server/protocol/requests.ts';

const WAIT_MS = 30_000;
const EXTENSION = 'lockstep.lockstep';

/** Asks again and again until the answer is there. */
async function eventually<Value>(
  what: string,
  ask: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; ) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come`);
}

function folder(): vscode.Uri {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  if (first === undefined) throw new Error('no folder is open');
  return first.uri;
}

const migration = (): vscode.Uri => vscode.Uri.joinPath(folder(), 'migrations/0002_user_status.up.sql');
const names = (): readonly string[] => readdirSync(path.join(folder().fsPath, 'migrations')).toSorted();

function finding(): Promise<vscode.Diagnostic> {
  return eventually('the finding', () =>
    vscode.languages
      .getDiagnostics(migration())
      .find((diagnostic) => typeof diagnostic.code === 'object' && diagnostic.code.value === 'required-column'),
  );
}

/**
 * A quick fix with its edit. VS Code cancels the request, or answers with nothing, when an extension of its own registers a provider meanwhile, and
 * an editor asks again then: so does this.
 */
function quickFix(range: vscode.Range, title: string): Promise<vscode.CodeAction> {
  return eventually(title, async () => {
    try {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        migration(),
        range,
        vscode.CodeActionKind.QuickFix.value,
        5,
      );
      return actions.find((action) => action.title === title);
    } catch (cause) {
      if (cause instanceof Error && cause.name === new vscode.CancellationError().name) return undefined;
      throw cause;
    }
  });
}

/** Runs what an action carries, as picking it in the menu does. */
async function run({ command }: vscode.CodeAction): Promise<void> {
  assert.ok(command);
  await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

/** Picks the fix of the finding; ends when its files are there, while its message still waits for an answer. */
async function land(title: string): Promise<void> {
  await vscode.window.showTextDocument(migration());
  const { range } = await finding();
  const fix = await quickFix(range, title);
  const { command } = fix;
  assert.ok(command);
  // With the value for old rows, which a person would be asked for.
  // The server made it.
  const reference = { ...(command.arguments?.[0] as FixReference), values: { 'users.status': "'active'" } };
  void vscode.commands.executeCommand(command.command, reference);
  await eventually('the files of the fix', () =>
    !names().includes('0002_user_status.up.sql') && names().length > 4 ? true : undefined,
  );
  // What was written is in the journal once the first step is shown.
  await eventually('the first step', () =>
    /000[2-9]_.*\.up\.sql$/.test(vscode.window.activeTextEditor?.document.fileName ?? '') &&
    !/user_status\.up\.sql$/.test(vscode.window.activeTextEditor?.document.fileName ?? '')
      ? true
      : undefined,
  );
}

/** Every file of the folder by name, byte for byte. */
function bytes(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names().map((name) => [name, readFileSync(path.join(folder().fsPath, 'migrations', name)).toString('base64')]),
  );
}

/** The tests in the order in which a person would go. */
export function suite(): void {
  describe('Lockstep in VS Code', () => {
    it('is activated and brings every command that its manifest names', async () => {
      const extension = vscode.extensions.getExtension(EXTENSION);
      assert.ok(extension);
      await vscode.window.showTextDocument(migration());
      const start = performance.now();
      await extension.activate();
      console.log(`activation: ${(performance.now() - start).toFixed(0)} ms`);
      // The manifest is this extension's own.
      const contributed = (
        extension.packageJSON as { contributes: { commands: { command: string }[] } }
      ).contributes.commands.map((command) => command.command);
      const registered = await vscode.commands.getCommands(true);
      assert.deepEqual(
        contributed.filter((command) => !registered.includes(command)),
        [],
      );
      assert.ok(contributed.length >= 13);
    });

    it('shows the finding at the column', async () => {
      const { range, severity } = await finding();
      const document = await vscode.workspace.openTextDocument(migration());
      assert.equal(document.getText(range), 'status TEXT NOT NULL');
      assert.equal(severity, vscode.DiagnosticSeverity.Error);
    });

    it("opens the rule's page from the finding's code", async () => {
      const { code } = await finding();
      assert.ok(typeof code === 'object');
      const page = await vscode.workspace.openTextDocument(code.target);
      assert.match(page.getText(), /^# required-column/);
      assert.equal(page.languageId, 'markdown');
    });

    it("shows a rule's page as it is read, not as Markdown", async () => {
      const { code } = await finding();
      assert.ok(typeof code === 'object');
      await vscode.commands.executeCommand('vscode.open', code.target);
      await eventually('the preview', () => {
        const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return input instanceof vscode.TabInputCustom && input.viewType === 'vscode.markdown.preview.editor'
          ? true
          : undefined;
      });
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    it('offers to run a migration above its first line', async () => {
      await vscode.window.showTextDocument(migration());
      const titles = await eventually('the lenses', async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          'vscode.executeCodeLensProvider',
          migration(),
          20,
        );
        const found = lenses.map((lens) => lens.command?.title ?? '');
        return found.some((title) => title.includes('Make Safe')) ? found : undefined;
      });
      // Not connected: nothing can be applied yet.
      assert.ok(!titles.some((title) => title.includes('Apply')), titles.join());
    });

    it('completes and checks lockstep.jsonc by its schema', async () => {
      const uri = vscode.Uri.joinPath(folder(), 'lockstep.jsonc');
      const document = await vscode.workspace.openTextDocument(uri);
      const offset = document.getText().indexOf('"dialect"');
      const labels = await eventually('completions', async () => {
        const list = await vscode.commands.executeCommand<vscode.CompletionList>(
          'vscode.executeCompletionItemProvider',
          uri,
          document.positionAt(offset + 1),
        );
        const found = list.items.map((item) => (typeof item.label === 'string' ? item.label : item.label.label));
        return found.some((label) => label.includes('startAfter')) ? found : undefined;
      });
      assert.ok(labels.length > 3);
    });

    it('hovers with what the statement locks', async () => {
      const { range } = await finding();
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        migration(),
        range.start,
      );
      const text = hovers
        .flatMap((hover) => hover.contents)
        .map((content) => (typeof content === 'string' ? content : content.value))
        .join('\n');
      assert.match(text, /add column .* users/);
      assert.match(text, /SQLite/);
    });

    it('writes the files of a fix, and undo takes them back byte for byte', async () => {
      const before = bytes();
      await land('Split into expand and contract');
      const created = names().filter((name) => !(name in before));
      assert.ok(created.length > 2 && created.every((name) => /^\d{4}_\w+\.(up|down)\.sql$/.test(name)));
      assert.ok(!names().includes('0002_user_status.up.sql'));
      await eventually('the first step in an editor', () =>
        created.includes(path.basename(vscode.window.activeTextEditor?.document.fileName ?? '')) ? true : undefined,
      );
      for (const name of created) {
        const uri = vscode.Uri.joinPath(folder(), 'migrations', name);
        await vscode.workspace.openTextDocument(uri);
        assert.deepEqual(
          vscode.languages
            .getDiagnostics(uri)
            .filter((diagnostic) => diagnostic.severity === vscode.DiagnosticSeverity.Error),
          [],
        );
      }
      await vscode.commands.executeCommand('lockstep.undoFix');
      assert.deepEqual(bytes(), before);
    });

    it('refuses to undo a fix whose files were changed meanwhile, and touches nothing', async () => {
      const before = bytes();
      await land('Split into expand and contract');
      const [changed] = names().filter((name) => !(name in before));
      const file = path.join(folder().fsPath, 'migrations', changed ?? '');
      const written = readFileSync(file);
      appendFileSync(file, '-- mine\n');
      const after = bytes();
      // The dialog that says so is refused in a host for tests.
      await Promise.resolve(vscode.commands.executeCommand('lockstep.undoFix')).catch(() => undefined);
      assert.deepEqual(bytes(), after);
      writeFileSync(file, written);
      await vscode.commands.executeCommand('lockstep.undoFix');
      assert.deepEqual(bytes(), before);
    });

    it('allows a finding with the cursor where the reason is typed', async () => {
      const { range } = await finding();
      const allow = await quickFix(range, 'Allow required-column here, because…');
      await run(allow);
      const editor = vscode.window.activeTextEditor;
      assert.match(editor?.document.getText() ?? '', /-- lockstep: allow required-column because/);
      assert.match(editor?.document.lineAt(editor.selection.active.line).text ?? '', /because $/);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    });

    it('connects, applies and dry-runs on SQLite by commands', async () => {
      const states = async (): Promise<string> => {
        await vscode.commands.executeCommand('lockstep.refresh');
        return JSON.stringify(readdirSync(folder().fsPath));
      };
      assert.doesNotMatch(await states(), /app\.db/);
      // The only database there is to pick is the one that lockstep.jsonc names, and the pick waits for a person's key.
      const connecting = vscode.commands.executeCommand('lockstep.connect');
      await eventually('the connection', async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return await Promise.race([
          connecting.then(() => true),
          new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 300)),
        ]);
      });
      await vscode.commands.executeCommand('lockstep.applyNext');
      await eventually('the database', async () => (/app\.db/.test(await states()) ? true : undefined));
      // Showing the SQL of what is left runs nothing and names the pending migration only.
      await vscode.commands.executeCommand('lockstep.dryRun');
      const shown = await eventually('the dry run', () =>
        vscode.window.activeTextEditor?.document.uri.scheme === 'lockstep-sql'
          ? vscode.window.activeTextEditor.document.getText()
          : undefined,
      );
      assert.match(shown, /0002_user_status/);
      assert.doesNotMatch(shown, /0001_init/);
    });

    it('asks before it applies despite an edited migration, and goes on where a person says so', async () => {
      const applied = path.join(folder().fsPath, 'migrations/0001_init.up.sql');
      const text = readFileSync(applied, 'utf8');
      // An allowance that an earlier test left would answer the second question.
      const pending = vscode.Uri.joinPath(folder(), 'migrations/0002_user_status.up.sql');
      const document = await vscode.workspace.openTextDocument(pending);
      const edit = new vscode.WorkspaceEdit();
      const whole = new vscode.Range(0, 0, document.lineCount, 0);
      edit.replace(pending, whole, document.getText().replace(/^-- lockstep: allow .*\n/m, ''));
      await vscode.workspace.applyEdit(edit);
      await document.save();
      await finding();
      writeFileSync(applied, `${text}CREATE TABLE edited (id INTEGER);\n`);
      try {
        // A host for tests refuses every dialog, and says in its error which one it was. The edit is noticed after a moment.
        await eventually('the question about the edit', async () => {
          await vscode.commands.executeCommand('lockstep.refresh');
          const asked = await Promise.resolve(vscode.commands.executeCommand('lockstep.applyNext')).then(
            () => '',
            String,
          );
          return /Apply despite an edited migration/.test(asked) ? true : undefined;
        });
        const wish = { direction: 'up', extent: { kind: 'next' }, despite: ['drifted'] };
        const target = { folder: { folderUri: folder().toString() }, project: 'migrations' };
        // What is asked now is the next question, about what lint finds in it.
        await assert.rejects(
          Promise.resolve(vscode.commands.executeCommand('lockstep.runAgain', { ...wish, target })),
          /Apply with 1 error/,
        );
      } finally {
        writeFileSync(applied, text);
        await vscode.commands.executeCommand('lockstep.refresh');
      }
    });
  });
}
