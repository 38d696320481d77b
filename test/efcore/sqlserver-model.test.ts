import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines } from '../../server/host/load-engines.ts';
import { loadCSharp } from '../../server/languages/csharp/csharp-parser.ts';
import { readModel } from '../../server/languages/efcore/model/read-model.ts';
import { readMigrations } from '../../server/languages/efcore/read-migrations.ts';
import { sqlServerProvider } from '../../server/languages/efcore/sqlserver.ts';
import { designerText } from '../support/ef-project.ts';

beforeAll(async () => {
  await loadEngines();
  await loadCSharp();
});

const ALTER =
  'm.AlterColumn<long>(name: "Kind", table: "Events", type: "bigint", nullable: false, oldClrType: typeof(int), oldType: "int");';

/** What a call becomes where the Designer says `more` of a table of events; `!` marks what runs in no transaction. */
function lowered(
  more: string,
  call = ALTER,
): { readonly texts: readonly string[]; readonly untold: readonly string[] } {
  const model = readModel(
    designerText(
      '20240101000000_Events',
      `modelBuilder.Entity("App.Event", b =>
                {
                    b.Property<int>("Id").HasColumnType("int");
                    b.Property<int>("Kind").HasColumnType("int");
                    b.Property<string>("Title").IsRequired().HasColumnType("nvarchar(40)").HasColumnName("title");
                    b.HasKey("Id");
                    b.ToTable("Events", (string)null);
                    ${more}
                });`,
    ),
  );
  const steps =
    readMigrations(`class A : Migration { protected override void Up(MigrationBuilder m) { ${call} } }`)[0]?.up
      ?.steps ?? [];
  const calls = steps.flatMap((step) => (step.kind === 'call' ? [step] : []));
  if (model === undefined) throw new Error('no model');
  const commands = calls.flatMap((each) => sqlServerProvider(10).lower(each, calls, model));
  return {
    texts: commands.flatMap(({ text, isBare }) =>
      text
        .split('\n')
        .filter((line) => /\b(?:INDEX|ADD|DROP TABLE)\b/.test(line))
        .map((line) => `${isBare ? '!' : ''}${line}`),
    ),
    untold: commands.flatMap(({ unknown }) => unknown.map(({ reason }) => reason)),
  };
}

