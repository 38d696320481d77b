import { type AstNode, keywordDefs, type Stmt, withOptions } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';

/** Numbers may have `_` between digits since SQLite 3.46; the parser takes that only when told to. */
const parser = withOptions({ digitSeparator: '_' });

const MOST_MESSAGE_LENGTH = 200;

/** What the parser says about one statement, in UTF-16 offsets. */
export type Syntax =
  | { readonly kind: 'parsed'; readonly statement: Stmt }
  | { readonly kind: 'refused'; readonly message: string; readonly span: Span };

/** Parses exactly one statement with the grammar of SQLite 3.53. Never throws. */
export function parseSyntax(text: string): Syntax {
  const result = parser.parseStmt(text);
  if (result.status === 'ok') return { kind: 'parsed', statement: result.root };
  const [first] = result.errors;
  if (first === undefined) return { kind: 'refused', message: 'syntax error', span: { start: 0, end: text.length } };
  const start = Math.min(first.span.offset, text.length);
  const hint = first.hints?.find((candidate) => candidate.message !== 'expected ;')?.message;
  const message = hint === undefined ? first.message : `${first.message}: ${hint}`;
  return {
    // The parser repeats what it does not understand, however long that is.
    kind: 'refused',
    message: message.length > MOST_MESSAGE_LENGTH ? `${message.slice(0, MOST_MESSAGE_LENGTH)}…` : message,
    span: { start, end: Math.min(text.length, start + first.span.length) },
  };
}

/** Every word that SQLite reserves or that has a meaning in some place, upper case. */
export const KEYWORDS: ReadonlySet<string> = new Set(keywordDefs.keywords.map((keyword) => keyword.name));

/** Range of a node, relative to the statement. Wrong for items of lists, whose range begins at the list. */
export function nodeSpan(node: Pick<AstNode, 'span'>): Span {
  return { start: node.span.offset, end: node.span.offset + node.span.length };
}
