import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillChange } from '../../server/application/use-cases/follow-change.ts';
import { runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import { planWishedChange } from '../../server/application/use-cases/write-migrations.ts';
import { writeChanges } from '../../server/application/write-changes.ts';
import type { RunEvent } from '../../server/runner/report.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { startStandby } from '../support/standby.ts';
import { useProject } from '../support/use-project.ts';

describe.each([MAJORS.at(-1)].filter((each) => each !== undefined))('PostgreSQL %i', (major) => {
  describe.skipIf(whyNoServer(major) !== undefined)('a fill beside a replica', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 60_000);
    afterAll(() => server.stop());

    test('waits while that is further behind than it may be, says so, and goes on; one that is stopped goes on too', async () => {
      const name = await server.createDatabase();
      const client = await server.connect(name);
      await using use = await useProject(
        {
          'lockstep.jsonc': '{ "dialect": "postgresql" }',
          'migrations/0001_users.up.sql': 'CREATE TABLE users (id int PRIMARY KEY, name text);\n',
        },
        server.urlOf(name),
      );
      const { context } = use;
      const { project } = context;
      const quiet = { onEvent: () => undefined };
      await runMigrations(context, { direction: 'up', extent: { kind: 'next' } }, quiet);
      await client.query(`INSERT INTO users SELECT i, 'n' || i FROM generate_series(1, 240) i`);
      const planned = planWishedChange(context, { wish: 'rename-column', values: ['users.name', 'full_name'] });
      if (planned.kind !== 'done') throw new Error(JSON.stringify(planned));
      await writeChanges(context.outside.files, project.root, planned.value.files);
      await project.refresh();
      const expand = { direction: 'up', extent: { kind: 'all' }, phase: 'expand' } as const;
      await runMigrations(context, expand, quiet);
      const standby = await startStandby(server, '2500ms');
      try {
        const events: RunEvent[] = [];
        const abort = new AbortController();
        const { change } = planned.value;
        const wish = { change, by: 'ann', batch: 10, pauseMs: 200, maxLagSeconds: 1 };
        const onEvent = (event: RunEvent): void => {
          events.push(event);
          if (event.event === 'waiting' && /replica/.test(event.reason)) abort.abort();
        };
        await fillChange(context, wish, { onEvent, signal: abort.signal });
        const waiting = events.find((event) => event.event === 'waiting' && /replica/.test(event.reason));
        expect(waiting).toMatchObject({
          reason: expect.stringMatching(/^a replica is \d+ s behind, and the next batch waits/),
        });
        const filled = async () =>
          (await client.query('SELECT count(*)::int AS count FROM users WHERE full_name IS NOT NULL')).rows[0].count;
        const half = await filled();
        expect(half).toBeGreaterThan(0);
        expect(half).toBeLessThan(240);
        const rest = await fillChange(context, { change, by: 'ann' }, quiet);
        expect(rest).toMatchObject({ kind: 'done', value: { kind: 'ran', done: { failed: null } } });
        expect(await filled()).toBe(240);
      } finally {
        await standby.stop();
        await client.end();
      }
    }, 60_000);
  });
});
