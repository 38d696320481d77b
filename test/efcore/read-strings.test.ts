import { beforeAll, describe, expect, test } from 'vitest';
import { inDocument } from '../../server/core/source-map.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { loadCSharp } from '../../server/languages/csharp/csharp-parser.ts';
import { readMigrations } from '../../server/languages/efcore/read-migrations.ts';
import type { CSharpText } from '../../server/languages/csharp/string-text.ts';

beforeAll(async () => {
  await loadEngines();
  await loadCSharp();
});

function source(expression: string, members = ''): string {
  return `public partial class M : Migration
{
    ${members}
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(${expression});
    }
}
`;
}

/** The text that the one call sends, and the document. */
function sent(expression: string, members = ''): { readonly text: CSharpText; readonly document: string } {
  const document = source(expression, members);
  const step = readMigrations(document)[0]?.up?.steps[0];
  const value = step?.kind === 'call' ? step.arguments[0]?.value : undefined;
  if (value?.kind !== 'text') throw new Error(`no text: ${value?.kind}`);
  return { text: value.text, document };
}

describe('every form of string says what C# says, and where it is written', () => {
  test.each([
    ['regular', '"DROP TABLE \\"users\\";\\n"', 'DROP TABLE "users";\n'],
    ['regular with code points', '"\\u0041\\x42\\U00000043\\t\\\\"', 'ABC\t\\'],
    ['verbatim', '@"DROP TABLE ""users"";"', 'DROP TABLE "users";'],
    ['raw in one line', '"""DROP TABLE "users";"""', 'DROP TABLE "users";'],
    [
      'raw in lines',
      '"""\n            DROP TABLE "users";\n              SELECT 1;\n            """',
      'DROP TABLE "users";\n  SELECT 1;',
    ],
    ['concatenated', '"DROP " + @"TABLE " + """users"""', 'DROP TABLE users'],
    ['interpolated without holes', '$"DROP {{x}} \\"t\\""', 'DROP {x} "t"'],
    ['interpolated verbatim', '$@"DROP ""t"" {{x}}"', 'DROP "t" {x}'],
    [
      'interpolated with a constant',
      '$"DROP TABLE {Table}"',
      'DROP TABLE users',
      'private const string Table = "users";',
    ],
    ['a constant', 'Text', 'SELECT 1', 'private const string Text = "SELECT " + "1";'],
    ['a constant of the class by its name', 'M.Text', 'SELECT 2', 'public const string Text = @"SELECT 2";'],
    ['in parentheses', '("SELECT 1")', 'SELECT 1'],
  ])('%s', (_name, expression, expected, members = '') => {
    const { text, document } = sent(expression, members);
    expect(text.text).toBe(expected);
    // Whatever is plain is the same in both, code unit for code unit.
    for (const piece of text.map ?? []) {
      if (piece.kind === 'plain')
        expect(document.slice(piece.source.start, piece.source.end)).toBe(
          text.text.slice(piece.text.start, piece.text.end),
        );
    }
    expect((text.map ?? []).reduce((sum, piece) => sum + piece.text.end - piece.text.start, 0)).toBe(text.text.length);
  });

  test('what is only known when the program runs is a hole at its place', () => {
    const { text, document } = sent('$"UPDATE t SET a = {Guid.NewGuid()} WHERE id = {1 + x}"');
    expect(text.text).toBe('UPDATE t SET a = unknown_value WHERE id = unknown_value');
    const places = text.holes.map((hole) => inDocument(text, hole));
    expect(places.map(({ start, end }) => document.slice(start, end))).toEqual(['{Guid.NewGuid()}', '{1 + x}']);
  });

  test('letters outside the first plane do not move what follows', () => {
    const { text, document } = sent('"SELECT \'😀é\' AS \\"x\\", name"');
    const at = text.text.indexOf('name');
    const place = inDocument(text, { start: at, end: at + 4 });
    expect(document.slice(place.start, place.end)).toBe('name');
  });
});

describe('a migration is what EF Core takes for one', () => {
  test('id, context and both methods, on any part and in any form', () => {
    const [found] = readMigrations(`
      [Microsoft.EntityFrameworkCore.Infrastructure.DbContext(typeof(App.Data.BlogContext))]
      [MigrationAttribute("20240101000000_A b")]
      internal class A : Migration {
        protected override void Up(MigrationBuilder b) => b.DropTable("x");
        protected override void Down(MigrationBuilder builder) { builder.DropTable("y"); }
      }`);
    expect(found).toMatchObject({ name: 'A', id: '20240101000000_A b', context: 'BlogContext', isAbstract: false });
    expect(found?.up?.steps.map((step) => step.kind === 'call' && step.method)).toEqual(['DropTable']);
    expect(found?.down?.steps).toHaveLength(1);
  });

  test("FluentMigrator's class of the same name is none", () => {
    expect(
      readMigrations(
        '[Migration(20240101)] public class A : Migration { public override void Up() { Delete.Table("x"); } }',
      ),
    ).toEqual([]);
  });

  test('loops and conditions may run, other code says that it is not followed', () => {
    const [found] = readMigrations(`class A : Migration {
      protected override void Up(MigrationBuilder migrationBuilder) {
        foreach (var t in names) { migrationBuilder.DropTable(t); }
        if (ActiveProvider == "x") migrationBuilder.DropTable("y");
        base.Up(migrationBuilder);
        Helper.Run(migrationBuilder, 1);
        migrationBuilder.DropTable("z");
      } }`);
    expect(
      found?.up?.steps.map((step) => (step.kind === 'call' ? `${step.method} ${step.certainty}` : 'not followed')),
    ).toEqual(['DropTable may', 'DropTable may', 'not followed', 'not followed', 'DropTable certain']);
  });

  test('a class that is cut off anywhere is read as far as it goes, and nothing throws', () => {
    const text = source('$"""\n  SELECT {x}\n  """ + @"a""b"', '[Migration("1")] const string A = "x";');
    for (let end = 0; end <= text.length; end++) readMigrations(text.slice(0, end));
    expect(readMigrations(text)[0]?.up?.steps).toHaveLength(1);
  });
});
