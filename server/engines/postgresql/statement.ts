import { mentionsIn, namedObjectsIn } from './mentions.ts';
import { neverTaken } from './never-taken.ts';
import { neededVersions } from './version-needs.ts';
import { mapSpans } from '../../core/map-spans.ts';
import { parenthesisDepth } from '../../core/parenthesis-depth.ts';
import type { Span } from '../../core/span.ts';
import type { InsertRows, Mention, NamedObject, Operation, VersionNeed } from '../../model/operation.ts';
import type { Problem, StatementBody } from '../engine.ts';
import { opaqueIn } from './body.ts';
import { compactInsert, MAX_STATEMENT_LENGTH } from './large-insert.ts';
import { readClientCommand } from './client-command.ts';
import type { ParseOutcome } from './parser.ts';
import { POSTGRESQL } from './product.ts';
import { directRegion, type Region } from './region.ts';
import { type Frontend, Source } from './source.ts';

/** Parentheses in each other beyond which the parser's stack is at risk. PostgreSQL's own limit is of this order. */
const MAX_PARENTHESES = 2000;

/** Block comments in each other beyond which a text is not parsed: the parser's time grows with the square of their number. */
const MAX_COMMENTS = 500;

/** Reads one statement, as `splitStatements` cuts it. Never throws; spans are relative to its start. */
export function readStatement(frontend: Frontend, text: string): StatementBody {
  const whole = directRegion(text, 0, text.length);
  // Not trim(): to JavaScript a byte-order mark is white space, to PostgreSQL it is a name.
  if (/^[\t-\r ]*$/.test(text)) return { operations: [], problems: [] };
  if (isCopyData(text)) {
    const client = POSTGRESQL.client?.name ?? '';
    return {
      operations: [{ ...opaqueIn(whole, 'rows for COPY ... FROM stdin are data'), client, keepsSchema: true }],
      problems: [],
    };
  }
  if (text.startsWith('\\') && !text.includes('\n'))
    return readClientCommand(whole, (sql) => read(frontend, directRegion(sql, 0, sql.length)));
  const zero = text.indexOf('\0');
  if (zero >= 0) return refused(whole, 'this character (U+0000) cannot stand in a statement', zero, 1);
  try {
    const compact = compactInsert(text);
    if (compact !== undefined) return readCompacted(frontend, whole, compact);
    if (text.length > MAX_STATEMENT_LENGTH)
      return notAnalysed(whole, `too large to analyse: ${text.length} characters in one statement`);
    if (parenthesisDepth(text) > MAX_PARENTHESES || commentDepth(text) > MAX_COMMENTS)
      return notAnalysed(whole, 'nested too deeply to analyse');
    return read(frontend, whole);
  } catch (cause) {
    // Lowering follows the tree's depth, so a long chain of operators may overflow the stack after the parser took it.
    if (cause instanceof RangeError) return notAnalysed(whole, 'nested too deeply to analyse');
    throw cause;
  }
}

function read(frontend: Frontend, region: Region): StatementBody {
  const outcome = frontend.parser.parse(region.text);
  if (outcome.kind === 'exhausted') return notAnalysed(region, 'nested too deeply to analyse');
  if (outcome.kind === 'refused') return refusedBy(region, outcome);
  const source = new Source(region.text, frontend, outcome.offsets, 0);
  const needs = neededVersions(outcome.nodes, { start: 0, end: region.text.length });
  const operations = withFacts(
    outcome.nodes.flatMap((node) => frontend.lower(source, node)),
    needs,
    neverTaken(outcome.nodes),
    mentionsIn(source, outcome.nodes),
    namedObjectsIn(source, outcome.nodes),
  );
  const unknown = operations.flatMap((operation): readonly Problem[] =>
    operation.kind === 'opaque'
      ? [{ kind: 'not-analysed', message: `Not analysed: ${operation.reason}.`, span: operation.span }]
      : [],
  );
  return { operations, problems: unknown };
}

