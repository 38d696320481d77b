import * as vscode from 'vscode';

const SCHEME = 'lockstep-sql';
/** What VS Code shows Markdown in. */
const MARKDOWN_EDITOR = 'vscode.markdown.preview.editor';

/** Read-only documents with SQL or Markdown that no file holds. */
export class SqlDocuments implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  register(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      this.#changed,
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === SCHEME) this.#texts.delete(document.uri.toString());
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Shows a text under a name that ends in `.sql` or `.md`, in place of what that name showed before. */
  async show(name: string, text: string, options: { readonly preserveFocus?: boolean } = {}): Promise<void> {
    const uri = this.put(name, text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true, ...options });
  }

  /** Shows Markdown as a person reads it, in the editor and without taking the focus. */
  async showPage(name: string, text: string): Promise<void> {
    const options: vscode.TextDocumentShowOptions = { preview: true, preserveFocus: true };
    await vscode.commands.executeCommand('vscode.openWith', this.put(name, text), MARKDOWN_EDITOR, options);
  }

  /** Forgets what stands under a name, and closes what shows it. */
  async close(name: string): Promise<void> {
    const uri = uriOf(name).toString();
    this.#texts.delete(uri);
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(
        ({ input }) =>
          (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) &&
          input.uri.toString() === uri,
      );
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
  }

  /** Shows Markdown as a person reads it, beside the editor. */
  async showMarkdown(name: string, text: string): Promise<void> {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', this.put(name, text));
  }

  /** Keeps a text under a name without showing it, in place of what that name had before. */
  put(name: string, text: string): vscode.Uri {
    const uri = uriOf(name);
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    return uri;
  }
}

function uriOf(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name.replaceAll('/', '_')}` });
}
