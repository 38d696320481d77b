import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RepositoryCopy } from '../support/repository-copy.ts';

/*
 * The paths of CONTRIBUTING.md, followed in a copy of the repository: a new rule and a new format are a file, a line in an
 * index and what the tests hold of them, and nothing else. Those of a recipe and a statement form need a server
 * (test/database/contributing.test.ts); for those of an engine and a language see contributing-engine.test.ts.
 */

let copy: RepositoryCopy;

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

beforeAll(async () => {
  copy = await RepositoryCopy.make();
});

afterAll(async () => {
  await copy.remove();
});

test('a rule is a file and a line in the index; its examples are its tests and its page', async () => {
  await copy.write('server/rules/commented-table.ts', RULE);
  await copy.enlist('server/rules/index.ts', 'RULES', { name: 'commentedTable', from: './commented-table.ts' });
  const said = await copy.run(
    'unit',
    ['test/rules.test.ts', 'test/generated.test.ts'],
    'commented-table|is what the code generates',
    { LOCKSTEP_WRITE: '1' },
  );
  expect(said).toMatch(/Tests {2}[1-9]\d* passed/);
  expect(await copy.read('RULES.md')).toContain('## commented-table');
  expect(await copy.read('media/lockstep.schema.json')).toContain('"commented-table"');
});

test('a format is a file, a line in the registry and a tiny project', async () => {
  await copy.write('server/tools/stairs.ts', TOOL);
  await copy.enlist('server/tools/registry.ts', 'TOOLS', { name: 'stairs', from: './stairs.ts' });
  const projects = copy.path('test/tools/projects');
  const folder = path.join(projects, 'stairs/steps');
  await mkdir(path.dirname(folder));
  await copy.write('test/tools/projects/stairs/stairs.toml', '[stairs]\n');
  await cp(path.join(projects, 'sql-pairs/migrations'), folder, { recursive: true });
  for (const name of await readdir(folder))
    await rename(path.join(folder, name), path.join(folder, name.replace('_', '-')));
  await copy.edit(
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
  const said = await copy.run('process', ['test/tools/conformance.test.ts'], '^stairs|every tool');
  expect(said).toMatch(/Tests {2}4 passed/);
});
