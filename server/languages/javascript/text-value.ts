import type { MappedText, SourcePiece } from '../../core/source-map.ts';
import type { Token } from './tokens.ts';

const ESCAPE = /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[^]))/g;
const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' };

/** What texts that stand one behind the other say, and where each piece of it is written. */
export function saidBy(text: string, tokens: readonly Token[]): MappedText {
  const map: SourcePiece[] = [];
  let value = '';
  const add = (kind: SourcePiece['kind'], start: number, end: number, said: string): void => {
    if (said === '') return;
    map.push({
      kind,
      text: { start: value.length, end: value.length + said.length },
      source: { start, end },
    });
    value += said;
  };
  for (const token of tokens) {
    const start = token.start + 1;
    const inside = text.slice(start, token.end - 1);
    let at = 0;
    for (const found of inside.matchAll(ESCAPE)) {
      add('plain', start + at, start + found.index, inside.slice(at, found.index));
      at = found.index + found[0].length;
      add('written', start + found.index, start + at, escaped(found));
    }
    add('plain', start + at, start + inside.length, inside.slice(at));
  }
  const [first] = tokens;
  return { text: value, span: { start: (first?.start ?? 0) + 1, end: (tokens.at(-1)?.end ?? 1) - 1 }, map };
}

function escaped([, point, unit, byte, other = '']: RegExpMatchArray): string {
  const code = point ?? unit ?? byte;
  if (code !== undefined) {
    const number = Number.parseInt(code, 16);
    return number > 0x10_ff_ff ? '' : String.fromCodePoint(number);
  }
  // The end of a line behind a backslash is no part of the text.
  return /[\r\n\u2028\u2029]/.test(other) ? '' : (NAMED[other] ?? other);
}
