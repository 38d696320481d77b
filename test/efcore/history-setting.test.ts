import { describe, expect, test } from 'vitest';
import { historySettings, namingConvention, spelled } from '../../server/languages/efcore/sources/history-setting.ts';
import { historyPlace } from '../../server/tools/efcore/history-place.ts';
import { idempotentScriptOf } from '../../server/application/use-cases/script-of.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { designerText, migrationText } from '../support/ef-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

describe('the history of a context', () => {
  test.each([
    ['options.UseNpgsql(cs, b => b.MigrationsHistoryTable("runs"))', [{ table: 'runs' }]],
    [
      'o.UseNpgsql(cs, b => b.MigrationsHistoryTable("runs", "ops").EnableRetryOnFailure())',
      [{ table: 'runs', schema: 'ops' }],
    ],
    ['b.MigrationsHistoryTable(HistoryRepository.DefaultTableName, schema: "ops")', [{ schema: 'ops' }]],
    ['b.MigrationsHistoryTable(schema: "ops", tableName: "runs")', [{ table: 'runs', schema: 'ops' }]],
    ['const string Table = "runs"; void A() { b.MigrationsHistoryTable(Names.Table, null); }', [{ table: 'runs' }]],
    ['b.MigrationsHistoryTable(configuration["Table"])', [{ unread: 'configuration["Table"]' }]],
    ['b.MigrationsHistoryTable(Name(1), "x")', [{ unread: 'Name(1)' }]],
    [
      '// b.MigrationsHistoryTable("old")\n/* b.MigrationsHistoryTable("older") */ var s = "// x"; b.MigrationsHistoryTable("runs");',
      [{ table: 'runs' }],
    ],
    [
      'services.AddDbContext<A>(o => o.UseNpgsql(cs, b => b.MigrationsHistoryTable("a"))); services.AddPooledDbContextFactory<X.B>((_, o) => o.UseNpgsql(cs, b => b.MigrationsHistoryTable("b")));',
      [
        { context: 'A', table: 'a' },
        { context: 'B', table: 'b' },
      ],
    ],
    [
      'public class Shop(string cs) : DbContext { void C() => o.UseSqlite(cs, b => b.MigrationsHistoryTable("runs")); }',
      [{ context: 'Shop', table: 'runs' }],
    ],
    ['options.UseNpgsql(cs)', []],
  ])('%s', (code, settings) => {
    expect(historySettings([code])).toEqual(settings);
  });

  test('is the one that is said of this context, and not known where several are said', () => {
    const texts = ['AddDbContext<A>(b.MigrationsHistoryTable("a"))', 'AddDbContext<B>(b.MigrationsHistoryTable("b"))'];
    expect(historyPlace(texts, 'Data.B')).toEqual({ table: 'b' });
    expect(historyPlace(texts, 'C')).toEqual({});
    expect(historyPlace([...texts, 'AddDbContext<B>(b.MigrationsHistoryTable("c"))'], 'B')).toEqual({
      unread: '2 different calls',
    });
    // The same at design time.
    expect(historyPlace([...texts, 'IDesignTimeDbContextFactory<B> { b.MigrationsHistoryTable("b"); }'], 'B')).toEqual({
      table: 'b',
    });
  });

  test('has its columns under a naming convention', () => {
    expect(namingConvention(['options.UseNpgsql(cs).UseSnakeCaseNamingConvention();'])).toBe('SnakeCase');
    expect(namingConvention(['// options.UseSnakeCaseNamingConvention();'])).toBeUndefined();
    expect(namingConvention(['o.UseSnakeCaseNamingConvention()', 'o.UseCamelCaseNamingConvention()'])).toBeUndefined();
    expect(
      (['SnakeCase', 'UpperSnakeCase', 'LowerCase', 'UpperCase', 'CamelCase', undefined] as const).map((convention) =>
        spelled('ProductVersion', convention),
      ),
    ).toEqual([
      'product_version',
      'PRODUCT_VERSION',
      'productversion',
      'PRODUCTVERSION',
      'productVersion',
      'ProductVersion',
    ]);
  });

  test('is read from the program that starts the project', async () => {
    const { projects } = await openProjects({
      root: '/app',
      engines: await loadEngines(),
      files: new MemoryFiles({
        '/app/Data/Data.csproj': '<Project Sdk="Microsoft.NET.Sdk" />',
        '/app/Data/Migrations/20240101000000_First.cs': migrationText('20240101000000_First', ''),
        '/app/Data/Migrations/20240101000000_First.Designer.cs': designerText(
          '20240101000000_First',
          'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);',
        ),
        '/app/Api/Api.csproj':
          '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><ProjectReference Include="..\\Data\\Data.csproj" /></ItemGroup></Project>',
        '/app/Api/ServiceCollectionExtensions.cs':
          'services.AddDbContext<AppContext>(o => o.UseNpgsql(cs, b => b.MigrationsHistoryTable("runs", "ops")));',
      }),
    });
    expect(projects.map(({ history }) => history.table)).toEqual(['ops.runs']);
    const [project] = projects;
    const made = project === undefined ? undefined : idempotentScriptOf(project, 'up', project.migrations.migrations);
    expect(made).toMatchObject({
      sql: expect.stringMatching(/^CREATE SCHEMA IF NOT EXISTS "ops";\nCREATE TABLE IF NOT EXISTS "ops"\."runs" \(/),
    });
  });
});
