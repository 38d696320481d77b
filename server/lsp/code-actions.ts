import {
  CodeActionKind,
  type ChangeAnnotation,
  type CodeAction,
  type CreateFile,
  type DeleteFile,
  type Diagnostic,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { isExpression } from '../application/is-expression.ts';
import { assertNever } from '../core/assert-never.ts';
import type { Range } from '../core/line-index.ts';
import { isSameRange, namedFix, textWithSafeEdits, type NotFixed } from '../application/use-cases/fix-migration.ts';
import { WHOLE_MIGRATION } from '../analysis/fix-whole.ts';
import { stepLockWords } from '../analysis/impact.ts';
import type { Finding, FixProposal } from '../analysis/report.ts';
import type { AllowHere, FixReference, FixResult } from '../protocol/requests.ts';
import { DIAGNOSTIC_SOURCE, minimalEdit, rangesTouch } from './convert.ts';
import type { LspHost } from './lsp-host.ts';
import { plannedFiles } from './planned-files.ts';
import { allowEdit } from './suppress-action.ts';
import type { OwnedDocument, Workspace } from './workspace.ts';

/** What the client said that it can do. */
export interface CodeActionClient {
  readonly resolvesEdits: boolean;
  readonly annotates: boolean;
  /** Has the commands `lockstep.applyFix` and `lockstep.previewFix` (a `FixReference`) and `lockstep.allowHere`. */
  readonly appliesFixes: boolean;
  /** False: a fix that writes files is refused. */
  readonly isTrusted: boolean;
}

/** What an editor asks about. */
export interface CodeActionRequest {
  readonly uri: string;
  readonly version: number;
  readonly range: Range;
  readonly diagnostics: readonly Diagnostic[];
}

/** The remedies of findings that touch a range, and for each finding the action that allows it. */
export function codeActions(
  owned: OwnedDocument,
  host: LspHost,
  client: CodeActionClient,
  request: CodeActionRequest,
): CodeAction[] {
  const { project, path } = owned;
  const touched = project.lint(path).findings.filter((finding) => rangesTouch(finding.range, request.range));
  if (touched.length === 0) return [];
  const { statements, text, language } = project.analysed(path);
  const { fixes, skipped } = project.fixes(path, host.clock.now(), (finding) =>
    rangesTouch(finding.range, request.range),
  );
  const actions: CodeAction[] = [];
  const previews: CodeAction[] = [];
  const allows: CodeAction[] = [];
  const allowed = new Set<string>();
  for (const finding of touched) {
    const diagnostics = request.diagnostics.filter(
      (diagnostic) =>
        diagnostic.source === DIAGNOSTIC_SOURCE &&
        diagnostic.code === finding.code &&
        isSameRange(diagnostic.range, finding.range),
    );
    const worked = fixes.filter((fix) => fix.code === finding.code && isSameRange(fix.range, finding.range));
    for (const fix of worked) {
      const reference: FixReference = {
        uri: request.uri,
        version: request.version,
        code: fix.code,
        title: fix.title,
        range: fix.range,
      };
      const isPreferred = fix === worked[0];
      if (fix.kind === 'change' && client.appliesFixes) {
        const shared = { kind: CodeActionKind.QuickFix, diagnostics };
        const reach = { ...shared, ...(isPreferred ? { isPreferred } : {}) };
        actions.push({
          ...reach,
          title: fix.title,
          command: { title: fix.title, command: 'lockstep.applyFix', arguments: [reference] },
        });
        const title = `${fix.title}: look at the files first…`;
        previews.push({
          ...shared,
          title,
          command: { title, command: 'lockstep.previewFix', arguments: [reference] },
        });
        continue;
      }
      if (fix.kind === 'change' && !client.isTrusted) {
        actions.push({ title: fix.title, kind: CodeActionKind.QuickFix, diagnostics, disabled: { reason: UNTRUSTED } });
        continue;
      }
      const action: CodeAction = {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics,
        data: reference,
        ...(isPreferred ? { isPreferred } : {}),
      };
      // An editor offers its preview, with every file ticked, only for an edit that it has. One that asked for each file to
      // be confirmed would come with none ticked, and a change of which a part was written is worse than none.
      const isLazy = client.resolvesEdits && fix.kind === 'edit';
      actions.push(
        isLazy ? action : { ...action, edit: toWorkspaceEdit(owned, host, fix, reference, client.annotates) },
      );
    }
    if (worked.length === 0) {
      const reason = skipped.find((skip) => skip.code === finding.code)?.reason;
      const title = finding.fixes[0]?.title;
      if (reason !== undefined && title !== undefined)
        actions.push({ title, kind: CodeActionKind.QuickFix, diagnostics, disabled: { reason } });
    }
    const statement = statements[finding.statement];
    const place = statement === undefined ? undefined : language.commentPlace(text, statement.source);
    const key = `${finding.code} ${finding.statement}`;
    if (place === undefined || allowed.has(key)) continue;
    allowed.add(key);
    const { edit, cursor } = allowEdit(text, finding.code, language.commentMark, place);
    allows.push({
      title: `Allow ${finding.code} here, because…`,
      kind: CodeActionKind.QuickFix,
      diagnostics,
      // A command that came with an edit would be gone once the edit has made the editor ask for actions again.
      ...(client.appliesFixes
        ? {
            command: {
              title: 'Write the reason',
              command: 'lockstep.allowHere',
              arguments: [{ uri: request.uri, version: request.version, edit, cursor } satisfies AllowHere],
            },
          }
        : {
            edit: {
              documentChanges: [{ textDocument: { uri: request.uri, version: request.version }, edits: [edit] }],
            },
          }),
    });
  }
  return [...actions, ...previews, ...wholeActions(client, request, touched), ...allows];
}

/** The whole migration made safe, at any finding of it that is more than information: worked out when it is chosen. */
function wholeActions(
  client: CodeActionClient,
  { uri, version }: CodeActionRequest,
  touched: readonly Finding[],
): readonly CodeAction[] {
  if (!client.appliesFixes || !client.isTrusted) return [];
  // What is said of the document alone, as that it was edited after it was applied, is not mended by steps.
  const [finding] = touched.filter(({ severity, statement }) => severity !== 'info' && statement >= 0);
  if (finding === undefined) return [];
  const title = 'Make this migration safe';
  const reference: FixReference = { uri, version, code: WHOLE_MIGRATION, title, range: finding.range };
  const look = `${title}: look at the files first…`;
  return [
    { title, kind: CodeActionKind.QuickFix, command: { title, command: 'lockstep.applyFix', arguments: [reference] } },
    {
      title: look,
      kind: CodeActionKind.QuickFix,
      command: { title: look, command: 'lockstep.previewFix', arguments: [reference] },
    },
  ];
}

/** Kind under which an editor applies every safe edit of a file, as on save. */
export const FIX_ALL_KIND = `${CodeActionKind.SourceFixAll}.lockstep`;

/** One action with every edit of the document that is safe without a look; none where there is no such edit. */
export function fixAllAction(
  { project, path }: OwnedDocument,
  request: Pick<CodeActionRequest, 'uri' | 'version'>,
  now: Date,
): CodeAction[] {
  const original = project.textOf(path) ?? '';
  const edit = minimalEdit(original, textWithSafeEdits(project, path, now));
  if (edit === undefined) return [];
  return [
    {
      title: 'Fix all that is safe',
      kind: FIX_ALL_KIND,
      edit: { documentChanges: [{ textDocument: { uri: request.uri, version: request.version }, edits: [edit] }] },
    },
  ];
}

/** Why a chosen action has no edit any more, for people. */
export class StaleFixError extends Error {}

/**
 * The action with its edit.
 *
 * Errors: throws `StaleFixError` when the document has changed since the action was offered.
 */
export function resolveCodeAction(
  action: CodeAction,
  workspace: Workspace,
  host: LspHost,
  versionOf: (uri: string) => number | undefined,
  annotates: boolean,
): CodeAction {
  const reference = readReference(action.data);
  if (reference === undefined) return action;
  const { owned, fix } = referredFix(reference, workspace, host, versionOf);
  return { ...action, edit: toWorkspaceEdit(owned, host, fix, reference, annotates) };
}

/**
 * What a fix writes, for a client that writes it itself.
 *
 * Errors: throws `StaleFixError` when the document has changed since the fix was offered.
 */
export function fixResult(
  reference: FixReference,
  workspace: Workspace,
  host: LspHost,
  versionOf: (uri: string) => number | undefined,
): FixResult {
  const { owned, fix } = referredFix(reference, workspace, host, versionOf);
  return {
    folder: owned.folder.uri,
    project: owned.project.folder,
    title: fix.title,
    values: fix.values,
    steps: fix.steps.map((step) => ({
      phase: step.phase,
      title: step.title,
      files: step.files,
      deploys: (step.requires ?? []).flatMap((each) => (each.kind === 'deploy' ? [each.description] : [])),
      locks: step.locks.map(stepLockWords),
    })),
    files: plannedFiles(fix.files, (path) => host.uriOf(`${owned.folder.root}/${path}`)),
  };
}

function referredFix(
  reference: FixReference,
  workspace: Workspace,
  host: LspHost,
  versionOf: (uri: string) => number | undefined,
): { readonly owned: OwnedDocument; readonly fix: FixProposal } {
  const owned = workspace.owner(reference.uri);
  if (owned === undefined || versionOf(reference.uri) !== reference.version)
    throw new StaleFixError('The file has changed since this fix was offered: ask for it again.');
  const { project, path } = owned;
  const values = new Map(Object.entries(reference.values ?? {}));
  for (const [name, sql] of values)
    if (!isExpression(project.engine, sql))
      throw new StaleFixError(`${sql} is no SQL expression for ${name}: a text is written in single quotes, 'active'.`);
  const found = namedFix(project, path, host.clock.now(), reference, values);
  if (found.fix !== undefined) return { owned, fix: found.fix };
  throw new StaleFixError(
    reference.code === WHOLE_MIGRATION
      ? whyNotWhole(found.notFixed)
      : 'What this fix was for is no longer there: ask for it again.',
  );
}

/** Why a migration is not made safe as a whole, for people. */
function whyNotWhole(notFixed: readonly NotFixed[]): string {
  const reasons = (code: 'whole-refused' | 'refused'): readonly string[] =>
    notFixed.flatMap((why) => (why.code === code ? [why.reason] : []));
  return (
    [...new Set([...reasons('whole-refused'), ...reasons('refused')])].join(' ') ||
    'Nothing in this migration can be made safer by steps: mend its findings one by one.'
  );
}

/** A fix as one edit of several files: created, edited, deleted, each annotated with what it is for. */
function toWorkspaceEdit(
  { folder, project }: OwnedDocument,
  host: LspHost,
  fix: FixProposal,
  reference: FixReference,
  annotates: boolean,
): WorkspaceEdit {
  const changeAnnotations: Record<string, ChangeAnnotation> = {};
  const annotate = (path: string): { annotationId?: string } => {
    if (!annotates || fix.kind === 'edit') return {};
    const step = fix.steps.find((candidate) => candidate.files.includes(path));
    const label = step === undefined ? 'The unsafe statement leaves its file' : `${step.phase}: ${step.title}`;
    const requires = step?.requires ?? [];
    changeAnnotations[label] = {
      label,
      needsConfirmation: false,
      ...(requires.length === 0 ? {} : { description: `Needs first: ${requires.map(requirementWords).join(', ')}` }),
    };
    return { annotationId: label };
  };
  const documentChanges = fix.files.flatMap((file): (CreateFile | TextDocumentEdit | DeleteFile)[] => {
    const uri = host.uriOf(`${folder.root}/${file.path}`);
    switch (file.action) {
      case 'create': {
        const annotation = annotate(file.path);
        return [
          { kind: 'create', uri, options: { overwrite: false, ignoreIfExists: false }, ...annotation },
          { textDocument: { uri, version: null }, edits: [{ range: START, newText: file.text, ...annotation }] },
        ];
      }
      case 'edit': {
        const edit = minimalEdit(project.textOf(file.path) ?? '', file.text);
        return edit === undefined
          ? []
          : [
              {
                textDocument: { uri, version: uri === reference.uri ? reference.version : null },
                edits: [{ ...edit, ...annotate(file.path) }],
              },
            ];
      }
      case 'delete':
        return [{ kind: 'delete', uri, options: { ignoreIfNotExists: true }, ...annotate(file.path) }];
      default:
        return assertNever(file.action);
    }
  });
  return Object.keys(changeAnnotations).length === 0 ? { documentChanges } : { documentChanges, changeAnnotations };
}

/** Why a fix that writes files is not carried out in Restricted Mode. */
export const UNTRUSTED =
  'This workspace is not trusted, so Lockstep writes no files: trust the workspace, then try again.';

const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

function requirementWords(requirement: NonNullable<FixProposal['steps'][number]['requires']>[number]): string {
  return requirement.kind === 'deploy' ? `deploy of ${requirement.description}` : requirement.kind;
}

function readReference(data: unknown): FixReference | undefined {
  // What this server put there and the client sent back as it was; anything else has no `version`.
  return typeof data === 'object' && data !== null && 'version' in data ? (data as FixReference) : undefined;
}
