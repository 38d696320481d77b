import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" } }',
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
  'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
  'migrations/0002_b.up.sql': 'CREATE TABLE b (id INTEGER PRIMARY KEY);\n',
  'migrations/0002_b.down.sql': 'DROP TABLE b;\n',
};

describe('redo', () => {
  test('takes the newest back and applies it in its text of now', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    await tell('apply', '--all', '--yes');
    expect(await tell('redo')).toMatchObject({ code: 2 });
    project.write('migrations/0002_b.up.sql', 'CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT);\n');
    // The edit makes it drifted, which revert asks about; redo is what one does after an edit.
    const done = await tell('redo', '--yes');
    expect(done).toMatchObject({ code: 0 });
    expect(done.output).toMatch(/table b[\s\S]*0002_b reverted[\s\S]*0002_b applied/);
    expect((await tell('status')).output).toMatch(/0001_a {2}applied[\s\S]*0002_b {2}applied/);
    expect((await tell('redo', '--steps', '2', '--dry-run')).output).toMatch(/0002_b[\s\S]*0001_a/);
    expect(await tell('redo', '--steps', '2', '--yes')).toMatchObject({ code: 0 });
  });

  test('takes nothing along, has no way on production, and says where the way back failed', async () => {
    using project = cliFolder(FILES);
    const tell = (...words: readonly string[]) => tellInProcess(project.folder, words, {});
    await tell('apply', '--all', '--yes');
    project.write('migrations/0000_late.up.sql', 'CREATE TABLE late (id INTEGER);\n');
    const late = await tell('redo', '--yes');
    expect(late.output).toContain('0000_late is pending among them');
    expect(late.code).toBe(2);
    rmSync(`${project.folder}/migrations/0000_late.up.sql`);
    project.write(
      'lockstep.jsonc',
      '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db", "environment": "production" } }',
    );
    const refused = await tell('redo', '--yes');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.output).toContain('app.db is production, where this is not done');
    project.write('lockstep.jsonc', FILES['lockstep.jsonc']);
    project.write('migrations/0002_b.down.sql', 'DROP TABLE nowhere;\n');
    const failed = await tell('redo', '--yes');
    expect(failed).toMatchObject({ code: 4 });
    expect((await tell('status')).output).toMatch(/0002_b {2}applied/);
  });
});
