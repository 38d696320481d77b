import { createHash } from 'node:crypto';
import type { Range } from '../../core/line-index.ts';
import type { LintReport } from '../../analysis/report.ts';

/** One finding or problem, flat, as the formats of other programs want it. */
interface Entry {
  readonly path: string;
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info' | 'hint';
  readonly message: string;
  readonly range: Range;
  readonly docs: string;
}

function entriesOf(report: LintReport): readonly Entry[] {
  return report.files.flatMap((file) => [
    ...file.findings.map((finding) => ({ path: file.path, ...finding })),
    ...file.problems.map(
      (problem): Entry => ({
        path: file.path,
        code: problem.kind,
        severity: problem.kind === 'syntax' ? 'error' : 'info',
        message: problem.message,
        range: problem.range,
        docs: 'RULES.md',
      }),
    ),
  ]);
}

/** SARIF 2.1.0. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function sarif(report: LintReport, version: string): string {
  const entries = entriesOf(report);
  const level = { error: 'error', warning: 'warning', info: 'note', hint: 'note' } as const;
  return json({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Lockstep',
            version,
            rules: [...new Map(entries.map((entry) => [entry.code, entry])).values()].map((entry) => ({
              id: entry.code,
              helpUri: entry.docs,
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: entries.map((entry) => ({
          ruleId: entry.code,
          level: level[entry.severity],
          message: { text: entry.message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: entry.path },
                region: {
                  startLine: entry.range.start.line + 1,
                  startColumn: entry.range.start.character + 1,
                  endLine: entry.range.end.line + 1,
                  endColumn: entry.range.end.character + 1,
                },
              },
            },
          ],
        })),
      },
    ],
  });
}

/** Workflow commands that become annotations of a pull request on GitHub. */
export function github(report: LintReport): string {
  const escapeData = (text: string): string =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const command = { error: 'error', warning: 'warning', info: 'notice', hint: 'notice' } as const;
  return entriesOf(report)
    .map((entry) => {
      const { start, end } = entry.range;
      // Columns may only be given where the range stays on one line.
      const columns = start.line === end.line ? `,col=${start.character + 1},endColumn=${end.character + 1}` : '';
      return `::${command[entry.severity]} file=${escapeProperty(entry.path)},line=${start.line + 1},endLine=${end.line + 1}${columns},title=${escapeProperty(entry.code)}::${escapeData(entry.message)}\n`;
    })
    .join('');
}

/** GitLab's Code Quality report. Source: https://docs.gitlab.com/ci/testing/code_quality/ */
export function gitlab(report: LintReport): string {
  const severity = { error: 'critical', warning: 'major', info: 'info', hint: 'info' } as const;
  return json(
    entriesOf(report).map((entry) => ({
      description: entry.message,
      check_name: entry.code,
      severity: severity[entry.severity],
      fingerprint: createHash('sha256')
        .update(
          `${entry.path}\0${entry.code}\0${entry.message}\0${entry.range.start.line}:${entry.range.start.character}`,
        )
        .digest('hex'),
      location: { path: entry.path, lines: { begin: entry.range.start.line + 1, end: entry.range.end.line + 1 } },
    })),
  );
}

/** JUnit XML: one test case a file, failed where it has errors or warnings. */
export function junit(report: LintReport): string {
  const escapeXml = (text: string): string =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // XML 1.0 has no way to write other control characters.
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
  const cases = report.files.map((file) => {
    const entries = entriesOf({ ...report, files: [file] }).filter(
      (entry) => entry.severity === 'error' || entry.severity === 'warning',
    );
    const failures = entries.map(
      (entry) =>
        `      <failure type="${escapeXml(entry.code)}" message="${escapeXml(entry.message)}">${escapeXml(`${file.path}:${entry.range.start.line + 1}:${entry.range.start.character + 1}`)}</failure>`,
    );
    return {
      failed: entries.length > 0,
      text:
        failures.length === 0
          ? `    <testcase classname="lockstep" name="${escapeXml(file.path)}"/>`
          : `    <testcase classname="lockstep" name="${escapeXml(file.path)}">\n${failures.join('\n')}\n    </testcase>`,
    };
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite name="lockstep" tests="${cases.length}" failures="${cases.filter((each) => each.failed).length}">\n${cases.map((each) => each.text).join('\n')}\n  </testsuite>\n</testsuites>\n`;
}

/** JSON for machines: two spaces, a line break at the end. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
