import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../server/runner/report.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" } }',
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);\n',
  'migrations/0002_b.up.sql': 'DELETE FROM a;\n',
  'migrations/0003_c.up.sql': 'CREATE TABLE c (id INTEGER);\n',
  'migrations/0004_d.up.sql': 'CREATE TABLE d (a INTEGER REFERENCES a (id));\nINSERT INTO d VALUES (7);\n',
};

const backups = (project: CliFolder): readonly string[] => project.files().filter((name) => name.includes('.backup-'));

function rowsOf(project: CliFolder, table: string, name = 'app.db'): unknown {
  const file = new Database(`${project.folder}/${name}`, { readonly: true });
  try {
    return file.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  } finally {
    file.close();
  }
}

describe('a copy of a SQLite file before a run', () => {
  test('is made where there is something to lose, and restored in one go', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    await tell('apply', '--next', '--yes');
    expect(backups(project)).toEqual([]);
    const second = await tell('apply', '--next', '--yes', '--format', 'json');
    const events = second.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    expect(events.map(({ event }) => event)).toEqual(['start', 'backup', 'migration', 'applied', 'checked', 'done']);
    const [name = ''] = backups(project);
    expect([rowsOf(project, 'a'), rowsOf(project, 'a', name)]).toEqual([0, 1]);
    // Nothing due, nothing copied.
    await tell('apply', '--to', '0002_b', '--yes');
    expect(backups(project)).toHaveLength(1);
    expect((await tell('restore', '--list')).output).toBe(`${name}\n`);
    expect(await tell('restore')).toMatchObject({ code: 2 });
    // Whoever reads meanwhile sees the one or the other.
    const reader = new Database(`${project.folder}/app.db`);
    // By the built program, which finds SQLite's native module elsewhere.
    expect(await project.run('restore', '--yes')).toMatchObject({ code: 0 });
    expect(reader.prepare('SELECT count(*) FROM a').pluck().get()).toBe(1);
    reader.close();
    expect(rowsOf(project, 'a')).toBe(1);
    expect((await tell('status')).output).toMatch(/0002_b {2}pending/);
    // What was there is kept too.
    expect(backups(project)).toHaveLength(2);
    expect((await tell('restore', 'nothing', '--yes')).output).toContain('there is no such backup');
  });

  test('and the check after it say what a migration broke, and how to take it back', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    await tell('apply', '--to', '0003_c', '--yes');
    const broken = await tell('apply', '--next', '--yes');
    expect(broken).toMatchObject({ code: 4 });
    const [, name = ''] = /lockstep restore (\S+?)"/.exec(broken.output) ?? [];
    expect(broken.output).toMatch(/0004_d applied[\s\S]*1 row of d refers to a row of a that is not there/);
    expect(await tell('restore', name, '--yes')).toMatchObject({ code: 0 });
    expect((await tell('status')).output).toMatch(/0004_d {2}pending/);
  });

  test('are three at the most, and none where the setting says so or the database is for development', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    for (let turn = 0; turn < 5; turn++) {
      project.write(`migrations/100${turn}_x.up.sql`, 'SELECT 1;\n');
      await tell('apply', '--to', `100${turn}_x`, '--yes');
    }
    expect(backups(project)).toHaveLength(3);
    for (const more of [
      '"run": { "backup": "off" }, "database": { "url": "sqlite:two.db" }',
      '"database": { "url": "sqlite:two.db", "environment": "development" }',
    ]) {
      project.write('lockstep.jsonc', `{ "dialect": "sqlite", ${more} }`);
      await tell('apply', '--next', '--yes');
    }
    expect(backups(project).filter((name) => name.startsWith('two'))).toEqual([]);
  });

  test('of a file that is damaged already blames nothing on the run', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    await tell('apply', '--to', '0001_a', '--yes');
    // Applied later: it mends one of the two rows, and breaks none.
    project.write('migrations/0003_c.up.sql', 'DELETE FROM old WHERE a = 9;\n');
    const file = new Database(`${project.folder}/app.db`);
    file.pragma('foreign_keys = OFF');
    file.exec('CREATE TABLE old (a INTEGER REFERENCES a (id)); INSERT INTO old VALUES (8), (9);');
    file.close();
    expect(await tell('apply', '--to', '0003_c', '--yes')).toMatchObject({ code: 0 });
    writeFileSync(`${project.folder}/text.db`, readFileSync(`${project.folder}/lockstep.jsonc`));
    expect((await tell('restore', '--list', '--database', 'sqlite:text.db')).code).toBe(3);
  });
});

describe('what was shown', () => {
  test('is what runs: an edit between the two is refused', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    const shown = await tell('apply', '--next', '--dry-run', '--format', 'json');
    const { digest } = JSON.parse(shown.output) as { readonly digest: string };
    expect((await tell('apply', '--next', '--dry-run')).output).toContain(`--expect ${digest}`);
    project.write('migrations/0001_a.up.sql', FILES['migrations/0001_a.up.sql'].replace('VALUES (1)', 'VALUES (2)'));
    const refused = await tell('apply', '--next', '--yes', '--expect', digest);
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.output).toContain('What would run is not what was shown');
    expect((await tell('status')).output).toMatch(/0001_a {2}(pending|unknown)/);
    // Line ends alone are no edit.
    project.write('migrations/0001_a.up.sql', FILES['migrations/0001_a.up.sql'].replaceAll('\n', '\r\n'));
    expect(await tell('apply', '--all', '--yes', '--expect', digest)).toMatchObject({ code: 4 });
    expect(await tell('apply', '--next', '--yes', '--expect', digest)).toMatchObject({ code: 0 });
  });
});
