import type { SourcePiece } from '../../core/source-map.ts';

/** Puts a text together, piece by piece, with where each piece comes from. */
export class TextBuilder {
  #text = '';
  readonly #map: SourcePiece[] = [];

  /** Code units so far. */
  get length(): number {
    return this.#text.length;
  }

  /** A piece of text that stands between two offsets of the document, or that what stands there has made. */
  add(kind: SourcePiece['kind'], text: string, sourceStart: number, sourceEnd: number): this {
    if (text === '') return this;
    const start = this.#text.length;
    this.#text += text;
    this.#map.push({ kind, text: { start, end: this.#text.length }, source: { start: sourceStart, end: sourceEnd } });
    return this;
  }

  /** A text with a map of its own. */
  addAll(text: string, map: readonly SourcePiece[]): this {
    const by = this.#text.length;
    this.#text += text;
    for (const piece of map) {
      this.#map.push({ ...piece, text: { start: piece.text.start + by, end: piece.text.end + by } });
    }
    return this;
  }

  done(): { readonly text: string; readonly map: readonly SourcePiece[] } {
    return { text: this.#text, map: this.#map };
  }
}
