import { describe, expect, test } from 'vitest';
import { pickProject } from '../../server/application/use-cases/pick-project.ts';
import { projectStatus } from '../../server/application/use-cases/project-status.ts';
import { chooseDatabase } from '../../server/application/use-cases/choose-database.ts';
import { batchesOf } from '../../server/engines/sqlserver/batches.ts';
import { scriptOf } from '../../server/application/use-cases/script-of.ts';
import { designerText, found, migrationText, openMigrations, pathOf } from '../support/ef-project.ts';
import { contextWithCommands } from '../support/use-project.ts';

/* Migrations for a product that no engine reads: listed, checked as the programs that they are, and said to be not analysed. */

const SQL_SERVER = 'SqlServerModelBuilderExtensions.UseIdentityColumns(modelBuilder);';
const IDS = ['20240101000000_First', '20240202000000_Second'] as const;

function files(up: string, model = SQL_SERVER, down?: string): Readonly<Record<string, string>> {
  return {
    [`${IDS[0]}.cs`]: migrationText(
      IDS[0],
      'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "int", nullable: false) });',
      'migrationBuilder.DropTable(name: "Users");',
    ),
    [`${IDS[0]}.Designer.cs`]: designerText(IDS[0], model),
    [`${IDS[1]}.cs`]: migrationText(IDS[1], up, down),
    [`${IDS[1]}.Designer.cs`]: designerText(IDS[1], model),
  };
}

