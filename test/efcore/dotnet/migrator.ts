import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DESIGN, EF_VERSION, projectFile, PROVIDERS } from './dotnet.ts';

/** A program for both products whose contexts are each a namespace; it has EF Core's migrator do what it is told, line by line. */
export const MIGRATOR_FILES: Readonly<Record<string, string>> = {
  'App.csproj': projectFile({ ...PROVIDERS.sqlite, ...PROVIDERS.postgresql, ...DESIGN }),
  'Program.cs': `using System.Text.Json;
using App;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.Extensions.DependencyInjection;

while (Console.ReadLine() is { } line)
{
    var job = JsonSerializer.Deserialize<Job>(line)!;
    string? script = null, failure = null;
    bool? pending = null;
    ScaffoldedMigration? next = null;
    Sent.Commands.Clear();
    try
    {
        using var context = (DbContext)Activator.CreateInstance(Type.GetType(job.Context, true)!, job.Connection)!;
        var migrator = context.GetService<IMigrator>();
        switch (job.Kind)
        {
            case "migrate":
                migrator.Migrate(job.Target);
                break;
            case "script":
                script = migrator.GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
                break;
            case "next":
                // One that has not looked at its snapshot before.
                using (var asked = (DbContext)Activator.CreateInstance(context.GetType(), job.Connection)!) pending = asked.Database.HasPendingModelChanges();
                next = Design.Of(context).GetRequiredService<IMigrationsScaffolder>().ScaffoldMigration("Next", context.GetType().Namespace, "", "C#");
                break;
            case "remove":
                Design.Of(context).GetRequiredService<IMigrationsScaffolder>().RemoveMigration(job.Target!, context.GetType().Namespace, true, "C#");
                break;
            case "differs":
                script = Design.Difference(context, Type.GetType(context.GetType().Namespace + ".DirectSnapshot", true)!);
                break;
            case "model":
                script = Design.ModelOf(context, job.Connection);
                break;
        }
    }
    catch (Exception error)
    {
        failure = error.GetType().Name + ": " + error.Message + (error.InnerException is { } inner ? " " + inner.Message : "");
    }
    Console.WriteLine(JsonSerializer.Serialize(new { script, failure, sent = Sent.Commands, pending, up = next?.MigrationCode, designer = next?.MetadataCode, snapshot = next?.SnapshotCode }));
}

namespace App
{
    public record Job(string Kind, string Context, string Connection, string? Target);

    /** What dotnet ef asks of the provider. */
    public static class Design
    {
        public static IServiceProvider Of(DbContext context)
        {
            var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(context);
            IDesignTimeServices own = context is Server
                ? new Npgsql.EntityFrameworkCore.PostgreSQL.Design.Internal.NpgsqlDesignTimeServices()
                : new Microsoft.EntityFrameworkCore.Sqlite.Design.Internal.SqliteDesignTimeServices();
            own.ConfigureDesignTimeServices(services);
            return services.BuildServiceProvider();
        }

        /** What EF Core would do to a database that is as a snapshot says, so that it is as the program's model says. */
        public static string Difference(DbContext context, Type snapshot)
        {
            var services = Of(context);
            var there = services.GetRequiredService<Microsoft.EntityFrameworkCore.Migrations.Internal.ISnapshotModelProcessor>().Process(((ModelSnapshot)Activator.CreateInstance(snapshot)!).Model);
            var wanted = context.GetService<Microsoft.EntityFrameworkCore.Metadata.IDesignTimeModel>().Model;
            var operations = context.GetService<IMigrationsModelDiffer>().GetDifferences(there?.GetRelationalModel(), wanted.GetRelationalModel());
            return services.GetRequiredService<IMigrationsCodeGeneratorSelector>().Select("C#").GenerateMigration("Any", "Any", operations, []);
        }

        /** The snapshot of the model that dotnet ef dbcontext scaffold makes of a database. */
        public static string ModelOf(DbContext context, string connection)
        {
            var services = Of(context);
            var database = services.GetRequiredService<IDatabaseModelFactory>().Create(connection, new DatabaseModelFactoryOptions());
            var model = services.GetRequiredService<IScaffoldingModelFactory>()
                .Create(database, new ModelReverseEngineerOptions { UseDatabaseNames = true, NoPluralize = true });
            return services.GetRequiredService<IMigrationsCodeGeneratorSelector>().Select("C#").GenerateSnapshot("Any", context.GetType(), "Snapshot", model);
        }
    }

    public static class Sent
    {
        public static readonly List<string> Commands = [];

        public static void Add(EventData data)
        {
            if (data is CommandEventData { Command: var command }) Commands.Add(command.CommandText);
        }
    }

    /** What no model stands behind has no changes to be pending. */
    public class Server(string connection) : DbContext
    {
        // An index that no database asked for.
        protected override void ConfigureConventions(ModelConfigurationBuilder builder) =>
            builder.Conventions.Remove(typeof(ForeignKeyIndexConvention));

        protected override void OnConfiguring(DbContextOptionsBuilder options) => options
            .UseNpgsql(connection, npgsql => npgsql.MigrationsAssembly(typeof(Server).Assembly))
            .LogTo((id, _) => id == RelationalEventId.CommandExecuting, Sent.Add)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }

    public class Lite(string connection) : DbContext
    {
        // An index that no database asked for.
        protected override void ConfigureConventions(ModelConfigurationBuilder builder) =>
            builder.Conventions.Remove(typeof(ForeignKeyIndexConvention));

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
  current?: CurrentModel,
): Readonly<Record<string, string>> {
  const { base, model: mark } = PRODUCTS[product];
  return {
    ...(current === undefined
      ? {}
      : { [`${name}/${name}ContextModelSnapshot.cs`]: snapshotOf(name, current.snapshot) }),
    [`${name}/${name}Context.cs`]: `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ${name}
{
    public class ${name}Context(string connection) : App.${base}(connection)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
${current === undefined ? '' : bodyOf(current.snapshot)}
${current?.edits ?? ''}
        }
    }
}
`,
    ...Object.fromEntries(
      migrations.flatMap(({ id, up, down = 'throw new System.NotSupportedException();', model = '' }) => [
        [`${name}/${id}.cs`, classText(name, id.slice(15), up, down)],
        [`${name}/${id}.Designer.cs`, designer(name, id, `${mark}\n${model}`)],
      ]),
    ),
  };
}

/** A model as EF Core writes it into a snapshot, and what the program says of it beyond that. */
export interface CurrentModel {
  readonly snapshot: string;
  readonly edits?: string;
}

/** A snapshot that stands for a database, beside that of the context. */
export function directSnapshot(name: string, snapshot: string): Readonly<Record<string, string>> {
  return {
    [`direct/${name}.cs`]: snapshotOf(name, snapshot)
      .replace(/typeof\(\w+\)/, 'typeof(App.Server)')
      .replace(/class \w+/, 'class DirectSnapshot'),
  };
}

/** The snapshot of any context as that of one. */
function snapshotOf(name: string, snapshot: string): string {
  return ownParts(snapshot)
    .replace(/^using App;\r?\n/m, '')
    .replace(/namespace Any\b/, `namespace ${name}`)
    .replace(/typeof\(\w+\)/, `typeof(${name}Context)`)
    .replace(/class Snapshot\b/, `class ${name}ContextModelSnapshot`);
}

function bodyOf(snapshot: string): string {
  const body = /#pragma warning disable[^\n]*\n([\s\S]*)#pragma warning restore/.exec(ownParts(snapshot))?.[1] ?? '';
  // A snapshot does not say that a table has no key, or that a value is not generated, and a program has to.
  return body
    .replaceAll(PROPERTY, (chain) =>
      /\.(?:ValueGenerated|HasComputed|HasDefault)/.test(chain)
        ? chain
        : chain.replace(/^.*\)/, '$&.ValueGeneratedNever()'),
    )
    .split(/(?=^ *modelBuilder\.Entity\()/m)
    .map((part) =>
      part.includes('b.ToTable(') && !part.includes('b.HasKey(')
        ? part.replace('b.ToTable(', 'b.HasNoKey();\n$&')
        : part,
    )
    .join('');
}

/** A property with all calls on it, each on a line of its own. */
const PROPERTY = /b\.Property<.*>\("(?:[^"\\]|\\.)*"\)(?:\n +\..*)*;/g;

/** What a program says too: without navigations, which a table without a class cannot have, and notes of the scaffolding. */
function ownParts(snapshot: string): string {
  return (
    snapshot
      .replaceAll(/\s*\.HasColumnOrder\(\d+\)/g, '')
      // What the scaffolding reads of one default is one default.
      .replaceAll(PROPERTY, (chain) =>
        chain.includes('.HasDefaultValue(') ? chain.replace(/\s*\.HasDefaultValueSql\(.*\)/, '') : chain,
      )
      // That of its column, which the index has without saying so.
      .replaceAll(/^ *NpgsqlIndexBuilderExtensions\.UseCollation\(.*\n/gm, '')
      .replaceAll(/^ *b\.HasAnnotation\("Scaffolding:[^;]*;\s*?\n/gm, '')
      .replace(
        /\.HasAnnotation\("Scaffolding:DatabaseName", "[^"]*"\)/,
        `.HasAnnotation("ProductVersion", "${EF_VERSION}")`,
      )
      .replaceAll(/^ *b\.Navigation\([^;]*;\s*?\n/gm, '')
      .replaceAll(/(\.HasOne\("(?:[^"\\]|\\.)*", )"(?:[^"\\]|\\.)*"/g, '$1null')
      .replaceAll(/\.With(Many|One)\("(?:[^"\\]|\\.)*"/g, '.With$1(')
  );
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
  /** What `dotnet ef migrations has-pending-model-changes` and `migrations add` make of the program. */
  next(context: string, connection: string): Promise<NextMigration>;
  /** The migration from the model of a context's `DirectSnapshot` to its own. */
  difference(context: string, connection: string): Promise<string>;
  /** What `dotnet ef migrations remove` does in a folder. */
  remove(context: string, connection: string, folder: string): Promise<void>;
  /** The snapshot of the model that `dotnet ef dbcontext scaffold` makes of a database. */
  modelOf(product: Product, connection: string): Promise<string>;
  /** Ends the process at once. */
  kill(): void;
}

/** The migration that EF Core would add now: its class, its Designer and the snapshot with it. */
export interface NextMigration {
  readonly pending: boolean;
  readonly up: string;
  readonly designer: string;
  readonly snapshot: string;
}

/** What the program answers to a line. */
interface Answer {
  readonly script: string | null;
  readonly pending: boolean | null;
  readonly up: string | null;
  readonly designer: string | null;
  readonly snapshot: string | null;
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
      (await ask({ Kind: 'migrate', Context: named(name), Connection: connection, Target: target ?? null })).sent,
    script: async (name, connection) =>
      (await ask({ Kind: 'script', Context: named(name), Connection: connection })).script ?? '',
    next: async (name, connection) => {
      const { pending, up, designer, snapshot } = await ask({
        Kind: 'next',
        Context: named(name),
        Connection: connection,
      });
      return { pending: pending ?? true, up: up ?? '', designer: designer ?? '', snapshot: snapshot ?? '' };
    },
    difference: async (name, connection) =>
      (await ask({ Kind: 'differs', Context: named(name), Connection: connection })).script ?? '',
    remove: async (name, connection, folder) => {
      await ask({ Kind: 'remove', Context: named(name), Connection: connection, Target: folder });
    },
    modelOf: async (product, connection) =>
      (await ask({ Kind: 'model', Context: `App.${PRODUCTS[product].base}`, Connection: connection })).script ?? '',
    kill: () => {
      child.kill('SIGKILL');
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) resolve();
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
