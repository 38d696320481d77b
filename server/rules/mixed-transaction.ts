import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

const POSTGRESQL =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const SQLITE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';

/** A command that suppresses its transaction, beside others. */
export const mixedTransaction: Rule = {
  code: 'mixed-transaction',
  title: 'A command outside the transaction is mixed with other operations',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'EF Core runs a migration in one transaction, but for commands that suppress it, such as an index that is built concurrently: what came before is committed, then they run alone. ' +
    'Where such a command fails, the operations before it stay done, and the migration does not count as applied; the next run begins again and fails at the first of them, since it is there already. ' +
    'Give the command a migration of its own.',
  docs: [
    'https://learn.microsoft.com/ef/core/managing-schemas/migrations/applying',
    'https://www.npgsql.org/efcore/modeling/indexes.html',
    'https://github.com/npgsql/efcore.pg/issues/2737',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'A concurrent index after a column',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);
migrationBuilder.<|CreateIndex|>(name: "IX", table: "Users", column: "Email").Annotation("Npgsql:CreatedConcurrently", true);`,
      },
      {
        title: 'A concurrent index on a new table',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: POSTGRESQL.replaceAll('Users', 'Teams').concat(
          '\nmigrationBuilder.<|CreateIndex|>(name: "IX", table: "Teams", column: "Email").Annotation("Npgsql:CreatedConcurrently", true);',
        ),
      },
      {
        title: 'A pragma between changes',
        dialect: 'sqlite',
        before: [SQLITE],
        up: `migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);
migrationBuilder.<|Sql|>("PRAGMA user_version = 2", suppressTransaction: true);`,
      },
    ],
    good: [
      {
        title: 'A concurrent index alone',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: 'migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "Email").Annotation("Npgsql:CreatedConcurrently", true);',
      },
      {
        title: 'Only commands that may be run again',
        dialect: 'postgresql',
        before: [POSTGRESQL],
        up: `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = '' WHERE \\"Id\\" = 1", suppressTransaction: true);
migrationBuilder.Sql("VACUUM \\"Users\\"", suppressTransaction: true);`,
      },
    ],
  },
  check: byLanguage,
};
