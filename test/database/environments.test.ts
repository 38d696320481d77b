import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectStatus } from '../../server/application/use-cases/project-status.ts';
import { runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { useProject } from '../support/use-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "postgresql" }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id int PRIMARY KEY);\n',
};

describe.each([MAJORS[0], MAJORS.at(-1)].filter((each) => each !== undefined))('PostgreSQL %i', (major) => {
  describe.skipIf(whyNoServer(major) !== undefined)('environments', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 60_000);
    afterAll(() => server.stop());

    test('a comment on the database makes it production, whatever a person calls it', async () => {
      const name = await server.createDatabase();
      await using use = await useProject(FILES, server.urlOf(name));
      const { named } = use.context.database;
      if (named === undefined) throw new Error('no database');
      use.context.database.named = { ...named, environment: 'development' };
      const client = await server.connect(name);
      try {
        const environment = async () => (await projectStatus(use.context)).report.database?.environment;
        expect(await environment()).toBe('development');
        await client.query(`COMMENT ON DATABASE "${name}" IS 'Shop. environment: production'`);
        expect(await environment()).toBe('production');
        const wish = { direction: 'up', extent: { kind: 'all' } } as const;
        const hooks = { onEvent: () => undefined };
        expect(await runMigrations(use.context, wish, hooks)).toEqual({
          kind: 'refused',
          reason: { code: 'not-confirmed', name, given: false },
        });
        const there = async () =>
          (await client.query(`SELECT to_regclass('users') IS NOT NULL AS there`)).rows[0].there;
        expect(await there()).toBe(false);
        expect((await client.query(`SELECT to_regclass('lockstep_history') AS there`)).rows[0].there).toBe(null);
        const confirmed = { ...use.context, confirmName: async (asked: string) => asked };
        expect(await runMigrations(confirmed, wish, hooks)).toMatchObject({
          kind: 'ended',
          done: { applied: ['0001_users'] },
        });
        expect(await there()).toBe(true);
      } finally {
        await client.end();
      }
    });
  });
});
