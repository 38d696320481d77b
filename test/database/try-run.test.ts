import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import { tryMigrations } from '../../server/application/use-cases/try-migrations.ts';
import { triedText } from '../../server/runner/try-run.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { useProject } from '../support/use-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "postgresql" }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id int PRIMARY KEY, email text);\n',
  'migrations/0002_index.up.sql':
    'CREATE TABLE notes (id int);\nCREATE INDEX users_email ON users (email);\nALTER TABLE users ADD COLUMN nick text;\n',
  'migrations/0003_rows.up.sql': 'INSERT INTO users SELECT i FROM generate_series(1, 10) i;\n',
  'migrations/0004_apart.up.sql':
    '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_nick ON users (nick);\n',
  'migrations/0005_last.up.sql': 'SELECT 1;\n',
};
const HOOKS = { onEvent: () => undefined };
const ALL = { direction: 'up', extent: { kind: 'all' } } as const;

describe.each([MAJORS[0], MAJORS.at(-1)].filter((each) => each !== undefined))('PostgreSQL %i', (major) => {
  describe.skipIf(whyNoServer(major) !== undefined)('a dry run in a transaction', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 60_000);
    afterAll(() => server.stop());

    test('tells the locks that were really taken and for how long, and leaves nothing', async () => {
      const name = await server.createDatabase();
      await using use = await useProject(FILES, server.urlOf(name));
      const { context } = use;
      await runMigrations(context, { direction: 'up', extent: { kind: 'next' } }, HOOKS);
      const ended = await tryMigrations(context, ALL, HOOKS);
      if (ended.kind !== 'tried') throw new Error(ended.kind);
      const { tried } = ended;
      expect(tried.migrations.map(({ id }) => id)).toEqual(['0002_index', '0003_rows']);
      expect(tried.notTried).toEqual({ id: '0004_apart', rest: ['0005_last'] });
      const statements = tried.migrations[0]?.statements ?? [];
      // The table that the migration makes itself is nobody's to wait for.
      expect(
        statements.map(({ line, locks }) => [line, locks.map(({ mode, relation }) => `${mode} ${relation}`)]),
      ).toEqual([
        [0, []],
        [1, ['ShareLock public.users']],
        [2, ['AccessExclusiveLock public.users']],
      ]);
      const [, index, add] = statements;
      expect(index?.locks[0]?.heldMs).toBeGreaterThanOrEqual(add?.durationMs ?? 0);
      expect(tried.migrations[1]?.statements[0]?.locks.map(({ mode }) => mode)).toContain('RowExclusiveLock');
      expect(triedText(tried)).toMatch(
        /rolled back[\s\S]*0002_index[\s\S]*ACCESS EXCLUSIVE on public\.users, held \d+ ms/,
      );
      const client = await server.connect(name);
      const { rows } = await client.query(
        `SELECT to_regclass('notes') AS notes, to_regclass('users_email') AS index, (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM lockstep_history) AS applied`,
      );
      expect(rows).toEqual([{ notes: null, index: null, users: 0, applied: 1 }]);
      expect((await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`)).rows).toEqual([]);
      await client.end();
    });

    test('says what would fail, at COMMIT too, and is refused on production', async () => {
      const name = await server.createDatabase();
      const deferred =
        'CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (1);\n';
      await using use = await useProject(
        { 'lockstep.jsonc': FILES['lockstep.jsonc'], 'migrations/0001_a.up.sql': deferred },
        server.urlOf(name),
      );
      const ended = await tryMigrations(use.context, ALL, HOOKS);
      expect(ended).toMatchObject({ tried: { migrations: [], failed: { id: '0001_a', sqlstate: '23503' } } });
      const client = await server.connect(name);
      await client.query(`COMMENT ON DATABASE "${name}" IS 'production'`);
      expect(await tryMigrations(use.context, ALL, HOOKS)).toMatchObject({ reason: { code: 'not-on-production' } });
      expect((await client.query(`SELECT to_regclass('a') AS a`)).rows).toEqual([{ a: null }]);
      await client.end();
    });
  });
});

describe('SQLite', () => {
  test('tells how long each statement takes, and leaves nothing', async () => {
    await using use = await useProject(
      {
        'lockstep.jsonc': '{ "dialect": "sqlite" }',
        'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);\n',
        'migrations/0002_b.up.sql': 'INSERT INTO nowhere VALUES (1);\n',
      },
      'sqlite:app.db',
    );
    const wish = { direction: 'up', extent: { kind: 'next' } } as const;
    await runMigrations(use.context, wish, HOOKS);
    await runMigrations(use.context, { direction: 'up', extent: { kind: 'to', id: '0001_a' } }, HOOKS);
    const ended = await tryMigrations(use.context, ALL, HOOKS);
    expect(ended).toMatchObject({ tried: { failed: { id: '0002_b', path: 'migrations/0002_b.up.sql' } } });
  });
});