/** What holds for a statement as a whole is said once, at the first of its operations. */
function withFacts(
  operations: readonly Operation[],
  needs: readonly VersionNeed[],
  wrong: string | undefined,
  mentions: readonly Mention[],
  namedObjects: readonly NamedObject[],
): readonly Operation[] {
  const [first, ...others] = operations;
  return first === undefined ||
    needs.length + mentions.length + namedObjects.length + (wrong === undefined ? 0 : 1) === 0
    ? operations
    : [
        {
          ...first,
          ...(needs.length === 0 ? {} : { needs: needs.map((need) => ({ ...need, span: first.span })) }),
          ...(wrong === undefined ? {} : { neverTaken: wrong }),
          ...(mentions.length === 0 ? {} : { mentions }),
          ...(namedObjects.length === 0 ? {} : { namedObjects }),
        },
        ...others,
      ];
}

/** A long INSERT, of which all but the first row were left out. */
function readCompacted(
  frontend: Frontend,
  whole: Region,
  compact: Region & { readonly rowCount: number; readonly hasQuery: boolean },
): StatementBody {
  const body = read(frontend, compact);
  const span = { start: 0, end: whole.text.length };
  const operations = mapSpans(body.operations, compact.at).map(
    (operation): Operation =>
      operation.kind === 'insert-rows' ? wholeInsert(operation, span, compact.rowCount) : operation,
  );
  const problems = mapSpans(body.problems, compact.at);
  const message = 'Not analysed: this statement is large, and only its first row was read.';
  return { operations, problems: compact.hasQuery ? [...problems, { kind: 'not-analysed', message, span }] : problems };
}

/** What the first row gives says nothing of the others. */
function wholeInsert({ given: _, ...operation }: InsertRows, span: Span, rowCount: number): InsertRows {
  return { ...operation, span, rowCount };
}

function refusedBy(region: Region, outcome: Extract<ParseOutcome, { kind: 'refused' }>): StatementBody {
  const { text } = region;
  const offset = Math.min(outcome.offset, text.length);
  // An error at the end of the text is shown on its last character, since an empty range is not seen.
  const start = offset >= text.length ? Math.max(0, text.length - 1) : offset;
  return refused(region, outcome.message, start, offset >= text.length ? 1 : wordLength(text, offset));
}

function refused(region: Region, message: string, start: number, length: number): StatementBody {
  const span = { start, end: Math.min(region.text.length, start + length) };
  return {
    operations: [opaqueIn(region, 'it has a syntax error')],
    problems: [{ kind: 'syntax', message: sentence(message), span }],
  };
}

function notAnalysed(region: Region, reason: string): StatementBody {
  return {
    operations: [opaqueIn(region, reason)],
    problems: [
      { kind: 'not-analysed', message: `Not analysed: ${reason}.`, span: { start: 0, end: region.text.length } },
    ],
  };
}

/** The parser repeats what it does not understand, however long that is. */
const MOST_MESSAGE_LENGTH = 200;

function sentence(whole: string): string {
  const message = whole.length > MOST_MESSAGE_LENGTH ? `${whole.slice(0, MOST_MESSAGE_LENGTH)}…` : whole;
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** Data ends in a line that holds `\.` alone; no SQL statement does. */
function isCopyData(text: string): boolean {
  return text.endsWith('\\.') && (text.length === 2 || text.at(-3) === '\n' || text.at(-3) === '\r');
}

/** How deep block comments stand in each other. Texts that only look like comments count too: they are not that many. */
function commentDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let offset = text.indexOf('*'); offset >= 0; offset = text.indexOf('*', offset + 1)) {
    if (text.charCodeAt(offset - 1) === 47) deepest = Math.max(deepest, ++depth);
    else if (text.charCodeAt(offset + 1) === 47) depth = Math.max(0, depth - 1);
  }
  return deepest;
}

/** Length of the word at the offset, at least 1. */
function wordLength(text: string, offset: number): number {
  return Math.max(1, /^[\p{L}\p{N}_$]+/u.exec(text.slice(offset, offset + 64))?.[0].length ?? 1);
}
