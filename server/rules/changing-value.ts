import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const POSTGRESQL =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const SQLITE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** A value that the program makes anew each time. */
export const changingValue: Rule = {
  code: 'changing-value',
  title: 'A value that is another one at each run',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'A migration runs once on each database, and once more for each script that is made of it. ' +
    'Guid.NewGuid(), DateTime.Now and the like then give every environment other rows and defaults, and a script that somebody reviewed is not what another machine would have run. ' +
    'Write a fixed value, or SQL such as now() by which the database makes one.',
  docs: ['https://learn.microsoft.com/ef/core/modeling/data-seeding', 'https://github.com/dotnet/efcore/issues/35285'],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'In rows of the model',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'ShopContext.cs',
          text: `modelBuilder.Entity<User>().HasData(new User { Id = <|Guid.NewGuid|>(), Name = "a" });`,
        },
      },
      {
        title: 'A new Guid',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.InsertData(table: "Users", columns: new[] { "Id", "Email" }, values: new object[] { 1, <|Guid.NewGuid|>().ToString() });',
      },
      {
        title: 'The time in a text',
        dialect: 'sqlite',
        before: [SQLITE],
        up: 'migrationBuilder.AddColumn<DateTime>(name: "At", table: "Users", type: "TEXT", nullable: false, defaultValue: <|DateTime.UtcNow|>);',
      },
    ],
    good: [
      {
        title: 'A default of a property, and fixed rows',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'ShopContext.cs',
          text: `modelBuilder.Entity<User>().HasData(new User { Id = new Guid("0d1f2d5e-0c5e-4f0e-9d2f-0a4b8d9f0c11") }); var now = DateTime.Now;`,
        },
      },
      {
        title: 'A fixed value',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.InsertData(table: "Users", columns: new[] { "Id", "Email" }, values: new object[] { 1, "a" }); // no Guid.NewGuid()',
      },
      {
        title: 'In a text',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = 'DateTime.Now' WHERE \\"Id\\" = 1");`,
      },
    ],
  },
  check: byLanguage,
};
