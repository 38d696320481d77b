import { beforeAll, expect, test } from 'vitest';
import { stepLockWords } from '../../server/analysis/impact.ts';
import { stepLocks } from '../../server/analysis/step-locks.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

function wordsOf(id: 'postgresql' | 'sqlite', version: number, before: string, ...steps: readonly string[]): unknown {
  const engine = engines[id];
  const target = { version, timeZone: 'UTC' };
  const { operations } = engine.parse(before);
  const schema = engine.fold(engine.emptySchema(true), operations, { fileIndex: 0 }, target);
  return stepLocks(
    steps.map((up) => ({ up })),
    schema,
    { engine, target },
  ).map((locks) => locks.map(stepLockWords));
}

test("SQLite's one lock is told once, and a table that the step makes keeps nobody waiting", () => {
  const rebuild =
    'CREATE TABLE lockstep_new_users (id INTEGER PRIMARY KEY, email TEXT NOT NULL); INSERT INTO lockstep_new_users SELECT id, email FROM users; DROP TABLE users; ALTER TABLE lockstep_new_users RENAME TO users;';
  expect(wordsOf('sqlite', 3.5, 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)', rebuild)).toEqual([
    ['write lock on the database: writes wait'],
  ]);
});

test('on PostgreSQL each table in use is told, and a new one is not', () => {
  expect(
    wordsOf(
      'postgresql',
      17,
      'CREATE TABLE users (id bigint PRIMARY KEY)',
      'CREATE TABLE notes (id bigint); ALTER TABLE notes ADD CHECK (id > 0); ALTER TABLE users ADD COLUMN name text;',
      'ALTER TABLE notes ADD COLUMN text text;',
    ),
  ).toEqual([
    ['ACCESS EXCLUSIVE on public.users: reads and writes wait'],
    ['ACCESS EXCLUSIVE on public.notes: reads and writes wait'],
  ]);
});
