import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { type Engines, loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { runMigrations } from '../../../server/application/use-cases/run-migrations.ts';
import type { RunExtent } from '../../../server/runner/runner.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { contextWithCommands } from '../../support/use-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { buildWithTool, DESIGN, dotnet, projectFile, PROVIDERS } from './dotnet.ts';

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`EF Core's own runs are left out: ${reason}.`);

const NOW = new Date('2030-01-02T03:04:05Z');

const PROJECT = projectFile({ ...PROVIDERS.sqlite, ...PROVIDERS.postgresql, ...DESIGN });

/** Two contexts, each with a model that the variable STAGE takes a step further. */
const PROGRAM = `using Microsoft.EntityFrameworkCore;

return;

namespace App
{
    public static class Stage
    {
        public static bool Second => Environment.GetEnvironmentVariable("STAGE") == "2";
    }

    public class Animal { public int Id { get; set; } public string Name { get; set; } = ""; public int? MotherId { get; set; } public Animal? Mother { get; set; } }
    public class Cat : Animal { public int Lives { get; set; } }
    public class Address { public string Street { get; set; } = ""; public int Number { get; set; } }
    public class User { public int Id { get; set; } public string? Email { get; set; } public string? Nick { get; set; } public decimal Balance { get; set; } public DateTime Since { get; set; } public Guid Token { get; set; } public Address? Home { get; set; } public List<Address> Other { get; } = []; }
    public class Post { public long Id { get; set; } public string Title { get; set; } = ""; public List<Tag> Tags { get; } = []; public User? Author { get; set; } public int? AuthorId { get; set; } }
    public class Tag { public string Name { get; set; } = ""; public byte[]? Icon { get; set; } public List<Post> Posts { get; } = []; }
    public class Vote { public int UserId { get; set; } public long PostId { get; set; } public bool Up { get; set; } public double Weight { get; set; } }

    public class LiteContext : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseSqlite("Data Source=none.db");

        protected override void OnModelCreating(ModelBuilder model)
        {
            model.Entity<Animal>().Property(animal => animal.Name).UseCollation("NOCASE");
            model.Entity<Cat>().Property(cat => cat.Lives).HasDefaultValue(Stage.Second ? 7 : 9);
            model.Entity<User>(user =>
            {
                user.OwnsOne(item => item.Home);
                user.OwnsMany(item => item.Other);
                user.Property(item => item.Since).HasDefaultValueSql("CURRENT_TIMESTAMP");
                user.Property(item => item.Token).HasDefaultValue(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"));
                user.Property(item => item.Email).IsRequired(Stage.Second).HasMaxLength(Stage.Second ? 200 : 100);
                if (Stage.Second) user.Ignore(item => item.Nick);
                user.HasIndex(item => item.Email).IsUnique().HasFilter("Email <> ''");
                user.ToTable("Users", table => table.HasCheckConstraint("CK_Balance", Stage.Second ? "Balance >= 0" : "Balance > -10"));
            });
            model.Entity<Post>().HasMany(post => post.Tags).WithMany(tag => tag.Posts);
            model.Entity<Post>().HasOne(post => post.Author).WithMany().OnDelete(Stage.Second ? DeleteBehavior.SetNull : DeleteBehavior.ClientSetNull);
            model.Entity<Tag>().HasKey(tag => tag.Name);
            model.Entity<Vote>().HasKey(vote => new { vote.UserId, vote.PostId });
            model.Entity<Vote>().Property(vote => vote.Weight).HasDefaultValue(Stage.Second ? 0.5 : 1.5).HasColumnOrder(0);
        }
    }

    public class Customer { public int Id { get; set; } public string Email { get; set; } = ""; public string? City { get; set; } }

    public class ServerContext : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql("Host=none");

        protected override void OnModelCreating(ModelBuilder model)
        {
            model.Entity<Customer>();
            if (Stage.Second) model.Entity<Customer>().HasIndex(customer => customer.Email);
        }
    }
}
`;

