import { expect, test } from 'vitest';
import { format } from 'sql-formatter';
import { sqlWords } from '../../server/tools/sql-words.ts';

test.each([
  ['white space', 'SELECT  a,\n  b FROM t ;', 'SELECT a, b FROM t;'],
  ['line comments', 'SELECT 1; -- why\nSELECT 2;', 'SELECT 1;\nSELECT 2;'],
  ['block comments, nested', 'SELECT/* a /* b */ c */1;', 'SELECT 1;'],
  ['line ends', 'SELECT 1;\r\nSELECT 2;\r\n', 'SELECT 1;\nSELECT 2;\n'],
  ['space around operators', 'SELECT a=b||c', 'SELECT a = b || c'],
])('%s do not count', (_name, left, right) => {
  expect(sqlWords(left)).toBe(sqlWords(right));
});

test.each([
  ['a word', 'SELECT a', 'SELECT b'],
  ['case', 'SELECT A', 'SELECT a'],
  ['words that run together', 'SELECT a b', 'SELECT ab'],
  ['space in a text', "SELECT 'a  b'", "SELECT 'a b'"],
  ['a comment in a text', "SELECT '-- a'", "SELECT '-- b'"],
  ['what follows an escaped quote', "SELECT E'\\' -- a'", "SELECT E'\\' -- b'"],
  ['what follows a doubled quote', "SELECT 'it''s -- a'", "SELECT 'it''s -- b'"],
  ['space in a dollar quote', 'DO $a$ x  y $a$', 'DO $a$ x y $a$'],
  ['space in a name', 'SELECT "a  b"', 'SELECT "a b"'],
  ['two texts or one', "SELECT 'a' 'b'", "SELECT 'a''b'"],
  ['the rest of an unfinished text', "SELECT 'a  b", "SELECT 'a b"],
  ['the rest of an unfinished comment', 'SELECT 1; /* a', 'SELECT 1; /* b'],
])('%s counts', (_name, left, right) => {
  expect(sqlWords(left)).not.toBe(sqlWords(right));
});

test('our own formatter changes nothing that counts', () => {
  const sql =
    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL DEFAULT 'a  b', CHECK (email<>''));\nINSERT INTO users(id,email) SELECT 1 , 'x' WHERE NOT EXISTS(SELECT 1 FROM users WHERE id=1);";
  expect(sqlWords(format(sql, { language: 'postgresql', keywordCase: 'preserve' }))).toBe(sqlWords(sql));
});
