import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { previewOf } from '../../../server/application/use-cases/script-of.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { designerText, migrationText } from '../../support/ef-project.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { strongestLocks } from '../../support/strongest-locks.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { dotnet, projectFile } from './dotnet.ts';
import { npgsqlConnection } from './migrator.ts';

/* Transactions of EF Core 8, 9 and 10 as the server's log has them, beside those that a preview shows. */

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`Transactions of EF Core are not looked at: ${reason}.`);

const VERSIONS = [
  { major: 8, ef: '8.0.30', npgsql: '8.0.11' },
  { major: 9, ef: '9.0.19', npgsql: '9.0.4' },
  { major: 10, ef: '10.0.11', npgsql: '10.0.3' },
] as const;

const TABLE = (name: string): string =>
  `migrationBuilder.CreateTable(name: "${name}", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false) }, constraints: table => { table.PrimaryKey("PK_${name}", x => x.Id); });`;
const COLUMN = (name: string): string =>
  `migrationBuilder.AddColumn<string>(name: "${name}", table: "Users", type: "text", nullable: true);`;

/** The last that is sent waits while a test holds this lock, so that it can look at what the transaction holds. */
const WAITS = 'DO $$ BEGIN PERFORM pg_advisory_xact_lock(7); END $$;';

/** A command that runs in no transaction stands in the middle of the second. */
const MIGRATIONS = [
  {
    id: '20240101000000_First',
    up: `${TABLE('Users')}\n${TABLE('Old')}\nmigrationBuilder.Sql("INSERT INTO \\"Users\\" VALUES (1)");`,
    down: 'migrationBuilder.DropTable(name: "Users");\nmigrationBuilder.DropTable(name: "Old");',
  },
  {
    id: '20240202000000_Second',
    up: `${COLUMN('Nick')}
migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "Nick").Annotation("Npgsql:CreatedConcurrently", true);
${COLUMN('Other')}`,
    down: `migrationBuilder.DropColumn(name: "Other", table: "Users");
migrationBuilder.Sql("DROP INDEX CONCURRENTLY \\"IX\\"", suppressTransaction: true);
migrationBuilder.DropColumn(name: "Nick", table: "Users");`,
  },
  {
    id: '20240303000000_Third',
    up: `${TABLE('Posts')}
migrationBuilder.AlterColumn<string>(name: "Nick", table: "Users", type: "character varying(50)", maxLength: 50, nullable: true, oldClrType: typeof(string), oldType: "text", oldNullable: true);`,
    down: 'migrationBuilder.DropTable(name: "Posts");',
  },
  {
    id: '20240404000000_Fourth',
    up: `${TABLE('Tags')}
migrationBuilder.CreateIndex(name: "IX_Old", table: "Old", column: "Id");
migrationBuilder.Sql("UPDATE \\"Old\\" SET \\"Id\\" = \\"Id\\"");
migrationBuilder.Sql("${WAITS}");`,
    down: `migrationBuilder.DropTable(name: "Tags");
migrationBuilder.DropIndex(name: "IX_Old", table: "Old");`,
  },
];

function filesOf({ major, ef, npgsql }: (typeof VERSIONS)[number]): Readonly<Record<string, string>> {
  return {
    [`V${major}/V${major}.csproj`]: projectFile({
      'Npgsql.EntityFrameworkCore.PostgreSQL': npgsql,
      'Microsoft.EntityFrameworkCore.Relational': ef,
    }),
    [`V${major}/Program.cs`]: `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

using var context = new App.AppContext(args[0]);
context.GetService<IMigrator>().Migrate(args[1]);

namespace App
{
    public class AppContext(string connection) : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql(connection);
    }
}
`,
    ...Object.fromEntries(
      MIGRATIONS.flatMap(({ id, up, down }) => [
        [`V${major}/Migrations/${id}.cs`, migrationText(id, up, down)],
        [
          `V${major}/Migrations/${id}.Designer.cs`,
          designerText(id, 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);', ef),
        ],
      ]),
    ),
  };
}

/** Statements with one space between their words, and where transactions begin and end; empty ones are left out. */
function plain(statements: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const statement of statements) {
    const words = statement.replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').replace(/;\s*$/, '').trim();
    const mark = /^(BEGIN|COMMIT)\b/.exec(words)?.[1];
    if (mark === undefined && !/^(?:CREATE|ALTER|DROP|INSERT)\b(?!.*__EFMigrations)/.test(words)) continue;
    if (mark === 'COMMIT' && found.at(-1) === 'BEGIN') found.pop();
    else found.push(mark ?? words);
  }
  return found;
}

