import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

/** Issue 10: what a run says of the database is asserted against the database. */
const CONFIG = { 'lockstep.jsonc': '{ "dialect": "postgresql" }' };
const BASE = { ...CONFIG, 'migrations/0001_t.up.sql': 'CREATE TABLE t (id int, batch int);\n' };
const QUICK = { lockTimeoutMs: 200, lockAttempts: 3, migrationLockTimeoutMs: 400 };
const NO_TRANSACTION = '-- lockstep: no-transaction\n';

for (const major of FAULT_MAJORS) {
  describe(`PostgreSQL ${major}`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    });
    afterAll(async () => {
      await server.stop();
    });

    interface Scene extends AsyncDisposable {
      readonly project: RunProject;
      readonly url: string;
      readonly other: pg.Client;
      rows(sql: string): Promise<readonly unknown[]>;
    }

    async function scene(files: Readonly<Record<string, string>>): Promise<Scene> {
      const database = await server.createDatabase();
      const project = await runProject(files);
      const other = await server.connect(database);
      return {
        project,
        other,
        url: server.urlOf(database),
        rows: async (sql) => (await other.query({ text: sql, rowMode: 'array' })).rows.map((row) => row[0]),
        [Symbol.asyncDispose]: async () => {
          project[Symbol.dispose]();
          await other.end();
        },
      };
    }

    test('a loop that commits its batches is not run again by itself when a batch meets a lock', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_loop.up.sql': `${NO_TRANSACTION}DO $$ BEGIN FOR n IN 1..5 LOOP INSERT INTO log VALUES (n); UPDATE t SET batch = n WHERE id = n; COMMIT; END LOOP; END $$;\n`,
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      await it.other.query('CREATE TABLE log (n int); INSERT INTO t SELECT n FROM generate_series(1, 5) n');
      const holder = await server.connect(it.url.split('/').at(-1));
      await holder.query('BEGIN; SELECT * FROM t WHERE id = 4 FOR UPDATE');
      const done = await it.project.run(it.url, { settings: QUICK });
      expect(done.failed).toMatchObject({ outcome: 'partly-done', rolledBack: false, sqlstate: '55P03' });
      expect(done.failed?.message).toContain('--interrupted again');
      expect(await it.rows('SELECT n FROM log ORDER BY n')).toEqual([1, 2, 3]);
      expect((await it.project.states(it.url)).at(-1)).toBe('0002_loop: failed');
      await holder.query('ROLLBACK');
      await holder.end();
      // Nothing runs before a person has said so; then the run comes to its end.
      expect((await it.project.run(it.url)).failed).toMatchObject({
        asksInterrupted: true,
        message: expect.stringContaining('--interrupted'),
      });
      expect(await it.rows('SELECT n FROM log ORDER BY n')).toEqual([1, 2, 3]);
      expect((await it.project.run(it.url, { interrupted: 'again' })).applied).toEqual(['0002_loop']);
      expect(await it.rows('SELECT n FROM log ORDER BY n')).toEqual([1, 1, 2, 2, 3, 3, 4, 5]);
      expect((await it.project.states(it.url)).at(-1)).toBe('0002_loop: applied');
    });

    test('what a file committed by its own COMMIT is not sent again when what is behind it meets a lock', async () => {
      await using it = await scene({
        'db/migrations/20240101_t.sql': '-- migrate:up\nCREATE TABLE t (id int);\n-- migrate:down\nDROP TABLE t;\n',
        'db/migrations/20240102_own.sql':
          '-- migrate:up transaction:false\nBEGIN; INSERT INTO t VALUES (1); COMMIT; ALTER TABLE t ADD COLUMN late int;\n-- migrate:down\nSELECT 1;\n',
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      const holder = await server.connect(it.url.split('/').at(-1));
      await holder.query('BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE');
      const done = await it.project.run(it.url, { settings: QUICK });
      expect(done.failed).toMatchObject({ outcome: 'partly-done', rolledBack: false, sqlstate: '55P03' });
      expect(await it.rows('SELECT id FROM t')).toEqual([1]);
      await holder.query('ROLLBACK');
      await holder.end();
      expect((await it.project.run(it.url)).applied).toEqual(['20240102']);
      expect(await it.rows('SELECT id FROM t')).toEqual([1]);
      expect(
        await it.rows(`SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'late'`),
      ).toEqual(['late']);
    });

    test('a schema that a migration makes for "$user" does not hide the history or what was met', async () => {
      await using it = await scene({
        ...CONFIG,
        'migrations/0001_schema.up.sql': 'CREATE SCHEMA app_owner;\n',
        'migrations/0002_t.up.sql': 'CREATE TABLE public.t (id int);\n',
        'migrations/0003_step.up.sql': '-- lockstep: change t-fill phase migrate\nINSERT INTO public.t VALUES (1);\n',
      });
      await it.other.query(`DROP ROLE IF EXISTS app_owner; CREATE ROLE app_owner SUPERUSER LOGIN`);
      const url = it.url.replace('postgres@', 'app_owner@');
      expect((await it.project.run(url)).applied).toEqual(['0001_schema', '0002_t', '0003_step']);
      expect((await it.project.run(url)).applied).toEqual([]);
      expect(
        await it.rows(
          `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname LIKE 'lockstep%' AND c.relkind = 'r' ORDER BY 1`,
        ),
      ).toEqual(['public.lockstep_changes', 'public.lockstep_history']);
    });

    test.each([
      ['ROLLBACK', 'CREATE TABLE gone (id int); ROLLBACK;'],
      ['COMMIT', 'CREATE TABLE gone (id int); COMMIT; SELECT nothing;'],
    ])('a file that would end the transaction around it by %s is refused before it runs', async (_name, sql) => {
      await using it = await scene({ ...CONFIG, 'migrations/0001_own.up.sql': `${sql}\n` });
      const done = await it.project.run(it.url);
      expect(done.failed).toMatchObject({ outcome: 'not-done', position: { line: 0, character: 28 } });
      expect(await it.rows(`SELECT to_regclass('gone')::text`)).toEqual([null]);
      expect(await it.project.states(it.url)).toEqual(['0001_own: pending']);
    });

    test('a BEGIN and COMMIT around a whole file are the transaction that is around it anyway', async () => {
      await using it = await scene({
        ...CONFIG,
        'migrations/0001_own.up.sql': 'BEGIN;\nCREATE TABLE here (id int);\nCOMMIT;\n',
      });
      expect((await it.project.run(it.url)).applied).toEqual(['0001_own']);
      expect(await it.rows(`SELECT to_regclass('here')::text`)).toEqual(['here']);
    });

    test('nothing of a session is left for the migration after it, and the migration lock stays', async () => {
      await using it = await scene({
        ...CONFIG,
        'migrations/0001_state.up.sql': `${NO_TRANSACTION}CREATE ROLE weak_${Date.now()};\nCREATE SCHEMA other;\nCREATE TEMP TABLE left_over (id int);\nSELECT pg_advisory_unlock_all();\nSET search_path = other;\nSET default_transaction_read_only = on;\n`,
        'migrations/0002_role.up.sql': 'CREATE ROLE weak_again;\nSET ROLE weak_again;\nSET statement_timeout = 100;\n',
        'migrations/0003_t.up.sql':
          "CREATE TABLE t AS SELECT pg_sleep(0.15) IS NULL AS slept, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())::int AS locks;\nDROP ROLE weak_again;\n",
      });
      const done = await it.project.run(it.url);
      expect(done.failed?.message).toBeUndefined();
      expect(await it.rows(`SELECT to_regclass('public.t')::text`)).toEqual(['t']);
      expect(await it.rows('SELECT locks FROM t')).toEqual([1]);
    });

    test('a COMMIT whose answer is lost is asked from the server', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_cut.up.sql': 'INSERT INTO t VALUES (7);\n',
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      const { CutProxy } = await import('../support/cut-proxy.ts');
      await using proxy = await CutProxy.start(server.port);
      proxy.cut('COMMIT', 1, 'answer');
      const done = await it.project.run(proxy.url(it.url));
      expect(await it.rows('SELECT id FROM t')).toEqual([7]);
      expect(done.applied).toEqual(['0002_cut']);
      expect(done.failed?.message).toContain('0002_cut had been committed before that, as the server says');
      expect((await it.project.run(it.url)).applied).toEqual([]);
    });

    test('an index that is built concurrently waits for an older transaction as long as it lasts', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_index.up.sql': `${NO_TRANSACTION}CREATE INDEX CONCURRENTLY t_id ON t (id);\n`,
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      const holder = await server.connect(it.url.split('/').at(-1));
      await holder.query('BEGIN; SELECT * FROM t; INSERT INTO t VALUES (1)');
      const released = setTimeout(1500).then(() => holder.query('COMMIT'));
      const done = await it.project.run(it.url, { settings: QUICK });
      await released;
      await holder.end();
      expect(done).toMatchObject({ applied: ['0002_index'], failed: null });
      expect(await it.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id'::regclass")).toEqual([true]);
    });

    test('twenty runs at once apply each migration once, and those that come late have nothing to do', async () => {
      await using it = await scene({ ...BASE, 'migrations/0002_row.up.sql': 'INSERT INTO t VALUES (1);\n' });
      const runs = await Promise.all(
        Array.from({ length: 20 }, () =>
          it.project.run(it.url, { settings: { ...QUICK, migrationLockTimeoutMs: 60_000 } }),
        ),
      );
      expect(runs.filter((done) => done.failed !== null || done.stopped !== null)).toEqual([]);
      expect(runs.flatMap((done) => done.applied).toSorted()).toEqual(['0001_t', '0002_row']);
      expect(await it.rows('SELECT id FROM t')).toEqual([1]);
    });

    test('a history that another session has locked is named, and is not the fault of the file', async () => {
      await using it = await scene({ ...BASE, 'migrations/0002_row.up.sql': 'INSERT INTO t VALUES (1);\n' });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      await it.other.query('BEGIN; LOCK TABLE lockstep_history IN SHARE MODE');
      const done = await it.project.run(it.url, { settings: { ...QUICK, lockAttempts: 1 } });
      expect(done.failed).toMatchObject({ path: null, position: null, outcome: 'not-done' });
      expect(done.failed?.message).toContain(
        'The history lockstep_history could not be written: another session holds a lock',
      );
      await it.other.query('ROLLBACK');
      expect((await it.project.run(it.url)).applied).toEqual(['0002_row']);
      expect(await it.rows('SELECT id FROM t')).toEqual([1]);
    });

    test('a confirmed deploy is taken back in the transaction of the revert', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_step.up.sql': '-- lockstep: change c phase expand\nCREATE TABLE step (id int);\n',
        'migrations/0002_step.down.sql': 'DROP TABLE step;\nSELECT 1 / (SELECT count(*) FROM gate);\n',
      });
      await it.project.run(it.url);
      await it.other.query('CREATE TABLE gate (id int)');
      await using connection = await it.project.connect(it.url);
      const { recordMet } = await import('../../server/runner/change-records.ts');
      await recordMet(connection, {
        change: 'c',
        requirement: 'deploy',
        description: 'v2',
        metAt: '2026-01-01T00:00:00Z',
        metBy: 'me',
      });
      const last = { direction: 'down', extent: { kind: 'next' } } as const;
      expect((await it.project.run(it.url, last)).failed?.outcome).toBe('not-done');
      expect(await it.rows('SELECT requirement FROM lockstep_changes')).toEqual(['deploy']);
      await it.other.query('INSERT INTO gate VALUES (1)');
      expect((await it.project.run(it.url, last)).applied).toEqual(['0002_step']);
      expect(await it.rows('SELECT requirement FROM lockstep_changes')).toEqual([]);
    });
  });
}
