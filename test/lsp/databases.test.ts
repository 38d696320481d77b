import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type {
  ConnectResult,
  InitResult,
  NewResult,
  Outcome,
  PlanResult,
  ProjectStatus,
  RunEventParams,
  RunResult,
  WishesResult,
} from '../../server/protocol/requests.ts';
import { startLsp, type LspClient } from '../support/lsp-client.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db", "environment": "development" } }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_orders.up.sql': 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n',
  'migrations/0002_orders.down.sql': 'DROP TABLE orders;\n',
};

async function states(client: LspClient): Promise<readonly string[]> {
  const [project] = await client.request<readonly ProjectStatus[]>('lockstep/status', { folder: client.folderUri });
  return project?.status.migrations.map((migration) => `${migration.id} ${migration.state}`) ?? [];
}

function connect(client: LspClient, url = ''): Promise<Outcome<ConnectResult>> {
  return client.request('lockstep/connect', { folder: client.folderUri, url, environment: null });
}

function run(
  client: LspClient,
  direction: 'up' | 'down',
  kind: 'next' | 'all',
  expectedIds: readonly string[] | null = null,
  dryRun = false,
): Promise<Outcome<RunResult>> {
  return client.request('lockstep/run', {
    folder: client.folderUri,
    direction,
    extent: { kind },
    dryRun,
    token: 't',
    expectedIds,
  });
}

function goesOn(client: LspClient): Promise<boolean | null> {
  return client.request('lockstep/goesOn', { folder: client.folderUri, project: 'migrations' });
}

test('what stands against a run is a question, and a person passes over it', async () => {
  await using client = await startLsp(FILES);
  await connect(client);
  expect(await run(client, 'up', 'next')).toMatchObject({ ok: true });
  const edited = 'migrations/0001_users.up.sql';
  writeFileSync(
    path.join(client.folder, edited),
    'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n',
  );
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(edited), type: 2 }] });
  await expect.poll(() => states(client)).toContain('0001_users drifted');
  const params = { folder: client.folderUri, direction: 'up', extent: { kind: 'all' }, token: 't', expectedIds: null };
  const refused = await client.request<Outcome<RunResult>>('lockstep/run', { ...params, dryRun: true });
  expect(refused).toMatchObject({ ok: false, concern: 'drifted', message: expect.stringContaining('was edited') });
  expect(await client.request('lockstep/run', { ...params, dryRun: false })).toMatchObject({
    ok: true,
    value: { done: { applied: [], stopped: { id: '0001_users', concern: 'drifted' } } },
  });
  const despite = ['drifted'];
  expect(await client.request('lockstep/run', { ...params, dryRun: true, despite })).toMatchObject({
    ok: true,
    value: { done: { notRun: ['0002_orders'] } },
  });
  expect(await client.request('lockstep/run', { ...params, dryRun: false, despite })).toMatchObject({
    ok: true,
    value: { done: { applied: ['0002_orders'], stopped: null } },
  });
});

test('nothing connects by itself; connect, apply and revert on SQLite, with events', async () => {
  await using client = await startLsp(FILES);
  const events: string[] = [];
  client.on<RunEventParams>('lockstep/runEvent', ({ event }) => {
    events.push(event.event);
  });
  expect(await states(client)).toEqual(['0001_users unknown', '0002_orders unknown']);
  expect(await run(client, 'up', 'all')).toMatchObject({
    ok: false,
    message: 'No database is connected: connect to one first.',
  });
  expect(await connect(client)).toMatchObject({ ok: true, value: { label: 'app.db' } });
  expect(existsSync(path.join(client.folder, 'app.db'))).toBe(false);
  const dry = await run(client, 'up', 'all', null, true);
  expect(dry.ok && dry.value.sql).toContain('CREATE TABLE users');
  expect(dry.ok && dry.value.checks.map(({ id, errors, locks }) => ({ id, errors, locks }))).toEqual([
    { id: '0001_users', errors: [], locks: [] },
    { id: '0002_orders', errors: [], locks: [] },
  ]);
  expect(existsSync(path.join(client.folder, 'app.db'))).toBe(false);
  expect(await run(client, 'up', 'next')).toMatchObject({
    ok: true,
    value: { done: { applied: ['0001_users'], failed: null } },
  });
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders pending']);
  expect(await run(client, 'up', 'all', ['0009_other'])).toMatchObject({
    ok: true,
    value: { done: { applied: [], failed: { message: expect.stringContaining('has changed since it was shown') } } },
  });
  expect(await run(client, 'up', 'all', ['0002_orders'])).toMatchObject({
    ok: true,
    value: { done: { applied: ['0002_orders'] } },
  });
  expect(await run(client, 'down', 'all')).toMatchObject({
    ok: true,
    value: { done: { applied: ['0002_orders', '0001_users'] } },
  });
  expect(await states(client)).toEqual(['0001_users pending', '0002_orders pending']);
  expect(events).toContain('applied');
  expect(events).toContain('reverted');
  await client.request('lockstep/disconnect', { folder: client.folderUri });
  expect(await states(client)).toEqual(['0001_users unknown', '0002_orders unknown']);
  expect(client.errors()).toBe('');
});

