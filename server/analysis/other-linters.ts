import { LineIndex } from '../core/line-index.ts';
import type { Span } from '../core/span.ts';
import type { StatementText } from '../engines/engine.ts';
import { OTHER_LINTER_RULES, type OtherLinter } from './other-linter-rules.ts';

/** A comment by which another linter is told to pass over something, and what it passes over here. */
export interface OtherAllow {
  readonly linter: OtherLinter;
  /** Codes of Lockstep's rules. */
  readonly codes: ReadonlySet<string>;
  /** What the comment gives as its reason; empty where it gives none. */
  readonly reason: string;
  readonly wholeFile: boolean;
  /** Of the comment, its marks included. */
  readonly span: Span;
  /** Of a block: the comment that ends it. */
  readonly endSpan?: Span;
}

/** A cheap test: nearly all texts have nothing of the kind. */
const ANY =
  /squawk-ignore|pg(?:ls|t)-ignore|atlas:nolint|eugene:\s*ignore|pgfence-ignore|migrationpilot-disable|pgsafe:ignore|safety[-_]assured/i;

const COMMENT =
  /(?:--|\/\*)[ \t]*(?:(squawk-ignore)(-file)?|(pgls-ignore|pgt-ignore)(-all|-start|-end)?|(atlas:nolint)|(eugene:[ \t]*ignore)|(pgfence-ignore)|(migrationpilot-disable)(-file|-next-line)?|(pgsafe:ignore)(-file)?|(safety[-_]assured)(:start|:end)?)(?![\w-])[ \t]*:?[ \t]*([^\r\n]*)/gi;

/**
 * Comments of other linters in a text. Rules that Lockstep has nothing like are left out.
 *
 * Sources: squawk ("Ignoring rules"), Postgres Language Server ("Suppressions"), Atlas ("nolint"), eugene ("lint report"),
 * pgfence and MigrationPilot (README), pgsafe and diesel-guard (their suppression parsers).
 */
export function readOtherAllows(text: string): readonly OtherAllow[] {
  if (!ANY.test(text)) return [];
  const allows: OtherAllow[] = [];
  const open: { readonly linter: OtherLinter; readonly words: string; readonly span: Span }[] = [];
  for (const match of text.matchAll(COMMENT)) {
    const [
      whole,
      squawk,
      squawkFile,
      language,
      languageKind,
      atlas,
      eugene,
      fence,
      pilot,
      pilotKind,
      safe,
      safeFile,
      diesel,
      dieselKind,
    ] = match;
    const comment = whole.startsWith('/*') ? whole.replace(/\*\/.*$/, '*/') : whole.trimEnd();
    const span = { start: match.index, end: match.index + comment.length };
    const words = (match[14] ?? '').replace(/\*\/.*$/, '').trim();
    const add = (linter: OtherLinter, rules: string, wholeFile: boolean, reason = '', endSpan?: Span): void => {
      const codes = codesOf(linter, rules);
      if (codes.size > 0)
        allows.push({ linter, codes, reason, wholeFile, span, ...(endSpan === undefined ? {} : { endSpan }) });
    };
    if (squawk !== undefined) add('squawk', words, squawkFile !== undefined);
    else if (language !== undefined) {
      const [, rules = '', reason = ''] = /^([^:]*)(?::\s*(.*))?$/.exec(words) ?? [];
      const kind = languageKind?.toLowerCase();
      if (kind === '-start') open.push({ linter: 'Postgres Language Server', words, span });
      else if (kind === '-end') {
        const started = open.findLastIndex(({ words: other }) => flatName(other) === flatName(rules));
        const [start] = started < 0 ? [] : open.splice(started, 1);
        if (start !== undefined) {
          const codes = codesOf('Postgres Language Server', rules);
          if (codes.size > 0)
            allows.push({
              linter: 'Postgres Language Server',
              codes,
              reason: /:\s*(.*)$/.exec(start.words)?.[1] ?? '',
              wholeFile: false,
              span: start.span,
              endSpan: span,
            });
        }
      } else if (kind !== '-all' || isAtTop(text, span.start))
        add('Postgres Language Server', rules, kind === '-all', reason);
    } else if (atlas !== undefined) add('Atlas', words, isHeader(text, span));
    else if (eugene !== undefined) add('eugene', words, false);
    else if (fence !== undefined) add('pgfence', words, false);
    else if (pilot !== undefined) add('MigrationPilot', words, pilotKind?.toLowerCase() === '-file');
    else if (safe !== undefined) {
      const [, rules = '', reason = ''] = /^(\S+(?:,\s*\S+)*)\s*(.*)$/.exec(words) ?? [];
      add('pgsafe', rules, safeFile !== undefined, reason);
    } else if (diesel !== undefined && dieselKind === undefined) add('strong_migrations', '', false, words);
    else if (diesel !== undefined && dieselKind?.toLowerCase() === ':start')
      open.push({ linter: 'diesel-guard', words, span });
    else if (diesel !== undefined) {
      const started = open.findLastIndex(({ linter }) => linter === 'diesel-guard');
      const [start] = started < 0 ? [] : open.splice(started, 1);
      if (start !== undefined)
        allows.push({
          linter: 'diesel-guard',
          codes: codesOf('diesel-guard', ''),
          reason: '',
          wholeFile: false,
          span: start.span,
          endSpan: span,
        });
    }
  }
  return allows;
}

