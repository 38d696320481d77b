import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../server/drivers/connect.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { connectOptions } from '../../server/application/connect-options.ts';
import { CutProxy } from '../support/cut-proxy.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

/** What stops a run and what it waits for, on the oldest and the newest server and on SQLite. */
const PG = MAJORS.filter((_major, index) => index === 0 || index === MAJORS.length - 1);
const A = 'CREATE TABLE a (id int);\n';
const B = 'CREATE TABLE b (id int);\n';

async function remove(project: RunProject, name: string): Promise<void> {
  rmSync(path.join(project.folder, name));
  await project.project.refresh();
}

/** What status knows stops a run, until a person passes over it. */
function stops(engine: 'postgresql' | 'sqlite', urlOf: () => Promise<string>): void {
  const config = { 'lockstep.jsonc': `{ "dialect": "${engine}" }` };

  test('two files with one number', async () => {
    const url = await urlOf();
    using project = await runProject({ ...config, 'migrations/0001_a.up.sql': A, 'migrations/0002_b.up.sql': B });
    await project.run(url, { extent: { kind: 'next' } });
    await project.write('migrations/0002_c.up.sql', 'CREATE TABLE c (id int);\n');
    const done = await project.run(url);
    expect(done).toMatchObject({ applied: [], stopped: { concern: 'problems' } });
    expect(done.stopped?.message).toMatch(/0002_c\.up\.sql and 0002_b\.up\.sql have one number/);
    expect(await project.states(url)).toEqual(['0001_a: applied', '0002_b: pending']);
    expect((await project.run(url, { despite: ['drifted', 'missing'] })).applied).toEqual([]);
    expect((await project.run(url, { despite: ['problems'] })).applied).toEqual(['0002_b']);
  });

  test("another project's history", async () => {
    const url = await urlOf();
    using other = await runProject({ ...config, 'migrations/0001_other.up.sql': A });
    // On SQLite the file is in the other project's folder.
    const there = url.replace('sqlite:', `sqlite:${other.folder}/`);
    await other.run(there);
    using project = await runProject({ ...config, 'migrations/0001_b.up.sql': B });
    const done = await project.run(there);
    expect(done).toMatchObject({ applied: [], stopped: { id: '0001_other', concern: 'missing' } });
    expect((await project.run(there, { despite: ['missing'] })).applied).toEqual(['0001_b']);
  });

  test('an applied file that was renamed does not run again', async () => {
    const url = await urlOf();
    using project = await runProject({
      ...config,
      'migrations/0001_a.up.sql': A,
      'migrations/0002_row.up.sql': 'INSERT INTO a VALUES (1);\n',
      'migrations/0003_b.up.sql': B,
    });
    await project.run(url, { extent: { kind: 'to', id: '0002_row' } });
    await project.write('migrations/0002_renamed.up.sql', 'INSERT INTO a VALUES (1);\n');
    await remove(project, 'migrations/0002_row.up.sql');
    expect(await project.run(url)).toMatchObject({ applied: [], stopped: { id: '0002_row', concern: 'missing' } });
    await using connection = await project.connect(url);
    expect(await connection.query('SELECT id FROM a')).toHaveLength(1);
    await project.write('migrations/0002_row.up.sql', 'INSERT INTO a VALUES (1);\n');
    await remove(project, 'migrations/0002_renamed.up.sql');
    expect((await project.run(url)).applied).toEqual(['0003_b']);
  });

  test('an edited migration, up and down; a missing one cannot be reverted', async () => {
    const url = await urlOf();
    using project = await runProject({
      ...config,
      'migrations/0001_a.up.sql': A,
      'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
      'migrations/0002_b.up.sql': B,
    });
    await project.run(url, { extent: { kind: 'next' } });
    await project.write('migrations/0001_a.up.sql', 'CREATE TABLE a (id bigint);\n');
    expect(await project.run(url)).toMatchObject({ applied: [], stopped: { id: '0001_a', concern: 'drifted' } });
    const down = { direction: 'down', extent: { kind: 'next' } } as const;
    expect(await project.run(url, down)).toMatchObject({ applied: [], stopped: { concern: 'drifted' } });
    expect(await project.states(url)).toEqual(['0001_a: drifted', '0002_b: pending']);
    await remove(project, 'migrations/0001_a.up.sql');
    await remove(project, 'migrations/0001_a.down.sql');
    expect((await project.run(url, down)).failed?.message).toMatch(/0001_a is applied but its file is gone/);
    expect(await project.run(url)).toMatchObject({ applied: [], stopped: { id: '0001_a', concern: 'missing' } });
    await project.write('migrations/0001_a.up.sql', 'CREATE TABLE a (id bigint);\n');
    await project.write('migrations/0001_a.down.sql', 'DROP TABLE a;\n');
    expect((await project.run(url, { ...down, despite: ['drifted'] })).applied).toEqual(['0001_a']);
    expect((await project.run(url)).applied).toEqual(['0001_a', '0002_b']);
  });
}

describe('SQLite', () => {
  stops('sqlite', () => Promise.resolve('sqlite:app.db'));
});

