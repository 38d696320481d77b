import type { Range } from '../../core/line-index.ts';
import type { FileReport, LintReport } from '../../analysis/report.ts';
import type { Palette } from '../terminal.ts';

/** Findings for people, each with its line of the file and a mark below it. */
export function lintText(report: LintReport, colors: Palette, textOf: (path: string) => string): string {
  const parts = report.files.flatMap((file) => fileText(file, colors, textOf));
  const { files, errors, warnings, infos, notAnalysed } = report.summary;
  const counts = [
    plural(errors, 'error'),
    plural(warnings, 'warning'),
    ...(infos > 0 ? [plural(infos, 'hint')] : []),
    ...(notAnalysed > 0 ? [`${notAnalysed} not analysed`] : []),
  ];
  const verdict = errors > 0 ? colors.red : warnings > 0 ? colors.yellow : colors.green;
  return [...parts, `${plural(files, 'file')}: ${verdict(counts.join(', '))}`, ''].join('\n');
}

function fileText(file: FileReport, colors: Palette, textOf: (path: string) => string): readonly string[] {
  if (file.findings.length === 0 && file.problems.length === 0) return [];
  const lines = textOf(file.path).split(/\r\n|\n|\r/);
  const entries = [
    ...file.findings.map((finding) => ({
      range: finding.range,
      severity: finding.severity as string,
      code: finding.code,
      message: finding.message,
      help: finding.fixes.map((fix) => fix.title),
    })),
    ...file.problems.map((problem) => ({
      range: problem.range,
      severity: problem.kind === 'syntax' ? 'error' : 'info',
      code: problem.kind,
      message: problem.message,
      help: [] as string[],
    })),
  ].sort(
    (left, right) =>
      left.range.start.line - right.range.start.line || left.range.start.character - right.range.start.character,
  );
  return entries.map((entry) => {
    const color = entry.severity === 'error' ? colors.red : entry.severity === 'warning' ? colors.yellow : colors.blue;
    const place = `${file.path}:${entry.range.start.line + 1}:${entry.range.start.character + 1}`;
    const help = entry.help.length === 0 ? [] : [`  ${colors.dim('fix:')} ${entry.help.join('; ')}`];
    return [
      `${colors.bold(place)} ${color(entry.severity)} ${colors.dim(entry.code)}`,
      `  ${entry.message}`,
      ...frame(lines, entry.range, colors),
      ...help,
      '',
    ].join('\n');
  });
}

/** The first line of a range with carets below what the range covers of it. */
export function frame(lines: readonly string[], range: Range, colors: Palette): readonly string[] {
  const line = lines[range.start.line] ?? '';
  const end = range.end.line === range.start.line ? range.end.character : line.length;
  const before = line.slice(0, range.start.character).replaceAll(/[^\t]/g, ' ');
  const number = String(range.start.line + 1);
  const gutter = ' '.repeat(number.length);
  return [
    `  ${colors.dim(`${number} |`)} ${line}`,
    `  ${colors.dim(`${gutter} |`)} ${before}${colors.red('^'.repeat(Math.max(1, end - range.start.character)))}`,
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
