import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic,
  type Range as LspRange,
  type TextEdit,
} from 'vscode-languageserver';
import { assertNever } from '../core/assert-never.ts';
import { LineIndex, type Range } from '../core/line-index.ts';
import type { FileReport, Finding, ReportedProblem } from '../analysis/report.ts';
import type { Severity } from '../rules/rule.ts';

/** Name under which the editor lists what Lockstep says. */
export const DIAGNOSTIC_SOURCE = 'lockstep';

/** What a diagnostic needs besides the report: where other files are, and where a rule's documentation stands. */
export interface DiagnosticLinks {
  uriOf(path: string): string;
  docsOf(code: string): string | undefined;
}

/** Diagnostics of one file's report, in its order: findings, then what could not be read or analysed. */
export function toDiagnostics(report: FileReport, links: DiagnosticLinks): Diagnostic[] {
  // Nearly all findings point into the report's own file.
  const uris = new Map<string, string>();
  const uriOf = (path: string): string => {
    const uri = uris.get(path) ?? links.uriOf(path);
    uris.set(path, uri);
    return uri;
  };
  const known: DiagnosticLinks = { uriOf, docsOf: (code) => links.docsOf(code) };
  return [
    ...report.findings.map((finding) => toDiagnostic(finding, known)),
    ...report.problems.map(problemToDiagnostic),
  ];
}

function toDiagnostic(finding: Finding, links: DiagnosticLinks): Diagnostic {
  const href = links.docsOf(finding.code);
  return {
    range: toRange(finding.range),
    severity: toSeverity(finding.severity),
    code: finding.code,
    ...(href === undefined ? {} : { codeDescription: { href } }),
    source: DIAGNOSTIC_SOURCE,
    message: finding.message,
    ...(finding.code === 'unused-allow' ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(finding.related.length === 0
      ? {}
      : {
          relatedInformation: finding.related.map((related) => ({
            location: { uri: links.uriOf(related.path), range: toRange(related.range) },
            message: related.message,
          })),
        }),
  };
}

function problemToDiagnostic(problem: ReportedProblem): Diagnostic {
  return {
    range: toRange(problem.range),
    source: DIAGNOSTIC_SOURCE,
    message: problem.message,
    code: problem.kind,
    severity: problem.kind === 'syntax' ? DiagnosticSeverity.Error : DiagnosticSeverity.Information,
  };
}

function toSeverity(severity: Severity): DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return DiagnosticSeverity.Error;
    case 'warning':
      return DiagnosticSeverity.Warning;
    case 'info':
      return DiagnosticSeverity.Information;
    case 'hint':
      return DiagnosticSeverity.Hint;
    default:
      return assertNever(severity);
  }
}

/** The engine's ranges are LSP's already; this copy is one that the protocol's types may write to. */
export function toRange(range: Range): LspRange {
  return { start: { ...range.start }, end: { ...range.end } };
}

/** Whether two ranges share a character, or one ends where the other begins. */
export function rangesTouch(left: Range, right: Range): boolean {
  const isBefore = (first: Range['start'], second: Range['start']): boolean =>
    first.line < second.line || (first.line === second.line && first.character < second.character);
  return !isBefore(left.end, right.start) && !isBefore(right.end, left.start);
}

/** Smallest single replacement that turns one text into another; undefined where they are the same. */
export function minimalEdit(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  // A range must not cut a line break or a surrogate pair in two.
  while (start > 0 && isInsidePair(before, start)) start--;
  while (tail > 0 && isInsidePair(before, before.length - tail)) tail--;
  return {
    range: new LineIndex(before).range({ start, end: before.length - tail }),
    newText: after.slice(start, after.length - tail),
  };
}

function isInsidePair(text: string, offset: number): boolean {
  const left = text.charCodeAt(offset - 1);
  return (left === 13 && text.charCodeAt(offset) === 10) || (left >= 0xd8_00 && left <= 0xdb_ff);
}
