import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { tellInProcess } from '../support/in-process-cli.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles } from '../support/tool-cases.ts';

const URL = 'sqlite:app.db';
const SQLITE = { 'lockstep.jsonc': '{ "dialect": "sqlite" }' };

async function open(id: string, more: Readonly<Record<string, string>> = {}): Promise<RunProject> {
  return runProject({ ...projectFiles(id), ...SQLITE, ...more });
}

/** Lets another program use the project's database. */
function onDatabase<Result>(running: RunProject, use: (database: Database.Database) => Result): Result {
  const database = new Database(path.join(running.folder, 'app.db'));
  try {
    return use(database);
  } finally {
    database.close();
  }
}

function asOther(running: RunProject, sql: string): void {
  onDatabase(running, (database) => database.exec(sql));
}

function rows(running: RunProject, sql: string): readonly unknown[] {
  return onDatabase(running, (database) => database.prepare(sql).all());
}

describe('golang-migrate', () => {
  test('keeps one row, and a file that comes late counts as applied, because it never runs', async () => {
    using running = await open('golang-migrate');
    await running.run(URL);
    expect(rows(running, 'SELECT * FROM schema_migrations')).toEqual([{ version: 11, dirty: 0 }]);
    await running.write('db/migrations/9_late.up.sql', 'SELECT 1;\n');
    expect(await running.states(URL)).toEqual([
      '2_users: applied',
      '9_late: applied',
      '10_nick: applied',
      '11_index: applied',
    ]);
  });

  test('a dirty row is a failed migration, and nothing runs after it', async () => {
    using running = await open('golang-migrate');
    await running.run(URL, { extent: { kind: 'next' } });
    asOther(running, 'UPDATE schema_migrations SET version = 10, dirty = 1');
    expect(await running.states(URL)).toEqual(['2_users: applied', '10_nick: failed', '11_index: pending']);
    const done = await running.run(URL);
    expect(done.applied).toEqual([]);
    expect(done.failed?.message).toContain('10_nick failed half-way');
  });

  test('a dirty row before the first migration says that this one was not taken back whole', async () => {
    using running = await open('golang-migrate');
    await running.run(URL, { extent: { kind: 'next' } });
    asOther(running, 'UPDATE schema_migrations SET version = -1, dirty = 1');
    expect(await running.states(URL)).toEqual(['2_users: failed', '10_nick: pending', '11_index: pending']);
  });

  test("a table of dbmate's is not taken for its own, and the other way round", async () => {
    using dbmate = await open('dbmate');
    await dbmate.run(URL, { extent: { kind: 'next' } });
    asOther(dbmate, 'ALTER TABLE schema_migrations ADD COLUMN dirty bool');
    await expect(dbmate.status(URL)).rejects.toThrow('is the history of golang-migrate');
    using other = await open('golang-migrate');
    asOther(
      other,
      "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('1')",
    );
    await expect(other.status(URL)).rejects.toThrow('it has no column "dirty"');
  });
});

describe('Flyway', () => {
  test('a repeatable migration runs again when its text has changed, and the row is a new one', async () => {
    using running = await open('flyway');
    await running.run(URL);
    await running.write(
      'db/sql/R__names.sql',
      'DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id FROM users;\n',
    );
    expect((await running.states(URL)).at(-1)).toBe('R__names: repeatable-outdated');
    expect((await running.run(URL)).applied).toEqual(['R__names']);
    expect((await running.states(URL)).at(-1)).toBe('R__names: applied');
    expect(
      rows(running, 'SELECT installed_rank, description FROM flyway_schema_history WHERE version IS NULL'),
    ).toEqual([
      { installed_rank: 4, description: 'names' },
      { installed_rank: 5, description: 'names' },
    ]);
  });

  test('an edit is drift by its own checksum, another line end is none; a late version is refused', async () => {
    using running = await open('flyway');
    await running.run(URL);
    await running.write('db/sql/V10__index.sql', 'CREATE INDEX users_email ON users (email);\r\n');
    expect((await running.states(URL))[2]).toBe('10: applied');
    await running.write('db/sql/V10__index.sql', 'CREATE INDEX users_email ON users (id);\n');
    expect((await running.states(URL))[2]).toBe('10: drifted');
    await running.write('db/sql/V3__late.sql', 'SELECT 1;\n');
    expect((await running.states(URL))[2]).toBe('3: out-of-order');
    expect((await running.run(URL)).failed?.message).toContain('Flyway refuses');
  });

  test('a baseline stands for what is before it on an empty database, and is passed over on any other', async () => {
    const files = { 'db/sql/B2.1__all.sql': 'CREATE TABLE users (id bigint PRIMARY KEY, email text, nick text);\n' };
    using empty = await open('flyway', files);
    const first = await empty.run(URL);
    expect(first.failed).toBeNull();
    expect(first.applied).toEqual(['B2.1', '10', 'R__names']);
    expect(await empty.states(URL)).toEqual([
      '2: baseline',
      '2.1: baseline',
      'B2.1: applied',
      '10: applied',
      'R__names: applied',
    ]);
    using used = await open('flyway');
    await used.run(URL, { extent: { kind: 'next' } });
    await used.write('db/sql/B2.1__all.sql', files['db/sql/B2.1__all.sql']);
    expect((await used.run(URL)).applied).toEqual(['2.1', '10', 'R__names']);
  });

  test('a placeholder without a value is refused before anything runs', async () => {
    using running = await open('flyway', { 'db/sql/V11__who.sql': 'CREATE TABLE ${who} (id int);\n' });
    const done = await running.run(URL);
    expect(done.applied).toEqual([]);
    expect(done.failed?.message).toContain('Flyway replaces "who"');
    expect(rows(running, 'SELECT name FROM sqlite_schema')).toEqual([]);
    expect(running.project.lint('db/sql/V11__who.sql').problems).toEqual([]);
  });
});

