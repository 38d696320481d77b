import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { objectKey } from '../../server/model/names.ts';
import { sizeOf } from '../../server/model/size.ts';
import { LOCK_MODES } from '../../server/model/effect.ts';
import { conflicts } from '../../server/model/activity.ts';
import { LONG_TRANSACTION_SECONDS } from '../../server/drivers/postgres-live.ts';
import { readDatabaseFacts } from '../../server/application/database-facts.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

const FIRST = `CREATE TABLE users (id int PRIMARY KEY, age int, note text);
CREATE TABLE few (id int PRIMARY KEY, age int);
CREATE TABLE empty (id int PRIMARY KEY);
CREATE TABLE events (id int, day int) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200);
CREATE INDEX ON events (id);
`;
const FILL = `INSERT INTO users SELECT g, g, repeat('x', 100) FROM generate_series(1, 100000) g;
INSERT INTO few SELECT g, g FROM generate_series(1, 50) g;
INSERT INTO events SELECT g, g % 200 FROM generate_series(1, 20000) g;
ANALYZE users; ANALYZE few; ANALYZE events_1; ANALYZE events_2;`;
const NEXT = 'migrations/0002_next.up.sql';
const ALTER = 'ALTER TABLE users ALTER COLUMN age TYPE bigint;\nALTER TABLE few ALTER COLUMN age TYPE bigint;\n';
const WAIT_MS = 120_000;
const runnable = MAJORS.filter((major) => whyNoServer(major) === undefined);
if (runnable.length < MAJORS.length)
  console.log(
    `live facts: PostgreSQL ${MAJORS.filter((major) => whyNoServer(major) !== undefined).join(', ')} skipped: no binaries`,
  );

/** A project whose first migration is applied and filled, and whose second one waits. */
async function opened(
  server: PostgresServer,
  config: object = {},
): Promise<{ readonly project: RunProject; readonly url: string; readonly client: pg.Client }> {
  const database = await server.createDatabase();
  const url = server.urlOf(database);
  const project = await runProject({
    'lockstep.jsonc': JSON.stringify({ dialect: 'postgresql', ...config }),
    'migrations/0001_first.up.sql': FIRST,
    [NEXT]: ALTER,
  });
  await project.run(url, { extent: { kind: 'next' } });
  const client = await server.connect(database);
  await client.query(FILL);
  return { project, url, client };
}

async function attach(project: RunProject, url: string): Promise<void> {
  await using connection = await project.connect(url, { readOnly: true });
  project.project.setDatabase(await readDatabaseFacts(project.project, connection));
}