test('a failing statement is a value with its place, and nothing of the migration stays', async () => {
  await using client = await startLsp({
    ...FILES,
    'migrations/0002_orders.up.sql': 'CREATE TABLE orders (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n',
  });
  await connect(client);
  expect(await run(client, 'up', 'all')).toMatchObject({
    ok: true,
    value: {
      done: {
        applied: ['0001_users'],
        failed: { id: '0002_orders', path: 'migrations/0002_orders.up.sql', position: { line: 1 }, rolledBack: true },
      },
    },
  });
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders pending']);
});

test('while a migration runs on SQLite, a hover is answered at once, and the run can be cancelled', async () => {
  const slow = 'migrations/0002_orders.up.sql';
  const text =
    'INSERT INTO users (id) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000000) SELECT max(i) FROM n;\nALTER TABLE users ADD COLUMN age INTEGER;\n';
  await using client = await startLsp({ ...FILES, [slow]: text });
  client.open(slow, text);
  await connect(client);
  const begun = new Promise<void>((resolve) =>
    client.on<RunEventParams>('lockstep/runEvent', ({ event }) => {
      if (event.event === 'migration' && event.id === '0002_orders') resolve();
    }),
  );
  const cancel = new CancellationTokenSource();
  let ended = false;
  const running = client
    .request<Outcome<RunResult>>(
      'lockstep/run',
      {
        folder: client.folderUri,
        direction: 'up',
        extent: { kind: 'all' },
        dryRun: false,
        token: 't',
        expectedIds: null,
      },
      cancel.token,
    )
    .finally(() => {
      ended = true;
    });
  await begun;
  // In the middle of the statement.
  await pause(300);
  const hover = { textDocument: { uri: client.uri(slow) }, position: { line: 1, character: 15 } };
  // The first one reads what it is about; those that follow show the loop.
  await client.request('textDocument/hover', hover);
  const asked = performance.now();
  expect(JSON.stringify(await client.request('textDocument/hover', hover))).toContain('users');
  expect(performance.now() - asked).toBeLessThan(1_000);
  // As another window asks, which did not see this run begin.
  expect(await goesOn(client)).toBe(true);
  expect(ended).toBe(false);
  cancel.cancel();
  expect(await running).toMatchObject({
    ok: true,
    value: { done: { applied: ['0001_users'], failed: { id: '0002_orders', outcome: 'not-done' } } },
  });
  expect(await goesOn(client)).toBe(false);
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders pending']);
});

test('an untrusted workspace lints only', async () => {
  await using client = await startLsp(FILES, { initializationOptions: { isTrusted: false } });
  expect(await connect(client)).toMatchObject({ ok: false, message: expect.stringContaining('not trusted') });
  expect(await client.request('lockstep/new', { folder: client.folderUri, name: 'x' })).toMatchObject({ ok: false });
  client.notify('lockstep/trustGranted', {});
  expect(await connect(client)).toMatchObject({ ok: true });
});

test("a new migration is written in the project's format; files made elsewhere are seen", async () => {
  await using client = await startLsp(FILES);
  const made = await client.request<Outcome<NewResult>>('lockstep/new', {
    folder: client.folderUri,
    name: 'Add user status',
  });
  expect(made.ok && made.value.paths.map((file) => path.basename(file))).toEqual([
    '0003_add_user_status.up.sql',
    '0003_add_user_status.down.sql',
  ]);
  const name = 'migrations/0004_more.up.sql';
  writeFileSync(path.join(client.folder, name), 'SELECT 1;\n');
  const changed = new Promise<void>((resolve) =>
    client.on('lockstep/statusChanged', () => {
      resolve();
    }),
  );
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(name), type: 1 }] });
  await changed;
  expect(await states(client)).toContain('0004_more unknown');
  rmSync(path.join(client.folder, name));
});

