import { execFile } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wishOf } from '../../server/planner/wishes.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { withSaidValues } from '../support/said-values.ts';

const execFileAsync = promisify(execFile);
const require = createRequire(import.meta.url);
/** The real program out of its npm package. */
const DBMATE = path.resolve(path.dirname(require.resolve('dbmate/package.json')), '../.bin/dbmate');

const POSTGRES_FILES = {
  'db/migrations/20240101000000_users.sql':
    '-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY, email text);\n\n-- migrate:down\nDROP TABLE users;\n',
  'db/migrations/20240102000000_index.sql':
    '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY users_email ON users (email);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY users_email;\n',
  'db/migrations/20240103000000_nick.sql':
    '-- migrate:up\nALTER TABLE users ADD COLUMN nick text;\n\n-- migrate:down\nALTER TABLE users DROP COLUMN nick;\n',
};
const SQLITE_FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite" }',
  'db/migrations/20240101000000_users.sql':
    '-- migrate:up\nCREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n\n-- migrate:down\nDROP TABLE users;\n',
  'db/migrations/20240102000000_index.sql':
    '-- migrate:up\nCREATE INDEX users_email ON users (email);\n\n-- migrate:down\nDROP INDEX users_email;\n',
  'db/migrations/20240103000000_nick.sql':
    '-- migrate:up\nALTER TABLE users ADD COLUMN nick TEXT;\n\n-- migrate:down\nALTER TABLE users DROP COLUMN nick;\n',
};
const IDS = ['20240101000000', '20240102000000', '20240103000000'];

/** Changes whose steps use all that a file may need: no transaction, a loop that commits, a function body. */
const CHANGES: readonly (readonly [string, ...string[]])[] = [
  ['rename-column', 'users.email', 'mail'],
  ['alter-type', 'users.age', 'bigint'],
  ['required-column', 'users.status', 'text'],
  ['split-table', 'users.email', 'mails'],
];

async function dbmate(project: RunProject, url: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execFileAsync(
    DBMATE,
    ['--url', url, '--migrations-dir', path.join(project.folder, 'db/migrations'), '--no-dump-schema', ...words],
    { cwd: project.folder },
  );
  return stdout + stderr;
}

/** What `dbmate status` marks as applied, by version. */
async function appliedByDbmate(project: RunProject, url: string): Promise<readonly string[]> {
  return [...(await dbmate(project, url, 'status')).matchAll(/^\[X\] (\d+)/gm)].map((match) => match[1] ?? '');
}

/** The same by our own status. */
async function appliedByUs(project: RunProject, url: string): Promise<readonly string[]> {
  return (await project.status(url)).migrations
    .filter((migration) => migration.state === 'applied')
    .map((migration) => migration.id);
}

/** Both tools on one database, taking turns. `theirs` and `ours` are the URL in each one's words. */
async function takeTurns(project: RunProject, theirs: string, ours: string): Promise<void> {
  expect((await project.run(ours, { extent: { kind: 'next' } })).applied).toEqual(IDS.slice(0, 1));
  expect(await appliedByDbmate(project, theirs)).toEqual(IDS.slice(0, 1));
  await dbmate(project, theirs, 'migrate');
  expect(await appliedByUs(project, ours)).toEqual(IDS);
  expect(await appliedByDbmate(project, theirs)).toEqual(IDS);
  expect((await project.run(ours)).applied).toEqual([]);
  expect((await project.run(ours, { direction: 'down', extent: { kind: 'next' } })).applied).toEqual(IDS.slice(2));
  expect(await appliedByDbmate(project, theirs)).toEqual(IDS.slice(0, 2));
  await dbmate(project, theirs, 'rollback');
  expect(await appliedByUs(project, ours)).toEqual(IDS.slice(0, 1));
  expect((await project.run(ours)).applied).toEqual(IDS.slice(1));
  expect(await appliedByDbmate(project, theirs)).toEqual(IDS);
  for (const _ of IDS) await dbmate(project, theirs, 'rollback');
  expect(await appliedByUs(project, ours)).toEqual([]);
}

describe('dbmate and Lockstep agree', () => {
  test('on a SQLite file', async () => {
    using project = await runProject(SQLITE_FILES);
    await takeTurns(project, `sqlite:${path.join(project.folder, 'app.db')}`, 'sqlite:app.db');
  });

  test('on a SQLite file that dbmate made first', async () => {
    using project = await runProject(SQLITE_FILES);
    await dbmate(project, `sqlite:${path.join(project.folder, 'app.db')}`, 'up');
    expect(await appliedByUs(project, 'sqlite:app.db')).toEqual(IDS);
  });

  for (const major of MAJORS) {
    describe(`on PostgreSQL ${major}`, () => {
      let server: PostgresServer;
      beforeAll(async () => {
        server = await startPostgres(major);
      });
      afterAll(async () => {
        await server.stop();
      });

      test('taking turns, with an index outside a transaction', async () => {
        using project = await runProject(POSTGRES_FILES);
        const url = server.urlOf(await server.createDatabase());
        await takeTurns(project, `${url}?sslmode=disable`, url);
      });

      test.each(CHANGES)('dbmate itself runs the steps of $0, up and back', async (name, ...values) => {
        using project = await runProject({
          'lockstep.jsonc': `{ "serverVersion": "${major}" }`,
          'db/migrations/20240101000000_users.sql':
            '-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY, email text, age int);\nCREATE INDEX users_email ON users (email);\nINSERT INTO users SELECT n, n::text, n FROM generate_series(1, 2500) n;\n\n-- migrate:down\nDROP TABLE users;\n',
        });
        const database = await server.createDatabase();
        const url = `${server.urlOf(database)}?sslmode=disable`;
        const wish = wishOf(name);
        const planned =
          wish === undefined ? undefined : project.project.planWish(wish, values, new Date('2026-01-02T03:04:05Z'));
        if (planned?.kind !== 'planned') throw new Error(planned?.reason ?? `no wish ${name}`);
        for (const file of withSaidValues(planned.change).files) await project.write(file.path, file.text);
        const client = await server.connect(database);
        try {
          await dbmate(project, url, 'migrate');
          expect((await client.query('SELECT count(*)::int AS rows FROM users')).rows).toEqual([{ rows: 2500 }]);
          const versions = await appliedByDbmate(project, url);
          expect(versions.length).toBe(1 + planned.change.steps.length);
          // A step without a way back has an empty down half, which dbmate runs as nothing.
          if (name === 'alter-type') return;
          for (const _ of planned.change.steps) await dbmate(project, url, 'rollback');
          expect((await client.query('SELECT * FROM users WHERE id = 7')).rows).toEqual([
            { id: '7', email: '7', age: 7 },
          ]);
        } finally {
          await client.end();
        }
      });
    });
  }

  test('on which files are refused: both say no to a file without "migrate:up"', async () => {
    using project = await runProject({ ...SQLITE_FILES, 'db/migrations/20240104000000_bare.sql': 'SELECT 1;\n' });
    const done = await project.run('sqlite:app.db');
    // dbmate runs those before it.
    expect(done.applied).toEqual([]);
    expect(done.failed).toMatchObject({ id: '20240104000000' });
    expect(done.failed?.message).toContain('no "-- migrate:up" line');
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-dbmate-'));
    mkdirSync(path.join(folder, 'db'), { recursive: true });
    writeFileSync(path.join(folder, 'db/keep'), '');
    await expect(dbmate(project, `sqlite:${path.join(folder, 'other.db')}`, 'up')).rejects.toThrow(/migrate:up/);
    rmSync(folder, { recursive: true });
  });
});
