import { describe, expect, test } from 'vitest';
import { designerText, migrationText, openMigrations } from '../support/ef-project.ts';

/* That EF Core's model is then the database's is shown for every recipe in `dotnet/fixes.test.ts`. */

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';
const TABLES =
  'CREATE TABLE "Users" ("Id" bigint PRIMARY KEY, "Email" text NOT NULL, nick text, age integer); CREATE TABLE "Orders" ("Id" bigint PRIMARY KEY, "UserId" bigint);';
const MODEL = `modelBuilder.Entity("App.User", b =>
                {
                    b.Property<long>("Id").HasColumnType("bigint");
                    b.Property<int?>("Age").HasColumnType("integer").HasColumnName("age");
                    b.Property<string>("Email").IsRequired().HasColumnType("text");
                    b.Property<string>("Nick").HasColumnType("text").HasColumnName("nick");
                    b.HasKey("Id");
                    b.ToTable("Users");
                });
            modelBuilder.Entity("App.Order", b =>
                {
                    b.Property<long>("Id").HasColumnType("bigint");
                    b.Property<long?>("UserId").HasColumnType("bigint");
                    b.HasKey("Id");
                    b.ToTable("Orders");
                });`;

/** What the runbook lists for a change by SQL, and what it says around it. */
async function sectionOf(sql: string, deploy?: string): Promise<readonly string[]> {
  const mark = 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);\n';
  const project = await openMigrations({
    [`${FIRST}.cs`]: migrationText(FIRST, `migrationBuilder.Sql(@"${TABLES.replaceAll('"', '""')}");`),
    [`${FIRST}.Designer.cs`]: designerText(FIRST, mark + MODEL),
    [`${SECOND}.cs`]: migrationText(SECOND, `migrationBuilder.Sql(@"${sql.replaceAll('"', '""')}");`),
    [`${SECOND}.Designer.cs`]: designerText(SECOND, mark + MODEL),
    'AppContextModelSnapshot.cs': designerText(FIRST, mark + MODEL)
      .replace(/ *\[Migration.*\n/, '')
      .replace('partial class First', 'partial class AppContextModelSnapshot : ModelSnapshot')
      .replace('BuildTargetModel', 'BuildModel'),
  });
  expect(project.lint(`Migrations/${SECOND}.cs`).problems).toEqual([]);
  return (
    project.format.programSection?.({
      id: 'users-nick',
      deploy,
      before: project.schemaAfter(FIRST),
      after: project.schema(),
    }) ?? []
  );
}

