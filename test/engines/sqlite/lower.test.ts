import { describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import type { Operation } from '../../../server/model/operation.ts';

function lower(sql: string): Operation {
  const body = sqliteEngine.parse(sql);
  expect(body.problems).toEqual([]);
  const [operation] = body.operations;
  if (operation === undefined) throw new Error('no operation');
  return operation;
}

/** The operation with each span as the text that it covers. */
function written(sql: string): unknown {
  const replace = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(replace);
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        /span$/i.test(key) && inner !== undefined ? sql.slice(inner.start, inner.end) : replace(inner),
      ]),
    );
  };
  return replace(lower(sql));
}

describe('lowering', () => {
  test.each<[string, object]>([
    [
      'CREATE TABLE IF NOT EXISTS main."a b" (id INTEGER PRIMARY KEY AUTOINCREMENT)',
      {
        kind: 'create-table',
        relation: { schema: 'main', name: 'a b', span: 'main."a b"' },
        ifNotExists: true,
        persistence: 'permanent',
        columns: [
          {
            name: 'id',
            span: 'id INTEGER PRIMARY KEY AUTOINCREMENT',
            autoincrement: true,
            type: { name: 'INTEGER', span: 'INTEGER' },
            constraints: [{ kind: 'primary-key', columns: ['id'], inlineOf: 'id' }],
          },
        ],
      },
    ],
    [
      "CREATE TABLE t (a, b VARCHAR ( 10 , 2 ) CONSTRAINT full /* ; */ NOT NULL ON CONFLICT FAIL CONSTRAINT known CHECK (b > 'x;') DEFAULT (1 + 1), c DEFAULT -1.5, d REFERENCES u (x) DEFERRABLE INITIALLY DEFERRED) STRICT, WITHOUT ROWID",
      {
        strict: true,
        withoutRowid: true,
        columns: [
          { name: 'a', nameSpan: 'a', span: 'a' },
          {
            name: 'b',
            span: "b VARCHAR ( 10 , 2 ) CONSTRAINT full /* ; */ NOT NULL ON CONFLICT FAIL CONSTRAINT known CHECK (b > 'x;') DEFAULT (1 + 1)",
            type: { name: 'VARCHAR', modifiers: [10, 2], display: 'VARCHAR(10,2)' },
            notNull: { name: 'full', span: 'CONSTRAINT full /* ; */ NOT NULL ON CONFLICT FAIL', onConflict: 'FAIL' },
            default: { text: '(1 + 1)', span: '(1 + 1)' },
            constraints: [
              {
                kind: 'check',
                name: 'known',
                span: "CONSTRAINT known CHECK (b > 'x;')",
                columns: ['b'],
                expression: { text: "b > 'x;'" },
              },
            ],
          },
          { name: 'c', default: { text: '-1.5', span: '-1.5', tree: { kind: 'literal', value: -1.5 } } },
          {
            name: 'd',
            constraints: [
              {
                kind: 'foreign-key',
                span: 'REFERENCES u (x) DEFERRABLE INITIALLY DEFERRED',
                columns: ['d'],
                references: { relation: { name: 'u' }, columns: ['x'] },
                deferrable: true,
                initiallyDeferred: true,
              },
            ],
          },
        ],
      },
    ],
    [
      'CREATE TABLE t (a GENERATED ALWAYS AS (1) STORED, b INT AS (a), c "odd type")',
      {
        columns: [
          { name: 'a', generated: { stored: true, expression: { text: '1' } } },
          { name: 'b', type: { name: 'INT' }, generated: { stored: false } },
          { name: 'c', type: { display: 'odd type' } },
        ],
      },
    ],
    [
      'CREATE TABLE t (a, b, PRIMARY KEY (a COLLATE nocase, b DESC) ON CONFLICT IGNORE, CONSTRAINT f FOREIGN KEY (a, b) REFERENCES u ON DELETE SET DEFAULT ON UPDATE NO ACTION MATCH FULL)',
      {
        constraints: [
          {
            kind: 'primary-key',
            columns: ['a', 'b'],
            elements: [
              { column: 'a', collation: 'nocase' },
              { column: 'b', descending: true },
            ],
            onConflict: 'IGNORE',
          },
          {
            kind: 'foreign-key',
            name: 'f',
            columns: ['a', 'b'],
            references: { columns: [], onDelete: 'SET DEFAULT', onUpdate: 'NO ACTION', match: 'FULL' },
          },
        ],
      },
    ],
    [
      'CREATE TEMP TABLE t AS SELECT a AS x, b FROM u',
      {
        kind: 'create-table-as',
        persistence: 'temporary',
        query: { reads: [{ relation: { name: 'u' } }], output: ['x', 'b'] },
      },
    ],
    ['CREATE VIRTUAL TABLE f USING fts5 (a)', { kind: 'create-table', virtualModule: 'fts5', columns: [] }],
    [
      'CREATE UNIQUE INDEX IF NOT EXISTS main.i ON t (a COLLATE nocase DESC, lower(b), "c") WHERE d IS NOT NULL',
      {
        kind: 'create-index',
        name: 'i',
        relation: { schema: 'main', name: 't', span: 't' },
        unique: true,
        ifNotExists: true,
        elements: [
          { column: 'a', collation: 'nocase', descending: true },
          { expression: { text: 'lower(b)', tree: { kind: 'call', name: 'lower' } } },
          { column: 'c' },
        ],
        where: { text: 'd IS NOT NULL', tree: { kind: 'null-test', negated: true } },
      },
    ],
    [
      'CREATE VIEW v (x) AS WITH c AS (SELECT a FROM t) SELECT a FROM c JOIN u USING (k) WHERE a IN w',
      {
        kind: 'create-view',
        columns: ['x'],
        query: {
          reads: [{ relation: { name: 't' } }, { relation: { name: 'u' } }, { relation: { name: 'w' } }],
          columns: [{ name: 'a' }, { name: 'k' }],
          hasWhere: true,
        },
      },
    ],
    [
      'CREATE TRIGGER main.r INSTEAD OF UPDATE OF a, b ON v WHEN NEW.a > 1 BEGIN DELETE FROM t; INSERT INTO u VALUES (1); END',
      {
        kind: 'create-trigger',
        name: 'r',
        relation: { schema: 'main', name: 'v' },
        timing: 'instead-of',
        events: ['update'],
        updateColumns: ['a', 'b'],
        when: { text: 'NEW.a > 1' },
        body: [
          { kind: 'delete-rows', span: 'DELETE FROM t' },
          { kind: 'insert-rows', span: 'INSERT INTO u VALUES (1)', rowCount: 1 },
        ],
      },
    ],
    [
      "ALTER TABLE t ADD c TEXT NOT NULL DEFAULT '' UNIQUE",
      {
        kind: 'add-column',
        head: 'table',
        action: {
          column: {
            name: 'c',
            nameSpan: 'c',
            span: "c TEXT NOT NULL DEFAULT '' UNIQUE",
            notNull: { span: 'NOT NULL' },
            constraints: [{ kind: 'unique', span: 'UNIQUE' }],
          },
        },
      },
    ],
    ['ALTER TABLE t DROP COLUMN [c d]', { kind: 'drop-column', action: { column: 'c d', columnSpan: '[c d]' } }],
    [
      'ALTER TABLE t RENAME a TO "b"',
      { kind: 'rename-column', action: { column: 'a', columnSpan: 'a', newName: 'b' } },
    ],
    ['ALTER TABLE t RENAME TO u', { kind: 'rename-table', action: { newName: 'u', newNameSpan: 'u' } }],
    [
      'ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      { kind: 'set-not-null', action: { column: 'a', columnSpan: 'a' }, needs: [{ version: 3053 }] },
    ],
    ['ALTER TABLE t ALTER a DROP NOT NULL', { kind: 'drop-not-null', action: { column: 'a', columnSpan: 'a' } }],
    [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)',
      {
        kind: 'add-constraint',
        action: { constraint: { kind: 'check', name: 'c', span: 'CONSTRAINT c CHECK (a > 0)', columns: ['a'] } },
      },
    ],
    [
      'ALTER TABLE "check" ADD CHECK (a > 0)',
      { kind: 'add-constraint', action: { constraint: { kind: 'check', span: 'CHECK (a > 0)' } } },
    ],
    ['ALTER TABLE t DROP CONSTRAINT c', { kind: 'drop-constraint', action: { constraint: 'c', constraintSpan: 'c' } }],
    ['DROP TABLE IF EXISTS temp.t', { kind: 'drop-table', objects: [{ schema: 'temp', name: 't' }], ifExists: true }],
    ['DROP TRIGGER r', { kind: 'drop-trigger', objects: [{ name: 'r' }], ifExists: false }],
    [
      'INSERT OR REPLACE INTO t (a) SELECT b FROM u WHERE c',
      {
        kind: 'insert-rows',
        columns: ['a'],
        orReplace: true,
        query: { reads: [{ relation: { name: 'u' } }], hasWhere: true },
      },
    ],
    [
      'INSERT INTO t VALUES (1), (2) ON CONFLICT (a) DO UPDATE SET a = 1',
      { kind: 'insert-rows', rowCount: 2, onConflict: 'update' },
    ],
    ['INSERT OR IGNORE INTO t DEFAULT VALUES', { kind: 'insert-rows', rowCount: 1, onConflict: 'nothing' }],
    [
      'WITH c AS (SELECT 1) UPDATE t SET (a, b) = (1, 2), d = 3 FROM u, c WHERE t.id = u.id',
      {
        kind: 'update-rows',
        columns: ['a', 'b', 'd'],
        where: { text: 't.id = u.id' },
        query: { reads: [{ relation: { name: 'u' } }], hasWhere: true },
      },
    ],
    ['DELETE FROM t', { kind: 'delete-rows', query: { hasWhere: false } }],
    [
      'SELECT count(*), max(a) OVER (ORDER BY b) FROM json_each(x)',
      {
        kind: 'select-rows',
        query: {
          functions: [{ name: 'count' }, { name: 'max' }, { name: 'json_each' }],
          columns: [{ name: 'a' }, { name: 'b' }, { name: 'x' }],
        },
      },
    ],
    ['PRAGMA Main.Foreign_Keys = OFF', { kind: 'pragma', name: 'foreign_keys', value: 'OFF' }],
    ["PRAGMA journal_mode('wal')", { kind: 'pragma', name: 'journal_mode', value: 'wal' }],
    ['PRAGMA cache_size(-20)', { kind: 'pragma', name: 'cache_size', value: '-20' }],
    ['BEGIN', { kind: 'transaction-control', action: 'begin', mode: 'DEFERRED' }],
    ['ROLLBACK TO s', { kind: 'transaction-control', action: 'rollback-to', savepoint: 's' }],
    ['END', { kind: 'transaction-control', action: 'commit' }],
    ["VACUUM INTO 'x'", { kind: 'vacuum', full: false }],
    ['REINDEX t', { kind: 'reindex', object: { name: 't' } }],
    ['ANALYZE', { kind: 'analyze', relations: [] }],
    ["ATTACH 'x' AS y", { kind: 'attach-database' }],
    ['EXPLAIN DROP TABLE t', { kind: 'explain' }],
  ])('of %s', (sql, expected) => {
    expect(written(sql)).toMatchObject(expected);
  });

  test('gives the whole statement as range, in UTF-16', () => {
    const sql = 'ALTER TABLE t /* 😀 */ ADD COLUMN "é😀" TEXT DEFAULT \'😀\'';
    expect(written(sql)).toMatchObject({
      span: sql,
      action: { column: { name: 'é😀', nameSpan: '"é😀"', default: { span: "'😀'" } } },
    });
  });

  test.each<[string, string, number, number]>([
    ['a wrong word', 'CREATE TABEL t (a)', 7, 12],
    ['an open parenthesis', 'CREATE TABLE t (a', 17, 17],
    ['what PostgreSQL has', 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a', 14, 38],
  ])('says where %s stands', (_, sql, start, end) => {
    expect(sqliteEngine.parse(sql)).toMatchObject({
      operations: [],
      problems: [{ kind: 'syntax', span: { start, end } }],
    });
  });

  test.each<[string, number | undefined]>([
    ['3.54.1', 3054],
    ['3.54', 3054],
    ['v3.8.11.1', 3008],
    ['17', 17_000],
    ['latest', undefined],
    ['3.x', undefined],
    ['', undefined],
  ])('reads the version %s', (text, version) => {
    expect(sqliteEngine.parseVersion(text)).toBe(version);
    if (version !== undefined) expect(sqliteEngine.parseVersion(sqliteEngine.formatVersion(version))).toBe(version);
  });

  test.each([
    ['users', 'users'],
    ['order', '"order"'],
    ['a b', '"a b"'],
    ['a"b', '"a""b"'],
    ['1a', '"1a"'],
    ['Users', 'Users'],
    ['', '""'],
  ])('quotes %s', (name, expected) => {
    expect(sqliteEngine.quoteName(name)).toBe(expected);
    expect(lower(`SELECT * FROM ${expected}`)).toMatchObject({ query: { reads: [{ relation: { name } }] } });
  });
});
