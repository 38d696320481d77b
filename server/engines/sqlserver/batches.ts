import type { Span } from '../../core/span.ts';
import { endOfComment } from './tokens.ts';

/** Batches of a script, between lines that hold nothing but GO and a number; text and comments may hold such lines. */
export function batchesOf(text: string): readonly Span[] {
  const batches: Span[] = [];
  const go = /[ \t]*GO(?:[ \t]+\d+)?[ \t]*(?:--[^\r\n]*)?(?=\r|\n|$|\/\*)/iy;
  const open = /[nN]?'(?:[^']|'')*(?:'|$)|\[(?:[^\]]|\]\])*(?:\]|$)|"(?:[^"]|"")*(?:"|$)|--[^\r\n]*/y;
  let start = 0;
  let isLineStart = true;
  for (let at = 0; at < text.length; ) {
    if (isLineStart) {
      go.lastIndex = at;
      if (go.test(text)) {
        batches.push({ start, end: at });
        at = go.lastIndex;
        start = at;
        isLineStart = false;
        continue;
      }
    }
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at, text.length);
      isLineStart = false;
      continue;
    }
    open.lastIndex = at;
    if (open.test(text)) {
      at = open.lastIndex;
      isLineStart = false;
      continue;
    }
    isLineStart = text.charAt(at) === '\n' || text.charAt(at) === '\r';
    at++;
  }
  return [...batches, { start, end: text.length }].filter((batch) => text.slice(batch.start, batch.end).trim() !== '');
}