describe.skipIf(reason !== undefined)('what the server sees of the transactions of EF Core', () => {
  let opened: RunProject;
  let server: PostgresServer;
  let log: string;
  let projects: readonly FolderProject[];

  /** What was sent to a database, in order. */
  function sentTo(database: string, from = 0): readonly string[] {
    const entries = readFileSync(log, 'utf8').split(/^(?=[^\t\n|]*\|)/m);
    return entries.slice(from).flatMap((entry) => {
      const found = /^([^|]*)\|LOG: {2}(?:statement|execute [^:]*): ([\s\S]*)$/.exec(entry);
      return found?.[1] === database ? [found[2] ?? ''] : [];
    });
  }

  beforeAll(async () => {
    opened = await runProject(Object.assign({}, ...VERSIONS.map(filesOf)));
    projects = (await openProjects({ root: opened.folder, files: nodeFiles, engines: await loadEngines() })).projects;
    const starting = startPostgres(17, [
      'log_statement=all',
      'log_line_prefix=%d|',
      'logging_collector=on',
      'log_filename=all.log',
    ]);
    for (const { major } of VERSIONS) dotnet(['build', '--nologo', `V${major}`], opened.folder);
    server = await starting;
    const client = await server.connect();
    const { rows } = await client.query<{ readonly folder: string }>(
      "SELECT setting AS folder FROM pg_settings WHERE name = 'data_directory'",
    );
    await client.end();
    log = path.join(rows[0]?.folder ?? '', 'log/all.log');
  }, 600_000);

  afterAll(async () => {
    await server?.stop();
    opened?.[Symbol.dispose]();
  });

  test.each(VERSIONS)(
    '$major: what is held by the end of the last one is what we say, and who took it',
    async ({ major }) => {
      const project = projects.find(({ folder }) => folder === `V${major}/Migrations`);
      if (project === undefined) throw new Error(`no project of EF Core ${major}`);
      const said = project.transactions('up', project.migrations.migrations)?.at(-1);
      expect(said?.migrations).toEqual(MIGRATIONS.slice(major === 9 ? -2 : -1).map(({ id }) => id));
      const database = await server.createDatabase();
      const client = await server.connect(database);
      try {
        await client.query('SELECT pg_advisory_lock(7)');
        const child = spawn(
          'dotnet',
          [
            `V${major}/bin/Debug/net10.0/V${major}.dll`,
            npgsqlConnection(server.port, database),
            MIGRATIONS.at(-1)?.id ?? '',
          ],
          { cwd: opened.folder, stdio: 'ignore' },
        );
        const ended = new Promise((resolve) => child.once('close', resolve));
        const waiting = async (): Promise<readonly number[]> =>
          (
            await client.query<{ readonly pid: number }>(
              "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
          ).rows.map(({ pid }) => pid);
        await expect.poll(waiting, { timeout: 60_000, interval: 50 }).toHaveLength(1);
        const [pid] = await waiting();
        // What the transaction made is known to nobody else: this session does not see it. Of an index what writers take is not told.
        const { rows } = await client.query<{ readonly relation: string; readonly lock: string }>(
          `SELECT 'public.' || quote_ident(c.relname) AS relation, l.mode AS lock FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
            WHERE l.pid = $1 AND l.granted AND c.relnamespace = 'public'::regnamespace AND c.relname !~ 'EFMigrations'
              AND (c.relkind <> 'i' OR l.mode = 'AccessExclusiveLock')`,
          [pid],
        );
        expect(strongestLocks(said?.heldAtEnd ?? [])).toEqual(strongestLocks(rows));
        expect(
          Object.fromEntries(said?.heldAtEnd.map(({ relation, migration }) => [relation, migration]) ?? []),
        ).toEqual(
          major === 9
            ? {
                'public."Users"': MIGRATIONS[2]?.id,
                'public."PK_Users"': MIGRATIONS[2]?.id,
                'public."IX"': MIGRATIONS[2]?.id,
                'public."Old"': MIGRATIONS[3]?.id,
              }
            : { 'public."Old"': MIGRATIONS[3]?.id },
        );
        await client.query('SELECT pg_advisory_unlock(7)');
        expect(await ended).toBe(0);
      } finally {
        await client.end();
      }
    },
    120_000,
  );

  test.each(VERSIONS)(
    '$major: a preview shows them, up and back',
    async ({ major }) => {
      const project = projects.find(({ folder }) => folder === `V${major}/Migrations`);
      if (project === undefined) throw new Error(`no project of EF Core ${major}`);
      const preview = (direction: 'up' | 'down'): readonly string[] => {
        const { migrations } = project.migrations;
        const sql = previewOf(project, direction, direction === 'up' ? migrations : migrations.toReversed());
        return plain(project.engine.split(sql, { start: 0, end: sql.length }).map(({ text }) => text));
      };
      const database = await server.createDatabase();
      const migrate = (target: string): void => {
        dotnet(
          [`V${major}/bin/Debug/net10.0/V${major}.dll`, npgsqlConnection(server.port, database), target],
          opened.folder,
        );
      };
      migrate(MIGRATIONS.at(-1)?.id ?? '');
      const up = plain(sentTo(database));
      expect(preview('up')).toEqual(up);
      migrate('0');
      expect(preview('down')).toEqual(plain(sentTo(database)).slice(up.length));
      // The first is in one with the beginning of the second, and the third with the fourth.
      expect(up.filter((words) => words === 'BEGIN')).toHaveLength(major === 9 ? 3 : 5);
    },
    120_000,
  );
});
