import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../server/analysis/settings.ts';
import { FolderProject } from '../../server/application/folder-project.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { codeActions } from '../../server/lsp/code-actions.ts';
import { RULES } from '../../server/rules/index.ts';
import { halfOf } from '../../server/runner/half.ts';
import { whyIrreversible } from '../../server/runner/plan-run.ts';
import { script } from '../../server/runner/script.ts';
import { readStatus } from '../../server/runner/status.ts';
import { FileTree } from '../../server/tools/file-tree.ts';
import { sqlPairs } from '../../server/tools/sql-pairs.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const ROOT = '/app';
const FIRST = 'migrations/0001_users.up.sql';
const SECOND = 'migrations/0002_users.up.sql';
const THIRD = 'migrations/0003_users.up.sql';
const FILES = {
  [FIRST]: 'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, old text, older text);\n',
  [SECOND]: 'CREATE INDEX a ON users (email); CREATE INDEX b ON users (old); ALTER TABLE users DROP COLUMN older;\n',
  [THIRD]: 'ALTER TABLE users DROP COLUMN old;\n',
};
let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** A project that counts how often its rules run, by document, and how often a document's headers are read. */
async function counted(): Promise<{
  readonly project: FolderProject;
  readonly runs: () => number;
  readonly layouts: () => number;
}> {
  let runs = 0;
  let layouts = 0;
  const memory = new MemoryFiles(
    Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`${ROOT}/${name}`, text])),
  );
  const found = await sqlPairs.at(new FileTree(memory, ROOT), 'migrations');
  const project = new FolderProject({
    root: ROOT,
    project: {
      ...found,
      format: {
        ...found.format,
        layout: (...words) => {
          layouts++;
          return found.format.layout(...words);
        },
      },
    },
    engine: engines.postgresql,
    target: { version: engines.postgresql.defaultVersion, timeZone: 'unknown' },
    settings: DEFAULT_SETTINGS,
    // One more rule, which sees each run and finds nothing.
    rules: [
      ...RULES,
      {
        ...first(RULES),
        code: 'counted',
        check: () => {
          runs++;
          return [];
        },
      },
    ],
    files: memory,
  });
  await project.refresh();
  return { project, runs: () => runs, layouts: () => layouts };
}

function first<Value>(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined) throw new Error('there is none');
  return value;
}

describe('the rules run once for each version of a document', () => {
  test('one code-action request on a line with several fixable findings', async () => {
    const { project, runs } = await counted();
    const actions = codeActions(
      {
        project,
        path: SECOND,
        folder: { root: ROOT } as Parameters<typeof codeActions>[0]['folder'],
      },
      { clock: { now: () => new Date(0) }, uriOf: (path: string) => `file://${path}` } as Parameters<
        typeof codeActions
      >[1],
      { resolvesEdits: true, annotates: true, appliesFixes: true, isTrusted: true },
      {
        uri: `file://${ROOT}/${SECOND}`,
        version: 1,
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 100 } },
        diagnostics: [],
      },
    );
    expect(actions.filter((action) => !action.title.startsWith('Allow ')).length).toBeGreaterThanOrEqual(3);
    expect(runs()).toBe(1);
  });

  test('lint of three files of which two take columns away, with the search of source code', async () => {
    const { project, runs } = await counted();
    const search = new Map<string, never>();
    project.setCodeSearch({ usesOf: ({ table }) => search.get(table) });
    const paths = [FIRST, SECOND, THIRD];
    expect(paths.flatMap((path) => project.soughtNames(path)).length).toBeGreaterThanOrEqual(2);
    for (const path of paths) project.lint(path);
    for (const path of paths) project.explain(path);
    for (const path of paths) project.impacts(path);
    expect(runs()).toBe(3);
  });

  test('an edit of one document is one more run of each that is asked for', async () => {
    const { project, runs } = await counted();
    project.lint(SECOND);
    project.lint(THIRD);
    project.setText(SECOND, `${FILES[SECOND]}-- more\n`);
    expect(runs()).toBe(2);
    project.lint(SECOND);
    project.lint(SECOND);
    expect(runs()).toBe(3);
    project.lint(THIRD);
    expect(runs()).toBe(4);
  });

  test('what a finding depends on outside the text is seen: a connected database, a base revision', async () => {
    const { project } = await counted();
    const codes = (): readonly string[] => project.lint(THIRD).findings.map((finding) => finding.code);
    expect(codes()).toContain('drop-before-contract');
    project.setDatabase({ applied: new Set(['0001_users', '0002_users', '0003_users']), version: 170_000 });
    expect(codes()).toEqual([]);
    project.setDatabase(undefined);
    expect(codes()).toContain('drop-before-contract');
    project.setUnreleased(new Set(['0001_users', '0002_users', '0003_users']));
    expect(codes()).not.toContain('drop-before-contract');
    project.setUnreleased(undefined);
    project.setEdited(new Set([THIRD]));
    expect(codes()).toContain('edited-after-apply');
  });
});

test("a text's headers are read once, whoever asks: lint, status, script and a run's plan", async () => {
  const { project, layouts } = await counted();
  for (const path of [FIRST, SECOND, THIRD]) {
    project.lint(path);
    project.explain(path);
    project.directivesOf(path);
    project.layoutOf(path);
  }
  expect(layouts()).toBe(3);
  const { migrations } = project.migrations;
  await readStatus(project, undefined, null);
  expect(script(project, { direction: 'up', migrations })).toContain('DROP COLUMN old');
  for (const migration of migrations) {
    expect(whyIrreversible(project, migration)).toEqual({ code: 'no-down-half', id: migration.id });
    expect(halfOf({ project, direction: 'up' }, migration)).toHaveProperty('pieces.length');
  }
  expect(layouts()).toBe(3);
  project.setText(SECOND, `${FILES[SECOND]}-- more\n`);
  project.lint(SECOND);
  project.lint(THIRD);
  project.layoutOf(SECOND);
  expect(layouts()).toBe(4);
});

test('a proposal is judged on a copy of the folder, which reads the headers of its own files alone', async () => {
  const { project, layouts } = await counted();
  for (const path of [FIRST, SECOND, THIRD]) project.lint(path);
  expect(layouts()).toBe(3);
  const [fix] = project.fixWhole(THIRD, new Date('2026-01-02T03:04:05Z'));
  if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
  const written = fix.proposal.kind === 'change' ? fix.proposal.files : [];
  const texts = written.filter((file) => file.action !== 'delete');
  expect(texts.length).toBeGreaterThan(0);
  // One more for the file that shows how the format sends what runs outside a transaction.
  expect(layouts()).toBeLessThanOrEqual(3 + texts.length + 1);
});
