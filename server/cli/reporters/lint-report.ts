import type { FileReport, LintReport } from '../../analysis/report.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';

/** The whole report of some files. */
export function lintReport(files: readonly FileReport[]): LintReport {
  const count = (severity: string): number =>
    files.reduce((sum, file) => sum + file.findings.filter((finding) => finding.severity === severity).length, 0);
  const syntax = files.reduce(
    (sum, file) => sum + file.problems.filter((problem) => problem.kind === 'syntax').length,
    0,
  );
  return {
    schemaVersion: SCHEMA_VERSION,
    summary: {
      files: files.length,
      errors: count('error') + syntax,
      warnings: count('warning'),
      infos: count('info') + count('hint'),
      notAnalysed: files.reduce(
        (sum, file) => sum + file.problems.filter((problem) => problem.kind === 'not-analysed').length,
        0,
      ),
    },
    files,
  };
}
