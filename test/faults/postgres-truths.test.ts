import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

/** What a run says of the database is asserted against the database. */
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

    test("the same schema does not hide a tool's own table", async () => {
      await using it = await scene({
        'db/migrations/20240101_schema.sql': '-- migrate:up\nCREATE SCHEMA tool_owner;\n-- migrate:down\nSELECT 1;\n',
        'db/migrations/20240102_t.sql': '-- migrate:up\nCREATE TABLE public.t (id int);\n-- migrate:down\nSELECT 1;\n',
      });
      await it.other.query(`DROP ROLE IF EXISTS tool_owner; CREATE ROLE tool_owner SUPERUSER LOGIN`);
      const url = it.url.replace('postgres@', 'tool_owner@');
      expect((await it.project.run(url)).applied).toEqual(['20240101', '20240102']);
      expect((await it.project.run(url)).applied).toEqual([]);
      expect(
        await it.rows(
          `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'schema_migrations'`,
        ),
      ).toEqual(['public.schema_migrations']);
    });

    test.each([
      ['ROLLBACK', 'CREATE TABLE gone (id int); ROLLBACK;'],
      ['COMMIT', 'CREATE TABLE gone (id int); COMMIT; SELECT nothing;'],
      ['END', 'CREATE TABLE gone (id int); END;'],
      ['ABORT', 'CREATE TABLE gone (id int); ABORT;'],
      ['COMMIT AND CHAIN', 'CREATE TABLE gone (id int); COMMIT AND CHAIN;'],
      ['PREPARE TRANSACTION', "CREATE TABLE gone (id int); PREPARE TRANSACTION 'x';"],
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

    test('an invalid index that a lost run left is built again, and that of somebody else stays', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_index.up.sql': `${NO_TRANSACTION}CREATE INDEX CONCURRENTLY t_id ON t (id);\n`,
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      // A unique one over rows that are not: what is left of it is invalid, and nobody's here.
      await it.other.query('INSERT INTO t VALUES (1), (1)');
      await it.other.query('CREATE UNIQUE INDEX CONCURRENTLY theirs ON t (id)').catch(() => undefined);
      const holder = await server.connect(it.url.split('/').at(-1));
      await holder.query('BEGIN; INSERT INTO t VALUES (2)');
      const running = it.project.run(it.url);
      const building = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('t_id')";
      while ((await it.rows(building)).length === 0) await setTimeout(20);
      await it.other.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'lockstep'",
      );
      expect((await running).failed).toMatchObject({ id: '0002_index', outcome: 'unknown' });
      expect(await it.rows(building)).toEqual([false]);
      expect((await it.project.status(it.url)).migrations[1]?.note).toContain('the end of the next one is not known');
      await holder.query('ROLLBACK');
      await holder.end();
      expect(await it.project.run(it.url)).toMatchObject({ applied: ['0002_index'], failed: null });
      expect(await it.rows(building)).toEqual([true]);
      expect(await it.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('theirs')")).toEqual([
        false,
      ]);
    });

    test('a migration that a deadlock ends is run again, once', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_cross.up.sql':
          'LOCK TABLE t IN EXCLUSIVE MODE;\nSELECT pg_sleep(0.5);\nLOCK TABLE other IN EXCLUSIVE MODE;\nINSERT INTO t VALUES (1);\n',
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      await it.other.query('CREATE TABLE other (id int)');
      const rival = await server.connect(it.url.split('/').at(-1));
      // The one that looks first is the one that is ended.
      await rival.query("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE other IN EXCLUSIVE MODE");
      const running = it.project.run(it.url, { settings: { ...QUICK, lockTimeoutMs: 20_000 } });
      while (!it.project.events.some((event) => event.event === 'migration' && event.id === '0002_cross'))
        await setTimeout(20);
      await setTimeout(200);
      const crossed = rival.query('LOCK TABLE t IN EXCLUSIVE MODE; COMMIT');
      expect(await running).toMatchObject({ applied: ['0002_cross'], failed: null });
      await crossed;
      await rival.end();
      expect(it.project.events.filter((event) => event.event === 'retry')).toMatchObject([
        { id: '0002_cross', reason: expect.stringContaining('deadlock') },
      ]);
      expect(await it.rows('SELECT id FROM t')).toEqual([1]);
    });

    test('a session that the server ends because it idled in its transaction is a lost one, and nothing stands', async () => {
      await using it = await scene({
        ...BASE,
        'migrations/0002_idle.up.sql':
          "INSERT INTO t VALUES (1);\nSET LOCAL idle_in_transaction_session_timeout = '120ms';\nINSERT INTO t VALUES (2);\n",
      });
      await it.project.run(it.url, { extent: { kind: 'next' } });
      const { CutProxy } = await import('../support/cut-proxy.ts');
      await using proxy = await CutProxy.start(server.port);
      proxy.delay(160);
      const done = await it.project.run(proxy.url(it.url));
      expect(done.failed).toMatchObject({ id: '0002_idle', outcome: 'not-done', rolledBack: true });
      expect(done.failed?.message).toContain('idle_in_transaction_session_timeout');
      expect(await it.rows('SELECT id FROM t')).toEqual([]);
      expect((await it.project.run(it.url)).applied).toEqual(['0002_idle']);
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

    test('a history that another program makes at the same moment is used', async () => {
      await using it = await scene(BASE);
      const maker = await server.connect(it.url.split('/').at(-1));
      await maker.query(
        'BEGIN; CREATE TABLE lockstep_history (id text PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL, execution_ms bigint NOT NULL, lockstep_version text NOT NULL)',
      );
      const running = it.project.run(it.url);
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'lockstep' AND wait_event_type = 'Lock'";
      while ((await it.rows(waiting)).length === 0) await setTimeout(20);
      await maker.query('COMMIT');
      await maker.end();
      expect(await running).toMatchObject({ applied: ['0001_t'], failed: null });
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

/** What takes its time is tried on one major. */
const NEWEST = FAULT_MAJORS.at(-1);
describe.skipIf(NEWEST === undefined)(`PostgreSQL ${NEWEST ?? ''} in a network that is gone`, () => {
  test.concurrent.each(['cut', 'cancelled'] as const)(
    'what nobody can ask is told as not known, and status tells (%s)',
    async (how) => {
      const server = await startPostgres(NEWEST ?? 0);
      const url = server.urlOf(await server.createDatabase());
      using project = await runProject({
        ...BASE,
        'migrations/0002_gone.up.sql': 'INSERT INTO t VALUES (1);\nSELECT pg_sleep(1);\n',
        'migrations/0003_after.up.sql': 'INSERT INTO t VALUES (3);\n',
      });
      try {
        await project.run(url, { extent: { kind: 'next' } });
        const { CutProxy } = await import('../support/cut-proxy.ts');
        await using proxy = await CutProxy.start(server.port);
        const abort = new AbortController();
        const started = performance.now();
        if (how === 'cut') {
          proxy.cut('COMMIT', 1, 'answer');
          proxy.closeBehind();
        }
        // Who asks later gives up soon.
        const running = project.run(`${proxy.url(url)}?connect_timeout=2`, { signal: abort.signal });
        if (how === 'cancelled') {
          while (!project.events.some((event) => event.event === 'migration' && event.id === '0002_gone'))
            await setTimeout(20);
          await setTimeout(200);
          proxy.swallow();
          abort.abort();
        }
        const done = await running;
        expect(performance.now() - started).toBeLessThan(100_000);
        expect(done.failed).toMatchObject({ id: '0002_gone', outcome: 'unknown', rolledBack: false });
        expect(done.failed?.message).toContain('Whether 0002_gone was applied is not known.');
        expect(done.notRun).toEqual(['0003_after']);
        const state = (await project.states(url))[1];
        // Its COMMIT had arrived where the connection was cut behind it.
        expect(state).toBe(how === 'cut' ? '0002_gone: applied' : '0002_gone: pending');
      } finally {
        await server.stop();
      }
    },
  );
});
