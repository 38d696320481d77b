import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRunning, tableOf, type Held } from '../support/conformance.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { factsOf } from '../support/real-tools.ts';
import { runProject } from '../support/run-project.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

const held = new Map<string, Held>();

describe.each(MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(major);
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(
    TOOL_CASES.filter((tool) => tool.databases.includes('postgresql')).map((tool) => ({
      tool,
      id: tool.id,
      facts: factsOf(tool.id),
    })),
  )("$id's project goes up, and back as far as there is a way (facts: $facts)", async ({ tool }) => {
    using running = await runProject({ ...projectFiles(tool.id), 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
    const database = await server.createDatabase();
    const done = await checkRunning(tool, running, server.urlOf(database));
    held.set(tool.id, { ...held.get(tool.id), [`PostgreSQL ${major}`]: done['history'] ?? '' });
    if (tool.appliedByTool !== undefined) return;
    const client = await server.connect(database);
    try {
      // What is there in the end is what the migrations make, whichever tool wrote them.
      const { rows } = await client.query(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'users' ORDER BY ordinal_position",
      );
      expect(rows.map((row: { readonly column_name: string }) => row.column_name)).toEqual(['id', 'email', 'nick']);
    } finally {
      await client.end();
    }
  });

  test('a role with a schema of its own on the search path gets one history, in one schema', async () => {
    const database = await server.createDatabase();
    const client = await server.connect(database);
    try {
      using running = await runProject({
        'migrations/1_a.up.sql': 'CREATE TABLE a (id int);\n',
        'migrations/2_schema.up.sql': 'CREATE SCHEMA postgres;\n',
        'migrations/3_b.up.sql': 'CREATE TABLE public.b (id int);\n',
      });
      const url = server.urlOf(database);
      expect((await running.run(url)).failed).toBeNull();
      expect((await running.run(url)).applied).toEqual([]);
      const { rows } = await client.query(
        "SELECT schemaname, (SELECT count(*)::int FROM public.lockstep_history) AS rows FROM pg_tables WHERE tablename = 'lockstep_history'",
      );
      expect(rows).toEqual([{ schemaname: 'public', rows: 3 }]);
    } finally {
      await client.end();
    }
  });
});

afterAll(() => {
  process.stdout.write(`${tableOf(held)}\n`);
});
