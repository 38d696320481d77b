/** UTF-16 units from which on an INSERT's rows are counted instead of parsed: about 10 ms of parsing. */
const LARGE_INSERT_LENGTH = 64 * 1024;

/** A long INSERT ... VALUES with its first row only. */
interface CompactInsert {
  readonly text: string;
  /** Offset in the whole statement of an offset in `text`. */
  readonly at: (offset: number) => number;
  readonly rowCount: number;
  /** Whether a row that was left out holds SELECT, so that it may read other tables. */
  readonly hasQuery: boolean;
}

/** A long INSERT ... VALUES with its first row only, and how many there were; undefined for anything else. Time is linear. */
export function compactInsert(text: string): CompactInsert | undefined {
  if (text.length < LARGE_INSERT_LENGTH || !/^(?:insert|replace)\s/i.test(text)) return undefined;
  let depth = 0;
  let rowCount = 0;
  let isInValues = false;
  let firstEnd = -1;
  let lastEnd = -1;
  let hasQuery = false;
  // White space and commas stand alone; a quoted text or name, a comment, a word and any other character are one token each.
  const token =
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[()]|['"`[]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '(') depth++;
    else if (found === ')') {
      depth--;
      if (depth !== 0 || !isInValues) continue;
      rowCount++;
      if (firstEnd < 0) firstEnd = token.lastIndex;
      lastEnd = token.lastIndex;
    } else if (found.length === 1 && /['"`[]/.test(found)) return undefined;
    else if (depth === 0 && /^[A-Za-z_]/.test(found)) {
      if (isInValues) break;
      if (found.length === 6 && found.toLowerCase() === 'select') return undefined;
      isInValues = found.length === 6 && found.toLowerCase() === 'values';
    } else if (firstEnd >= 0 && found.length === 6) hasQuery ||= found.toLowerCase() === 'select';
  }
  if (firstEnd < 0) return undefined;
  const skipped = lastEnd - firstEnd;
  return {
    text: text.slice(0, firstEnd) + text.slice(lastEnd),
    at: (offset) => (offset <= firstEnd ? offset : offset + skipped),
    rowCount,
    hasQuery,
  };
}
