import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { sqliteDoubleQuotedText } from '../../server/rules/sqlite-double-quoted-text.ts';
import { sqliteKeyType } from '../../server/rules/sqlite-key-type.ts';
import { sqliteRebuildDeletes } from '../../server/rules/sqlite-rebuild-deletes.ts';
import { sqliteRebuildLoss } from '../../server/rules/sqlite-rebuild-loss.ts';
import { sqliteRebuildNull } from '../../server/rules/sqlite-rebuild-null.ts';
import { sqliteRebuildOrder } from '../../server/rules/sqlite-rebuild-order.ts';
import type { Rule, RuleExample } from '../../server/rules/rule.ts';
import { unmark } from '../support/rule-check.ts';

/** What the rules about SQLite say happens, on a real database: their own examples are run on filled tables. */
function run<Result>(
  example: RuleExample,
  rows: readonly string[],
  ask: (database: Database.Database, error: string | undefined) => Result,
  foreignKeys: 'ON' | 'OFF' = 'ON',
): Result {
  const database = new Database(':memory:');
  try {
    database.pragma(`foreign_keys = ${foreignKeys}`);
    for (const sql of [...(example.before ?? []), ...rows]) database.exec(sql);
    const { text } = unmark(example.sql);
    const isWrapped = !text.includes('no-transaction');
    let error: string | undefined;
    try {
      database.exec(isWrapped ? `BEGIN;\n${text}\nCOMMIT;` : text);
    } catch (cause) {
      error = cause instanceof Error ? cause.message : 'failed';
      if (database.inTransaction) database.exec('ROLLBACK');
    }
    return ask(database, error);
  } finally {
    database.close();
  }
}

function example(rule: Rule, kind: 'bad' | 'good', index = 0): RuleExample {
  const found = rule[kind][index];
  if (found === undefined) throw new Error(`${rule.code} has no ${kind} example ${index}`);
  return found;
}

/** Error of a statement; undefined where it works. */
function errorOf(database: Database.Database, sql: string): string | undefined {
  try {
    database.exec(sql);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : 'failed';
  }
}

const names = (database: Database.Database, type: string): unknown =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = ? AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .pluck()
    .all(type);

test('sqlite-rebuild-order: writes to a table that refers to the old copy fail, and go on with the right order', () => {
  const rows = ['INSERT INTO users VALUES (1)', 'INSERT INTO orders VALUES (1, 1)'];
  const insert = 'PRAGMA foreign_keys = ON; INSERT INTO orders VALUES (2, 1)';
  expect(
    run(example(sqliteRebuildOrder, 'bad'), rows, (database, error) => error ?? errorOf(database, insert), 'OFF'),
  ).toContain('users_old');
  // With foreign keys on, the drop itself is refused.
  expect(run(example(sqliteRebuildOrder, 'bad'), rows, (_database, error) => error)).toContain(
    'FOREIGN KEY constraint failed',
  );
  expect(
    run(example(sqliteRebuildOrder, 'good'), rows, (database, error) => error ?? errorOf(database, insert)),
  ).toBeUndefined();
});

test('sqlite-rebuild-order: a table that is rebuilt behind the one that it refers to, and old names that stay, lose nothing', () => {
  const rows = ['INSERT INTO users VALUES (1)', 'INSERT INTO orders VALUES (1, 1)'];
  const insert = 'PRAGMA foreign_keys = ON; INSERT INTO orders VALUES (2, 1)';
  const answer = (each: RuleExample): unknown =>
    run(each, rows, (database, error) => error ?? errorOf(database, insert), 'OFF');
  expect(answer(example(sqliteRebuildOrder, 'good', 1))).toBeUndefined();
  expect(answer(example(sqliteRebuildOrder, 'good', 2))).toBeUndefined();
});