test('files that no watcher has told of are seen once they are read again', async () => {
  await using client = await startLsp(FILES);
  const before = ['0001_users unknown', '0002_orders unknown'];
  expect(await states(client)).toEqual(before);
  writeFileSync(path.join(client.folder, 'migrations/0003_more.up.sql'), 'SELECT 1;\n');
  rmSync(path.join(client.folder, 'migrations/0002_orders.up.sql'));
  expect(await states(client)).toEqual(before);
  await client.request('lockstep/status', { folder: client.folderUri, isReadAgain: true });
  expect(await states(client)).toEqual(['0001_users unknown', '0003_more unknown']);
});

test('an unreachable server and a wrong URL are sentences without the password', async () => {
  await using client = await startLsp({ ...FILES, 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
  const refused = await connect(client, 'postgres://me:hunter2@127.0.0.1:1/app');
  expect(refused).toMatchObject({ ok: false });
  expect(JSON.stringify(refused)).not.toContain('hunter2');
  expect(await connect(client, 'mysql://me:hunter2@h/app')).toMatchObject({
    ok: false,
    message: expect.stringContaining('PostgreSQL and SQLite only'),
  });
  expect(await connect(client, 'sqlite:app.db')).toMatchObject({
    ok: false,
    message: expect.stringContaining('not written for the kind of database'),
  });
});

test('a change goes on by the word of a person, which is recorded on the database; its runbook is a page', async () => {
  const deploy = 'version without nick';
  await using client = await startLsp({
    ...FILES,
    'migrations/0002_orders.up.sql':
      '-- lockstep: change users-email phase expand\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n',
    'migrations/0003_drop.up.sql': `-- lockstep: change users-email phase contract\n-- lockstep: requires deploy "${deploy}"\nALTER TABLE users DROP COLUMN email;\n`,
  });
  const next = async (): Promise<unknown> =>
    (await client.request<readonly ProjectStatus[]>('lockstep/status', { folder: client.folderUri }))[0]?.status
      .changes[0]?.next;
  const ask = (action: 'confirm-deploy' | 'check-parity', shown = deploy): Promise<Outcome<unknown>> =>
    client.request('lockstep/change', {
      folder: client.folderUri,
      change: 'users-email',
      action,
      deploy: shown,
      by: 'ann',
    });
  expect(await next()).toBeNull();
  expect(await ask('confirm-deploy')).toMatchObject({
    ok: false,
    message: 'No database is connected: connect to one first.',
  });
  await connect(client);
  expect(await run(client, 'up', 'all')).toMatchObject({
    ok: true,
    value: { done: { applied: ['0001_users', '0002_orders'], stopped: { id: '0003_drop' } } },
  });
  expect(await next()).toMatchObject({ action: 'confirm-deploy', migration: '0003_drop', deploy });
  expect(await ask('confirm-deploy', 'something else')).toMatchObject({
    ok: false,
    message: 'No step of users-email waits for this deploy: nothing is to be confirmed.',
  });
  expect(await ask('check-parity')).toMatchObject({
    ok: false,
    message: expect.stringContaining('says what is to be compared'),
  });
  expect(await ask('confirm-deploy')).toMatchObject({
    ok: true,
    value: { isMet: true, message: `Confirmed on app.db: ${deploy}.` },
  });
  expect(await next()).toMatchObject({ action: 'apply', migration: '0003_drop' });
  expect(await run(client, 'up', 'all')).toMatchObject({ ok: true, value: { done: { applied: ['0003_drop'] } } });
  const page = await client.request<Outcome<string>>('lockstep/runbook', {
    folder: client.folderUri,
    change: 'users-email',
  });
  expect(page.ok && page.value).toContain('| 2 | contract | `0003_drop` | deploy: version without nick | applied |');
  expect(await client.request('lockstep/runbook', { folder: client.folderUri, change: 'gone' })).toMatchObject({
    ok: false,
  });
});

test('a change can be started from tables and columns; the server writes nothing', async () => {
  await using client = await startLsp(FILES);
  const known = await client.request<Outcome<WishesResult>>('lockstep/wishes', { folder: client.folderUri });
  expect(known.ok && known.value.tables).toMatchObject([
    { name: 'orders' },
    {
      name: 'users',
      columns: [
        { name: 'id', type: 'INTEGER' },
        { name: 'email', type: 'TEXT' },
      ],
    },
  ]);
  expect(known.ok && known.value.wishes.map((wish) => wish.name)).toContain('rename-column');
  // SQLite has no enums.
  expect(known.ok && known.value.wishes.map((wish) => wish.name)).not.toContain('replace-enum');
  expect(known.ok && known.value.enums).toEqual([]);
  const plan = (change: string, ...values: readonly string[]): Promise<Outcome<PlanResult>> =>
    client.request('lockstep/plan', { folder: client.folderUri, change, values });
  const planned = await plan('required-column', 'users.status', 'TEXT');
  expect(planned).toMatchObject({ ok: true, value: { change: 'users-status' } });
  expect(
    planned.ok && planned.value.steps.flatMap((step) => step.files).map((file) => path.basename(file.uri)),
  ).toContain('0003_add_users_status.up.sql');
  expect(planned.ok && planned.value.steps[0]).toMatchObject({
    phase: 'expand',
    files: [{ path: 'migrations/0003_add_users_status.up.sql' }, { path: 'migrations/0003_add_users_status.down.sql' }],
  });
  expect(existsSync(path.join(client.folder, 'migrations/0003_add_users_status.up.sql'))).toBe(false);
  expect(await plan('fly', 'users')).toMatchObject({ ok: false, message: 'There is no change "fly".' });
  expect(await plan('drop-column', 'users')).toMatchObject({
    ok: false,
    message: expect.stringContaining('no column of a table'),
  });
});

test('enums with their values, and names as a wish has them', async () => {
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    'migrations/0001_mood.up.sql':
      'CREATE SCHEMA geo;\nCREATE TYPE geo."Mood" AS ENUM (\'ok\', \'it\'\'s\');\nCREATE TABLE "Us.er" (id bigint PRIMARY KEY, "Mood" geo."Mood");\n',
    'migrations/0001_mood.down.sql': 'DROP TABLE "Us.er";\nDROP SCHEMA geo CASCADE;\n',
  });
  const known = await client.request<Outcome<WishesResult>>('lockstep/wishes', { folder: client.folderUri });
  expect(known.ok && known.value.enums).toEqual([{ name: 'geo."Mood"', values: ['ok', "it's"] }]);
  expect(known.ok && known.value.tables).toMatchObject([
    { name: '"Us.er"', columns: [{ name: 'id' }, { name: '"Mood"' }] },
  ]);
  const plan = (change: string, ...values: readonly string[]): Promise<Outcome<PlanResult>> =>
    client.request('lockstep/plan', { folder: client.folderUri, change, values });
  expect(await plan('rename-enum-value', 'geo."Mood"', "it's", 'it is')).toMatchObject({
    ok: true,
    value: { change: 'mood-it-s-it-is' },
  });
  expect(await plan('replace-enum', '"Us.er"."Mood"')).toMatchObject({
    ok: true,
    value: { change: 'us-er-mood-text' },
  });
});

