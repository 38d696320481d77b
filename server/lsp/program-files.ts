import type { Diagnostic } from 'vscode-languageserver';
import type { FileReport } from '../analysis/report.ts';
import { BackgroundWork } from './background-work.ts';
import type { OpenFolder, Workspace } from './workspace.ts';

/** Pause after whatever may change what a program says before its files are read: a save, a checkout. */
const PAUSE_MS = 800;

/** What the reading of programs needs of its surroundings. */
export interface ProgramFilesOptions {
  readonly workspace: Workspace;
  uriOf(path: string): string;
  diagnosticsOf(folder: OpenFolder, report: FileReport): readonly Diagnostic[];
  send(uri: string, diagnostics: readonly Diagnostic[]): Promise<void>;
  log(message: string): void;
}

/**
 * Says what is wrong with files of a program beside its migrations, as they are saved: how it starts, connects and seeds.
 *
 * Read one project after another behind everything that a person waits for; begun again where a file changes meanwhile.
 */
export class ProgramFiles {
  readonly #options: ProgramFilesOptions;
  readonly work = new BackgroundWork(PAUSE_MS, (isCurrent) => this.#read(isCurrent));
  /** What was sent last, by URI; only what is not empty. */
  readonly #sent = new Map<string, string>();

  constructor(options: ProgramFilesOptions) {
    this.#options = options;
  }

  async #read(isCurrent: () => boolean): Promise<void> {
    const { workspace, uriOf, diagnosticsOf, send, log } = this.#options;
    const found = new Map<string, readonly Diagnostic[]>();
    for (const folder of this.work.isOn ? workspace.folders : []) {
      for (const project of folder.projects) {
        try {
          for (const report of await project.lintSources())
            found.set(uriOf(`${folder.root}/${report.path}`), diagnosticsOf(folder, report));
        } catch (cause) {
          // A file that goes while it is read: the watcher tells of it, and it is read again.
          log(`reading the program of ${project.folder}: ${cause instanceof Error ? cause.message : 'failed'}`);
        }
        if (!isCurrent()) return;
      }
    }
    for (const uri of this.#sent.keys()) {
      if (found.has(uri)) continue;
      this.#sent.delete(uri);
      await send(uri, []);
    }
    for (const [uri, diagnostics] of found) {
      const text = JSON.stringify(diagnostics);
      if (this.#sent.get(uri) === text) continue;
      this.#sent.set(uri, text);
      await send(uri, diagnostics);
    }
  }
}
