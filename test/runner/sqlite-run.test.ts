import Database from 'better-sqlite3';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DatabaseError } from '../../server/drivers/driver.ts';
import { runProject } from '../support/run-project.ts';

const URL = 'sqlite:app.db';
const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite" }',
  'migrations/0001_users.up.sql':
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nINSERT INTO users (email) VALUES ('a'), ('b');\n",
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_nick.up.sql': 'ALTER TABLE users ADD COLUMN nick TEXT;\nUPDATE users SET nick = email;\n',
  'migrations/0002_nick.down.sql': 'ALTER TABLE users DROP COLUMN nick;\n',
};

/** The failure that connecting or asking ends in. */
async function failureOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof DatabaseError) return `${cause.failure.kind}: ${cause.failure.message}`;
    throw cause;
  }
  return 'no failure';
}

describe('apply and revert', () => {
  test('go up one by one, all, to a migration, and back', async () => {
    using project = await runProject(FILES);
    expect((await project.run(URL, { extent: { kind: 'next' } })).applied).toEqual(['0001_users']);
    expect(await project.states(URL)).toEqual(['0001_users: applied', '0002_nick: pending']);
    expect((await project.run(URL)).applied).toEqual(['0002_nick']);
    expect(await project.states(URL)).toEqual(['0001_users: applied', '0002_nick: applied']);
    expect((await project.run(URL)).applied).toEqual([]);
    expect((await project.run(URL, { direction: 'down', extent: { kind: 'to', id: '0001_users' } })).applied).toEqual([
      '0002_nick',
    ]);
    expect((await project.run(URL, { extent: { kind: 'to', id: '0002_nick' } })).applied).toEqual(['0002_nick']);
    expect((await project.run(URL, { direction: 'down', extent: { kind: 'steps', count: 9 } })).applied).toEqual([
      '0002_nick',
      '0001_users',
    ]);
    expect(await project.states(URL)).toEqual(['0001_users: pending', '0002_nick: pending']);
    const database = new Database(path.join(project.folder, 'app.db'));
    expect(database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all()).toEqual([
      'lockstep_history',
    ]);
    database.close();
  });

  test('a statement that fails takes its migration back, names its place, and what was before it stands', async () => {
    using project = await runProject({
      ...FILES,
      'migrations/0003_bad.up.sql': "UPDATE users SET nick = 'changed';\nINSERT INTO nowhere VALUES (1);\n",
      'migrations/0004_never.up.sql': 'SELECT 1;\n',
    });
    const done = await project.run(URL);
    expect(done.applied).toEqual(['0001_users', '0002_nick']);
    expect(done.notRun).toEqual(['0004_never']);
    expect(done.failed).toMatchObject({
      id: '0003_bad',
      statement: 1,
      rolledBack: true,
      path: 'migrations/0003_bad.up.sql',
      position: { line: 1, character: 0 },
    });
    expect(done.failed?.message).toContain('no such table: nowhere');
    expect(done.failed?.excerpt).toBe('INSERT INTO nowhere VALUES (1);\n^');
    expect(await project.states(URL)).toEqual([
      '0001_users: applied',
      '0002_nick: applied',
      '0003_bad: pending',
      '0004_never: pending',
    ]);
    const database = new Database(path.join(project.folder, 'app.db'));
    expect(database.prepare('SELECT DISTINCT nick FROM users ORDER BY 1').pluck().all()).toEqual(['a', 'b']);
    database.close();
  });

  test('a file that was edited after it was applied is drifted; another line end or a byte-order mark is no edit', async () => {
    using project = await runProject(FILES);
    await project.run(URL);
    await project.write(
      'migrations/0001_users.up.sql',
      `\uFEFF${FILES['migrations/0001_users.up.sql'].replaceAll('\n', '\r\n')}`,
    );
    expect(await project.states(URL)).toEqual(['0001_users: applied', '0002_nick: applied']);
    await project.write('migrations/0001_users.up.sql', `${FILES['migrations/0001_users.up.sql']}SELECT 1;`);
    const status = await project.status(URL);
    expect(status.migrations.map((migration) => migration.state)).toEqual(['drifted', 'applied']);
    expect(status.migrations[0]?.note).toContain('edited after it was applied');
    expect(status.counts).toMatchObject({ applied: 1, drifted: 1 });
  });

  test('a late arrival is out of order and runs; a row without a file is missing and cannot be reverted', async () => {
    using project = await runProject(FILES);
    await project.write('migrations/0005_last.up.sql', 'SELECT 1;\n');
    await project.run(URL);
    await project.write('migrations/0003_late.up.sql', 'CREATE TABLE late (id INTEGER);\n');
    expect(await project.states(URL)).toEqual([
      '0001_users: applied',
      '0002_nick: applied',
      '0003_late: out-of-order',
      '0005_last: applied',
    ]);
    expect((await project.run(URL)).applied).toEqual(['0003_late']);
    const database = new Database(path.join(project.folder, 'app.db'));
    database
      .prepare(`INSERT INTO lockstep_history VALUES ('0009_gone', 'gone', 'x', '2026-01-01T00:00:00Z', 1, '1')`)
      .run();
    database.close();
    expect((await project.states(URL)).at(-1)).toBe('0009_gone: missing');
    expect((await project.run(URL, { direction: 'down', extent: { kind: 'next' } })).failed?.message).toContain(
      '0009_gone is applied but its file is gone',
    );
  });

  test('what has changed since it was shown is not run', async () => {
    using project = await runProject(FILES);
    const done = await project.run(URL, { expectedIds: ['0001_users'] });
    expect(done.failed?.message).toContain('has changed since it was shown (now: 0001_users, 0002_nick)');
    expect(await project.states(URL)).toEqual(['0001_users: pending', '0002_nick: pending']);
  });

  test.each([
    ['there is none', undefined, 'has no down half'],
    ['it is empty', '-- nothing yet\n', 'is empty'],
    ['it says that there is no way back', '-- lockstep: irreversible "the rows are gone"\n', 'the rows are gone'],
  ])('a migration is not reverted when %s', async (_name, down, message) => {
    using project = await runProject({
      'lockstep.jsonc': '{ "dialect": "sqlite" }',
      'migrations/1_a.up.sql': 'CREATE TABLE a (b);',
      ...(down === undefined ? {} : { 'migrations/1_a.down.sql': down }),
    });
    await project.run(URL);
    const done = await project.run(URL, { direction: 'down', extent: { kind: 'next' } });
    expect(done.failed?.message).toContain(message);
    expect(await project.states(URL)).toEqual(['1_a: applied']);
  });

  test('a step waits for its deploy, and for nothing once it is confirmed', async () => {
    using project = await runProject({
      ...FILES,
      'migrations/0003_drop.up.sql':
        '-- lockstep: change users-nick phase contract\n-- lockstep: requires deploy "version without nick"\nALTER TABLE users DROP COLUMN nick;\n',
    });
    const done = await project.run(URL);
    expect(done).toMatchObject({
      applied: ['0001_users', '0002_nick'],
      failed: null,
      stopped: { id: '0003_drop' },
      notRun: ['0003_drop'],
    });
    expect(done.stopped?.message).toContain('lockstep change confirm-deploy users-nick');
    expect((await project.run(URL, { phase: 'migrate' })).stopped).toBeNull();
  });

  test('a file outside a transaction keeps what was done before a failure, and says so', async () => {
    using project = await runProject({
      'lockstep.jsonc': '{ "dialect": "sqlite" }',
      'migrations/1_a.up.sql': '-- lockstep: no-transaction\nCREATE TABLE a (b);\nINSERT INTO nowhere VALUES (1);\n',
    });
    const done = await project.run(URL);
    expect(done.failed).toMatchObject({ id: '1_a', statement: 1, rolledBack: false });
    expect(done.failed?.message).toContain('The 1 statement before it stands');
  });

  test('a rebuild that a row stands against changes nothing, says so, and runs when the row is mended', async () => {
    const rebuild = (rule: string): string =>
      `-- lockstep: no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\nCREATE TABLE made (id INTEGER PRIMARY KEY, email TEXT NOT NULL${rule});\nINSERT INTO made SELECT * FROM users;\nDROP TABLE users;\nALTER TABLE made RENAME TO users;\nCOMMIT;\nPRAGMA foreign_keys = ON;\n`;
    using project = await runProject({
      'lockstep.jsonc': FILES['lockstep.jsonc'],
      'migrations/0001_users.up.sql': FILES['migrations/0001_users.up.sql'],
      'migrations/0002_rule.up.sql': rebuild(" CHECK (email <> 'b')"),
    });
    const done = await project.run(URL);
    expect(done.applied).toEqual(['0001_users']);
    expect(done.failed).toMatchObject({ id: '0002_rule', statement: 3, rolledBack: true });
    expect(done.failed?.message).not.toContain('stand');
    const database = new Database(path.join(project.folder, 'app.db'));
    expect(database.prepare('SELECT email FROM users').pluck().all()).toEqual(['a', 'b']);
    database.exec("UPDATE users SET email = 'c' WHERE email = 'b'");
    database.close();
    expect((await project.run(URL)).applied).toEqual(['0002_rule']);
  });

  test("what stands before a BEGIN of the file's own is told apart from what is rolled back", async () => {
    using project = await runProject({
      'lockstep.jsonc': FILES['lockstep.jsonc'],
      'migrations/0001_bare.up.sql':
        '-- lockstep: no-transaction\nCREATE TABLE one (id INTEGER);\nBEGIN;\nCREATE TABLE two (id INTEGER);\nINSERT INTO nowhere VALUES (1);\nCOMMIT;\n',
    });
    const { failed } = await project.run(URL);
    expect(failed).toMatchObject({ statement: 3, rolledBack: false });
    expect(failed?.message).toContain('The 1 statement before it stands');
    const database = new Database(path.join(project.folder, 'app.db'));
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('one', 'two')").pluck().all()).toEqual([
      'one',
    ]);
    database.close();
  });
});

