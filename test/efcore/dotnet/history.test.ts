import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { readStatus } from '../../../server/runner/status.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { buildWithTool, DESIGN, dotnet, projectFile, PROVIDERS } from './dotnet.ts';

const reason = noDotnet();
if (reason !== undefined) console.log(`EF Core's own command is not run: ${reason}.`);

/** A migration class; `attributes` stand on it, and not in a Designer. */
function migration(
  name: string,
  attributes: string,
  table: string,
  { kind = 'partial class', base = 'Migration', namespace = 'App.Migrations' } = {},
): string {
  return `using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ${namespace}
{
    ${attributes}
    public ${kind} ${name} : ${base}
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "${table}",
                columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false) },
                constraints: table => { table.PrimaryKey("PK_${table}", x => x.Id); });
        }

        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "${table}");
        }
    }
}
`;
}

function own(id: string): string {
  return `[DbContext(typeof(ShopContext))]\n    [Migration("${id}")]`;
}

const FILES: Readonly<Record<string, string>> = {
  'App.csproj': projectFile({ ...PROVIDERS.sqlite, ...DESIGN }),
  'Program.cs': `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

return;

namespace App.Migrations
{
    public class ShopContext : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options
            .UseSqlite("Data Source=none.db")
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }

    public class OtherContext : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options
            .UseSqlite("Data Source=none.db")
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }
}
`,
  // The attributes on the class, or in the Designer.
  'Migrations/20240101000000_First.cs': migration('First', own('20240101000000_First'), 'First'),
  'Migrations/20240102000000_Second.cs': migration('Second', '', 'Second'),
  'Migrations/20240102000000_Second.Designer.cs': `using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace App.Migrations
{
    [DbContext(typeof(ShopContext))]
    [Migration("20240102000000_Second")]
    partial class Second
    {
        protected override void BuildTargetModel(ModelBuilder modelBuilder)
        {
        }
    }
}
`,
  // The id decides, and not the name of the file.
  'Migrations/20240104000000_Third.cs': migration('Third', own('20231231000000_Third'), 'Third'),
  // One second, two migrations; and an id without a time.
  'Migrations/20240105000000_B.cs': migration('B', own('20240105000000_B'), 'B'),
  'Migrations/20240105000000_a.cs': migration('a', own('20240105000000_a'), 'A'),
  'Migrations/20240106000000_Odd.cs': migration('Odd', own('Odd_without_any_time'), 'Odd'),
  // What EF Core passes over.
  'Migrations/20240107000000_NoAttribute.cs': migration('NoAttribute', '', 'No1'),
  'Migrations/20240108000000_NoContext.cs': migration('NoContext', '[Migration("20240108000000_NoContext")]', 'No2'),
  'Migrations/20240109000000_Empty.cs': migration('Empty', '', 'No3'),
  'Migrations/20240109000000_Empty.Designer.cs': '',
  'Migrations/20240110000000_Base.cs': migration('Base', own('20240110000000_Base'), 'No4', {
    kind: 'abstract partial class',
  }),
  // Attributes of what a class derives from.
  'Migrations/ShopMigration.cs': `using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace App.Migrations
{
    [DbContext(typeof(ShopContext))]
    public abstract class ShopMigration : Migration;

    [Migration("20240112000000_FromBase")]
    public abstract class WithId : ShopMigration;
}
`,
  'Migrations/20240111000000_Inherited.cs': migration(
    'Inherited',
    '[Migration("20240111000000_Inherited")]',
    'Inherited',
    { base: 'ShopMigration' },
  ),
  'Migrations/20240112000000_FromBase.cs': migration('FromBase', '', 'FromBase', { base: 'WithId' }),
  // Another context, whose ids are the same.
  'Other/20240101000000_First.cs': migration(
    'First',
    '[DbContext(typeof(OtherContext))]\n    [Migration("20240101000000_First")]',
    'OtherFirst',
    { namespace: 'App.Migrations.Other' },
  ),
  'Other/20240103000000_More.cs': migration(
    'More',
    '[DbContext(typeof(App.Migrations.OtherContext))]\n    [Migration("20240103000000_More")]',
    'OtherMore',
    { namespace: 'App.Migrations.Other' },
  ),
};

/** What Lockstep says of a folder: ids in its order. */
interface Ours {
  readonly listed: readonly Listed[];
  /** In the history alone. */
  readonly missing: readonly string[];
  /** Not applied, with later ones that are. */
  readonly late: readonly string[];
}

interface Listed {
  readonly id: string;
  readonly applied: boolean;
}

