import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DocumentFormattingRequest,
  ErrorCodes,
  FileChangeType,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type CancellationToken,
  type Connection,
  type InitializeResult,
  type TextEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { TOOLS } from '../tools/registry.ts';
import { SETTINGS_FILE } from '../analysis/settings.ts';
import { STATUS_CHANGED, TRUST_GRANTED, type InitializationOptions } from '../protocol/requests.ts';
import type { NotificationMessage, RequestMessage } from '../protocol/message.ts';
import { codeLenses, inlayHints } from './annotations.ts';
import {
  codeActions,
  FIX_ALL_KIND,
  fixAllAction,
  resolveCodeAction,
  StaleFixError,
  type CodeActionClient,
} from './code-actions.ts';
import { completion } from './completion.ts';
import { answerCustomRequests } from './custom-requests.ts';
import { DatabaseSessions } from './database-session.ts';
import { DiagnosticsPublisher } from './diagnostics.ts';
import {
  annotationClient,
  DEFAULT_EDITOR_SETTINGS,
  readEditorSettings,
  refreshAnnotations,
  SETTINGS_SECTION,
  type AnnotationClient,
} from './editor-settings.ts';
import { formatDocument } from './formatting.ts';
import { hover } from './hover.ts';
import type { LspHost } from './lsp-host.ts';
import { definition, foldingRanges, references } from './navigation.ts';
import { documentSymbols } from './symbols.ts';
import { Workspace, type OwnedDocument } from './workspace.ts';

/** Pause after the last file event before folders are read again: a checkout changes many files at once. */
const REFRESH_PAUSE_MS = 60;

/** Names of files that say where migrations are, ours and the tools' own: a change of one may mean other projects. */
const CONFIGURATION_FILES: ReadonlySet<string> = new Set([
  SETTINGS_FILE,
  ...TOOLS.flatMap((tool) => tool.configurationFiles),
]);

/** Names of files that go along with migrations: sums, journals, snapshots. */
const SIDECAR_FILES: ReadonlySet<string> = new Set(TOOLS.flatMap((tool) => tool.sidecarFiles));

/** Pause after the last keystroke before lenses of other open files are asked for again. */
const ANNOTATION_PAUSE_MS = 300;

function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

