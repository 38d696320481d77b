import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { PROGRAM_TOOLS, runIn, type ProgramTool, type Run } from '../support/program-tools.ts';
import { installRealTools, MODULES, versionOf } from '../support/real-tools.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';
import { contextOn } from '../support/use-project.ts';

/*
 * Tools whose migrations are programs: the tool's own command and Lockstep take turns on one database, and each tells of it
 * what the other does. Lockstep runs the tool's command and reads the history again.
 */

const missing = installRealTools();
if (missing !== undefined) console.log(`skipped: ${missing}`);

interface Place extends Disposable {
  readonly project: RunProject;
  readonly run: Run;
  /** What Lockstep says is applied. */
  ours(): Promise<readonly string[]>;
  /** Applies or reverts by Lockstep. */
  move(direction: 'up' | 'down', extent: 'all' | 'next'): Promise<readonly string[]>;
}

async function placeOf(tool: ProgramTool, dialect: 'sqlite' | 'postgresql', url: string): Promise<Place> {
  const files = Object.fromEntries(
    Object.entries({ ...projectFiles(tool.id), ...(dialect === 'sqlite' ? tool.onSqlite : {}) }).map(([name, text]) => [
      name,
      dialect === 'sqlite' ? text.replaceAll(' CONCURRENTLY', '') : text,
    ]),
  );
  const project = await runProject({ ...files, 'lockstep.jsonc': `{ "dialect": "${dialect}" }` });
  for (const [name, { text, isProgram }] of Object.entries(tool.more ?? {})) {
    const file = path.join(project.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (isProgram === true) chmodSync(file, 0o755);
  }
  if (tool.modules !== undefined) symlinkSync(tool.modules, path.join(project.folder, 'node_modules'));
  // Its own program is one of the folder now.
  const again = await project.again();
  const target = parseDatabaseUrl(url, project.folder);
  if ('problem' in target) throw new Error(target.problem);
  const theirs = dialect === 'sqlite' ? `sqlite:///${target.url}` : url.replace(/^postgres:/, 'postgresql:');
  return {
    project,
    run: runIn(project.folder, tool.variables(theirs)),
    ours: async () =>
      (await project.status(url)).migrations.filter(({ state }) => state === 'applied').map(({ id }) => id),
    move: async (direction, extent) => {
      const ended = await runMigrations(
        contextOn(again, target),
        { direction, extent: { kind: extent } },
        { onEvent: () => undefined },
      );
      if (ended.kind !== 'ended') throw new Error(JSON.stringify(ended));
      expect(ended.done.failed).toBeNull();
      return ended.done.applied;
    },
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}

async function takeTurns(tool: ProgramTool, ids: readonly string[], newPlace: () => Promise<Place>): Promise<void> {
  const ours = async (place: Place, count: number): Promise<void> => {
    expect(await place.ours()).toEqual(ids.slice(0, count));
  };
  /** What both tell. Starting a tool takes a second, and so it is asked where Lockstep has done something. */
  const both = async (place: Place, count: number): Promise<void> => {
    await ours(place, count);
    expect(await tool.applied(place.run, ids)).toEqual(ids.slice(0, count));
  };
  {
    using place = await newPlace();
    await tool.up(place.run, ids[0]);
    await ours(place, 1);
    expect(await place.move('up', 'all')).toEqual(ids.slice(1));
    await both(place, ids.length);
    await tool.down(place.run, ids.at(-2));
    await ours(place, ids.length - 1);
  }
  using place = await newPlace();
  expect(await place.move('up', 'next')).toEqual(ids.slice(0, 1));
  await both(place, 1);
  await tool.up(place.run);
  await ours(place, ids.length);
  expect(await place.move('down', 'next')).toEqual(ids.slice(-1));
  await both(place, ids.length - 1);
  expect(await place.move('down', 'all')).toEqual(ids.slice(0, -1).toReversed());
  await both(place, 0);
}

function eachTool(
  check: (tool: ProgramTool, ids: readonly string[]) => Promise<void>,
  tools: readonly ProgramTool[] = PROGRAM_TOOLS,
): void {
  for (const tool of tools) {
    const version = tool.version();
    test.skipIf(version === undefined)(
      `${tool.id} ${version ?? `is not here: ${tool.lacks}`}`,
      async () => {
        await check(tool, TOOL_CASES.find(({ id }) => id === tool.id)?.ids ?? []);
      },
      300_000,
    );
  }
}

describe('on SQLite the tool itself and Lockstep agree', () => {
  eachTool(
    (tool, ids) => takeTurns(tool, ids, () => placeOf(tool, 'sqlite', 'sqlite:app.db')),
    PROGRAM_TOOLS.filter(({ isPostgresOnly }) => isPostgresOnly !== true),
  );
});

// What a tool writes does not depend on the server's version.
describe(`on PostgreSQL ${MAJORS.at(-1)} the tool itself and Lockstep agree`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(MAJORS.at(-1) ?? 18);
  });
  afterAll(async () => {
    await server.stop();
  });
  eachTool((tool, ids) =>
    takeTurns(tool, ids, async () => placeOf(tool, 'postgresql', server.urlOf(await server.createDatabase()))),
  );

  const typeorm = existsSync(path.join(MODULES, 'typeorm')) ? versionOf({ package: 'typeorm' }) : undefined;
  test.skipIf(typeorm === undefined)(
    `what typeorm ${typeorm ?? 'is not here'} applies and reverts is what status says, and its own list`,
    async () => {
      const url = server.urlOf(await server.createDatabase());
      const all = projectFiles('typeorm');
      const ids = TOOL_CASES.find(({ id }) => id === 'typeorm')?.ids ?? [];
      const later = Object.keys(all).filter((name) => /(?:Nick|Index)\.ts$/.test(name));
      using project = await runProject({
        ...Object.fromEntries(Object.entries(all).filter(([name]) => !later.includes(name))),
        'package.json': '{ "name": "shop", "private": true }\n',
        'tsconfig.json':
          '{ "compilerOptions": { "module": "commonjs", "target": "es2022", "esModuleInterop": true } }\n',
      });
      symlinkSync(MODULES, path.join(project.folder, 'node_modules'));
      const run = runIn(project.folder, { DATABASE_URL: url });
      const itself = (word: string): Promise<string> =>
        run(
          process.execPath,
          '--import',
          'tsx',
          'node_modules/typeorm/cli.js',
          `migration:${word}`,
          '-d',
          'src/data-source.ts',
        );
      const both = async (count: number): Promise<void> => {
        const { project: found } = project;
        await found.refresh();
        expect(await project.states(url)).toEqual(
          found.migrations.migrations.map(({ id }, index) => `${id}: ${index < count ? 'applied' : 'pending'}`),
        );
        // Where something is pending it ends with an error, by its own choice.
        const told = await itself('show').catch((cause: unknown) => (cause as { readonly stdout: string }).stdout);
        const listed = [...told.matchAll(/\[(X| )\](?: \d+)? (\w+)/g)].toSorted((one, other) =>
          (one[2] ?? '').slice(-13).localeCompare((other[2] ?? '').slice(-13)),
        );
        expect(listed.map(([, mark, id]) => `${id}: ${mark === 'X' ? 'applied' : 'pending'}`)).toEqual(
          await project.states(url),
        );
      };
      await both(0);
      await itself('run');
      await both(1);
      for (const name of later) await project.write(name, all[name] ?? '');
      await both(1);
      await itself('run');
      await both(ids.length);
      await itself('revert');
      await both(ids.length - 1);
    },
    300_000,
  );

  const mikroOrm = PROGRAM_TOOLS.find(({ id }) => id === 'mikro-orm');
  test.skipIf(mikroOrm?.version() === undefined)(
    'an index that MikroORM builds outside its one transaction waits for what that has locked, which nobody ends, and that is told',
    async () => {
      if (mikroOrm === undefined) return;
      const database = await server.createDatabase();
      const url = server.urlOf(database);
      const config = mikroOrm.more?.['mikro-orm.config.ts']?.text.replace(', allOrNothing: false', '') ?? '';
      using place = await placeOf(
        { ...mikroOrm, more: { ...mikroOrm.more, 'mikro-orm.config.ts': { text: config } } },
        'postgresql',
        url,
      );
      const { problems } = (await place.project.again()).migrations;
      expect(problems.map(({ path: file }) => file)).toEqual(['src/migrations/Migration20240103000000.ts']);
      expect(problems[0]?.message).toContain('runs outside the one transaction that "npx mikro-orm migration:up" puts');
      const client = await server.connect(database);
      // The table is there: the migration after it changes it in the transaction that the index then waits for.
      await mikroOrm.up(place.run, 'Migration20240101000000');
      const ended = mikroOrm.up(place.run).then(
        () => 'done',
        () => 'failed',
      );
      try {
        await expect
          .poll(
            async () => {
              const { rows } = await client.query(
                `SELECT w.query AS waits, b.state AS holder FROM pg_stat_activity w
                   JOIN pg_stat_activity b ON b.pid = ANY (pg_blocking_pids(w.pid)) WHERE w.wait_event_type = 'Lock'`,
              );
              return rows;
            },
            { timeout: 200_000, interval: 500 },
          )
          .toEqual([
            { waits: 'CREATE INDEX CONCURRENTLY users_email ON users (email)', holder: 'idle in transaction' },
          ]);
      } finally {
        await client.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        );
        await client.end();
      }
      expect(await ended).toBe('failed');
    },
    300_000,
  );
});
