import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import { errorOf, foldScript, TARGET } from './database.ts';

/** Enough rows for more than a hundred pages a table. */
const ROW_COUNT = 3_000;
const PAGE_BYTES = 1024;
/** A statement that writes at least this share of a table's pages rewrites it; one that changes texts writes a handful. */
const REWRITTEN_SHARE = 0.5;

const SETUP = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INT, v TEXT AS (upper(a)) VIRTUAL, s TEXT AS (a || 'x') STORED, CONSTRAINT positive CHECK (b >= 0));
  CREATE TABLE strict_t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INT) STRICT;
  CREATE TABLE empty (a INT REFERENCES t (id));
  CREATE INDEX t_b ON t (b, a);
  CREATE VIEW names AS SELECT a FROM t;
  CREATE TRIGGER on_empty AFTER INSERT ON empty BEGIN SELECT 1; END;`;

const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-sqlite-'));
let files = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const template = path.join(folder, 'template.db');

beforeAll(() => {
  const database = new Database(template);
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA foreign_keys = OFF; PRAGMA journal_mode = WAL; ${SETUP}
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROW_COUNT}) INSERT INTO t (id, a, b) SELECT i, 'some text of row ' || i, i FROM n;
    INSERT INTO strict_t SELECT id, a, b FROM t;`);
  database.close();
});

/** A new file with full tables. The caller closes the database. */
function filledFile(): { readonly file: string; readonly database: Database.Database } {
  const file = path.join(folder, `${++files}.db`);
  copyFileSync(template, file);
  const database = new Database(file);
  database.exec('PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 0');
  return { file, database };
}

/** Share of an object's pages that a statement writes, by the frames that it adds to the write-ahead log. */
function writtenShare(sql: string, object: string): number {
  const { file, database } = filledFile();
  try {
    const pages = database.prepare('SELECT pageno FROM dbstat WHERE aggregate = TRUE AND name = ?').pluck().get(object);
    database.exec(sql);
    const frames = statSync(`${file}-wal`).size / (PAGE_BYTES + 24);
    return frames / Number(pages);
  } finally {
    database.close();
  }
}

/** Whether a statement reads an object's pages one and all: it stops at one in the middle that was spoilt. */
function readsAll(sql: string, object: string): boolean {
  const { file, database } = filledFile();
  const leaf = Number(
    database
      .prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 60")
      .pluck()
      .get(object),
  );
  database.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, (leaf - 1) * PAGE_BYTES);
  closeSync(descriptor);
  const spoilt = new Database(file);
  try {
    spoilt.pragma('foreign_keys = OFF');
    const error = errorOf(spoilt, sql);
    if (error !== undefined && !/malformed|constraint failed|corrupt/.test(error)) throw new Error(error);
    return error !== undefined;
  } finally {
    spoilt.close();
  }
}

function effectsOf(sql: string): ReturnType<typeof sqliteEngine.effects> {
  return sqliteEngine.effects(
    sqliteEngine.parse(sql).operations,
    foldScript(`PRAGMA foreign_keys = OFF; ${SETUP}`),
    TARGET,
  );
}

