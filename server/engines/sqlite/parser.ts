import { SQLITE } from './product.ts';
import { mapSpans } from '../../core/map-spans.ts';
import { parenthesisDepth } from '../../core/parenthesis-depth.ts';
import type { Operation } from '../../model/operation.ts';
import type { StatementBody } from '../engine.ts';
import { compactInsert } from './large-insert.ts';
import { foreignWords } from './foreign-words.ts';
import { lowerStatement } from './lower.ts';
import { neverTaken } from './never-taken.ts';
import { parseSyntax } from './syntax.ts';
import { neededVersions } from './version-needs.ts';

/**
 * UTF-16 units of a CREATE TABLE beyond which it is not analysed: the parser's time grows with their square, and SQLite
 * itself takes 2,000 columns. Source: sqlite.org/limits.html.
 */
const MAX_TABLE_LENGTH = 64 * 1024;

/** UTF-16 units of any other statement beyond which it is not analysed: about 200 ms of parsing. */
const MAX_STATEMENT_LENGTH = 1024 * 1024;

/** Parentheses in each other beyond which a statement is not parsed. SQLite's own limit on expressions is 1000. Source: sqlite.org/limits.html. */
const MAX_PARENTHESES = 2000;

/**
 * Reads one statement. Never throws.
 *
 * A text that the grammar refuses has one problem and no operations; a dot-command of the sqlite3 shell is not analysed.
 */
export function parseStatement(text: string): StatementBody {
  if (/^\.\w/.test(text)) return readShellCommand(text);
  try {
    const compact = compactInsert(text);
    if (compact === undefined) {
      const isTooLarge =
        text.length >
        (/^create\s+(?:temp\s+|temporary\s+)?table\b/i.test(text) ? MAX_TABLE_LENGTH : MAX_STATEMENT_LENGTH);
      if (!isTooLarge && parenthesisDepth(text) > MAX_PARENTHESES)
        return notAnalysed(text, 'This statement is nested too deeply to be analysed.');
      return isTooLarge
        ? notAnalysed(text, `Not analysed: too large to analyse: ${text.length} characters in one statement.`)
        : read(text);
    }
    const body = read(compact.text);
    const span = { start: 0, end: text.length };
    const problems = mapSpans(body.problems, compact.at);
    return {
      operations: mapSpans(body.operations, compact.at).map(
        (operation): Operation =>
          operation.kind === 'insert-rows' ? { ...operation, span, rowCount: compact.rowCount } : operation,
      ),
      problems: compact.hasQuery
        ? [
            ...problems,
            {
              kind: 'not-analysed',
              message: 'Not analysed: this statement is large, and only its first row was read.',
              span,
            },
          ]
        : problems,
    };
  } catch (cause) {
    // Lowering goes down the tree by recursion, so that a text of thousands of nested parentheses overflows the stack.
    if (!(cause instanceof RangeError)) throw cause;
    return notAnalysed(text, 'This statement is nested too deeply to be analysed.');
  }
}

function read(text: string): StatementBody {
  const syntax = parseSyntax(text);
  if (syntax.kind === 'refused') {
    const { message, span } = foreignWords(text, syntax.span) ?? syntax;
    return { operations: [], problems: [{ kind: 'syntax', message, span }] };
  }
  const needs = neededVersions(text, syntax.statement);
  const never = neverTaken(syntax.statement);
  const operation = lowerStatement(text, { start: 0, end: text.length }, syntax.statement);
  return {
    operations: [
      needs.length === 0 && never === undefined
        ? operation
        : {
            ...operation,
            ...(needs.length === 0 ? {} : { needs }),
            ...(never === undefined ? {} : { neverTaken: never }),
          },
    ],
    problems: [],
  };
}

/** Commands of the sqlite3 shell that print or set how it works. Source: https://sqlite.org/cli.html, "Special commands to sqlite3". */
const WITHOUT_EFFECT =
  /^\.(?:bail|changes|databases|echo|explain|headers?|help|indexes|mode|nullvalue|once|output|print|prompt|schema|separator|show|stats|tables|timeout|timer|width)\b/;

function readShellCommand(text: string): StatementBody {
  const command = text.split(/\s/, 1)[0] ?? text;
  const client = SQLITE.client?.name ?? '';
  const body = notAnalysed(text, `"${command}" is a command of the ${client} shell: what it does is not analysed.`);
  const isPlain = WITHOUT_EFFECT.test(text);
  return {
    operations: body.operations.map((operation) =>
      operation.kind === 'opaque'
        ? { ...operation, client, command, ...(isPlain ? { keepsSchema: true as const } : {}) }
        : operation,
    ),
    problems: isPlain ? [] : body.problems,
  };
}

function notAnalysed(text: string, message: string): StatementBody {
  const span = { start: 0, end: text.length };
  return {
    operations: [{ kind: 'opaque', span, reason: message }],
    problems: [{ kind: 'not-analysed', message, span }],
  };
}
