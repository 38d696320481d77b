import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LintReport } from '../../server/analysis/report.ts';
import { cliFolder } from '../support/cli.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';

const TEST_MS = 60_000;
const START_MS = 120_000;

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0 && process.env['CI'] === undefined) console.log(`first-words: skipped, ${missing.join('; ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined).each(MAJORS)(
  'what the command line says of PostgreSQL %i',
  (major) => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, START_MS);
    afterAll(async () => {
      await server.stop();
    });

    test(
      'lint --database looks for what this very server does not know',
      async () => {
        using project = cliFolder({
          'migrations/0001_v.up.sql': 'CREATE VIEW v WITH (security_invoker = true) AS SELECT 1 AS a;\n',
        });
        const database = server.urlOf(await server.createDatabase());
        const result = await project.run('lint', '--database', database, '--format', 'json', '--fail-on', 'never');
        const report = result.json<LintReport & { readonly folders?: readonly { readonly serverVersion: string }[] }>();
        const codes = report.files.flatMap((file) => file.findings.map(({ code }) => code));
        expect(codes.includes('statement-not-supported')).toBe(major < 15);
        expect(result.stdout).toContain(`"serverVersion": "${major}"`);
        const plain = await project.run('lint', '--format', 'json', '--fail-on', 'never');
        expect(plain.stdout).not.toContain('statement-not-supported');
      },
      TEST_MS,
    );

    test(
      'rows of a condition are few where the statistics of the connected database say so, and many otherwise',
      async () => {
        using project = cliFolder({
          'migrations/0001_users.up.sql':
            'CREATE TABLE users (id bigint PRIMARY KEY, state text, x int);\nCREATE TABLE orders (id bigint PRIMARY KEY, state text, x int);\n',
          'migrations/0002_small.up.sql': "UPDATE users SET x = 1 WHERE state = 'active';\n",
          'migrations/0003_large.up.sql': "UPDATE orders SET x = 1 WHERE state = 'active';\n",
        });
        const name = await server.createDatabase();
        const database = server.urlOf(name);
        const said = async (...words: string[]): Promise<readonly string[]> =>
          (await project.run('lint', ...words, '--format', 'json', '--fail-on', 'never'))
            .json<LintReport>()
            .files.filter(({ findings }) => findings.some(({ code }) => code === 'unbatched-update'))
            .map(({ path }) => path);
        const both = ['migrations/0002_small.up.sql', 'migrations/0003_large.up.sql'];
        expect(await said()).toEqual(both);
        expect((await project.run('apply', '--yes', '--to', '0001_users', '--database', database)).code).toBe(0);
        const client = await server.connect(name);
        await client.query(
          `INSERT INTO users SELECT n, 'active' FROM generate_series(1, 300) AS n;
           INSERT INTO orders SELECT n, 'active' FROM generate_series(1, 60000) AS n`,
        );
        // Before the first ANALYZE the server itself knows nothing of them.
        expect(await said('--pending', '--database', database)).toEqual(both);
        await client.query('ANALYZE');
        await client.end();
        expect(await said('--pending', '--database', database)).toEqual(both.slice(1));
        // Without --pending the same of all migrations, those that the database has included.
        expect(await said('--database', database)).toEqual(both.slice(1));
        expect((await project.run('apply', '--yes', '--all', '--database', database)).code).toBe(0);
        expect(await said('--pending', '--database', database)).toEqual([]);
        expect(await said('--database', database)).toEqual(both.slice(1));
      },
      TEST_MS,
    );

    test(
      'rows behind COPY are what apply cannot send, not a statement that somebody cancelled',
      async () => {
        using project = cliFolder({
          'migrations/0001_a.up.sql': 'CREATE TABLE a (id int);\nCOPY a (id) FROM stdin;\n',
        });
        const database = server.urlOf(await server.createDatabase());
        const { code, stdout, stderr } = await project.run('apply', '--yes', '--database', database);
        expect(code).not.toBe(0);
        expect(stdout + stderr).toContain('COPY ... FROM stdin reads its rows from whoever runs it');
        expect(stdout + stderr).not.toContain('was cancelled');
      },
      TEST_MS,
    );

    test(
      "a full stop stands between the server's sentence and ours",
      async () => {
        const apply = async (sql: string): Promise<string> => {
          using project = cliFolder({ 'migrations/0001_a.up.sql': sql });
          const database = server.urlOf(await server.createDatabase());
          return (await project.run('apply', '--yes', '--database', database)).stdout;
        };
        expect(await apply('ALTER TABLE nowhere ADD COLUMN a int;\n')).toContain(
          '0001_a.up.sql:1:1 relation "nowhere" does not exist.\n',
        );
        expect(
          await apply("-- lockstep: no-transaction\nCREATE TABLE a (id int);\nINSERT INTO a VALUES ('x');\n"),
        ).toContain('invalid input syntax for type integer: "x". The 1 statement before it stands, ');
        expect(await apply("DO $$ BEGIN RAISE EXCEPTION 'stop' USING DETAIL = 'so', HINT = 'go'; END $$;\n")).toContain(
          ' stop. so. Hint: go.\n',
        );
      },
      TEST_MS,
    );

    test(
      'rows that nothing tells apart are not changed while a publication of the connected database sends them',
      async () => {
        using project = cliFolder({
          'migrations/0001_a.up.sql': "UPDATE hall.bare SET note = 'x' WHERE id = 1;\n",
          'migrations/0002_b.up.sql': "UPDATE hall.keyed SET note = 'x' WHERE id = 1;\n",
        });
        const said = async (sql: string): Promise<[lint: readonly string[], server: string]> => {
          const name = await server.createDatabase();
          const client = await server.connect(name);
          await client.query(
            `CREATE SCHEMA hall; CREATE TABLE hall.bare (id int, note text); CREATE TABLE hall.keyed (id int PRIMARY KEY, note text); ${sql}`,
          );
          const answer = await client.query("UPDATE hall.bare SET note = 'x' WHERE id = 1").then(
            () => '',
            (error: unknown) => String(error),
          );
          await client.query("UPDATE hall.keyed SET note = 'x' WHERE id = 1");
          await client.end();
          const words = ['--database', server.urlOf(name), '--pending', '--format', 'json', '--fail-on', 'never'];
          const { files } = (await project.run('lint', ...words)).json<LintReport>();
          return [
            files.flatMap((file) =>
              file.findings.filter(({ code }) => code === 'statement-not-supported').map(({ message }) => message),
            ),
            answer,
          ];
        };
        const refused = [[expect.stringContaining('sends every UPDATE of bare')], expect.stringContaining('publishes')];
        expect(await said('CREATE PUBLICATION sent FOR TABLE hall.bare;')).toEqual(refused);
        expect(await said('CREATE PUBLICATION sent FOR ALL TABLES;')).toEqual(refused);
        expect(await said("CREATE PUBLICATION sent FOR TABLE hall.bare WITH (publish = 'insert');")).toEqual([[], '']);
        if (major >= 15) {
          expect(await said('CREATE PUBLICATION sent FOR TABLES IN SCHEMA hall;')).toEqual(refused);
          expect(await said('CREATE PUBLICATION sent FOR TABLES IN SCHEMA public;')).toEqual([[], '']);
        }
      },
      TEST_MS,
    );
  },
);
