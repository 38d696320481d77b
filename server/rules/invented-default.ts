import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const POSTGRESQL =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const SQLITE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** A value that EF Core's differ makes up for old rows. */
export const inventedDefault: Rule = {
  code: 'invented-default',
  title: 'A default that EF Core made up for rows that have no value',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'When a property without a value in old rows becomes required, EF Core writes a default that nobody chose: an empty text, an all-zero Guid, a date in the year 1. ' +
    'Every row gets it, a foreign key or a unique index on the column then fails, and the default stays in the database though the model knows nothing of it, so that an insert which forgets the column succeeds. ' +
    'Add the column nullable, fill it with what is right, and make it required in a later migration; or say the default in the model. False and 0 are left alone where no key is made of them.',
  docs: [
    'https://learn.microsoft.com/ef/core/managing-schemas/migrations/managing',
    'https://github.com/dotnet/efcore/issues/22775',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A key that no row has',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.AddColumn<Guid>(name: "Tenant", table: "Users", type: "uuid", nullable: false, defaultValue: <|new Guid("00000000-0000-0000-0000-000000000000")|>);',
      },
      {
        title: 'A foreign key of the same migration',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.AddColumn<int>(name: "TeamId", table: "Users", type: "integer", nullable: false, defaultValue: <|0|>);
migrationBuilder.AddForeignKey(name: "FK", table: "Users", column: "TeamId", principalTable: "Teams", principalColumn: "Id");`,
      },
      {
        title: 'Null becomes required',
        dialect: 'sqlite',
        before: [SQLITE],
        up: 'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: <|""|>, oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);',
      },
    ],
    good: [
      {
        title: 'A value that was chosen',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.AddColumn<string>(name: "Plan", table: "Users", type: "text", nullable: false, defaultValue: "free");',
      },
      {
        title: 'False',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.AddColumn<bool>(name: "Blocked", table: "Users", type: "boolean", nullable: false, defaultValue: false);',
      },
      {
        title: 'A default that the model has',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.AddColumn<string>(name: "Note", table: "Users", type: "text", nullable: false, defaultValue: "");',
        models: [
          '',
          'modelBuilder.Entity("App.User", b => { b.Property<int>("Id").HasColumnType("integer"); b.Property<string>("Note").IsRequired().HasDefaultValue("").HasColumnType("text"); b.HasKey("Id"); b.ToTable("Users", (string)null); });',
        ],
      },
    ],
  },
  check: byLanguage,
};
