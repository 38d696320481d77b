import Database from 'better-sqlite3';
import { expect, test } from 'vitest';

const TABLES =
  'CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE); INSERT INTO users VALUES (1); INSERT INTO orders VALUES (1, 1);';

/** Orders that are left when the table that they refer to is dropped by a script. */
function ordersAfter(script: string): unknown {
  const database = new Database(':memory:');
  try {
    database.pragma('foreign_keys = ON');
    database.exec(TABLES);
    database.exec(script);
    return database.prepare('SELECT count(*) FROM orders').pluck().get();
  } finally {
    database.close();
  }
}

test("the rule's claim on a real database: inside a transaction the pragma does nothing and the drop empties referring tables", () => {
  expect(ordersAfter('BEGIN; PRAGMA foreign_keys = OFF; DROP TABLE users; COMMIT;')).toBe(0);
});

test("the rule's remedy on a real database: before the transaction it keeps their rows", () => {
  expect(ordersAfter('PRAGMA foreign_keys = OFF; BEGIN; DROP TABLE users; COMMIT;')).toBe(1);
});
