import type { MappedText, SourcePiece } from '../../core/source-map.ts';
import type { Token } from './tokens.ts';

const ESCAPE =
  /\\(?:N\{[^}]*\}|U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|[\\'"abfnrtv\r\n]))/g;
const NAMED: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What texts that stand one behind the other say, and where each piece of it is written. */
export function saidBy(text: string, tokens: readonly Token[]): MappedText {
  const map: SourcePiece[] = [];
  let value = '';
  const add = (kind: SourcePiece['kind'], start: number, end: number, said: string): void => {
    if (said === '') return;
    map.push({ kind, text: { start: value.length, end: value.length + said.length }, source: { start, end } });
    value += said;
  };
  for (const token of tokens) {
    if (token.text === undefined) continue;
    const { start, end } = token.text.inside;
    const inside = text.slice(start, end);
    let at = 0;
    for (const found of token.text.isRaw ? [] : inside.matchAll(ESCAPE)) {
      add('plain', start + at, start + found.index, inside.slice(at, found.index));
      at = found.index + found[0].length;
      add('written', start + found.index, start + at, escaped(found));
    }
    add('plain', start + at, end, inside.slice(at));
  }
  const first = tokens[0]?.text?.inside.start ?? 0;
  return { text: value, span: { start: first, end: tokens.at(-1)?.text?.inside.end ?? first }, map };
}

/** Source: https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences; any other backslash is one. */
function escaped([, wide, narrow, byte, octal, other]: RegExpMatchArray): string {
  const hex = wide ?? narrow ?? byte;
  if (hex !== undefined || octal !== undefined) {
    const point = hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16);
    return point > 0x10_ff_ff ? '' : String.fromCodePoint(point);
  }
  // The end of a line behind a backslash is no part of the text; what a name of a character stands for is not looked up.
  return other === undefined ? '\uFFFD' : (NAMED[other] ?? '');
}
