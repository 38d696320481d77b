import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const POSTGRESQL =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const SQLITE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** A way back that only the history takes. */
export const emptyDown: Rule = {
  code: 'empty-down',
  title: 'Down does nothing, though Up changes the schema',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'A revert runs Down and then takes the migration out of the history. ' +
    'Where Down is empty the schema stays as Up made it, while the history says that the migration is not applied, and the next apply fails since the table or column is there already. ' +
    'Write the way back; where there is none, throw NotSupportedException, so that the revert stops before it forgets the migration.',
  docs: ['https://learn.microsoft.com/ef/core/managing-schemas/migrations/managing'],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A column',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);',
        reported: 'Down',
      },
      {
        title: 'A column',
        dialect: 'sqlite',
        before: [SQLITE],
        up: 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);',
        reported: 'Down',
      },
    ],
    good: [
      {
        title: 'It throws',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);',
        down: 'throw new System.NotSupportedException("the values are gone");',
      },
      {
        title: 'Up changes rows only',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = '' WHERE \\"Id\\" = 1");`,
      },
    ],
  },
  check: byLanguage,
};
