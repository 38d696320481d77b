import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logOf } from '../../server/application/use-cases/log-of.ts';
import { runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { useProject } from '../support/use-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "postgresql", "audit": "database" }',
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id int);\n',
  'migrations/0002_index.up.sql': '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id);\n',
  'migrations/0003_role.up.sql': 'CREATE ROLE nobody_much; SET ROLE nobody_much; SELECT 1 / 0;\n',
  'migrations/0004_ends.up.sql': 'CREATE TABLE b (id int);\nSELECT pg_terminate_backend(pg_backend_pid());\n',
};
const HOOKS = { onEvent: () => undefined };

describe.each([MAJORS[0], MAJORS.at(-1)].filter((each) => each !== undefined))('PostgreSQL %i', (major) => {
  describe.skipIf(whyNoServer(major) !== undefined)('the log', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 60_000);
    afterAll(() => server.stop());

    test('says what stands, after failures and a session that was ended', async () => {
      await using use = await useProject(FILES, server.urlOf(await server.createDatabase()));
      const { context } = use;
      const audited = { ...context, outside: { ...context.outside, auditor: { by: 'ann@build7', version: '1' } } };
      const all = { direction: 'up', extent: { kind: 'all' } } as const;
      await runMigrations(audited, all, HOOKS);
      const entries = async () => {
        const answer = await logOf(context);
        return answer.kind === 'done'
          ? answer.value.map((each) => `${each.migration}: ${each.outcome}`)
          : [answer.reason.code];
      };
      expect(await entries()).toEqual(['0001_a: done', '0002_index: done', '0003_role: not-done']);
      const wish = { direction: 'up', extent: { kind: 'all' } } as const;
      await using without = await useProject(
        { ...FILES, 'migrations/0003_role.up.sql': 'SELECT 1;\n' },
        context.database.named?.target.url,
      );
      const again = { ...without.context, outside: audited.outside };
      await runMigrations(again, wish, HOOKS);
      // The session ended with the migration, so that nobody could write its end.
      expect((await entries()).slice(3)).toEqual(['0003_role: done', '0004_ends: begun']);
      const answer = await logOf(context);
      expect(answer.kind === 'done' && answer.value[0]).toMatchObject({ databaseUser: 'postgres', by: 'ann@build7' });
    });

    test('that cannot be written lets nothing run', async () => {
      const name = await server.createDatabase();
      const client = await server.connect(name);
      await client.query('CREATE TABLE lockstep_log (id text)');
      await using use = await useProject(FILES, server.urlOf(name));
      const ran = await runMigrations(use.context, { direction: 'up', extent: { kind: 'all' } }, HOOKS);
      expect(ran).toMatchObject({ done: { applied: [], failed: { outcome: 'not-done' } } });
      expect((await client.query(`SELECT to_regclass('a') AS there`)).rows).toEqual([{ there: null }]);
      await client.end();
    });
  });
});