/* What only the model knows of a table, as the provider's source has it: the oracle's sample model has no such table. */
describe('an index that EF Core drops and makes again is made as the model has it', () => {
  const DROP = 'DROP INDEX [IX_Events_Kind] ON [Events];';
  test.each([
    ['nothing more', '', 'CREATE INDEX [IX_Events_Kind] ON [Events] ([Kind]);'],
    [
      'columns that it includes, by the names of the columns',
      'SqlServerIndexBuilderExtensions.IncludeProperties(b.HasIndex("Kind"), new[] { "Title", "Id" });',
      'CREATE INDEX [IX_Events_Kind] ON [Events] ([Kind]) INCLUDE ([title], [Id]);',
    ],
    [
      'clustered',
      'SqlServerIndexBuilderExtensions.IsClustered(b.HasIndex("Kind"));',
      'CREATE CLUSTERED INDEX [IX_Events_Kind] ON [Events] ([Kind]);',
    ],
    [
      'not clustered, and a fill factor',
      'SqlServerIndexBuilderExtensions.IsClustered(b.HasIndex("Kind"), false); SqlServerIndexBuilderExtensions.HasFillFactor(b.HasIndex("Kind"), 80);',
      'CREATE NONCLUSTERED INDEX [IX_Events_Kind] ON [Events] ([Kind]) WITH (FILLFACTOR = 80);',
    ],
    [
      'calls in one another',
      'SqlServerIndexBuilderExtensions.IsCreatedOnline(SqlServerIndexBuilderExtensions.UseDataCompression(SqlServerIndexBuilderExtensions.SortInTempDb(b.HasIndex("Kind")), DataCompressionType.Page));',
      'CREATE INDEX [IX_Events_Kind] ON [Events] ([Kind]) WITH (ONLINE = ON, SORT_IN_TEMPDB = ON, DATA_COMPRESSION = PAGE);',
    ],
    [
      'online that is turned off',
      'SqlServerIndexBuilderExtensions.IsCreatedOnline(b.HasIndex("Kind"), false);',
      'CREATE INDEX [IX_Events_Kind] ON [Events] ([Kind]);',
    ],
  ])('%s', (_name, more, created) => {
    expect(lowered(`b.HasIndex("Kind"); ${more}`)).toEqual({ texts: [DROP, created], untold: [] });
  });

  test('annotations of an older Designer and calls in a chain say the same', () => {
    for (const chain of [
      '.HasAnnotation("SqlServer:Include", new[] { "Title" }).HasAnnotation("SqlServer:Clustered", false)',
      '.IncludeProperties(new[] { "Title" }).IsClustered(false)',
    ])
      expect(lowered(`b.HasIndex("Kind")${chain};`)).toEqual({
        texts: [DROP, 'CREATE NONCLUSTERED INDEX [IX_Events_Kind] ON [Events] ([Kind]) INCLUDE ([title]);'],
        untold: [],
      });
  });

  test('two indexes of one column are told apart by their names, and one that only includes the column goes too', () => {
    expect(
      lowered(
        'b.HasIndex(new[] { "Kind" }, "a"); b.HasIndex(new[] { "Kind" }, "b"); b.HasIndex("Title"); SqlServerIndexBuilderExtensions.HasFillFactor(b.HasIndex(new[] { "Kind" }, "b"), 70); SqlServerIndexBuilderExtensions.IncludeProperties(b.HasIndex("Title"), new[] { "Kind" });',
      ).texts.filter((line) => line.startsWith('CREATE')),
    ).toEqual([
      'CREATE INDEX [IX_Events_title] ON [Events] ([title]) INCLUDE ([Kind]);',
      'CREATE INDEX [a] ON [Events] ([Kind]);',
      'CREATE INDEX [b] ON [Events] ([Kind]) WITH (FILLFACTOR = 70);',
    ]);
  });

  test('what is not known of it is said', () => {
    for (const more of [
      'SqlServerIndexBuilderExtensions.IsVector(b.HasIndex("Kind"), "cosine");',
      'SqlServerIndexBuilderExtensions.IncludeProperties(b.HasIndex("Kind"), new[] { "Missing" });',
    ])
      expect(lowered(`b.HasIndex("Kind"); ${more}`).untold).toEqual([
        expect.stringMatching(/^what \w+ says of the index IX_Events_Kind is not known$/),
      ]);
  });
});

describe('a table that only the model says is memory-optimised', () => {
  test.each([
    'b.ToTable(tb => tb.IsMemoryOptimized());',
    'b.ToTable("Events", null, t => { t.HasCheckConstraint("CK", "1 = 1"); t.IsMemoryOptimized(); });',
    'b.HasAnnotation("SqlServer:MemoryOptimized", true);',
    'SqlServerEntityTypeBuilderExtensions.IsMemoryOptimized(b);',
  ])('%s: its indexes are changed by ALTER TABLE, in no transaction', (more) => {
    expect(lowered(`b.HasIndex("Kind").IsUnique(); ${more}`).texts).toEqual([
      '!ALTER TABLE [Events] DROP INDEX [IX_Events_Kind];',
      '!ALTER TABLE [Events] ADD INDEX [IX_Events_Kind] UNIQUE ([Kind]);',
    ]);
    expect(lowered(more, 'm.DropTable("Events");').texts).toEqual(['!DROP TABLE [Events];']);
  });

  test('one that is not stays in the transaction', () => {
    expect(lowered('b.ToTable(tb => tb.IsMemoryOptimized(false));', 'm.DropTable("Events");').texts).toEqual([
      'DROP TABLE [Events];',
    ]);
  });
});

test('a table that only the model says keeps its history is not analysed', () => {
  const more = 'b.ToTable(tb => tb.IsTemporal(ttb => { ttb.UseHistoryTable("EventsHistory"); }));';
  const drop = 'm.DropColumn(name: "Old", table: "Events");';
  expect(lowered(more, drop).untold).toEqual([expect.stringContaining('history of a temporal table')]);
  expect(lowered('', drop).untold).toEqual([]);
  // Calls on the table itself say so themselves.
  expect(lowered(more, 'm.DropTable(name: "Events");').untold).toEqual([]);
  const off = 'm.AlterTable(name: "Events").OldAnnotation("SqlServer:IsTemporal", true);';
  expect(lowered('', `${drop} ${off}`).untold).toEqual([
    expect.stringContaining('history of a temporal table'),
    expect.stringContaining('history of a temporal table'),
  ]);
  expect(lowered('', `${drop} ${off.replace('Events', 'Others')}`).untold).toHaveLength(1);
});
