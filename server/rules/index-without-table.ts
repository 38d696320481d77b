import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

/** An index that is named without its table, which SQL Server's provider refuses. */
export const indexWithoutTable: Rule = {
  code: 'index-without-table',
  title: 'DropIndex or RenameIndex names no table, on SQL Server',
  severity: 'error',
  dialects: [],
  isForEveryProduct: true,
  why:
    'On SQL Server an index is known by its table, so that two tables may have indexes of one name. ' +
    'EF Core throws when it makes the SQL of a DropIndex or RenameIndex without `table:`, before anything of the migration has run. ' +
    'PostgreSQL needs no table there, which is why the argument is easily left out in a migration that was written by hand or copied.',
  docs: [
    'https://github.com/dotnet/efcore/blob/main/src/EFCore.SqlServer/Migrations/SqlServerMigrationsSqlGenerator.cs',
    'https://learn.microsoft.com/sql/t-sql/statements/drop-index-transact-sql',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A drop by hand',
        product: 'SQL Server',
        up: 'migrationBuilder.<|DropIndex|>(name: "IX_Users_Email");',
      },
    ],
    good: [
      {
        title: 'The table is named',
        product: 'SQL Server',
        up: 'migrationBuilder.DropIndex(name: "IX_Users_Email", table: "Users");',
      },
      {
        title: 'Another product',
        dialect: 'postgresql',
        before: [
          'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); }); migrationBuilder.CreateIndex(name: "IX_Users", table: "Users", column: "Id");',
        ],
        up: 'migrationBuilder.DropIndex(name: "IX_Users");',
      },
    ],
  },
  check: byLanguage,
};
