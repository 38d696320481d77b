import { describe, expect, test } from 'vitest';
import { designerText, entity, found, migrationText, openMigrations } from '../support/ef-project.ts';

const IDS = ['20240101000000_First', '20240202000000_Second', '20240303000000_Third'] as const;
const NPGSQL_FIRST = `migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:mood", "ok,bad");
            migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<long>(type: "bigint", nullable: false), Email = table.Column<string>(type: "text", nullable: true), Mood = table.Column<string>(type: "mood", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });`;
const SQLITE_FIRST = `migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });`;

async function npgsql(up: string, down?: string): Promise<readonly string[]> {
  const project = await openMigrations({
    [`${IDS[0]}.cs`]: migrationText(IDS[0], NPGSQL_FIRST, 'migrationBuilder.DropTable(name: "Users");'),
    [`${IDS[0]}.Designer.cs`]: designerText(
      IDS[0],
      'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);',
    ),
    [`${IDS[1]}.cs`]: migrationText(IDS[1], up, down),
    [`${IDS[1]}.Designer.cs`]: designerText(
      IDS[1],
      'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);',
    ),
  });
  return found(project, `${IDS[1]}.cs`);
}

async function sqlite(before: string, up: string): Promise<readonly string[]> {
  const model = entity('User', 'Users', ['Email?']);
  const project = await openMigrations({
    [`${IDS[0]}.cs`]: migrationText(IDS[0], SQLITE_FIRST, 'migrationBuilder.DropTable(name: "Users");'),
    [`${IDS[0]}.Designer.cs`]: designerText(IDS[0], model),
    [`${IDS[1]}.cs`]: migrationText(IDS[1], before),
    [`${IDS[1]}.Designer.cs`]: designerText(IDS[1], model),
    [`${IDS[2]}.cs`]: migrationText(IDS[2], up),
    [`${IDS[2]}.Designer.cs`]: designerText(IDS[2], entity('User', 'Users', ['Email'])),
  });
  return found(project, `${IDS[2]}.cs`);
}
const ALTER =
  'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: "x", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);';

/** Every code that is told of a migration, without those that most migrations have. */
function codes(findings: readonly string[]): readonly string[] {
  return findings
    .map((finding) => finding.slice(0, finding.indexOf(':')))
    .filter((code) => code !== 'lock-timeout-missing');
}

const NICK = 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);';
const DROP_NICK = 'migrationBuilder.DropColumn(name: "Nick", table: "Users");';
const LABEL =
  'migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:mood", "ok,bad,fine").OldAnnotation("Npgsql:Enum:mood", "ok,bad");';

/* Hazards of EF Core migrations that rules over SQL tell, as the migration is written; RULES.md has those of the rules of its own. */
describe('Npgsql', () => {
  test.each([
    [
      'an enum label used where it is added',
      `${LABEL} migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Mood\\" = 'fine' WHERE \\"Id\\" = 1");`,
      undefined,
      ['new-enum-value-used'],
    ],
    ['a label that is added alone', LABEL, undefined, []],
    [
      'null to not null with the default of the differ',
      'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "text", nullable: false, defaultValue: "", oldClrType: typeof(string), oldType: "text", oldNullable: true);',
      undefined,
      ['required-column', 'unbatched-update', 'invented-default'],
    ],
    [
      'schema and data together',
      `${NICK} migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Nick\\" = 'x'");`,
      undefined,
      ['work-under-lock'],
    ],
    [
      'data without batches',
      `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = 'x'");`,
      undefined,
      ['unbatched-update'],
    ],
    [
      'data of one row',
      `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = 'x' WHERE \\"Id\\" = 1");`,
      undefined,
      [],
    ],
    [
      'a Down that leaves a column',
      `${NICK} migrationBuilder.AddColumn<string>(name: "Other", table: "Users", type: "text", nullable: true);`,
      DROP_NICK,
      ['down-leaves-differences'],
    ],
    ['a Down that leads back', NICK, DROP_NICK, []],
    [
      'a Down that cannot run on rows',
      'migrationBuilder.DropColumn(name: "Email", table: "Users");',
      'migrationBuilder.AddColumn<string>(name: "Email", table: "Users", type: "text", nullable: false);',
      ['drop-before-contract', 'blocking-alter', 'down-leaves-differences'],
    ],
  ])('%s', async (_name, up, down, expected) => {
    expect(codes(await npgsql(up, down))).toEqual(expected);
  });
});

describe('a rebuild on SQLite', () => {
  test.each([
    ['a view over the table makes it fail', 'CREATE VIEW V AS SELECT Email FROM Users', ['sqlite-rename-refused']],
    [
      'a trigger of another table that names it makes it fail',
      'CREATE TABLE Log (a TEXT); CREATE TRIGGER T AFTER INSERT ON Log BEGIN DELETE FROM Users; END',
      ['sqlite-rename-refused'],
    ],
    [
      'a trigger of the table is lost',
      'CREATE TRIGGER T AFTER INSERT ON Users BEGIN SELECT 1; END',
      ['sqlite-rebuild-loss'],
    ],
    [
      'an index that the model does not know is lost',
      'CREATE INDEX I ON Users (Email) WHERE Email <> 1',
      ['sqlite-rebuild-loss'],
    ],
    ['a view over another table is no reason', 'CREATE TABLE Log (a TEXT); CREATE VIEW V AS SELECT a FROM Log', []],
  ])('%s', async (_name, sql, expected) => {
    expect(codes(await sqlite(`migrationBuilder.Sql("${sql}");`, ALTER))).toEqual(expected);
  });
});

test('a Down that throws is no way back: the migration is not reverted, and the strict rules say so', async () => {
  const project = await openMigrations({
    [`${IDS[0]}.cs`]: migrationText(IDS[0], SQLITE_FIRST, 'migrationBuilder.DropTable(name: "Users");'),
    [`${IDS[0]}.Designer.cs`]: designerText(IDS[0], entity('User', 'Users', [])),
    [`${IDS[1]}.cs`]: migrationText(IDS[1], NICK, '// gone\n            throw new NotSupportedException("no");'),
    [`${IDS[1]}.Designer.cs`]: designerText(IDS[1], entity('User', 'Users', ['Nick?'])),
  });
  expect(project.migrations.migrations.map(({ downPath }) => downPath !== undefined)).toEqual([true, false]);
});
