import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import { CORPUS } from './corpus.ts';
import { openMemory } from './database.ts';

/** Whether SQLite finds a fault in the text itself; whether names exist is another matter. */
function syntaxError(sql: string): string | undefined {
  const database = openMemory();
  try {
    database.prepare(sql);
    return undefined;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return /syntax error|incomplete input|unrecognized token/.test(message) ? message : undefined;
  } finally {
    database.close();
  }
}

function parse(sql: string): ReturnType<typeof sqliteEngine.parse> {
  return sqliteEngine.parse(sql);
}

/** Every `span` in a value, with where it stands. */
function spansOf(value: unknown): readonly { readonly start: number; readonly end: number }[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    /span$/i.test(key) && inner !== undefined ? [inner] : spansOf(inner),
  );
}

/** Pieces of SQL whose loss, doubling or exchange makes most statements wrong. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|`[^`]*`|\w+|[^\s\w]/g;

/** Known: SQLite takes FILTER at the very end for an alias, sqlite3-parser takes it for the clause and waits for more. */
const ENDS_IN_FILTER = /\bfilter$/i;

describe('parser', () => {
  test.each(CORPUS)('reads %s', (sql) => {
    const body = parse(sql);
    expect(body.problems).toEqual([]);
    expect(body.operations).toHaveLength(1);
    expect(body.operations[0]?.kind).not.toBe('opaque');
    for (const span of spansOf(body)) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(sql.length);
    }
  });

  test('agrees with SQLite on what is SQL, over changed statements', () => {
    const disagreements: string[] = [];
    let broken = 0;
    const seeds = fc.sample(
      fc.record({ statement: fc.nat(CORPUS.length - 1), place: fc.nat(200), other: fc.nat(200), way: fc.nat(3) }),
      { numRuns: 1_500, seed: 7 },
    );
    for (const { statement, place, other, way } of seeds) {
      const tokens = CORPUS[statement]?.match(TOKENS) ?? [];
      const from = place % tokens.length;
      const to = other % tokens.length;
      const changed = [...tokens];
      if (way === 0) changed.splice(from, 1);
      else if (way === 1) changed.splice(from, 0, tokens[to] ?? '');
      else if (way === 2) [changed[from], changed[to]] = [tokens[to] ?? '', tokens[from] ?? ''];
      else changed.splice(from);
      const sql = changed.join(' ');
      if (sql === '') continue;
      const real = syntaxError(sql);
      if (real !== undefined) broken++;
      const own = parse(sql).problems[0]?.message;
      // SQLite may find a name wrong before it comes to the fault; a statement that it takes must be read.
      if (real !== undefined && own === undefined) disagreements.push(`${sql}: SQLite says ${real}`);
      if (real === undefined && own !== undefined && isTaken(sql) && !ENDS_IN_FILTER.test(sql))
        disagreements.push(`${sql}: the parser says ${own}`);
    }
    expect(broken).toBeGreaterThan(500);
    expect(disagreements).toEqual([]);
  });

  test.each<[string, string]>([
    ['parentheses', `SELECT ${'('.repeat(30_000)}1${')'.repeat(30_000)}`],
    ['functions', `SELECT ${'f('.repeat(30_000)}1${')'.repeat(30_000)}`],
  ])('says that it does not analyse thousands of nested %s', (_, sql) => {
    expect(parse(sql).operations).toMatchObject([{ kind: 'opaque' }]);
  });

  test('reads long chains and lists', () => {
    expect(
      parse(`SELECT ${'a + '.repeat(20_000)}1 FROM t WHERE ${'a = 1 OR '.repeat(20_000)} b`).operations,
    ).toMatchObject([{ kind: 'select-rows', query: { columns: [{ name: 'a' }, { name: 'b' }] } }]);
    expect(parse(`INSERT INTO t VALUES ${'(1, 2), '.repeat(50_000)} (1, 2)`).operations).toMatchObject([
      { kind: 'insert-rows', rowCount: 50_001 },
    ]);
  });

  test('says of a command of the shell that it is not analysed', () => {
    expect(parse('.import a.csv t')).toMatchObject({
      operations: [{ kind: 'opaque' }],
      problems: [{ kind: 'not-analysed', span: { start: 0, end: 15 } }],
    });
  });
});

function isTaken(sql: string): boolean {
  const database = openMemory();
  try {
    database.prepare(sql);
    return true;
  } catch {
    return false;
  } finally {
    database.close();
  }
}
