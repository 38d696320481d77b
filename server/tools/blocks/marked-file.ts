import type { EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, Section, TransactionRule } from '../../model/migration.ts';

/** A document with both halves, each under a marker of its own. */
export interface Markers {
  readonly tool: string;
  /** Find the markers' lines; with the flag `m`. */
  readonly up: RegExp;
  readonly down: RegExp;
  /** As they are written, for people: `-- migrate:up`. */
  readonly upText: string;
  readonly downText: string;
  /** What a half without options, and the document as a whole, says of the transaction. */
  readonly transaction: (marker: string, text: string, dialect: EngineId) => TransactionRule;
  /** Whether the tool refuses statements before the first marker; else they belong to the up half, or are not run. */
  readonly before: 'refused' | 'not-run' | 'up';
}

/** Sections of a document by its markers; without one it is a problem, or all of it the up half where `before` says so. */
export function markedFile(text: string, dialect: EngineId, markers: Markers): DocumentLayout {
  const { tool } = markers;
  const up = markers.up.exec(text);
  const down = markers.down.exec(text);
  if (up === null && markers.before !== 'up') {
    return {
      sections: [],
      problems: [
        {
          message: `${tool} refuses this file: it has no "${markers.upText}" line. Add one above the statements.`,
          span: { start: 0, end: Math.max(0, text.search(/\r?\n/)) },
        },
      ],
    };
  }
  if (up !== null && down !== null && down.index < up.index) {
    return {
      sections: [],
      problems: [
        {
          message: `${tool} refuses this file: "${markers.upText}" must come before "${markers.downText}".`,
          span: { start: down.index, end: down.index + down[0].length },
        },
      ],
    };
  }
  const problems: { message: string; span: { start: number; end: number } }[] = [];
  const head = text.slice(0, (up ?? down)?.index ?? 0);
  const stray = head
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .find((line) => line.trim() !== '' && !line.trim().startsWith('--'));
  if (stray !== undefined && markers.before !== 'up') {
    const start = text.indexOf(stray);
    problems.push({
      message:
        markers.before === 'refused'
          ? `${tool} refuses this file: statements stand before "${markers.upText}". Move them below it.`
          : `${tool} does not run what stands before "${markers.upText}". Move it below that line.`,
      span: { start, end: start + stray.trimEnd().length },
    });
  }
  const section = (direction: Section['direction'], marker: RegExpExecArray | null, end: number): Section => {
    if (marker === null)
      return {
        direction,
        span: { start: text.startsWith('\uFEFF') ? 1 : 0, end },
        transaction: markers.transaction('', text, dialect),
      };
    const lineEnd = lineEndAfter(text, marker.index);
    return {
      direction,
      span: { start: lineEnd, end },
      transaction: markers.transaction(text.slice(marker.index, lineEnd), text, dialect),
      markerSpan: { start: marker.index, end: text.slice(0, lineEnd).trimEnd().length },
    };
  };
  return {
    sections: [
      section('up', up, down?.index ?? text.length),
      ...(down === null ? [] : [section('down', down, text.length)]),
    ],
    problems,
  };
}

function lineEndAfter(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}
