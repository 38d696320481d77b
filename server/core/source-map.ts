import type { TextEdit } from './edit.ts';
import { shiftSpan, type Span } from './span.ts';

/** A run of a statement's text and where it comes from. */
export interface SourcePiece {
  /** In the statement's text. */
  readonly text: Span;
  /** In the document. */
  readonly source: Span;
  /**
   * `plain`: both hold the same code units one by one. `written`: the document writes the text in another way, such as an
   * escape, so that only the whole piece has a place. `made`: no text of the document stands for it; `source` is where
   * whatever made it stands.
   */
  readonly kind: 'plain' | 'written' | 'made';
}

/** Where each part of a statement's text comes from: pieces in the order of the text, which they cover without a gap. */
export type SourceMap = readonly SourcePiece[];

/** A text that was taken out of a document. */
export interface MappedText {
  readonly text: string;
  /** The whole of it in the document. */
  readonly span: Span;
  /** Absent where the text is the document's own between the ends of `span`. */
  readonly map?: SourceMap;
}

/** Where a span of a statement stands in the document: exact in plain pieces, the whole piece in others. */
export function inDocument(statement: MappedText, span: Span): Span {
  const { map } = statement;
  if (map === undefined) return shiftSpan(span, statement.span.start);
  const pieces = covered(map, span);
  // A name is where it is written, and not where the words around it were made, as long as any of it is written.
  const told = pieces.some((piece) => piece.kind !== 'made') ? pieces.filter((piece) => piece.kind !== 'made') : pieces;
  const [first] = told;
  const last = told.at(-1);
  if (first === undefined || last === undefined) return statement.span;
  const start = first.kind === 'plain' ? placeIn(first, span.start) : first.source.start;
  const end = last.kind === 'plain' ? placeIn(last, span.end) : last.source.end;
  return told.length === 1 || start <= end
    ? { start, end: Math.max(start, end) }
    : around(told.map(({ source }) => source));
}

/** The part of the document that holds exactly the code units of a span of a statement; undefined where none does. */
export function plainInDocument(statement: MappedText, span: Span): Span | undefined {
  const { map } = statement;
  if (map === undefined) return shiftSpan(span, statement.span.start);
  const pieces = covered(map, span);
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first === undefined || last === undefined || pieces.some((piece) => piece.kind !== 'plain')) return undefined;
  const isOneRun = pieces.every((piece, index) => index === 0 || pieces[index - 1]?.source.end === piece.source.start);
  return isOneRun ? { start: placeIn(first, span.start), end: placeIn(last, span.end) } : undefined;
}

/** Offset in a statement's text of an offset in its document; the start of a piece that is not plain; undefined outside. */
export function fromDocument(statement: MappedText, offset: number): number | undefined {
  if (offset < statement.span.start || offset > statement.span.end) return undefined;
  const { map } = statement;
  if (map === undefined) return offset - statement.span.start;
  const piece =
    map.find(({ source, kind }) => kind !== 'made' && offset >= source.start && offset < source.end) ??
    map.find(({ source, kind }) => kind !== 'made' && offset === source.end);
  if (piece === undefined) return undefined;
  if (piece.kind === 'plain') return piece.text.start + offset - piece.source.start;
  return offset === piece.source.end && offset > piece.source.start ? piece.text.end : piece.text.start;
}

/** A part of a text as a text of its own: a statement of a script that stands in a string of another language. */
export function sliceMapped<Part extends { readonly text: string; readonly span: Span }>(
  whole: MappedText,
  part: Part,
): Part & MappedText {
  const { map } = whole;
  if (map === undefined) return { ...part, span: shiftSpan(part.span, whole.span.start) };
  const pieces = covered(map, part.span).map((piece): SourcePiece => {
    const start = Math.max(piece.text.start, part.span.start);
    const end = Math.min(piece.text.end, part.span.end);
    return {
      kind: piece.kind,
      text: { start: start - part.span.start, end: end - part.span.start },
      source: piece.kind === 'plain' ? { start: placeIn(piece, start), end: placeIn(piece, end) } : piece.source,
    };
  });
  return { ...part, span: inDocument(whole, part.span), map: pieces };
}

/** Texts one behind the other as one; each has a map, and the first and the last have a place. */
export function joinMapped(parts: readonly MappedText[]): MappedText {
  const map: SourcePiece[] = [];
  let text = '';
  for (const part of parts) {
    for (const piece of part.map ?? [{ kind: 'plain', text: { start: 0, end: part.text.length }, source: part.span }])
      map.push({ ...piece, text: shiftSpan(piece.text, text.length) });
    text += part.text;
  }
  return { text, span: { start: parts[0]?.span.start ?? 0, end: parts.at(-1)?.span.end ?? 0 }, map };
}

/** The same text in a document in which everything before it has grown by `by` code units. */
export function moveMapped<Part extends MappedText>(part: Part, by: number): Part {
  return {
    ...part,
    span: shiftSpan(part.span, by),
    ...(part.map === undefined
      ? {}
      : { map: part.map.map((piece) => ({ ...piece, source: shiftSpan(piece.source, by) })) }),
  };
}

/** An edit of a statement as one of its document; undefined where the span is no plain slice of it. */
export function editInDocument(statement: MappedText, edit: TextEdit): TextEdit | undefined {
  const span = plainInDocument(statement, edit.span);
  return span === undefined ? undefined : { ...edit, span };
}

/** Pieces that a span has a part in; for an empty span the one that it stands in or behind, a plain one before others. */
function covered(map: SourceMap, span: Span): SourceMap {
  if (span.start < span.end)
    return map.filter(({ text }) => text.start < span.end && text.end > span.start && text.start < text.end);
  const touching = map.filter(({ text }) => text.start <= span.start && text.end >= span.start);
  const best = touching.find((piece) => piece.kind === 'plain') ?? touching[0];
  return best === undefined ? [] : [best];
}

/** Offset in the document of an offset in the text of a plain piece; its ends for offsets outside. */
function placeIn(piece: SourcePiece, offset: number): number {
  return Math.min(Math.max(piece.source.start + offset - piece.text.start, piece.source.start), piece.source.end);
}

function around(spans: readonly Span[]): Span {
  return { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
}