describe.each(runnable.map((major) => ({ major })))('PostgreSQL $major', ({ major }) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(major);
  }, WAIT_MS);
  afterAll(() => server.stop());

  test(
    'sizes are those of the server, parts apart, partitions summed, an empty table empty',
    async () => {
      const { project, url, client } = await opened(server);
      using _project = project;
      await using connection = await project.connect(url, { readOnly: true });
      const { catalog } = await readDatabaseFacts(project.project, connection);
      if (catalog === undefined) throw new Error('no catalog');
      const sizes = (name: string): ReturnType<typeof sizeOf> => sizeOf(catalog, objectKey('public', name));
      const { rows } = await client.query<{ name: string; total: number; heap: number; indexes: number }>(
        `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS total, pg_relation_size(oid)::float8 AS heap, pg_indexes_size(oid)::float8 AS indexes FROM pg_class WHERE relname IN ('users', 'few', 'empty', 'events_1', 'events_2')`,
      );
      expect(rows).toHaveLength(5);
      for (const row of rows)
        expect(sizes(row.name), row.name).toMatchObject({
          bytes: row.total,
          heapBytes: row.heap,
          indexBytes: row.indexes,
        });
      expect(sizes('users')?.rows).toBe(100_000);
      expect(sizes('few')?.rows).toBe(50);
      expect(sizes('empty')).toMatchObject({ rows: 0, heapBytes: 0 });
      expect(sizes('events')).toMatchObject({
        rows: 20_000,
        bytes: (sizes('events_1')?.bytes ?? 0) + (sizes('events_2')?.bytes ?? 0),
      });
      await client.end();
    },
    WAIT_MS,
  );

  test(
    'rows grow with the pages since the last ANALYZE',
    async () => {
      const { project, url, client } = await opened(server);
      using _project = project;
      await client.query(`INSERT INTO users SELECT g, g, repeat('x', 100) FROM generate_series(100001, 200000) g`);
      await using connection = await project.connect(url, { readOnly: true });
      const { sizes } = await connection.live();
      const rows = sizes.get(objectKey('public', 'users'))?.rows ?? 0;
      expect(rows).toBeGreaterThan(195_000);
      expect(rows).toBeLessThan(205_000);
      await client.end();
    },
    WAIT_MS,
  );

  test(
    'a table that somebody holds exclusively is not waited for',
    async () => {
      const { project, url, client } = await opened(server);
      using _project = project;
      await client.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
      await using connection = await project.connect(url, { readOnly: true });
      const lockTimeout = async (): Promise<unknown> =>
        (await connection.query(`SELECT current_setting('lock_timeout') AS value`))[0]?.['value'];
      const before = await lockTimeout();
      const started = performance.now();
      const { sizes } = await connection.live();
      expect(performance.now() - started).toBeLessThan(15_000);
      expect([...sizes.keys()]).not.toContain(objectKey('public', 'users'));
      expect([...sizes.keys()]).toContain(objectKey('public', 'few'));
      // What a look sets for itself does not stay in the session.
      expect(await lockTimeout()).toBe(before);
      await client.query('ROLLBACK');
      await client.end();
    },
    WAIT_MS,
  );

  test(
    'findings and explanations carry rows, bytes, an estimate with how it was made, and the transaction in the way',
    async () => {
      const { project, url, client } = await opened(server, { estimates: { writeMegabytesPerSecond: 10 } });
      using _project = project;
      await client.query(`SET application_name = 'nightly report'; BEGIN; SELECT count(*) FROM users`);
      await new Promise((resolve) => {
        setTimeout(resolve, (LONG_TRANSACTION_SECONDS + 0.3) * 1000);
      });
      await attach(project, url);
      const messages = project.project
        .lint(NEXT)
        .findings.filter((finding) => finding.code === 'blocking-alter')
        .map((finding) => finding.message);
      expect(messages[0]).toMatch(
        /users has about 100 thousand rows, 1[4-9] MB\. Rewriting it takes about [12] s by estimate: 1[4-9] MB, indexes included, written at an assumed 10 MB\/s\. Process \d+ \(nightly report, postgres\) held ACCESS SHARE on it in a transaction that was idle for [5-9] s/,
      );
      expect(messages[1]).toMatch(/few has about 50 rows, \d+ kB\. Rewriting it takes under a second by estimate/);
      expect(messages[1]).not.toContain('Process');
      const [effect] = project.project.explain(NEXT).statements[0]?.effects ?? [];
      expect(effect).toMatchObject({
        relation: 'public.users',
        size: { rows: 100_000 },
        estimate: { how: expect.stringContaining('10 MB/s') },
        waitsFor: [{ lock: 'AccessShareLock' }],
      });
      // The statement does wait behind that transaction.
      const other = await server.connect(url.split('/').at(-1));
      await other.query(`SET lock_timeout = '100ms'`);
      await expect(other.query('ALTER TABLE users ALTER COLUMN age TYPE bigint')).rejects.toThrow(/lock timeout/);
      await other.end();
      await client.query('ROLLBACK');
      await client.end();
    },
    WAIT_MS,
  );

  test(
    'what is smaller than a large table is told as an information, only while connected',
    async () => {
      const { project, url, client } = await opened(server, { largeTable: { rows: 1000 } });
      using _project = project;
      const severities = (): readonly string[] =>
        project.project
          .lint(NEXT)
          .findings.filter((finding) => finding.code === 'blocking-alter')
          .map((finding) => finding.severity);
      expect(severities()).toEqual(['error', 'error']);
      await attach(project, url);
      expect(severities()).toEqual(['error', 'info']);
      project.project.setDatabase(undefined);
      expect(severities()).toEqual(['error', 'error']);
      await client.end();
    },
    WAIT_MS,
  );

  test(
    'what a function or a publication in the database does is known',
    async () => {
      const { project, url, client } = await opened(server);
      using _project = project;
      await client.query(`CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET age = 1; END $$; CREATE PROCEDURE native() LANGUAGE sql AS 'TRUNCATE few';
      CREATE PUBLICATION pub FOR TABLE users, few`);
      await project.write(NEXT, 'SELECT fill();\nCALL native();\nALTER PUBLICATION pub SET TABLE few;\n');
      await attach(project, url);
      const { statements } = project.project.explain(NEXT);
      expect(
        statements.map((statement) => [
          statement.analysed,
          statement.effects.map((effect) => `${effect.relation} ${effect.lock}`),
        ]),
      ).toEqual([
        [true, ['public.users RowExclusiveLock']],
        [true, ['public.few AccessExclusiveLock', 'public.few_pkey AccessExclusiveLock']],
        [true, ['public.few ShareUpdateExclusiveLock', 'public.users ShareUpdateExclusiveLock']],
      ]);
      await client.end();
    },
    WAIT_MS,
  );

  test(
    'which locks keep each other out is what the server says',
    async () => {
      const database = await server.createDatabase();
      const [holder, waiter] = [await server.connect(database), await server.connect(database)];
      await holder.query('CREATE TABLE t (a int)');
      const words = (mode: string): string =>
        mode
          .replace(/Lock$/, '')
          .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
          .toUpperCase();
      for (const held of LOCK_MODES) {
        await holder.query(`BEGIN; LOCK TABLE t IN ${words(held)} MODE`);
        for (const wanted of LOCK_MODES) {
          const waits = await waiter.query(`BEGIN; LOCK TABLE t IN ${words(wanted)} MODE NOWAIT`).then(
            () => false,
            () => true,
          );
          await waiter.query('ROLLBACK');
          expect(conflicts(wanted, held), `${wanted} beside ${held}`).toBe(waits);
        }
        await holder.query('ROLLBACK');
      }
      await holder.end();
      await waiter.end();
    },
    WAIT_MS,
  );
});
