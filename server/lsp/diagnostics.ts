import { DiagnosticSeverity, type Connection, type Diagnostic } from 'vscode-languageserver';
import type { FileReport } from '../analysis/report.ts';
import { RULE_SCHEME } from '../protocol/requests.ts';
import { RULES } from '../rules/index.ts';
import { ClosedFiles } from './closed-files.ts';
import { ProgramFiles } from './program-files.ts';
import { DIAGNOSTIC_SOURCE, type DiagnosticLinks, toDiagnostics, toRange } from './convert.ts';
import type { LspHost } from './lsp-host.ts';
import type { OpenFolder, OwnedDocument, Workspace } from './workspace.ts';

/** Pause after the last keystroke before other open files, which may depend on the edited one, are linted again. */
const OTHER_FILES_PAUSE_MS = 200;

const OWN_FAILURE: Diagnostic = {
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
  severity: DiagnosticSeverity.Warning,
  source: DIAGNOSTIC_SOURCE,
  code: 'failed',
  message:
    'Lockstep failed to analyse this file, so nothing is said about it: the Lockstep output channel has the error to report.',
};

/** The page of a rule where the client can show it, else the first of its sources. */
const PAGES: ReadonlyMap<string, string> = new Map(RULES.map((rule) => [rule.code, `${RULE_SCHEME}:/${rule.code}.md`]));
const SOURCES: ReadonlyMap<string, string | undefined> = new Map(RULES.map((rule) => [rule.code, rule.docs[0]]));

/**
 * Sends what lint finds: in open documents at once, in the project's others behind that.
 *
 * Pushed, not pulled: every client understands it, and an edit of one migration changes what later ones mean, which the
 * server knows and a client does not.
 */
export class DiagnosticsPublisher {
  readonly #connection: Connection;
  readonly #workspace: Workspace;
  readonly #host: LspHost;
  /** What the client said of itself. */
  showsRules = false;
  /** The migrations that no editor holds. */
  readonly closedFiles: ClosedFiles;
  /** The programs that the migrations belong to. */
  readonly programFiles: ProgramFiles;
  readonly #due = new Map<string, number>();
  #scheduled: NodeJS.Immediate | undefined;
  #others: NodeJS.Timeout | undefined;

  constructor(connection: Connection, workspace: Workspace, host: LspHost) {
    this.#connection = connection;
    this.#workspace = workspace;
    this.#host = host;
    this.closedFiles = new ClosedFiles({
      workspace,
      uriOf: (path) => host.uriOf(path),
      diagnosticsOf: (owned) => this.#diagnosticsOf(owned),
      send: (uri, diagnostics) => connection.sendDiagnostics({ uri, diagnostics: [...diagnostics] }),
      log: (message) => connection.console.info(message),
    });
    this.programFiles = new ProgramFiles({
      workspace,
      uriOf: (path) => host.uriOf(path),
      diagnosticsOf: (folder, report) => toDiagnostics(report, this.#links(folder)),
      send: (uri, diagnostics) => connection.sendDiagnostics({ uri, diagnostics: [...diagnostics] }),
      log: (message) => connection.console.info(message),
    });
  }

  /** After an edit: this document once all edits that have arrived are in, the other open ones when typing pauses. */
  changed(uri: string, version: number): void {
    this.#due.set(uri, version);
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      const due = [...this.#due];
      this.#due.clear();
      for (const [dueUri, dueVersion] of due) void this.publish(dueUri, dueVersion);
    });
    this.closedFiles.work.request();
    clearTimeout(this.#others);
    if (this.#workspace.openUris.length < 2) return;
    this.#others = setTimeout(() => {
      for (const other of this.#workspace.openUris) if (other !== uri) void this.publish(other);
    }, OTHER_FILES_PAUSE_MS);
  }

  /** Every open document, now, and the others behind: files or the database have changed. */
  async publishAll(): Promise<void> {
    for (const uri of this.#workspace.openUris) await this.publish(uri);
    this.closedFiles.work.request();
  }

  async publish(uri: string, version?: number): Promise<void> {
    const owned = this.#workspace.owner(uri);
    // A document may be closed or its text gone by the time its turn comes.
    if (owned === undefined || owned.project.textOf(owned.path) === undefined) return;
    this.closedFiles.opened(uri);
    await this.#connection.sendDiagnostics({
      uri,
      ...(version === undefined ? {} : { version }),
      diagnostics: this.#diagnosticsOf(owned),
    });
    void this.#searchCode(uri, owned);
  }

  #diagnosticsOf(owned: OwnedDocument): Diagnostic[] {
    const report = this.#lint(owned);
    if (report === undefined) return [OWN_FAILURE];
    const diagnostics = toDiagnostics(report, this.#links(owned.folder));
    for (const problem of owned.project.migrations.problems) {
      if (problem.path !== owned.path) continue;
      diagnostics.push({
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
        severity: 1,
        source: DIAGNOSTIC_SOURCE,
        code: 'folder',
        message: problem.message,
      });
    }
    return diagnostics;
  }

  #links(folder: OpenFolder): DiagnosticLinks {
    return {
      uriOf: (path) => this.#host.uriOf(`${folder.root}/${path}`),
      docsOf: (code) => (this.showsRules ? PAGES : SOURCES).get(code),
    };
  }

  /** Source files that name what the document takes away: looked for behind everything else, and shown when found. */
  async #searchCode(uri: string, owned: OwnedDocument): Promise<void> {
    const names = owned.project.soughtNames(owned.path);
    if (names.length > 0 && (await owned.folder.codeSearch.search(names))) await this.publish(uri);
  }

  /** A bug of ours in one file must not end the server for all others: its stack goes to the log. */
  #lint(owned: OwnedDocument): FileReport | undefined {
    try {
      return owned.project.lint(owned.path);
    } catch (cause) {
      this.#connection.console.error(
        `lint of ${owned.path}: ${cause instanceof Error ? (cause.stack ?? cause.message) : 'failed'}`,
      );
      return undefined;
    }
  }

  /** An editor has let go of a document. */
  async closed(uri: string): Promise<void> {
    this.#due.delete(uri);
    await this.closedFiles.closed(uri);
  }

  /** Problems of `lockstep.jsonc`, which is nobody's migration. */
  async publishSettings(folder: OpenFolder): Promise<void> {
    if (folder.settingsFile === undefined) return;
    await this.#connection.sendDiagnostics({
      uri: this.#host.uriOf(folder.settingsFile),
      diagnostics: folder.problems.map((problem) => ({
        range:
          problem.range === null
            ? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
            : toRange(problem.range),
        severity: 2,
        source: DIAGNOSTIC_SOURCE,
        code: 'configuration',
        message: problem.message,
      })),
    });
  }

  dispose(): void {
    clearImmediate(this.#scheduled);
    clearTimeout(this.#others);
    this.closedFiles.work.dispose();
    this.programFiles.work.dispose();
  }
}