/** What runs of a script, without what EF Core keeps its history with; words with one space between them. */
function statementsOf(engines: Engines, script: string): readonly string[] {
  return engines.sqlite
    .split(script, { start: 0, end: script.length })
    .map(({ text }) => plain(text))
    .filter((text) => !/^(?:BEGIN|COMMIT)\b|__EFMigrationsHistory/.test(text));
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').trim();
}

describe.skipIf(reason !== undefined)('what dotnet ef makes, runs and keeps', () => {
  let opened: RunProject;
  let engines: Engines;
  let server: PostgresServer;

  const ef = (stage: '1' | '2', ...words: readonly string[]): string =>
    dotnet(['tool', 'run', 'dotnet-ef', '--', ...words, '--no-build'], opened.folder, { STAGE: stage });
  const add = (stage: '1' | '2', name: string, context: string, folder: string): string =>
    ef(stage, 'migrations', 'add', name, '--context', context, '--output-dir', `Migrations/${folder}`);

  async function projectIn(folder: string): Promise<FolderProject> {
    const { projects } = await openProjects({ root: opened.folder, files: nodeFiles, engines: engines });
    const project = projects.find((candidate) => candidate.folder === `Migrations/${folder}`);
    if (project === undefined) throw new Error(`no project in ${folder}`);
    return project;
  }

  beforeAll(async () => {
    engines = await loadEngines();
    // A migration that is no part of the test makes a project of the files.
    opened = await runProject({
      'App.csproj': PROJECT,
      'Program.cs': PROGRAM,
      'sql/0001_none.up.sql': 'SELECT 1;',
    });
    const starting = startPostgres(17);
    buildWithTool(opened.folder);
    add('1', 'First', 'LiteContext', 'Lite');
    add('1', 'First', 'ServerContext', 'Server');
    dotnet(['build', '--nologo', '--no-restore'], opened.folder);
    add('2', 'Second', 'LiteContext', 'Lite');
    add('2', 'Second', 'ServerContext', 'Server');
    server = await starting;
  }, 600_000);

  afterAll(async () => {
    await server?.stop();
    opened?.[Symbol.dispose]();
  });

  test('SQLite: every statement of both migrations, up and back, is the one that we say', async () => {
    dotnet(['build', '--nologo', '--no-restore'], opened.folder);
    const project = await projectIn('Lite');
    const [first, second] = project.migrations.migrations;
    if (first === undefined || second === undefined) throw new Error('two migrations were added');
    const ours = (name: string, direction: 'up' | 'down'): readonly string[] =>
      project
        .explain(name)
        .statements.filter((statement) => statement.direction === direction)
        .map(({ text }) => plain(text));
    const script = (...words: readonly string[]): readonly string[] =>
      statementsOf(engines, ef('2', 'migrations', 'script', ...words, '--context', 'LiteContext'));
    expect(project.lint(second.upPath).problems).toEqual([]);
    expect([...ours(first.upPath, 'up'), ...ours(second.upPath, 'up')]).toEqual(script());
    expect(ours(second.upPath, 'down')).toEqual(script(second.id, first.id));
    expect(ours(second.upPath, 'up').join()).toContain('ef_temp_');
  }, 300_000);

  test('SQLite: up, back and up again, and the model has no pending changes', async () => {
    const database = path.join(opened.folder, 'lite.db');
    const project = await projectIn('Lite');
    const context = contextWithCommands(project, database);
    const ids = project.migrations.migrations.map(({ id }) => id);
    const go = async (direction: 'up' | 'down', extent: RunExtent): Promise<unknown> => {
      const ended = await runMigrations(context, { direction, extent }, { onEvent: () => undefined });
      return ended.kind === 'ended' ? (ended.done.failed?.message ?? ended.done.applied) : ended;
    };
    process.env['STAGE'] = '2';
    try {
      // As a person has it: by Lockstep, which has dotnet ef do it and reads the history again.
      expect(await go('up', { kind: 'all' })).toEqual(ids);
      expect(await go('down', { kind: 'next' })).toEqual(ids.slice(1));
      expect(await go('up', { kind: 'all' })).toEqual(ids.slice(1));
    } finally {
      delete process.env['STAGE'];
    }
    expect(ef('2', 'migrations', 'has-pending-model-changes', '--context', 'LiteContext')).toContain('No changes');
  }, 300_000);

  test('PostgreSQL: a fix compiles, lints silent, runs up, back and up again, and leaves the model as it is', async () => {
    const project = await projectIn('Server');
    const second = project.migrations.migrations[1];
    if (second === undefined) throw new Error('two migrations were added');
    expect(project.lint(second.upPath).findings.map(({ code }) => code)).toContain('blocking-index');
    const { fixes } = project.fixes(second.upPath, NOW, ({ code }) => code === 'blocking-index');
    const files = fixes[0]?.files ?? [];
    expect(files.map(({ action }) => action)).toEqual(['edit', 'create', 'create']);
    for (const file of files) {
      const target = path.join(opened.folder, file.path);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, file.text);
    }
    await project.refresh();
    for (const file of files.filter(({ goesWith }) => goesWith === undefined))
      expect([file.path, project.lint(file.path).findings.map(({ code, message }) => `${code}: ${message}`)]).toEqual([
        file.path,
        [],
      ]);
    dotnet(['build', '--nologo', '--no-restore'], opened.folder);
    const database = await server.createDatabase();
    const connection = `Host=127.0.0.1;Port=${server.port};Username=postgres;Database=${database}`;
    const update = (...target: readonly string[]): string =>
      ef('2', 'database', 'update', ...target, '--context', 'ServerContext', '--connection', connection);
    const client = await server.connect(database);
    try {
      const indexes = async (): Promise<readonly unknown[]> =>
        (
          await client.query(
            `SELECT indexrelid::regclass::text AS name, indisvalid FROM pg_index WHERE indrelid = '"Customer"'::regclass AND NOT indisprimary`,
          )
        ).rows;
      const built = [{ name: '"IX_Customer_Email"', indisvalid: true }];
      update();
      expect(await indexes()).toEqual(built);
      update('First');
      expect(await indexes()).toEqual([]);
      update();
      expect(await indexes()).toEqual(built);
    } finally {
      await client.end();
    }
    expect(ef('2', 'migrations', 'has-pending-model-changes', '--context', 'ServerContext')).toContain('No changes');
    // Nothing is left for EF Core to say: what it adds next does nothing.
    add('2', 'Third', 'ServerContext', 'Server');
    await project.refresh();
    // The fix is dated behind it.
    const third = project.migrations.migrations.find(({ name }) => name === 'Third')?.upPath ?? '';
    expect(project.explain(third).statements).toEqual([]);
    expect(project.textOf(third)).toMatch(/Up\(MigrationBuilder migrationBuilder\)\s*\{\s*\}/);

    // The Designer of the step is the one that EF Core makes of a migration that leaves the model as it is.
    const folder = path.join(opened.folder, 'Migrations/Server');
    const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
    const designers = [files.at(-1)?.path ?? '', third.replace(/\.cs$/, '.Designer.cs')].map((file) => {
      const [, id = '', name = ''] = /((?:\d+)_(\w+))\.Designer\.cs$/.exec(file) ?? [];
      return read(path.basename(file)).replaceAll(id, 'ID').replace(`class ${name}`, 'class NAME');
    });
    expect(designers[0]).toBe(designers[1]);

    // And so EF Core can take the step away again: without a Designer it writes an empty snapshot.
    const snapshot = read('ServerContextModelSnapshot.cs');
    for (const file of [third, third.replace(/\.cs$/, '.Designer.cs')]) rmSync(path.join(opened.folder, file));
    ef('2', 'migrations', 'remove', '--force', '--context', 'ServerContext');
    // It writes out a schema that is none.
    expect(read('ServerContextModelSnapshot.cs').replaceAll(', (string)null', '')).toBe(snapshot);
    expect(readdirSync(folder).filter((name) => /^\d/.test(name))).toHaveLength(4);
  }, 300_000);
});
