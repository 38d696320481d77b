import type { Operation } from '../../model/operation.ts';
import type { StatementBody } from '../dialect.ts';
import { lowerStatement } from './lower.ts';
import { parseSyntax } from './syntax.ts';
import { neededVersions } from './version-needs.ts';

/**
 * Reads one statement. Never throws.
 *
 * A text that the grammar refuses has one problem and no operations; a dot-command of the sqlite3 shell is not analysed.
 */
export function parseStatement(text: string): StatementBody {
  const span = { start: 0, end: text.length };
  if (/^\.\w/.test(text)) {
    const message = `"${text.split(/\s/, 1)[0] ?? text}" is a command of the sqlite3 shell: what it does is not analysed.`;
    return { operations: [{ kind: 'opaque', span, reason: message }], problems: [{ kind: 'not-analysed', message, span }] };
  }
  try {
    const syntax = parseSyntax(text);
    if (syntax.kind === 'refused') return { operations: [], problems: [{ kind: 'syntax', message: syntax.message, span: syntax.span }] };
    const needs = neededVersions(text, syntax.statement);
    const operation: Operation = lowerStatement(text, span, syntax.statement);
    return { operations: [needs.length === 0 ? operation : { ...operation, needs }], problems: [] };
  } catch (cause) {
    // Lowering goes down the tree by recursion, so that a text of thousands of nested parentheses overflows the stack.
    if (!(cause instanceof RangeError)) throw cause;
    const message = 'This statement is nested too deeply to be analysed.';
    return { operations: [{ kind: 'opaque', span, reason: message }], problems: [{ kind: 'not-analysed', message, span }] };
  }
}
