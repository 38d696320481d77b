import type { CodeLens, Command, InlayHint, Range as LspRange } from 'vscode-languageserver';
import { aboutWords, bytesWords } from '../core/amount-words.ts';
import { LineIndex, type Range } from '../core/line-index.ts';
import { inDocument } from '../core/source-map.ts';
import { problemsOf } from '../analysis/analyse.ts';
import { effectsByAction } from '../analysis/explain.ts';
import { liveEffect } from '../analysis/estimate.ts';
import { impactLine } from '../analysis/impact.ts';
import type { Effect } from '../model/effect.ts';
import type { Schema } from '../model/schema.ts';
import { rangesTouch, toRange } from './convert.ts';
import type { OwnedDocument } from './workspace.ts';

/** Client's command that shows a statement's explanation; takes a URI and a position. */
const EXPLAIN_COMMAND = 'lockstep.explainAt';

/**
 * A line above each statement that keeps others waiting, or whose effects cannot be known: `ACCESS EXCLUSIVE on users ·
 * rewrites`. Statements that touch only tables which nobody uses yet have none.
 *
 * `explains`: the client has the command that shows more; in other editors the line is plain text.
 */
export function codeLenses(
  { project, path }: Pick<OwnedDocument, 'project' | 'path'>,
  uri: string,
  explains: boolean,
): CodeLens[] {
  const lines = new LineIndex(project.textOf(path) ?? '');
  return project.impacts(path).flatMap(({ statement, effects }): CodeLens[] => {
    const line = impactLine(effects, (effect) => liveNote(project, effect, statement.before));
    const isUnknown = problemsOf(statement).some((problem) => problem.kind === 'not-analysed');
    if (line === undefined && !isUnknown) return [];
    const range = toRange(lines.range(statement.source.span));
    const title = [...(line === undefined ? [] : [line]), ...(isUnknown ? ['not analysed in full'] : [])].join(' · ');
    const command: Command = explains
      ? { title, command: EXPLAIN_COMMAND, arguments: [uri, range.start] }
      : { title, command: '' };
    return [{ range: { start: range.start, end: range.start }, command }];
  });
}

/**
 * The same behind each statement within a range; in a statement of several actions behind each action that has a part in
 * it, so that the one that rewrites is seen.
 */
export function inlayHints({ project, path }: Pick<OwnedDocument, 'project' | 'path'>, visible: LspRange): InlayHint[] {
  const text = project.textOf(path) ?? '';
  const lines = new LineIndex(text);
  return project.impacts(path).flatMap(({ statement, effects }): InlayHint[] => {
    if (effects.length === 0) return [];
    const { span } = statement.source;
    if (!rangesTouch(lines.range(span), visible)) return [];
    const inUse = new Set(effects.map((effect) => `${effect.schema}.${effect.relation}`));
    const { operations } = statement.body;
    const apart = operations.length < 2 ? undefined : effectsByAction(project, statement);
    const parts =
      apart === undefined
        ? []
        : operations.map((operation) => ({
            range: lines.range(inDocument(statement.source, operation.span)),
            line: impactLine(
              (apart.get(operation) ?? []).filter((effect) => inUse.has(`${effect.schema}.${effect.relation}`)),
            ),
          }));
    const [first] = parts;
    // Operations of a DO block or of a common table expression may share a place.
    const isApart =
      first !== undefined &&
      new Set(parts.map((part) => `${part.range.end.line}:${part.range.end.character}`)).size === parts.length;
    if (isApart) return parts.flatMap((part) => (part.line === undefined ? [] : [hint(part.range.end, part.line)]));
    const line = impactLine(effects);
    return line === undefined ? [] : [hint(lines.position(text[span.end] === ';' ? span.end + 1 : span.end), line)];
  });
}

/** Size and estimated time on the connected database: `12 GB, about 4 min`. */
function liveNote(project: OwnedDocument['project'], effect: Effect, before: Schema): string | undefined {
  const { size, estimate, waitsFor } = liveEffect(effect, before, project.settings, project.holders);
  const parts = [
    ...(size === undefined ? [] : [bytesWords(size.bytes)]),
    ...(estimate === undefined ? [] : [aboutWords(estimate.seconds)]),
    ...(waitsFor.length === 0 ? [] : ['waits for an open transaction']),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function hint(position: Range['start'], label: string): InlayHint {
  return { position: { ...position }, label, paddingLeft: true };
}