describe('effects', () => {
  test.each<[string, string]>([
    ['ALTER TABLE t ADD COLUMN c TEXT', 't'],
    ["ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT 'x'", 't'],
    ['ALTER TABLE t ADD COLUMN c INT REFERENCES empty (a)', 't'],
    ['ALTER TABLE t ADD COLUMN c INT CHECK (c > 0)', 't'],
    ['ALTER TABLE t ADD COLUMN c TEXT NOT NULL AS (a)', 't'],
    ['ALTER TABLE t ADD COLUMN c TEXT AS (a)', 't'],
    ['ALTER TABLE strict_t ADD COLUMN c TEXT', 'strict_t'],
    ['ALTER TABLE strict_t DROP COLUMN b', 'strict_t'],
    ['ALTER TABLE t DROP COLUMN v', 't'],
    ['ALTER TABLE t DROP COLUMN s', 't'],
    ['ALTER TABLE t RENAME TO u', 't'],
    ['ALTER TABLE t RENAME COLUMN a TO c', 't'],
    ['ALTER TABLE strict_t ALTER COLUMN b SET NOT NULL', 'strict_t'],
    ['ALTER TABLE t ALTER COLUMN a DROP NOT NULL', 't'],
    ['ALTER TABLE strict_t ADD CONSTRAINT small CHECK (b < 1000000)', 'strict_t'],
    ['ALTER TABLE t DROP CONSTRAINT positive', 't'],
    ['CREATE INDEX t_a ON t (a)', 't'],
    ['CREATE UNIQUE INDEX strict_b ON strict_t (b)', 'strict_t'],
    ['CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END', 't'],
    ['DROP TABLE t', 't'],
    ['DROP INDEX t_b', 't_b'],
    ['DROP VIEW names', 'names'],
    ['DROP TRIGGER on_empty', 'empty'],
    ['REINDEX t_b', 't_b'],
    ['REINDEX t', 't'],
    ['UPDATE strict_t SET b = b + 1', 'strict_t'],
    ['DELETE FROM strict_t', 'strict_t'],
    ['ANALYZE t', 't_b'],
    ['VACUUM', 't'],
    ['ANALYZE', 't_b'],
    ['REINDEX', 't_b'],
    ['CREATE TABLE copy AS SELECT * FROM strict_t', 'strict_t'],
  ])('%s does what is said of %s', (sql, object) => {
    const effects = effectsOf(sql);
    expect(effects).toHaveLength(1);
    const [effect] = effects;
    const isPage = object === 't' || object === 'strict_t' || object === 't_b';
    expect({ scan: effect?.scan }).toEqual({ scan: isPage && readsAll(sql, object) });
    // An UPDATE writes the rows that it names, which is no rewriting of the table by a change of the schema; a query's copy is another table's.
    if (isPage && !/^(?:UPDATE|CREATE TABLE|CREATE (?:UNIQUE )?INDEX|DROP)/.test(sql) && sql !== 'REINDEX t')
      expect({ rewrite: effect?.rewrite }).toEqual({ rewrite: writtenShare(sql, object) > REWRITTEN_SHARE });
    else expect(effect?.rewrite).toBe(false);
    expect(effect).toMatchObject({
      schema: 'main',
      lock: 'DatabaseWriteLock',
      blocks: ['writes', 'ddl'],
      certainty: 'certain',
    });
  });

  test.each<[string, boolean]>([
    ['INSERT INTO empty VALUES (1)', true],
    ["UPDATE t SET a = 'x' WHERE id = 1", true],
    ['DELETE FROM t WHERE id = 1', true],
    ['SELECT * FROM t', false],
    ['BEGIN', false],
    ['BEGIN IMMEDIATE', true],
    ['BEGIN EXCLUSIVE', true],
    ['ALTER TABLE empty ADD COLUMN b', true],
    ['CREATE INDEX i ON empty (a)', true],
    ['DROP VIEW names', true],
    ["VACUUM INTO 'FOLDERcopy'", false],
    ['CREATE TEMP TABLE x (a)', false],
    ['PRAGMA user_version', false],
    ['EXPLAIN DELETE FROM t', false],
    ['PRAGMA integrity_check', false],
  ])('%s keeps other writers out: %s', (sql, expected) => {
    const { file, database } = filledFile();
    const other = new Database(file, { timeout: 0 });
    try {
      const [first] = effectsOf(sql);
      expect(first !== undefined).toBe(expected);
      const isOwnTransaction = /^(?:BEGIN|VACUUM)/.test(sql);
      if (!isOwnTransaction) database.exec('BEGIN');
      database.exec(sql.replaceAll('FOLDER', `${folder}/${files}-`));
      expect(other.prepare('SELECT count(*) AS count FROM empty').all()).toEqual([{ count: 0 }]);
      const error = errorOf(other, 'INSERT INTO empty VALUES (2)');
      expect(error).toBe(expected ? 'database is locked' : undefined);
    } finally {
      other.close();
      database.close();
    }
  });

  test.each<[string, string, readonly string[]]>([
    ['a table that is not known', 'ALTER TABLE missing ADD COLUMN a', []],
    ['a temporary table', 'CREATE TEMP TABLE x (a); INSERT INTO x VALUES (1)', []],
    [
      'a trigger that writes elsewhere',
      'CREATE TABLE log (a); CREATE TRIGGER r AFTER DELETE ON empty BEGIN INSERT INTO log VALUES (1); END; DELETE FROM empty',
      ['empty certain', 'log may'],
    ],
    [
      'a view with a trigger',
      'CREATE TRIGGER r INSTEAD OF INSERT ON names BEGIN INSERT INTO empty VALUES (1); END; INSERT INTO names VALUES (1)',
      ['empty may'],
    ],
    [
      'a foreign key that cascades',
      'CREATE TABLE child (a REFERENCES empty (a) ON DELETE CASCADE); PRAGMA foreign_keys = ON; DELETE FROM empty WHERE a = 1',
      ['empty certain', 'child may'],
    ],
    [
      'children of a dropped table with foreign keys on',
      'PRAGMA foreign_keys = ON; DROP TABLE t',
      ['t certain', 'empty certain'],
    ],
    ['two names of one table', 'INSERT INTO MAIN.Empty VALUES (1)', ['empty certain']],
  ])('of %s', (_, sql, expected) => {
    const pieces = sqliteEngine.split(sql, { start: 0, end: sql.length });
    const schema = foldScript(
      pieces
        .slice(0, -1)
        .map((piece) => `${piece.text};`)
        .join('\n'),
      foldScript(`PRAGMA foreign_keys = OFF; ${SETUP}`),
    );
    const effects = sqliteEngine.effects(sqliteEngine.parse(pieces.at(-1)?.text ?? '').operations, schema, TARGET);
    expect(effects.map((effect) => `${effect.relation} ${effect.certainty}`)).toEqual(expected);
  });

  test('of a table of which nothing is known, where the schema is not complete', () => {
    const effects = sqliteEngine.effects(
      sqliteEngine.parse('CREATE INDEX i ON users (a)').operations,
      sqliteEngine.emptySchema(false),
      TARGET,
    );
    expect(effects).toMatchObject([{ schema: 'main', relation: 'users', relationKind: 'table', scan: true }]);
  });
});
