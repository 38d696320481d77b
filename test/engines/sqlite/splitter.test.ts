import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitStatements } from '../../../server/engines/sqlite/splitter.ts';

function split(text: string): readonly string[] {
  return splitStatements(text, { start: 0, end: text.length }).map((piece) => piece.text);
}

describe('splitter', () => {
  test.each<[string, string, readonly string[]]>([
    ['statements', 'SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['no text at all', ' \n-- nothing\n/* here */;;', []],
    [
      'a semicolon in each kind of quote',
      `SELECT ';', ";", \`;\`, [;]; SELECT 2`,
      [`SELECT ';', ";", \`;\`, [;]`, 'SELECT 2'],
    ],
    ['doubled quotes', `SELECT 'it''s; fine'; SELECT "a"";b"`, [`SELECT 'it''s; fine'`, `SELECT "a"";b"`]],
    ['comments', 'SELECT 1 -- a; b\n; /* c; d */ SELECT 2 /* e */', ['SELECT 1', 'SELECT 2']],
    ['a comment within', 'SELECT /* ; */ 1; SELECT 2', ['SELECT /* ; */ 1', 'SELECT 2']],
    [
      'a trigger',
      'CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; SELECT 1; END; SELECT 2',
      ['CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; SELECT 1; END', 'SELECT 2'],
    ],
    [
      'a temporary trigger in an explanation',
      'EXPLAIN QUERY PLAN CREATE TEMP TRIGGER r DELETE ON t BEGIN SELECT 1; END; SELECT 2',
      ['EXPLAIN QUERY PLAN CREATE TEMP TRIGGER r DELETE ON t BEGIN SELECT 1; END', 'SELECT 2'],
    ],
    ['a table named trigger', 'CREATE TABLE trigger_log (a); SELECT 1', ['CREATE TABLE trigger_log (a)', 'SELECT 1']],
    ['BEGIN and END as a transaction', 'BEGIN; SELECT 1; END; SELECT 2', ['BEGIN', 'SELECT 1', 'END', 'SELECT 2']],
    [
      'commands of the shell',
      '.mode csv\n.import "a;b" t\nSELECT .5;\n.quit',
      ['.mode csv', '.import "a;b" t', 'SELECT .5', '.quit'],
    ],
    ['a byte order mark', '\ufeffSELECT 1', ['SELECT 1']],
  ])('finds %s', (_, sql, expected) => {
    expect(split(sql)).toEqual(expected);
  });

  test.each<[string, string, string, readonly string[]]>([
    [
      'text',
      `INSERT INTO t VALUES ('oops);\nCREATE TABLE u (a);`,
      'This text is never closed.',
      [`INSERT INTO t VALUES ('oops);`, 'CREATE TABLE u (a)'],
    ],
    ['name', 'SELECT [oops;\nDROP TABLE u;', 'This quoted name is never closed.', ['SELECT [oops;', 'DROP TABLE u']],
    ['comment', '/* oops\nCREATE TABLE u (a);', 'This comment is never closed.', ['/* oops', 'CREATE TABLE u (a)']],
    [
      'trigger',
      'CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1;\nCREATE TABLE u (a);',
      'This trigger has no END.',
      ['CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1;', 'CREATE TABLE u (a)'],
    ],
    [
      'trigger at the end',
      'CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1;',
      'This trigger has no END.',
      ['CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1;'],
    ],
  ])('goes on behind an open %s', (_, sql, message, expected) => {
    const pieces = splitStatements(sql, { start: 0, end: sql.length });
    expect(pieces.map((piece) => piece.text)).toEqual(expected);
    expect(pieces[0]?.unterminated?.message).toBe(message);
    expect(pieces.slice(1).every((piece) => piece.unterminated === undefined)).toBe(true);
  });

  test('never throws, and gives ordered pieces of the text with nothing but comments, white space and semicolons between', () => {
    const token = fc.constantFrom(
      'CREATE',
      ' TRIGGER ',
      'BEGIN',
      ' END',
      ';',
      '\n',
      ' ',
      "'",
      '"',
      '`',
      '[',
      ']',
      '--',
      '/*',
      '*/',
      '.mode',
      'x',
      '😀',
      'SELECT 1',
      'CASE',
      '(',
      ')',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), fc.nat(30), fc.nat(200), (tokens, start, length) => {
        const text = tokens.join('');
        const within = { start, end: start + length };
        const pieces = splitStatements(text, within);
        let position = Math.min(within.start, text.length);
        for (const piece of pieces) {
          expect(piece.span.start).toBeGreaterThanOrEqual(position);
          expect(piece.span.end).toBeGreaterThan(piece.span.start);
          expect(piece.span.end).toBeLessThanOrEqual(Math.min(within.end, text.length));
          expect(text.slice(piece.span.start, piece.span.end)).toBe(piece.text);
          expect(text.slice(position, piece.span.start)).toMatch(/^(?:[\s;\ufeff]|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*$/);
          if (piece.unterminated !== undefined) {
            expect(piece.unterminated.span.start).toBeGreaterThanOrEqual(0);
            expect(piece.unterminated.span.end).toBeLessThanOrEqual(piece.text.length);
          }
          position = piece.span.end;
        }
        expect(text.slice(position, Math.min(within.end, text.length))).toMatch(
          /^(?:[\s;\ufeff]|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*$/,
        );
      }),
      { numRuns: 500 },
    );
  });
});
