import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../../server/application/use-cases/run-migrations.ts';
import { contextMigration, EMPTY_CONTEXT } from '../../support/ef-project.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { contextOn } from '../../support/use-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { DESIGN, dotnet, EF_VERSION, projectFile, PROVIDERS } from './dotnet.ts';

/* What stands against the real `dotnet ef`, as Lockstep runs it. More of what it may print is in test/runner/by-command.test.ts. */

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`Faults of dotnet ef are not tried: ${reason}.`);

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';

const FILES = {
  'App.csproj': projectFile({ ...PROVIDERS.postgresql, ...DESIGN }),
  'Program.cs': EMPTY_CONTEXT,
  [`Migrations/${FIRST}.cs`]: contextMigration(
    FIRST,
    'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });',
    'migrationBuilder.DropTable(name: "Users");',
  ),
  [`Migrations/${SECOND}.cs`]: contextMigration(
    SECOND,
    'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);\n            migrationBuilder.Sql("DO $$ BEGIN PERFORM pg_sleep(600); END $$;");',
  ),
};

describe.skipIf(reason !== undefined)('a fault of the real dotnet ef is a sentence, and nothing is lost:', () => {
  let opened: RunProject;
  let server: PostgresServer;
  let client: pg.Client;
  let url: string;

  const applied = async (): Promise<readonly string[]> =>
    (await opened.states(url)).filter((state) => state.endsWith(': applied'));

  async function run(
    signal?: AbortSignal,
    { direction = 'up' as 'up' | 'down', printed = [] as string[] } = {},
  ): Promise<string | undefined> {
    const target = { dialect: 'postgresql', url, label: 'shop', secrets: [] } as const;
    const ended = await runMigrations(
      contextOn(opened.project, target),
      { direction, extent: { kind: direction === 'up' ? 'all' : 'next' } },
      {
        onEvent: (event) => {
          if (event.event === 'output') printed.push(event.line);
        },
        ...(signal === undefined ? {} : { signal }),
      },
    );
    if (ended.kind !== 'ended') throw new Error(JSON.stringify(ended));
    return ended.done.failed?.message;
  }

  beforeAll(async () => {
    opened = await runProject(FILES);
    server = await startPostgres(17);
    const database = await server.createDatabase();
    client = await server.connect(database);
    url = server.urlOf(database);
  }, 120_000);

  afterAll(async () => {
    await client?.end();
    await server?.stop();
    opened?.[Symbol.dispose]();
  });

  test('the tool is not there', async () => {
    expect(await run()).toMatch(/^The command dotnet ef is not on this machine: install it by "dotnet tool install /);
    expect(await applied()).toEqual([]);
    dotnet(['new', 'tool-manifest'], opened.folder);
    dotnet(['tool', 'install', 'dotnet-ef', '--version', EF_VERSION], opened.folder);
  }, 300_000);

  test('the packages of the project are not restored', async () => {
    expect(await run()).toMatch(/^The packages of the project are not restored.*: run "dotnet restore"\./);
    expect(await applied()).toEqual([]);
    dotnet(['restore', '--nologo'], opened.folder);
  }, 300_000);

  test('the project does not build', async () => {
    await opened.write('Broken.cs', 'class Broken { int x = }');
    expect(await run()).toMatch(/^The project does not build, so that nothing was run: see "dotnet build"\./);
    expect(await applied()).toEqual([]);
    rmSync(path.join(opened.folder, 'Broken.cs'));
  }, 300_000);

  test('it is cancelled in the middle of the second migration', async () => {
    const abort = new AbortController();
    const running = run(abort.signal);
    const asleep = async (): Promise<unknown> =>
      (
        await client.query(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
        )
      ).rows[0];
    await expect.poll(asleep, { timeout: 240_000, interval: 200 }).toEqual({ count: 1 });
    abort.abort();
    // The server goes on until it sees that nobody waits for it, and what it holds says so.
    expect(await running).toMatch(
      /^It was cancelled\. What is applied is not known, since the history could not be read: The history __EFMigrationsHistory is locked by another session, .* Look at the status once that has ended\.$/,
    );
    await client.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
    );
    expect(await applied()).toEqual([`${FIRST}: applied`]);
    const { rows } = await client.query(
      `SELECT attname FROM pg_attribute WHERE attrelid = '"Users"'::regclass AND attnum > 0`,
    );
    expect(rows).toEqual([{ attname: 'Id' }]);
  }, 300_000);

  test('the tool is of another version: it says so, and does it', async () => {
    writeFileSync(
      path.join(opened.folder, 'dotnet-tools.json'),
      JSON.stringify({
        version: 1,
        isRoot: true,
        tools: { 'dotnet-ef': { version: '8.0.30', commands: ['dotnet-ef'] } },
      }),
    );
    rmSync(path.join(opened.folder, '.config'), { recursive: true, force: true });
    dotnet(['tool', 'restore'], opened.folder);
    const printed: string[] = [];
    expect(await run(undefined, { direction: 'down', printed })).toBeUndefined();
    expect(printed.join('\n')).toMatch(/tools version '8\.0\.30' is older than that of the runtime '10\.0\.11'/);
    expect(await applied()).toEqual([]);
  }, 300_000);

  test('the database does not answer', () => {
    const { applier } = opened.project;
    const [line] =
      applier.kind === 'command'
        ? (applier.run?.({
            direction: 'up',
            target: FIRST,
            ids: [FIRST],
            root: opened.folder,
            database: {
              dialect: 'postgresql',
              url: 'postgres://postgres@127.0.0.1:1/shop',
              label: 'shop',
              secrets: [],
            },
          }) ?? [])
        : [];
    if (line === undefined || applier.kind !== 'command') throw new Error('EF Core is run by its command');
    const ended = spawnSync(line.command, line.words, {
      cwd: line.folder,
      encoding: 'utf8',
      env: { ...process.env, ...line.environment },
    });
    expect(ended.status).not.toBe(0);
    expect(applier.explain?.(`${ended.stdout}${ended.stderr}`.split('\n'))).toBe(
      'EF Core could not connect to the database.',
    );
  }, 300_000);

  test('a package is of another version than EF Core', async () => {
    const { 'App.csproj': project } = FILES;
    const npgsql = '"Npgsql.EntityFrameworkCore.PostgreSQL" Version="';
    writeFileSync(path.join(opened.folder, 'App.csproj'), project.replace(`${npgsql}10.0.3`, `${npgsql}8.0.11`));
    dotnet(['restore', '--nologo'], opened.folder);
    expect(await run()).toMatch(
      /^dotnet ef or one of the packages is of another version than the project's EF Core.*: bring the packages of EF Core to one version, /,
    );
    expect(await applied()).toEqual([]);
  }, 300_000);
});
