import type { Span } from '../../core/span.ts';
import type { Problem, StatementText } from '../engine.ts';
import { isSpace, lexemeAt } from './lexer.ts';

/**
 * Words that begin a statement and, at the start of a line, end what an open quote has swallowed.
 *
 * Words that also begin lines inside statements (SELECT, SET, VALUES, WITH, END) are left out.
 */
const RESTART =
  /^(?:alter|analyze|begin|call|comment|commit|copy|create|delete\s+from|do\s+[$']|drop|grant|insert\s+into|lock\s+table|merge\s+into|refresh|reindex|revoke|rollback|truncate|update|vacuum)\b/i;

/** How often the rest of a text may be read again after something in it was left open, and what is always allowed. */
const RECOVERY_READS = 16;
const MIN_RECOVERY_LENGTH = 100_000;

/** Most of a statement's first words that decide how its end is found. */
const HEAD_WORDS = 12;

interface Piece {
  /** -1 while nothing but white space and comments was seen. */
  start: number;
  end: number;
  words: string[];
  /** Offset of each open parenthesis. */
  parentheses: number[];
  /** CASE and BEGIN ATOMIC that wait for their END. */
  blocks: number;
  atomicStart: number;
  lastWord: string;
  copyFrom: 'no' | 'from' | 'stdin';
}

function emptyPiece(): Piece {
  return { start: -1, end: -1, words: [], parentheses: [], blocks: 0, atomicStart: -1, lastWord: '', copyFrom: 'no' };
}

/**
 * Cuts a script into statements; spans lie in `text`. Reads only `within`. Never throws.
 *
 * psql's `\commands` and the data behind COPY ... FROM stdin are pieces of their own, which `parse` calls not analysed.
 * A quote, comment or dollar quote that is never closed ends before the next line that begins with a statement's first
 * word, so that the rest of the file is still read.
 */
export function splitStatements(text: string, within: Span): readonly StatementText[] {
  const limit = Math.min(within.end, text.length);
  const pieces: StatementText[] = [];
  let mayHaveData = true;
  let piece = emptyPiece();
  let position = Math.max(0, within.start);
  if (position === 0 && text.charCodeAt(0) === 0xfeff) position = 1;

  const finish = (unterminated?: {
    readonly message: string;
    readonly offset: number;
    readonly length: number;
  }): void => {
    if (piece.start >= 0) {
      const start = piece.start;
      const problem: Problem | undefined =
        unterminated === undefined
          ? undefined
          : {
              kind: 'syntax',
              message: unterminated.message,
              span: {
                start: unterminated.offset - start,
                end: Math.min(unterminated.offset + unterminated.length, piece.end) - start,
              },
            };
      pieces.push({
        span: { start, end: piece.end },
        text: text.slice(start, piece.end),
        ...(problem === undefined ? {} : { unterminated: problem }),
      });
    }
    piece = emptyPiece();
  };
  const openParenthesis = (): { message: string; offset: number; length: number } | undefined => {
    const offset = piece.parentheses.at(-1);
    return offset === undefined ? undefined : { message: 'This parenthesis is never closed.', offset, length: 1 };
  };

  // Reading on after a recovery costs as much as what is left; a text of nothing but open quotes must not cost its square.
  let budget = RECOVERY_READS * (limit - position) + MIN_RECOVERY_LENGTH;
  const recoverAt = (offset: number): number => {
    budget -= limit - offset;
    return budget < 0 ? limit : recoveryPoint(text, offset, limit);
  };

  for (;;) {
    while (position < limit) {
      const lexeme = lexemeAt(text, position, limit);
      if (lexeme.open) {
        const found = recoverAt(position);
        if (piece.start < 0) piece.start = position;
        piece.end = trimmedEnd(text, position + 1, found);
        finish({ message: openMessage(text, position, lexeme.kind), offset: position, length: 2 });
        position = found;
        continue;
      }
      if (lexeme.kind === 'space' || lexeme.kind === 'comment') {
        position = lexeme.end;
        continue;
      }
      const code = text.charCodeAt(position);
      if (code === 92) {
        finish(openParenthesis());
        const end = lineBreak(text, position, limit);
        const commandEnd = trimmedEnd(text, position + 1, end);
        pieces.push({ span: { start: position, end: commandEnd }, text: text.slice(position, commandEnd) });
        position = end;
        continue;
      }
      if (code === 59 && piece.blocks === 0 && !(isRule(piece.words) && piece.parentheses.length > 0)) {
        const isCopy = piece.copyFrom === 'stdin' && mayHaveData;
        finish(openParenthesis());
        const dataEnd = isCopy ? copyData(text, lexeme.end, limit, pieces) : lexeme.end;
        // Where no line ends the data of this one, none ends that of any later one: looking again would take a square of time.
        if (dataEnd === undefined) mayHaveData = false;
        position = dataEnd ?? lexeme.end;
        continue;
      }
      if (piece.start < 0) piece.start = position;
      piece.end = lexeme.end;
      if (lexeme.kind === 'word') countWord(piece, text.slice(position, lexeme.end).toLowerCase(), position);
      else {
        if (code === 40) piece.parentheses.push(position);
        else if (code === 41) piece.parentheses.pop();
        piece.lastWord = '';
      }
      position = lexeme.end;
    }
    const isAtomic = piece.blocks > 0;
    if (piece.start < 0 || (!isAtomic && !(isRule(piece.words) && piece.parentheses.length > 0))) break;
    // The text ended inside BEGIN ATOMIC or a rule's parentheses: cut before the next statement and go on there.
    const offset = isAtomic ? piece.atomicStart : (piece.parentheses[0] ?? piece.start);
    position = recoverAt(offset);
    if (position < limit) piece.end = trimmedEnd(text, offset + 1, position);
    finish({
      message: isAtomic ? 'This BEGIN ATOMIC has no END.' : 'This parenthesis is never closed.',
      offset,
      length: isAtomic ? 6 : 1,
    });
  }
  finish(openParenthesis());
  return pieces;
}

function countWord(piece: Piece, word: string, position: number): void {
  if (piece.words.length < HEAD_WORDS) piece.words.push(word);
  if (piece.blocks > 0) {
    if (word === 'case' && piece.lastWord !== 'end') piece.blocks++;
    else if (word === 'end') piece.blocks--;
  } else if (word === 'atomic' && piece.lastWord === 'begin' && isRoutine(piece.words)) {
    piece.blocks = 1;
    piece.atomicStart = position;
  }
  if (piece.words[0] === 'copy') {
    if (word === 'from') piece.copyFrom = 'from';
    else if (piece.copyFrom === 'from') piece.copyFrom = word === 'stdin' ? 'stdin' : 'no';
  }
  piece.lastWord = word;
}

function isRule(words: readonly string[]): boolean {
  return words[0] === 'create' && (words[1] === 'rule' || (words[1] === 'or' && words[3] === 'rule'));
}

function isRoutine(words: readonly string[]): boolean {
  const kind = words[1] === 'or' ? words[3] : words[1];
  return words[0] === 'create' && (kind === 'function' || kind === 'procedure');
}

/** Takes the lines up to and with `\.` as one piece, and returns its end; without such a line nothing is data. */
function copyData(text: string, start: number, limit: number, pieces: StatementText[]): number | undefined {
  const dataStart = afterLineBreak(text, start, limit);
  if (dataStart < 0) return start;
  let lineStart = dataStart;
  while (lineStart < limit) {
    const found = text.indexOf('\\.', lineStart);
    if (found < 0 || found + 2 > limit) return undefined;
    const isLineStart = found === dataStart || text.charCodeAt(found - 1) === 10 || text.charCodeAt(found - 1) === 13;
    const after = found + 2 < limit ? text.charCodeAt(found + 2) : 10;
    if (isLineStart && (after === 10 || after === 13)) {
      pieces.push({ span: { start: dataStart, end: found + 2 }, text: text.slice(dataStart, found + 2) });
      return found + 2;
    }
    lineStart = found + 2;
  }
  return undefined;
}

/** Start of the next line when only white space is left in this one; -1 otherwise. */
function afterLineBreak(text: string, start: number, limit: number): number {
  for (let offset = start; offset < limit; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 10) return offset + 1;
    if (code === 13) return text.charCodeAt(offset + 1) === 10 ? offset + 2 : offset + 1;
    if (!isSpace(code)) return -1;
  }
  return -1;
}

function lineBreak(text: string, start: number, limit: number): number {
  let end = start;
  while (end < limit && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end++;
  return end;
}

/** Start of the first later line that begins with a statement's first word; `limit` where there is none. */
function recoveryPoint(text: string, start: number, limit: number): number {
  let offset = lineBreak(text, start, limit);
  while (offset < limit) {
    offset++;
    if (RESTART.test(text.slice(offset, Math.min(limit, offset + 24)))) return offset;
    offset = lineBreak(text, offset, limit);
  }
  return limit;
}

function trimmedEnd(text: string, least: number, end: number): number {
  let trimmed = end;
  while (trimmed > least && isSpace(text.charCodeAt(trimmed - 1))) trimmed--;
  return trimmed;
}

function openMessage(text: string, start: number, kind: string): string {
  if (kind === 'comment') return 'This comment is never closed: "*/" is missing.';
  if (kind === 'quoted') return 'This quoted name is never closed: a double quote is missing.';
  if (kind === 'dollar')
    return `This dollar quote is never closed: "${/^\$[^$]*\$/.exec(text.slice(start, start + 80))?.[0] ?? '$$'}" is missing.`;
  return 'This string is never closed: a quote is missing.';
}
