import type { FileReport } from '../../analysis/report.ts';

/** How often a rule reports, at one severity. */
export interface RuleCount {
  readonly code: string;
  readonly severity: string;
  readonly findings: number;
  readonly files: number;
}

const GRAVITY: readonly string[] = ['error', 'warning', 'info', 'hint'];

/** Counts by rule, the gravest and then the most frequent first; what the parser refuses counts as `syntax`. */
export function ruleCounts(files: readonly FileReport[]): readonly RuleCount[] {
  const counts = new Map<
    string,
    { readonly code: string; readonly severity: string; findings: number; files: Set<string> }
  >();
  const add = (path: string, code: string, severity: string): void => {
    const key = `${severity} ${code}`;
    const count = counts.get(key) ?? { code, severity, findings: 0, files: new Set<string>() };
    count.findings++;
    count.files.add(path);
    counts.set(key, count);
  };
  for (const file of files) {
    for (const finding of file.findings) add(file.path, finding.code, finding.severity);
    for (const problem of file.problems) add(file.path, problem.kind, problem.kind === 'syntax' ? 'error' : 'info');
  }
  return [...counts.values()]
    .map((count) => ({ ...count, files: count.files.size }))
    .sort(
      (left, right) =>
        GRAVITY.indexOf(left.severity) - GRAVITY.indexOf(right.severity) ||
        right.findings - left.findings ||
        (left.code < right.code ? -1 : 1),
    );
}
