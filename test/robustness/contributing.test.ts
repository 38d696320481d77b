import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/*
 * The paths of CONTRIBUTING.md, followed in a copy of the repository: a new rule and a new format are a file, a line in an
 * index and what the tests hold of them, and nothing else.
 */

const root = path.resolve(import.meta.dirname, '../..');
let copy: string;

const RULE = `import { operationsIn } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';

/** Comments of tables. */
export const commentedTable: Rule = {
  code: 'commented-table',
  title: 'A comment is written on a table',
  severity: 'info',
  preset: 'all',
  dialects: ['postgresql'],
  why: 'In this team comments of tables are made from the model by a program of its own, so one that a migration writes is replaced by the next build.',
  docs: ['https://www.postgresql.org/docs/current/sql-comment.html'],
  bad: [
    {
      title: 'A comment',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: "<|COMMENT ON TABLE users IS 'people'|>;",
    },
  ],
  good: [{ title: 'None', dialect: 'postgresql', sql: 'CREATE TABLE users (id bigint PRIMARY KEY);' }],
  *check(context) {
    for (const { statement, operation } of operationsIn(context, 'comment'))
      yield { statement, span: operation.span, operation, message: 'The next build replaces this comment.' };
  },
};
`;

const TOOL = `import { fileFormat, pairOf, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { isMentioned } from './blocks/mentions.ts';
import { wholeFile } from './blocks/whole-file.ts';
import { lockstepHistory } from './lockstep-history.ts';
import { CERTAINTY } from './tool.ts';

const NAME = /^(\\d+)-(.+)\\.(up|down)\\.sql$/;

/** Pairs with a dash, where \`stairs.toml\` says so. */
export const stairs = folderTool({
  id: 'stairs',
  title: 'Stairs',
  configurationFiles: ['stairs.toml'],
  defaults: {},
  recognise: async (tree, view) =>
    view.files.some((name) => NAME.test(name)) && (await isMentioned(tree, view.path, ['stairs.toml'], /stairs/))
      ? CERTAINTY.configured
      : 0,
  history: () => lockstepHistory,
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'number',
      read: (file) => {
        const [, number = '', name = '', half] = NAME.exec(file) ?? [];
        return half === undefined
          ? undefined
          : { key: number, id: \`\${number}-\${name}\`, name, half: half === 'up' ? 'up' : 'down' };
      },
      layout: (path, text, _dialect, _others, { noTransaction }) =>
        wholeFile(text, path.endsWith('.down.sql') ? 'down' : 'up', {
          transaction: noTransaction === undefined ? 'one' : 'none',
          ...(noTransaction === undefined ? {} : { markerSpan: noTransaction }),
        }),
      numbering: { kind: 'sequence', digits: 2 },
      numberOf: (id) => /^\\d+/.exec(id)?.[0],
      write: (number, step) => pairOf(\`\${number}-\${slugOf(step)}\`, step, '-- lockstep: no-transaction\\n'),
    }),
});
`;

async function edit(file: string, from: RegExp, to: string): Promise<void> {
  const text = await readFile(path.join(copy, file), 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  await writeFile(path.join(copy, file), changed);
}

/** Runs test files of the copy, those whose names match alone, and gives what was printed. Errors: rejects where one fails. */
async function run(kind: string, files: readonly string[], name: string, write = false): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      path.join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'test/vitest.config.ts',
      '--maxWorkers=1',
      ...files,
      '-t',
      name,
    ],
    {
      cwd: copy,
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, LOCKSTEP_TESTS: kind, NO_COLOR: '1', ...(write ? { LOCKSTEP_WRITE: '1' } : {}) },
    },
  );
  return stdout;
}

beforeAll(async () => {
  copy = await mkdtemp(path.join(tmpdir(), 'lockstep-contributing-'));
  for (const name of [
    'client',
    'server',
    'test',
    'media',
    'RULES.md',
    'package.json',
    'tsconfig.json',
    'tsconfig.base.json',
  ])
    await cp(path.join(root, name), path.join(copy, name), {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
});

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

test('a rule is a file and a line in the index; its examples are its tests and its page', async () => {
  await writeFile(path.join(copy, 'server/rules/commented-table.ts'), RULE);
  await edit('server/rules/index.ts', /^import /m, "import { commentedTable } from './commented-table.ts';\nimport ");
  await edit('server/rules/index.ts', /(RULES: [^=]*= \[)/, '$1\n  commentedTable,');
  const said = await run(
    'unit',
    ['test/rules.test.ts', 'test/generated.test.ts'],
    'commented-table|is what the code generates',
    true,
  );
  expect(said).toMatch(/Tests {2}[1-9]\d* passed/);
  expect(await readFile(path.join(copy, 'RULES.md'), 'utf8')).toContain('## commented-table');
  expect(await readFile(path.join(copy, 'media/lockstep.schema.json'), 'utf8')).toContain('"commented-table"');
});

test('a format is a file, a line in the registry and a tiny project', async () => {
  await writeFile(path.join(copy, 'server/tools/stairs.ts'), TOOL);
  await edit('server/tools/registry.ts', /^import /m, "import { stairs } from './stairs.ts';\nimport ");
  await edit('server/tools/registry.ts', /(TOOLS: [^=]*= \[)/, '$1\n  stairs,');
  const projects = path.join(copy, 'test/tools/projects');
  const folder = path.join(projects, 'stairs/steps');
  await mkdir(path.dirname(folder));
  await writeFile(path.join(projects, 'stairs/stairs.toml'), '[stairs]\n');
  await cp(path.join(projects, 'sql-pairs/migrations'), folder, { recursive: true });
  for (const name of await readdir(folder))
    await rename(path.join(folder, name), path.join(folder, name.replace('_', '-')));
  await edit(
    'test/support/tool-cases.ts',
    /(TOOL_CASES: [^=]*= \[)/,
    `$1
  {
    id: 'stairs',
    folder: 'steps',
    ids: ['2-users', '10-nick', '11-index'],
    databases: BOTH,
    transactions: ['one', 'one', 'one'],
  },`,
  );
  const said = await run('process', ['test/tools/conformance.test.ts'], '^stairs|every tool');
  expect(said).toMatch(/Tests {2}4 passed/);
});
