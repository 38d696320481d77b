import { lexemeAt } from './lexer.ts';
import type { Region } from './region.ts';

/** UTF-16 units from which on an INSERT's rows are counted instead of parsed: about 10 ms of parsing. */
const LARGE_INSERT_LENGTH = 64 * 1024;

/** UTF-16 units of one statement beyond which it is not analysed: about 200 ms of parsing. */
export const MAX_STATEMENT_LENGTH = 1024 * 1024;

/**
 * A long INSERT ... VALUES with its first row only, and how many rows there were; undefined for anything else.
 *
 * `hasQuery`: a row that was left out holds SELECT, so it may read other tables. Time is linear in the text.
 */
export function compactInsert(
  text: string,
): (Region & { readonly rowCount: number; readonly hasQuery: boolean }) | undefined {
  if (text.length < LARGE_INSERT_LENGTH || !/^insert\s/i.test(text)) return undefined;
  let depth = 0;
  let rowCount = 0;
  let isInValues = false;
  let firstRowEnd = -1;
  let lastRowEnd = -1;
  let hasQuery = false;
  for (let position = 0; position < text.length; ) {
    const lexeme = lexemeAt(text, position, text.length);
    if (lexeme.open) return undefined;
    if (lexeme.kind === 'word') {
      if (depth === 0) {
        const word = text.slice(position, lexeme.end).toLowerCase();
        if (!isInValues && word === 'select') return undefined;
        if (isInValues) break;
        isInValues = word === 'values';
      } else if (firstRowEnd >= 0 && lexeme.end - position === 6)
        hasQuery ||= text.slice(position, lexeme.end).toLowerCase() === 'select';
    } else if (lexeme.kind === 'symbol') {
      const code = text.charCodeAt(position);
      if (code === 40) depth++;
      else if (code === 41) {
        depth--;
        if (depth === 0 && isInValues) {
          rowCount++;
          if (firstRowEnd < 0) firstRowEnd = lexeme.end;
          lastRowEnd = lexeme.end;
        }
      }
    }
    position = lexeme.end;
  }
  if (firstRowEnd < 0) return undefined;
  const left = firstRowEnd;
  const skipped = lastRowEnd - firstRowEnd;
  return {
    text: text.slice(0, left) + text.slice(lastRowEnd),
    at: (offset) => (offset <= left ? offset : offset + skipped),
    rowCount,
    hasQuery,
  };
}
