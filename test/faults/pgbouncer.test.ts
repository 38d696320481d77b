import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { Effort, FAULT_TIMEOUT_MS } from '../support/faults/effort.ts';
import { buildVictims } from '../support/faults/killed-process.ts';
import { killAgainAndAgain } from '../support/faults/kill-again.ts';
import { postgresLane } from '../support/faults/lane.ts';
import { startPgBouncer, whyNoPgBouncer, type PgBouncer } from '../support/pgbouncer.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject } from '../support/run-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "postgresql" }',
  'migrations/0001_t.up.sql': 'CREATE TABLE t (id int);\n',
  'migrations/0002_bare.up.sql': '-- lockstep: no-transaction\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n',
};

const why = whyNoPgBouncer();
// A reader of a run sees that these were left out, and how to have them.
if (why !== undefined) console.log(`skipped: ${why}`);

/** What an application finds in a session that it is given. */
async function sessionState(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT current_setting('default_transaction_read_only') AS read_only, current_setting('transaction_read_only') AS now_read_only,
              current_setting('lock_timeout') AS lock_timeout, current_setting('statement_timeout') AS statement_timeout,
              current_setting('search_path') AS search_path, current_user AS role,
              (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks,
              (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
              (SELECT count(*)::int FROM pg_stat_activity WHERE state LIKE 'idle in transaction%') AS open`,
    );
    return rows[0];
  } finally {
    await client.end();
  }
}

const AS_IT_WAS = {
  read_only: 'off',
  now_read_only: 'off',
  lock_timeout: '0',
  statement_timeout: '0',
  search_path: '"$user", public',
  role: 'postgres',
  locks: 0,
  prepared: 0,
  open: 0,
};

describe.skipIf(why !== undefined).each(FAULT_MAJORS)('PgBouncer before PostgreSQL %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(major);
  });
  afterAll(async () => {
    await server.stop();
  });

  async function pooled(mode: 'session' | 'transaction' | 'statement', settings: readonly string[] = []) {
    const direct = server.urlOf(await server.createDatabase());
    const pool: PgBouncer = await startPgBouncer(server, mode, settings);
    return { direct, pool, url: pool.url(direct), [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() };
  }

  test.each([
    // One session for all: whatever is left behind is found by the next.
    ['transaction', ['default_pool_size = 1']],
    ['session', ['default_pool_size = 1']],
  ] as const)('status leaves the session of a %s pool as it was', async (mode, settings) => {
    await using it = await pooled(mode, settings);
    using project = await runProject(FILES);
    expect((await project.run(it.direct, { extent: { kind: 'next' } })).applied).toEqual(['0001_t']);
    expect(await sessionState(it.url)).toEqual(AS_IT_WAS);
    const states = (await project.status(it.url, { readOnly: true })).migrations.map(({ state }) => state);
    expect(states).toEqual(['applied', 'pending']);
    expect(await sessionState(it.url)).toEqual(AS_IT_WAS);
    // The application can write in it.
    const application = new pg.Client({ connectionString: it.url });
    await application.connect();
    await application.query('INSERT INTO t VALUES (7)');
    await application.end();
  });

  test.each([
    ['transaction', ['default_pool_size = 1']],
    ['transaction', ['default_pool_size = 5']],
    ['statement', []],
  ] as const)('a run through a %s pool (%s) is refused before anything is done', async (mode, settings) => {
    await using it = await pooled(mode, settings);
    using folder = cliFolder(FILES);
    const result = await folder.run('apply', '--yes', '--database', it.url);
    expect(result).toMatchObject({ code: 3 });
    expect(result.stdout + result.stderr).toContain('pool_mode = session');
    expect(await sessionState(it.direct)).toEqual(AS_IT_WAS);
    const client = await server.connect(it.direct.split('/').at(-1));
    expect(
      (await client.query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).rows,
    ).toEqual([]);
    await client.end();
  });

  test('a run through a session pool does all, and gives the session back as it was', async () => {
    await using it = await pooled('session', ['default_pool_size = 5']);
    using project = await runProject(FILES);
    const done = await project.run(it.url);
    expect(done).toMatchObject({ failed: null, applied: ['0001_t', '0002_bare'] });
    expect(await sessionState(it.url)).toEqual(AS_IT_WAS);
    const runs = await Promise.all([1, 2, 3].map(() => project.run(it.url)));
    expect(runs.map(({ failed, applied }) => [failed, applied])).toEqual(runs.map(() => [null, []]));
  });

  test('a process that is killed anywhere behind a session pool loses nothing', { timeout: FAULT_TIMEOUT_MS }, async ({
    task,
  }) => {
    const effort = new Effort();
    using victims = await buildVictims();
    await using pool = await startPgBouncer(server, 'session', ['default_pool_size = 20']);
    const tally = await killAgainAndAgain(
      victims,
      `PgBouncer, PostgreSQL ${major}`,
      () => postgresLane(server, (url) => pool.url(url)),
      effort,
    );
    task.meta.faults = tally.result(effort.asked);
    expect(tally.problems).toEqual([]);
    expect(tally.tries).toBeGreaterThanOrEqual(effort.least);
  });
});
