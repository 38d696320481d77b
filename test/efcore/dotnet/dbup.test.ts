import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { projectFiles } from '../../support/tool-cases.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { dotnet } from './dotnet.ts';

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`DbUp is not run: ${reason}.`);

/** The project of the formats' tests, for both products by what it is told. */
const FILES = {
  ...projectFiles('dbup'),
  'Shop.Migrations.csproj': (projectFiles('dbup')['Shop.Migrations.csproj'] ?? '').replace(
    '<EmbeddedResource',
    '<PackageReference Include="dbup-sqlite" Version="6.0.4" /><PackageReference Include="Microsoft.Data.Sqlite" Version="10.0.11" /><EmbeddedResource',
  ),
};

const PROGRAM = `using System;
using System.Reflection;
using DbUp;

var builder = args[0].StartsWith("Data Source") ? DeployChanges.To.SqliteDatabase(args[0]) : DeployChanges.To.PostgresqlDatabase(args[0]);
var upgrader = builder.WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly()).LogToNowhere().Build();
if (args.Length > 1)
{
    foreach (var script in upgrader.GetScriptsToExecute()) Console.WriteLine(script.Name);
    return 0;
}
var result = upgrader.PerformUpgrade();
if (!result.Successful) Console.Error.WriteLine(result.Error);
return result.Successful ? 0 : 1;
`;

describe.skipIf(reason !== undefined)('DbUp and Lockstep agree on', () => {
  let built: RunProject;
  let server: PostgresServer;

  const dbup = (connection: string, ...words: readonly string[]): readonly string[] =>
    dotnet([path.join(built.folder, 'bin/Debug/net10.0/Shop.Migrations.dll'), connection, ...words], built.folder)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');

  beforeAll(async () => {
    built = await runProject({ ...FILES, 'Program.cs': PROGRAM });
    const starting = startPostgres(17);
    dotnet(['build', '--nologo'], built.folder);
    server = await starting;
  }, 600_000);

  afterAll(async () => {
    await server?.stop();
    built?.[Symbol.dispose]();
  });

  test.each(['postgresql', 'sqlite'] as const)(
    'names, order, and the journal that each leaves on %s',
    async (dialect) => {
      // What Lockstep sees is a project for one product.
      const other = dialect === 'sqlite' ? 'dbup-postgresql' : 'dbup-sqlite';
      using opened = await runProject({
        ...FILES,
        'Shop.Migrations.csproj': FILES['Shop.Migrations.csproj'].replace(`Include="${other}"`, 'Include="other"'),
      });
      const place = async (name: string): Promise<{ readonly url: string; readonly connection: string }> => {
        if (dialect === 'sqlite') {
          const file = path.join(opened.folder, `${name}.db`);
          return { url: `sqlite:${file}`, connection: `Data Source=${file}` };
        }
        const database = await server.createDatabase();
        return {
          url: `postgres://postgres@127.0.0.1:${server.port}/${database}`,
          connection: `Host=127.0.0.1;Port=${server.port};Username=postgres;Database=${database}`,
        };
      };
      const [table, script, applied] =
        dialect === 'sqlite'
          ? ['SchemaVersions', 'ScriptName', 'Applied']
          : ['schemaversions', 'scriptname', 'applied'];
      const journal = async (url: string): Promise<readonly unknown[]> => {
        await using connection = await opened.connect(url);
        const rows = await connection.query(`SELECT * FROM ${table} ORDER BY ${script}`);
        return rows.map((row) => ({ ...row, [applied]: typeof row[applied] }));
      };
      const ids = opened.project.migrations.migrations.map(({ id }) => id);
      const [theirs, ours] = [await place('theirs'), await place('ours')];

      expect(dbup(theirs.connection, 'pending')).toEqual(ids);
      dbup(theirs.connection);
      expect(await opened.states(theirs.url)).toEqual(ids.map((id) => `${id}: applied`));

      // Lockstep begins, DbUp goes on.
      const done = await opened.run(ours.url, { extent: { kind: 'to', id: ids[1] ?? '' } });
      expect(done.failed).toBeNull();
      expect(dbup(ours.connection, 'pending')).toEqual(ids.slice(2));
      dbup(ours.connection);
      expect(await journal(ours.url)).toEqual(await journal(theirs.url));
      expect(await opened.states(ours.url)).toEqual(ids.map((id) => `${id}: applied`));
    },
    300_000,
  );
});
