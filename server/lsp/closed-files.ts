import type { Diagnostic } from 'vscode-languageserver';
import type { SoughtName } from '../analysis/code-uses.ts';
import { BackgroundWork } from './background-work.ts';
import type { OpenFolder, OwnedDocument, Workspace } from './workspace.ts';

/** Pause after whatever may change findings before the files are looked at: a keystroke, a checkout, a run. */
const PAUSE_MS = 400;

/** Documents that are looked at, the newest first; a list of problems that is longer is nobody's. */
const MOST_DOCUMENTS = 1_000;

/** What the walk needs of its surroundings. */
export interface ClosedFilesOptions {
  readonly workspace: Workspace;
  uriOf(path: string): string;
  diagnosticsOf(owned: OwnedDocument): readonly Diagnostic[];
  send(uri: string, diagnostics: readonly Diagnostic[]): Promise<void>;
  log(message: string): void;
}

/**
 * Lints the migrations that no editor holds, so that the list of problems is that of the project: those that are not past,
 * and applied ones that were edited since.
 *
 * One document at a time behind everything that a person waits for; begun again at each edit.
 */
export class ClosedFiles {
  readonly #options: ClosedFilesOptions;
  readonly work = new BackgroundWork(PAUSE_MS, (isCurrent) => this.#look(isCurrent));
  /** What was sent last, by URI; only what is not empty. */
  readonly #sent = new Map<string, string>();
  #saidLeftOut = 0;

  constructor(options: ClosedFilesOptions) {
    this.#options = options;
  }

  /** An editor holds a document now, and what is shown of it is somebody else's to say. */
  opened(uri: string): void {
    this.#sent.delete(uri);
  }

  /** An editor has let go of a document: its findings stay, or go where none of it is asked for. */
  async closed(uri: string): Promise<void> {
    const owned = this.#options.workspace.owner(uri);
    const isLinted = this.work.isOn && owned?.project.lintedPaths().includes(owned.path) === true;
    await this.#options.send(uri, isLinted ? this.#kept(uri, owned) : []);
    this.work.request();
  }

  async #look(isCurrent: () => boolean): Promise<void> {
    const seen = new Set<string>();
    const wanted = this.work.isOn ? this.#documents() : [];
    const sought = new Map<OpenFolder, SoughtName[]>();
    for (const { uri, owned } of wanted) {
      // What a person asked for meanwhile is answered first.
      await new Promise((resolve) => setImmediate(resolve));
      if (!isCurrent()) return;
      seen.add(uri);
      if (this.#isHeld(uri) || owned.project.textOf(owned.path) === undefined) continue;
      const before = this.#sent.get(uri) ?? '[]';
      const diagnostics = this.#kept(uri, owned);
      if ((this.#sent.get(uri) ?? '[]') !== before) await this.#options.send(uri, diagnostics);
      const names = owned.project.soughtNames(owned.path);
      if (names.length > 0) sought.set(owned.folder, [...(sought.get(owned.folder) ?? []), ...names]);
    }
    for (const uri of this.#sent.keys()) {
      if (seen.has(uri)) continue;
      this.#sent.delete(uri);
      if (!this.#isHeld(uri)) await this.#options.send(uri, []);
    }
    for (const [folder, names] of sought) if (await folder.codeSearch.search(names)) this.work.request();
  }

  #kept(uri: string, owned: OwnedDocument): readonly Diagnostic[] {
    const diagnostics = this.#options.diagnosticsOf(owned);
    if (diagnostics.length === 0) this.#sent.delete(uri);
    else this.#sent.set(uri, JSON.stringify(diagnostics));
    return diagnostics;
  }

  #isHeld(uri: string): boolean {
    return this.#options.workspace.textOf(uri) !== undefined;
  }

  #documents(): readonly { readonly uri: string; readonly owned: OwnedDocument }[] {
    const { workspace, uriOf, log } = this.#options;
    const all = workspace.folders.flatMap((folder) =>
      folder.projects.flatMap((project) => project.lintedPaths().map((path) => ({ folder, project, path }))),
    );
    const leftOut = Math.max(0, all.length - MOST_DOCUMENTS);
    if (leftOut > 0 && leftOut !== this.#saidLeftOut)
      log(`${leftOut} older files of migrations are linted when they are opened, the newest ${MOST_DOCUMENTS} now.`);
    this.#saidLeftOut = leftOut;
    return (
      all
        .slice(0, MOST_DOCUMENTS)
        .map((owned) => ({ uri: uriOf(`${owned.folder.root}/${owned.path}`), owned }))
        // A folder within another one is both's.
        .filter(({ uri, owned }) => workspace.owner(uri)?.project === owned.project)
    );
  }
}
