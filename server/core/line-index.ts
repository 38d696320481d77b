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
 * Lines end at `\n`, `\r\n` or `\r`, as LSP has them.
 */
export class LineIndex {
  readonly #lineStarts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (let offset = 0; offset < text.length; offset++) {
      const code = text.charCodeAt(offset);
      if (code === 13 && text.charCodeAt(offset + 1) === 10) continue;
      if (code === 10 || code === 13) this.#lineStarts.push(offset + 1);
    }
  }

  /** Number of lines, at least 1. */
  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** Position of an offset; offsets outside the text are clamped. */
  position(offset: number): Position {
    const clamped = Math.max(0, Math.min(offset, this.#length));
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: clamped - (this.#lineStarts[low] ?? 0) };
  }

  /** Range of a span. */
  range(span: { readonly start: number; readonly end: number }): Range {
    return { start: this.position(span.start), end: this.position(span.end) };
  }

  /** Offset of a position; lines and characters past the end are clamped. */
  offset(position: Position): number {
    if (position.line >= this.#lineStarts.length) return this.#length;
    const start = this.#lineStarts[Math.max(0, position.line)] ?? 0;
    const next = this.#lineStarts[position.line + 1] ?? this.#length + 1;
    return Math.min(start + Math.max(0, position.character), Math.max(start, next - 1), this.#length);
  }
}
