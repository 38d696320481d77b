import { beforeAll, describe, expect, test } from 'vitest';
import { openProjects } from '../../server/application/open-project.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { loadCSharp } from '../../server/languages/csharp/csharp-parser.ts';
import { readFluentDocument } from '../../server/languages/fluentmigrator/read-document.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { sentBy } from './sent-by.ts';

let engines: Engines;
let sent: (
  text: string,
  ...how: Parameters<typeof sentBy> extends [unknown, string, ...infer Rest] ? Rest : never
) => readonly string[];

beforeAll(async () => {
  engines = await loadEngines();
  await loadCSharp();
  sent = (text, ...how) => sentBy(engines, text, ...how);
});

function classOf(up: string, head = '[Migration(1)]', base = 'Migration', more = ''): string {
  return `using FluentMigrator;\n\nnamespace App.Migrations\n{\n    ${head}\n    public class M : ${base}\n    {\n        public override void Up()\n        {\n            ${up}\n        }\n        ${more}\n    }\n}\n`;
}

describe('a chain is what the generator makes of it', () => {
  test('a table with its columns, key, index and foreign key', () => {
    const up = `Create.Table("orders").InSchema("shop")
      .WithColumn("id").AsInt64().PrimaryKey().Identity()
      .WithColumn("user_id").AsInt32().NotNullable().ForeignKey("users", "id").OnDelete(Rule.Cascade)
      .WithColumn("code").AsString(20).Nullable().Unique()
      .WithColumn("total").AsDecimal(10, 2).WithDefaultValue(0);`;
    expect(sent(classOf(up))).toEqual([
      'CREATE TABLE "shop"."orders" ("id" bigint NOT NULL GENERATED ALWAYS AS IDENTITY, "user_id" integer NOT NULL, "code" varchar(20), "total" decimal(10,2) NOT NULL DEFAULT 0, CONSTRAINT "PK_orders" PRIMARY KEY ("id"))',
      'ALTER TABLE "shop"."orders" ADD CONSTRAINT "FK_orders_user_id_users_id" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON DELETE CASCADE',
      'CREATE UNIQUE INDEX "IX_orders_code" ON "shop"."orders" ("code" ASC)',
    ]);
    expect(sent(classOf(up.replace('.InSchema("shop")', '')), 'sqlite')).toEqual([
      'CREATE TABLE "orders" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "code" TEXT UNIQUE, "total" NUMERIC NOT NULL DEFAULT 0, CONSTRAINT "FK_orders_user_id_users_id" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE)',
      'CREATE UNIQUE INDEX "IX_orders_code" ON "orders" ("code" ASC)',
    ]);
    expect(sent(classOf(up), 'postgresql', 'up', 'serial')[0]).toContain('"id" bigserial NOT NULL, ');
  });

  test('a value for the rows that are there comes between the column and its NOT NULL', () => {
    expect(
      sent(classOf('Alter.Table("users").AddColumn("age").AsInt32().NotNullable().SetExistingRowsTo(1);')),
    ).toEqual([
      'ALTER TABLE "public"."users" ADD "age" integer',
      'UPDATE "public"."users" SET "age" = 1 WHERE 1 = 1',
      'ALTER TABLE "public"."users" ALTER "age" TYPE integer, ALTER "age" SET NOT NULL',
    ]);
  });

  test.each([
    ['Delete.Column("a").Column("b").FromTable("t");', ['DROP COLUMN "a"', 'DROP COLUMN "b"']],
    ['Rename.Table("t").To("u");', ['ALTER TABLE "public"."t" RENAME TO "u"']],
    ['Rename.Column("a").OnTable("t").To("b");', ['RENAME COLUMN "a" TO "b"']],
    ['Delete.Index("ix").OnTable("t");', ['DROP INDEX "public"."ix"']],
    [
      'Create.Index("ix").OnTable("t").OnColumn("a").Ascending().WithOptions().AsConcurrently();',
      ['CREATE INDEX CONCURRENTLY "ix" ON "public"."t" ("a" ASC)'],
    ],
    ['Create.UniqueConstraint().OnTable("t").Columns("a", "b");', ['ADD CONSTRAINT "UC_t_a_b" UNIQUE ("a", "b")']],
    [
      'Insert.IntoTable("t").Row(new { id = 1, name = "a\'b", on = true });',
      [`("id","name","on") VALUES (1,'a''b',true)`],
    ],
    ['Insert.IntoTable("t").Row(new Dictionary<string, object> { ["id"] = 1 });', ['("id") VALUES (1)']],
    ['Update.Table("t").Set(new { a = 1 }).Where(new { b = (string)null });', ['SET "a" = 1 WHERE "b" IS NULL']],
    ['Delete.FromTable("t").AllRows();', ['DELETE FROM "public"."t"']],
    ['this.Execute.Sql(@"UPDATE ""t"" SET a = 1");', ['UPDATE "t" SET a = 1']],
  ])('%s', (chain, expected) => {
    const statements = sent(classOf(chain));
    expect(statements).toHaveLength(expected.length);
    for (const [index, part] of expected.entries()) expect(statements[index]).toContain(part);
  });

  test('a way back is what the class says, or its way there turned round', () => {
    const up = 'Create.Table("a").WithColumn("x").AsInt32(); Create.Index("ix").OnTable("a").OnColumn("x");';
    expect(sent(classOf(up, '[Migration(1)]', 'AutoReversingMigration'), 'postgresql', 'down')).toEqual([
      'DROP INDEX "public"."ix"',
      'DROP TABLE "public"."a"',
    ]);
    expect(
      sent(classOf('Delete.Table("a");', '[Migration(1)]', 'AutoReversingMigration'), 'postgresql', 'down'),
    ).toEqual(['Not analysed: FluentMigrator has no way back for this, and throws.']);
  });

  test('what is for another database does not run, and what may be for this one may', () => {
    const up = `IfDatabase("sqlserver").Execute.Sql("EXEC sp_who");
      IfDatabase("Postgres").Delegate(() => { Delete.Table("a"); });
      IfDatabase("sqlite").Delete.Table("b");`;
    expect(sent(classOf(up))).toEqual(['DROP TABLE "public"."a"']);
    expect(sent(classOf(up), 'sqlite')).toEqual(['DROP TABLE "b"']);
  });
});

