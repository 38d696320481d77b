import { describe, expect, test } from 'vitest';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { LineIndex } from '../../server/core/line-index.ts';
import { readModel } from '../../server/languages/efcore/model/read-model.ts';
import { hover } from '../../server/lsp/hover.ts';
import { designerText, entity, found, migrationText, openMigrations, pathOf } from '../support/ef-project.ts';

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';
const CREATE = `migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false).Annotation("Sqlite:Autoincrement", true), Email = table.Column<string>(type: "TEXT", nullable: true), Nick = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });
            migrationBuilder.CreateIndex(name: "IX_Users_Email", table: "Users", column: "Email");`;
const INDEX = 'b.HasIndex("Email");';
const REQUIRED =
  'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: "none", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);';

/** Two migrations; the model after the second is `after`, and the first may do more than create the table. */
async function two(up: string, after: string, more: { down?: string; first?: string } = {}): Promise<FolderProject> {
  return openMigrations({
    [`${FIRST}.cs`]: migrationText(FIRST, `${CREATE}\n${more.first ?? ''}`),
    [`${FIRST}.Designer.cs`]: designerText(FIRST, entity('User', 'Users', ['Email?', 'Nick?'], INDEX)),
    [`${SECOND}.cs`]: migrationText(SECOND, up, more.down),
    [`${SECOND}.Designer.cs`]: designerText(SECOND, after),
  });
}

const AFTER = entity('User', 'Users', ['Email', 'Nick?'], INDEX);

/** Statements of the second migration in the order in which they run, each as its first line and whether in a transaction. */
function statements(project: FolderProject): readonly string[] {
  return project
    .explain(pathOf(`${SECOND}.cs`))
    .statements.map(({ text, direction }) => `${direction} ${text.split('\n')[0]}`);
}

