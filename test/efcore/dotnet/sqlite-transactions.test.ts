import { spawnSync } from 'node:child_process';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { previewOf } from '../../../server/application/use-cases/script-of.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { designerText, entity, migrationText } from '../../support/ef-project.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { dotnet, projectFile } from './dotnet.ts';

/*
 * What EF Core 8, 9 and 10 leave in a SQLite database where a migration fails in the middle, beside what our preview leaves
 * that is run to the same statement: it has the same transactions.
 */

const reason = noDotnet();
if (reason !== undefined) console.log(`Transactions of EF Core on SQLite are not looked at: ${reason}.`);

const VERSIONS = [
  { major: 8, ef: '8.0.30' },
  { major: 9, ef: '9.0.19' },
  { major: 10, ef: '10.0.11' },
] as const;

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';

const CREATE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false).Annotation("Sqlite:Autoincrement", true), Email = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const column = (name: string): string =>
  `migrationBuilder.AddColumn<string>(name: "${name}", table: "Users", type: "TEXT", nullable: true);`;
const REQUIRED =
  'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: "", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);';
const FAILS = 'migrationBuilder.Sql("UPDATE Nowhere SET X = 1;");';

/** Contexts, each with the first migration and one that fails. */
const CONTEXTS: Readonly<
  Record<string, { readonly first?: string; readonly second: string; readonly columns: readonly string[] }>
> = {
  Plain: { second: `${column('Nick')}\n${FAILS}`, columns: ['Email?', 'Nick?'] },
  Suppressed: {
    second: `${column('Nick')}
migrationBuilder.Sql("UPDATE Users SET Nick = 'x';", suppressTransaction: true);
${column('Other')}
${FAILS}`,
    columns: ['Email?', 'Nick?', 'Other?'],
  },
  // SQL runs before the rebuild, wherever it is written.
  BeforeRebuild: { second: `${column('Nick')}\n${REQUIRED}\n${FAILS}`, columns: ['Email', 'Nick?'] },
  // A view over the table makes the rebuild fail where the old table is gone.
  InRebuild: {
    first: 'migrationBuilder.Sql("CREATE VIEW emails AS SELECT Email FROM Users;");',
    second: `${column('Nick')}\n${REQUIRED}`,
    columns: ['Email', 'Nick?'],
  },
};

function filesOf({ major, ef }: (typeof VERSIONS)[number]): Readonly<Record<string, string>> {
  const inContext = (name: string, text: string): string =>
    text.replaceAll('App.Migrations', `App.${name}s`).replaceAll('AppContext', `${name}Context`);
  return {
    [`V${major}/V${major}.csproj`]: projectFile({ 'Microsoft.EntityFrameworkCore.Sqlite': ef }),
    [`V${major}/Program.cs`]: `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

using var context = (DbContext)Activator.CreateInstance(Type.GetType("App." + args[0] + "Context", true)!, args[1])!;
context.GetService<IMigrator>().Migrate(null);

namespace App
{
${Object.keys(CONTEXTS)
  .map(
    (name) =>
      `    public class ${name}Context(string connection) : DbContext { protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseSqlite(connection).ConfigureWarnings(w => w.Ignore(Microsoft.EntityFrameworkCore.Diagnostics.RelationalEventId.${major === 8 ? 'MigrationsNotFound' : 'PendingModelChangesWarning'})); }\n`,
  )
  .join('')}}
`,
    ...Object.fromEntries(
      Object.entries(CONTEXTS).flatMap(([name, { first = '', second, columns }]) => {
        const halves = [
          [FIRST, `${CREATE}\n${first}`, ['Email?']],
          [SECOND, second, columns],
        ] as const;
        return halves.flatMap(([id, up, model]) => [
          [`V${major}/${name}/${id}.cs`, inContext(name, migrationText(id, up))],
          [
            `V${major}/${name}/${id}.Designer.cs`,
            inContext(name, designerText(id, entity('User', 'Users', model), ef)),
          ],
        ]);
      }),
    ),
  };
}

/** What a database has, without what EF Core keeps for itself; words with one space between them. */
function schemaOf(file: string): readonly string[] {
  const database = new Database(file);
  try {
    // Each row is one text.
    return (
      database
        .prepare(
          "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name",
        )
        .pluck()
        .all() as readonly string[]
    ).map((sql) => sql.replace(/\s+/g, ' '));
  } finally {
    database.close();
  }
}

describe.skipIf(reason !== undefined)('what EF Core leaves on SQLite where a migration fails', () => {
  let opened: RunProject;
  let projects: readonly FolderProject[];

  beforeAll(async () => {
    opened = await runProject(Object.assign({}, ...VERSIONS.map(filesOf)));
    projects = (await openProjects({ root: opened.folder, files: nodeFiles, engines: await loadEngines() })).projects;
    for (const { major } of VERSIONS) dotnet(['build', '--nologo', `V${major}`], opened.folder);
  }, 600_000);

  afterAll(() => opened?.[Symbol.dispose]());

  test.each(VERSIONS.flatMap(({ major }) => Object.keys(CONTEXTS).map((name) => ({ major, name }))))(
    'EF Core $major, $name: what our preview leaves',
    ({ major, name }) => {
      const file = path.join(opened.folder, `${name}${major}.db`);
      const ended = spawnSync(
        'dotnet',
        [`V${major}/bin/Debug/net10.0/V${major}.dll`, name, `Data Source=${file};Pooling=false`],
        {
          cwd: opened.folder,
          encoding: 'utf8',
        },
      );
      expect(ended.stderr).toMatch(name === 'InRebuild' ? /error in view emails/ : /no such table: Nowhere/);

      const project = projects.find(({ folder }) => folder === `V${major}/${name}`);
      if (project === undefined) throw new Error(`no project of EF Core ${major} in ${name}`);
      const sql = previewOf(project, 'up', project.migrations.migrations);
      const ours = path.join(opened.folder, `${name}${major}.ours.db`);
      const database = new Database(ours);
      let failure = '';
      try {
        for (const { text } of project.engine.split(sql, { start: 0, end: sql.length })) database.exec(text);
      } catch (cause) {
        failure = String(cause);
        if (database.inTransaction) database.exec('ROLLBACK');
      } finally {
        database.close();
      }
      expect(failure).toMatch(name === 'InRebuild' ? /error in view emails/ : /no such table: Nowhere/);
      expect(schemaOf(ours)).toEqual(schemaOf(file));
      const left = schemaOf(file).join('\n');
      // Nothing at all where EF Core 9 has both in one transaction and nothing has ended it.
      expect(left.includes('Users')).toBe(!(major === 9 && (name === 'Plain' || name === 'BeforeRebuild')));
      expect(left.includes('Nick')).toBe(name === 'Suppressed' || name === 'InRebuild');
      expect(left.includes('Other')).toBe(false);
      expect(left.includes('ef_temp')).toBe(name === 'InRebuild');
    },
    120_000,
  );
});