describe.skipIf(reason !== undefined)('EF Core and Lockstep agree on', () => {
  let opened: RunProject;
  let database: string;

  function ef(...words: readonly string[]): string {
    return dotnet(['tool', 'run', 'dotnet-ef', '--', ...words, '--no-build'], opened.folder);
  }

  function update(...target: readonly string[]): string {
    return ef('database', 'update', ...target, '--context', 'ShopContext', '--connection', `Data Source=${database}`);
  }

  function theirs(context = 'ShopContext', file = database): readonly Listed[] {
    const connection = `Data Source=${file}`;
    const text = ef(
      'migrations',
      'list',
      '--json',
      '--prefix-output',
      '--context',
      context,
      '--connection',
      connection,
    );
    const json = [...text.matchAll(/^data:\s?(.*)$/gm)].map(([, line]) => line ?? '').join('\n');
    // The shape is EF Core's own.
    return (JSON.parse(json) as readonly Listed[]).map(({ id, applied }) => ({ id, applied: applied === true }));
  }

  async function projectIn(folder: string): Promise<FolderProject> {
    const { projects } = await openProjects({ root: opened.folder, files: nodeFiles, engines: await loadEngines() });
    const project = projects.find((candidate) => candidate.folder === folder);
    if (project === undefined) throw new Error(`no project in ${folder}`);
    return project;
  }

  /** What Lockstep lists of a folder; what only the history has, of which EF Core's list says nothing, is apart. */
  async function ours(folder = 'Migrations', file = database): Promise<Ours> {
    await using connection = await opened.connect(`sqlite:${file}`, { createIfMissing: true });
    const { migrations } = await readStatus(await projectIn(folder), connection, null);
    return {
      listed: migrations
        .filter(({ state }) => state !== 'missing')
        .map(({ id, state }) => ({ id, applied: state === 'applied' })),
      missing: migrations.filter(({ state }) => state === 'missing').map(({ id }) => id),
      late: migrations.filter(({ state }) => state === 'out-of-order').map(({ id }) => id),
    };
  }

  /** Both ask the database, and say the same. */
  async function agreed(): Promise<Ours> {
    const found = await ours();
    expect(found.listed).toEqual(theirs());
    return found;
  }

  beforeAll(async () => {
    opened = await runProject(FILES);
    database = path.join(opened.folder, 'shop.db');
    buildWithTool(opened.folder);
  }, 600_000);

  afterAll(() => {
    opened?.[Symbol.dispose]();
  });

  test('which classes are migrations, their ids, their order, and what is applied, up and back', async () => {
    update('20240102000000_Second');
    expect((await agreed()).listed).toEqual([
      { id: '20231231000000_Third', applied: true },
      { id: '20240101000000_First', applied: true },
      { id: '20240102000000_Second', applied: true },
      { id: '20240105000000_a', applied: false },
      { id: '20240105000000_B', applied: false },
      { id: '20240111000000_Inherited', applied: false },
      { id: '20240112000000_FromBase', applied: false },
      { id: 'Odd_without_any_time', applied: false },
    ]);
    // An id without a time cannot be named as a target.
    update();
    await agreed();
    update('20240101000000_First');
    await agreed();
    update('0');
    await agreed();
  }, 300_000);

  test('the migrations of another context with the same ids, in a database of its own', async () => {
    const file = path.join(opened.folder, 'other.db');
    ef(
      'database',
      'update',
      '20240101000000_First',
      '--context',
      'OtherContext',
      '--connection',
      `Data Source=${file}`,
    );
    expect((await ours('Other', file)).listed).toEqual(theirs('OtherContext', file));
    expect((await ours('Other', file)).listed).toEqual([
      { id: '20240101000000_First', applied: true },
      { id: '20240103000000_More', applied: false },
    ]);
  }, 300_000);

  test('what is passed over, which Lockstep says', async () => {
    const { problems } = (await projectIn('Migrations')).migrations;
    expect(problems.map(({ path: file }) => file)).toEqual([
      'Migrations/20240107000000_NoAttribute.cs',
      'Migrations/20240108000000_NoContext.cs',
      'Migrations/20240109000000_Empty.cs',
    ]);
  });

  test('a migration that comes late, and one whose file is gone, which only Lockstep sees', async () => {
    update('20240111000000_Inherited');
    await opened.write('Migrations/20240103000000_Late.cs', migration('Late', own('20240103000000_Late'), 'Late'));
    rmSync(path.join(opened.folder, 'Migrations/20240105000000_B.cs'));
    dotnet(['build', '--nologo', '--no-restore'], opened.folder);
    const found = await agreed();
    expect(found.missing).toEqual(['20240105000000_B']);
    expect(found.late).toEqual(['20240103000000_Late']);
    expect(found.listed).toContainEqual({ id: '20240103000000_Late', applied: false });
    // EF Core runs what comes late, and leaves the row of what is gone.
    update();
    const after = await agreed();
    expect(after.listed.every(({ applied }) => applied)).toBe(true);
    expect([after.missing, after.late]).toEqual([['20240105000000_B'], []]);
    update('20240101000000_First');
    expect((await agreed()).missing).toEqual(['20240105000000_B']);
  }, 300_000);
});