test('sqlite-rebuild-loss: the new primary key finds what the old index found', () => {
  const plan = run(
    example(sqliteRebuildLoss, 'good', 1),
    ['INSERT INTO members VALUES (1, 1)'],
    (database, error) => error ?? database.prepare('EXPLAIN QUERY PLAN SELECT * FROM members WHERE club = 1').all(),
  );
  expect(plan).toEqual([
    expect.objectContaining({ detail: expect.stringContaining('SEARCH members USING') as unknown }),
  ]);
});

test('sqlite-rebuild-loss: the index and the trigger are gone, and come back where they are made again', () => {
  const rows = ["INSERT INTO users VALUES (1, 'a')"];
  const left = (database: Database.Database, error: string | undefined): unknown =>
    error ?? [names(database, 'index'), names(database, 'trigger')];
  expect(run(example(sqliteRebuildLoss, 'bad'), rows, left)).toEqual([[], []]);
  expect(run(example(sqliteRebuildLoss, 'good'), rows, left)).toEqual([['users_email'], ['users_touch']]);
});

test('sqlite-rebuild-loss: CREATE TABLE AS keeps neither key nor NOT NULL', () => {
  const info = run(
    example(sqliteRebuildLoss, 'bad', 1),
    ["INSERT INTO users VALUES (1, 'a')"],
    (database, error) =>
      error ?? database.prepare('SELECT name, "notnull" AS required, pk FROM pragma_table_info(\'users\')').all(),
  );
  expect(info).toEqual([
    { name: 'id', required: 0, pk: 0 },
    { name: 'email', required: 0, pk: 0 },
  ]);
});

test('sqlite-rebuild-deletes: the rows of the referring table are gone, and stay with foreign keys off', () => {
  const rows = ['INSERT INTO users VALUES (1)', 'INSERT INTO orders VALUES (1, 1)'];
  const count = (database: Database.Database, error: string | undefined): unknown =>
    error ?? database.prepare('SELECT count(*) FROM orders').pluck().get();
  expect(run(example(sqliteRebuildDeletes, 'bad'), rows, count)).toBe(0);
  expect(run(example(sqliteRebuildDeletes, 'good'), rows, count)).toBe(1);
});

test('sqlite-rebuild-null: the first empty value stops the migration, and does not with coalesce, a condition or a fill', () => {
  const rows = ["INSERT INTO users (id, email) VALUES (1, 'a')", 'INSERT INTO users (id, email) VALUES (2, NULL)'];
  for (let index = 0; index < sqliteRebuildNull.bad.length; index++)
    expect(run(example(sqliteRebuildNull, 'bad', index), rows, (_database, error) => error)).toContain(
      'NOT NULL constraint failed',
    );
  for (let index = 0; index < sqliteRebuildNull.good.length; index++)
    expect(run(example(sqliteRebuildNull, 'good', index), rows, (_database, error) => error)).toBeUndefined();
});

test('sqlite-key-type: a key that is not INTEGER takes NULL, any number of times, and is filled in where it is INTEGER', () => {
  const insert = 'INSERT INTO users (id) VALUES (NULL); INSERT INTO users (id) VALUES (NULL);';
  const keys = (database: Database.Database, error: string | undefined): unknown =>
    error ?? errorOf(database, insert) ?? database.prepare('SELECT id FROM users').pluck().all();
  expect(run(example(sqliteKeyType, 'bad'), [], keys)).toEqual([null, null]);
  expect(run(example(sqliteKeyType, 'good'), [], keys)).toEqual([1, 2]);
});

test('sqlite-double-quoted-text: a default in double quotes is taken for a text, if it is taken at all', () => {
  const value = run(
    example(sqliteDoubleQuotedText, 'bad'),
    [],
    (database, error) =>
      error ??
      errorOf(database, 'INSERT INTO users (id) VALUES (1)') ??
      database.prepare('SELECT status FROM users').pluck().get(),
  );
  expect(value === 'new' || /no such column|default value/.test(String(value))).toBe(true);
});