describe('a rebuild from the Designer', () => {
  test('is all that EF Core sends, after everything else', async () => {
    const project = await two(`${REQUIRED}\nmigrationBuilder.Sql("UPDATE Users SET Nick = 'x' WHERE Id = 1");`, AFTER);
    expect(project.lint(pathOf(`${SECOND}.cs`)).problems).toEqual([]);
    expect(statements(project)).toEqual([
      "up UPDATE Users SET Nick = 'x' WHERE Id = 1",
      'up CREATE TABLE "ef_temp_Users" (',
      'up INSERT INTO "ef_temp_Users" ("Id", "Email", "Nick")',
      'up PRAGMA foreign_keys = 0',
      'up DROP TABLE "Users"',
      'up ALTER TABLE "ef_temp_Users" RENAME TO "Users"',
      'up PRAGMA foreign_keys = 1',
      'up CREATE INDEX "IX_Users_Email" ON "Users" ("Email")',
    ]);
    expect(found(project, `${SECOND}.cs`)).toEqual(['runs-before-rebuild: Sql']);
  });

  test('a hover tells it, and the schema after it is that of the model', async () => {
    const project = await two(REQUIRED, AFTER);
    const path = pathOf(`${SECOND}.cs`);
    const text = project.textOf(path) ?? '';
    const shown = JSON.stringify(hover({ project, path }, new LineIndex(text).position(text.indexOf('AlterColumn'))));
    expect(shown).toContain('ef_temp_Users');
  });

  test('dropped columns are told at their own names', async () => {
    const project = await two(
      'migrationBuilder.DropColumn(name: "Nick", table: "Users");\nmigrationBuilder.DropColumn(name: "Email", table: "Users");',
      entity('User', 'Users', []),
    );
    expect(found(project, `${SECOND}.cs`)).toEqual(['drop-before-contract: "Nick"', 'drop-before-contract: "Email"']);
  });

  test('an allow line above the second of two calls holds for it', async () => {
    const project = await two(
      `// lockstep: allow-file missing-down because it is a test
      migrationBuilder.DropColumn(name: "Nick", table: "Users");
      // lockstep: allow drop-before-contract because nobody has it
      migrationBuilder.DropColumn(name: "Email", table: "Users");`,
      entity('User', 'Users', []),
    );
    expect(found(project, `${SECOND}.cs`, /unused-allow/)).toEqual([expect.stringMatching(/allow-file/)]);
  });

  test('null to not null without a default fails at the first empty row, and that is told at the column', async () => {
    const project = await two(REQUIRED.replace(' defaultValue: "none",', ''), AFTER);
    expect(found(project, `${SECOND}.cs`)).toEqual(['sqlite-rebuild-null: "Email"']);
  });

  test('an index and a trigger that the model does not have are lost', async () => {
    const project = await two(REQUIRED, AFTER, {
      first: `migrationBuilder.Sql("CREATE INDEX by_nick ON Users (Nick)");
      migrationBuilder.Sql("CREATE TRIGGER touch AFTER UPDATE ON Users BEGIN SELECT 1; END");`,
    });
    const { findings } = project.lint(pathOf(`${SECOND}.cs`));
    expect(findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      expect.stringMatching(/^sqlite-rebuild-loss: .*index by_nick, trigger touch are not made again/),
    ]);
  });

  test('a view over the table makes it fail', async () => {
    const project = await two(REQUIRED, AFTER, {
      first: 'migrationBuilder.Sql("CREATE VIEW names AS SELECT Email FROM Users");',
    });
    expect(found(project, `${SECOND}.cs`).map((line) => line.split(':')[0])).toEqual(['sqlite-rename-refused']);
  });

  test('the way back ends in the model of the migration before', async () => {
    const project = await two(REQUIRED, AFTER, {
      down: 'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: true, oldClrType: typeof(string), oldType: "TEXT");',
    });
    const back = project.explain(pathOf(`${SECOND}.cs`)).statements.filter(({ direction }) => direction === 'down');
    expect(back[0]?.text).toContain('"Email" TEXT NULL');
    expect(found(project, `${SECOND}.cs`)).toEqual([]);
  });

  test('without a Designer, or without the table in it, EF Core refuses, and that is said', async () => {
    for (const designer of ['', entity('Order', 'Orders', [])]) {
      const project = await two(REQUIRED, designer);
      const { problems } = project.lint(pathOf(`${SECOND}.cs`));
      expect(problems.map(({ message }) => message).join()).toContain('refuses the whole migration');
    }
  });

  test('a model that is not known for certain is not analysed', async () => {
    const project = await two(
      REQUIRED,
      entity('User', 'Users', ['Email', 'Nick?'], 'b.ComplexProperty<Dictionary<string, object>>("Home", b1 => { });'),
    );
    const { problems, findings } = project.lint(pathOf(`${SECOND}.cs`));
    expect(problems.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      expect.stringMatching(/^not-analysed: .*it has complex properties/),
    ]);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('the scanner of Designers', () => {
  test('reads a cut-off, an empty and a broken Designer without an error', () => {
    const whole = designerText(FIRST, AFTER.repeat(3));
    for (let end = 0; end < whole.length; end += 7) readModel(whole.slice(0, end))?.tables();
    expect(readModel('')).toBeUndefined();
    expect(
      readModel(whole)
        ?.tables()
        .map(({ name, uncertain }) => [name, uncertain]),
    ).toEqual([['Users', undefined]]);
    // A model whose end is missing is none to rely on.
    const cut = readModel(whole.slice(0, whole.lastIndexOf('b.HasKey')));
    expect(cut?.table('Users')?.uncertain).toBeDefined();
  });

  test('strings of every form, comments and CRLF', () => {
    const text = designerText(
      FIRST,
      entity(
        'User',
        'Users',
        ['Email'],
        'b.ToTable("Users", null, t => { t.HasCheckConstraint("CK", @"""Email"" <> \'}\'"); /* ); */ });\n// b.HasIndex("Email");\nb.Property<string>("Say").HasDefaultValue("a\\"b;\\n").HasColumnType("TEXT");',
      ),
    ).replaceAll('\n', '\r\n');
    const table = readModel(text)?.table('Users');
    expect(table?.checks).toEqual([{ name: 'CK', sql: '"Email" <> \'}\'' }]);
    expect(table?.indexes).toEqual([]);
    expect(table?.columns.map(({ name, isNullable }) => [name, isNullable])).toEqual([
      ['Id', false],
      ['Email', false],
      ['Say', true],
    ]);
    expect(table?.uncertain).toBeUndefined();
  });

  test('hierarchies, owned types and joins share and name tables as EF Core does', () => {
    const model = readModel(
      designerText(
        FIRST,
        `modelBuilder.Entity("PostTag", b => { b.Property<int>("PostsId").HasColumnType("INTEGER"); b.Property<int>("TagsId").HasColumnType("INTEGER"); b.HasKey("PostsId", "TagsId"); b.HasIndex("TagsId"); b.ToTable("PostTag"); });
        modelBuilder.Entity("App.Animal", b => { b.Property<int>("Id").HasColumnType("INTEGER"); b.Property<string>("Kind").IsRequired().HasColumnType("TEXT"); b.HasKey("Id"); b.ToTable("Animals"); b.HasDiscriminator<string>("Kind").HasValue("Animal"); b.UseTphMappingStrategy(); });
        modelBuilder.Entity("App.Cat", b => { b.HasBaseType("App.Animal"); b.Property<int>("Lives").HasColumnType("INTEGER"); b.HasDiscriminator().HasValue("Cat"); });
        modelBuilder.Entity("App.Tag", b => { b.Property<int>("Id").HasColumnType("INTEGER"); b.HasKey("Id"); b.ToTable("Tags"); });
        modelBuilder.Entity("App.User", b => { b.Property<int>("Id").HasColumnType("INTEGER"); b.HasKey("Id"); b.ToTable("Users"); });
        modelBuilder.Entity("PostTag", b => { b.HasOne("App.Tag", null).WithMany().HasForeignKey("TagsId").OnDelete(DeleteBehavior.Cascade).IsRequired(); });
        modelBuilder.Entity("App.User", b => { b.OwnsOne("App.Address", "Home", b1 => { b1.Property<int>("UserId").HasColumnType("INTEGER"); b1.Property<string>("Street").IsRequired().HasColumnType("TEXT"); b1.HasKey("UserId"); b1.ToTable("Users"); b1.WithOwner().HasForeignKey("UserId"); }); });`,
      ),
    );
    const shape = (name: string): unknown =>
      model?.table(name)?.columns.map((column) => `${column.name}${column.isNullable ? '?' : ''}`);
    expect(shape('Animals')).toEqual(['Id', 'Kind', 'Lives?']);
    expect(shape('Users')).toEqual(['Id', 'Home_Street?']);
    expect(model?.table('PostTag')).toMatchObject({
      primaryKey: { name: 'PK_PostTag', columns: ['PostsId', 'TagsId'] },
      indexes: [{ name: 'IX_PostTag_TagsId' }],
      foreignKeys: [{ name: 'FK_PostTag_Tags_TagsId', onDelete: 'CASCADE' }],
    });
    expect(model?.tables().filter(({ uncertain }) => uncertain !== undefined)).toEqual([]);
  });
});
