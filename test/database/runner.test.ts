import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseError } from '../../server/drivers/driver.ts';
import { CutProxy } from '../support/cut-proxy.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { isRunGoingOn } from '../../server/runner/run-lock.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "postgresql" }',
  'migrations/0001_users.up.sql':
    "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nINSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 100) n;\n",
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_nick.up.sql': 'ALTER TABLE users ADD COLUMN nick text;\n',
  'migrations/0002_nick.down.sql': 'ALTER TABLE users DROP COLUMN nick;\n',
};
const QUICK = { lockTimeoutMs: 200, lockAttempts: 10, migrationLockTimeoutMs: 400 };

async function failureOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof DatabaseError) return `${cause.failure.kind}: ${cause.failure.message}`;
    throw cause;
  }
  return 'no failure';
}

for (const major of MAJORS) {
  describe(`PostgreSQL ${major}`, () => {
    let server: PostgresServer;
    let url = '';
    let database = '';
    let project: RunProject;
    let other: pg.Client;
    beforeAll(async () => {
      server = await startPostgres(major);
    });
    afterAll(async () => {
      await server.stop();
    });

    /** A fresh database and project for one test. */
    async function fresh(files: Readonly<Record<string, string>> = FILES): Promise<AsyncDisposable> {
      database = await server.createDatabase();
      url = server.urlOf(database);
      project = await runProject(files);
      other = await server.connect(database);
      return {
        [Symbol.asyncDispose]: async () => {
          project[Symbol.dispose]();
          await other.end();
        },
      };
    }

    test('up, status, and down again; the history goes with the rows', async () => {
      await using _ = await fresh();
      expect((await project.run(url)).applied).toEqual(['0001_users', '0002_nick']);
      const status = await project.status(url);
      expect(status.database?.version.startsWith(String(major))).toBe(true);
      expect(status.history).toEqual({ table: 'lockstep_history', exists: true });
      const { rows } = await other.query<{
        id: string;
        checksum: string;
        execution_ms: string;
        lockstep_version: string;
      }>('SELECT * FROM lockstep_history ORDER BY id');
      expect(rows.map((row) => row.id)).toEqual(['0001_users', '0002_nick']);
      expect(
        rows.every(
          (row) => /^[0-9a-f]{64}$/.test(row.checksum) && Number(row.execution_ms) >= 0 && row.lockstep_version !== '',
        ),
      ).toBe(true);
      expect((await project.run(url, { direction: 'down', extent: { kind: 'steps', count: 2 } })).applied).toEqual([
        '0002_nick',
        '0001_users',
      ]);
      expect((await other.query('SELECT * FROM lockstep_history')).rows).toEqual([]);
      expect((await other.query(`SELECT to_regclass('users') AS gone`)).rows[0].gone).toBeNull();
    });

    test('a lock that another session holds is waited for in short tries, and the session is named', async () => {
      await using _ = await fresh();
      await project.run(url, { extent: { kind: 'next' } });
      await other.query('BEGIN; LOCK TABLE users IN ACCESS SHARE MODE');
      const released = setTimeout(900).then(() => other.query('COMMIT'));
      const done = await project.run(url, { settings: QUICK });
      // The server lets go of the lock before its answer is here: a session that ends in between would reject it.
      await released;
      expect(done.applied).toEqual(['0002_nick']);
      expect(project.events.some((event) => event.event === 'retry' && event.id === '0002_nick')).toBe(true);
      expect(project.events.flatMap((event) => (event.event === 'waiting' ? event.blockers : [])).join()).toContain(
        'process ',
      );
    });

    test('a lock that is never released ends in a failure with nothing done', async () => {
      await using _ = await fresh();
      await project.run(url, { extent: { kind: 'next' } });
      await other.query('BEGIN; LOCK TABLE users IN ACCESS SHARE MODE');
      const done = await project.run(url, { settings: { ...QUICK, lockAttempts: 2 } });
      expect(done.failed).toMatchObject({ id: '0002_nick', sqlstate: '55P03', rolledBack: true });
      await other.query('COMMIT');
      expect(await project.states(url)).toEqual(['0001_users: applied', '0002_nick: pending']);
    });

    test('a session that is killed in the middle leaves no half of a migration', async () => {
      await using _ = await fresh({
        ...FILES,
        'migrations/0003_slow.up.sql': 'CREATE TABLE half (id int);\nSELECT pg_sleep(20);\n',
      });
      const running = project.run(url);
      for (let attempt = 0; attempt < 100; attempt++) {
        const { rows } = await other.query<{ done: boolean }>(
          `SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity WHERE application_name = 'lockstep' AND query LIKE '%pg_sleep%' AND datname = current_database()`,
        );
        if (rows[0]?.done === true) break;
        await setTimeout(50);
      }
      const done = await running;
      expect(done.failed).toMatchObject({ id: '0003_slow', rolledBack: true });
      expect(done.failed?.message).toContain('was lost');
      expect(await project.states(url)).toEqual(['0001_users: applied', '0002_nick: applied', '0003_slow: pending']);
      expect((await other.query(`SELECT to_regclass('half') AS gone`)).rows[0].gone).toBeNull();
    });

    test('a run that is cancelled stops the statement and takes its migration back', async () => {
      await using _ = await fresh({
        ...FILES,
        'migrations/0003_slow.up.sql': 'CREATE TABLE half (id int);\nSELECT pg_sleep(20);\n',
      });
      const abort = new AbortController();
      const started = Date.now();
      void setTimeout(600).then(() => {
        abort.abort();
      });
      const done = await project.run(url, { signal: abort.signal });
      expect(done.failed).toMatchObject({ id: '0003_slow', rolledBack: true, sqlstate: '57014' });
      expect(Date.now() - started).toBeLessThan(15_000);
      expect((await other.query(`SELECT to_regclass('half') AS gone`)).rows[0].gone).toBeNull();
    });

    test('two runs at once: one works, the other waits and names it', async () => {
      await using _ = await fresh({ ...FILES, 'migrations/0003_slow.up.sql': 'SELECT pg_sleep(1.5);\n' });
      const first = project.run(url);
      await setTimeout(300);
      const goesOn = async (): Promise<boolean | null> => {
        await using connection = await project.connect(url, { readOnly: true });
        return await isRunGoingOn(project.project, connection);
      };
      expect(await goesOn()).toBe(true);
      const second = await project.run(url, { settings: QUICK });
      expect(second.failed?.message).toContain('Another run of migrations holds the lock: process ');
      expect((await first).applied).toEqual(['0001_users', '0002_nick', '0003_slow']);
      expect((await other.query('SELECT count(*)::int AS rows FROM lockstep_history')).rows[0].rows).toBe(3);
      expect(await goesOn()).toBe(false);
    });

    test("a small migration takes two messages to the server: its row and its work, its end and the next one's beginning", async () => {
      const counted = async (files: number): Promise<number> => {
        const names = Array.from({ length: files }, (_, index) => `migrations/000${index + 1}_t.sql`);
        await using _ = await fresh({
          'lockstep.jsonc': '{ "dialect": "postgresql" }',
          ...Object.fromEntries(
            names.map((name, index) => [name, `-- migrate:up\nCREATE TABLE t${index} (id int);\n`]),
          ),
        });
        await using proxy = await CutProxy.start(server.port);
        proxy.cutMessage(Number.POSITIVE_INFINITY, 'answer');
        expect((await project.run(proxy.url(url))).applied).toHaveLength(files);
        return proxy.messages;
      };
      expect((await counted(8)) - (await counted(3))).toBe(5 * 2);
    });

    test.each([
      ['the first', 0],
      ['one in the middle', 1],
      ['the last', 2],
    ])('of statements that are sent together %s is told that fails, and nothing is left', async (_name, failing) => {
      const lines = [0, 1, 2].map((index) =>
        index === failing ? 'SELECT nothing FROM users;' : `INSERT INTO users VALUES (${2000 + index}, 'together');`,
      );
      await using _ = await fresh({ ...FILES, 'migrations/0003_bad.up.sql': `${lines.join('\n')}\n` });
      const { applied, failed } = await project.run(url);
      expect(applied).toEqual(['0001_users', '0002_nick']);
      expect(failed).toMatchObject({ id: '0003_bad', statement: failing, outcome: 'not-done', sqlstate: '42703' });
      expect(failed?.position).toEqual({ line: failing, character: 7 });
      const left = "SELECT count(*)::int AS rows FROM users WHERE email = 'together'";
      expect((await other.query(left)).rows).toEqual([{ rows: 0 }]);
      const open = "SELECT count(*)::int AS rows FROM pg_stat_activity WHERE state LIKE 'idle in%'";
      expect((await other.query(open)).rows).toEqual([{ rows: 0 }]);
    });

    test('rows that are to come from the client are refused, and keep no run waiting', async () => {
      await using _ = await fresh({ ...FILES, 'migrations/0003_copy.up.sql': 'COPY users FROM STDIN;\n' });
      const { failed, applied } = await project.run(url);
      expect(applied).toEqual(['0001_users', '0002_nick']);
      expect(failed).toMatchObject({ id: '0003_copy', outcome: 'not-done' });
      expect(failed?.message).toContain('nothing sends them here');
    });

    test('a concurrent index that fails takes its invalid index away, and goes on after the rows are mended', async () => {
      await using _ = await fresh({
        ...FILES,
        'migrations/0003_unique.up.sql':
          "-- lockstep: no-transaction\nINSERT INTO users VALUES (1000, 'u1');\nCREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);\n",
      });
      const done = await project.run(url);
      expect(done.failed).toMatchObject({ id: '0003_unique', statement: 1, rolledBack: false, sqlstate: '23505' });
      expect(done.failed?.message).toContain('Key (email) is duplicated. The 1 statement before it stands');
      expect((await project.states(url)).at(-1)).toBe('0003_unique: failed');
      expect((await other.query('SELECT 1 FROM pg_index WHERE NOT indisvalid')).rows).toEqual([]);
      await other.query("UPDATE users SET email = 'other' WHERE id = 1000");
      expect((await project.run(url)).applied).toEqual(['0003_unique']);
      expect((await other.query('SELECT count(*)::int AS rows FROM users')).rows).toEqual([{ rows: 101 }]);
    });

    test('an error is shown at its place behind an emoji', async () => {
      await using _ = await fresh({
        ...FILES,
        'migrations/0003_bad.up.sql': "SELECT 1;\n/* 😀 */ SELECT 'é😀', nothing FROM users;\n",
      });
      const done = await project.run(url);
      expect(done.failed).toMatchObject({ sqlstate: '42703', position: { line: 1, character: 23 } });
      expect(done.failed?.excerpt).toBe("/* 😀 */ SELECT 'é😀', nothing FROM users;\n                       ^");
    });

    test.each([
      ['a database that is missing', () => server.urlOf('nowhere'), 'missing: postgres://127.0.0.1'],
      ['a port where nobody listens', () => 'postgres://postgres@127.0.0.1:1/postgres', 'unreachable: '],
    ])('%s', async (_name, target, message) => {
      await using _ = await fresh();
      expect(await failureOf(() => project.connect(target()))).toContain(message);
    });

    test('files of another kind than the database are refused', async () => {
      await using _ = await fresh({
        'lockstep.jsonc': '{ "dialect": "sqlite" }',
        'migrations/1_a.up.sql': 'CREATE TABLE a (b);',
      });
      expect((await project.run(url)).failed?.message).toContain('are written for SQLite');
    });
  });
}