/** Which statements each of the comments is about: those that `place` says for one comment, or those of a block. */
export function othersByStatement(
  others: readonly OtherAllow[],
  statements: readonly { readonly index: number; readonly source: StatementText }[],
  text: string,
): ReadonlyMap<number, readonly OtherAllow[]> {
  const result = new Map<number, OtherAllow[]>();
  const add = (index: number, other: OtherAllow): void => {
    result.set(index, [...(result.get(index) ?? []), other]);
  };
  const lines = new LineIndex(text);
  for (const other of others) {
    const { endSpan, span } = other;
    if (other.wholeFile) for (const statement of statements) add(statement.index, other);
    else if (endSpan !== undefined) {
      for (const { index, source } of statements)
        if (source.span.start >= span.end && source.span.start < endSpan.start) add(index, other);
    } else {
      const line = lines.position(span.start).line;
      const found =
        statements.findLast(
          ({ source }) => source.span.end <= span.start && lines.position(source.span.end).line === line,
        ) ?? statements.find(({ source }) => source.span.end > span.start);
      if (found !== undefined) add(found.index, other);
    }
  }
  return result;
}

/** Edits that put Lockstep's own allow lines in a comment's place, for what it allows in each of the statements. */
export function asOwnLines(
  text: string,
  other: OtherAllow,
  used: readonly { readonly code: string; readonly source: StatementText }[],
): readonly { readonly span: Span; readonly newText: string }[] {
  const reason = other.reason === '' ? `${other.linter} was told so` : other.reason;
  const word = other.wholeFile ? 'allow-file' : 'allow';
  const linesOf = (codes: readonly string[], indent: string): string =>
    [...new Set(codes)].map((code) => `-- lockstep: ${word} ${code} because ${reason}`).join(`\n${indent}`);
  const { endSpan } = other;
  if (endSpan === undefined) {
    const lineStart = text.lastIndexOf('\n', other.span.start - 1) + 1;
    const before = text.slice(lineStart, other.span.start);
    const isOwnLine = before.trim() === '';
    // Behind SQL only one line comment fits, and what follows a block comment would become a part of it.
    const rest = /^[^\r\n]*/.exec(text.slice(other.span.end))?.[0].trim() ?? '';
    const codes = [...new Set(used.map(({ code }) => code))];
    if (rest !== '' || (!isOwnLine && codes.length > 1)) return [];
    return [{ span: other.span, newText: linesOf(codes, isOwnLine ? before : '') }];
  }
  const sources = [...new Set(used.map(({ source }) => source))];
  return [
    { span: wholeLine(text, other.span), newText: '' },
    ...sources.map((source) => {
      const { start } = source.span;
      const indent = /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
      const codes = used.filter((each) => each.source === source).map(({ code }) => code);
      return { span: { start, end: start }, newText: `${linesOf(codes, indent)}\n${indent}` };
    }),
    { span: wholeLine(text, endSpan), newText: '' },
  ];
}

/** A comment with the line break behind it, where it stands alone on its line. */
function wholeLine(text: string, { start, end }: Span): Span {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const rest = /^[ \t]*(?:\r\n|\n|\r|$)/.exec(text.slice(end));
  return text.slice(lineStart, start).trim() === '' && rest !== null
    ? { start: lineStart, end: end + rest[0].length }
    : { start, end };
}

/** Codes that the rules of a comment stand for; without a rule all that the linter has. */
function codesOf(linter: OtherLinter, rules: string): ReadonlySet<string> {
  const table: Readonly<Record<string, readonly string[]>> = OTHER_LINTER_RULES[linter];
  const names = namesOf(rules);
  const isAll = names.length === 0 || names.some((name) => name === 'lint' || name === 'lint/safety');
  return new Set(
    isAll ? Object.values(table).flat() : names.flatMap((name) => table[name.slice(name.lastIndexOf('/') + 1)] ?? []),
  );
}

/** Rules as they are written: divided by commas or spaces, in brackets or not. */
function namesOf(rules: string): readonly string[] {
  return (rules.split(':')[0] ?? '')
    .replaceAll(/[[\]()]/g, ' ')
    .split(/[\s,]+/)
    .filter((name) => name !== '');
}

/** The first rule without its groups: `lint/safety/banDropTable`, `lint/banDropTable` and `banDropTable` are one. */
function flatName(rules: string): string | undefined {
  return namesOf(rules)[0]?.split('/').at(-1);
}

/** Whether nothing but comments of the kind stands before one that is about a whole file: others are passed over. */
function isAtTop(text: string, start: number): boolean {
  return /^(?:[^\S\r\n]*(?:--[ \t]*pg(?:ls|t)-ignore-all[^\r\n]*)?(?:\r\n|\n|\r))*[^\S\r\n]*$/i.test(
    text.slice(0, start),
  );
}

/** Whether a comment stands in the head of the file, which an empty line ends: there it is about the whole file. */
function isHeader(text: string, { start, end }: Span): boolean {
  const isFirst = text
    .slice(0, start)
    .split(/\r\n|\n|\r/)
    .every((line, index) =>
      line.trim() === '' ? index === 0 || text.slice(0, start).trim() === '' : line.trimStart().startsWith('--'),
    );
  return isFirst && /^[^\r\n]*(?:\r\n|\n|\r)(?:--[^\r\n]*(?:\r\n|\n|\r))*[ \t]*(?:\r\n|\n|\r)/.test(text.slice(end));
}