describe('what cannot be followed is said', () => {
  test.each([
    ['Execute.EmbeddedScript("more.sql");', 'the SQL of the resource more.sql is not read'],
    [
      'Execute.WithConnection((connection, transaction) => { });',
      'what this code does with the connection is known when it runs',
    ],
    ['Create.TableForModel("a");', 'what Create.TableForModel does is not known'],
    ['Seed();', 'what "Seed" does is not known'],
    ['Helper.Run(this);', 'what "Helper.Run" does is not known'],
    ['var table = Create.Table("a").WithColumn("b").AsInt32();', 'this code cannot be followed'],
    ['Insert.IntoTable("a").Row(row);', 'which rows these are is only known when the program runs'],
  ])('%s', (statement, reason) => {
    expect(sent(classOf(statement))).toEqual([`Not analysed: ${reason}.`]);
  });

  test('a value, a name and a link that are not literal leave the rest of the chain', () => {
    expect(sent(classOf('Alter.Table("t").AddColumn("a").AsString().WithDefaultValue(Helper.Value);'))).toEqual([
      `ALTER TABLE "public"."t" ADD "a" text NOT NULL DEFAULT ''`,
      'Not analysed: the value Helper.Value is only known when the program runs.',
    ]);
    expect(sent(classOf('Create.Table("t").WithIdColumn().WithColumn("a").AsInt32();'))).toEqual([
      'CREATE TABLE "public"."t" ("a" integer NOT NULL)',
      'Not analysed: what "WithIdColumn" adds here is not known.',
    ]);
  });

  test('SQLite is refused what FluentMigrator does not do there', () => {
    expect(sent(classOf('Alter.Column("a").OnTable("t").AsInt32();'), 'sqlite')).toEqual([
      'Not analysed: FluentMigrator refuses this on SQLite: it changes no column.',
    ]);
  });

  test('what other code mentions is no change', () => {
    expect(sent(classOf('Directory.Create("x"); Console.WriteLine("Create.Table"); var a = 1;'))).toEqual([]);
  });

  test('a class that is cut off anywhere is read as far as it goes, and nothing throws', () => {
    const text = classOf('Create.Table("a").WithColumn("b").AsInt32();\n Execute.Sql(@"SELECT ""x""");');
    for (let end = 0; end <= text.length; end += 5) readFluentDocument(text.slice(0, end));
    expect(readFluentDocument(text).migrations).toHaveLength(1);
  });
});

