import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type Database from 'better-sqlite3';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import { rebuildTable, type RebuildOptions } from '../../../server/engines/sqlite/rebuild.ts';
import type { Constraint, Relation } from '../../../server/model/schema.ts';
import { catalogOf, errorOf, foldScript, openMemory } from './database.ts';

const SETUP = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
  CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT COLLATE NOCASE, age INT DEFAULT (1 + 1) CHECK (age > 0), boss REFERENCES users (id) ON DELETE SET NULL,
    domain TEXT AS (substr(email, instr(email, '@') + 1)) VIRTUAL, twice INT AS (age * 2) STORED, parent INT, note TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none',
    CONSTRAINT mail UNIQUE (email COLLATE RTRIM) ON CONFLICT IGNORE, CHECK (length(email) < 100));
  CREATE UNIQUE INDEX users_domain ON users (domain, lower(email) DESC) WHERE age > 1;
  CREATE INDEX users_age ON users (age);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user INT NOT NULL REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE log (line TEXT);
  CREATE VIEW adults AS SELECT id, email FROM users WHERE age > 17;
  CREATE VIEW few AS SELECT * FROM adults LIMIT 3;
  CREATE TRIGGER users_log AFTER UPDATE OF email ON users BEGIN INSERT INTO log VALUES (CASE WHEN NEW.email THEN 'a' END || ';'); END;
  CREATE TRIGGER orders_log AFTER INSERT ON orders BEGIN UPDATE users SET age = age + 1 WHERE id = NEW.user; END;`;

const ROWS = `
  INSERT INTO parents VALUES (1, 'one'), (2, 'two');
  INSERT INTO users (id, email, age, boss, parent) VALUES (1, 'a@x.org', 20, NULL, 1), (2, 'b@y.org', 30, 1, 2), (7, 'c@z.org', NULL, 2, NULL), (40, 'd@z.org', 5, 1, 1);
  DELETE FROM users WHERE id = 40;
  INSERT INTO orders VALUES (1, 1), (2, 7);`;

let database: Database.Database;

beforeEach(() => {
  database = openMemory(true);
  expect(errorOf(database, SETUP + ROWS)).toBeUndefined();
});

afterEach(() => {
  database.close();
});

function all(sql: string): readonly unknown[] {
  return database.prepare(sql).all();
}

function plan(edit: (table: Relation) => Relation, options?: RebuildOptions): readonly string[] {
  const rebuild = rebuildTable(foldScript(SETUP), { name: 'Users' }, edit, options);
  if (rebuild.kind === 'refused') throw new Error(rebuild.reason);
  return rebuild.script;
}

const SHARED = {
  validated: true,
  enforced: true,
  deferrable: false,
  initiallyDeferred: false,
  noInherit: false,
  isLocal: true,
  origin: { fileIndex: 0 },
};
const FOREIGN_KEY: Constraint = {
  ...SHARED,
  kind: 'foreign-key',
  name: 'users_parent',
  columns: ['parent'],
  references: { key: 'main\u0000parents', schema: 'main', name: 'parents', columns: ['id'] },
};

const withNotNull = (table: Relation): Relation => ({
  ...table,
  columns: table.columns.map((column) => (column.name === 'age' ? { ...column, notNull: true } : column)),
});

describe('rebuild', () => {
  test('without a change keeps rows, counter, indexes, triggers, views and foreign keys', async () => {
    const objects =
      "SELECT type, name, tbl_name FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY type, name";
    const tables = ['users', 'orders', 'parents', 'few', 'adults', 'log', 'sqlite_sequence'];
    const facts = (): unknown => ({
      objects: all(objects),
      rows: tables.map((table) => all(`SELECT * FROM ${table} ORDER BY 1`)),
      columns: all('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(\'users\')'),
      foreignKeys: [
        ...all("SELECT * FROM pragma_foreign_key_list('users')"),
        ...all("SELECT * FROM pragma_foreign_key_list('orders')"),
      ],
      indexes: all(
        'SELECT l."unique", l.origin, l.partial, x.name, x.coll, x.desc FROM pragma_index_list(\'users\') AS l, pragma_index_xinfo(l.name) AS x ORDER BY l.name, x.seqno',
      ),
      others: all(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'view' OR name IN ('orders', 'parents', 'orders_log', 'users_log') ORDER BY name",
      ),
    });
    const before = facts();
    expect(errorOf(database, plan((table) => table).join('\n'))).toBeUndefined();
    expect(facts()).toEqual(before);
    expect(all('PRAGMA foreign_key_check')).toEqual([]);
    expect(all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(database.pragma('legacy_alter_table', { simple: true })).toBe(0);
    expect(all('SELECT name FROM temp.sqlite_master')).toEqual([]);
    const users = (await catalogOf(database)).relations.get('main\u0000users');
    const folded = foldScript(SETUP).relations.get('main\u0000users');
    expect(
      users?.constraints
        .map((constraint) => ({ ...constraint, expression: constraint.expression?.text, origin: 0 }))
        .sort(byText),
    ).toEqual(
      folded?.constraints
        .map((constraint) => ({ ...constraint, expression: constraint.expression?.text, origin: 0 }))
        .sort(byText),
    );
  });

  test('makes a column NOT NULL, filling it from what stands there', () => {
    expect(errorOf(database, plan(withNotNull, { values: { age: 'coalesce(age, 1)' } }).join('\n'))).toBeUndefined();
    expect(all('SELECT id, age FROM users ORDER BY id')).toEqual([
      { id: 1, age: 21 },
      { id: 2, age: 30 },
      { id: 7, age: 1 },
    ]);
    expect(errorOf(database, 'UPDATE users SET age = NULL')).toContain('NOT NULL constraint failed: users.age');
    expect(errorOf(database, "INSERT INTO users (email) VALUES ('new@x.org')")).toBeUndefined();
    expect(all('SELECT max(id) AS id FROM users')).toEqual([{ id: 41 }]);
  });

  test('adds a foreign key, and takes rows that keep it', () => {
    expect(
      errorOf(database, plan((table) => ({ ...table, constraints: [...table.constraints, FOREIGN_KEY] })).join('\n')),
    ).toBeUndefined();
    expect(errorOf(database, 'UPDATE users SET parent = 99')).toBe('FOREIGN KEY constraint failed');
  });

  test('changes nothing where a row breaks the new foreign key', () => {
    database.exec('UPDATE users SET parent = 99 WHERE id = 2');
    const before = all('SELECT * FROM users');
    const script = plan((table) => ({ ...table, constraints: [...table.constraints, FOREIGN_KEY] }));
    expect(errorOf(database, script.join('\n'))).toBe('CHECK constraint failed: no_foreign_key_broken');
    database.exec('ROLLBACK');
    expect(all('SELECT * FROM users')).toEqual(before);
    expect(all("SELECT name FROM sqlite_schema WHERE name LIKE 'lockstep%'")).toEqual([]);
  });

  test('changes nothing where a row breaks the new NOT NULL', () => {
    expect(errorOf(database, plan(withNotNull).join('\n'))).toContain('NOT NULL constraint failed');
    database.exec('ROLLBACK');
    expect(all('SELECT count(*) AS count FROM users')).toEqual([{ count: 3 }]);
  });

  test('changes nothing where a conflict clause would lose a row', () => {
    database.exec("DROP INDEX users_domain; UPDATE users SET note = 'same'");
    const schema = foldScript('DROP INDEX users_domain', foldScript(SETUP));
    const constraint: Constraint = { ...SHARED, kind: 'unique', name: '', columns: ['note'], onConflict: 'IGNORE' };
    const rebuild = rebuildTable(schema, { name: 'users' }, (table) => ({
      ...table,
      constraints: [...table.constraints, constraint],
    }));
    expect(rebuild.kind === 'planned' ? errorOf(database, rebuild.script.join('\n')) : rebuild.reason).toBe(
      'CHECK constraint failed: no_row_lost',
    );
    database.exec('ROLLBACK');
    expect(all('SELECT count(*) AS count FROM users')).toEqual([{ count: 3 }]);
  });

  test('renames, drops and adds columns', () => {
    const script = plan(
      (table) => ({
        ...table,
        columns: table.columns.flatMap((column) =>
          column.name === 'parent'
            ? [
                { ...column, name: 'ancestor' },
                {
                  ...column,
                  name: 'fresh',
                  default: { text: "'new'", span: { start: 0, end: 0 }, tree: { kind: 'literal', value: 'new' } },
                },
              ]
            : column.name === 'twice'
              ? []
              : [column],
        ),
      }),
      { values: { ancestor: 'parent' } },
    );
    expect(errorOf(database, script.join('\n'))).toBeUndefined();
    expect(all('SELECT ancestor, fresh FROM users ORDER BY id')).toEqual([
      { ancestor: 1, fresh: 'new' },
      { ancestor: 2, fresh: 'new' },
      { ancestor: null, fresh: 'new' },
    ]);
  });

  test('keeps rowids, STRICT and WITHOUT ROWID', () => {
    const setup =
      'CREATE TABLE r (a TEXT) STRICT; CREATE TABLE w (a INT, b ANY, PRIMARY KEY (b, a DESC)) WITHOUT ROWID, STRICT;';
    database.exec(
      `${setup} INSERT INTO r (rowid, a) VALUES (5, 'x'), (9, 'y'); INSERT INTO w VALUES (1, 2), (3, 'z');`,
    );
    const rows = (): unknown => [
      all('SELECT rowid, * FROM r'),
      all('SELECT * FROM w'),
      all("SELECT name, wr, strict FROM pragma_table_list WHERE name IN ('r', 'w')"),
      all("SELECT name, desc FROM pragma_index_xinfo('sqlite_autoindex_w_1')"),
    ];
    const before = rows();
    for (const name of ['r', 'w']) {
      const rebuild = rebuildTable(foldScript(setup), { name }, (table) => table);
      expect(
        rebuild.kind === 'planned' ? errorOf(database, rebuild.script.join('\n')) : rebuild.reason,
      ).toBeUndefined();
    }
    expect(rows()).toEqual(before);
  });

  test('works from a catalog, and keeps no trace of the order of columns', async () => {
    const rebuild = rebuildTable(await catalogOf(database), { name: 'users' }, (table) => ({
      ...table,
      columns: [...table.columns].reverse(),
    }));
    expect(rebuild.kind === 'planned' ? errorOf(database, rebuild.script.join('\n')) : rebuild.reason).toBeUndefined();
    expect(all('SELECT email FROM few')).toEqual([{ email: 'a@x.org' }, { email: 'b@y.org' }]);
  });

  test.each<[string, string, string, (table: Relation) => Relation]>([
    ['an unknown table', 'CREATE TABLE other (a)', 'The table users is not known', (table) => table],
    ['a virtual table', 'CREATE VIRTUAL TABLE users USING fts5 (a)', 'virtual table', (table) => table],
    [
      'an index on a column that goes',
      'CREATE TABLE users (a, b); CREATE INDEX i ON users (b)',
      'The index i uses b',
      (table) => ({ ...table, columns: table.columns.slice(0, 1) }),
    ],
    [
      'a trigger on a column that goes',
      'CREATE TABLE users (a, b); CREATE TRIGGER r AFTER UPDATE OF b ON users BEGIN SELECT 1; END',
      'The trigger r watches b',
      (table) => ({ ...table, columns: table.columns.slice(0, 1) }),
    ],
    [
      "a trigger older than a column's name",
      'CREATE TABLE users (a, b); CREATE TRIGGER r AFTER INSERT ON users BEGIN SELECT NEW.b; END; ALTER TABLE users RENAME COLUMN b TO c',
      'trigger r is not known as it is now',
      (table) => table,
    ],
    [
      "a trigger older than its table's name",
      'CREATE TABLE u (a); CREATE TRIGGER r AFTER INSERT ON u BEGIN SELECT 1; END; ALTER TABLE u RENAME TO users',
      'trigger r is not known as it is now',
      (table) => table,
    ],
    [
      "a trigger older than another table's name",
      'CREATE TABLE users (a); CREATE TABLE o (a); CREATE TRIGGER r AFTER INSERT ON users BEGIN DELETE FROM o; END; ALTER TABLE o RENAME TO p',
      'trigger r is not known as it is now',
      (table) => table,
    ],
  ])('is refused for %s', (_, sql, reason, edit) => {
    const rebuild = rebuildTable(foldScript(sql), { name: 'users' }, edit);
    expect(rebuild.kind === 'refused' ? rebuild.reason : undefined).toContain(reason);
  });

  test('is read by the parser whole', () => {
    for (const statement of plan((table) => table)) {
      const pieces = sqliteEngine.split(statement, { start: 0, end: statement.length });
      expect(pieces).toHaveLength(1);
      expect(sqliteEngine.parse(pieces[0]?.text ?? '').problems).toEqual([]);
    }
  });
});

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