/** The items of the list without the last two, each with its line of C#. */
async function editsOf(sql: string): Promise<readonly string[]> {
  const items = (await sectionOf(sql))
    .join('\n')
    .split(/^- \[ \] /m)
    .slice(1, -2);
  return items.map((item) => item.replace(/\s*```(?:csharp)?\s*/g, '\n').trim());
}

describe('the runbook of a change of EF Core lists for the model', () => {
  test.each([
    [
      'another name of a column',
      'ALTER TABLE "Users" RENAME COLUMN nick TO "Nick Name"',
      [
        'Users.nick is gone and Nick Name of the same type is new. Where it is the same by another name, the property stays:\nmodelBuilder.Entity("App.User").Property("Nick").HasColumnName("Nick Name");',
      ],
    ],
    [
      'a column that was made apart and took the place of another',
      'ALTER TABLE "Users" ADD COLUMN label text; ALTER TABLE "Users" DROP COLUMN nick',
      [
        'Users.nick is gone and label of the same type is new. Where it is the same by another name, the property stays:\nmodelBuilder.Entity("App.User").Property("Nick").HasColumnName("label");',
      ],
    ],
    [
      'a new column, which no class has to have',
      'ALTER TABLE "Users" ADD COLUMN status varchar(20) NOT NULL DEFAULT \'a"b\'',
      [
        'Users.status is new: a property, or a shadow property that no class has yet.\nmodelBuilder.Entity("App.User").Property<string>("status").HasColumnName("status").HasColumnType("character varying(20)").IsRequired(true).HasDefaultValueSql("\'a\\"b\'");',
      ],
    ],
    [
      'a column that is gone',
      'ALTER TABLE "Users" DROP COLUMN age',
      [
        'Users.age is gone: take its property out, or leave it out of the model.\nmodelBuilder.Entity("App.User").Ignore("Age");',
      ],
    ],
    [
      'null that is not taken any more, of a class and of a value',
      'ALTER TABLE "Users" ALTER nick SET NOT NULL, ALTER age SET NOT NULL',
      [
        'Users.nick takes no null any more.\nmodelBuilder.Entity("App.User").Property("Nick").IsRequired(true);',
        'Users.age takes no null any more: its property has the type int.\nmodelBuilder.Entity("App.User").Property("Age").IsRequired(true);',
      ],
    ],
    [
      'null that is taken now, and a new value that may be missing',
      'ALTER TABLE "Users" ALTER "Email" DROP NOT NULL; ALTER TABLE "Orders" ADD n int',
      [
        'Orders.n is new: a property, or a shadow property that no class has yet.\nmodelBuilder.Entity("App.Order").Property<int?>("n").HasColumnName("n").HasColumnType("integer");',
        'Users.Email takes null now.\nmodelBuilder.Entity("App.User").Property("Email").IsRequired(false);',
      ],
    ],
    [
      'another type',
      'ALTER TABLE "Users" ALTER age TYPE bigint',
      [
        'Users.age is bigint now: give its property the type long?.\nmodelBuilder.Entity("App.User").Property("Age").HasColumnType("bigint");',
      ],
    ],
    [
      'a table by another name',
      'ALTER TABLE "Orders" RENAME TO "All Orders"',
      ['The table Orders is called All Orders now.\nmodelBuilder.Entity("App.Order").ToTable("All Orders");'],
    ],
    ['a table that is gone', 'DROP TABLE "Orders"', ['The table Orders is gone: take App.Order out of the model.']],
    [
      'a new table',
      'CREATE TABLE tags (name text PRIMARY KEY, at date)',
      [
        'The table tags is new: a class of its own.\nmodelBuilder.Entity("tags", b => { b.Property<string>("name").HasColumnName("name").HasColumnType("text").IsRequired(true); b.Property<DateOnly?>("at").HasColumnName("at").HasColumnType("date"); b.HasKey("name").HasName("tags_pkey"); b.ToTable("tags"); });',
      ],
    ],
    [
      'keys and indexes',
      'ALTER TABLE "Users" ADD CONSTRAINT u UNIQUE ("Email", nick); CREATE INDEX i ON "Users" (age) WHERE age > 3; ALTER TABLE "Orders" ADD CONSTRAINT f FOREIGN KEY ("UserId") REFERENCES "Users" ON DELETE CASCADE',
      [
        'Users is unique by Email, nick.\nmodelBuilder.Entity("App.User").HasIndex(new[] { "Email", "Nick" }, "u").IsUnique();',
        'Users has the index i.\nmodelBuilder.Entity("App.User").HasIndex(new[] { "Age" }, "i").HasFilter("age > 3");',
        'Orders has the foreign key f to Users.\nmodelBuilder.Entity("App.Order").HasOne("App.User", null).WithMany().HasForeignKey("UserId").HasPrincipalKey("Id").OnDelete(DeleteBehavior.Cascade).HasConstraintName("f");',
      ],
    ],
    ['nothing where the model is not concerned', 'ALTER TABLE "Users" ADD CHECK (age > 0)', []],
    ['nothing where the change ends as it began', 'ALTER TABLE "Users" ADD x int; ALTER TABLE "Users" DROP x', []],
  ] as const)('%s', async (_name, sql, edits) => {
    expect(await editsOf(sql)).toEqual(edits);
  });

  test('and then the migration that brings the snapshot, and the version in which all this is', async () => {
    const section = await sectionOf('ALTER TABLE "Users" DROP COLUMN age', 'version that does not read users.age');
    expect(section.join('\n')).toContain('In the version that does not read users.age, the model says the same.');
    expect(section.filter((line) => line.includes('dotnet ef'))).toEqual([
      '- [ ] `dotnet ef migrations add UsersNickModel --context AppContext`, and then take all that it does out of its `Up` and its `Down`, for the steps do it: what stays is its Designer and the snapshot.',
      '- [ ] `dotnet ef migrations has-pending-model-changes --context AppContext` says that there are none.',
    ]);
  });
});
