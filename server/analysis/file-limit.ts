import type { DocumentLayout } from '../model/migration.ts';
import type { Span } from '../core/span.ts';
import type { ReadDocument } from './analyse.ts';
import type { Settings } from './settings.ts';

/**
 * UTF-16 units of a document from which on it is not analysed, where the configuration says nothing.
 *
 * A file of that size with rows to insert is read in well under half a second; one of short statements takes seconds.
 */
const DEFAULT_FILE_CHARACTERS = 6_000_000;

/** UTF-16 units at the start of a larger document that are still read, for its markers and directives. */
const HEAD_LENGTH = 64 * 1024;

/** Longest part of the first line that is shown as the place of the problem. */
const MOST_SHOWN = 200;

/** UTF-16 units of a document from which on it is not analysed. */
export function fileLimit(settings: Pick<Settings, 'limits'>): number {
  return settings.limits?.fileCharacters ?? DEFAULT_FILE_CHARACTERS;
}

/** The start of a document that is too large, up to the end of a line. */
export function headOf(text: string): string {
  const head = text.slice(0, HEAD_LENGTH);
  const lineBreak = head.lastIndexOf('\n');
  return lineBreak < 0 ? head : head.slice(0, lineBreak + 1);
}

/** A document that is too large, as one statement of which nothing is known, at its first line. */
export function readTooLarge(text: string, layout: DocumentLayout, limit: number): ReadDocument {
  const firstBreak = text.slice(0, MOST_SHOWN).search(/[\r\n]/);
  const end = Math.max(1, firstBreak < 0 ? Math.min(MOST_SHOWN, text.length) : firstBreak);
  const span: Span = { start: 0, end };
  const reason = `too large to analyse: the file has ${text.length.toLocaleString('en-US')} characters, and the limit is ${limit.toLocaleString('en-US')}`;
  const message = `Not analysed: ${reason}. Split it, or raise "limits": { "fileCharacters": ${Math.ceil(text.length / 1e6) * 1e6} } in lockstep.jsonc.`;
  const section = layout.sections[0] ?? { direction: 'up', span: { start: 0, end: text.length }, transaction: 'one' };
  return {
    text,
    bodies: new Map(),
    lateBodies: new Map(),
    parts: [],
    statements: [
      {
        section,
        source: { span, text: text.slice(0, end) },
        body: { operations: [{ kind: 'opaque', span, reason }], problems: [{ kind: 'not-analysed', message, span }] },
      },
    ],
  };
}
