import { expect } from 'vitest';
import { LineIndex, type Range } from '../../server/core/line-index.ts';
import { nameAt } from '../../server/analysis/name-at.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { hover } from '../../server/lsp/hover.ts';
import { codeLenses, inlayHints } from '../../server/lsp/annotations.ts';
import { documentSymbols } from '../../server/lsp/symbols.ts';
import type { EngineId } from '../../server/model/engine-id.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { firstMigration } from './texts.ts';

const ROOT = '/work/app';
export const EARLIER = 'migrations/0002_earlier.up.sql';
export const PATH = 'migrations/0003_edited.up.sql';
const LATER = 'migrations/0004_later.up.sql';

/** How long one look at one text may compute. */
const LIMIT_MS = 100;

let loaded: Promise<Engines> | undefined;

/** A project whose migration `PATH` holds a text; a large one before it makes the tables that the texts are about. */
export async function openText(
  dialect: EngineId,
  texts: Readonly<Record<string, string>> = {},
  settings: object = {},
): Promise<FolderProject> {
  loaded ??= loadEngines();
  const files = new MemoryFiles({
    [`${ROOT}/lockstep.jsonc`]: JSON.stringify({ preset: 'all', ...settings }),
    [`${ROOT}/migrations/0001_tables.up.sql`]: firstMigration(dialect),
    ...Object.fromEntries(
      Object.entries({
        [EARLIER]: 'SELECT 1;\n',
        [PATH]: 'SELECT 1;\n',
        [LATER]: 'ALTER TABLE users ADD COLUMN later int;\n',
        ...texts,
      }).map(([path, text]) => [`${ROOT}/${path}`, text]),
    ),
  });
  const { projects } = await openProjects({ root: ROOT, files, engines: await loaded, overrides: { dialect } });
  const [project] = projects;
  if (project === undefined) throw new Error('no project');
  return project;
}

/** Everything that an editor asks of one document, as one value. */
export function answers(
  project: FolderProject,
  path = PATH,
): { readonly ranges: readonly Range[]; readonly all: unknown } {
  const text = project.textOf(path) ?? '';
  const lines = new LineIndex(text);
  const owned = { project, path };
  const whole = { start: { line: 0, character: 0 }, end: lines.position(text.length) };
  const lint = project.lint(path);
  const explained = project.explain(path);
  const lenses = codeLenses(owned, 'file:///x', true);
  const hints = inlayHints(owned, whole);
  const symbols = documentSymbols(owned);
  const hovers = [0, 0.2, 0.5, 0.8, 1].map((share) => hover(owned, lines.position(Math.floor(text.length * share))));
  for (const { statement } of project.impacts(path)) nameAt(statement, statement.source.text.length >> 1);
  return {
    ranges: [
      ...lint.findings.flatMap((finding) => [
        finding.range,
        ...finding.related.filter((related) => related.path === path).map((related) => related.range),
      ]),
      ...lint.problems.map((problem) => problem.range),
      ...explained.statements.flatMap((statement) => [
        statement.range,
        ...statement.operations.map((operation) => operation.range),
      ]),
      ...lenses.map((lens) => lens.range),
      ...hints.map((hint) => ({ start: hint.position, end: hint.position })),
      ...symbols.flatMap((symbol) => [symbol.range, ...(symbol.children ?? []).map((child) => child.range)]),
      ...hovers.flatMap((found) => (found?.range === undefined ? [] : [found.range])),
    ],
    all: { lint, explained, lenses, hints, symbols, hovers },
  };
}

/** Answers about a text: none throws, none takes long, and every range lies in it. */
export function expectSound(project: FolderProject, text: string): void {
  const look = (shown: string): { readonly ms: number; readonly found: ReturnType<typeof answers> } => {
    const started = cpuMs();
    project.setText(PATH, shown);
    const found = answers(project);
    return { ms: cpuMs() - started, found };
  };
  let { ms, found } = look(text);
  // A pause of the collector is not the text's: the best of three counts.
  for (let attempt = 0; attempt < 2 && ms > LIMIT_MS; attempt++) {
    look('');
    ({ ms, found } = look(text));
  }
  expect(ms, `time of ${JSON.stringify(text)}`).toBeLessThan(LIMIT_MS);
  const lines = new LineIndex(text);
  const lengths = text.split(/\r\n|\r|\n/).map((line) => line.length);
  for (const { start, end } of found.ranges) {
    for (const position of [start, end]) {
      if (
        position.line < 0 ||
        position.line >= lengths.length ||
        position.character < 0 ||
        position.character > (lengths[position.line] ?? 0)
      )
        throw new Error(`${JSON.stringify({ start, end })} lies outside ${JSON.stringify(text)}`);
    }
    if (lines.offset(start) > lines.offset(end))
      throw new Error(`${JSON.stringify({ start, end })} runs backwards in ${JSON.stringify(text)}`);
  }
}