/** Wires the features to a connection and listens; ends with the connection. */
export function createServer(connection: Connection, host: LspHost): void {
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace(host);
  const diagnostics = new DiagnosticsPublisher(connection, workspace, host);
  let databases = new DatabaseSessions(workspace, host, true, factsRead);
  let client: CodeActionClient = {
    resolvesEdits: false,
    annotates: false,
    appliesFixes: false,
    isTrusted: true,
  };
  let annotations: AnnotationClient = {
    asksSettings: false,
    registersSettings: false,
    refreshesLenses: false,
    refreshesHints: false,
  };
  let editorSettings = DEFAULT_EDITOR_SETTINGS;
  let explainsAt = false;
  let folderUris: readonly string[] = [];
  let registersFormatting = false;
  let watchesFiles = false;
  let changesFolders = false;
  let refreshTimer: NodeJS.Timeout | undefined;
  let annotationTimer: NodeJS.Timeout | undefined;
  /** Files that have changed since the last look, and whether they were made or deleted. */
  const changedUris = new Map<string, boolean>();
  let opened: Promise<void> = Promise.resolve();

  connection.onInitialize((params): InitializeResult => {
    // The client's own word; other editors send null or settings of their own, in which these names are absent.
    const options = (params.initializationOptions ?? {}) as InitializationOptions;
    databases = new DatabaseSessions(workspace, host, options.isTrusted !== false, factsRead);
    diagnostics.showsRules = options.showsRules === true;
    const codeAction = params.capabilities.textDocument?.codeAction;
    client = {
      resolvesEdits:
        codeAction?.dataSupport === true && codeAction.resolveSupport?.properties.includes('edit') === true,
      annotates: params.capabilities.workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
      appliesFixes: options.appliesFixes === true,
      isTrusted: options.isTrusted !== false,
    };
    annotations = annotationClient(params.capabilities);
    explainsAt = options.explainsAt === true;
    watchesFiles = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    registersFormatting = params.capabilities.textDocument?.formatting?.dynamicRegistration === true;
    changesFolders = params.capabilities.workspace?.workspaceFolders === true;
    // `rootUri` is what clients without workspace folders send.
    const rootUri = params.rootUri;
    folderUris = params.workspaceFolders?.map((folder) => folder.uri) ?? (rootUri === null ? [] : [rootUri]);
    return {
      serverInfo: { name: 'lockstep', version: host.version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL_KIND], resolveProvider: true },
        hoverProvider: true,
        // Where the client can be told, SQL alone is formatted: C# has formatters of its own.
        documentFormattingProvider: !registersFormatting,
        documentSymbolProvider: true,
        completionProvider: { triggerCharacters: ['.'] },
        definitionProvider: true,
        referencesProvider: true,
        foldingRangeProvider: true,
        codeLensProvider: { resolveProvider: false },
        inlayHintProvider: true,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    opened = guarded('opening the workspace', async () => {
      for (const uri of folderUris) await openFolder(uri);
    }).then(() => undefined);
    if (annotations.registersSettings)
      void connection.client.register(DidChangeConfigurationNotification.type, { section: SETTINGS_SECTION });
    void guarded("reading the editor's settings", () => askSettings(undefined));
    if (registersFormatting)
      void connection.client.register(DocumentFormattingRequest.type, {
        documentSelector: [
          { scheme: 'file', language: 'sql' },
          { scheme: 'file', pattern: '**/*.sql' },
        ],
      });
    if (watchesFiles) {
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [
          '*.sql',
          // EF Core's migrations, their Designers and the snapshot.
          '[0-9]*_*.cs',
          '[0-9]*-*.[tj]s',
          '*ModelSnapshot.cs',
          SETTINGS_FILE,
          ...new Set(
            TOOLS.flatMap((tool) => [...tool.configurationFiles, ...tool.sidecarFiles, ...(tool.programFiles ?? [])]),
          ),
        ].map((name) => ({ globPattern: `**/${name}` })),
      });
    }
    if (changesFolders)
      connection.workspace.onDidChangeWorkspaceFolders((event) => {
        for (const folder of event.removed) {
          databases.disconnect(folder.uri);
          workspace.close(folder.uri);
        }
        diagnostics.closedFiles.work.request();
        diagnostics.programFiles.work.request();
        opened = guarded('opening a folder', async () => {
          for (const folder of event.added) await openFolder(folder.uri);
        }).then(() => undefined);
      });
  });

  connection.onDidChangeConfiguration(
    ({ settings }) => void guarded("reading the editor's settings", () => askSettings(settings)),
  );

  documents.onDidOpen(
    ({ document }) =>
      void guarded('opening a document', async () => {
        await opened;
        // It may have been closed meanwhile.
        if (documents.get(document.uri) === undefined) return;
        workspace.setText(document.uri, document.getText());
        // The first migration of a new folder, or a file that was made in the editor: look for folders again.
        const around =
          workspace.owner(document.uri) === undefined && document.languageId === 'sql'
            ? workspace.folderAround(document.uri)
            : undefined;
        if (around !== undefined) await openFolder(around.uri, true);
        const owned = workspace.owner(document.uri);
        if (owned !== undefined && !owned.project.isListed(owned.path)) {
          // A file that a fix has just written: the editor opens it before its watcher tells of it, and the folder as it was
          // read would put it behind the migration that it replaces.
          await owned.project.refresh();
          await diagnostics.publishAll();
          void notify(STATUS_CHANGED, {});
          return;
        }
        await diagnostics.publish(document.uri, document.version);
      }),
  );
  documents.onDidChangeContent(({ document }) => {
    if (workspace.textOf(document.uri) === undefined) return;
    workspace.setText(document.uri, document.getText());
    diagnostics.changed(document.uri, document.version);
    // The editor asks for this document's lenses itself; those of the others may say something else now.
    if (workspace.openUris.length < 2) return;
    clearTimeout(annotationTimer);
    annotationTimer = setTimeout(() => refreshAnnotations(connection, annotations), ANNOTATION_PAUSE_MS);
  });
  documents.onDidClose(
    ({ document }) =>
      void guarded('closing a document', async () => {
        workspace.setText(document.uri, undefined);
        await diagnostics.closed(document.uri);
      }),
  );

  connection.onDidChangeWatchedFiles(({ changes }) => {
    diagnostics.programFiles.work.request();
    for (const { uri, type } of changes)
      changedUris.set(uri, changedUris.get(uri) === true || type !== FileChangeType.Changed);
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(() => void guarded('reading changed files', refresh), REFRESH_PAUSE_MS);
  });

  connection.onHover(({ textDocument, position }) =>
    answer('hover', textDocument.uri, null, (owned) => hover(owned, position)),
  );
  connection.onCompletion(({ textDocument, position }) =>
    answer('completion', textDocument.uri, [], (owned) => completion(owned, position)),
  );
  connection.onDefinition(({ textDocument, position }) =>
    answer('definition', textDocument.uri, null, (owned) => definition(owned, host, position)),
  );
  connection.onReferences(({ textDocument, position }) =>
    answer('references', textDocument.uri, [], (owned) => references(owned, host, position)),
  );
  connection.onFoldingRanges(({ textDocument }) => answer('folding', textDocument.uri, [], foldingRanges));
  connection.onCodeLens(({ textDocument }) =>
    answer('code lenses', textDocument.uri, [], (owned) =>
      editorSettings.codeLens ? codeLenses(owned, textDocument.uri, explainsAt) : [],
    ),
  );
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    answer('inlay hints', textDocument.uri, [], (owned) => (editorSettings.inlayHints ? inlayHints(owned, range) : [])),
  );
  connection.onDocumentSymbol(({ textDocument }) => answer('symbols', textDocument.uri, [], documentSymbols));
  connection.onDocumentFormatting(async ({ textDocument, options }) => {
    const edits = await answer<TextEdit[] | null>('formatting', textDocument.uri, null, async (owned) => {
      const result = await formatDocument(owned, options);
      if ('edits' in result) return result.edits;
      throw new ResponseError(ErrorCodes.InvalidRequest, result.refused);
    });
    const owned = workspace.owner(textDocument.uri);
    const document = documents.get(textDocument.uri);
    if (edits === null || owned === undefined || document === undefined) return edits;
    if (!owned.project.wouldDrift(owned.path, TextDocument.applyEdits(document, edits))) return edits;
    const { version } = document;
    const format = { title: 'Format Anyway' };
    const chosen = await connection.window.showWarningMessage(
      `${owned.path} is applied, and ${owned.project.tool.title} keeps a checksum of its whole text: formatted it counts as edited after it was applied.`,
      format,
    );
    return chosen?.title === format.title && documents.get(textDocument.uri)?.version === version ? edits : [];
  });
  connection.onCodeAction(({ textDocument, range, context }) =>
    answer('code actions', textDocument.uri, [], (owned) => {
      const request = {
        uri: textDocument.uri,
        version: documents.get(textDocument.uri)?.version ?? 0,
        range,
        diagnostics: context.diagnostics,
      };
      const isAsked = (kind: string): boolean =>
        context.only === undefined ||
        context.only.some((only) => only === '' || kind === only || kind.startsWith(`${only}.`));
      return [
        ...(isAsked(CodeActionKind.QuickFix) ? codeActions(owned, host, client, request) : []),
        // Only where it is asked for by name: an editor asks for everything at each move of the cursor.
        ...(context.only !== undefined && isAsked(FIX_ALL_KIND) ? fixAllAction(owned, request, host.clock.now()) : []),
      ];
    }),
  );
  connection.onCodeActionResolve((action) => {
    try {
      return resolveCodeAction(action, workspace, host, (uri) => documents.get(uri)?.version, client.annotates);
    } catch (cause) {
      if (cause instanceof StaleFixError) return new ResponseError(ErrorCodes.InvalidRequest, cause.message);
      throw logged('resolving a fix', cause);
    }
  });

  answerCustomRequests({
    workspace,
    host,
    diagnostics,
    documents,
    databases: () => databases,
    isTrusted: () => client.isTrusted,
    handle,
    notify,
    openFolder,
    afterDatabaseChange,
  });
  connection.onNotification(TRUST_GRANTED.method, () => {
    databases.trust();
    client = { ...client, isTrusted: true };
    void notify(STATUS_CHANGED, {});
  });
  connection.onShutdown(() => {
    diagnostics.dispose();
    clearTimeout(refreshTimer);
    clearTimeout(annotationTimer);
  });

  documents.listen(connection);
  connection.listen();

  /**
   * Looks for the projects of a folder; `keeps` those that are open and found again as they are. What is known of a database
   * stays known, and none is connected to.
   */
  async function openFolder(uri: string, keeps = false): Promise<void> {
    const folder = await workspace.open(uri, keeps);
    await diagnostics.publishSettings(folder);
    diagnostics.closedFiles.work.request();
    diagnostics.programFiles.work.request();
    await notify(STATUS_CHANGED, {});
  }

  async function refresh(): Promise<void> {
    await opened;
    const uris = [...changedUris.keys()];
    const cameOrWent = new Set(uris.filter((uri) => changedUris.get(uri) === true));
    changedUris.clear();
    let hasChanged = false;
    for (const folder of workspace.folders) {
      const own = uris.filter((uri) => workspace.folderAround(uri) === folder);
      if (own.length === 0) continue;
      const isConfiguration = own.some((uri) => CONFIGURATION_FILES.has(nameOf(uri)));
      // A file that comes or goes outside the known projects may mean another one; one that only changes does not.
      if (isConfiguration) await openFolder(folder.uri, false);
      else if (own.some((uri) => workspace.owner(uri) === undefined && cameOrWent.has(uri)))
        await openFolder(folder.uri, true);
      const touched = new Set(
        own.some((uri) => SIDECAR_FILES.has(nameOf(uri)))
          ? folder.projects
          : own.flatMap((uri) => workspace.owner(uri)?.project ?? []),
      );
      if (!isConfiguration) for (const project of touched) await project.refresh();
      hasChanged ||= isConfiguration || touched.size > 0 || own.some((uri) => cameOrWent.has(uri));
    }
    if (!hasChanged) return;
    await diagnostics.publishAll();
    refreshAnnotations(connection, annotations);
    await notify(STATUS_CHANGED, {});
  }

  /** The editor's own settings: asked for where the client lets itself be asked, as sent along where not. */
  async function askSettings(sent: unknown): Promise<void> {
    const pushed =
      typeof sent === 'object' && sent !== null && SETTINGS_SECTION in sent ? sent[SETTINGS_SECTION] : undefined;
    const section: unknown = annotations.asksSettings
      ? await connection.workspace.getConfiguration(SETTINGS_SECTION)
      : pushed;
    const before = editorSettings;
    editorSettings = readEditorSettings(section);
    diagnostics.closedFiles.work.isOn = editorSettings.diagnosticMode === 'workspace';
    diagnostics.programFiles.work.isOn = editorSettings.diagnosticMode === 'workspace';
    if (before.codeLens !== editorSettings.codeLens || before.inlayHints !== editorSettings.inlayHints)
      refreshAnnotations(connection, annotations);
  }

  /** A status request has read what a database has, so that lint may say something else now. */
  function factsRead(): void {
    void guarded('publishing diagnostics', async () => {
      await diagnostics.publishAll();
      refreshAnnotations(connection, annotations);
    });
  }

  async function afterDatabaseChange(): Promise<void> {
    await diagnostics.publishAll();
    refreshAnnotations(connection, annotations);
    await notify(STATUS_CHANGED, {});
  }

  /** Answers about a document of a project; `otherwise` for all others. */
  async function answer<Value>(
    what: string,
    uri: string,
    otherwise: Value,
    work: (owned: OwnedDocument) => Value | Promise<Value>,
  ): Promise<Value> {
    await opened;
    const owned = workspace.owner(uri);
    if (owned === undefined || owned.project.textOf(owned.path) === undefined) return otherwise;
    try {
      return await work(owned);
    } catch (cause) {
      throw cause instanceof ResponseError ? cause : logged(what, cause);
    }
  }

  function handle<Params, Result>(
    { method }: RequestMessage<Params, Result>,
    work: (params: Params, token: CancellationToken) => Promise<Result>,
  ): void {
    connection.onRequest(
      method,
      (params: Params, token: CancellationToken): Promise<unknown> =>
        opened
          .then(() => work(params, token))
          .catch((cause: unknown): never => {
            throw logged(method, cause);
          }),
    );
  }

  function notify<Params>({ method }: NotificationMessage<Params>, params: Params): Promise<void> {
    return connection.sendNotification(method, params);
  }

  /** A bug: its stack goes to the log, its place to whoever asked. */
  function logged(what: string, cause: unknown): Error {
    connection.console.error(`${what}: ${cause instanceof Error ? (cause.stack ?? cause.message) : 'failed'}`);
    return new Error(`Lockstep failed at ${what}: see its output channel`, { cause });
  }

  async function guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      logged(what, cause);
    }
  }
}
