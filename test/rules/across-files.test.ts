import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const ROOT = '/work/app';
const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, age int);';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Migrations in order, by name; `.down.sql` where the name says so. */
async function open(files: Readonly<Record<string, string>>, settings?: object): Promise<FolderProject> {
  const memory = new MemoryFiles(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${ROOT}/migrations/${name}`, text])),
  );
  if (settings !== undefined) memory.files.set(`${ROOT}/lockstep.jsonc`, JSON.stringify(settings));
  const {
    projects: [project],
  } = await openProjects({ root: ROOT, files: memory, engines, overrides: { dialect: 'postgresql' } });
  if (project === undefined) throw new Error('no project');
  return project;
}

/** Codes of one file's findings. */
function codes(project: FolderProject, name: string): readonly string[] {
  return project.lint(`migrations/${name}`).findings.map((finding) => finding.code);
}

describe('what later migrations say', () => {
  test('a constraint that a later migration validates is not forgotten', async () => {
    const add = 'ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;';
    const forgotten = await open({ '1_a.up.sql': USERS, '2_b.up.sql': add, '3_c.up.sql': 'SELECT 1;' });
    expect(codes(forgotten, '2_b.up.sql')).toEqual(['constraint-never-validated']);
    const validated = await open({
      '1_a.up.sql': USERS,
      '2_b.up.sql': add,
      '3_c.up.sql': 'ALTER TABLE users VALIDATE CONSTRAINT grown;',
    });
    expect(codes(validated, '2_b.up.sql')).toEqual([]);
    const dropped = await open({
      '1_a.up.sql': USERS,
      '2_b.up.sql': add,
      '3_c.up.sql': 'ALTER TABLE users DROP CONSTRAINT grown;',
    });
    expect(codes(dropped, '2_b.up.sql')).toEqual([]);
  });

  test("a foreign key's index may come in a migration of its own", async () => {
    const project = await open({
      '1_a.up.sql': USERS,
      '2_b.up.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));',
      '3_c.up.sql': '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY orders_user ON orders (user_id);',
    });
    expect(codes(project, '2_b.up.sql')).toEqual([]);
  });

  test('a table that only a later migration creates is used too early', async () => {
    const project = await open({ '1_a.up.sql': 'ALTER TABLE users ADD COLUMN nick text;', '2_b.up.sql': USERS });
    const [finding] = project.lint('migrations/1_a.up.sql').findings;
    expect(finding).toMatchObject({
      code: 'used-before-created',
      message: 'users is created only by 2_b: on a new database this statement fails.',
    });
    const optional = await open({
      '1_a.up.sql': 'ALTER TABLE users ADD COLUMN nick text;',
      '2_b.up.sql': USERS.replace('TABLE', 'TABLE IF NOT EXISTS'),
    });
    expect(codes(optional, '1_a.up.sql')).toEqual([]);
  });

  test('only the newest migration is asked for a lock timeout', async () => {
    const project = await open(
      {
        '1_a.up.sql': USERS,
        '2_b.up.sql': 'ALTER TABLE users ADD COLUMN nick text;',
        '3_c.up.sql': 'ALTER TABLE users ADD COLUMN phone text;',
      },
      { preset: 'strict' },
    );
    expect([codes(project, '2_b.up.sql'), codes(project, '3_c.up.sql')]).toEqual([[], ['lock-timeout-missing']]);
  });
});

describe('late arrivals', () => {
  const FILES = {
    '1_a.up.sql': USERS,
    '2_b.up.sql': 'ALTER TABLE users ADD COLUMN nick text;',
    '3_c.up.sql': 'ALTER TABLE users ADD COLUMN phone text;',
  };

  test('are reported while a database is connected that has a newer migration', async () => {
    const project = await open(FILES);
    project.setDatabase({ applied: new Set(['1_a', '3_c']), version: 17 });
    const [finding] = project.lint('migrations/2_b.up.sql').findings;
    expect(finding).toMatchObject({ code: 'late-arrival' });
    expect(finding?.message).toContain('The database already has 3_c, which is newer');
  });

  test('are none where the pending ones are the newest', async () => {
    const project = await open(FILES);
    project.setDatabase({ applied: new Set(['1_a']), version: 17 });
    expect([codes(project, '2_b.up.sql'), codes(project, '3_c.up.sql')]).toEqual([[], []]);
  });
});

describe('unreleased migrations', () => {
  const FILES = {
    '1_a.up.sql': USERS,
    '2_b.up.sql': 'ALTER TABLE users ADD COLUMN nick text;\nCREATE TABLE teams (id bigint PRIMARY KEY);',
    '3_c.up.sql': 'ALTER TABLE users DROP COLUMN nick;\nDROP TABLE teams;',
  };

  test('a drop of what one of them makes is no hazard, but work for nothing', async () => {
    const project = await open(FILES);
    expect(codes(project, '3_c.up.sql')).toEqual([
      'drop-before-contract',
      'several-tables-locked',
      'drop-before-contract',
    ]);
    project.setUnreleased(new Set(['2_b', '3_c']));
    expect(project.lint('migrations/3_c.up.sql').findings.map((finding) => finding.message)).toEqual([
      '"nick" was made by 2_b, which is not released either: take it out there instead of dropping it here.',
      'teams was made by 2_b, which is not released either: take it out there instead of dropping it here.',
    ]);
  });

  test('a pending migration of the connected database counts as one', async () => {
    const project = await open(FILES);
    project.setDatabase({ applied: new Set(['1_a']), version: 17 });
    expect(codes(project, '3_c.up.sql')).toEqual(['dropped-again', 'dropped-again']);
  });
});

describe('an applied migration', () => {
  test('is history, unless its text is another one now', async () => {
    const project = await open({ '1_a.up.sql': USERS, '2_b.up.sql': 'DROP TABLE users;\n' });
    const migration = project.migrations.migrations[1];
    const [checksum = ''] = migration === undefined ? [] : project.history.checksums(migration, project);
    expect(checksum).not.toBe('');
    project.setDatabase({ applied: new Set(['1_a', '2_b']), checksums: new Map([['2_b', checksum]]), version: 17 });
    expect(codes(project, '2_b.up.sql')).toEqual([]);
    project.setText('migrations/2_b.up.sql', 'DROP TABLE people;\n');
    expect(project.lint('migrations/2_b.up.sql').findings).toMatchObject([
      {
        code: 'edited-after-apply',
        severity: 'error',
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 18 } },
      },
    ]);
  });
});

describe('down halves', () => {
  const up = "ALTER TABLE users ADD COLUMN nick text NOT NULL DEFAULT '';\nCREATE TABLE teams (id bigint PRIMARY KEY);";

  test.each([
    ['leads back', 'DROP TABLE teams;\nALTER TABLE users DROP COLUMN nick;', undefined],
    ['leaves a column', 'DROP TABLE teams;', 'After up and down, column nick of users is left over.'],
    ['leaves a table', 'ALTER TABLE users DROP COLUMN nick;', 'After up and down, table teams is left over.'],
    [
      'takes too much',
      'DROP TABLE teams;\nALTER TABLE users DROP COLUMN nick;\nALTER TABLE users DROP COLUMN age;',
      'After up and down, column age of users is missing.',
    ],
    ['is not analysed', "DO $$ BEGIN EXECUTE 'DROP TABLE ' || (SELECT 'teams'); END $$;", undefined],
  ])('one that %s', async (_title, down, message) => {
    const project = await open({ '1_a.up.sql': USERS, '2_b.up.sql': up, '2_b.down.sql': down });
    expect(
      project.lint('migrations/2_b.down.sql').findings.find((finding) => finding.code === 'down-leaves-differences')
        ?.message,
    ).toBe(message);
  });
});

describe('settings of one folder', () => {
  test('count before those of the whole configuration', async () => {
    const memory = new MemoryFiles({
      [`${ROOT}/lockstep.jsonc`]: JSON.stringify({
        rules: { 'nullable-again': 'error' },
        migrations: [
          { folder: 'a', preset: 'all', dialect: 'postgresql' },
          { folder: 'b', rules: { 'nullable-again': 'off' }, dialect: 'postgresql' },
          { folder: 'c', startAfter: '1_a', dialect: 'postgresql' },
        ],
      }),
    });
    const text = 'CREATE TABLE users (id bigint PRIMARY KEY, at timestamp NOT NULL);';
    for (const folder of ['a', 'b', 'c']) {
      memory.files.set(`${ROOT}/${folder}/1_a.up.sql`, text);
      memory.files.set(`${ROOT}/${folder}/2_b.up.sql`, 'ALTER TABLE users ALTER COLUMN at DROP NOT NULL;');
    }
    const { projects, problems } = await openProjects({ root: ROOT, files: memory, engines });
    expect(problems).toEqual([]);
    const found = (folder: string): readonly string[] => {
      const project = projects.find((candidate) => candidate.folder === folder);
      return ['1_a', '2_b'].flatMap(
        (name) =>
          project?.lint(`${folder}/${name}.up.sql`).findings.map((finding) => `${finding.code} ${finding.severity}`) ??
          [],
      );
    };
    expect(found('a')).toEqual([
      'unqualified-name hint',
      'type-advice hint',
      'lock-timeout-missing warning',
      'statement-timeout-missing hint',
      'nullable-again error',
    ]);
    expect(found('b')).toEqual([]);
    expect(found('c')).toEqual(['nullable-again error']);
  });
});
