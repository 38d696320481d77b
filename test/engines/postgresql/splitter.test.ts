import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitStatements } from '../../../server/engines/postgresql/splitter.ts';
import { postgresFront } from '../../support/postgres-engine.ts';
import { STATEMENTS } from './statements.ts';

const dialect = await postgresFront();

function texts(text: string): string[] {
  return splitStatements(text, { start: 0, end: text.length }).map((statement) => statement.text);
}

describe('boundaries', () => {
  test.each<[name: string, text: string, expected: readonly string[]]>([
    ['nothing', '', []],
    ['comments and white space only', ' -- a;\n /* b; /* c; */ ; */ ;; \n', []],
    ['around a statement', '\uFEFF -- a\nSELECT 1 /* x; */ ; -- b', ['SELECT 1']],
    [
      'quotes',
      `SELECT 'a;''b;', "c;""d;", E'\\';', U&'e;', B'0', $1; SELECT 2`,
      [`SELECT 'a;''b;', "c;""d;", E'\\';', U&'e;', B'0', $1`, 'SELECT 2'],
    ],
    ['an escape string in two lines', `SELECT E'a'\n'\\';'; SELECT 2`, [`SELECT E'a'\n'\\';'`, 'SELECT 2']],
    [
      'dollar quotes',
      'SELECT $$a;$b$;$$, $b$;$$;$b$, a$b$c; SELECT 2',
      ['SELECT $$a;$b$;$$, $b$;$$;$b$, a$b$c', 'SELECT 2'],
    ],
    [
      'a rule',
      'CREATE OR REPLACE RULE r AS ON UPDATE TO t DO (DELETE FROM a; DELETE FROM b); SELECT 2',
      ['CREATE OR REPLACE RULE r AS ON UPDATE TO t DO (DELETE FROM a; DELETE FROM b)', 'SELECT 2'],
    ],
    [
      'BEGIN ATOMIC',
      'CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; SELECT 1; END; SELECT 2',
      [
        'CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; SELECT 1; END',
        'SELECT 2',
      ],
    ],
    ['BEGIN alone', 'BEGIN; SELECT 1; END;', ['BEGIN', 'SELECT 1', 'END']],
    ['psql', '\\set x 1\nSELECT 1 \\gexec\nSELECT 2;', ['\\set x 1', 'SELECT 1', '\\gexec', 'SELECT 2']],
    [
      'COPY data',
      "COPY t (a) FROM stdin;\r\n1;\t'x\r\n\\N\r\n\\.\r\nSELECT 2;",
      ['COPY t (a) FROM stdin', "1;\t'x\r\n\\N\r\n\\.", 'SELECT 2'],
    ],
    ['COPY without data', 'COPY t FROM stdin; SELECT 2;', ['COPY t FROM stdin', 'SELECT 2']],
    ['other line ends', 'SELECT 1 -- a;\rFROM b;\r\nSELECT 2', ['SELECT 1 -- a;\rFROM b', 'SELECT 2']],
  ])('%s', (_, text, expected) => expect(texts(text)).toEqual(expected));

  test('only the given part of the text is read', () => {
    const text = "SELECT 'a; SELECT 1; SELECT 2";
    expect(splitStatements(text, { start: 11, end: 20 })).toEqual([{ span: { start: 11, end: 19 }, text: 'SELECT 1' }]);
  });

  test.each<[name: string, text: string, expected: readonly string[], message: RegExp]>([
    [
      'a string',
      "SELECT 'a;\n  x\nALTER TABLE t ADD b int;",
      ["SELECT 'a;\n  x", 'ALTER TABLE t ADD b int'],
      /string is never closed/,
    ],
    ['a name', 'DROP TABLE "a;\nDROP TABLE b;', ['DROP TABLE "a;', 'DROP TABLE b'], /quoted name is never closed/],
    [
      'a dollar quote',
      'DO $x$ BEGIN\nDROP TABLE b;',
      ['DO $x$ BEGIN', 'DROP TABLE b'],
      /dollar quote is never closed: "\$x\$"/,
    ],
    ['a comment', 'DROP TABLE a /* x\nDROP TABLE b;', ['DROP TABLE a /* x', 'DROP TABLE b'], /comment is never closed/],
    [
      'a rule',
      'CREATE RULE r AS ON UPDATE TO t DO (\nDROP TABLE b; DROP TABLE c',
      ['CREATE RULE r AS ON UPDATE TO t DO (', 'DROP TABLE b', 'DROP TABLE c'],
      /parenthesis is never closed/,
    ],
    [
      'BEGIN ATOMIC',
      'CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;\nDROP TABLE b;',
      ['CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;', 'DROP TABLE b'],
      /BEGIN ATOMIC has no END/,
    ],
    [
      'a parenthesis',
      'CREATE TABLE t (a int;\nDROP TABLE b;',
      ['CREATE TABLE t (a int', 'DROP TABLE b'],
      /parenthesis is never closed/,
    ],
  ])('recovers behind %s', (_, text, expected, message) => {
    const pieces = splitStatements(text, { start: 0, end: text.length });
    expect(pieces.map((piece) => piece.text)).toEqual(expected);
    expect(pieces[0]?.unterminated?.message).toMatch(message);
    expect(pieces.slice(1).every((piece) => piece.unterminated === undefined)).toBe(true);
  });
});

const corpus = [
  ...STATEMENTS.map(([sql]) => sql),
  "SELECT 'a''b', E'\\'' , $x$ ; $x$",
  'CREATE TABLE "é😀" (a int)',
  'COPY t FROM stdin;\n1\n\\.\n',
  '\\d t\n',
  `DO $$ DECLARE r record; BEGIN IF a THEN ALTER TABLE t ADD b int, DROP c; ELSE RETURN; END IF; FOR r IN SELECT * FROM t LOOP EXECUTE 'DROP TABLE ' || 'a'; END LOOP; EXCEPTION WHEN others THEN RAISE; END $$`,
  `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN a := ''x;''; CASE a WHEN 1 THEN SELECT 1 INTO b; END CASE; RETURN b; END'`,
];

