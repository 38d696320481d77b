import type { FixProposal, FileReport } from '../../server/analysis/report.ts';
import { LineIndex } from '../../server/core/line-index.ts';
import type { Engines } from '../../server/host/load-engines.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { openProjects } from '../../server/application/open-project.ts';
import type { Rule, RuleExample } from '../../server/rules/rule.ts';
import { MemoryFiles } from './memory-files.ts';
import { withSaidValues } from './said-values.ts';

const ROOT = '/work/app';
const NOW = new Date('2026-01-02T03:04:05Z');

/** An example opened as a project of plain pairs: its `before` migrations, then the one to be linted. */
export interface OpenedExample {
  readonly project: FolderProject;
  readonly files: MemoryFiles;
  /** Path of the linted migration. */
  readonly path: string;
  /** Its text without marks. */
  readonly text: string;
  /** Texts between the marks, as offsets. */
  readonly marked: readonly { readonly start: number; readonly end: number }[];
}

/** Text and ranges of an example whose reported places are marked `<|...|>`. */
export function unmark(marked: string): {
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number }[];
} {
  const spans: { start: number; end: number }[] = [];
  let text = '';
  let open = -1;
  for (const part of marked.split(/(<\||\|>)/)) {
    if (part === '<|') open = text.length;
    else if (part === '|>') spans.push({ start: open, end: text.length });
    else text += part;
  }
  return { text, spans };
}

/** Opens an example in memory. */
export async function openExample(
  engines: Engines,
  example: Pick<RuleExample, 'dialect' | 'version' | 'before' | 'beforeDown' | 'sql' | 'down'>,
  rule?: Pick<Rule, 'code' | 'preset' | 'severity'>,
  settings?: string,
): Promise<OpenedExample> {
  const { text, spans } = unmark(example.down ?? example.sql);
  const files = new MemoryFiles();
  const before = example.before ?? [];
  for (const [index, sql] of before.entries())
    files.files.set(`${ROOT}/migrations/${String(index + 1).padStart(4, '0')}_before.up.sql`, `${sql}\n`);
  for (const [index, sql] of (example.beforeDown ?? []).entries())
    files.files.set(`${ROOT}/migrations/${String(index + 1).padStart(4, '0')}_before.down.sql`, `${sql}\n`);
  const name = `migrations/${String(before.length + 1).padStart(4, '0')}_example`;
  const path = `${name}.${example.down === undefined ? 'up' : 'down'}.sql`;
  files.files.set(`${ROOT}/${path}`, text);
  if (example.down !== undefined) files.files.set(`${ROOT}/${name}.up.sql`, unmark(example.sql).text);
  // A rule that is off by default is switched on for its own examples.
  if (rule?.preset !== undefined)
    files.files.set(`${ROOT}/lockstep.jsonc`, JSON.stringify({ rules: { [rule.code]: rule.severity } }));
  if (settings !== undefined) files.files.set(`${ROOT}/lockstep.jsonc`, settings);
  const opened = await openProjects({
    root: ROOT,
    files,
    engines,
    overrides: {
      dialect: example.dialect,
      ...(example.version === undefined ? {} : { serverVersion: example.version }),
    },
  });
  const project = opened.projects[0];
  if (project === undefined) throw new Error('the example is no project');
  return { project, files, path, text, marked: spans };
}

/** Reported texts of one rule, for reading a failure: `[start-end] text`. */
export function reportedBy(report: Pick<FileReport, 'findings'>, code: string, text: string): readonly string[] {
  const lines = new LineIndex(text);
  return report.findings
    .filter((finding) => finding.code === code)
    .map((finding) => {
      const start = lines.offset(finding.range.start);
      const end = lines.offset(finding.range.end);
      return `[${start}-${end}] ${text.slice(start, end)}`;
    });
}

/** The first remedy that a rule offers for an example. */
export function firstFix(example: OpenedExample, code: string): FixProposal | undefined {
  return example.project.fixes(example.path, NOW).fixes.find((fix) => fix.code === code);
}

/** Writes a remedy's files and reads the project anew. */
export async function applyFix(example: OpenedExample, fix: FixProposal): Promise<void> {
  await writeFiles(example, withSaidValues(fix).files);
}

/** Writes files of a remedy or plan and reads the project anew. */
export async function writeFiles(example: OpenedExample, changes: FixProposal['files']): Promise<void> {
  for (const file of changes) {
    const path = `${ROOT}/${file.path}`;
    if (file.action === 'delete') await example.files.remove(path);
    else if (file.action === 'create') await example.files.create(path, file.text);
    else await example.files.replace(path, file.text);
  }
  await example.project.refresh();
}

/** Codes that the example's own text is reported under. */
export function codesOf(example: OpenedExample): ReadonlySet<string> {
  return new Set(example.project.lint(example.path).findings.map((finding) => finding.code));
}

/** Findings and problems of every document that the fix made or changed, but for the `known` codes: what was wrong beside it. */
export function complaintsAfter(
  example: OpenedExample,
  fix: FixProposal,
  known: ReadonlySet<string> = new Set(),
): readonly string[] {
  return fix.files
    .filter((file) => file.action !== 'delete')
    .flatMap((file) => {
      const report = example.project.lint(file.path);
      return [
        ...report.findings
          .filter((finding) => !known.has(finding.code))
          .map((finding) => `${file.path}: ${finding.code}: ${finding.message}`),
        ...report.problems.map((problem) => `${file.path}: ${problem.message}`),
      ];
    });
}
