import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { loadCSharp, readCSharp } from '../../../server/languages/csharp/csharp-parser.ts';
import { treeEdit } from '../../../server/languages/csharp/tree-edit.ts';
import { readMigrations } from '../../../server/languages/efcore/read-migrations.ts';

beforeAll(async () => {
  await loadEngines();
  await loadCSharp();
});

const DOCUMENT = `using System;

public partial class Sample : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>(name: "email", table: "users", type: "text", nullable: true);
        migrationBuilder.Sql(@"UPDATE ""users"" SET name = '😀'");
        migrationBuilder.DropColumn("old", "users");
    }
}
`;

const UNLIKE = 'class Other { }'.repeat(200);
const PIECES = [
  '',
  'x',
  '"',
  ';',
  ')',
  '}',
  '\n',
  ' "a", ',
  'migrationBuilder.DropTable("t");',
  '@"',
  '"""',
  '//',
  '😀',
];

const edits = fc.array(
  fc.record({ at: fc.nat(), removed: fc.integer({ min: 0, max: 40 }), typed: fc.constantFrom(...PIECES) }),
  { minLength: 1, maxLength: 8 },
);

function tree(text: string): string {
  return readCSharp(text, (root) => `${root.toString()} ${root.endIndex}`);
}

test('a document that is typed in is read as if it had been opened so', () => {
  fc.assert(
    fc.property(edits, (typed) => {
      let text = DOCUMENT;
      tree(UNLIKE);
      tree(text);
      for (const { at, removed, typed: piece } of typed) {
        const start = at % (text.length + 1);
        text = text.slice(0, start) + piece + text.slice(start + removed);
        const again = { tree: tree(text), read: readMigrations(text) };
        // A document that has nothing in common with it stands between.
        tree(UNLIKE);
        expect(again).toEqual({ tree: tree(text), read: readMigrations(text) });
      }
    }),
    { numRuns: 60 },
  );
});

test('an edit is the one part in which two texts differ', () => {
  expect(treeEdit('a\nbc', 'a\nbxc')).toMatchObject({
    startIndex: 3,
    oldEndIndex: 3,
    newEndIndex: 4,
    startPosition: { row: 1, column: 1 },
    newEndPosition: { row: 1, column: 2 },
  });
  expect(treeEdit('aa', 'aaa')).toMatchObject({ startIndex: 2, oldEndIndex: 2, newEndIndex: 3 });
  expect(treeEdit('a', UNLIKE)).toBeUndefined();
});
