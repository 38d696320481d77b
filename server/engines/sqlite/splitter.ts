import type { Span } from '../../core/span.ts';
import type { Problem, StatementText } from '../engine.ts';

/**
 * Words that begin a statement and, at the start of a line, end what an open quote has swallowed.
 *
 * Words that also begin lines inside statements (SELECT, SET, VALUES, WITH, END) are left out.
 */
const RESTART =
  /^[ \t]*(?:alter\s+table|analyze|attach|begin|commit|create|delete\s+from|detach|drop|explain|insert\s+(?:into|or)|pragma|reindex|release|replace\s+into|rollback|savepoint|update|vacuum)\b/gim;

/** Statements that a trigger's body cannot hold: one of these behind a semicolon shows that the trigger's END is missing. */
const NEVER_IN_TRIGGER = new Set([
  'alter',
  'analyze',
  'attach',
  'begin',
  'commit',
  'create',
  'detach',
  'drop',
  'explain',
  'pragma',
  'reindex',
  'release',
  'rollback',
  'savepoint',
  'vacuum',
]);

/** Words that may stand between EXPLAIN or CREATE and TRIGGER. */
const TRIGGER_PREFIX = new Set(['explain', 'query', 'plan', 'create', 'temp', 'temporary']);

interface Piece {
  readonly start: number;
  end: number;
  /** Undecided until a word comes that is no prefix of CREATE TRIGGER. */
  kind: 'undecided' | 'trigger' | 'plain';
  triggerStart: number;
  /** Last tokens: a word in lower case, `;`, or empty for anything else. */
  last: string;
  beforeLast: string;
}

/**
 * Cuts a script into statements; spans lie in `text`. Reads only `within`. Never throws; linear in the text's length.
 *
 * The sqlite3 shell's dot-commands are pieces of their own, which `parse` calls not analysed. A trigger ends at the
 * semicolon behind `; END`, which is how sqlite3_complete() finds it. A quote or comment that is never closed ends before
 * the next line that begins with a statement's first words, so that the rest of the file is still read.
 */
export function splitStatements(text: string, within: Span): readonly StatementText[] {
  const base = Math.max(0, Math.min(within.start, text.length));
  const body = text.slice(base, Math.max(base, Math.min(within.end, text.length)));
  return new Splitter(body, base).run();
}

class Splitter {
  readonly #text: string;
  readonly #base: number;
  readonly #pieces: StatementText[] = [];
  /** Closers that do not occur behind some place, so that they are not searched for again. */
  readonly #missing = new Set<string>();
  #piece: Piece | undefined;

  constructor(text: string, base: number) {
    this.#text = text;
    this.#base = base;
  }

  run(): readonly StatementText[] {
    const text = this.#text;
    let position = this.#base === 0 && text.charCodeAt(0) === 0xfeff ? 1 : 0;
    while (position < text.length) {
      const code = text.charCodeAt(position);
      if (isSpace(code)) position++;
      else if (code === 45 && text.charCodeAt(position + 1) === 45)
        position = this.#closing('\n', position + 2) ?? text.length;
      else if (code === 47 && text.charCodeAt(position + 1) === 42)
        position = this.#closing('*/', position + 2) ?? this.#recover(position, 'This comment is never closed.', 2);
      else if (code === 59) position = this.#semicolon(position);
      else if (code === 46 && this.#piece === undefined && this.#isLineStart(position))
        position = this.#dotCommand(position);
      else position = this.#token(position, code);
    }
    this.#finish(this.#piece?.kind === 'trigger' && !this.#isTriggerOver() ? this.#missingEnd(this.#piece) : undefined);
    return this.#pieces;
  }

  #token(position: number, code: number): number {
    if (code === 39 || code === 34 || code === 96 || code === 91) return this.#quoted(position, code);
    const end = wordEnd(this.#text, position);
    if (end === position) {
      this.#add(position, position + 1, '');
      return position + 1;
    }
    const word = end - position > 10 ? '' : this.#text.slice(position, end).toLowerCase();
    if (this.#piece?.kind === 'trigger' && this.#piece.last === ';' && NEVER_IN_TRIGGER.has(word))
      this.#finish(this.#missingEnd(this.#piece));
    this.#add(position, end, word);
    return end;
  }

  #quoted(position: number, code: number): number {
    const closer = code === 91 ? ']' : String.fromCharCode(code);
    let end = this.#closing(closer, position + 1);
    // A doubled quote stands for one; brackets have no such form.
    while (end !== undefined && code !== 91 && this.#text.charCodeAt(end) === code)
      end = this.#closing(closer, end + 1);
    if (end === undefined)
      return this.#recover(
        position,
        code === 39 ? 'This text is never closed.' : 'This quoted name is never closed.',
        1,
      );
    this.#add(position, end, '');
    return end;
  }

  /** Offset behind the next `closer`; undefined where there is none. */
  #closing(closer: string, from: number): number | undefined {
    if (this.#missing.has(closer)) return undefined;
    const found = this.#text.indexOf(closer, from);
    if (found >= 0) return found + closer.length;
    this.#missing.add(closer);
    return undefined;
  }

  #add(start: number, end: number, token: string): void {
    this.#piece ??= { start, end, kind: 'undecided', triggerStart: start, last: '', beforeLast: '' };
    const piece = this.#piece;
    piece.end = end;
    piece.beforeLast = piece.last;
    piece.last = token;
    if (piece.kind !== 'undecided') return;
    if (token === 'trigger' && piece.beforeLast !== '' && piece.beforeLast !== 'explain') {
      piece.kind = 'trigger';
      piece.triggerStart = start;
    } else if (!TRIGGER_PREFIX.has(token)) piece.kind = 'plain';
  }

