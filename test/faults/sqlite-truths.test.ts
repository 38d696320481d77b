import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { runProject, type RunProject } from '../support/run-project.ts';

/** On SQLite: what a run says of the database is asserted against the database. */
const URL = 'sqlite:app.db';
const CONFIG = { 'lockstep.jsonc': '{ "dialect": "sqlite" }' };
const NO_TRANSACTION = '-- lockstep: no-transaction\n';
/** As goose says it. */
const BARE = '-- +goose NO TRANSACTION\n';
const DOWN = { direction: 'down', extent: { kind: 'next' } } as const;
/** Long enough to be in the middle of it, and ended long before it would be over. */
const SLOW =
  'INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) SELECT max(i) FROM n;\n';

function ask(project: RunProject, sql: string): readonly unknown[] {
  const database = new Database(path.join(project.folder, 'app.db'));
  try {
    return database.prepare(sql).pluck().all();
  } finally {
    database.close();
  }
}

describe.each(['delete', 'wal'])('journal %s', (journal) => {
  async function scene(files: Readonly<Record<string, string>>): Promise<RunProject> {
    const project = await runProject({ ...CONFIG, ...files });
    const database = new Database(path.join(project.folder, 'app.db'));
    database.pragma(`journal_mode = ${journal}`);
    database.close();
    return project;
  }

  test('a pragma that one migration leaves on does not make the next one delete rows', async () => {
    using project = await scene({
      'migrations/0001_tables.up.sql':
        'CREATE TABLE parent (id INTEGER PRIMARY KEY);\nCREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent ON DELETE CASCADE);\nINSERT INTO parent VALUES (1), (2);\nINSERT INTO child VALUES (1, 1), (2, 2);\n',
      'migrations/0002_keys.up.sql': `${NO_TRANSACTION}PRAGMA foreign_keys = ON;\n`,
      'migrations/0003_rebuild.up.sql':
        'CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO parent_new (id) SELECT id FROM parent;\nDROP TABLE parent;\nALTER TABLE parent_new RENAME TO parent;\n',
    });
    expect((await project.run(URL)).applied).toEqual(['0001_tables', '0002_keys', '0003_rebuild']);
    expect(ask(project, 'SELECT count(*) FROM child')).toEqual([2]);
  });

  test('four reverts at once run the down half once', async () => {
    using project = await scene({
      'migrations/0001_t.up.sql': 'CREATE TABLE t (id INTEGER);\n',
      'migrations/0002_row.up.sql': 'INSERT INTO t VALUES (1);\n',
      'migrations/0002_row.down.sql': 'INSERT INTO t VALUES (-1);\n',
    });
    await project.run(URL);
    const runs = await Promise.all(
      Array.from({ length: 4 }, () =>
        project.run(URL, { ...DOWN, extent: { kind: 'to', id: '0001_t' }, expectedIds: ['0002_row'] }),
      ),
    );
    expect(runs.flatMap((done) => done.applied)).toEqual(['0002_row']);
    expect(ask(project, 'SELECT id FROM t ORDER BY id')).toEqual([-1, 1]);
  });

  test('four runs at once of a migration outside a transaction do each statement once', async () => {
    using project = await scene({
      'migrations/0001_t.up.sql': `${NO_TRANSACTION}CREATE TABLE t (id INTEGER);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n`,
    });
    const runs = await Promise.all(Array.from({ length: 4 }, () => project.run(URL)));
    expect(runs.flatMap((done) => done.applied)).toEqual(['0001_t']);
    expect(runs.filter((done) => done.failed !== null)).toEqual([]);
    expect(ask(project, 'SELECT id FROM t ORDER BY id')).toEqual([1, 2]);
    expect(existsSync(path.join(project.folder, 'app.db-lockstep-run'))).toBe(false);
  });

  test('a migration outside a transaction that fails goes on at the statement that failed', async () => {
    using project = await scene({
      'migrations/0001_t.up.sql': `${NO_TRANSACTION}CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (1);\nINSERT INTO t VALUES (2);\n`,
    });
    expect((await project.run(URL)).failed).toMatchObject({ outcome: 'partly-done', statement: 2 });
    const [status] = (await project.status(URL)).migrations;
    expect(status).toMatchObject({ state: 'failed', goesOnBy: 'apply' });
    expect(status?.note).toContain('2 parts of it are done');
    // What has run may not be changed under it.
    const text = project.project.textOf('migrations/0001_t.up.sql') ?? '';
    await project.write(
      'migrations/0001_t.up.sql',
      text.replace('VALUES (1);\nINSERT INTO nowhere', 'VALUES (9);\nINSERT INTO nowhere'),
    );
    expect((await project.run(URL)).failed?.message).toContain('its text has changed where it had run already');
    await project.write('migrations/0001_t.up.sql', text.replace('INSERT INTO nowhere VALUES (1);\n', ''));
    expect((await project.run(URL)).applied).toEqual(['0001_t']);
    expect(ask(project, 'SELECT id FROM t ORDER BY id')).toEqual([1, 2]);
    expect(ask(project, 'SELECT count(*) FROM lockstep_runs')).toEqual([0]);
  });

  test('what PRAGMA foreign_key_check finds makes the migration fail', async () => {
    using project = await scene({
      'migrations/0001_t.up.sql':
        'CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE c (p REFERENCES p);\nINSERT INTO c VALUES (7);\nPRAGMA foreign_key_check;\n',
    });
    expect((await project.run(URL)).failed).toMatchObject({
      outcome: 'not-done',
      statement: 3,
      message: '1 row refers to a row that is not there, in c.',
    });
    expect(ask(project, "SELECT count(*) FROM sqlite_schema WHERE name IN ('p', 'c')")).toEqual([0]);
  });

  test('a run is cancelled in the middle of a statement, at once, while this process does other things', async () => {
    using project = await scene({
      'migrations/0001_t.up.sql': 'CREATE TABLE t (id INTEGER);\n',
      'migrations/0002_slow.up.sql': `INSERT INTO t VALUES (1);\n${SLOW}`,
      'migrations/0003_never.up.sql': 'CREATE TABLE never (id INTEGER);\n',
    });
    const abort = new AbortController();
    const running = project.run(URL, { signal: abort.signal });
    while (!project.events.some((event) => event.event === 'migration' && event.id === '0002_slow'))
      await setTimeout(20);
    let turns = 0;
    for (const end = performance.now() + 400; performance.now() < end; turns++) await setTimeout(10);
    expect(turns).toBeGreaterThan(10);
    const cancelled = performance.now();
    abort.abort();
    const done = await running;
    expect(performance.now() - cancelled).toBeLessThan(3000);
    expect(done).toMatchObject({
      applied: ['0001_t'],
      failed: { id: '0002_slow', outcome: 'not-done' },
      notRun: ['0003_never'],
    });
    expect(ask(project, 'SELECT count(*) FROM t')).toEqual([0]);
    expect(await project.states(URL)).toEqual(['0001_t: applied', '0002_slow: pending', '0003_never: pending']);
  });

  test('after a writer was killed in a spilled transaction, status says what is there', async () => {
    using project = await scene({ 'migrations/0001_t.up.sql': 'CREATE TABLE t (id INTEGER, filler TEXT);\n' });
    await project.run(URL);
    const script = path.join(project.folder, 'spill.cjs');
    writeFileSync(
      script,
      `const Database = require(${JSON.stringify(path.resolve('node_modules/better-sqlite3'))});
       const database = new Database(${JSON.stringify(path.join(project.folder, 'app.db'))});
       database.pragma('cache_size = 5');
       database.exec("BEGIN IMMEDIATE; INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, printf('%200d', i) FROM n");
       console.log('spilled');
       setInterval(() => undefined, 1000);`,
    );
    const child: ChildProcess = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await using connection = await project.connect(URL, { readOnly: true });
    expect(await connection.query('SELECT count(*) AS rows FROM t')).toEqual([{ rows: 0 }]);
  });

  test('a lock of another program is waited for again and again', async () => {
    using project = await scene({
      'migrations/0001_t.up.sql': 'CREATE TABLE t (id INTEGER);\n',
      'migrations/0002_row.up.sql': `${NO_TRANSACTION}INSERT INTO t VALUES (1);\n`,
    });
    await project.run(URL, { extent: { kind: 'next' } });
    const other = new Database(path.join(project.folder, 'app.db'));
    other.exec('BEGIN IMMEDIATE');
    const released = setTimeout(1500).then(() => other.exec('ROLLBACK'));
    expect((await project.run(URL)).applied).toEqual(['0002_row']);
    await released;
    other.close();
    expect(ask(project, 'SELECT id FROM t')).toEqual([1]);
  });
});

