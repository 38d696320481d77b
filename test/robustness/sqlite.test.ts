import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../server/engines/sqlite/engine.ts';
import { splitStatements } from '../../server/engines/sqlite/splitter.ts';

/** Every `span` in a value, with where it stands. */
function spansOf(value: unknown): readonly { readonly start: number; readonly end: number }[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    /span$/i.test(key) && inner !== undefined ? [inner] : spansOf(inner),
  );
}

describe('SQLite', () => {
  test('never throws, whatever the text', () => {
    const words = fc.constantFrom(
      'CREATE',
      'TABLE',
      'TRIGGER',
      't',
      '(',
      ')',
      ',',
      'AS',
      'SELECT',
      '*',
      'FROM',
      'CHECK',
      'DEFAULT',
      '1',
      "'x'",
      'CONSTRAINT',
      'ALTER',
      'ADD',
      'COLUMN',
      'DROP',
      '.mode',
      '😀',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(words).map((list) => list.join(' ')),
        ),
        (sql) => {
          const body = sqliteEngine.parse(sql);
          expect(body.operations.length + body.problems.length).toBeGreaterThan(0);
          for (const span of spansOf(body)) expect(span.end).toBeLessThanOrEqual(sql.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each<[string, string]>([
    ['statements', "INSERT INTO t VALUES (1, 'text');\n"],
    ['open brackets', 'CREATE TABLE [x (a);\n'],
    ['open comments', 'CREATE TABLE x (a); /* \n'],
    ['open triggers', 'CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1;\n'],
    ['quotes of both kinds', `CREATE TABLE x ('a" ');\n`],
  ])('takes time in proportion to the text: %s', (_, line) => {
    const time = (count: number): number => {
      const text = line.repeat(count);
      // Processor time, the least of three: what else the machine does must not count.
      return Math.min(
        ...[1, 2, 3].map(() => {
          const start = process.cpuUsage();
          splitStatements(text, { start: 0, end: text.length });
          return process.cpuUsage(start).user / 1_000;
        }),
      );
    };
    time(2_000);
    const small = Math.max(5, time(10_000));
    // Ten times the text would take a hundred times as long if the time grew with the square.
    expect(time(100_000)).toBeLessThan(small * 40);
  });
});