test('each project has its own database, and an ordinary SQL file neither opens projects again nor connections', async () => {
  const { 'lockstep.jsonc': _, ...rest } = FILES;
  const half = (folder: string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(rest).map(([name, text]) => [name.replace('migrations', folder), text]));
  await using client = await startLsp({
    'lockstep.jsonc': JSON.stringify({
      dialect: 'sqlite',
      migrations: [
        { folder: 'a/migrations', database: { url: 'sqlite:a.db' } },
        { folder: 'b/migrations', database: { url: 'sqlite:b.db' } },
      ],
    }),
    ...half('a/migrations'),
    ...half('b/migrations'),
    'queries/report.sql': 'SELECT 1;\n',
  });
  let changes = 0;
  client.on('lockstep/statusChanged', () => {
    changes++;
  });
  expect(await connect(client)).toMatchObject({ ok: true, value: { label: 'a.db, b.db' } });
  const apply = (project: string): Promise<Outcome<RunResult>> =>
    client.request('lockstep/run', {
      folder: client.folderUri,
      project,
      direction: 'up',
      extent: { kind: 'all' },
      dryRun: false,
      token: 't',
      expectedIds: null,
    });
  expect(await apply('b/migrations')).toMatchObject({ ok: true, value: { done: { failed: null } } });
  expect(existsSync(path.join(client.folder, 'a.db'))).toBe(false);
  expect(existsSync(path.join(client.folder, 'b.db'))).toBe(true);
  const status = async (): Promise<readonly unknown[]> =>
    (await client.request<readonly ProjectStatus[]>('lockstep/status', { folder: client.folderUri })).map((project) => [
      project.status.folder,
      project.connected,
      project.configured?.label,
      project.status.counts.applied,
    ]);
  const expected = [
    ['a/migrations', true, 'a.db', 0],
    ['b/migrations', true, 'b.db', 2],
  ];
  expect(await status()).toEqual(expected);
  await expect.poll(() => changes).toBeGreaterThan(0);
  const before = changes;
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri('queries/report.sql'), type: 2 }] });
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri('queries/report.sql'), type: 2 }] });
  // Longer than the pause after which folders would be read again.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await status()).toEqual(expected);
  expect(changes).toBe(before);
  // A file that came may be a project's first: the known ones stay as they are, connected.
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri('queries/report.sql'), type: 1 }] });
  await expect.poll(() => changes).toBeGreaterThan(before);
  expect(await status()).toEqual(expected);
  await client.request('lockstep/disconnect', { folder: client.folderUri });
  expect(await status()).toEqual(expected.map(([folder, , label]) => [folder, false, label, 0]));
});

