import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { EF_VERSION } from './dotnet.ts';

/** A program for both products whose contexts are each a namespace; it has EF Core's migrator do what it is told, line by line. */
export const MIGRATOR_FILES: Readonly<Record<string, string>> = {
  'App.csproj': `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <NuGetAudit>false</NuGetAudit>
    <RunAnalyzers>false</RunAnalyzers>
    <SatelliteResourceLanguages>en</SatelliteResourceLanguages>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="${EF_VERSION}" />
    <PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="10.0.3" />
    <PackageReference Include="Microsoft.EntityFrameworkCore.Relational" Version="${EF_VERSION}" />
    <PackageReference Include="Microsoft.EntityFrameworkCore.Design" Version="${EF_VERSION}" />
  </ItemGroup>
</Project>
`,
  'Program.cs': `using System.Text.Json;
using App;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

while (Console.ReadLine() is { } line)
{
    var job = JsonSerializer.Deserialize<Job>(line)!;
    string? script = null, failure = null;
    Sent.Commands.Clear();
    try
    {
        using var context = (DbContext)Activator.CreateInstance(Type.GetType(job.Context, true)!, job.Connection)!;
        var migrator = context.GetService<IMigrator>();
        if (job.Script) script = migrator.GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
        else migrator.Migrate(job.Target);
    }
    catch (Exception error)
    {
        failure = error.GetType().Name + ": " + error.Message + (error.InnerException is { } inner ? " " + inner.Message : "");
    }
    Console.WriteLine(JsonSerializer.Serialize(new { script, failure, sent = Sent.Commands }));
}

namespace App
{
    public record Job(string Context, string Connection, string? Target, bool Script);

    public static class Sent
    {
        public static readonly List<string> Commands = [];

        public static void Add(EventData data)
        {
            if (data is CommandEventData { Command: var command }) Commands.Add(command.CommandText);
        }
    }

    /** What no model stands behind has no changes to be pending. */
    public abstract class Server(string connection) : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options
            .UseNpgsql(connection, npgsql => npgsql.MigrationsAssembly(typeof(Server).Assembly))
            .LogTo((id, _) => id == RelationalEventId.CommandExecuting, Sent.Add)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }

    public abstract class Lite(string connection) : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options
            .UseSqlite(connection)
            .LogTo((id, _) => id == RelationalEventId.CommandExecuting, Sent.Add)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }
}
`,
};

type Product = 'postgresql' | 'sqlite';

const PRODUCTS: Readonly<Record<Product, { readonly base: string; readonly model: string }>> = {
  postgresql: { base: 'Server', model: 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);' },
  sqlite: { base: 'Lite', model: 'modelBuilder.HasAnnotation("Sqlite:Nothing", 1);' },
};

/** A context of a namespace of its own, with migrations in a folder of that name, each by its id and the bodies of its halves. */
export function contextFiles(
  product: Product,
  name: string,
  migrations: readonly { readonly id: string; readonly up: string; readonly down?: string; readonly model?: string }[],
): Readonly<Record<string, string>> {
  const { base, model: mark } = PRODUCTS[product];
  return {
    [`${name}/${name}Context.cs`]: `namespace ${name};\n\npublic class ${name}Context(string connection) : App.${base}(connection);\n`,
    ...Object.fromEntries(
      migrations.flatMap(({ id, up, down = 'throw new System.NotSupportedException();', model = '' }) => [
        [`${name}/${id}.cs`, classText(name, id.slice(15), up, down)],
        [`${name}/${id}.Designer.cs`, designer(name, id, `${mark}\n${model}`)],
      ]),
    ),
  };
}

function classText(namespace: string, name: string, up: string, down: string): string {
  return `using Microsoft.EntityFrameworkCore.Migrations;
${up.includes('NpgsqlValue') ? 'using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;\n' : ''}
#nullable disable

namespace ${namespace}
{
    public partial class ${name} : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            ${up}
        }

        protected override void Down(MigrationBuilder migrationBuilder)
        {
            ${down}
        }
    }
}
`;
}

function designer(namespace: string, id: string, model: string): string {
  return `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ${namespace}
{
    [DbContext(typeof(${namespace}Context))]
    [Migration("${id}")]
    partial class ${id.slice(15)}
    {
        protected override void BuildTargetModel(ModelBuilder modelBuilder)
        {
            modelBuilder.HasAnnotation("ProductVersion", "${EF_VERSION}");
            ${model}
        }
    }
}
`;
}

/** A built program that waits for jobs. */
export interface Migrator extends AsyncDisposable {
  /**
   * Migrates the database of a context to an id, `0` for none, or to the newest, and gives the commands that were sent.
   * Errors: throws with what EF Core said.
   */
  migrate(context: string, connection: string, target?: string): Promise<readonly string[]>;
  /** The idempotent script of all migrations. */
  script(context: string, connection: string): Promise<string>;
  /** Ends the process at once. */
  kill(): void;
}

/** What the program answers to a line. */
interface Answer {
  readonly script: string | null;
  readonly failure: string | null;
  readonly sent: readonly string[];
}

/** Starts the program that a folder was built to. */
export function startMigrator(folder: string): Migrator {
  const child = spawn('dotnet', [path.join(folder, 'bin/Debug/net10.0/App.dll')], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (job: Readonly<Record<string, unknown>>): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the program ended');
    // The program writes such an object for each line.
    const answer = JSON.parse(value) as Answer;
    if (answer.failure !== null) throw new Error(answer.failure);
    return answer;
  };
  const named = (name: string): string => `${name}.${name}Context`;
  return {
    migrate: async (name, connection, target) =>
      (await ask({ Context: named(name), Connection: connection, Target: target ?? null, Script: false })).sent,
    script: async (name, connection) =>
      (await ask({ Context: named(name), Connection: connection, Target: null, Script: true })).script ?? '',
    kill: () => {
      child.kill('SIGKILL');
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        child.once('close', () => {
          resolve();
        });
        child.stdin.end();
      }),
  };
}

/** A database of a server as Npgsql names it; sessions end with what they were for. */
export function npgsqlConnection(port: number, database: string): string {
  return `Host=127.0.0.1;Port=${port};Username=postgres;Database=${database};Pooling=false`;
}
