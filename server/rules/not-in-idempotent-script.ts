import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const POSTGRESQL =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** SQL that fails within a DO block. */
export const notInIdempotentScript: Rule = {
  code: 'not-in-idempotent-script',
  title: 'SQL that an idempotent script cannot hold',
  severity: 'info',
  preset: 'strict',
  isForEveryProduct: true,
  dialects: ['postgresql'],
  why:
    'dotnet ef migrations script --idempotent puts each command into a DO block that asks the history first. ' +
    'A query that returns rows has no place in such a block, what runs in no transaction cannot stand in one, and SQL without a semicolon at its end is followed by none: the script then fails at that place, also on databases which have the migration already. ' +
    'Write it so that a block can hold it, or give it a migration of its own and apply by dotnet ef database update.',
  docs: [
    'https://learn.microsoft.com/ef/core/managing-schemas/migrations/applying#idempotent-sql-scripts',
    'https://www.postgresql.org/docs/current/plpgsql-statements.html',
    'https://github.com/npgsql/efcore.pg/issues/1210',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A function that is called',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.<|Sql|>("SELECT pg_notify('a', 'b')");`,
      },
      {
        title: 'A concurrent index',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.<|Sql|>("CREATE INDEX CONCURRENTLY by_mail ON users (email)", suppressTransaction: true);',
      },
      {
        title: 'A statement without a semicolon',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.<|Sql|>("UPDATE \\"Users\\" SET \\"Email\\" = '' WHERE \\"Id\\" = 1");`,
      },
      {
        title: 'An index that EF Core builds concurrently',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.<|CreateIndex|>(name: "IX", table: "Users", column: "Email").Annotation("Npgsql:CreatedConcurrently", true);',
      },
      {
        title: 'A view',
        product: 'SQL Server',
        up: 'migrationBuilder.<|Sql|>("CREATE VIEW People AS SELECT Id FROM Users;");',
      },
    ],
    good: [
      {
        title: 'A view that EXEC makes',
        product: 'SQL Server',
        up: `migrationBuilder.Sql("EXEC('CREATE VIEW People AS SELECT Id FROM Users')");`,
      },
      {
        title: 'Rows are changed',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = '' WHERE \\"Id\\" = 1;");`,
      },
    ],
  },
  check: byLanguage,
};
