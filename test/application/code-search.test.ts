import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { CodeSearch } from '../../server/application/code-search.ts';
import { readIgnoreFile } from '../../server/application/ignore-file.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const ROOT = '/work/app';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

function search(sources: Readonly<Record<string, string>>, exclude: readonly string[] = ['migrations']): CodeSearch {
  return new CodeSearch({
    files: new MemoryFiles(
      Object.fromEntries(Object.entries(sources).map(([path, text]) => [`${ROOT}/${path}`, text])),
    ),
    root: ROOT,
    exclude,
    now: () => 0,
  });
}

/** Places of a column or table as `path:line`. */
async function places(
  sources: Readonly<Record<string, string>>,
  table: string,
  column?: string,
): Promise<readonly string[]> {
  const code = search(sources);
  const name = column === undefined ? { table } : { table, column };
  await code.search([name]);
  return code.usesOf(name)?.uses.map((use) => `${use.path}:${use.range.start.line + 1}`) ?? [];
}

describe('source code is searched for what a migration takes away', () => {
  test('a column, as it is and as object mappers spell it', async () => {
    const sources = {
      'src/users.ts': 'const users = db.users;\nsave({ full_name: 1 });\nuser.fullName;\n',
      'src/model.cs': 'class User {\n  string FullName;\n}\n',
    };
    expect(await places(sources, 'users', 'full_name')).toEqual(['src/users.ts:2', 'src/users.ts:3', 'src/model.cs:2']);
  });

  test('a column only where the file names its table too', async () => {
    expect(await places({ 'src/teams.ts': 'teams.name', 'src/users.ts': 'users.name' }, 'users', 'name')).toEqual([
      'src/users.ts:1',
    ]);
  });

  test('a table, and the class of one of its rows', async () => {
    expect(
      await places(
        { 'a.py': 'class OrderItem(Base):\n  __tablename__ = "order_items"\n', 'b.py': 'order = 1' },
        'order_items',
      ),
    ).toEqual(['a.py:1', 'a.py:2']);
  });

  test('not in migrations, dependencies and ignored files', async () => {
    const sources = {
      '.gitignore': 'build/\n*.gen.ts\n!keep.gen.ts\n',
      'migrations/0001.sql': 'CREATE TABLE users ();',
      'node_modules/x/a.js': 'users',
      'build/a.js': 'users',
      'src/a.gen.ts': 'users',
      'src/keep.gen.ts': 'users',
      'src/data.json': 'users',
      'src/a.ts': 'users',
      'lib/.gitignore': '/own.ts',
      'lib/own.ts': 'users',
      'lib/deep/own.ts': 'users',
    };
    expect([...(await places(sources, 'users'))].sort()).toEqual([
      'lib/deep/own.ts:1',
      'src/a.ts:1',
      'src/keep.gen.ts:1',
    ]);
  });

  test('is kept until the files change, and one pass answers for all names', async () => {
    const code = search({ 'a.ts': 'users teams' });
    expect(await code.search([{ table: 'users' }, { table: 'teams' }])).toBe(true);
    expect(await code.search([{ table: 'users' }])).toBe(false);
    code.forget();
    expect(code.usesOf({ table: 'users' })).toBeUndefined();
  });

  test('ends when its time is up, and says that it did not see everything', async () => {
    const files = new MemoryFiles(
      Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${ROOT}/src/${index}.ts`, 'users'])),
    );
    let time = 0;
    const code = new CodeSearch({ files, root: ROOT, exclude: [], now: () => (time += 700) });
    await code.search([{ table: 'users' }]);
    expect(code.usesOf({ table: 'users' })).toMatchObject({ isComplete: false });
  });
});

test('a finding says where the dropped column is still used, and that none was found', async () => {
  const files = new MemoryFiles({
    [`${ROOT}/migrations/0001_users.up.sql`]: 'CREATE TABLE users (id bigint PRIMARY KEY, nick text, age int);',
    [`${ROOT}/migrations/0002_drop.up.sql`]: 'ALTER TABLE users DROP COLUMN nick;\nALTER TABLE users DROP COLUMN age;',
    [`${ROOT}/src/users.ts`]: 'export const users = sql`SELECT id,\n  nick FROM users`;\n',
  });
  const { projects, codeSearch } = await openProjects({ root: ROOT, files, engines });
  const [project] = projects;
  const path = 'migrations/0002_drop.up.sql';
  expect(project?.lint(path).findings.map((finding) => finding.related)).toEqual([[], []]);
  expect(project?.soughtNames(path)).toEqual([
    { table: 'users', column: 'nick' },
    { table: 'users', column: 'age' },
  ]);
  await codeSearch.search(project?.soughtNames(path) ?? []);
  const [nick, age] = project?.lint(path).findings ?? [];
  expect(nick?.related).toEqual([
    {
      path: 'src/users.ts',
      message: 'Named here: nick.',
      range: { start: { line: 1, character: 2 }, end: { line: 1, character: 6 } },
    },
  ]);
  expect(nick?.message).toContain('Source code here still names "nick" in 1 place.');
  expect(age?.message).toContain(
    'No use of "age" was found in 1 source file; names that are put together at run time, and other repositories, are not seen.',
  );
  expect(project?.soughtNames(path)).toEqual([]);
});

test('where there is no source code nothing is said of it', async () => {
  const files = new MemoryFiles({
    [`${ROOT}/migrations/0001_users.up.sql`]: 'CREATE TABLE users (id bigint PRIMARY KEY, nick text);',
    [`${ROOT}/migrations/0002_drop.up.sql`]: 'ALTER TABLE users DROP COLUMN nick;',
  });
  const {
    projects: [project],
    codeSearch,
  } = await openProjects({ root: ROOT, files, engines });
  await codeSearch.search(project?.soughtNames('migrations/0002_drop.up.sql') ?? []);
  expect(project?.lint('migrations/0002_drop.up.sql').findings[0]?.message).not.toContain('source file');
});

test.each([
  ['*.log', 'a/b.log', false, true],
  ['/a', 'b/a', false, undefined],
  ['/a', 'a', false, true],
  ['a/', 'a', false, undefined],
  ['a/', 'x/a', true, true],
  ['a/**/b', 'a/x/y/b', false, true],
  ['a/**/b', 'a/b', false, true],
  ['**/tmp', 'x/tmp', true, true],
  ['doc/*.txt', 'doc/a/b.txt', false, undefined],
  ['\\#a', '#a', false, true],
  ['# a', '# a', false, undefined],
  ['[ab].ts', 'b.ts', false, true],
  ['[!ab].ts', 'b.ts', false, undefined],
  ['*\n!a.ts', 'a.ts', false, false],
  ['abc/**', 'abc/x/y', false, true],
  ['a?c', 'abc', false, true],
  ['a.c', 'abc', false, undefined],
] as const)('.gitignore %j for %j', (text, path, isDirectory, ignored) => {
  expect(readIgnoreFile(text)(path, isDirectory)).toBe(ignored);
});
