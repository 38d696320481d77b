import type { Token } from './lexer.ts';

/** Text that stands in another text, if need be with escapes, and the way back from its offsets to those of the other. */
export interface Region {
  readonly text: string;
  /** Offset in the outer text of an offset in `text`, its end included. */
  readonly at: (offset: number) => number;
}

/** A part of the outer text as it is. */
export function directRegion(text: string, start: number, end: number): Region {
  return { text: text.slice(start, end), at: (offset) => start + offset };
}

/** What a string or dollar-quoted token stands for; undefined for the kinds whose value is no text (bits, Unicode escapes). */
export function stringRegion(text: string, token: Token): Region | undefined {
  if (token.kind === 'dollar') {
    const tag = text.indexOf('$', token.start + 1) + 1 - token.start;
    return directRegion(text, token.start + tag, token.end - tag);
  }
  if (token.kind !== 'string') return undefined;
  const first = text.charAt(token.start);
  if (first === "'") return decoded(text, token.start + 1, token.end - 1, false);
  if (first === 'E' || first === 'e') return decoded(text, token.start + 2, token.end - 1, true);
  return undefined;
}

/** Several regions one behind the other, as `||` and adjacent strings join them. */
export function joinRegions(regions: readonly Region[]): Region {
  const [only] = regions;
  if (regions.length === 1 && only !== undefined) return only;
  const starts: number[] = [];
  let text = '';
  for (const region of regions) {
    starts.push(text.length);
    text += region.text;
  }
  return {
    text,
    at: (offset) => {
      const index = Math.max(
        0,
        starts.findLastIndex((start) => start <= offset),
      );
      return regions[index]?.at(offset - (starts[index] ?? 0)) ?? 0;
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function decoded(text: string, start: number, end: number, escapes: boolean): Region {
  const raw = text.slice(start, end);
  if (!raw.includes("'") && !(escapes && raw.includes('\\'))) return directRegion(text, start, end);
  const offsets: number[] = [];
  let result = '';
  const pattern = escapes
    ? /''|\\(?:([0-7]{1,3})|x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))|'\s*'|[\s\S]/gi
    : /''|[\s\S]/g;
  for (const match of raw.matchAll(pattern)) {
    const [whole, octal, hex, short, long, single] = match;
    const value =
      whole === "''"
        ? "'"
        : whole.startsWith("'")
          ? ''
          : octal !== undefined
            ? String.fromCharCode(Number.parseInt(octal, 8))
            : hex !== undefined
              ? String.fromCharCode(Number.parseInt(hex, 16))
              : short !== undefined
                ? String.fromCharCode(Number.parseInt(short, 16))
                : long !== undefined
                  ? String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(long, 16)))
                  : single !== undefined
                    ? (ESCAPES[single] ?? single)
                    : whole;
    for (let unit = 0; unit < value.length; unit++) offsets.push(start + match.index);
    result += value;
  }
  offsets.push(end);
  return { text: result, at: (offset) => offsets[Math.max(0, Math.min(offset, offsets.length - 1))] ?? end };
}