test('a first configuration is shown, then written, and the editor lints by it', async () => {
  const files = { 'app/migrations/0001_users.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY);\n' };
  await using client = await startLsp(files, { environment: { DATABASE_URL: 'postgres://u:hush@db/app' } });
  const init = (write: boolean): Promise<Outcome<InitResult>> =>
    client.request('lockstep/init', { folder: client.folderUri, write });
  const file = path.join(client.folder, 'lockstep.jsonc');
  expect(await init(false)).toMatchObject({
    ok: true,
    value: { kind: 'planned', isWritten: false, folders: [{ folder: 'app/migrations', tool: 'sql-pairs' }] },
  });
  expect(existsSync(file)).toBe(false);
  const written = await init(true);
  expect(written).toMatchObject({ ok: true, value: { isWritten: true, database: { env: 'DATABASE_URL' } } });
  expect(JSON.stringify(written)).not.toContain('hush');
  expect(existsSync(file)).toBe(true);
  expect(await init(true)).toEqual({
    ok: true,
    value: { kind: 'configured', path: expect.stringContaining('lockstep.jsonc') },
  });
});

test('what would run comes with its errors and locks, of the half that runs only', async () => {
  await using client = await startLsp({
    ...FILES,
    'migrations/0003_status.up.sql': 'ALTER TABLE users ADD COLUMN status TEXT NOT NULL;\n',
    'migrations/0003_status.down.sql': 'ALTER TABLE users DROP COLUMN status;\n',
  });
  await connect(client);
  await run(client, 'up', 'next');
  const dry = await run(client, 'up', 'all', null, true);
  if (!dry.ok) throw new Error(dry.message);
  expect(dry.value.checks.map((check) => [check.path, check.errors.map((error) => error.code)])).toEqual([
    ['migrations/0002_orders.up.sql', []],
    ['migrations/0003_status.up.sql', ['required-column']],
  ]);
  expect(dry.value.checks[1]?.errors[0]?.position).toEqual({ line: 0, character: 29 });
});

/** A project in git with both migrations applied, and the first one edited since. */
async function drifted(up: string): Promise<LspClient> {
  const client = await startLsp(FILES);
  const git = (...words: readonly string[]): void => {
    execFileSync('git', ['-C', client.folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      stdio: 'ignore',
    });
  };
  git('init');
  git('add', '-A');
  git('commit', '-m', 'first');
  await connect(client);
  await run(client, 'up', 'all');
  writeFileSync(path.join(client.folder, 'migrations/0001_users.up.sql'), up);
  client.notify('workspace/didChangeWatchedFiles', {
    changes: [{ uri: client.uri('migrations/0001_users.up.sql'), type: 2 }],
  });
  return client;
}

function mark(client: LspClient, id: string, what: string): Promise<Outcome<null>> {
  return client.request('lockstep/mark', { folder: client.folderUri, project: 'migrations', id, mark: what });
}

test('white space and comments of an applied migration are no drift; another word is', async () => {
  await using client = await drifted(
    '-- Users of the shop.\nCREATE TABLE users (\n  id INTEGER PRIMARY KEY,\n  email TEXT\n);\n',
  );
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders applied']);
  await using other = await drifted('CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT);\n');
  await expect.poll(() => states(other)).toEqual(['0001_users drifted', '0002_orders applied']);
});

