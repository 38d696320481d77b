import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { LintReport } from '../../server/analysis/report.ts';
import type { InitDatabase, InitFolder } from '../../server/application/init.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';

interface InitReport {
  readonly written: boolean;
  readonly text: string;
  readonly folders: readonly InitFolder[];
  readonly database: InitDatabase | null;
}

const OLD = {
  'db/migrations/0001_users.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\n',
  'db/migrations/0002_old.up.sql': 'ALTER TABLE users DROP COLUMN email;\nCREATE INDEX users_id ON users (id);\n',
};
const NEW = { 'db/migrations/0003_new.up.sql': 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n' };
/** Names that a machine of a developer may have set. */
const CLEAN = { DATABASE_URL: '', POSTGRES_URL: '', POSTGRESQL_URL: '', PG_URL: '', DB_URL: '', DATABASE_URI: '' };

function commit(project: CliFolder): void {
  const git = (...words: readonly string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
      cwd: project.folder,
      stdio: 'ignore',
    });
  };
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'one');
}

async function codes(project: CliFolder): Promise<readonly string[]> {
  const result = await project.runWith(CLEAN, 'lint', '--format', 'json', '--fail-on', 'never');
  expect(result.stderr).toBe('');
  return result
    .json<LintReport>()
    .files.flatMap((file) => file.findings.map((finding) => `${file.path} ${finding.code}`));
}

describe('init', () => {
  test('accepts what is committed, names the database of .env, and never asks or writes twice', async () => {
    using project = cliFolder({ ...OLD, '.env': 'SECRET=1\nexport DATABASE_URL="postgres://u:hush@db/app"\n' });
    commit(project);
    for (const [name, text] of Object.entries(NEW)) project.write(name, text);
    expect((await codes(project)).length).toBeGreaterThan(1);
    const dry = await project.runWith(CLEAN, 'init', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('Would write lockstep.jsonc');
    expect(project.files()).not.toContain('lockstep.jsonc');
    const first = await project.runWith(CLEAN, 'init');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('accepted up to 0002_old, the newest that is committed');
    expect(first.stdout).toContain('the environment variable DATABASE_URL, named by .env');
    const text = project.read('lockstep.jsonc');
    expect(`${first.stdout}${dry.stdout}${text}`).not.toContain('hush');
    expect(await codes(project)).toEqual(['db/migrations/0003_new.up.sql required-column']);
    const second = await project.runWith(CLEAN, 'init');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('is there already, and is left as it is');
    expect(project.read('lockstep.jsonc')).toBe(text);
  });

  test('a database that is named tells what is applied, which counts before what is committed', async () => {
    using project = cliFolder({
      'm/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
      'm/0002_b.up.sql': 'CREATE TABLE b (id INTEGER PRIMARY KEY);\n',
    });
    expect(
      (await project.run('apply', '--to', '0001_a', '--yes', '--database', 'sqlite:app.db', '--cwd', '.')).code,
    ).toBe(0);
    commit(project);
    const named = await project.runWith(CLEAN, 'init', '--dry-run', '--format', 'json', '--database', 'sqlite:app.db');
    expect(named.json<InitReport>()).toMatchObject({
      written: false,
      folders: [{ folder: 'm', tool: 'sql-pairs', dialect: 'sqlite', startAfter: '0001_a', accepted: 'applied' }],
      database: { url: 'sqlite:app.db' },
    });
    const unnamed = (await project.runWith(CLEAN, 'init', '--format', 'json')).json<InitReport>();
    expect(unnamed).toMatchObject({
      written: true,
      folders: [
        { folder: 'm', dialect: 'postgresql', startAfter: '0002_b', accepted: 'committed', serverVersion: null },
      ],
    });
    expect((await project.runWith(CLEAN, 'lint')).code).toBe(0);
  });

  test('without git and database nothing is accepted, and that is said', async () => {
    using project = cliFolder({ ...OLD, ...NEW });
    const result = await project.runWith({ ...CLEAN, DATABASE_URL: 'postgres://u:hush@db/app' }, 'init');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('all of them are linted: none is committed');
    expect(result.stdout).toContain('DATABASE_URL, named by the environment');
    expect(result.stdout).not.toContain('hush');
    expect((await codes(project)).length).toBeGreaterThan(1);
  });

  test('several projects, each with its tool', async () => {
    using project = cliFolder({
      ...OLD,
      'lite/migrations/20200101000000_a.sql':
        '-- migrate:up\nCREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;\n-- migrate:down\nDROP TABLE a;\n',
    });
    commit(project);
    const report = (await project.runWith(CLEAN, 'init', '--format', 'json')).json<InitReport>();
    expect(report.folders.map((each) => [each.folder, each.tool, each.dialect, each.startAfter])).toEqual([
      ['db/migrations', 'sql-pairs', 'postgresql', '0002_old'],
      ['lite/migrations', 'dbmate', 'sqlite', '20200101000000'],
    ]);
    expect(await codes(project)).toEqual([]);
  });

  test('nothing here is an error, and a configuration above counts', async () => {
    using empty = cliFolder({ 'README.md': 'nothing' });
    expect(await empty.runWith(CLEAN, 'init')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('no migrations were found'),
    });
    using project = cliFolder({ ...OLD, 'lockstep.jsonc': '{}' });
    const below = await project.runWith(CLEAN, 'init', '--cwd', 'db');
    expect(below.stdout).toContain('is there already');
    expect(project.files()).not.toContain('db/lockstep.jsonc');
  });
});
