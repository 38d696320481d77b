import { describe, expect, test } from 'vitest';
import { openProjects } from '../../server/application/open-project.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { LineIndex } from '../../server/core/line-index.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { hover } from '../../server/lsp/hover.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const FOLDER = 'src/Data/Migrations';
const NOW = new Date('2026-01-02T03:04:05Z');

/** A migration as `dotnet ef migrations add` writes it, the attributes on the class instead of in a Designer. */
function migration(id: string, up: string, down = 'throw new System.NotSupportedException();'): string {
  return `\uFEFFusing Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace App.Data.Migrations
{
    [DbContext(typeof(ShopContext))]
    [Migration("${id}")]
    public partial class ${id.slice(15)} : Migration
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
}
`.replaceAll('\n', '\r\n');
}

const FIRST = migration(
  '20240101000000_First',
  `migrationBuilder.CreateTable(
                name: "Users",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false),
                    Email = table.Column<string>(type: "character varying(50)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Users", x => x.Id);
                });`,
);

async function open(files: Readonly<Record<string, string>>): Promise<readonly FolderProject[]> {
  const all = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/app/${FOLDER}/${name}`, text]));
  const { projects } = await openProjects({ root: '/app', files: new MemoryFiles(all), engines: await loadEngines() });
  return projects;
}

async function one(
  second: string,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly project: FolderProject; readonly path: string }> {
  const [project] = await open({
    '20240101000000_First.cs': FIRST,
    '20240202000000_Second.cs': migration('20240202000000_Second', second),
    ...files,
  });
  if (project === undefined) throw new Error('no project was found');
  return { project, path: `${FOLDER}/20240202000000_Second.cs` };
}

/** Each finding of a document as its code and the text that it is about. */
function findings({ project, path }: { readonly project: FolderProject; readonly path: string }): readonly string[] {
  const text = project.textOf(path) ?? '';
  const lines = new LineIndex(text);
  return project
    .lint(path)
    .findings.map(({ code, range }) => `${code}: ${text.slice(lines.offset(range.start), lines.offset(range.end))}`);
}

describe('an EF Core project without any configuration', () => {
  test('is found, and its calls are linted at their places', async () => {
    const opened = await one(`migrationBuilder.DropColumn(
                name: "Email",
                table: "Users");
            migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "Id");
            migrationBuilder.Sql(@"UPDATE ""Users"" SET ""Id"" = 0");`);
    expect(opened.project.tool.id).toBe('efcore');
    expect(findings(opened)).toEqual(
      expect.arrayContaining(['drop-before-contract: Email', 'blocking-index: IX", table: "Users", column: "Id']),
    );
    expect(findings(opened).filter((line) => line.startsWith('work-under-lock'))).toEqual([
      'work-under-lock: UPDATE ""Users"" SET ""Id"" = 0',
    ]);
  });

  test('is found behind files that say nothing of their provider, and among files that are no migrations', async () => {
    const plain = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => {
        const id = `202402020000${10 + index}_Plain${index}`;
        return [`${id}.cs`, migration(id, `migrationBuilder.Sql("SELECT ${index}");`)];
      }),
    );
    const helpers = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`Zhelper${index}.cs`, `static class Zhelper${index} { }`]),
    );
    const { project: opened } = await one('', { ...plain, ...helpers });
    expect(opened.engine.id).toBe('postgresql');
    expect(opened.migrations.migrations).toHaveLength(22);
  });

  test('is silent on what is safe: a nullable column, an index on a table of its own, a concurrent index alone', async () => {
    for (const up of [
      'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);',
      'migrationBuilder.CreateTable(name: "Posts", columns: table => new { Id = table.Column<long>(type: "bigint", nullable: false) }, constraints: table => { table.PrimaryKey("PK_Posts", x => x.Id); }); migrationBuilder.CreateIndex(name: "IX", table: "Posts", column: "Id", unique: true);',
      'migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "Email").Annotation("Npgsql:CreatedConcurrently", true);',
      'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "character varying(150)", nullable: false, oldClrType: typeof(string), oldType: "character varying(50)");',
    ]) {
      const opened = await one(up);
      expect(project(opened).problems, up).toEqual([]);
      expect(
        findings(opened).filter(
          (line) => !/^(?:lock-timeout-missing|missing-down|down-leaves-differences|redundant|duplicate)/.test(line),
        ),
        up,
      ).toEqual([]);
    }
  });

  test('a transaction ends where a command suppresses it, and begins again after it', async () => {
    const opened =
      await one(`migrationBuilder.AlterColumn<long>(name: "Id", table: "Users", type: "numeric", nullable: false, oldClrType: typeof(long), oldType: "bigint");
            migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = 'x' WHERE \\"Id\\" = 1", suppressTransaction: true);
            migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = 'y'");`);
    expect(findings(opened).filter((line) => line.startsWith('work-under-lock'))).toEqual([]);
  });

  test('a limit for locks, which `dotnet ef database update` does not set, is asked for once and written as a call', async () => {
    const opened = await one(
      'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);\n            migrationBuilder.AddColumn<string>(name: "Mail", table: "Users", type: "text", nullable: true);',
    );
    const [finding, ...others] = opened.project
      .lint(opened.path)
      .findings.filter(({ code }) => code === 'lock-timeout-missing');
    expect(others).toEqual([]);
    expect(finding).toBeDefined();
    const { fixes } = opened.project.fixes(opened.path, new Date(0), (each) => each.code === 'lock-timeout-missing');
    expect(JSON.stringify(fixes)).toContain('migrationBuilder.Sql(');
    expect(JSON.stringify(fixes)).toContain("SET LOCAL lock_timeout = '2s'");
  });

  test('hover tells what a call becomes and locks', async () => {
    const { project: opened, path } = await one('migrationBuilder.DropColumn(name: "Email", table: "Users");');
    const lines = new LineIndex(opened.textOf(path) ?? '');
    const shown = hover({ project: opened, path }, lines.position((opened.textOf(path) ?? '').indexOf('Email')));
    expect(JSON.stringify(shown?.contents)).toMatch(/ACCESS EXCLUSIVE|AccessExclusiveLock/);
    const explained = opened.explain(path).statements[0];
    expect(explained).toMatchObject({ text: 'ALTER TABLE "Users" DROP COLUMN "Email"', analysed: true });
  });

  test('what cannot be read is said to be not analysed, and the rest goes on', async () => {
    const opened = await one(
      'foreach (var name in Names) { migrationBuilder.DropTable(name); } Tools.Run(migrationBuilder); migrationBuilder.DropColumn("Email", "Users");',
    );
    const report = opened.project.lint(opened.path);
    expect(report.problems.map(({ kind }) => kind)).toEqual(['not-analysed', 'not-analysed']);
    expect(findings(opened)).toContain('drop-before-contract: Email');
  });
});

