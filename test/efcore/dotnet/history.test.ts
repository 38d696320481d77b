import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { buildWithTool, dotnet, EF_VERSION } from './dotnet.ts';

const reason = noDotnet();
if (reason !== undefined) console.log(`EF Core's own command is not run: ${reason}.`);

/** A migration class; `attributes` stand on it, and not in a Designer. */
function migration(name: string, attributes: string, table: string, kind = 'partial class'): string {
  return `using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace App.Migrations
{
    ${attributes}
    public ${kind} ${name} : Migration
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
  'App.csproj': `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="${EF_VERSION}" />
    <PackageReference Include="Microsoft.EntityFrameworkCore.Design" Version="${EF_VERSION}" />
  </ItemGroup>
</Project>
`,
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
  'Migrations/20240110000000_Base.cs': migration('Base', own('20240110000000_Base'), 'No4', 'abstract partial class'),
};

interface Listed {
  readonly id: string;
  readonly applied: boolean | null;
}

describe.skipIf(reason !== undefined)('EF Core and Lockstep agree on', () => {
  let opened: RunProject;
  let database: string;

  function ef(...words: readonly string[]): string {
    return dotnet(['tool', 'run', 'dotnet-ef', '--', ...words], opened.folder);
  }

  function listed(): readonly Listed[] {
    const text = ef(
      'migrations',
      'list',
      '--json',
      '--prefix-output',
      '--no-build',
      '--connection',
      `Data Source=${database}`,
    );
    const json = [...text.matchAll(/^data:\s?(.*)$/gm)].map(([, line]) => line ?? '').join('\n');
    // The shape is EF Core's own.
    return JSON.parse(json) as readonly Listed[];
  }

  async function ours(): Promise<readonly Listed[]> {
    const status = await opened.status(`sqlite:${database}`);
    return status.migrations.map(({ id, state }) => ({ id, applied: state === 'applied' }));
  }

  function theirs(): readonly Listed[] {
    return listed().map(({ id, applied }) => ({ id, applied: applied === true }));
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
    const update = (...target: readonly string[]): string =>
      ef('database', 'update', ...target, '--no-build', '--connection', `Data Source=${database}`);
    update('20240102000000_Second');
    expect(await ours()).toEqual(theirs());
    expect(await ours()).toEqual([
      { id: '20231231000000_Third', applied: true },
      { id: '20240101000000_First', applied: true },
      { id: '20240102000000_Second', applied: true },
      { id: '20240105000000_a', applied: false },
      { id: '20240105000000_B', applied: false },
      { id: 'Odd_without_any_time', applied: false },
    ]);
    // An id without a time cannot be named as a target.
    update();
    expect(await ours()).toEqual(theirs());
    update('20240101000000_First');
    expect(await ours()).toEqual(theirs());
    update('0');
    expect(await ours()).toEqual(theirs());
  }, 300_000);

  test('what is passed over, which Lockstep says', () => {
    expect(opened.project.migrations.problems.map(({ path: file }) => file)).toEqual([
      'Migrations/20240107000000_NoAttribute.cs',
      'Migrations/20240108000000_NoContext.cs',
      'Migrations/20240109000000_Empty.cs',
    ]);
  });
});
