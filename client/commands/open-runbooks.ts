import * as vscode from 'vscode';
import { RUNBOOK_REQUEST, type RunbookParams } from '../../server/protocol/requests.ts';
import type { LockstepServer } from '../server.ts';
import type { StatusStore } from '../tree/store.ts';
import { say } from '../say.ts';
import type { SqlDocuments } from './sql-documents.ts';

/** The pages of changes that stand open: each says what the database has now, also after a run. */
export class OpenRunbooks {
  readonly #server: LockstepServer;
  readonly #documents: SqlDocuments;
  readonly #store: StatusStore;
  /** By the name of the page, with the text that it shows. */
  readonly #shown = new Map<string, { readonly params: RunbookParams; text: string }>();
  #refreshing: Promise<void> = Promise.resolve();

  constructor(server: LockstepServer, documents: SqlDocuments, store: StatusStore) {
    this.#server = server;
    this.#documents = documents;
    this.#store = store;
  }

  register(): vscode.Disposable {
    return this.#store.onDidChange(() => {
      // While something runs, each of its steps tells of a change.
      if (this.#shown.size > 0 && this.#store.overlay.runs.size === 0)
        this.#refreshing = this.#refreshing.then(() => this.#refresh());
    });
  }

  async show(params: RunbookParams): Promise<void> {
    const outcome = await this.#server.ask(RUNBOOK_REQUEST, params);
    if (!outcome.ok) {
      say('error', `Lockstep: ${outcome.message}`);
      return;
    }
    const name = `${params.change}-runbook.md`;
    await this.#documents.showMarkdown(name, outcome.value);
    this.#shown.set(name, { params, text: outcome.value });
  }

  async #refresh(): Promise<void> {
    for (const [name, page] of this.#shown) {
      if (!isOpen(name)) {
        this.#shown.delete(name);
        continue;
      }
      const outcome = await this.#server.ask(RUNBOOK_REQUEST, page.params);
      // Of a change that is gone the last page is all that is left.
      if (!outcome.ok || outcome.value === page.text) continue;
      page.text = outcome.value;
      this.#documents.put(name, outcome.value);
      // A page whose text nobody holds any more hears of no change.
      await vscode.commands.executeCommand('markdown.preview.refresh');
    }
  }
}

/** Whether a page is open: it is a preview, which is known by its label alone. */
function isOpen(name: string): boolean {
  return vscode.window.tabGroups.all.some((group) => group.tabs.some(({ label }) => label.endsWith(name)));
}
