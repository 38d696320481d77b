import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engines, loadEngines } from '../../../server/host/load-engines.ts';
import { loadCSharp } from '../../../server/languages/csharp/csharp-parser.ts';
import { noDotnet } from '../../efcore/oracle/oracle.ts';
import { dotnet } from '../../efcore/dotnet/dotnet.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { sentBy } from '../sent-by.ts';

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`FluentMigrator is not run: ${reason}.`);

const PROGRAM = path.join(import.meta.dirname, 'program');
const FILES = Object.fromEntries(
  readdirSync(PROGRAM, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:cs|csproj)$/.test(name))
    .map((name) => [name, readFileSync(path.join(PROGRAM, name), 'utf8')]),
);
/** Id and file, in the order of the numbers. */
const MIGRATIONS: readonly (readonly [string, string])[] = [
  ['2', 'Migrations/M2_Users.cs'],
  ['10', 'Migrations/M10_Nick.cs'],
  ['11', 'Migrations/M11_Index.cs'],
  ['20', 'Migrations/M20_Rich.cs'],
];
/** Of what the program prints: `RunnerEventIds.Heading` and `RunnerEventIds.Sql`. */
const [HEADING, SQL] = ['1000', '1003'];

/** Statements by the number of their migration, and `-` in front of one that goes back. */
type Sent = Readonly<Record<string, readonly string[]>>;

function sentIn(printed: string): Sent {
  const sent: Record<string, string[]> = {};
  let current: string[] | undefined;
  for (const line of printed.split('\n')) {
    const [event, , ...rest] = line.split(' ');
    const text = rest.length === 0 ? '' : String(JSON.parse(rest.join(' ')));
    if (event === HEADING) {
      const [, id, way] = /^(\d+): .* (migrating|reverting)$/.exec(text) ?? [];
      if (id !== undefined) sent[way === 'reverting' ? `-${id}` : id] = current = [];
      else current = undefined;
    }
    // A call that has nothing to send on a product sends an empty text.
    if (event === SQL && text.trim() !== '' && !/"VersionInfo"/.test(text)) current?.push(bare(text));
  }
  return sent;
}

function bare(statement: string): string {
  return statement.trim().replace(/;$/, '');
}

describe.skipIf(reason !== undefined)('FluentMigrator and Lockstep agree on', () => {
  let engines: Engines;
  let built: RunProject;
  let server: PostgresServer;

  const migrator = (connection: string, ...words: readonly string[]): Sent =>
    sentIn(dotnet([path.join(built.folder, 'bin/Debug/net10.0/App.dll'), connection, ...words], built.folder));

  beforeAll(async () => {
    engines = await loadEngines();
    await loadCSharp();
    built = await runProject(FILES);
    const starting = startPostgres(17);
    dotnet(['build', '--nologo'], built.folder);
    server = await starting;
  }, 600_000);

  afterAll(async () => {
    await server?.stop();
    built?.[Symbol.dispose]();
  });

  test.each(['postgresql', 'sqlite'] as const)(
    'every statement, the order, and the history on %s',
    async (dialect) => {
      // What Lockstep sees is a project for one product.
      using opened = await runProject({
        ...FILES,
        'App.csproj': (FILES['App.csproj'] ?? '').replace(
          dialect === 'sqlite' ? 'FluentMigrator.Runner.Postgres' : 'FluentMigrator.Runner.SQLite',
          'Other',
        ),
        'Program.cs': (FILES['Program.cs'] ?? '').replace(
          dialect === 'sqlite' ? 'AddPostgres' : 'AddSQLite',
          'AddOther',
        ),
      });
      const file = path.join(opened.folder, 'app.db');
      const database = dialect === 'sqlite' ? '' : await server.createDatabase();
      const [url, connection] =
        dialect === 'sqlite'
          ? [`sqlite:${file}`, `Data Source=${file}`]
          : [
              `postgres://postgres@127.0.0.1:${server.port}/${database}`,
              `Host=127.0.0.1;Port=${server.port};Username=postgres;Database=${database}`,
            ];
      const states = (applied: number): readonly string[] =>
        MIGRATIONS.map(([id], index) => `${id}: ${index < applied ? 'applied' : 'pending'}`);
      const ours = (name: string, direction: 'up' | 'down'): readonly string[] =>
        sentBy(engines, FILES[name] ?? '', dialect, direction).map(bare);

      const [first, second] = MIGRATIONS;
      if (first === undefined || second === undefined) throw new Error('no migrations');
      expect(migrator(connection, `to:${second[0]}`)).toEqual({
        [first[0]]: ours(first[1], 'up'),
        [second[0]]: ours(second[1], 'up'),
      });
      expect(await opened.states(url)).toEqual(states(2));

      expect(migrator(connection, 'up')).toEqual(
        Object.fromEntries(MIGRATIONS.slice(2).map(([id, name]) => [id, ours(name, 'up')])),
      );
      expect(await opened.states(url)).toEqual(states(4));

      expect(migrator(connection, 'down:10')).toEqual(
        Object.fromEntries(
          MIGRATIONS.slice(2)
            .toReversed()
            .map(([id, name]) => [`-${id}`, ours(name, 'down')]),
        ),
      );
      expect(await opened.states(url)).toEqual(states(2));
    },
    120_000,
  );
});
