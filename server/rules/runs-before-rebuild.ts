import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const SQLITE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** SQL that is written after a rebuild and runs before it. */
export const runsBeforeRebuild: Rule = {
  code: 'runs-before-rebuild',
  title: 'SQL or data that runs before the rebuild above it',
  severity: 'warning',
  dialects: ['sqlite'],
  why:
    'SQLite cannot change most things of a table, so EF Core makes the table again, and it does so when everything else of the migration is done, whatever the order in the file. ' +
    'SQL that is written after an AlterColumn or DropColumn then meets the table as it was, without a word. ' +
    'Put it in a migration of its own if it needs what the rebuild makes.',
  docs: [
    'https://learn.microsoft.com/ef/core/providers/sqlite/limitations#migrations-limitations',
    'https://www.sqlite.org/lang_altertable.html',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'An update after a column became required',
        dialect: 'sqlite',
        before: [SQLITE],
        up: `migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: "none", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);
migrationBuilder.<|Sql|>("UPDATE Users SET Email = 'x' WHERE Email = 'none'");`,
      },
    ],
    good: [
      {
        title: 'Before the column is altered',
        dialect: 'sqlite',
        before: [SQLITE],
        up: `migrationBuilder.Sql("UPDATE Users SET Email = 'none' WHERE Email IS NULL AND Id < 9");
migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);`,
      },
      {
        title: 'After a column was added',
        dialect: 'sqlite',
        before: [SQLITE],
        up: `migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);
migrationBuilder.Sql("UPDATE Users SET Nick = Email WHERE Id < 9");`,
      },
    ],
  },
  check: byLanguage,
};
