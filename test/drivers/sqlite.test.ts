import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { connectOptions } from '../../server/application/connect-options.ts';
import { openConnection } from '../../server/drivers/connect.ts';
import { DatabaseError, type Connection } from '../../server/drivers/driver.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { objectKey } from '../../server/model/names.ts';

/** A folder of its own, and sessions on one file in it. */
async function scratch(): Promise<
  AsyncDisposable & { readonly file: string; open(readOnly?: boolean, make?: boolean): Promise<Connection> }
> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-driver-'));
  const file = path.join(folder, 'app.db');
  const { sqlite } = await loadEngines();
  return {
    file,
    open: (readOnly = false, make = true) =>
      openConnection(
        { dialect: 'sqlite', url: file, label: 'app.db', secrets: [] },
        connectOptions(sqlite, { readOnly, createIfMissing: make }),
      ),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kind of the failure that work ends in. */
async function failureOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof DatabaseError) return cause.failure.kind;
    throw cause;
  }
  return 'none';
}

test('a session makes the file only where it may, and writes only where it may', async () => {
  await using place = await scratch();
  expect(await failureOf(() => place.open(false, false))).toBe('missing');
  expect(existsSync(place.file)).toBe(false);
  {
    await using connection = await place.open();
    await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT DEFAULT 'a')");
    expect(await connection.query('SELECT ?1 AS given', ['x'])).toEqual([{ given: 'x' }]);
  }
  await using reader = await place.open(true);
  expect(await failureOf(() => reader.execute('INSERT INTO t DEFAULT VALUES'))).not.toBe('none');
  const table = (await reader.catalog()).relations.get(objectKey('main', 't'));
  expect(table?.columns.map(({ name, notNull }) => ({ name, notNull }))).toEqual([
    { name: 'id', notNull: false },
    { name: 'word', notNull: false },
  ]);
});

test('a path whose folder is missing is not said to be made by a run', async () => {
  const { sqlite } = await loadEngines();
  const options = connectOptions(sqlite, { readOnly: false, createIfMissing: true });
  const url = path.join(tmpdir(), 'lockstep-no-such-folder', 'app.db');
  await expect(openConnection({ dialect: 'sqlite', url, label: 'data/app.db', secrets: [] }, options)).rejects.toThrow(
    'The folder of data/app.db does not exist: correct the path, or create the folder.',
  );
});

test.each([true, false])(
  'a file that another program commits to is opened, and read when it is free',
  async (readOnly) => {
    await using place = await scratch();
    const other = new Database(place.file);
    other.exec('CREATE TABLE t (id INTEGER); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)');
    await using connection = await place.open(readOnly, false);
    const freed = setTimeout(200).then(() => other.exec('COMMIT'));
    expect(await connection.query('SELECT count(*) AS rows FROM t')).toEqual([{ rows: 1 }]);
    await freed;
    other.close();
  },
);

test.skipIf(process.platform === 'win32')('a pipe is refused, and nobody waits for who would write to it', async () => {
  await using place = await scratch();
  execFileSync('mkfifo', [place.file]);
  await expect(place.open()).rejects.toThrow('app.db is no ordinary file: name the database file.');
});

test('a transaction is told as it stands, and a rollback leaves nothing', async () => {
  await using place = await scratch();
  await using connection = await place.open();
  expect(connection.transactionState()).toBe('none');
  await connection.begin();
  await connection.execute('CREATE TABLE t (id INTEGER)');
  expect(connection.transactionState()).toBe('open');
  await connection.rollback();
  expect(connection.transactionState()).toBe('none');
  expect((await connection.catalog()).relations.get(objectKey('main', 't'))).toBeUndefined();
  expect(await failureOf(() => connection.execute('SELECT * FROM t'))).toBe('statement');
});

test.each(['delete', 'wal'])('what is read together is of one moment, journal %s', async (journal) => {
  await using place = await scratch();
  const other = new Database(place.file, { timeout: 0 });
  other.pragma(`journal_mode = ${journal}`);
  other.exec('CREATE TABLE t (id INTEGER); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)');
  await using connection = await place.open(true, false);
  const freed = setTimeout(200).then(() => other.exec('COMMIT'));
  if (journal === 'wal') await freed;
  const count = async (): Promise<unknown> => (await connection.query('SELECT count(*) AS rows FROM t'))[0]?.['rows'];
  const seen = await connection.reading(async () => {
    // A writer that held the file was waited for.
    const before = await count();
    try {
      other.exec('INSERT INTO t VALUES (2)');
    } catch {
      // Without a log it waits for its readers.
    }
    return [before, await count()];
  });
  expect(seen).toEqual([1, 1]);
  expect(connection.transactionState()).toBe('none');
  await freed;
  other.exec('INSERT INTO t VALUES (3)');
  expect(await count()).toBe(journal === 'wal' ? 3 : 2);
  other.close();
});

