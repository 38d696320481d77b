import { describe, expect, test } from 'vitest';
import { openProjects } from '../../server/application/open-project.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const ROOT = '/work/app';
const SQL = 'CREATE TABLE users (id bigint PRIMARY KEY);\n';

async function opened(files: Readonly<Record<string, string>>): Promise<Awaited<ReturnType<typeof openProjects>>> {
  const memory = new MemoryFiles();
  for (const [path, text] of Object.entries(files)) memory.files.set(`${ROOT}/${path}`, text);
  return openProjects({ root: ROOT, files: memory, engines: await loadEngines() });
}

async function foundIn(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { projects } = await opened(files);
  return projects.map(({ folder, tool, migrations }) => `${folder} ${tool.id} ${migrations.migrations.length}`);
}

describe('migrations that no tool names', () => {
  test('are a folder of that name whose files begin with numbers', async () => {
    expect(await foundIn({ 'src/migrations/0001_users.sql': SQL, 'src/migrations/0002_more.sql': SQL })).toEqual([
      'src/migrations plain 2',
    ]);
  });

  test('are found where a package was built to, when nothing else is there', async () => {
    const built = { 'dist/migrations/0001_users.sql': SQL, 'dist/migrations/0002_more.sql': SQL };
    expect(await foundIn(built)).toEqual(['dist/migrations plain 2']);
    expect(await foundIn({ ...built, 'src/migrations/0001_users.up.sql': SQL })).toEqual([
      'src/migrations sql-pairs 1',
    ]);
    expect(await foundIn({ 'dist/db/0001_users.up.sql': SQL })).toEqual(['dist/db sql-pairs 1']);
  });

  test('are none where files have no numbers, there is one, or the folder is another', async () => {
    expect(await foundIn({ 'migrations/users.sql': SQL, 'migrations/more.sql': SQL })).toEqual([]);
    expect(await foundIn({ 'migrations/0001_users.sql': SQL })).toEqual([]);
    expect(await foundIn({ 'queries/0001_users.sql': SQL, 'queries/0002_more.sql': SQL })).toEqual([]);
    expect(
      await foundIn({ 'node_modules/a/migrations/1_a.sql': SQL, 'node_modules/a/migrations/2_b.sql': SQL }),
    ).toEqual([]);
  });
});

test.each([
  [
    'goose',
    {
      'db/00001_users.sql': `-- +goose Up\n${SQL}`,
      'db/00002_fill.go': 'package db\n\nfunc init() { goose.AddMigrationContext(up, down) }\n',
    },
  ],
  [
    'node-pg-migrate',
    {
      'package.json': '{ "devDependencies": { "node-pg-migrate": "8.0.0" } }',
      'migrations/1700000000000_users.sql': `-- Up Migration\n${SQL}-- Down Migration\nDROP TABLE users;\n`,
      'migrations/1700000000001_fill.js': 'exports.up = (pgm) => {};\n',
    },
  ],
])('what %s has beside SQL is told once, by its own folder', async (tool, files) => {
  const { projects, unread } = await opened(files);
  expect(projects.map((project) => project.tool.id)).toEqual([tool]);
  expect(unread).toEqual([]);
  expect(projects[0]?.migrations.problems.map(({ message }) => message).join('\n')).toMatch(/\b(?:Go|JavaScript)\b/);
});
