import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../../support/cli.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../../support/postgres.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "postgresql" }',
  'migrations/0001_users.up.sql':
    "CREATE TABLE users (id bigint PRIMARY KEY, name text, email text UNIQUE);\nINSERT INTO users SELECT n, 'n' || n, 'e' || n FROM generate_series(1, 2500) n;\n",
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_rename.up.sql': 'ALTER TABLE users RENAME COLUMN name TO full_name;\n',
  'migrations/0002_rename.down.sql': 'ALTER TABLE users RENAME COLUMN full_name TO name;\n',
};

interface Parity {
  readonly agrees: boolean;
  readonly checks: readonly {
    readonly table: string;
    readonly rows: number;
    readonly differing: number;
    readonly ranges: readonly { readonly firstRow: number; readonly rows: number }[];
  }[];
}

for (const major of MAJORS) {
  describe(`PostgreSQL ${major}`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    });
    afterAll(async () => {
      await server.stop();
    });

    test('a rename goes through its phases: expand at once, fill, compare, deploy confirmed, contract, and all the way back', async () => {
      using project: CliFolder = cliFolder(FILES);
      const database = await server.createDatabase();
      const client = await server.connect(database);
      const at = ['--database', server.urlOf(database)] as const;
      const run = (...words: readonly string[]): ReturnType<CliFolder['run']> => project.run(...words, ...at);
      try {
        expect((await run('apply', '--to', '0001_users', '--yes')).code).toBe(0);
        expect(
          (
            await project.run(
              'fix',
              'migrations/0002_rename.up.sql',
              '--statement',
              '--write',
              '--server-version',
              String(major),
            )
          ).code,
        ).toBe(0);
        expect(project.files()).not.toContain('migrations/0002_rename.up.sql');

        // Nothing of the data is touched by what may run before anybody looks.
        const expanded = await run('apply', '--phase', 'expand', '--yes', '--format', 'json');
        expect(
          expanded.lines<{ readonly event: string; readonly applied?: readonly string[] }>().at(-1)?.applied,
        ).toEqual(['0003_add_users_full_name']);
        expect((await client.query('SELECT count(full_name)::int AS filled FROM users')).rows).toEqual([{ filled: 0 }]);
        const early = await run('change', 'check-parity', 'users-name-full-name');
        expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('is not applied yet')]);

        await client.query('ANALYZE users');
        const filled = await run('change', 'backfill', 'users-name-full-name', '--batch', '150', '--pause', '100');
        expect([filled.code, filled.stdout]).toEqual([
          0,
          expect.stringMatching(
            /^(?: {2}0004_fill_users_full_name: \d{3,4} rows, \d{2,4} left\n)+0004_fill_users_full_name applied\n$/,
          ),
        ]);
        expect((await client.query('SELECT count(*)::int AS filled FROM users WHERE full_name = name')).rows).toEqual([
          { filled: 2500 },
        ]);
        expect((await client.query('SELECT requirement FROM lockstep_changes')).rows).toEqual([
          { requirement: 'backfill' },
        ]);

        const waiting = await run('apply', '--all', '--yes');
        expect([waiting.code, waiting.stderr]).toEqual([
          5,
          expect.stringContaining('lockstep change confirm-deploy users-name-full-name'),
        ]);
        expect((await run('change', 'confirm-deploy', 'users-name-full-name', '--by', 'ann')).stdout).toContain(
          'version that uses users.full_name and no longer name',
        );

        // They agree, and then somebody writes past the trigger: the run compares again.
        expect((await run('change', 'check-parity', 'users-name-full-name')).code).toBe(0);
        await client.query(
          "SET session_replication_role = replica; UPDATE users SET name = 'secret' WHERE id IN (3, 4); SET session_replication_role = origin",
        );
        const stale = await run('apply', '--all', '--yes');
        expect([stale.code, stale.stderr]).toEqual([
          5,
          expect.stringContaining('old and new differ in 2 rows of users'),
        ]);
        expect(
          (await client.query('SELECT requirement FROM lockstep_changes ORDER BY 1')).rows.map(
            (row) => row.requirement,
          ),
        ).toEqual(['backfill', 'deploy']);
        const differing = await run('change', 'check-parity', 'users-name-full-name', '--format', 'json');
        expect(differing.code).toBe(1);
        expect(differing.json<Parity>()).toMatchObject({
          agrees: false,
          checks: [{ table: 'users', rows: 2500, differing: 2 }],
        });
        expect(differing.stdout + differing.stderr).not.toContain('secret');
        await client.query("UPDATE users SET name = 'n' || id WHERE id IN (3, 4)");
        const equal = await run('change', 'check-parity', 'users-name-full-name');
        expect([equal.code, equal.stdout]).toEqual([0, 'users: 2500 rows compared, all agree\n']);
        await client.query("DELETE FROM lockstep_changes WHERE requirement = 'parity'");

        const done = await run('apply', '--all', '--yes');
        expect([done.code, done.stderr]).toEqual([0, '']);
        expect((await client.query('SELECT * FROM users WHERE id = 3')).rows).toEqual([
          { id: '3', full_name: 'n3', email: 'e3' },
        ]);
        expect((await run('verify')).code).toBe(0);
        const back = await run('revert', '--to', '0001_users', '--yes');
        expect([back.code, back.stderr]).toEqual([
          0,
          expect.stringContaining('destroys column full_name of users with its values'),
        ]);
        expect((await client.query('SELECT * FROM users WHERE id = 3')).rows).toEqual([
          { id: '3', name: 'n3', email: 'e3' },
        ]);
        // What was confirmed and compared does not hold for a second try.
        expect((await client.query('SELECT * FROM lockstep_changes')).rows).toEqual([]);
      } finally {
        await client.end();
      }
    });
  });
}
