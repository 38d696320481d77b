import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StatementText } from '../../../server/engines/engine.ts';
import { splitStatements } from '../../../server/engines/postgresql/splitter.ts';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import { splitAgain } from '../../../server/languages/sql/split-again.ts';

const PIECES = [
  'CREATE TABLE a (id int);\n',
  'ALTER TABLE a ADD b text;',
  ' SELECT 1; ',
  "INSERT INTO a VALUES (';');\n",
  '-- a comment;\n',
  '/* a; b */',
  '\n\n',
  'DO $x$ BEGIN PERFORM 1; END $x$;\n',
  'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;\n',
  'COPY a FROM stdin;\n1\n\\.\n',
  '\\echo a\n',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;\n',
  'DROP TABLE a',
  ';',
];
const TYPED = [
  '',
  'x',
  ' ',
  ';',
  "'",
  '"',
  '$$',
  '$x$',
  '(',
  ')',
  '/*',
  '*/',
  '--',
  '-',
  '*',
  '\n',
  'BEGIN ATOMIC ',
  'END',
  '\\',
  'stdin',
  'CASE',
  '\uFEFF',
];

const edits = fc.record({
  text: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
  edits: fc.array(
    fc.record({ at: fc.nat(), removed: fc.integer({ min: 0, max: 6 }), typed: fc.constantFrom(...TYPED) }),
    { minLength: 1, maxLength: 5 },
  ),
});

describe.each([
  ['PostgreSQL', splitStatements],
  ['SQLite', sqliteEngine.split.bind(sqliteEngine)],
] as const)('%s', (_name, split) => {
  test('any edits give what splitting the whole text gives', () => {
    let reused = 0;
    fc.assert(
      fc.property(edits, ({ text: first, edits: list }) => {
        let text = first;
        let statements: readonly StatementText[] = split(text, { start: 0, end: text.length });
        for (const { at, removed, typed } of list) {
          const place = text.length === 0 ? 0 : at % (text.length + 1);
          const next = text.slice(0, place) + typed + text.slice(place + removed);
          const within = { start: 0, end: next.length };
          const again = splitAgain(
            (whole, span) => {
              if (span.start !== 0 || span.end !== whole.length) reused++;
              return split(whole, span);
            },
            next,
            within,
            { text, within: { start: 0, end: text.length }, statements },
          );
          expect(again).toEqual(split(next, within));
          text = next;
          statements = again;
        }
      }),
      { numRuns: Number(process.env['LOCKSTEP_FUZZ'] ?? 600) },
    );
    expect(reused).toBeGreaterThan(100);
  });

  test('only the statement around a keystroke is split', () => {
    const text = Array.from({ length: 100 }, (_, index) => `ALTER TABLE a ADD COLUMN c${index} int;\n`).join('');
    const at = text.indexOf('c50');
    const spans: number[] = [];
    const next = `${text.slice(0, at)}x${text.slice(at)}`;
    const old = split(text, { start: 0, end: text.length });
    const again = splitAgain(
      (whole, span) => {
        spans.push(span.end - span.start);
        return split(whole, span);
      },
      next,
      { start: 0, end: next.length },
      { text, within: { start: 0, end: text.length }, statements: old },
    );
    expect(again).toEqual(split(next, { start: 0, end: next.length }));
    expect(spans).toEqual(['ALTER TABLE a ADD COLUMN xc50 int;\n'.length]);
    expect(again[10]).toBe(old[10]);
  });

  test('a second section is split again where only it has changed', () => {
    const text = '-- up\nSELECT 1;\n-- down\nSELECT 2;\nSELECT 3;\n';
    const start = text.indexOf('-- down');
    const next = text.replace('SELECT 3', 'SELECT 33');
    const previous = {
      text,
      within: { start, end: text.length },
      statements: split(text, { start, end: text.length }),
    };
    expect(splitAgain(split, next, { start, end: next.length }, previous)).toEqual(
      split(next, { start, end: next.length }),
    );
  });
});