describe('a fix of an EF Core migration', () => {
  test('is written as migration classes with their attributes, and lints silent', async () => {
    const { project: opened, path } =
      await one(`migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "Email");
            migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);`);
    const { fixes } = opened.fixes(path, NOW, (finding) => finding.code === 'blocking-index');
    const files = fixes[0]?.files ?? [];
    expect(files.map(({ path: file, action }) => `${action} ${file}`)).toEqual([
      `edit ${path}`,
      `create ${FOLDER}/20260102030405_CreateIx.cs`,
    ]);
    expect(files[0]?.text).not.toContain('CreateIndex');
    expect(files[0]?.text).toContain('AddColumn<string>');
    const written = files[1]?.text ?? '';
    expect(written).toContain('[DbContext(typeof(ShopContext))]');
    expect(written).toContain('[Migration("20260102030405_CreateIx")]');
    expect(written).toContain('namespace App.Data.Migrations');
    expect(written).toMatch(
      /CREATE INDEX CONCURRENTLY "IX" ON "Users" \("Email"\);\n\s+""", suppressTransaction: true\);/,
    );
    const again = await open({ '20240101000000_First.cs': FIRST, '20260102030405_CreateIx.cs': written });
    expect(again[0]?.lint(`${FOLDER}/20260102030405_CreateIx.cs`)).toMatchObject({ findings: [], problems: [] });
  });

  test('limits itself how long it waits for a lock, which nobody else does there, unless the rule is off', async () => {
    const files = {
      [`/app/${FOLDER}/20240101000000_First.cs`]: FIRST,
      [`/app/${FOLDER}/20240202000000_Second.cs`]: migration(
        '20240202000000_Second',
        'migrationBuilder.RenameColumn(name: "Email", table: "Users", newName: "Mail");',
      ),
    };
    const limits = async (settings: string): Promise<readonly boolean[]> => {
      const { projects } = await openProjects({
        root: '/app',
        files: new MemoryFiles({ ...files, '/app/lockstep.jsonc': settings }),
        engines: await loadEngines(),
      });
      const { fixes } =
        projects[0]?.fixes(`${FOLDER}/20240202000000_Second.cs`, NOW, ({ code }) => code === 'rename-in-use') ?? {};
      return (fixes?.[0]?.files ?? [])
        .filter(({ action }) => action === 'create')
        .flatMap(({ text }) => text.match(/\.Sql\("+\n[\s\S]*?"{3}[^\n]*\);\r?\n/g) ?? [])
        .filter((call) => !call.includes('suppressTransaction'))
        .map((call) => /"""\n\s+SET LOCAL lock_timeout = '2s';\n/.test(call));
    };
    const usual = await limits('{}');
    expect(usual.length).toBeGreaterThan(2);
    expect(new Set(usual)).toEqual(new Set([true]));
    expect(new Set(await limits('{ "rules": { "lock-timeout-missing": "off" } }'))).toEqual(new Set([false]));
  });

  test('keeps a migration that has a Designer, though nothing is left in it', async () => {
    const { project: opened, path } = await one(
      'migrationBuilder.CreateIndex(name: "IX", table: "Users", column: "Email");',
      {
        '20240202000000_Second.Designer.cs': 'partial class Second { }',
      },
    );
    const { fixes } = opened.fixes(path, NOW, (finding) => finding.code === 'blocking-index');
    expect(fixes[0]?.files.map(({ action }) => action)).toEqual(['edit', 'create']);
  });
});