describe('a product that no engine reads', () => {
  test.each([
    ['SQL Server', SQL_SERVER],
    ['MySQL', 'MySqlModelBuilderExtensions.AutoIncrementColumns(modelBuilder);'],
    ['Oracle Database', 'OracleModelBuilderExtensions.UseIdentityColumns(modelBuilder);'],
  ])(
    '%s is recognised, its migrations are listed, and that it is not analysed is said once a document',
    async (product, model) => {
      const project = await openMigrations(
        files(
          'migrationBuilder.DropColumn(name: "A", table: "Users"); migrationBuilder.Sql("DROP TABLE B"); foreach (var x in y) { }',
          model,
        ),
      );
      expect(project.unreadProduct).toBe(product);
      expect(project.migrations.migrations.map(({ id }) => id)).toEqual(IDS);
      const report = project.lint(pathOf(`${IDS[1]}.cs`));
      expect(report).toMatchObject({ dialect: null, unreadProduct: product });
      // A loop is told where the calls around it are shown.
      expect(report.problems.slice(0, product === 'SQL Server' ? 1 : 2)).toEqual([
        expect.objectContaining({
          kind: 'not-analysed',
          message: expect.stringContaining(`this migration is for ${product}, `),
        }),
      ]);
      const explained = project.explain(pathOf(`${IDS[1]}.cs`)).statements;
      expect(explained.length).toBeGreaterThan(0);
      expect(explained.filter(({ analysed, effects }) => analysed || effects.length > 0)).toEqual([]);
    },
  );

  test('what EF Core sends to SQL Server is shown call by call, and what of it is not known is said beside it', async () => {
    const project = await openMigrations(
      files(
        `migrationBuilder.DropColumn(name: "A", table: "Users");
            migrationBuilder.Sql("SELECT 1\\nGO\\nSELECT 2");
            migrationBuilder.Custom();
            migrationBuilder.AddColumn<Strange>(name: "B", table: "Users", nullable: true);`,
        SQL_SERVER,
        '',
      ),
    );
    const { statements } = project.explain(pathOf(`${IDS[1]}.cs`));
    expect(statements.map(({ text, reason }) => [text.replace(/SELECT @var[\s\S]*?;\n/, '...\n'), reason])).toEqual([
      [expect.stringMatching(/^\/\* not analysed: /), expect.stringContaining('from its documentation only')],
      [
        `DECLARE @var nvarchar(max);
...
IF @var IS NOT NULL EXEC(N'ALTER TABLE [Users] DROP CONSTRAINT ' + @var + ';');
ALTER TABLE [Users] DROP COLUMN [A];`,
        expect.stringContaining('from its documentation only'),
      ],
      ['SELECT 1', expect.stringContaining('from its documentation only')],
      ['SELECT 2', expect.stringContaining('from its documentation only')],
      [expect.stringContaining('Custom is no operation of EF Core'), expect.stringContaining('Custom')],
      [
        '/* not analysed: the type of the column is only known to the model (Strange) */\nALTER TABLE [Users] ADD [B] sql_variant NULL;',
        expect.stringContaining('the type of the column is only known to the model'),
      ],
    ]);
  });

  test('what holds for every database is told of the C#, and what SQL Server does of its SQL', async () => {
    const project = await openMigrations(
      files(
        `migrationBuilder.DropColumn(name: "A", table: "Users");
            migrationBuilder.RenameColumn(name: "Signature", table: "Users", newName: "Nickname");
            migrationBuilder.AddColumn<Guid>(name: "Key", table: "Users", type: "uniqueidentifier", nullable: false, defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));
            migrationBuilder.AddColumn<string>(name: "Required", table: "Users", type: "nvarchar(max)", nullable: false);
            migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "A");
            migrationBuilder.Sql("UPDATE Users SET A = 1");
            migrationBuilder.DropIndex(name: "IX");`,
        SQL_SERVER,
        '',
      ),
    );
    expect(found(project, `${IDS[1]}.cs`)).toEqual([
      'drop-before-contract: "A"',
      'rename-in-use: "Signature"',
      'guessed-rename: "Nickname"',
      'blocking-alter: Key',
      'invented-default: new Guid("00000000-0000-0000-0000-000000000000")',
      'required-column: "Required"',
      'blocking-index: IX',
      'unbatched-update: Users',
      'index-without-table: DropIndex',
      'empty-down: Down',
    ]);
  });

  test('is silent on what is safe, and a contract step may drop', async () => {
    const project = await openMigrations(
      files(
        `// lockstep: change users phase contract
            migrationBuilder.DropColumn(name: "A", table: "Users");
            migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "nvarchar(max)", nullable: true);
            migrationBuilder.AddColumn<int>(name: "Kind", table: "Users", type: "int", nullable: false, defaultValue: 3);
            migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "A").Annotation("SqlServer:Online", true);`,
      ),
    );
    expect(found(project, `${IDS[1]}.cs`)).toEqual(['blocking-alter: Kind']);
  });

  test('beside a project that is read it is meant only where it is named', async () => {
    const unread = await openMigrations(files(''));
    const read = await openMigrations(
      files('', 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);'),
    );
    expect(pickProject([unread, read], { ifSeveral: 'refuse' })).toBe(read);
    expect(pickProject([unread], { ifSeveral: 'refuse' })).toBe(unread);
    expect(pickProject([unread, read], { folder: unread.folder, ifSeveral: 'refuse' })).toBe(unread);
  });

  test('its preview runs as one script: variables of one name stand in batches of their own', async () => {
    const project = await openMigrations(
      files(
        'migrationBuilder.DropColumn(name: "A", table: "Users"); migrationBuilder.DropColumn(name: "B", table: "Users"); migrationBuilder.Sql("CREATE VIEW V AS SELECT 1 AS A;");',
      ),
    );
    const sql = scriptOf(project, { direction: 'up', migrations: project.migrations.migrations.slice(1) });
    const batches = batchesOf(sql).map(({ start, end }) => sql.slice(start, end).trim());
    expect(batches.map((batch) => batch.match(/DECLARE @var|CREATE VIEW/g))).toEqual([
      null,
      ['DECLARE @var'],
      ['DECLARE @var'],
      ['CREATE VIEW'],
    ]);
    // A view is alone in its batch.
    expect(batches.at(-1)).toBe('CREATE VIEW V AS SELECT 1 AS A;');
  });

  test('nothing connects to it: what is applied is not known, and the command that tells it is named', async () => {
    const project = await openMigrations(files(''));
    expect(scriptOf(project, { direction: 'up', migrations: project.migrations.migrations })).toMatch(
      /^-- 20240101000000_First: a preview, .*\n\/\* not analysed: this migration is for SQL Server/,
    );
    const context = contextWithCommands(project, '/app/none.db');
    const { report } = await projectStatus(context);
    expect(report.migrations.map(({ id, state }) => `${id} ${state}`)).toEqual(IDS.map((id) => `${id} unknown`));
    expect(report.problems.map(({ message }) => message).join()).toMatch(
      /Lockstep connects to no SQL Server, so that it is not known which of these are applied: "dotnet ef migrations list .*--context AppContext" says which\./,
    );
    expect(chooseDatabase(context, { base: '/app', url: 'postgres://me@db/app' })).toMatchObject({
      kind: 'refused',
      reason: { code: 'unread-product', product: 'SQL Server' },
    });
  });
});
