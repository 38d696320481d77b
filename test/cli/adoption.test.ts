import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

const CONFIG = '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" }, "audit": "database" }';
const FILES = {
  'lockstep.jsonc': CONFIG,
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
  'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
  'migrations/0002_b.up.sql': 'CREATE TABLE b (id INTEGER PRIMARY KEY);\n',
  'migrations/0002_b.down.sql': 'DROP TABLE b;\n',
  'migrations/0003_c.up.sql': 'CREATE TABLE c (id INTEGER PRIMARY KEY)',
  'migrations/0003_c.down.sql': 'DROP TABLE c;\n',
};

type Tell = (...words: readonly string[]) => Promise<{ readonly code: number; readonly output: string }>;

function telling(project: CliFolder, typed?: string): Tell {
  return (...words) => tellInProcess(project.folder, words, {}, undefined, typed);
}

async function states(tell: Tell): Promise<string> {
  const { output } = await tell('status');
  return [...output.matchAll(/^ {2}\S (\S+) {2}(\S+)/gm)].map(([, id, state]) => `${id}:${state}`).join(' ');
}

function on(project: CliFolder, sql: string): void {
  const file = new Database(`${project.folder}/app.db`);
  file.exec(sql);
  file.close();
}

describe("another tool's history", () => {
  test('is taken over once, and given back what came after it', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    // What golang-migrate leaves after two migrations.
    on(
      project,
      `CREATE TABLE schema_migrations (version uint64, dirty bool);
       CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
       INSERT INTO schema_migrations VALUES (2, 0); CREATE TABLE a (id INTEGER); CREATE TABLE b (id INTEGER);`,
    );
    const shown = await tell('take-over', 'golang-migrate', '--dry-run');
    expect(shown.output).toMatch(/Would mark[\s\S]*0001_a\n {2}0002_b\n$/);
    expect(await states(tell)).toBe('0001_a:pending 0002_b:pending 0003_c:pending');
    expect(await tell('take-over', 'golang-migrate', '--yes')).toMatchObject({ code: 0 });
    expect(await states(tell)).toBe('0001_a:applied 0002_b:applied 0003_c:pending');
    expect((await tell('take-over', 'golang-migrate', '--yes')).output).toContain('Nothing to mark');
    await tell('apply', '--all', '--yes');
    expect(await tell('hand-back', 'golang-migrate', '--yes')).toMatchObject({ code: 0 });
    const file = new Database(`${project.folder}/app.db`, { readonly: true });
    expect(file.prepare('SELECT version, dirty FROM schema_migrations').all()).toEqual([{ version: 3, dirty: 0 }]);
    file.close();
    expect((await tell('log')).output).toMatch(/take-over 0001_a: done[\s\S]*apply 0003_c: done[\s\S]*hand-back/);
  });

  test('agrees with what the other tool then reads: checksums too', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    await tell('apply', '--all', '--yes');
    expect(await tell('hand-back', 'sqlx', '--yes')).toMatchObject({ code: 0 });
    project.write(
      'lockstep.jsonc',
      CONFIG.replace('"audit"', '"migrations": [{ "folder": "migrations", "tool": "sqlx" }], "audit"'),
    );
    expect((await tell('status')).output).toMatch(/3 applied, 0 pending\n/);
  });

  test('with a failure, a row that no file is for, of no tool, or none at all is a sentence, and nothing is written', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    on(project, 'CREATE TABLE x (id INTEGER)');
    expect((await tell('take-over', 'goose', '--yes')).output).toContain('has no history of goose');
    expect((await tell('take-over', 'gooose', '--yes')).output).toContain('there is no other tool "gooose"');
    on(
      project,
      `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP);
       INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (9, 1);`,
    );
    const refused = await tell('take-over', 'goose', '--yes');
    expect(refused).toMatchObject({ code: 5 });
    expect(refused.output).toContain('goose has applied 9');
    expect(await states(tell)).toBe('0001_a:pending 0002_b:pending 0003_c:pending');
    expect(await tell('take-over', 'goose', '--despite', 'missing', '--yes')).toMatchObject({ code: 0 });
    expect(await states(tell)).toBe('0001_a:applied 0002_b:pending 0003_c:pending');
    on(
      project,
      'CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (2, 1)',
    );
    expect((await tell('take-over', 'golang-migrate', '--yes')).output).toMatch(/says that 0002_b failed/);
  });
});