describe('a database that is not as it should be', () => {
  test.each([
    ['missing', 'sqlite:none/app.db', 'missing: The folder of app.db does not exist'],
    ['a folder', 'sqlite:migrations', 'wrong-kind: migrations is a folder'],
    ['another kind of file', 'sqlite:lockstep.jsonc', 'wrong-kind: lockstep.jsonc is no SQLite database'],
  ])('%s', async (_name, url, message) => {
    using project = await runProject(FILES);
    expect(await failureOf(() => project.connect(url))).toContain(message);
    expect(existsSync(path.join(project.folder, 'none'))).toBe(false);
  });

  test('locked by another writer: the run waits, then says so and changes nothing', async () => {
    using project = await runProject(FILES);
    await project.run(URL, { extent: { kind: 'next' } });
    const other = new Database(path.join(project.folder, 'app.db'));
    other.exec('BEGIN IMMEDIATE');
    try {
      const done = await project.run(URL, {
        settings: { lockTimeoutMs: 50, lockAttempts: 1, migrationLockTimeoutMs: 50 },
      });
      expect(done.failed?.message).toContain('app.db is locked by another program that writes to it');
    } finally {
      other.exec('ROLLBACK');
      other.close();
    }
    expect(await project.states(URL)).toEqual(['0001_users: applied', '0002_nick: pending']);
  });

  test('read-only', async () => {
    using project = await runProject(FILES);
    await project.run(URL, { extent: { kind: 'next' } });
    await using connection = await project.connect(URL, { readOnly: true });
    expect(await failureOf(() => connection.execute('CREATE TABLE x (y)'))).toContain(
      'read-only: app.db takes no writes',
    );
  });

  test('damaged in the middle', async () => {
    using project = await runProject(FILES);
    await project.run(URL);
    const file = path.join(project.folder, 'app.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 100, bytes.length);
    writeFileSync(file, bytes);
    expect(await failureOf(() => project.status(URL))).toMatch(/^wrong-kind: app\.db is (damaged|no SQLite database)/);
  });
});

test('a folder that cannot be written gives a sentence, not a crash', async () => {
  using project = await runProject(FILES);
  const locked = path.join(project.folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o555);
  const message = await failureOf(() => project.run('sqlite:locked/app.db'));
  // root may write everywhere, in which case the file is simply made.
  expect(process.getuid?.() === 0 ? 'no failure' : message).toMatch(/no failure|unreachable: app\.db cannot be opened/);
});