const CSPROJ =
  '<Project><ItemGroup><PackageReference Include="FluentMigrator.Runner.Postgres" /></ItemGroup></Project>\n';

async function opened(
  files: Readonly<Record<string, string>>,
): Promise<FolderProject & { readonly told: readonly string[] }> {
  const memory = new MemoryFiles(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/w/${name}`, text])));
  const { projects, problems } = await openProjects({ root: '/w', files: memory, engines });
  const [found] = projects;
  if (found === undefined) throw new Error('no project was found');
  return Object.assign(found, { told: problems.map(({ message }) => message) });
}

describe('a project', () => {
  test('is ordered by number, wherever its files are, and says what it cannot number', async () => {
    const project = await opened({
      'App/App.csproj': CSPROJ,
      'App/Migrations/2023/A10.cs': classOf('Delete.Table("a");', '[Migration(10)]'),
      'App/Migrations/2024/A9.cs': classOf('Delete.Table("b");', '[Migration(9, "nine")]'),
      'App/Migrations/2024/B.cs': classOf('Delete.Table("c");', '[TimestampedMigration(2024, 1, 2, 3, 4)]'),
      'App/Migrations/2024/C1.cs': classOf('Delete.Table("d");', '[Migration(Numbers.Next)]'),
      'App/Migrations/2024/D9.cs': classOf('Delete.Table("e");', '[Migration(9)]').replaceAll('class M', 'class N'),
    });
    expect(project.folder).toBe('App/Migrations');
    expect(project.migrations.migrations.map(({ id }) => id)).toEqual(['9', '10', '20240102030400']);
    expect(project.migrations.problems.map(({ message }) => message)).toEqual([
      'The number of M is not known, so that it is not listed: [Migration(Numbers.Next)].',
      'N and M have one number, 9: FluentMigrator refuses to run. Give one of them a number of its own.',
    ]);
  });

  test('is told where a day without a time runs before every day with one', async () => {
    const project = await opened({
      'App/App.csproj': CSPROJ,
      'App/Migrations/A1.cs': classOf('Delete.Table("a");', '[Migration(20240101120000)]'),
      'App/Migrations/A2.cs': classOf('Delete.Table("b");', '[Migration(20240105)]'),
    });
    expect(project.migrations.migrations.map(({ id }) => id)).toEqual(['20240105', '20240101120000']);
    expect(project.migrations.problems.map(({ message }) => message)).toEqual([
      '20240105 runs before 20240101120000: FluentMigrator orders by number, and this one has fewer digits.',
    ]);
  });

  test('keeps its history where a class of its own says so', async () => {
    const table = (body: string): string => `public class Versions : DefaultVersionTableMetaData { ${body} }\n`;
    const at = (body: string): ReturnType<typeof opened> =>
      opened({
        'App.csproj': CSPROJ,
        'VersionTable.cs': table(body),
        'Migrations/A1.cs': classOf('Delete.Table("a");'),
      });
    const named = await at(
      'public override string SchemaName => "ops"; public override string TableName { get { return "done"; } }',
    );
    expect(named.history.table).toBe('ops.done');
    const untold = await at('public override string TableName => Settings.Table;');
    expect(untold.history.table).toBe('VersionInfo');
    expect(untold.told).toEqual([
      'What this class says of TableName is no literal and not known here: the history is looked for in VersionInfo.',
    ]);
  });

  test('has findings at the line of the link that causes them', async () => {
    const project = await opened({
      'App.csproj': CSPROJ,
      'Migrations/A1.cs': classOf('Create.Table("users").WithColumn("id").AsInt64().PrimaryKey();'),
      'Migrations/A2.cs': classOf(
        'Alter.Table("users")\n                .AddColumn("a").AsString().Nullable();\n            Create.Index("ix")\n                .OnTable("users")\n                .OnColumn("id");',
        '[Migration(2)]',
      ),
    });
    const path = 'Migrations/A2.cs';
    const { findings } = project.lint(path);
    expect(findings.filter(({ code }) => code === 'blocking-index').map(({ range }) => range.start.line + 1)).toEqual([
      12,
    ]);
  });
});