test('one session holds the migration lock at a time, and the next gets it after', async () => {
  await using place = await scratch();
  await using first = await place.open();
  await using second = await place.open();
  {
    await using _lock = await first.lockMigrations(1n, 1000);
    expect(await failureOf(() => second.lockMigrations(1n, 50))).toBe('locked');
    expect(await second.isMigrationLockHeld(1n)).toBe(true);
  }
  expect(await second.isMigrationLockHeld(1n)).toBe(false);
  await using lock = await second.lockMigrations(1n, 1000);
  expect(lock).toBeDefined();
});

test('questions asked at once are answered each with its own rows, failures among them', async () => {
  await using place = await scratch();
  await using connection = await place.open();
  // The lock moves the session into a process of its own.
  await using _lock = await connection.lockMigrations(1n, 1000);
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      connection.query(index === 7 ? 'SELECT nothing' : `SELECT ${index} AS it`),
    ),
  );
  expect(asked.map((each) => (each.status === 'fulfilled' ? each.value[0]?.['it'] : 'failed'))).toEqual(
    Array.from({ length: 20 }, (_, index) => (index === 7 ? 'failed' : index)),
  );
});

test.each(['in this process', 'in its own'])(
  'nothing is done after a failure of what is asked for together, and the piece that was refused is told, %s',
  async (where) => {
    await using place = await scratch();
    await using connection = await place.open();
    await connection.execute('CREATE TABLE t (id INTEGER PRIMARY KEY)');
    await using _lock = where === 'in its own' ? await connection.lockMigrations(1n, 1000) : undefined;
    const rows = async (): Promise<unknown> => (await connection.query('SELECT count(*) AS rows FROM t'))[0]?.['rows'];
    const insert = (id: number): string => `INSERT INTO t VALUES (${id})`;

    await connection.beginWork(100);
    await expect(connection.executeAll([insert(1), insert(1), insert(2)])).rejects.toMatchObject({ piece: 1 });
    expect(await rows()).toBe(1);
    expect(connection.transactionState()).toBe('open');
    await connection.rollback();

    // A row of the history that is there already keeps the work out.
    await connection.execute(insert(1));
    await connection.beginWork(100);
    const [row, work] = await connection.together(() =>
      Promise.allSettled([connection.query(insert(1)), connection.executeAll([insert(2)])]),
    );
    expect([row.status, work.status]).toEqual(['rejected', 'rejected']);
    expect(connection.transactionState()).toBe('open');
    await connection.rollback();
    expect(await rows()).toBe(1);

    await connection.beginWork(100);
    await connection.executeAll([insert(2)]);
    expect(await connection.endWork(100)).toBeDefined();
    expect(connection.transactionState()).toBe('open');
    await connection.rollback();
    expect(await rows()).toBe(2);
  },
);

test.each([
  ['PRAGMA foreign_keys = ON', 'SELECT foreign_keys AS value FROM pragma_foreign_keys', 0],
  ['CREATE TEMP TABLE t (id INTEGER)', 'SELECT count(*) AS value FROM temp.sqlite_schema', 0],
  ["ATTACH ':memory:' AS other", 'SELECT count(*) AS value FROM pragma_database_list', 1],
])('after "%s" a session is as it was opened', async (sql, question, value) => {
  await using place = await scratch();
  await using connection = await place.open();
  const now = async (): Promise<unknown> => (await connection.query(question))[0]?.['value'];
  await connection.execute(sql);
  expect(await now()).not.toBe(value);
  await connection.resetSession();
  expect(await now()).toBe(value);
});

test("a migration's limit ends with its transaction", async () => {
  await using place = await scratch();
  await using connection = await place.open();
  const limit = async (): Promise<unknown> =>
    (await connection.query('SELECT timeout FROM pragma_busy_timeout'))[0]?.['timeout'];
  expect(await connection.beginWork(1_234)).toBeDefined();
  expect(await limit()).toBe(1_234);
  await connection.commit();
  expect(await limit()).toBe(0);
});
