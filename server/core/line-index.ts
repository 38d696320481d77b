/** LSP position: 0-based line, 0-based UTF-16 character. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** LSP range. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/**
 * Offsets to positions and back for one text.
 *
 * Lines end at `\n`, `\r\n` or `\r`, as LSP has them. The text is gone through only as far as it is asked about.
 */
export class LineIndex {
  readonly #lineStarts: number[] = [0];
  readonly #text: string;
  /** How far line breaks have been looked for. */
  #scanned = 0;
  /** The first `\r`, with which line breaks have to be looked at one by one. */
  readonly #firstReturn: number;
  /** The first `\n` behind what has been looked through, where it is known; the text's length where there is none. */
  #nextBreak = -1;
  /** The line that was asked about last: most are asked about in order. */
  #lastLine = 0;

  constructor(text: string) {
    this.#text = text;
    this.#firstReturn = text.indexOf('\r');
  }

  /** Number of lines, at least 1. */
  get lineCount(): number {
    this.#scan(this.#text.length, Number.POSITIVE_INFINITY);
    return this.#lineStarts.length;
  }

  /** Position of an offset; offsets outside the text are clamped, and one within `\r\n` is taken back before it. */
  position(offset: number): Position {
    const inside = Math.max(0, Math.min(offset, this.#text.length));
    const clamped =
      inside > 0 && this.#text.charCodeAt(inside) === 10 && this.#text.charCodeAt(inside - 1) === 13
        ? inside - 1
        : inside;
    this.#scan(clamped, Number.POSITIVE_INFINITY);
    const line = this.#lineOf(clamped);
    this.#lastLine = line;
    return { line, character: clamped - (this.#lineStarts[line] ?? 0) };
  }

  #lineOf(offset: number): number {
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length - 1;
    const last = this.#lastLine;
    if ((starts[last] ?? 0) <= offset) {
      if ((starts[last + 1] ?? Number.POSITIVE_INFINITY) > offset) return last;
      low = last;
    } else high = last;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Range of a span. */
  range(span: { readonly start: number; readonly end: number }): Range {
    return { start: this.position(span.start), end: this.position(span.end) };
  }

  /** Offset of a position; lines and characters past the end are clamped. */
  offset(position: Position): number {
    this.#scan(this.#text.length, position.line + 2);
    if (position.line >= this.#lineStarts.length) return this.#text.length;
    const start = this.#lineStarts[Math.max(0, position.line)] ?? 0;
    const next = this.#lineStarts[position.line + 1] ?? this.#text.length + 1;
    return Math.min(start + Math.max(0, position.character), Math.max(start, next - 1), this.#text.length);
  }

  /** Looks for line breaks up to an offset, or until so many lines are known. */
  #scan(end: number, lines: number): void {
    const text = this.#text;
    if (this.#firstReturn < 0) return this.#scanPlain(end, lines);
    let offset = this.#scanned;
    for (; offset < end && this.#lineStarts.length < lines; offset++) {
      const code = text.charCodeAt(offset);
      if (code === 13 && text.charCodeAt(offset + 1) === 10) continue;
      if (code === 10 || code === 13) this.#lineStarts.push(offset + 1);
    }
    this.#scanned = offset;
  }

  /** The same for a text whose lines end at `\n` alone. */
  #scanPlain(end: number, lines: number): void {
    const text = this.#text;
    while (this.#scanned < end && this.#lineStarts.length < lines) {
      if (this.#nextBreak < this.#scanned) {
        const found = text.indexOf('\n', this.#scanned);
        this.#nextBreak = found < 0 ? text.length : found;
      }
      if (this.#nextBreak >= end) {
        this.#scanned = end;
        return;
      }
      this.#lineStarts.push(this.#nextBreak + 1);
      this.#scanned = this.#nextBreak + 1;
    }
  }
}
