import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openProjects } from '../../server/application/open-project.ts';
import { planMigrations, runMigrations } from '../../server/application/use-cases/run-migrations.ts';
import type { UseContext } from '../../server/application/use-cases/use-context.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import type { RunEvent, StatusReport } from '../../server/runner/report.ts';
import { designerText, migrationText } from '../support/ef-project.ts';
import { tellInProcess } from '../support/in-process-cli.ts';
import { contextWithCommands } from '../support/use-project.ts';

/*
 * EF Core's own command as Lockstep runs it. The program on the path stands for `dotnet ef`, which most machines have not:
 * it does to a real database what the real one does, or fails as that does. test/efcore/dotnet/runs.test.ts runs the real one.
 */

const IDS = ['20240101000000_First', '20240202000000_Second', '20240303000000_Third'];

/** What the program does: writes its words, then the history as `dotnet ef database update TARGET` leaves it. */
const UPDATES = `
const { DatabaseSync } = require('node:sqlite');
const words = process.argv.slice(2);
require('node:fs').writeFileSync(process.env.WORDS, JSON.stringify({ words, password: process.env.PGPASSWORD ?? null }));
const file = /Data Source="?([^";]+)/.exec(words[words.indexOf('--connection') + 1])[1];
const database = new DatabaseSync(file);
database.exec('CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL)');
const target = words[3];
for (const id of ${JSON.stringify(IDS)}) {
  if (id <= target) database.prepare('INSERT OR IGNORE INTO "__EFMigrationsHistory" VALUES (?, ?)').run(id, '10.0.3');
  else database.prepare('DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = ?').run(id);
}
console.log('Applying migration');
console.log('Done.');
`;

let folder: string;
let before: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstep-command-'));
  before = process.env['PATH'];
  process.env['WORDS'] = path.join(folder, 'words.json');
});

