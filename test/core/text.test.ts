import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../server/core/edit.ts';
import { LineIndex } from '../../server/core/line-index.ts';
import { inOneLine } from '../../server/core/one-line.ts';
import { repeated, withoutCredentials, withoutSecrets } from '../../server/core/redact.ts';
import { spansOverlap } from '../../server/core/span.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { urlExamples } from '../../server/model/database-url.ts';

describe('line index', () => {
  test('counts UTF-16 units and all three line ends', () => {
    const lines = new LineIndex('😀a\r\nb\rc\nd');
    expect(lines.position(2)).toEqual({ line: 0, character: 2 });
    expect(lines.position(5)).toEqual({ line: 1, character: 0 });
    expect(lines.position(7)).toEqual({ line: 2, character: 0 });
    expect(lines.position(99)).toEqual({ line: 3, character: 1 });
    expect(lines.lineCount).toBe(4);
  });

  test('gives the offset back for every offset', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', '\r\n', '\r', '😀', 'é')), (parts) => {
        const text = parts.join('');
        const lines = new LineIndex(text);
        for (let offset = 0; offset <= text.length; offset++) {
          // Between \r and \n there is no LSP position: the end of the line is the nearest.
          const isWithin = text[offset - 1] === '\r' && text[offset] === '\n';
          expect(lines.offset(lines.position(offset))).toBe(isWithin ? offset - 1 : offset);
        }
      }),
    );
  });

  test('goes through the text in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '\n', '\r\n', '\r'), { maxLength: 12 }),
        fc.array(fc.nat({ max: 30 }), { maxLength: 6 }),
        (parts, asked) => {
          const text = parts.join('');
          const lines = new LineIndex(text);
          for (const offset of asked) {
            expect(lines.position(offset)).toEqual(new LineIndex(text).position(offset));
            expect(lines.offset({ line: offset, character: 1 })).toBe(
              new LineIndex(text).offset({ line: offset, character: 1 }),
            );
          }
          expect(lines.lineCount).toBe(new LineIndex(text).lineCount);
        },
      ),
    );
  });

  test('has the line ends before an offset as its line, asked in any order, also where all lines end alike', () => {
    const texts = fc.oneof(
      fc.array(fc.constantFrom('ab', '\n'), { maxLength: 20 }),
      fc.array(fc.constantFrom('a', '\n', '\r\n', '\r'), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(texts, fc.array(fc.nat({ max: 40 }), { maxLength: 12 }), (parts, asked) => {
        const text = parts.join('');
        const lines = new LineIndex(text);
        for (const offset of asked) {
          const within = text[offset - 1] === '\r' && text[offset] === '\n' ? offset - 1 : offset;
          const before = text.slice(0, within).split(/\r\n|\r|\n/);
          expect(lines.position(offset)).toEqual({ line: before.length - 1, character: before.at(-1)?.length });
        }
        expect(lines.lineCount).toBe(text.split(/\r\n|\r|\n/).length);
      }),
      { numRuns: 500 },
    );
  });

  test('clamps positions outside the text', () => {
    const lines = new LineIndex('ab\ncd');
    expect(lines.offset({ line: 0, character: 99 })).toBe(2);
    expect(lines.offset({ line: 9, character: 0 })).toBe(5);
    expect(lines.position(-1)).toEqual({ line: 0, character: 0 });
  });
});

test('what a URL looks like is said with none that has to be hidden', () => {
  const nowhere = parseDatabaseUrl('nowhere', '/');
  for (const text of [urlExamples(), 'problem' in nowhere ? nowhere.problem : '']) {
    expect(text).toContain('postgres://');
    expect(withoutCredentials(text)).toBe(text);
  }
});

describe('edits', () => {
  test('are applied in any order', () => {
    const edits = [
      { span: { start: 4, end: 5 }, newText: 'E' },
      { span: { start: 0, end: 1 }, newText: '' },
      { span: { start: 2, end: 2 }, newText: '++' },
    ];
    expect(applyEdits('abcde', edits)).toBe('b++cdE');
  });

  test('that overlap are refused', () => {
    expect(() =>
      applyEdits('abc', [
        { span: { start: 0, end: 2 }, newText: '' },
        { span: { start: 1, end: 3 }, newText: '' },
      ]),
    ).toThrow('overlap');
  });

  test('spans that only touch do not overlap', () => {
    expect(spansOverlap({ start: 0, end: 2 }, { start: 2, end: 4 })).toBe(false);
    expect(spansOverlap({ start: 0, end: 3 }, { start: 2, end: 4 })).toBe(true);
  });
});

describe('what is not shown', () => {
  test.each([
    ['cannot reach postgres://user:p%40ss@db.example:5432/app?x=1, try again', 'cannot reach <redacted> try again'],
    ["refused 'postgres://u:S@h/app': no", "refused '<redacted>': no"],
    ['jdbc:postgresql://h/app?user=u&password=S', 'jdbc:<redacted>'],
    ['host=db password=secret dbname=app', 'host=db password=<redacted> dbname=app'],
    ["Password='two words';Database=app", 'Password=<redacted>;Database=app'],
    ['see https://www.postgresql.org/docs/@current and postgres://h:5432/app', undefined],
  ])('%s', (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown ?? text);
  });

  test.each([
    ['0001_init', '"0001_init"'],
    ['db/migrations', '"db/migrations"'],
    ['postgres://u:S@h/app', 'what stands here'],
    ['u:S@h', 'what stands here'],
    ['Host=h;Password=S', 'what stands here'],
    ['password = S', 'what stands here'],
  ])('a message repeats %s', (text, shown) => {
    expect(repeated(text)).toBe(shown);
  });

  test('removes every secret from a message', () => {
    expect(withoutSecrets('hunter2 failed for hunter2', ['hunter2', ''])).toBe('*** failed for ***');
  });
});

describe('SQL in one line', () => {
  test.each<[sql: string, expected: string]>([
    ['a + 1', 'a + 1'],
    [
      "CASE\n  WHEN a = 1 THEN true -- yes: isn't it\n  ELSE NULL /* or\nnot */\nEND",
      'CASE WHEN a = 1 THEN true   ELSE NULL   END',
    ],
    ["a || '--no' || \"b--c\"\n|| 'it''s'", "a || '--no' || \"b--c\" || 'it''s'"],
    ["a ||\n'one\ntwo\\'", "a || E'one\\ntwo\\\\'"],
    ["a || E'one\n\\'two'", "a || E'one\\n\\'two'"],
    ["a || $q$it's\r\n$q$ || $$x$$", "a || E'it''s\\r\\n' || $$x$$"],
    ["name\n'x'", "name 'x'"],
  ])('%j', (sql, expected) => expect(inOneLine(sql)).toBe(expected));
});
