import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planMigrations, runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import type { RunEvent } from '../../server/runner/report.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { useProject } from '../support/use-project.ts';

const ALL = { direction: 'up', extent: { kind: 'all' } } as const;

describe.each([MAJORS[0], MAJORS.at(-1)].filter((each) => each !== undefined))('PostgreSQL %i', (major) => {
  describe.skipIf(whyNoServer(major) !== undefined)('before and during a run', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 60_000);
    afterAll(() => server.stop());

    test('what stands against it on the server is told, in the plan and at its start', async () => {
      const name = await server.createDatabase();
      const client = await server.connect(name);
      await client.query(
        'CREATE TABLE users (id int, email text); INSERT INTO users SELECT 1, $$x$$ FROM generate_series(1, 2000)',
      );
      await client.query('CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email)').catch(() => undefined);
      await client.query('ANALYZE users');
      await using use = await useProject(
        {
          'lockstep.jsonc': '{ "dialect": "postgresql", "largeTable": { "bytes": 10000 } }',
          'migrations/0001_type.up.sql': 'ALTER TABLE users ALTER COLUMN id TYPE bigint;\n',
        },
        server.urlOf(name),
      );
      const old = await server.connect(name);
      await old.query('BEGIN; SELECT 1');
      await setTimeout(5_200);
      const planned = await planMigrations(use.context, ALL);
      if (planned.kind !== 'planned') throw new Error(planned.kind);
      const notes = planned.notes.join('\n');
      expect(notes).toContain('The index users_email on users is invalid');
      expect(notes).toMatch(/Process \d+ of postgres has been in its transaction for 5 s and does nothing in it/);
      expect(notes).toMatch(/0001_type rewrites public\.users whole, which has \d+\.\d kB/);
      const events: RunEvent[] = [];
      await runMigrations(use.context, ALL, { onEvent: (event) => events.push(event) });
      const told = events.find((event) => event.event === 'preflight');
      expect(told?.notes.map(({ code }) => code)).toEqual(['invalid-index', 'old-transaction', 'large-table']);
      await old.end();
      await client.end();
    });

    test('whom it keeps waiting is told while it runs', async () => {
      const name = await server.createDatabase();
      const client = await server.connect(name);
      await client.query('CREATE TABLE users (id int)');
      await using use = await useProject(
        {
          'lockstep.jsonc': '{ "dialect": "postgresql", "run": { "lockTimeoutMs": 400 } }',
          'migrations/0001_slow.up.sql': 'ALTER TABLE users ADD COLUMN nick text;\nSELECT pg_sleep(1.5);\n',
        },
        server.urlOf(name),
      );
      const events: RunEvent[] = [];
      let reading: Promise<unknown> | undefined;
      const running = runMigrations(use.context, ALL, {
        onEvent: (event) => {
          events.push(event);
          // It begins to wait once the column is added.
          if (event.event === 'migration') reading = setTimeout(300).then(() => client.query('SELECT * FROM users'));
        },
      });
      await running;
      await reading;
      const told = events.find((event) => event.event === 'blocking');
      expect(told).toMatchObject({ id: '0001_slow' });
      expect(told?.sessions[0]).toMatch(/^process \d+ of postgres/);
      await client.end();
    });
  });
});
