import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkReading, checkRunning, checkTelling, tableOf, type Held } from '../support/conformance.ts';
import { PROGRAM_TOOLS } from '../support/program-tools.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';
import { factsOf, turnsOf } from '../support/turns.ts';

const held = new Map<string, Held>();

/** What was found on the servers before. */
function versionsOf(row: Held = {}): Held {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name.startsWith('PostgreSQL ')));
}

/** Edits the first migration after it was applied, and takes the edit back: what the status says of it then. */
async function checksumOf({ project, write, states }: RunProject, url: string): Promise<string> {
  const [first] = project.migrations.migrations;
  const text = first === undefined ? undefined : project.textOf(first.upPath);
  if (first === undefined || text === undefined) throw new Error('no migration was found');
  const stateOf = async (): Promise<string | undefined> =>
    (await states(url)).find((line) => line.startsWith(`${first.id}: `))?.slice(first.id.length + 2);
  if (project.history.checksums(first, project).length === 0) return 'none';
  await write(first.upPath, text.replace(/\bCREATE TABLE\b/i, 'CREATE TABLE IF NOT EXISTS'));
  const edited = await stateOf();
  await write(first.upPath, text);
  expect(await stateOf()).toBe('applied');
  return edited === 'drifted' ? 'an edit is seen' : `an edit is not seen (${edited ?? 'no state'})`;
}

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
    const { find = '', list = '' } = checkReading(tool, running);
    const isOurs = tool.appliedByTool === undefined;
    // Whom the tool's own command applies for is only refused here, by that command's name.
    const turns = PROGRAM_TOOLS.some(({ id }) => id === tool.id)
      ? 'its command, by "programs"'
      : 'its command is named';
    held.set(tool.id, {
      find,
      list,
      status: done['status'] ?? '',
      apply: isOurs ? 'yes' : turns,
      revert: !isOurs ? turns : tool.revertible === 0 ? 'no down half here' : 'yes',
      checksum: isOurs ? await checksumOf(running, server.urlOf(database)) : '-',
      'both directions': turnsOf(tool.id),
      ...(await checkTelling(running, server.urlOf(database))),
      ...versionsOf(held.get(tool.id)),
      [`PostgreSQL ${major}`]: done['history'] ?? '',
    });
    if (!isOurs) return;
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

  test.each(TOOL_CASES.filter((tool) => tool.databases.includes('postgresql') && tool.appliedByTool === undefined))(
    '$id: what was applied just now was, whatever the time on the server is',
    async (tool) => {
      using running = await runProject({ ...projectFiles(tool.id), 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
      const database = await server.createDatabase();
      const client = await server.connect(database);
      await client.query(`ALTER DATABASE ${database} SET timezone = 'Pacific/Auckland'`);
      await client.end();
      const began = Date.now();
      expect((await running.run(server.urlOf(database))).failed).toBeNull();
      const times = (await running.status(server.urlOf(database))).migrations.map(({ appliedAt }) => appliedAt);
      // Some histories keep no time, and some whole seconds.
      for (const time of times.filter((each) => each !== null)) {
        expect(Date.parse(time)).toBeGreaterThan(began - 2_000);
        expect(Date.parse(time)).toBeLessThan(Date.now() + 2_000);
      }
    },
  );

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
