import { tokenize } from '../../engines/postgresql/lexer.ts';

/** A word of a statement that stands in no parentheses, quotes or comments. */
export interface OuterWord {
  /** In lower case. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** The words that a statement's clauses begin with, and all others outside parentheses, in order. */
export function outerWords(sql: string): readonly OuterWord[] {
  const words: OuterWord[] = [];
  let depth = 0;
  for (const { kind, value, start, end } of tokenize(sql)) {
    if (kind === 'symbol' && /^[([]$/.test(value)) depth++;
    else if (kind === 'symbol' && /^[)\]]$/.test(value)) depth--;
    else if (kind === 'word' && depth === 0) words.push({ word: value, start, end });
  }
  return words;
}

/** A part of a statement without what stands behind its last token, so that a comment there hides nothing that follows. */
export function upToToken(sql: string, start: number, end: number): string {
  return sql.slice(start, tokenize(sql, start, end).at(-1)?.end ?? start);
}
