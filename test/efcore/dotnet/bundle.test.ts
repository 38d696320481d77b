import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../../server/application/use-cases/run-migrations.ts';
import type { RunEvent } from '../../../server/runner/report.ts';
import type { DoneEvent, RunExtent } from '../../../server/runner/runner.ts';
import { contextMigration, EMPTY_CONTEXT } from '../../support/ef-project.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { contextOn } from '../../support/use-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { DESIGN, dotnet, EF_VERSION, projectFile, PROVIDERS } from './dotnet.ts';

/* A bundle of the real `dotnet ef migrations bundle`, as Lockstep builds and runs it. */

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`No bundle is built: ${reason}.`);

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';
const THIRD = '20240303000000_Third';

const TABLE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

const FILES = {
  'App.csproj': projectFile({ ...PROVIDERS.postgresql, ...DESIGN }),
  'Program.cs': EMPTY_CONTEXT,
  [`Migrations/${FIRST}.cs`]: contextMigration(FIRST, TABLE, 'migrationBuilder.DropTable(name: "Users");'),
  // It sleeps where the database says so.
  [`Migrations/${SECOND}.cs`]: contextMigration(
    SECOND,
    `migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);
            migrationBuilder.Sql("DO $$ BEGIN PERFORM pg_sleep(600) WHERE to_regclass('sleeps') IS NOT NULL; END $$;");`,
    'migrationBuilder.DropColumn(name: "Nick", table: "Users");',
  ),
};

describe.skipIf(reason !== undefined)('a bundle', () => {
  let opened: RunProject;
  let server: PostgresServer;
  let client: pg.Client;
  let url: string;

  const applied = async (): Promise<readonly string[]> =>
    (await opened.states(url)).filter((state) => state.endsWith(': applied'));

  async function run(
    direction: 'up' | 'down',
    { name = 'efbundle', extent = { kind: 'all' } as RunExtent, signal = undefined as AbortSignal | undefined } = {},
  ): Promise<{ readonly done: DoneEvent; readonly printed: readonly string[] }> {
    const target = { dialect: 'postgresql', url, label: 'shop', secrets: [] } as const;
    const file = path.join(opened.folder, name);
    const printed: string[] = [];
    const ended = await runMigrations(
      contextOn(opened.project, target),
      { direction, extent, bundle: { path: file, name, isThere: existsSync(file) } },
      {
        onEvent: (event: RunEvent) => {
          if (event.event === 'output') printed.push(event.line);
        },
        ...(signal === undefined ? {} : { signal }),
      },
    );
    if (ended.kind !== 'ended') throw new Error(JSON.stringify(ended));
    return { done: ended.done, printed };
  }

  beforeAll(async () => {
    opened = await runProject(FILES);
    server = await startPostgres(17);
    const database = await server.createDatabase();
    client = await server.connect(database);
    url = server.urlOf(database);
    dotnet(['new', 'tool-manifest'], opened.folder);
    dotnet(['tool', 'install', 'dotnet-ef', '--version', EF_VERSION], opened.folder);
    dotnet(['restore', '--nologo'], opened.folder);
  }, 300_000);

  afterAll(async () => {
    await client?.end();
    await server?.stop();
    opened?.[Symbol.dispose]();
  });

  test('is built where there is none, run with what it prints, and the history is the proof', async () => {
    const { done, printed } = await run('up', { extent: { kind: 'to', id: FIRST } });
    expect([done.failed, done.applied]).toEqual([null, [FIRST]]);
    expect(printed).toContain(`Applying migration '${FIRST}'.`);
    expect(existsSync(path.join(opened.folder, 'efbundle'))).toBe(true);
    expect(await applied()).toEqual([`${FIRST}: applied`]);
    // The one that is there is not built again.
    const rest = await run('up');
    expect([rest.done.failed, rest.done.applied]).toEqual([null, [SECOND]]);
    expect(rest.printed.join('\n')).not.toMatch(/Build/);
  }, 600_000);

  test('reverts', async () => {
    const one = await run('down', { extent: { kind: 'next' } });
    expect([one.done.failed, one.done.applied]).toEqual([null, [SECOND]]);
    const all = await run('down', { extent: { kind: 'steps', count: 1 } });
    expect([all.done.failed, all.done.applied]).toEqual([null, [FIRST]]);
    expect(await applied()).toEqual([]);
  }, 300_000);

  test('is cancelled in the middle', async () => {
    await client.query('CREATE TABLE sleeps ()');
    const abort = new AbortController();
    const running = run('up', { signal: abort.signal });
    const asleep = async (): Promise<unknown> =>
      (
        await client.query(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
        )
      ).rows[0];
    await expect.poll(asleep, { timeout: 60_000, interval: 100 }).toEqual({ count: 1 });
    abort.abort();
    expect((await running).done.failed?.message).toMatch(/^It was cancelled\. What is applied is not known/);
    await client.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
    );
    expect(await applied()).toEqual([`${FIRST}: applied`]);
    await client.query('DROP TABLE sleeps');
    expect((await run('up')).done.applied).toEqual([SECOND]);
  }, 300_000);

  test('that was built before a migration was written does not hold it', async () => {
    await opened.write(`Migrations/${THIRD}.cs`, contextMigration(THIRD, 'migrationBuilder.Sql("SELECT 1;");', ''));
    const { done } = await run('up');
    expect(done).toMatchObject({ applied: [], failed: { id: THIRD, outcome: 'unknown' } });
    expect(done.failed?.message).toMatch(
      /^efbundle does not hold 20240303000000_Third: it was built before that was written\. Build it again by "dotnet ef migrations bundle .*--force"\. The history says that 20240303000000_Third is not applied\.$/,
    );
  }, 300_000);

  test('that is none, and one that cannot be built', async () => {
    writeFileSync(path.join(opened.folder, 'nobundle'), 'text');
    const { done } = await run('up', { name: 'nobundle' });
    expect(done.failed?.message).toMatch(/^nobundle cannot be run on this machine: build it here, .* The history says/);
    expect(done.failed?.outcome).toBe('not-done');
    rmSync(path.join(opened.folder, 'nobundle'));
    await opened.write('Broken.cs', 'class Broken { int x = }');
    rmSync(path.join(opened.folder, 'efbundle'));
    const unbuilt = await run('up');
    expect(unbuilt.done.failed?.message).toMatch(/^The project does not build, so that nothing was run/);
    expect(await applied()).toEqual([`${FIRST}: applied`, `${SECOND}: applied`]);
  }, 300_000);
});