test('drift has ways out: the text that was applied, and the new one accepted', async () => {
  await using client = await drifted('CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT);\n');
  await expect.poll(() => states(client)).toContain('0001_users drifted');
  expect(
    await client.request('lockstep/appliedText', {
      folder: client.folderUri,
      project: 'migrations',
      id: '0001_users',
    }),
  ).toMatchObject({ ok: true, value: { text: FILES['migrations/0001_users.up.sql'] } });
  expect(await mark(client, '0001_users', 'accepted')).toEqual({ ok: true, value: null });
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders applied']);
  expect(await mark(client, '0001_users', 'accepted')).toMatchObject({ ok: false });
});

test('a migration is marked as not applied and as applied again, and nothing of it runs', async () => {
  await using client = await drifted(FILES['migrations/0001_users.up.sql']);
  expect(await mark(client, '0002_orders', 'not-applied')).toEqual({ ok: true, value: null });
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders pending']);
  // Its table stands, so that running it would have failed.
  expect(await mark(client, '0002_orders', 'applied')).toEqual({ ok: true, value: null });
  expect(await states(client)).toEqual(['0001_users applied', '0002_orders applied']);
  rmSync(path.join(client.folder, 'migrations/0002_orders.up.sql'));
  rmSync(path.join(client.folder, 'migrations/0002_orders.down.sql'));
  client.notify('workspace/didChangeWatchedFiles', {
    changes: [{ uri: client.uri('migrations/0002_orders.up.sql'), type: 3 }],
  });
  await expect.poll(() => states(client)).toEqual(['0001_users applied', '0002_orders missing']);
  expect(await mark(client, '0002_orders', 'not-applied')).toEqual({ ok: true, value: null });
  expect(await states(client)).toEqual(['0001_users applied']);
});

test('in an untrusted workspace no request writes or connects', async () => {
  await using client = await startLsp(FILES, { initializationOptions: { isTrusted: false } });
  const place = { folder: client.folderUri, project: 'migrations' };
  const requests: readonly (readonly [string, object])[] = [
    ['lockstep/connect', { url: '', environment: null }],
    ['lockstep/run', { direction: 'up', extent: { kind: 'all' }, dryRun: false, token: 't', expectedIds: null }],
    ['lockstep/change', { change: 'x', action: 'confirm-deploy', by: 'me' }],
    ['lockstep/new', { name: 'x' }],
    ['lockstep/init', { write: true }],
    ['lockstep/mark', { id: '0001_users', mark: 'applied' }],
    ['lockstep/appliedText', { id: '0001_users' }],
  ];
  for (const [method, params] of requests)
    expect(await client.request(method, { ...place, ...params }), method).toMatchObject({
      ok: false,
      message: expect.stringMatching(/not trusted/) as string,
    });
  expect(await goesOn(client)).toBeNull();
  expect(existsSync(path.join(client.folder, 'app.db'))).toBe(false);
});

test('the formatter asks before it makes an edit after apply, and only then', async () => {
  const up = 'migrations/1_users.up.sql';
  const text = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\nSELECT   1, 2   FROM users   WHERE id=1;\n';
  const asked: string[] = [];
  await using client = await startLsp(
    {
      'lockstep.jsonc':
        '{ "dialect": "sqlite", "migrations": [{ "folder": "migrations", "tool": "sqlx" }], "database": { "url": "sqlite:app.db" } }',
      [up]: text,
      'migrations/1_users.down.sql': 'DROP TABLE users;\n',
    },
    {
      answers: {
        'window/showMessageRequest': (params) => {
          asked.push(JSON.stringify(params));
          return asked.length === 1 ? null : { title: 'Format Anyway' };
        },
      },
    },
  );
  client.open(up, text);
  const format = (): Promise<readonly unknown[]> =>
    client.request('textDocument/formatting', {
      textDocument: { uri: client.uri(up) },
      options: { tabSize: 2, insertSpaces: true },
    });
  expect((await format()).length).toBeGreaterThan(0);
  expect(asked).toEqual([]);
  await connect(client);
  expect(await run(client, 'up', 'all')).toMatchObject({ ok: true, value: { done: { failed: null } } });
  expect(await format()).toEqual([]);
  expect(asked[0]).toMatch(/1_users\.up\.sql is applied, and sqlx keeps a checksum/i);
  expect((await format()).length).toBeGreaterThan(0);
});
