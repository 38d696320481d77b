import { isMade, lostColumns, rebuilds } from './facts/rebuild.ts';
import type { Rule } from './rule.ts';

const CREATE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const NICK = 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);';
const REQUIRED =
  'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: "none", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);';

function users(email: string, nick: string): string {
  return `modelBuilder.Entity("App.User", b =>
{
    b.Property<int>("Id").ValueGeneratedOnAdd().HasColumnType("INTEGER");
    b.Property<string>("Email")${email}.HasColumnType("TEXT");${nick}
    b.HasKey("Id");
    b.ToTable("Users", (string)null);
});`;
}

const WITH_NICK = '\n    b.Property<string>("Nick").HasColumnType("TEXT");';

/** A table that EF Core rebuilds from a model which lacks a column that the table has. */
export const staleDesigner: Rule = {
  code: 'stale-designer',
  title: 'EF Core rebuilds a table from a Designer that lacks one of its columns',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'SQLite cannot change most things of a table, so EF Core makes it again: as the model in the Designer file of the migration describes it, on the way back as that of the migration before does. ' +
    'After a merge of two branches a Designer may lack what the other branch added. ' +
    'The rebuild then leaves that column out, with all its values, though no line of the migration drops it. ' +
    'Remove the migration while it is applied nowhere, and add it again on top of the other one, so that its Designer has both.',
  docs: [
    'https://learn.microsoft.com/ef/core/providers/sqlite/limitations#migrations-limitations',
    'https://learn.microsoft.com/ef/core/managing-schemas/migrations/teams',
    'https://github.com/dotnet/efcore/issues/27836',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A column of another branch',
        dialect: 'sqlite',
        before: [CREATE, NICK],
        up: REQUIRED.replace('migrationBuilder.AlterColumn', '<|migrationBuilder.AlterColumn').replace(
          '<string>',
          '|><string>',
        ),
        models: [users('', ''), users('', WITH_NICK), users('.IsRequired()', '')],
      },
      {
        title: 'A column that the Designer of the migration before lacks, on the way back',
        dialect: 'sqlite',
        before: [CREATE, NICK],
        up: REQUIRED,
        down: '<|migrationBuilder.AlterColumn|><string>(name: "Email", table: "Users", type: "TEXT", nullable: true, oldClrType: typeof(string), oldType: "TEXT");',
        models: [users('', ''), users('', ''), users('.IsRequired()', WITH_NICK)],
      },
    ],
    good: [
      {
        title: 'Every column is in the Designer',
        dialect: 'sqlite',
        before: [CREATE, NICK],
        up: REQUIRED,
        down: 'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: true, oldClrType: typeof(string), oldType: "TEXT");',
        models: [users('', ''), users('', WITH_NICK), users('.IsRequired()', WITH_NICK)],
      },
      {
        title: 'A table that SQL makes again, whatever the Designer says',
        dialect: 'sqlite',
        before: [CREATE, NICK],
        up: 'migrationBuilder.Sql("CREATE TABLE \\"New\\" (\\"Id\\" INTEGER PRIMARY KEY, \\"Email\\" TEXT); INSERT INTO \\"New\\" SELECT \\"Id\\", \\"Email\\" FROM \\"Users\\"; DROP TABLE \\"Users\\"; ALTER TABLE \\"New\\" RENAME TO \\"Users\\";");',
        models: [users('', ''), users('', WITH_NICK), users('', '')],
      },
      {
        title: 'A column that the migration drops',
        dialect: 'sqlite',
        before: [CREATE, NICK],
        up: 'migrationBuilder.DropColumn(name: "Nick", table: "Users");',
        models: [users('', ''), users('', WITH_NICK), users('', '')],
      },
    ],
  },
  *check(context) {
    for (const rebuild of rebuilds(context)) {
      const { statement, operation } = rebuild.drop;
      if (!isMade(statement)) continue;
      const named = statement.source.places ?? [];
      const lost = lostColumns(context, rebuild).filter((column) => !named.some(({ name }) => name === column));
      if (lost.length === 0) continue;
      const columns = lost.map((column) => `"${column}"`).join(', ');
      const whose = statement.direction === 'up' ? 'its Designer' : 'the Designer of the migration before';
      yield {
        statement,
        span: operation.span,
        relation: { schema: rebuild.old.schema, name: rebuild.old.name },
        operation,
        message: `EF Core rebuilds ${rebuild.old.name} from ${whose}, which lacks ${columns}: the ${lost.length === 1 ? 'column' : 'columns'} and all values are gone afterwards. Add the migration again on top of the newest one.`,
      };
    }
  },
};
