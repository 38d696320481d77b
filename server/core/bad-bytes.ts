import type { Span } from './span.ts';

/** What is wrong with a byte that is no UTF-8, and what to do. */
export const BAD_BYTE =
  'This is no UTF-8: save the file as UTF-8, for what stands here would be stored as another character.';

/** What an editor shows for a byte that it could not read. */
const REPLACEMENT = '\uFFFD';

/** Offset of the first byte that was no UTF-8, which reading marks by a lone surrogate; undefined where there is none. */
export function badByteIn(text: string, { start, end }: Span = { start: 0, end: text.length }): number | undefined {
  const part = text.slice(start, end);
  // Every text of a project is asked, and nearly none has any.
  return part.isWellFormed() ? undefined : start + part.search(/\p{Surrogate}/u);
}

/**
 * The same of a text that an editor holds for a file: it has made a replacement character of each such byte, which tells
 * nothing by itself, since the character may be meant.
 */
export function badByteInEditor(held: string, isBadOnDisk: boolean): number | undefined {
  const own = badByteIn(held);
  if (own !== undefined || !isBadOnDisk) return own;
  const offset = held.indexOf(REPLACEMENT);
  return offset < 0 ? undefined : offset;
}