describe('Liquibase', () => {
  test('a precondition and another database are left to Liquibase itself', async () => {
    using running = await open('liquibase', {
      'db/changelog/index.sql':
        '--liquibase formatted sql\n\n--changeset bob:1\n--preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:0 SELECT 1\nSELECT 2;\n\n--changeset bob:2 dbms:mysql\nSELECT 3;\n',
    });
    const done = await running.run(URL);
    expect(done.applied).toEqual([]);
    expect(done.failed?.message).toContain('precondition');
    expect(running.project.lint('db/changelog/index.sql').problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('only Liquibase checks'),
      expect.stringContaining('is for mysql alone'),
    ]);
  });

  test('a fix takes one changeset out of its file, writes steps as changelogs, and includes them', async () => {
    using running = await open('liquibase', {
      'db/changelog/users.sql':
        '--liquibase formatted sql\n\n--changeset alice:1\nCREATE TABLE users (id bigint PRIMARY KEY, email text);\n--rollback DROP TABLE users;\n\n--changeset alice:2\nALTER TABLE users ADD COLUMN status text NOT NULL;\n--rollback ALTER TABLE users DROP COLUMN status;\n',
      'lockstep.jsonc': '{ "dialect": "postgresql" }',
    });
    const { fixes } = running.project.fixes('db/changelog/users.sql', new Date('2026-01-02T03:04:05Z'));
    const fix = fixes.find((candidate) => candidate.code === 'required-column');
    const byPath = new Map(fix?.files.map((file) => [file.path, file]));
    expect(byPath.get('db/changelog/users.sql')?.action).toBe('edit');
    expect(byPath.get('db/changelog/users.sql')?.text).not.toContain('alice:2');
    expect(byPath.get('db/changelog/users.sql')?.text).toContain('alice:1');
    const created =
      fix?.files.filter((file) => file.action === 'create').map((file) => file.path.split('/').at(-1)) ?? [];
    expect(created.length).toBeGreaterThan(1);
    const master = byPath.get('db/changelog/db.changelog-master.yaml')?.text ?? '';
    for (const name of created) expect(master).toContain(`file: ${name ?? ''}`);
    for (const file of fix?.files ?? []) await running.write(file.path, file.text);
    expect(running.project.migrations.problems).toEqual([]);
    expect(running.project.migrations.migrations.length).toBe(2 + created.length);
  });
});

