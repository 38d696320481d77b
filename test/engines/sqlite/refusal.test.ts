import { describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import { sqliteRefusal } from '../../../server/engines/sqlite/refusal.ts';
import { errorOf, foldScript, openMemory, RUNNING_VERSION } from './database.ts';

const TABLES = `
  CREATE TABLE p (id INTEGER PRIMARY KEY, u TEXT UNIQUE, a, b CHECK (b > 0), c, g AS (a) VIRTUAL, h, i, j, k REFERENCES p (id), l, m, n NOT NULL DEFAULT 1, o, q, "Q r",
    CHECK (c <> 1), CONSTRAINT cc CHECK (o IS NOT 9), FOREIGN KEY (l) REFERENCES p (id), FOREIGN KEY (m, n) REFERENCES pair (x, y));
  CREATE TABLE pair (x, y, PRIMARY KEY (x, y));
  CREATE INDEX ih ON p (h); CREATE INDEX ii ON p (n) WHERE i > 0; CREATE INDEX ie ON p (lower("Q r"));
  CREATE VIEW v AS SELECT q FROM p; CREATE VIEW w AS SELECT * FROM p;
  CREATE TABLE s (a INT, b TEXT) STRICT; CREATE TABLE one (a);
  CREATE VIRTUAL TABLE f USING fts5 (a);`;

const ROWS =
  'INSERT INTO p (a, b, c, h, n) VALUES (1, 1, 2, 3, 4); INSERT INTO s VALUES (1, 2); INSERT INTO one VALUES (1);';

const STATEMENTS = [
  ...[
    'z',
    'z NOT NULL',
    'z NOT NULL DEFAULT NULL',
    'z NOT NULL DEFAULT 1',
    'z UNIQUE',
    'z PRIMARY KEY',
    'z DEFAULT CURRENT_TIMESTAMP',
    'z DEFAULT (1 + 1)',
    'z DEFAULT (random())',
    'z DEFAULT (-1)',
    'z DEFAULT -1',
    'z DEFAULT +1',
    'z DEFAULT (1)',
    "z DEFAULT ('x')",
    "z DEFAULT ('x' || 'y')",
    'z DEFAULT (NULL)',
    'z DEFAULT word',
    'z DEFAULT "word"',
    'z DEFAULT true',
    "z DEFAULT x'00'",
    'z DEFAULT (CAST(1 AS TEXT))',
    'z NOT NULL DEFAULT (NULL)',
    'z AS (a) STORED',
    'z AS (a) VIRTUAL',
    'z AS (b) NOT NULL',
    'z REFERENCES p DEFAULT 5',
    'z REFERENCES p DEFAULT NULL',
    'z REFERENCES p',
    'a',
    'A INTEGER',
    '"q R"',
  ].map((column) => `ALTER TABLE p ADD COLUMN ${column}`),
  ...['id', 'u', 'a', 'b', 'c', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'q', '"Q r"', 'J', '[j]', 'missing'].map(
    (column) => `ALTER TABLE p DROP COLUMN ${column}`,
  ),
  'ALTER TABLE s ADD COLUMN z TEXT',
  'ALTER TABLE s DROP COLUMN b',
  'ALTER TABLE one DROP COLUMN a',
  'ALTER TABLE v ADD COLUMN z',
  'ALTER TABLE v RENAME TO v2',
  'ALTER TABLE f ADD COLUMN z',
  'ALTER TABLE f RENAME COLUMN a TO z',
  'ALTER TABLE f RENAME TO f2',
  'ALTER TABLE P RENAME COLUMN a TO z',
  `CREATE TABLE wide (${Array.from({ length: 2000 }, (_, index) => `c${index}`).join(', ')})`,
  `CREATE TABLE wide (${Array.from({ length: 2001 }, (_, index) => `c${index}`).join(', ')})`,
];

describe('what SQLite refuses', () => {
  describe.each([{ foreignKeys: false }, { foreignKeys: true }])(
    'with foreign keys $foreignKeys',
    ({ foreignKeys }) => {
      test.each(STATEMENTS)('%s', (sql) => {
        const schema = foldScript(`PRAGMA foreign_keys = ${foreignKeys ? 'ON' : 'OFF'};${TABLES}`);
        const [operation] = sqliteEngine.parse(sql).operations;
        if (operation === undefined) throw new Error('not read');
        const refusal = sqliteRefusal(operation, schema, RUNNING_VERSION);
        const outcome = (rows: string): string | undefined => {
          const database = openMemory(foreignKeys);
          try {
            expect(errorOf(database, TABLES + rows)).toBeUndefined();
            return errorOf(database, sql);
          } finally {
            database.close();
          }
        };
        const [empty, filled] = [outcome(''), outcome(ROWS)];
        const expected = empty !== undefined ? 'always' : filled !== undefined ? 'if-rows' : undefined;
        expect({ when: refusal?.when, error: filled }).toEqual({ when: expected, error: filled });
        if (refusal !== undefined) expect(sql.slice(refusal.span.start, refusal.span.end)).not.toBe('');
      });
    },
  );

  test.each<[string, number, string | undefined]>([
    ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', 3052, 'ALTER COLUMN ... SET NOT NULL'],
    ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', 3053, undefined],
    ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', 3052, 'ALTER TABLE ... ADD CONSTRAINT'],
    ['ALTER TABLE t DROP CONSTRAINT c', 3045, 'ALTER TABLE ... DROP CONSTRAINT'],
    ['ALTER TABLE t DROP COLUMN a', 3034, 'ALTER TABLE ... DROP COLUMN'],
    ['ALTER TABLE t DROP COLUMN a', 3035, undefined],
    ['ALTER TABLE t RENAME COLUMN a TO b', 3024, 'ALTER TABLE ... RENAME COLUMN'],
    ['CREATE TABLE t (a INT) STRICT', 3036, 'STRICT tables'],
    ['CREATE TABLE t (a INT) STRICT', 3037, undefined],
    ['CREATE TABLE t (a INT, b AS (a))', 3030, 'generated columns'],
    ['INSERT INTO t VALUES (1) RETURNING a', 3034, 'RETURNING'],
    ['DELETE FROM t RETURNING a', 3034, 'RETURNING'],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', 3023, 'ON CONFLICT clauses of INSERT'],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', 3024, undefined],
    ['UPDATE t SET a = u.a FROM u', 3032, 'UPDATE ... FROM'],
    ["SELECT a ->> '$.b' FROM t", 3037, 'the -> and ->> operators'],
    ['SELECT 1_000', 3045, 'underscores in numbers'],
    ['SELECT * FROM t RIGHT JOIN u ON t.a = u.a', 3038, 'RIGHT and FULL joins'],
    ['SELECT * FROM t LEFT JOIN u ON t.a = u.a', 3008, undefined],
    ['SELECT a IS NOT DISTINCT FROM b FROM t', 3038, 'IS DISTINCT FROM'],
    ['SELECT a IS NOT b FROM t', 3038, undefined],
    ['ALTER TABLE t ADD COLUMN b', 3000, undefined],
  ])('%s needs more than %i: %s', (sql, version, feature) => {
    const [operation] = sqliteEngine.parse(sql).operations;
    if (operation === undefined) throw new Error('not read');
    const message = sqliteRefusal(operation, sqliteEngine.emptySchema(false), version)?.message;
    if (feature === undefined) expect(message).toBeUndefined();
    else expect(message).toContain(` does not know ${feature}, `);
  });
});
