import { sqliteFold } from '../../server/engines/sqlite/fold.ts';
import { SQLITE } from '../../server/engines/sqlite/product.ts';
import { describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../server/engines/sqlite/engine.ts';
import { emptySchema, foldStatement } from '../../server/model/fold/fold.ts';
import { findIndex, findRelation, indexesOf, relationKeyOf } from '../../server/model/lookup.ts';
import type { Schema } from '../../server/model/schema.ts';

function fold(statements: readonly string[], schema: Schema = emptySchema(SQLITE, true)): Schema {
  return statements.reduce(
    (before, statement) =>
      foldStatement(
        sqliteFold,
        before,
        sqliteEngine.parse(statement).operations,
        { migration: 'm', fileIndex: 0 },
        sqliteEngine.defaultVersion,
      ),
    schema,
  );
}

describe('folding SQLite', () => {
  test('names are found whatever their case', () => {
    const schema = fold([
      'CREATE TABLE Users (Id INTEGER PRIMARY KEY, Email TEXT NOT NULL UNIQUE)',
      'ALTER TABLE USERS ADD COLUMN age INT',
      'ALTER TABLE users RENAME COLUMN EMAIL TO mail',
    ]);
    expect(findRelation(schema, { name: 'users' })?.columns.map((column) => [column.name, column.notNull])).toEqual([
      ['Id', false],
      ['mail', true],
      ['age', false],
    ]);
    expect(indexesOf(schema, relationKeyOf(schema, { name: 'uSERS' })).map((index) => index.name)).toEqual([
      'sqlite_autoindex_Users_1',
    ]);
  });

  test('statements that SQLite refuses change nothing', () => {
    const before = fold(['CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT UNIQUE)', 'CREATE INDEX i ON t (a)']);
    for (const statement of [
      'CREATE TABLE T (x)',
      'ALTER TABLE t ADD COLUMN A INT',
      'ALTER TABLE t ADD COLUMN c INT UNIQUE',
      'ALTER TABLE t DROP COLUMN a',
      'ALTER TABLE t DROP COLUMN b',
      'ALTER TABLE t DROP COLUMN id',
      'DROP TABLE missing',
      'CREATE INDEX I ON t (b)',
    ]) {
      expect(fold([statement], before), statement).toBe(before);
    }
  });

  test('a column that only an empty table takes is there', () => {
    const schema = fold([
      'CREATE TABLE t (a INT)',
      'ALTER TABLE t ADD COLUMN c INT NOT NULL',
      'ALTER TABLE t ADD COLUMN d INT AS (a) STORED',
    ]);
    expect(findRelation(schema, { name: 't' })?.columns.map((column) => column.name)).toEqual(['a', 'c', 'd']);
  });

  test("a table made anew under another name takes the old one's place", () => {
    const schema = fold([
      'CREATE TABLE p (id INTEGER PRIMARY KEY)',
      'CREATE TABLE t (id INTEGER PRIMARY KEY, p INT REFERENCES p)',
      'CREATE TABLE t_new (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p)',
      'INSERT INTO t_new SELECT * FROM t',
      'DROP TABLE t',
      'ALTER TABLE t_new RENAME TO t',
      'CREATE INDEX t_p ON t (p)',
    ]);
    expect(findRelation(schema, { name: 't' })?.columns[1]).toMatchObject({ name: 'p', notNull: true });
    expect(findRelation(schema, { name: 't_new' })).toBeUndefined();
    expect(findIndex(schema, { name: 't_p' })?.relationKey).toBe(relationKeyOf(schema, { name: 't' }));
  });

  test('dropping a table drops its indexes and leaves views and foreign keys', () => {
    const schema = fold([
      'CREATE TABLE p (id INTEGER PRIMARY KEY, a INT)',
      'CREATE INDEX i ON p (a)',
      'CREATE TABLE c (p INT REFERENCES p)',
      'CREATE VIEW v AS SELECT a FROM p',
      'DROP TABLE p',
    ]);
    expect(schema.indexes.size).toBe(0);
    expect([...schema.relations.values()].map((relation) => relation.name).sort()).toEqual(['c', 'v']);
  });

  test('a rollback to a savepoint gives back the schema', () => {
    const schema = fold(['CREATE TABLE a (x)', 'SAVEPOINT s', 'CREATE TABLE b (x)', 'ROLLBACK TO s', 'RELEASE s']);
    expect(schema.relations.size).toBe(1);
  });

  test('PRAGMA foreign_keys is known once it is set', () => {
    expect(emptySchema(SQLITE, true).session.foreignKeys).toBe('unknown');
    expect(fold(['PRAGMA foreign_keys = OFF']).session.foreignKeys).toBe(false);
  });
});
