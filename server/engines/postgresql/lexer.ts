/** Kinds of PostgreSQL tokens, as far as ranges need them apart. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'dollar' | 'number' | 'symbol';

/** One token, in UTF-16 offsets of the text that was read. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /**
   * A `word` in lower case, a `quoted` name without its quotes, a `symbol` as written; empty for strings and numbers,
   * whose meaning the parser gives.
   */
  readonly value: string;
}

/** Where the lexer stands after one token or one stretch of white space; `end` is the text's end for an open token. */
export interface Lexeme {
  readonly kind: TokenKind | 'space' | 'comment';
  readonly end: number;
  /** A string, name, comment or dollar quote that the text ends in. */
  readonly open: boolean;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const QUOTE = 39;
const STAR = 42;
const MINUS = 45;
const SLASH = 47;
const BACKSLASH = 92;
const LAST_ASCII = 127;

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Whether a code unit may begin a name: letters, `_` and everything outside ASCII. */
function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}

/** Whether a code unit may go on in a name. */
function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code) || code === DOLLAR;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * Reads what stands at `start`, which lies before `limit`. Never reads at or behind `limit`.
 *
 * Source of the lexical rules: PostgreSQL manual, "Lexical Structure".
 */
export function lexemeAt(text: string, start: number, limit: number): Lexeme {
  const code = text.charCodeAt(start);
  if (isSpace(code)) return { kind: 'space', end: spaceEnd(text, start, limit), open: false };
  const next = start + 1 < limit ? text.charCodeAt(start + 1) : -1;
  if (code === MINUS && next === MINUS) return { kind: 'comment', end: lineEnd(text, start, limit), open: false };
  if (code === SLASH && next === STAR) return blockComment(text, start, limit);
  if (code === QUOTE) return quoted(text, start, limit, 'string', QUOTE, false);
  if (code === DOUBLE_QUOTE) return quoted(text, start, limit, 'quoted', DOUBLE_QUOTE, false);
  if (code === DOLLAR) return dollar(text, start, limit);
  if (isDigit(code) || (code === 46 && isDigit(next)))
    return { kind: 'number', end: numberEnd(text, start, limit), open: false };
  if (!isNameStart(code))
    return { kind: 'symbol', end: code === 58 && next === 58 ? start + 2 : start + 1, open: false };
  if (next === QUOTE && (code | 32) === 101) return quoted(text, start + 1, limit, 'string', QUOTE, true);
  if (next === QUOTE && ((code | 32) === 98 || (code | 32) === 120 || (code | 32) === 110))
    return quoted(text, start + 1, limit, 'string', QUOTE, false);
  if ((code | 32) === 117 && next === 38 && start + 2 < limit) {
    const third = text.charCodeAt(start + 2);
    if (third === QUOTE) return quoted(text, start + 2, limit, 'string', QUOTE, false);
    if (third === DOUBLE_QUOTE) return quoted(text, start + 2, limit, 'quoted', DOUBLE_QUOTE, false);
  }
  let end = start + 1;
  while (end < limit && isNamePart(text.charCodeAt(end))) end++;
  return { kind: 'word', end, open: false };
}

/** Tokens of a text without white space and comments; an open token reaches to the end. */
export function tokenize(text: string, start = 0, limit = text.length): readonly Token[] {
  const tokens: Token[] = [];
  let position = start;
  while (position < limit) {
    const lexeme = lexemeAt(text, position, limit);
    if (lexeme.kind !== 'space' && lexeme.kind !== 'comment') {
      tokens.push({
        kind: lexeme.kind,
        start: position,
        end: lexeme.end,
        value: tokenValue(text, position, lexeme.end, lexeme.kind),
      });
    }
    position = lexeme.end;
  }
  return tokens;
}

function tokenValue(text: string, start: number, end: number, kind: TokenKind): string {
  if (kind === 'word') return foldName(text.slice(start, end));
  if (kind === 'symbol') return text.slice(start, end);
  if (kind !== 'quoted') return '';
  const first = text.charCodeAt(start);
  if (first === DOUBLE_QUOTE) return text.slice(start + 1, end - 1).replaceAll('""', '"');
  return text
    .slice(start + 3, end - 1)
    .replaceAll('""', '"')
    .replace(/\\(?:\+([0-9a-f]{6})|([0-9a-f]{4})|(\\))/gi, (_, six: string, four: string, slash: string) =>
      slash === undefined ? String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(six ?? four, 16))) : '\\',
    );
}

