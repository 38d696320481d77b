/**
 * What a database reads of SQL: the text without comments, and white space only where words would run together.
 *
 * What is quoted stays as it is: '...', "...", `...`, [...] is left to the words in it, and $tag$...$tag$. An unfinished
 * quote or comment keeps the rest as it is, so that no edit in it goes unseen.
 */
export function sqlWords(text: string): string {
  let words = '';
  let isApart = false;
  const add = (part: string): void => {
    if (isApart && WORD_END.test(words) && WORD_START.test(part)) words += ' ';
    isApart = false;
    words += part;
  };
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0] ?? text.slice(at, at + 1);
    at += token.length;
    if (/^\s/.test(token) || token.startsWith('--')) {
      isApart = true;
      continue;
    }
    if (token === '/*') {
      const end = endOfComment(text, at);
      if (end === undefined) return words + text.slice(at - token.length);
      at = end;
      isApart = true;
      continue;
    }
    const dollar = DOLLAR.test(token) ? text.indexOf(token, at) : undefined;
    const end =
      dollar !== undefined
        ? dollar === -1
          ? undefined
          : dollar + token.length
        : QUOTES.includes(token)
          ? endOfQuote(text, at, token, /(?:^|[^A-Za-z0-9_$])[eE]$/.test(words) && !isApart)
          : at;
    if (end === undefined) return words + text.slice(at - token.length);
    add(token + text.slice(at, end));
    at = end;
  }
  return words;
}

const WORD_END = /[\p{L}\p{N}_$'"`]$/u;
const WORD_START = /^[\p{L}\p{N}_$'"`]/u;
const QUOTES: readonly string[] = ["'", '"', '`'];
const DOLLAR = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$$/u;
/** White space, a line comment, the beginning of a block comment, a dollar quote's mark, a word, or one other character. */
const TOKEN = /\s+|--[^\n\r]*|\/\*|\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$|[\p{L}\p{N}_][\p{L}\p{N}_$]*|[^]/uy;

/** Offset behind the comment that begins before `at`; PostgreSQL nests them. */
function endOfComment(text: string, at: number): number | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  for (let depth = 1; ; ) {
    const found = mark.exec(text);
    if (found === null) return undefined;
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
}

/** Offset behind the quote that begins before `at`; `escapes`: a backslash takes the next character with it. */
function endOfQuote(text: string, at: number, quote: string, escapes: boolean): number | undefined {
  for (let next = at; next < text.length; next++) {
    if (escapes && text[next] === '\\') next++;
    else if (text[next] === quote) {
      if (text[next + 1] !== quote) return next + 1;
      next++;
    }
  }
  return undefined;
}
