import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectFile } from '../dotnet/dotnet.ts';

/** Releases whose scripts are recorded. */
export const SCRIPT_VERSIONS = [
  { major: 8, ef: '8.0.30', npgsql: '8.0.11' },
  { major: 9, ef: '9.0.19', npgsql: '9.0.4' },
  { major: 10, ef: '10.0.11', npgsql: '10.0.3' },
] as const;

export const FIRST = '20240101000000_First';
export const SECOND = '20240202000000_Second';
export const THIRD = '20240303000000_Third';

const CREATE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(nullable: false), Email = table.Column<string>(nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const NICK = 'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", nullable: true);';
const INDEX = 'migrationBuilder.CreateIndex(name: "IX_Users_Email", table: "Users", column: "Email")';

/** Halves of the migrations of each context. */
const CONTEXTS: Readonly<
  Record<string, { readonly provider: string; readonly halves: readonly (readonly [up: string, down: string])[] }>
> = {
  Plain: {
    provider: 'UseNpgsql("Host=none")',
    halves: [
      [
        `${CREATE}\nmigrationBuilder.Sql("INSERT INTO \\"Users\\" VALUES (1, 'it''s; a'), (2, 'b');");`,
        'migrationBuilder.DropTable(name: "Users");',
      ],
      [
        `${NICK}
migrationBuilder.Sql("DO $$ BEGIN UPDATE \\"Users\\" SET \\"Nick\\" = 'x'; COMMIT; END $$;", suppressTransaction: true);
${INDEX};`,
        'migrationBuilder.DropColumn(name: "Nick", table: "Users");\nmigrationBuilder.DropIndex(name: "IX_Users_Email", table: "Users");',
      ],
      [
        'migrationBuilder.AddColumn<int>(name: "Age", table: "Users", nullable: false, defaultValue: 18);',
        'migrationBuilder.DropColumn(name: "Age", table: "Users");',
      ],
    ],
  },
  // Its history has a name and a schema of its own.
  Named: {
    provider: 'UseNpgsql("Host=none", npgsql => npgsql.MigrationsHistoryTable("runs", "Ops"))',
    halves: [
      [CREATE, 'migrationBuilder.DropTable(name: "Users");'],
      [NICK, 'migrationBuilder.DropColumn(name: "Nick", table: "Users");'],
    ],
  },
  // What no block can hold.
  Query: {
    provider: 'UseNpgsql("Host=none")',
    halves: [
      [CREATE, ''],
      ['migrationBuilder.Sql("SELECT count(*) FROM \\"Users\\";");', ''],
    ],
  },
  Concurrent: {
    provider: 'UseNpgsql("Host=none")',
    halves: [
      [CREATE, ''],
      [`${INDEX}.Annotation("Npgsql:CreatedConcurrently", true);`, ''],
    ],
  },
  Unended: {
    provider: 'UseNpgsql("Host=none")',
    halves: [
      [CREATE, ''],
      ['migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = \'x\'");', ''],
    ],
  },
  Marked: {
    provider: 'UseNpgsql("Host=none")',
    halves: [[`${CREATE}\nmigrationBuilder.Sql("INSERT INTO \\"Users\\" VALUES (1, '$EF$');");`, '']],
  },
  // It fails in the middle of the second, behind what is committed.
  Failing: {
    provider: 'UseNpgsql("Host=none")',
    halves: [
      [CREATE, ''],
      [
        `${NICK}
migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Nick\\" = 'x';", suppressTransaction: true);
migrationBuilder.Sql("ALTER TABLE \\"None\\" ADD x int;");`,
        '',
      ],
      [`${INDEX};`, ''],
    ],
  },
  Sql: {
    provider: 'UseSqlServer("Server=none")',
    halves: [
      [CREATE, 'migrationBuilder.DropTable(name: "Users");'],
      [NICK, 'migrationBuilder.DropColumn(name: "Nick", table: "Users");'],
    ],
  },
  Lite: { provider: 'UseSqlite("Data Source=none.db")', halves: [[CREATE, '']] },
};

/** Each recorded script: the context, what EF Core is told beyond that, and its file's name. */
export const SCRIPTS: readonly {
  readonly name: string;
  readonly context: string;
  /** Migrations from which and to which it goes, where it is not all of them. */
  readonly from?: string;
  readonly to?: string;
  readonly options: 'Idempotent' | 'Default' | 'Idempotent, NoTransactions';
}[] = [
  { name: 'plain', context: 'Plain', options: 'Idempotent' },
  { name: 'plain-without-transactions', context: 'Plain', options: 'Idempotent, NoTransactions' },
  { name: 'plain-back', context: 'Plain', from: THIRD, to: FIRST, options: 'Idempotent' },
  { name: 'plain-once', context: 'Plain', options: 'Default' },
  { name: 'named', context: 'Named', options: 'Idempotent' },
  { name: 'query', context: 'Query', options: 'Idempotent' },
  { name: 'concurrent', context: 'Concurrent', options: 'Idempotent' },
  { name: 'unended', context: 'Unended', options: 'Idempotent' },
  { name: 'marked', context: 'Marked', options: 'Idempotent' },
  { name: 'failing', context: 'Failing', options: 'Idempotent' },
  { name: 'sql-server', context: 'Sql', options: 'Idempotent' },
  { name: 'sql-server-once', context: 'Sql', options: 'Default' },
  { name: 'sqlite', context: 'Lite', options: 'Default' },
];

/** Files of a project with all contexts, for one release. */
export function scriptProject({ ef, npgsql }: (typeof SCRIPT_VERSIONS)[number]): Readonly<Record<string, string>> {
  const contexts = Object.entries(CONTEXTS);
  return {
    'App.csproj': projectFile({
      'Npgsql.EntityFrameworkCore.PostgreSQL': npgsql,
      'Microsoft.EntityFrameworkCore.Relational': ef,
      'Microsoft.EntityFrameworkCore.SqlServer': ef,
      'Microsoft.EntityFrameworkCore.Sqlite': ef,
      'Microsoft.EntityFrameworkCore.Design': ef,
    }),
    'Program.cs': `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

// dotnet ef looks into the program alone. Each line: a file, a context, from, to, options.
while (args.Length == 1 && args[0] == "scripts" && Console.ReadLine() is { } line)
{
    var words = line.Split('|');
    using var context = (DbContext)Activator.CreateInstance(Type.GetType("App." + words[1], true)!)!;
    var script = context.GetService<IMigrator>().GenerateScript(words[2] == "" ? null : words[2], words[3] == "" ? null : words[3], Enum.Parse<MigrationsSqlGenerationOptions>(words[4]));
    File.WriteAllText(words[0], script, System.Text.Encoding.UTF8);
}

namespace App
{
${contexts.map(([name, { provider }]) => `    public class ${name} : DbContext { protected override void OnConfiguring(DbContextOptionsBuilder options) => options.${provider}; }\n`).join('')}}
`,
    ...Object.fromEntries(contexts.map(([name, { halves }]) => [`${name}s/Migrations.cs`, classesOf(name, halves)])),
  };
}

function classesOf(context: string, halves: (typeof CONTEXTS)[string]['halves']): string {
  const ids = [FIRST, SECOND, THIRD];
  const classes = halves.map(([up, down], index) => {
    const id = ids[index] ?? '';
    return `    [DbContext(typeof(App.${context}))]
    [Migration("${id}")]
    public class ${id.slice(15)} : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
${up}
        }

        protected override void Down(MigrationBuilder migrationBuilder)
        {
${down}
        }
    }
`;
  });
  return `using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace App.${context}s
{
${classes.join('\n')}}
`;
}

/** Where a script of the real `dotnet ef` is recorded. */
export function scriptFile(name: string, major: number): string {
  return path.join(import.meta.dirname, 'recorded', `${name}.${major}.sql`);
}

export function recordedScript(name: string, major: number): string {
  return readFileSync(scriptFile(name, major), 'utf8');
}