test('status says what stands against a run, and a run stops before it until a person passes over it', async () => {
  using project = await runProject({
    ...CONFIG,
    'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER);\n',
    'migrations/0002_b.up.sql': 'CREATE TABLE b (id INTEGER);\n',
  });
  await project.run(URL, { extent: { kind: 'next' } });
  await project.write('migrations/0001_a.up.sql', 'CREATE TABLE a (id TEXT);\n');
  expect((await project.run(URL)).stopped?.message).toContain('--despite drifted');
  expect(ask(project, "SELECT name FROM sqlite_schema WHERE name = 'b'")).toEqual([]);
  expect((await project.run(URL, { despite: ['drifted'] })).applied).toEqual(['0002_b']);
});

test.each([
  ['COMMIT', '', 'COMMIT; INSERT INTO t VALUES (2);', { outcome: 'not-done', statement: 2 }, []],
  ['COMMIT and BEGIN', '', 'COMMIT; BEGIN; INSERT INTO t VALUES (2);', { outcome: 'not-done', statement: 2 }, []],
  [
    'BEGIN and COMMIT',
    BARE,
    'BEGIN; INSERT INTO t VALUES (2); COMMIT; SELECT nothing;',
    { outcome: 'partly-done' },
    [1, 2],
  ],
])(
  'what a tool sends at once and has a %s in it is not taken for one statement',
  async (_words, bare, sql, failed, rows) => {
    using project = await runProject({
      ...CONFIG,
      'migrations/00001_t.sql': '-- +goose Up\nCREATE TABLE t (id INTEGER);\n-- +goose Down\nDROP TABLE t;\n',
      'migrations/00002_a.sql': `${bare}-- +goose Up\n-- +goose StatementBegin\nSELECT 1; INSERT INTO t VALUES (1); ${sql}\n-- +goose StatementEnd\n`,
    });
    const done = await project.run(URL);
    expect(done).toMatchObject({ applied: ['00001'], failed });
    expect(ask(project, 'SELECT id FROM t')).toEqual(rows);
    expect((await project.states(URL)).at(-1)).toBe(rows.length > 0 ? '00002: failed' : '00002: pending');
  },
);

test('a file that is not UTF-8 is not run, and says where', async () => {
  using project = await runProject({ ...CONFIG, 'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER);\n' });
  writeFileSync(
    path.join(project.folder, 'migrations/0001_a.up.sql'),
    Buffer.concat([
      Buffer.from('CREATE TABLE a (id TEXT);\nINSERT INTO a VALUES ('),
      Buffer.from([0x27, 0xe9, 0x27]),
      Buffer.from(');\n'),
    ]),
  );
  await project.project.refresh();
  expect((await project.run(URL)).failed).toMatchObject({
    outcome: 'not-done',
    message: expect.stringContaining('no UTF-8'),
    position: { line: 1, character: 23 },
  });
  expect(await project.states(URL)).toEqual(['0001_a: pending']);
});