describe('an edit of an applied migration', () => {
  test('is accepted with a reason, which the file and the log have', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    await tell('apply', '--all', '--yes');
    project.write('migrations/0003_c.up.sql', 'CREATE TABLE c (id INTEGER PRIMARY KEY, more TEXT)');
    expect(await states(tell)).toContain('0003_c:drifted');
    expect(await tell('accept', '0003_c', '--yes')).toMatchObject({ code: 2 });
    expect(await tell('accept', '0001_a', '--reason', 'none', '--yes')).toMatchObject({ code: 2 });
    expect(await tell('accept', '0003_c', '--reason', 'made by\nhand', '--yes')).toMatchObject({ code: 0 });
    expect(await states(tell)).toBe('0001_a:applied 0002_b:applied 0003_c:applied');
    expect(project.read('migrations/0003_c.up.sql')).toMatch(/TEXT\)\n-- Edited after it was applied: made by hand\n$/);
    expect((await tell('log')).output).toMatch(/accept 0003_c: done[\s\S]*made by/);
  });
});

describe('repair', () => {
  test('says what is wrong with the ways on, and takes on a terminal those that are marks', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    await tell('apply', '--all', '--yes');
    expect(await tell('repair')).toMatchObject({ code: 0, output: 'Nothing is to be repaired.\n' });
    project.write('migrations/0001_a.up.sql', 'CREATE TABLE a (id INTEGER PRIMARY KEY, more TEXT);\n');
    rmSync(`${project.folder}/migrations/0002_b.up.sql`);
    rmSync(`${project.folder}/migrations/0002_b.down.sql`);
    const told = await tell('repair');
    expect(told.code).toBe(1);
    expect(told.output).toMatch(
      /1 of 2: 0002_b was applied and has no file here[\s\S]*lockstep unmark 0002_b[\s\S]*2 of 2: 0001_a was edited[\s\S]*lockstep accept 0001_a/,
    );
    expect(await states(tell)).toContain('0002_b:missing');
    // The second way of each; what is typed then is the reason too.
    await telling(project, '2')('repair');
    expect(await states(tell)).toBe('0001_a:applied 0003_c:applied');
  });

  test('of what was begun outside a transaction names how it goes on', async () => {
    using project = cliFolder({
      ...FILES,
      'migrations/0004_d.up.sql':
        '-- lockstep: no-transaction\nCREATE TABLE d (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n',
    });
    const tell = telling(project);
    expect(await tell('apply', '--all', '--yes')).toMatchObject({ code: 4 });
    expect((await tell('repair')).output).toMatch(
      /0004_d was begun and did not end[\s\S]*lockstep apply --next[\s\S]*lockstep mark 0004_d[\s\S]*lockstep unmark 0004_d/,
    );
  });
});

describe('squash', () => {
  test('joins the pending tail, which then does what its parts did, both ways', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    await tell('apply', '--next', '--yes');
    const before = project.files();
    expect((await tell('squash', '--from', '0002_b', '--name', 'rest')).output).toMatch(/Would join 0002_b, 0003_c/);
    expect(project.files()).toEqual(before);
    expect((await tell('squash', '--from', '0001_a')).output).toContain('0001_a is applied here');
    expect(await tell('squash', '--from', '0002_b', '--name', 'rest', '--write')).toMatchObject({ code: 0 });
    expect(project.files().filter((name) => name.startsWith('migrations/'))).toEqual([
      'migrations/0001_a.down.sql',
      'migrations/0001_a.up.sql',
      'migrations/0002_rest.down.sql',
      'migrations/0002_rest.up.sql',
    ]);
    expect(await tell('apply', '--all', '--yes')).toMatchObject({ code: 0 });
    const tables = (): unknown => {
      const file = new Database(`${project.folder}/app.db`, { readonly: true });
      const rows = file
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND length(name) = 1 ORDER BY 1")
        .pluck()
        .all();
      file.close();
      return rows;
    };
    expect(tables()).toEqual(['a', 'b', 'c']);
    expect(await tell('revert', '--last', '--yes')).toMatchObject({ code: 0 });
    expect(tables()).toEqual(['a']);
  });

  test('leaves apart what cannot be joined', async () => {
    using project = cliFolder({
      ...FILES,
      'migrations/0004_d.up.sql': '-- lockstep: change d phase expand\nCREATE TABLE d (id INTEGER);\n',
      'migrations/0005_e.up.sql': '-- lockstep: no-transaction\nCREATE TABLE e (id INTEGER);\n',
    });
    const tell = telling(project);
    on(project, 'CREATE TABLE x (id INTEGER)');
    expect((await tell('squash', '--from', '0003_c')).output).toContain('0004_d is a step of the change d');
    expect((await tell('squash', '--from', '0005_e')).output).toContain('nothing after 0005_e');
    project.write('migrations/0004_d.up.sql', 'CREATE TABLE d (id INTEGER);\n');
    expect((await tell('squash', '--from', '0003_c')).output).toContain('0005_e runs outside a transaction');
  });
});
