import { describe, expect, test } from 'vitest';
import { idempotentScriptOf } from '../../server/application/use-cases/script-of.ts';
import { designerText, migrationText, openMigrations } from '../support/ef-project.ts';

/* What EF Core's own script and this one leave on a server is compared in `dotnet/truths.test.ts`. */

const ID = '20240101000000_First';
const NPGSQL = 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);';

async function scriptOf(up: string, model = NPGSQL): Promise<string> {
  const project = await openMigrations({
    [`${ID}.cs`]: migrationText(ID, up),
    [`${ID}.Designer.cs`]: designerText(ID, model, '9.0.4'),
  });
  const made = idempotentScriptOf(project, 'up', project.migrations.migrations);
  return 'sql' in made ? made.sql : `refused: ${made.refused}`;
}

describe('an idempotent script of EF Core', () => {
  test('asks the history before each statement, and ends the transaction where one runs outside', async () => {
    expect(
      await scriptOf(`migrationBuilder.DropTable(name: "Old");
            migrationBuilder.Sql("DO $EF$ BEGIN NULL; END $EF$", suppressTransaction: true);`),
    ).toBe(`CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId")
);

START TRANSACTION;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '${ID}') THEN
    DROP TABLE "Old";
    END IF;
END $EF$;

COMMIT;

DO $EF2$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '${ID}') THEN
    DO $EF$ BEGIN NULL; END $EF$;
    END IF;
END $EF2$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '${ID}') THEN
    INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
    VALUES ('${ID}', '9.0.4');
    END IF;
END $EF$;
`);
  });

  test.each([
    ['a query', 'migrationBuilder.Sql("SELECT 1;");', /SELECT 1: a query has nowhere to put its rows there\.$/],
    [
      'VACUUM',
      'migrationBuilder.Sql("-- now\\nVACUUM users;", suppressTransaction: true);',
      /VACUUM runs in no transaction\.$/,
    ],
    [
      'rows of InsertData, behind which EF Core sets a sequence',
      'migrationBuilder.InsertData(table: "Users", column: "Id", value: 7);',
      /which sequence EF Core sets after these rows is not worked out\.$/,
    ],
    ['a loop', 'foreach (var name in Names) migrationBuilder.DropTable(name);', /^refused: 20240101000000_First .*\.$/],
    ['a name that is not known', 'migrationBuilder.DropTable(Names.Old());', /only known when the program runs\.$/],
  ])('is refused for %s, with the statement and the reason', async (_name, up, message) => {
    expect(await scriptOf(up)).toMatch(message);
  });

  test('there is none for SQLite', async () => {
    expect(
      await scriptOf('migrationBuilder.DropTable(name: "Old");', 'modelBuilder.HasAnnotation("Sqlite:A", 1);'),
    ).toMatch(/^refused: SQLite has no block/);
  });
});
