import type { CancellationToken, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { ruleDocument } from '../analysis/rules-document.ts';
import type { NotificationMessage, RequestMessage } from '../protocol/message.ts';
import {
  APPLIED_TEXT_REQUEST,
  BACKUPS_REQUEST,
  FLEET_REQUEST,
  FLEETS_REQUEST,
  LOG_REQUEST,
  OTHER_HISTORY_REQUEST,
  OTHER_TOOLS_REQUEST,
  REPAIR_REQUEST,
  RESTORE_REQUEST,
  TRY_REQUEST,
  CHANGE_REQUEST,
  CONNECT_REQUEST,
  DISCONNECT_REQUEST,
  EXPLAIN_REQUEST,
  FIX_REQUEST,
  GOES_ON_REQUEST,
  INIT_REQUEST,
  MARK_REQUEST,
  NEW_REQUEST,
  PLAN_REQUEST,
  RULE_REQUEST,
  REDO_REQUEST,
  RUN_EVENT,
  RUN_REQUEST,
  RUNBOOK_REQUEST,
  SCRIPT_REQUEST,
  STATUS_CHANGED,
  BASELINE_REQUEST,
  STATUS_REQUEST,
  UNREAD_REQUEST,
  WISHES_REQUEST,
  type FixResult,
  type Outcome,
} from '../protocol/requests.ts';
import { RULES } from '../rules/index.ts';
import { fixResult, StaleFixError, UNTRUSTED } from './code-actions.ts';
import type { DatabaseSessions } from './database-session.ts';
import type { DiagnosticsPublisher } from './diagnostics.ts';
import { hover } from './hover.ts';
import type { LspHost } from './lsp-host.ts';
import { planFor, wishesOf } from './wishes.ts';
import { outcomeOf } from './refusal-words.ts';
import {
  backupNames,
  fleetAnswer,
  logLines,
  otherHistory,
  otherTools,
  repairs,
  restoreNamed,
  tryOut,
} from './team-requests.ts';
import type { Workspace } from './workspace.ts';

/** What the requests of our own client work on. */
interface Served {
  readonly workspace: Workspace;
  readonly host: LspHost;
  readonly diagnostics: DiagnosticsPublisher;
  readonly documents: TextDocuments<TextDocument>;
  /** Known once the client has said what it is. */
  databases(): DatabaseSessions;
  isTrusted(): boolean;
  /** Answers a request once the folders are open. */
  handle<Params, Result>(
    message: RequestMessage<Params, Result>,
    work: (params: Params, token: CancellationToken) => Promise<Result>,
  ): void;
  notify<Params>(message: NotificationMessage<Params>, params: Params): Promise<void>;
  openFolder(uri: string, keeps: boolean): Promise<void>;
  afterDatabaseChange(): Promise<void>;
}

/** Answers the requests of the protocol's own, by use cases. */
export function answerCustomRequests({
  workspace,
  host,
  diagnostics,
  documents,
  databases,
  isTrusted,
  handle,
  notify,
  openFolder,
  afterDatabaseChange,
}: Served): void {
  handle(STATUS_REQUEST, async (params) => {
    if (params.isReadAgain === true) {
      for (const project of workspace.folder(params.folder)?.projects ?? []) await project.refresh();
      await openFolder(params.folder, true);
      await diagnostics.publishAll();
    }
    return databases().status(params.folder);
  });
  handle(UNREAD_REQUEST, async (params) => workspace.unread(params.folder));
  handle(GOES_ON_REQUEST, (params) => databases().goesOn(params));
  handle(CONNECT_REQUEST, async (params) => {
    const result = await databases().connect(params);
    // Of several projects the first may be connected where the second is refused.
    await afterDatabaseChange();
    return result;
  });
  handle(DISCONNECT_REQUEST, async (params) => {
    databases().disconnect(params.folder);
    await afterDatabaseChange();
    return null;
  });
  handle(RUN_REQUEST, async (params, token) => {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    try {
      return await databases().run(
        params,
        (event) => void notify(RUN_EVENT, { token: params.token, event }),
        controller.signal,
      );
    } finally {
      listening.dispose();
      await afterDatabaseChange();
    }
  });
  const cancelling = async <Result>(
    token: CancellationToken,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    try {
      return await work(controller.signal);
    } finally {
      listening.dispose();
    }
  };
  handle(TRY_REQUEST, (params, token) =>
    cancelling(token, (signal) => databases().onProject(params, (context) => tryOut(context, params, signal))),
  );
  handle(LOG_REQUEST, (params) => databases().onProject(params, logLines));
  handle(REPAIR_REQUEST, (params) => databases().onProject(params, repairs));
  handle(OTHER_TOOLS_REQUEST, async (params) => {
    const project = databases().projectOf(params);
    return project === undefined ? [] : otherTools({ project });
  });
  handle(OTHER_HISTORY_REQUEST, async (params) => {
    const result = await databases().onProject(params, async (context) =>
      outcomeOf(await otherHistory(context, params), (value) => value),
    );
    if (params.expectedIds !== null) await afterDatabaseChange();
    return result;
  });
  handle(BACKUPS_REQUEST, (params) => databases().onProject(params, backupNames));
  handle(RESTORE_REQUEST, async (params) => {
    const result = await databases().onProject(params, (context) => restoreNamed(context, params));
    await afterDatabaseChange();
    return result;
  });
  handle(FLEETS_REQUEST, async (params) => Object.keys(databases().projectOf(params)?.settings.fleets ?? {}));
  handle(FLEET_REQUEST, async (params, token) => {
    const result = await cancelling(token, (signal) =>
      databases().onProject({ folder: params.folder, project: params.project }, (context) =>
        fleetAnswer(context, params, signal),
      ),
    );
    if (params.action === 'apply') await afterDatabaseChange();
    return result;
  });
  handle(REDO_REQUEST, async (params, token) => {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    try {
      return await databases().redo(
        params,
        (event) => void notify(RUN_EVENT, { token: params.token, event }),
        controller.signal,
      );
    } finally {
      listening.dispose();
      if (params.expectedIds !== null) await afterDatabaseChange();
    }
  });
  handle(CHANGE_REQUEST, async (params, token) => {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    try {
      return await databases().change(params, controller.signal);
    } finally {
      listening.dispose();
      void notify(STATUS_CHANGED, {});
    }
  });
  handle(RUNBOOK_REQUEST, async (params) => databases().runbook(params));
  handle(RULE_REQUEST, async (params) => ruleDocument(RULES, params.code) ?? null);
  handle(BASELINE_REQUEST, async (params) => {
    const result = await databases().baseline(params);
    if (params.expectedIds !== null) await afterDatabaseChange();
    return result;
  });
  handle(MARK_REQUEST, async (params) => {
    const result = await databases().mark(params);
    await afterDatabaseChange();
    return result;
  });
  handle(APPLIED_TEXT_REQUEST, async (params) => databases().appliedText(params));
  handle(FIX_REQUEST, async (params): Promise<Outcome<FixResult>> => {
    if (!isTrusted()) return { ok: false, message: UNTRUSTED };
    try {
      return { ok: true, value: fixResult(params, workspace, host, (uri) => documents.get(uri)?.version) };
    } catch (cause) {
      if (cause instanceof StaleFixError) return { ok: false, message: cause.message };
      throw cause;
    }
  });
  handle(WISHES_REQUEST, async (params) => wishesOf(workspace, params));
  handle(PLAN_REQUEST, async (params) => planFor(workspace, host, params));
  handle(INIT_REQUEST, async (params) => {
    const result = await databases().init(params);
    if (result.ok && result.value.kind === 'planned' && result.value.isWritten) await openFolder(params.folder, false);
    await diagnostics.publishAll();
    return result;
  });
  handle(SCRIPT_REQUEST, async (params) => databases().script(params));
  handle(NEW_REQUEST, async (params) => {
    const result = await databases().create(params);
    void notify(STATUS_CHANGED, {});
    return result;
  });
  handle(EXPLAIN_REQUEST, async (params) => {
    const owned = workspace.owner(params.uri);
    const document = documents.get(params.uri);
    const found =
      owned === undefined || document === undefined ? null : hover(owned, document.positionAt(params.offset));
    return found === null || typeof found.contents === 'string' || !('value' in found.contents)
      ? null
      : found.contents.value;
  });
}
