import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectStatus } from '../../server/application/use-cases/project-status.ts';
import { idempotentScriptOf } from '../../server/application/use-cases/script-of.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { useProject } from '../support/use-project.ts';

const projects = path.resolve(import.meta.dirname, '../tools/projects');

function filesOf(folder: string, below = ''): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(path.join(folder, below)).flatMap((name) => {
      const file = path.join(below, name);
      return statSync(path.join(folder, file)).isDirectory()
        ? Object.entries(filesOf(folder, file))
        : [[file, readFileSync(path.join(folder, file), 'utf8')] as const];
    }),
  );
}

const PLAIN = {
  'lockstep.jsonc': '{ "dialect": "postgresql" }',
  'migrations/0001_a.up.sql':
    "CREATE TABLE a (id int, t text DEFAULT $migration$it's$migration$);\nINSERT INTO a VALUES (1);\n",
  'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
  'migrations/0002_b.up.sql':
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\nINSERT INTO a VALUES (2);\n',
  'migrations/0002_b.down.sql': 'DROP FUNCTION f();\n',
};

describe.each([MAJORS[0], MAJORS.at(-1)].filter((each) => each !== undefined))('PostgreSQL %i', (major) => {
  describe.skipIf(whyNoServer(major) !== undefined)('an idempotent script', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 60_000);
    afterAll(() => server.stop());

    test('does its work once, up and down, however often it runs, two at once too', async () => {
      const name = await server.createDatabase();
      await using use = await useProject(PLAIN, server.urlOf(name));
      const { project } = use.context;
      const script = (direction: 'up' | 'down'): string => {
        const { migrations } = project.migrations;
        const made = idempotentScriptOf(project, direction, direction === 'up' ? migrations : migrations.toReversed());
        if ('refused' in made) throw new Error(made.refused);
        return made.sql;
      };
      const [client, other] = [await server.connect(name), await server.connect(name)];
      // As psql sends it: each statement by itself.
      const send = async (to: typeof client, sql: string): Promise<void> => {
        for (const part of sql.split(/\n(?=-- \d)/)) await to.query(part);
      };
      await send(client, script('up'));
      await Promise.all([send(client, script('up')), send(other, script('up'))]);
      expect((await client.query('SELECT id, t FROM a ORDER BY id')).rows).toEqual([
        { id: 1, t: "it's" },
        { id: 2, t: "it's" },
      ]);
      expect((await projectStatus(use.context)).report.counts).toMatchObject({ applied: 2, drifted: 0 });
      await Promise.all([send(client, script('down')), send(other, script('down'))]);
      await send(client, script('down'));
      expect((await projectStatus(use.context)).report.counts).toMatchObject({ applied: 0, pending: 2 });
      expect((await client.query(`SELECT to_regclass('a') AS a`)).rows).toEqual([{ a: null }]);
      await client.end();
      await other.end();
    });

    test.each(['dbmate', 'goose', 'sqlx', 'flyway', 'diesel', 'sql-migrate', 'node-pg-migrate', 'supabase'])(
      'of %s leaves its history as the tool reads it, checksums too',
      async (tool) => {
        const name = await server.createDatabase();
        await using use = await useProject(filesOf(path.join(projects, tool)), server.urlOf(name));
        const { project } = use.context;
        expect(project.tool.id).toBe(tool);
        const chosen = project.migrations.migrations.filter(
          ({ upPath, id, kind }) =>
            kind === 'versioned' &&
            project.headersOf(upPath)?.section({ id }, 'up')?.transaction === 'one' &&
            !/CONCURRENTLY/.test(project.textOf(upPath) ?? ''),
        );
        expect(chosen.length).toBeGreaterThan(0);
        const made = idempotentScriptOf(project, 'up', chosen);
        if ('refused' in made) throw new Error(made.refused);
        const client = await server.connect(name);
        for (const _turn of [1, 2]) await client.query(made.sql);
        await client.end();
        const { report } = await projectStatus(use.context);
        const states = report.migrations
          .filter(({ id }) => chosen.some((each) => each.id === id))
          .map(({ state }) => state);
        expect(states).toEqual(chosen.map(() => 'applied'));
      },
    );

    test('is refused with the reason where it cannot be', async () => {
      const refusal = async (sql: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
        await using use = await useProject({ ...PLAIN, ...more, 'migrations/0003_c.up.sql': sql });
        const { project } = use.context;
        const made = idempotentScriptOf(project, 'up', project.migrations.migrations);
        return 'refused' in made ? made.refused : '';
      };
      expect(await refusal('-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);\n')).toContain(
        '0003_c runs outside a transaction',
      );
      expect(await refusal('COMMIT;\n')).toContain('a statement that no block can hold (COMMIT');
      expect(await refusal('SELECT 1;\n', { 'lockstep.jsonc': '{ "dialect": "sqlite" }' })).toContain(
        'no block that asks the history first',
      );
    });
  });
});