  #semicolon(position: number): number {
    const piece = this.#piece;
    if (piece?.kind === 'trigger' && !this.#isTriggerOver()) this.#add(position, position + 1, ';');
    else this.#finish();
    return position + 1;
  }

  #isTriggerOver(): boolean {
    return this.#piece?.last === 'end' && (this.#piece.beforeLast === ';' || this.#piece.beforeLast === 'begin');
  }

  #isLineStart(position: number): boolean {
    let index = position - 1;
    while (index >= 0 && (this.#text.charCodeAt(index) === 32 || this.#text.charCodeAt(index) === 9)) index--;
    return (
      index < 0 ||
      this.#text.charCodeAt(index) === 10 ||
      this.#text.charCodeAt(index) === 13 ||
      this.#text.charCodeAt(index) === 0xfeff
    );
  }

  #dotCommand(position: number): number {
    const next = this.#closing('\n', position);
    const end = trimmedEnd(this.#text, position + 1, next ?? this.#text.length);
    this.#pieces.push({
      span: { start: this.#base + position, end: this.#base + end },
      text: this.#text.slice(position, end),
    });
    return next ?? this.#text.length;
  }

  #recover(position: number, message: string, length: number): number {
    RESTART.lastIndex = position + length;
    let found = RESTART.exec(this.#text);
    // Behind the opening quote itself is no start of a line.
    while (found !== null && !this.#isLineStart(found.index)) found = RESTART.exec(this.#text);
    const restart = found?.index ?? this.#text.length;
    this.#add(position, trimmedEnd(this.#text, position + length, restart), '');
    this.#finish({ message, offset: position, length });
    return restart;
  }

  #missingEnd(piece: Piece): { readonly message: string; readonly offset: number; readonly length: number } {
    return { message: 'This trigger has no END.', offset: piece.triggerStart, length: 'trigger'.length };
  }

  #finish(unterminated?: { readonly message: string; readonly offset: number; readonly length: number }): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece === undefined) return;
    const problem: Problem | undefined =
      unterminated === undefined
        ? undefined
        : {
            kind: 'syntax',
            message: unterminated.message,
            span: {
              start: unterminated.offset - piece.start,
              end: Math.min(unterminated.offset + unterminated.length, piece.end) - piece.start,
            },
          };
    this.#pieces.push({
      span: { start: this.#base + piece.start, end: this.#base + piece.end },
      text: this.#text.slice(piece.start, piece.end),
      ...(problem === undefined ? {} : { unterminated: problem }),
    });
  }
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** End of the word that begins at the offset; the offset itself where none does. */
function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    const isWord =
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 95 ||
      code === 36 ||
      code >= 128;
    if (!isWord) break;
    end++;
  }
  return end;
}

/** The end of [start, end) without white space at its end, but not before `start`. */
function trimmedEnd(text: string, start: number, end: number): number {
  let result = end;
  while (result > start && isSpace(text.charCodeAt(result - 1))) result--;
  return result;
}