for (const major of PG) {
  const why = whyNoServer(major);
  if (why !== undefined) console.warn(`skipped: ${why}`);
  describe.skipIf(why !== undefined)(`PostgreSQL ${major}`, () => {
    const config = { 'lockstep.jsonc': '{ "dialect": "postgresql" }' };
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    });
    afterAll(async () => {
      await server.stop();
    });
    const fresh = async (): Promise<string> => server.urlOf(await server.createDatabase());

    stops('postgresql', fresh);

    test('a history that another session has locked is told while it is waited for, and can be cancelled', async () => {
      const url = await fresh();
      using project = await runProject({ ...config, 'migrations/0001_a.up.sql': A, 'migrations/0002_b.up.sql': B });
      await project.run(url, { extent: { kind: 'next' } });
      const holder = await server.connect(url.split('/').at(-1));
      await holder.query('BEGIN; LOCK TABLE lockstep_history IN ACCESS EXCLUSIVE MODE');
      const abort = new AbortController();
      const target = parseDatabaseUrl(url, project.folder);
      if ('problem' in target) throw new Error(target.problem);
      const open = connectOptions(project.project.engine, { readOnly: false });
      await using connection = await openConnection(target, open, abort.signal);
      const told = (): string =>
        project.events.flatMap((event) => (event.event === 'waiting' ? [event.reason, ...event.blockers] : [])).join();
      const running = project.run(url, { connection, signal: abort.signal });
      await expect.poll(told, { timeout: 8_000 }).toMatch(/a lock on the history,process \d+ of postgres/);
      const cancelled = performance.now();
      abort.abort();
      const done = await running;
      expect(performance.now() - cancelled).toBeLessThan(8_000);
      expect(done).toMatchObject({ applied: [], failed: { id: '', path: null, position: null } });
      // Nobody waits for ever: who looks is told who holds it.
      await expect(project.status(url)).rejects.toThrow(
        /The history lockstep_history is locked by another session.*: process \d+/,
      );
      await holder.query('ROLLBACK');
      await holder.end();
      expect((await project.run(url)).applied).toEqual(['0002_b']);
    });

    test('a network that swallows everything holds up no run that is cancelled', async () => {
      const url = await fresh();
      using project = await runProject({ ...config, 'migrations/0001_a.up.sql': 'SELECT pg_sleep(30);\n' });
      await using proxy = await CutProxy.start(server.port);
      const abort = new AbortController();
      const running = project.run(proxy.url(url), { signal: abort.signal });
      await expect
        .poll(() => project.events.some((event) => event.event === 'migration'), { timeout: 10_000 })
        .toBe(true);
      await setTimeout(300);
      proxy.swallow();
      const started = performance.now();
      abort.abort();
      const done = await running;
      expect(performance.now() - started).toBeLessThan(45_000);
      expect(done).toMatchObject({ applied: [], failed: { outcome: 'unknown' } });
      expect(done.failed?.message).toMatch(/is not known/);
    });

    test('a deadlock is tried again', async () => {
      const url = await fresh();
      using project = await runProject({
        ...config,
        'migrations/0001_a.up.sql': `${A}INSERT INTO a VALUES (1), (2);\n`,
        'migrations/0002_rows.up.sql':
          'UPDATE a SET id = id WHERE id = 1;\nSELECT pg_sleep(4);\nUPDATE a SET id = id WHERE id = 2;\n',
      });
      await project.run(url, { extent: { kind: 'next' } });
      const other = await server.connect(url.split('/').at(-1));
      // The migration is the one that notices.
      await other.query("SET deadlock_timeout = '20s'; BEGIN; UPDATE a SET id = id WHERE id = 2");
      const running = project.run(url, {
        settings: { lockTimeoutMs: 20_000, lockAttempts: 5, migrationLockTimeoutMs: 1_000 },
      });
      // A transaction sees the sessions as they were when it first looked.
      const watcher = await server.connect(url.split('/').at(-1));
      for (let attempt = 0; attempt < 200; attempt++) {
        const { rows } = await watcher.query<{ sleeps: boolean }>(
          `SELECT count(*) > 0 AS sleeps FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' AND state = 'active'`,
        );
        if (rows[0]?.sleeps === true) break;
        await setTimeout(50);
      }
      await watcher.end();
      await other.query('UPDATE a SET id = id WHERE id = 1');
      await other.query('COMMIT');
      const done = await running;
      await other.end();
      expect(project.events.some((event) => event.event === 'retry' && /deadlock/i.test(event.reason))).toBe(true);
      expect(done).toMatchObject({ applied: ['0002_rows'], failed: null });
    });

    test('a statement that takes too long is not called cancelled; a history that refuses blames no line', async () => {
      const url = await fresh();
      using project = await runProject({
        ...config,
        'migrations/0001_a.up.sql': A,
        'migrations/0002_slow.up.sql': "SET statement_timeout = '50ms';\nSELECT pg_sleep(5);\n",
      });
      await project.run(url, { extent: { kind: 'next' } });
      const slow = await project.run(url);
      expect(slow.failed).toMatchObject({
        id: '0002_slow',
        statement: 1,
        outcome: 'not-done',
        message: 'The statement took longer than statement_timeout allows.',
      });
      const admin = await server.connect(url.split('/').at(-1));
      await admin.query('ALTER TABLE lockstep_history ADD CONSTRAINT never CHECK (id <> $$0002_slow$$)');
      await admin.end();
      await project.write('migrations/0002_slow.up.sql', B);
      const done = await project.run(url);
      expect(done.failed).toMatchObject({
        id: '0002_slow',
        path: null,
        position: null,
        excerpt: null,
        outcome: 'not-done',
      });
      expect(done.failed?.message).toMatch(
        /^The history lockstep_history could not be written: .*violates check constraint.*\.$/,
      );
      await using connection = await project.connect(url);
      expect(await connection.query("SELECT to_regclass('b') AS b")).toEqual([{ b: null }]);
    });
  });
}