afterEach(() => {
  process.env['PATH'] = before;
  delete process.env['WORDS'];
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

/** Puts a program named dotnet first on the path; undefined: there is none at all. */
function program(script: string | undefined): void {
  const bin = path.join(folder, 'programs');
  mkdirSync(bin, { recursive: true });
  if (script !== undefined) {
    writeFileSync(path.join(bin, 'dotnet.cjs'), script);
    writeFileSync(
      path.join(bin, 'dotnet'),
      `#!/bin/sh\nexec "${process.execPath}" "${path.join(bin, 'dotnet.cjs')}" "$@"\n`,
    );
    chmodSync(path.join(bin, 'dotnet'), 0o755);
  }
  process.env['PATH'] = bin;
}

async function opened(): Promise<UseContext> {
  put(
    'src/App/App.csproj',
    '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><ProjectReference Include="..\\Data\\Data.csproj" /></ItemGroup></Project>',
  );
  put(
    'src/Data/Data.csproj',
    '<Project Sdk="Microsoft.NET.Sdk"><PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="10.0.3" /></Project>',
  );
  for (const [index, id] of IDS.entries()) {
    put(
      `src/Data/Migrations/${id}.cs`,
      migrationText(
        id,
        `migrationBuilder.CreateTable(name: "T${index}", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false) }, constraints: table => { table.PrimaryKey("PK", x => x.Id); });`,
        `migrationBuilder.DropTable(name: "T${index}");`,
      ),
    );
    put(`src/Data/Migrations/${id}.Designer.cs`, designerText(id, '', '10.0.3'));
  }
  const { projects } = await openProjects({ root: folder, files: nodeFiles, engines: await loadEngines() });
  const [project] = projects;
  if (project === undefined) throw new Error('no project was found');
  return contextWithCommands(project, path.join(folder, 'app.db'));
}

async function run(
  context: UseContext,
  direction: 'up' | 'down',
  extent: Parameters<typeof runMigrations>[1]['extent'] = { kind: 'all' },
  signal?: AbortSignal,
): Promise<{
  readonly events: readonly RunEvent[];
  readonly message: string | undefined;
  readonly applied: readonly string[];
}> {
  const events: RunEvent[] = [];
  const ended = await runMigrations(
    context,
    { direction, extent },
    { onEvent: (event) => events.push(event), ...(signal === undefined ? {} : { signal }) },
  );
  if (ended.kind !== 'ended') throw new Error(JSON.stringify(ended));
  return { events, message: ended.done.failed?.message, applied: ended.done.applied };
}

function told(): { readonly words: readonly string[]; readonly password: string | null } {
  // Written by the program above.
  return JSON.parse(readFileSync(path.join(folder, 'words.json'), 'utf8')) as ReturnType<typeof told>;
}

describe("a tool's own command", () => {
  test('is told the project, the program that starts it, the context and the database, and the history is the proof', async () => {
    program(UPDATES);
    const context = await opened();
    const planned = await planMigrations(context, { direction: 'up', extent: { kind: 'all' } });
    expect(planned).toMatchObject({ kind: 'planned', ids: IDS });
    const done = await run(context, 'up');
    expect(done.applied).toEqual(IDS);
    expect(done.events.filter(({ event }) => event === 'output')).toEqual([
      { event: 'output', line: 'Applying migration' },
      { event: 'output', line: 'Done.' },
    ]);
    expect(told().words).toEqual([
      'ef',
      'database',
      'update',
      IDS[2],
      '--project',
      'src/Data/Data.csproj',
      '--startup-project',
      'src/App/App.csproj',
      '--context',
      'AppContext',
      '--connection',
      `Data Source=${path.join(folder, 'app.db')}`,
    ]);
    expect((await run(context, 'up')).applied).toEqual([]);
  });

  test('reverts to the migration before, or to none', async () => {
    program(UPDATES);
    const context = await opened();
    await run(context, 'up');
    expect((await run(context, 'down', { kind: 'steps', count: 2 })).applied).toEqual([IDS[2], IDS[1]]);
    expect(told().words[3]).toBe(IDS[0]);
    expect((await run(context, 'down')).applied).toEqual([IDS[0]]);
    expect(told().words[3]).toBe('0');
  });

  test.each([
    [
      'no SDK',
      undefined,
      /The \.NET SDK is not on this machine.*dotnet tool install --global dotnet-ef --version 10\.0\.3/,
    ],
    [
      'no tool',
      'console.error("Could not execute because the specified command or file was not found."); process.exit(1);',
      /dotnet ef is not on this machine: install it by "dotnet tool install --global dotnet-ef --version 10\.0\.3"/,
    ],
    [
      'a build that fails',
      'console.log("Build failed. Use dotnet build to see the errors."); process.exit(1);',
      /does not build, so that nothing was run/,
    ],
    [
      'a tool for a .NET that is not there',
      'console.error("You must install or update .NET to run this application."); process.exit(150);',
      /The \.NET on this machine is not the one that dotnet ef or the project needs: install that, or the tool by "dotnet tool install --global dotnet-ef --version 10\.0\.3"/,
    ],
    [
      'packages of two versions',
      'console.error("System.MissingMethodException: Method not found"); process.exit(1);',
      /of another version than the project's EF Core, 10\.0\.3: bring the packages/,
    ],
    [
      'a database that does not answer',
      'console.error("Failed to connect to 127.0.0.1:1"); process.exit(1);',
      /could not connect to the database/,
    ],
    [
      'another error',
      'console.error("   at Some.Method()"); console.error("Something new"); process.exit(1);',
      /ended with an error: Something new\. The history says that 20240101000000_First is not applied/,
    ],
    [
      'success that was none',
      'console.log("Done.");',
      /ended without an error\. The history says that 20240101000000_First is not applied/,
    ],
  ])('%s is a sentence, and nothing counts as applied', async (_name, script, message) => {
    program(script);
    const done = await run(await opened(), 'up');
    expect(done.message).toMatch(message);
    expect(done.applied).toEqual([]);
  });

  test('a failure in the middle tells what is applied', async () => {
    program(
      UPDATES.replace('id <= target', 'id === "20240101000000_First"').replace(
        "console.log('Done.');",
        "console.error('boom'); process.exit(1);",
      ),
    );
    const done = await run(await opened(), 'up');
    expect(done.applied).toEqual([IDS[0]]);
    expect(done.message).toMatch(/boom\. The history says that 20240202000000_Second is not applied/);
  });

  test('is told no password: words of a command can be seen by others', async () => {
    program(UPDATES);
    const { applier } = (await opened()).project;
    if (applier.kind !== 'command' || applier.run === undefined) throw new Error('EF Core is run by its command');
    const [line] = applier.run({
      direction: 'up',
      target: IDS[0],
      ids: IDS.slice(0, 1),
      root: folder,
      database: {
        dialect: 'postgresql',
        url: 'postgres://me:s%3Bcr%20t@db.example:6543/my%20shop?sslmode=require',
        label: '',
        secrets: [],
      },
    });
    expect(line?.words.at(-1)).toBe('Host=db.example;Port=6543;Database="my shop";Username=me;SSL Mode=require');
    expect(line?.words.join(' ')).not.toContain('s;cr t');
    expect(line?.environment).toMatchObject({ PGPASSWORD: 's;cr t' });
  });

  test('goes on to its end where Lockstep is killed, and status says what the history has at each moment', async () => {
    // It does its work when it may, and minds no more than .NET does that nobody reads it.
    program(
      `process.stdout.on('error', () => undefined);
const { existsSync, writeFileSync } = require('node:fs');
writeFileSync(process.env.WORDS + '.begun', '');
while (!existsSync(process.env.WORDS + '.go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
${UPDATES}`,
    );
    await opened();
    const told = async (...words: readonly string[]): Promise<string> =>
      (await tellInProcess(folder, [...words, '--database', 'sqlite:app.db'], process.env)).output;
    const states = async (): Promise<readonly string[]> =>
      // What the command line prints.
      (JSON.parse(await told('status', '--format', 'json')) as StatusReport).migrations.map(({ state }) => state);
    const words = ['apply', '--yes', '--cwd', folder, '--database', `sqlite:${path.join(folder, 'app.db')}`];
    const ours = spawn(process.execPath, [path.resolve('server/cli/main.ts'), ...words], { stdio: 'ignore' });
    const ended = new Promise((resolve) => ours.once('exit', resolve));
    await expect.poll(() => existsSync(path.join(folder, 'words.json.begun')), { timeout: 60_000 }).toBe(true);
    ours.kill('SIGKILL');
    await ended;
    expect(await states()).toEqual(['pending', 'pending', 'pending']);
    writeFileSync(path.join(folder, 'words.json.go'), '');
    await expect.poll(states, { timeout: 60_000 }).toEqual(['applied', 'applied', 'applied']);
    expect((await run(await opened(), 'up')).applied).toEqual([]);
  });

  test('whose own lock stayed behind when it was ended is not waited for without an end, and that is said', async () => {
    // As EF Core 9 and later on SQLite: a row, which goes at the end.
    program(
      UPDATES.replace(
        'const target',
        `database.exec('CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL)');
database.exec("INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-02 03:04:05')");
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
const target`,
      ),
    );
    put('lockstep.jsonc', '{ "run": { "migrationLockTimeoutMs": 300 } }');
    const abort = new AbortController();
    const context = await opened();
    const onDatabase = <Result>(use: (database: Database.Database) => Result): Result => {
      const database = new Database(path.join(folder, 'app.db'));
      try {
        return use(database);
      } finally {
        database.close();
      }
    };
    const isLocked = (): boolean =>
      onDatabase(
        (database) =>
          database.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__EFMigrationsLock'").get() !== undefined &&
          database.prepare('SELECT 1 FROM "__EFMigrationsLock"').get() !== undefined,
      );
    const running = run(context, 'up', { kind: 'all' }, abort.signal);
    await expect.poll(isLocked, { timeout: 60_000 }).toBe(true);
    abort.abort();
    expect((await running).message).toMatch(
      /^It was cancelled\. The history says that 20240101000000_First is not applied\. EF Core's own lock is still held, the row in "__EFMigrationsLock" of 2026-01-02 03:04:05: .*'DELETE FROM "__EFMigrationsLock";'/,
    );
    const again = await run(context, 'up');
    expect(again.events).toContainEqual(expect.objectContaining({ event: 'waiting' }));
    expect(again.message).toMatch(/^EF Core's own lock is held.*Nothing was done/);
    onDatabase((database) => database.exec('DELETE FROM "__EFMigrationsLock";'));
    program(UPDATES);
    expect((await run(context, 'up')).applied).toEqual(IDS);
  });

  test('is ended with what it started when it is cancelled', async () => {
    program('console.log("waiting"); setInterval(() => undefined, 1000);');
    const abort = new AbortController();
    const context = await opened();
    const started = Date.now();
    setTimeout(() => abort.abort(), 1_500);
    const done = await run(context, 'up', { kind: 'all' }, abort.signal);
    expect(done.message).toMatch(/^It was cancelled\. The history says/);
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});