/** Texts like migrations: statements of the corpus, cut, repeated and with characters put in anywhere. */
const script = fc
  .tuple(
    fc.array(fc.constantFrom(...corpus), { maxLength: 6 }),
    fc.constantFrom(';\n', '; ', '\r\n;'),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(12),
        fc.constantFrom(
          '',
          "'",
          '"',
          '$$',
          '$x$',
          '(',
          ')',
          ';',
          '/*',
          '*/',
          '--',
          '\\',
          '\0',
          '😀',
          '\ud83d',
          '\uFEFF',
          'é',
          'BEGIN ATOMIC ',
          '\n',
          ',',
          'END',
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([statements, separator, edits]) =>
    edits.reduce((text, [place, removed, added]) => {
      const at = text.length === 0 ? 0 : place % text.length;
      return text.slice(0, at) + added + text.slice(at + removed);
    }, statements.join(separator)),
  );

function assertSane(text: string): void {
  let end = 0;
  for (const piece of splitStatements(text, { start: 0, end: text.length })) {
    expect(piece.span.start).toBeGreaterThanOrEqual(end);
    expect(piece.span.end).toBeGreaterThan(piece.span.start);
    expect(text.slice(piece.span.start, piece.span.end)).toBe(piece.text);
    // Between statements there is nothing but semicolons, white space, comments and the byte order mark.
    const gap = text.slice(end, piece.span.start).replace(/\/\*[\s\S]*\*\/|--[^\r\n]*/g, '');
    expect(gap).toMatch(/^[\s;\uFEFF]*$/);
    end = piece.span.end;
    const body = dialect.parse(piece.text);
    expect(body.operations.length).toBeGreaterThan(0);
    for (const { span } of [
      ...body.operations,
      ...body.problems,
      ...(piece.unterminated === undefined ? [] : [piece.unterminated]),
    ]) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(piece.text.length);
    }
  }
}

describe('any text', () => {
  test('mutated scripts are split and read without an error, and every range lies in its statement', () => {
    fc.assert(fc.property(script, assertSane), { numRuns: 400 });
  });

  test('a second byte-order mark is a name to the server', () => {
    assertSane('\uFEFF\uFEFF');
    expect(splitStatements('\uFEFF\uFEFF', { start: 0, end: 2 })).toHaveLength(1);
  });

  test('every prefix of a hostile script is', () => {
    const text = `-- a\nCREATE TABLE "t;é😀" (a int DEFAULT ';', b text); DO $x$ BEGIN EXECUTE 'DROP TABLE "a;"'; END $x$;\nCREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; ALTER TABLE t ADD b int, DROP c;`;
    for (let length = 0; length <= text.length; length++) assertSane(text.slice(0, length));
  });

  test('the same text has the same answer after anything else was read', () => {
    const before = dialect.parse('ALTER TABLE t ADD a int');
    for (const deep of [
      `SELECT ${'1+'.repeat(30_000)}1`,
      `SELECT ${'('.repeat(1_900)}`,
      `SELECT 1 ${'UNION SELECT 1 '.repeat(9_000)}`,
      `SELECT ${'NOT '.repeat(20_000)}1`,
    ]) {
      for (let round = 0; round < 5; round++) expect(dialect.parse(deep).problems).toHaveLength(1);
    }
    expect(dialect.parse('ALTER TABLE t ADD a int')).toEqual(before);
  });
});

describe('what cannot be read', () => {
  test.each<[name: string, sql: string, kind: string, message: RegExp, at: string]>([
    ['a syntax error', 'ALTER TABLE t ADDD a int', 'syntax', /^Syntax error at or near "ADDD"\.$/, 'ADDD'],
    ['a syntax error behind wide characters', "SELECT '😀é' FROM FROM t", 'syntax', /near "FROM"/, 'FROM'],
    ['an end too early', 'ALTER TABLE t ADD', 'syntax', /end of input/, 'D'],
    ['U+0000', 'SELECT 1 \0 + 2', 'syntax', /U\+0000/, '\0'],
    ['psql commands', '\\connect x', 'not-analysed', /psql/, '\\connect x'],
    [
      'a million parentheses',
      `SELECT ${'('.repeat(1_000_000)}`,
      'not-analysed',
      /too/,
      `SELECT ${'('.repeat(1_000_000)}`,
    ],
  ])('%s', (_, sql, kind, message, at) => {
    const { operations, problems } = dialect.parse(sql);
    expect(operations.map((operation) => operation.kind)).toEqual(['opaque']);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.kind).toBe(kind);
    expect(problems[0]?.message).toMatch(message);
    expect(sql.slice(problems[0]?.span.start, problems[0]?.span.end)).toBe(at);
  });

  test('of a large INSERT the first row is read and the others are counted', () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `(${index}, 'a;''b ${index}')`).join(',\n');
    const sql = `INSERT INTO s.t (a, b) VALUES ${rows} ON CONFLICT (a) DO UPDATE SET b = (SELECT c FROM other)`;
    const [operation] = dialect.parse(sql).operations;
    expect(operation).toMatchObject({
      kind: 'insert-rows',
      relation: { schema: 's', name: 't' },
      rowCount: 20_000,
      onConflict: 'update',
      span: { start: 0, end: sql.length },
    });
    const read = operation?.kind === 'insert-rows' ? operation.query.reads[0]?.relation.span : undefined;
    expect(sql.slice(read?.start, read?.end)).toBe('other');
  });
});