test('a wrong password is said, and neither it nor the URL is shown', async () => {
  const major = MAJORS.at(-1) ?? 18;
  const server = await startPostgres(major);
  const admin = await server.connect();
  try {
    await admin.query(`CREATE ROLE guarded LOGIN PASSWORD 'right'`);
    // Rules are read from the top, so the new one counts before those that trust everybody.
    const {
      rows: [file],
    } = await admin.query<{ path: string }>(`SHOW hba_file`).then((result) => ({
      rows: result.rows.map((row) => ({ path: String((row as { readonly hba_file?: unknown }).hba_file) })),
    }));
    const { readFileSync, writeFileSync } = await import('node:fs');
    const hba = file?.path ?? '';
    writeFileSync(hba, `host all guarded 127.0.0.1/32 scram-sha-256\n${readFileSync(hba, 'utf8')}`);
    await admin.query('SELECT pg_reload_conf()');
    using project = await runProject(FILES);
    const message = await failureOf(() =>
      project.connect(`postgres://guarded:hunter2@127.0.0.1:${server.port}/postgres`),
    );
    expect(message).toContain('authentication: ');
    expect(message).not.toContain('hunter2');
    expect(
      await failureOf(async () => {
        await using connection = await project.connect(`postgres://guarded:right@127.0.0.1:${server.port}/postgres`);
        await connection.query('SELECT 1');
      }),
    ).toBe('no failure');
  } finally {
    await admin.end();
    await server.stop();
  }
});