describe('what EF Core passes over without a word', () => {
  test.each([
    [
      'a class without [Migration]',
      { '20240303000000_Lost.cs': 'class Lost : Migration { protected override void Up(MigrationBuilder m) { } }' },
      'no [Migration("...")]',
    ],
    [
      'an empty Designer',
      {
        '20240303000000_Lost.cs':
          'partial class Lost : Migration { protected override void Up(MigrationBuilder m) { } }',
        '20240303000000_Lost.Designer.cs': '',
      },
      'its Designer file is empty',
    ],
    [
      'a class without a context',
      {
        '20240303000000_Lost.cs':
          '[Migration("20240303000000_Lost")] class Lost : Migration { protected override void Up(MigrationBuilder m) { } }',
      },
      'no [DbContext(typeof(...))]',
    ],
    ['one id twice', { '20240303000000_Lost.cs': migration('20240101000000_First', '') }, 'have one id'],
  ])('%s', async (_name, files, message) => {
    const { project: opened } = await one('', files);
    expect(opened.migrations.problems.map((problem) => problem.message).join('\n')).toContain(message);
    expect(opened.migrations.migrations).toHaveLength(2);
  });

  test('attributes are those of the nearest class that a migration derives from, and a generic class is none', async () => {
    const { project: opened } = await one('', {
      '00Bases.cs':
        '[DbContext(typeof(ShopContext))] public abstract class Shop : Migration { }\npublic abstract class Nearer : Shop { }',
      '00Derived.cs':
        '[Migration("20240303000000_Derived")] class Derived : Nearer { protected override void Up(MigrationBuilder m) { } }',
      '00Whole.cs': 'class Whole : WithId { protected override void Up(MigrationBuilder m) { } }',
      '00WithId.cs':
        '[DbContext(typeof(ShopContext)), Migration("20240404000000_Whole")] abstract class WithId : Migration { protected override void Up(MigrationBuilder m) { } }',
      '00Generic.cs':
        '[DbContext(typeof(ShopContext)), Migration("20240505000000_Generic")] class Generic<T> : Migration { protected override void Up(MigrationBuilder m) { } }',
    });
    expect(opened.migrations.problems).toEqual([]);
    expect(opened.migrations.migrations.map(({ id }) => id)).toEqual([
      '20240101000000_First',
      '20240202000000_Second',
      '20240303000000_Derived',
      '20240404000000_Whole',
    ]);
  });

  test('an abstract base and a helper are no migrations, and no problem', async () => {
    const { project: opened } = await one('', {
      'Base.cs': 'public abstract class Base : Migration { protected override void Up(MigrationBuilder m) { } }',
      'Names.cs': 'static class Names { public const string A = "a"; }',
    });
    expect(opened.migrations.problems).toEqual([]);
  });
});

test('a document that is being typed never throws', async () => {
  const { project: opened, path } = await one(
    'migrationBuilder.CreateIndex(name: "IX", table: "Users", columns: new[] { "Email" }, unique: true, filter: @"""Id"" > 0");',
  );
  const text = opened.textOf(path) ?? '';
  for (let end = 200; end < text.length; end += 3) {
    opened.setText(path, text.slice(0, end));
    opened.lint(path);
  }
  expect(text.length).toBeGreaterThan(400);
});

function project(opened: {
  readonly project: FolderProject;
  readonly path: string;
}): ReturnType<FolderProject['lint']> {
  return opened.project.lint(opened.path);
}
