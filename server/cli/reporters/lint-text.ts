import type { Range } from '../../core/line-index.ts';
import type { FileReport, Finding, LintReport } from '../../analysis/report.ts';
import type { Palette } from '../terminal.ts';
import type { RuleCount } from './rule-counts.ts';

/** Errors and warnings from which on it is said how old migrations are left out. */
const MANY = 30;

/** Characters of a line that are printed, and how many of them stand before the place that is marked. */
const LONGEST_LINE = 160;
const BEFORE_PLACE = 40;

/** What is printed below the findings. */
export interface LintTextOptions {
  readonly colors: Palette;
  textOf(path: string): string;
  /** Nothing has narrowed what is looked at: no path, no base, no database, no start. */
  readonly isWhole: boolean;
  /** There is a configuration, which `init` would leave alone. */
  readonly isConfigured: boolean;
  /** In place of the findings. */
  readonly counts?: readonly RuleCount[];
}

/** Findings for people by file, each with its line of the file and a mark below it. */
export function lintText(report: LintReport, options: LintTextOptions): string {
  const { colors, counts } = options;
  const parts =
    counts === undefined
      ? report.files.flatMap((file) => fileText(file, colors, options.textOf))
      : countsText(counts, colors);
  const { files, errors, warnings, infos, notAnalysed } = report.summary;
  const totals = [
    plural(errors, 'error'),
    plural(warnings, 'warning'),
    ...(infos > 0 ? [plural(infos, 'info')] : []),
    ...(notAnalysed > 0 ? [`${notAnalysed} not analysed`] : []),
  ];
  const verdict = errors > 0 ? colors.red : warnings > 0 ? colors.yellow : colors.green;
  const lines = [...parts, `${plural(files, 'file')}: ${verdict(totals.join(', '))}`];
  if (options.isWhole && errors + warnings >= MANY)
    lines.push(
      '',
      'Migrations that ran long ago are in this count. To begin with what is new:',
      options.isConfigured
        ? '  "startAfter" in lockstep.jsonc      the newest migration that ran everywhere'
        : '  lockstep init                       accept what is committed ("startAfter" in lockstep.jsonc)',
      '  lockstep lint --base origin/main    only what a branch adds or changes',
      '  lockstep lint --pending             only what a database lacks',
      ...(counts === undefined ? ['  lockstep lint --summary             how many of each rule'] : []),
    );
  return `${lines.join('\n')}\n`;
}

function countsText(counts: readonly RuleCount[], colors: Palette): readonly string[] {
  const width = Math.max(0, ...counts.map(({ code }) => code.length));
  return [
    ...counts.map(
      ({ code, severity, findings, files }) =>
        `${String(findings).padStart(6)}  ${code.padEnd(width)}  ${colorOf(severity, colors)(severity.padEnd(7))}  in ${plural(files, 'file')}`,
    ),
    ...(counts.length > 0 ? [''] : []),
  ];
}

interface Entry {
  readonly range: Range;
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly help: readonly string[];
}

function fileText(file: FileReport, colors: Palette, textOf: (path: string) => string): readonly string[] {
  if (file.findings.length === 0 && file.problems.length === 0) return [];
  const lines = textOf(file.path).split(/\r\n|\n|\r/);
  const entries = [
    ...oneForEach(file.findings),
    ...file.problems.map((problem) => ({
      range: problem.range,
      severity: problem.kind === 'syntax' ? 'error' : 'info',
      code: problem.kind,
      message: problem.message,
      help: [] as readonly string[],
    })),
  ].sort(
    (left, right) =>
      left.range.start.line - right.range.start.line || left.range.start.character - right.range.start.character,
  );
  return [
    colors.bold(file.path),
    ...entries.map((entry) =>
      [
        `  ${entry.range.start.line + 1}:${entry.range.start.character + 1} ${colorOf(entry.severity, colors)(entry.severity)} ${colors.dim(entry.code)}`,
        `    ${entry.message}`,
        ...frame(lines, entry.range, colors).map((line) => `  ${line}`),
        ...(entry.help.length === 0 ? [] : [`    ${colors.dim('fix:')} ${entry.help.join('; ')}`]),
        '',
      ].join('\n'),
    ),
  ];
}

/** Findings, of which those of one rule about several relations of one statement are one: DROP TABLE a, b, c. */
function oneForEach(findings: readonly Finding[]): readonly Entry[] {
  const groups: { readonly first: Finding; readonly others: Finding[] }[] = [];
  for (const finding of findings) {
    const group = groups.find(({ first }) => isSameButRelation(first, finding));
    if (group === undefined) groups.push({ first: finding, others: [] });
    else group.others.push(finding);
  }
  return groups.map(({ first, others }) => {
    const relations = [...new Set(others.flatMap((finding) => finding.relation ?? []))].map((name) =>
      // The first one's own words say whether a schema stands before it.
      typeof first.relation === 'string' && first.message.includes(first.relation)
        ? name
        : name.split('.').slice(-1).join(''),
    );
    return {
      range: first.range,
      severity: first.severity,
      code: first.code,
      message: `${first.message}${relations.length === 0 ? '' : ` The same holds for ${relations.join(', ')}.`}`,
      help: [...new Set([first, ...others].flatMap((finding) => finding.fixes.map((fix) => fix.title)))],
    };
  });
}

/** Whether two findings of one statement say the same, word by word, of two relations. */
function isSameButRelation(left: Finding, right: Finding): boolean {
  if (left.relation === null || right.relation === null || left.relation === right.relation) return false;
  if (left.statement !== right.statement || left.code !== right.code || left.severity !== right.severity) return false;
  const [leftName, rightName] = [shortName(left.relation), shortName(right.relation)];
  const rightWords = right.message.split(/\W+/);
  const leftWords = left.message.split(/\W+/);
  return (
    leftWords.length === rightWords.length &&
    leftWords.every((word, index) => {
      const other = rightWords[index];
      return word === other || (word === leftName && other === rightName);
    })
  );
}

/** `users` of `public.users`, as messages have it. */
function shortName(relation: string): string {
  return relation.slice(relation.indexOf('.') + 1);
}

function colorOf(severity: string, colors: Palette): (text: string) => string {
  return severity === 'error' ? colors.red : severity === 'warning' ? colors.yellow : colors.blue;
}

/** The first line of a range with carets below what the range covers of it. */
function frame(lines: readonly string[], range: Range, colors: Palette): readonly string[] {
  const whole = lines[range.start.line] ?? '';
  // Of a line that fills a screen by itself, what stands around the place.
  const isLong = whole.length > LONGEST_LINE;
  const from = isLong ? Math.max(0, Math.min(range.start.character - BEFORE_PLACE, whole.length - LONGEST_LINE)) : 0;
  const to = isLong ? from + LONGEST_LINE : whole.length;
  const line = `${from > 0 ? '…' : ''}${whole.slice(from, to)}${to < whole.length ? '…' : ''}`;
  const start = range.start.character - from + (from > 0 ? 1 : 0);
  const until = range.end.line === range.start.line ? Math.min(range.end.character, to) : to;
  const end = until - from + (from > 0 ? 1 : 0);
  const before = line.slice(0, start).replaceAll(/[^\t]/g, ' ');
  const number = String(range.start.line + 1);
  const gutter = ' '.repeat(number.length);
  return [
    `  ${colors.dim(`${number} |`)} ${line}`,
    `  ${colors.dim(`${gutter} |`)} ${before}${colors.red('^'.repeat(Math.max(1, end - start)))}`,
  ];
}

/** `1 error`, `3 errors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
