import { MOST_NAME_BYTES } from './product.ts';
import type { Node } from '@pgsql/types';
import type { Span } from '../../core/span.ts';
import type { ObjectName } from '../../model/names.ts';
import type { Operation } from '../../model/operation.ts';
import { type Token, tokenize } from './lexer.ts';
import type { Offsets, Parser } from './parser.ts';

/** What lowering a statement needs again for the statements in its body. */
export interface Frontend {
  readonly parser: Parser;
  lower(source: Source, node: Node): readonly Operation[];
}

/**
 * One statement while it is lowered: its text, its tokens and the way from the parser's offsets to UTF-16.
 *
 * The parser gives no location for many parts (the actions of ALTER TABLE, names of dropped objects), so ranges are
 * found in the tokens.
 */
export class Source {
  readonly text: string;
  readonly frontend: Frontend;
  readonly at: Offsets;
  /** How many bodies lie around this text: a function in a DO block in a function. */
  readonly depth: number;
  #tokens: readonly Token[] | undefined;

  constructor(text: string, frontend: Frontend, at: Offsets, depth: number) {
    this.text = text;
    this.frontend = frontend;
    this.at = at;
    this.depth = depth;
  }

  get tokens(): readonly Token[] {
    this.#tokens ??= tokenize(this.text);
    return this.#tokens;
  }

  /** The whole statement, without anything behind its last token. */
  get span(): Span {
    return { start: this.tokens[0]?.start ?? 0, end: this.tokens.at(-1)?.end ?? this.text.length };
  }

  /** Index of the first token that begins at or behind the offset. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  isWord(index: number, word: string): boolean {
    const token = this.tokens[index];
    return token?.kind === 'word' && token.value === word;
  }

  isSymbol(index: number, symbol: string): boolean {
    const token = this.tokens[index];
    return token?.kind === 'symbol' && token.value === symbol;
  }

  /** Index behind the given words, each of which may be missing, in this order. */
  skip(index: number, ...words: readonly string[]): number {
    let next = index;
    for (const word of words) if (this.isWord(next, word)) next++;
    return next;
  }

  /** Index of the parenthesis that closes the one at `index`; the number of tokens where none does. */
  closing(index: number): number {
    let depth = 0;
    for (let position = index; position < this.tokens.length; position++) {
      const token = this.tokens[position];
      if (token?.kind !== 'symbol') continue;
      if (token.value === '(' || token.value === '[') depth++;
      else if (token.value === ')' || token.value === ']') {
        depth--;
        if (depth <= 0) return position;
      }
    }
    return this.tokens.length;
  }

  /** Index of the first token in [from, to) outside parentheses that `matches`, or of a parenthesis that closes too much; `to` otherwise. */
  find(from: number, to: number, matches: (token: Token) => boolean): number {
    let depth = 0;
    for (let index = from; index < to; index++) {
      const token = this.tokens[index];
      if (token === undefined) return to;
      if (depth === 0 && matches(token)) return index;
      if (token.kind !== 'symbol') continue;
      if (token.value === '(' || token.value === '[') depth++;
      else if (token.value === ')' || token.value === ']') {
        if (depth === 0) return index;
        depth--;
      }
    }
    return to;
  }

  /** Index of the first such word outside parentheses in [from, to); `to` where there is none. */
  findWord(from: number, to: number, ...words: readonly string[]): number {
    const found = this.find(from, to, (token) => token.kind === 'word' && words.includes(token.value));
    return found < to && this.tokens[found]?.kind === 'word' ? found : to;
  }

  /** Index of the next comma outside parentheses or of the parenthesis that ends the list. */
  itemEnd(from: number, to: number): number {
    return this.find(from, to, (token) => token.kind === 'symbol' && (token.value === ',' || token.value === ';'));
  }

  /** Token ranges [from, to) of the items between commas. */
  items(from: number, to: number): readonly (readonly [number, number])[] {
    const items: (readonly [number, number])[] = [];
    let start = from;
    while (start < to) {
      const end = this.itemEnd(start, to);
      items.push([start, end]);
      if (end >= to || !this.isSymbol(end, ',')) break;
      start = end + 1;
    }
    return items;
  }

  /** Range of the tokens [from, to); empty at the place where there are none. */
  spanOf(from: number, to: number): Span {
    const first = this.tokens[from];
    const last = this.tokens[to - 1];
    if (first === undefined || last === undefined || to <= from) {
      const place = first?.start ?? this.text.length;
      return { start: place, end: place };
    }
    return { start: first.start, end: last.end };
  }

  /** Index behind the dotted name that begins at `index`. */
  nameEnd(index: number): number {
    let end = index + 1;
    while (this.isSymbol(end, '.') && end + 1 < this.tokens.length) end += 2;
    return Math.min(end, this.tokens.length);
  }

  /** Range of the dotted name that begins at `index`. */
  nameSpan(index: number): Span {
    return this.spanOf(index, this.nameEnd(index));
  }

  /** Range of the first name in [from, to) with this last part, as the catalog spells it; the token at `from` otherwise. */
  spanOfName(name: string, from: number, to = this.tokens.length): Span {
    for (let index = from; index < to; index++) {
      const token = this.tokens[index];
      if (
        token !== undefined &&
        (token.kind === 'word' || token.kind === 'quoted') &&
        truncatedName(token.value) === name
      )
        return { start: token.start, end: token.end };
    }
    return this.spanOf(from, Math.min(from + 1, to));
  }

  /** Name from its parts, the catalog's own first if there are three; `index` is where its text begins. */
  name(parts: readonly string[], index: number): ObjectName {
    return objectName(parts, this.nameSpan(index));
  }
}

/** `schema.name` from the parts of a dotted name; a catalog in front of them is left out. */
export function objectName(parts: readonly string[], span: Span): ObjectName {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  return schema === undefined || schema === '' ? { name, span } : { schema, name, span };
}

/** A name as the catalog keeps it: at most 63 bytes of UTF-8, cut between characters. */
export function truncatedName(name: string): string {
  if (name.length <= MOST_NAME_BYTES / 3) return name;
  let bytes = 0;
  let result = '';
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > MOST_NAME_BYTES) break;
    result += character;
  }
  return result;
}