/** Lower case as PostgreSQL folds unquoted names in a UTF-8 database: ASCII letters only. */
function foldName(word: string): string {
  for (let index = 0; index < word.length; index++)
    if (word.charCodeAt(index) > LAST_ASCII) return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  // Nearly every word of a migration: what JavaScript folds of ASCII is what PostgreSQL folds.
  return word.toLowerCase();
}

function spaceEnd(text: string, start: number, limit: number): number {
  let end = start + 1;
  while (end < limit && isSpace(text.charCodeAt(end))) end++;
  return end;
}

function lineEnd(text: string, start: number, limit: number): number {
  let end = start;
  while (end < limit) {
    const code = text.charCodeAt(end);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) break;
    end++;
  }
  return end;
}

function blockComment(text: string, start: number, limit: number): Lexeme {
  let depth = 1;
  let end = start + 2;
  while (end < limit) {
    const code = text.charCodeAt(end);
    const next = end + 1 < limit ? text.charCodeAt(end + 1) : -1;
    if (code === STAR && next === SLASH) {
      end += 2;
      depth--;
      if (depth === 0) return { kind: 'comment', end, open: false };
    } else if (code === SLASH && next === STAR) {
      end += 2;
      depth++;
    } else end++;
  }
  return { kind: 'comment', end: limit, open: true };
}

function quoted(
  text: string,
  quoteStart: number,
  limit: number,
  kind: 'string' | 'quoted',
  quote: number,
  escapes: boolean,
): Lexeme {
  let end = quoteStart + 1;
  while (end < limit) {
    const code = text.charCodeAt(end);
    if (escapes && code === BACKSLASH) end += 2;
    else if (code !== quote) end++;
    else if (end + 1 < limit && text.charCodeAt(end + 1) === quote) end += 2;
    else {
      const going = escapes ? continuation(text, end + 1, limit) : -1;
      if (going < 0) return { kind, end: end + 1, open: false };
      end = going;
    }
  }
  return { kind, end: limit, open: true };
}

/** Offset behind the opening quote of an escape string that goes on in a later line; -1 where it does not. */
function continuation(text: string, start: number, limit: number): number {
  let hasLineBreak = false;
  for (let offset = start; offset < limit; offset++) {
    const code = text.charCodeAt(offset);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) hasLineBreak = true;
    else if (code === QUOTE && hasLineBreak) return offset + 1;
    else if (!isSpace(code)) return -1;
  }
  return -1;
}

function dollar(text: string, start: number, limit: number): Lexeme {
  let end = start + 1;
  if (end < limit && isDigit(text.charCodeAt(end))) {
    while (end < limit && isDigit(text.charCodeAt(end))) end++;
    return { kind: 'symbol', end, open: false };
  }
  if (end < limit && isNameStart(text.charCodeAt(end))) {
    end++;
    while (end < limit && text.charCodeAt(end) !== DOLLAR && isNamePart(text.charCodeAt(end))) end++;
  }
  if (end >= limit || text.charCodeAt(end) !== DOLLAR) return { kind: 'symbol', end: start + 1, open: false };
  const tag = text.slice(start, end + 1);
  const close = text.indexOf(tag, end + 1);
  if (close < 0 || close + tag.length > limit) return { kind: 'dollar', end: limit, open: true };
  return { kind: 'dollar', end: close + tag.length, open: false };
}

function numberEnd(text: string, start: number, limit: number): number {
  let end = start;
  while (end < limit) {
    const code = text.charCodeAt(end);
    const isExponentSign =
      (code === 43 || code === MINUS) &&
      end > start &&
      (text.charCodeAt(end - 1) | 32) === 101 &&
      !/^0x/i.test(text.slice(start, start + 2));
    if (code === 46 && text.charCodeAt(end + 1) === 46) break;
    if (!isNamePart(code) && code !== 46 && !isExponentSign) break;
    end++;
  }
  return Math.max(end, start + 1);
}