describe('a migration that its own tool left failed', () => {
  // The tool was ended in the second one: what it wrote of that, by tool.
  test.each([
    ['golang-migrate', '10_nick', 'UPDATE schema_migrations SET dirty = 1'],
    [
      'prisma',
      '20240102000000_nick',
      "UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0, logs = 'boom' WHERE migration_name = '20240102000000_nick'",
    ],
    ['flyway', '2.1', "UPDATE flyway_schema_history SET success = 0 WHERE version = '2.1'"],
    ['liquibase', 'users.sql::alice:2', "UPDATE databasechangelog SET exectype = 'FAILED' WHERE id = '2'"],
    ['sqlx', '20240102000000_nick', 'UPDATE _sqlx_migrations SET success = 0 WHERE version = 20240102000000'],
    [
      'atlas',
      '20240102000000_nick',
      "UPDATE atlas_schema_revisions SET applied = 0, error = 'boom' WHERE version = '20240102000000'",
    ],
  ])('%s: the command that is named leads on, either way', async (tool, id, sql) => {
    using running = await open(tool);
    const state = async (): Promise<string | undefined> =>
      (await running.states(URL)).find((each) => each.startsWith(`${id}: `))?.slice(id.length + 2);
    const said = (words: string): Promise<{ readonly code: number; readonly output: string }> =>
      tellInProcess(running.folder, [...words.split(' '), '--yes', '--database', URL], {});
    await running.run(URL, { extent: { kind: 'to', id } });
    asOther(running, sql);
    expect(await state()).toBe('failed');
    for (const direction of ['up', 'down'] as const) {
      const { applied, failed } = await running.run(URL, { direction });
      expect(applied).toEqual([]);
      expect(failed?.message).toContain(`${id} failed half-way`);
      expect(failed?.message).toContain(`"lockstep mark ${id}" or "lockstep unmark ${id}"`);
    }
    expect(await said(`unmark ${id}`)).toMatchObject({ code: 0 });
    expect(await state()).toBe('pending');
    // Its column stands, so that it is not to run.
    expect(await said(`mark ${id}`)).toMatchObject({ code: 0 });
    expect(await state()).toBe('applied');
    asOther(running, sql);
    expect(await said(`mark ${id}`)).toMatchObject({ code: 0 });
    expect(await state()).toBe('applied');
    expect((await running.run(URL)).failed).toBeNull();
    expect((await running.states(URL)).filter((each) => !each.endsWith(': applied'))).toEqual([]);
  });

  test('a half that Lockstep itself began is done or taken back as a person says, and nothing goes on with it', async () => {
    const text = '-- lockstep: no-transaction\nCREATE TABLE t (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n';
    using running = await runProject({ ...SQLITE, 'migrations/0001_t.up.sql': text });
    const said = (word: string): Promise<{ readonly code: number; readonly output: string }> =>
      tellInProcess(running.folder, [word, '0001_t', '--yes', '--database', URL], {});
    await running.run(URL);
    expect(await running.states(URL)).toEqual(['0001_t: failed']);
    expect(await said('mark')).toMatchObject({ code: 0 });
    expect(await running.states(URL)).toEqual(['0001_t: applied']);
    expect(await said('unmark')).toMatchObject({ code: 0 });
    expect(await running.states(URL)).toEqual(['0001_t: pending']);
    asOther(running, 'DROP TABLE t; CREATE TABLE nowhere (id INTEGER)');
    // From its first statement.
    expect((await running.run(URL)).applied).toEqual(['0001_t']);
    expect(rows(running, 'SELECT count(*) AS rows FROM t')).toEqual([{ rows: 0 }]);
  });

  test('a history that keeps how far it came takes no mark that would say something of others', async () => {
    using running = await open('golang-migrate');
    await running.run(URL);
    const told = await tellInProcess(running.folder, ['unmark', '2_users', '--yes', '--database', URL], {});
    expect(told).toMatchObject({ code: 2, output: expect.stringContaining('10_nick, 11_index would be marked') });
    expect(rows(running, 'SELECT version FROM schema_migrations')).toEqual([{ version: 11 }]);
  });
});

test('the first row of goose is there once, although goose makes its table at the same moment', async () => {
  using running = await open('goose');
  await running.run(URL);
  const made = rows(running, "SELECT sql FROM sqlite_schema WHERE name = 'goose_db_version'") as { sql: string }[];
  using fresh = await open('goose');
  await using connection = await fresh.connect(URL, { createIfMissing: true });
  const history = await fresh.project.history.open(connection);
  asOther(fresh, `${made[0]?.sql ?? ''}; INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`);
  await history.ensure();
  expect(rows(fresh, 'SELECT version_id FROM goose_db_version')).toEqual([{ version_id: 0 }]);
});

test('a fix in a folder for each migration takes the whole folder and writes whole folders', async () => {
  using running = await open('diesel', {
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    'migrations/2024-01-04-000000_status/up.sql': 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n',
    'migrations/2024-01-04-000000_status/down.sql': 'ALTER TABLE users DROP COLUMN status;\n',
  });
  const { fixes } = running.project.fixes(
    'migrations/2024-01-04-000000_status/up.sql',
    new Date('2026-01-02T03:04:05Z'),
  );
  const files = fixes.find((fix) => fix.code === 'required-column')?.files ?? [];
  expect(files.filter((file) => file.action === 'delete').map((file) => file.path)).toEqual([
    'migrations/2024-01-04-000000_status/up.sql',
    'migrations/2024-01-04-000000_status/down.sql',
  ]);
  const created = files.filter((file) => file.action === 'create').map((file) => file.path);
  expect(created.length).toBeGreaterThan(2);
  for (const file of created)
    expect(file).toMatch(/^migrations\/2026-01-02-\d{6}_\w+\/(?:up\.sql|down\.sql|metadata\.toml)$/);
});
