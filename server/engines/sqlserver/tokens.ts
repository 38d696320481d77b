import type { Span } from '../../core/span.ts';

/** A piece of T-SQL; white space and comments are none. */
export interface Token extends Span {
  /** `word` is one without marks, `name` one in brackets or double quotes. */
  readonly kind: 'word' | 'name' | 'variable' | 'text' | 'number' | 'mark';
  /** Words in capitals, names without their marks, texts without their quotes. */
  readonly value: string;
  /** As a name: words keep their letters. */
  readonly written: string;
  /** Letters before the value: 2 for `N'`. */
  readonly opening: number;
}

const SKIPPED = /(?:\s+|--[^\r\n]*)+/y;
const PIECE =
  /(?<text>[nN]?'(?:[^']|'')*(?:'|$))|(?<bracket>\[(?:[^\]]|\]\])*(?:\]|$))|(?<quoted>"(?:[^"]|"")*(?:"|$))|(?<variable>@@?[\p{L}\p{N}_#$@]*)|(?<word>[\p{L}_#][\p{L}\p{N}_#$@]*)|(?<number>0x[0-9a-f]*|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<mark>[<>!*+\-/%&|^]=|<>|::|[\s\S])/iuy;

/** The pieces of a text from `start` to `end`; what is not closed goes to the end. Comments in comments are understood. */
export function tokensOf(text: string, start = 0, end = text.length): readonly Token[] {
  const tokens: Token[] = [];
  const skipped = new RegExp(SKIPPED);
  const piece = new RegExp(PIECE);
  for (let at = start; at < end; ) {
    skipped.lastIndex = at;
    if (skipped.test(text)) {
      at = skipped.lastIndex;
      continue;
    }
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at, end);
      continue;
    }
    piece.lastIndex = at;
    const groups = piece.exec(text)?.groups;
    // The last alternative takes any letter.
    if (groups === undefined) break;
    const to = Math.min(piece.lastIndex, end);
    const source = text.slice(at, to);
    const own = readPiece(source, groups);
    tokens.push({
      ...own,
      written: own.kind === 'word' ? source : own.value,
      opening: openingOf(source, own.kind),
      start: at,
      end: to,
    });
    at = to;
  }
  return tokens;
}

function openingOf(source: string, kind: Token['kind']): number {
  if (kind === 'text') return source.startsWith("'") ? 1 : 2;
  return kind === 'name' ? 1 : 0;
}

function readPiece(
  source: string,
  groups: Readonly<Record<string, string | undefined>>,
): Pick<Token, 'kind' | 'value'> {
  if (groups['text'] !== undefined)
    return { kind: 'text', value: source.replace(/^n?'/i, '').replace(/'$/, '').replaceAll("''", "'") };
  if (groups['bracket'] !== undefined)
    return { kind: 'name', value: source.slice(1).replace(/\]$/, '').replaceAll(']]', ']') };
  if (groups['quoted'] !== undefined)
    return { kind: 'name', value: source.slice(1).replace(/"$/, '').replaceAll('""', '"') };
  if (groups['variable'] !== undefined) return { kind: 'variable', value: source };
  if (groups['word'] !== undefined) return { kind: 'word', value: source.toUpperCase() };
  return { kind: groups['number'] === undefined ? 'mark' : 'number', value: source };
}

/** Behind the end of a comment, in which others may stand. */
export function endOfComment(text: string, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    if (text.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return end;
}
