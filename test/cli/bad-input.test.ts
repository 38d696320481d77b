import { describe, expect, test } from 'vitest';
import type { LintReport } from '../../server/analysis/report.ts';
import type { StatusReport } from '../../server/runner/report.ts';
import { cliFolder } from '../support/cli.ts';
import { POSTGRES, SQLITE, STATUS, USERS } from '../support/cli-projects.ts';

describe('bad input', () => {
  test.each([
    ['no such command', ['lnt'], 2, 'there is no command "lnt"'],
    ['an unknown option', ['lint', '--nope'], 2, 'see "lockstep --help"'],
    [
      'a wrong word',
      ['lint', '--format', 'xml'],
      2,
      '--format takes text, json, sarif, github, gitlab, junit, not "xml"',
    ],
    ['a missing path', ['lint', 'nowhere'], 2, 'no such file or folder: nowhere'],
    ['a missing folder', ['lint', '--cwd', 'nowhere'], 2, 'there is no folder'],
    [
      'a missing configuration',
      ['lint', '--config', 'nowhere.jsonc'],
      2,
      'there is no configuration file nowhere.jsonc',
    ],
    ['a wrong version', ['lint', '--server-version', 'new'], 2, '--server-version takes a version'],
    ['a version that there is not', ['lint', '--server-version', '99'], 2, 'use 13 to 18'],
    ['a rule that there is not', ['lint', '--rule', 'nope'], 2, '--rule takes the code of a rule, and "nope" is none'],
    ['a rule to fix that there is not', ['fix', 'migrations', '--rule', 'nope'], 2, '"nope" is none'],
    ['a database that is no URL', ['status', '--database', 'localhost'], 2, 'a database is named by a URL'],
    ['a database of another make', ['status', '--database', 'mysql://localhost/a'], 2, 'not to "mysql"'],
    ['two ways to say how far', ['apply', '--to', 'a', '--next', '--yes'], 2, '--to and --next exclude each other'],
    ['no name', ['new'], 2, 'new needs a name'],
  ])('%s', async (_name, words, code, message) => {
    using project = cliFolder(POSTGRES);
    const result = await project.run(...words);
    expect(result.stderr).toMatch(/^lockstep: [^\n]+\n$/);
    expect(result.stderr).toContain(message);
    expect(result).toMatchObject({ code, stdout: '' });
  });

  test('a mistake in the configuration is shown at its place', async () => {
    using project = cliFolder({ ...POSTGRES, 'lockstep.jsonc': '{\n  "dialekt": "sqlite"\n}' });
    const result = await project.run('lint');
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('lockstep.jsonc:2:3: "dialekt" is no setting of Lockstep');
  });

  test.each([
    ['a version', '{\n  "serverVersion": "99"\n}', 'lockstep.jsonc:2:20: "99" is no version'],
    ['a start', '{\n  "startAfter": "0009_nope"\n}', 'lockstep.jsonc:2:17: There is no migration "0009_nope" here'],
    [
      "a folder's version",
      '{ "migrations": [\n  { "folder": "migrations", "serverVersion": 3.45 }\n] }',
      'lockstep.jsonc:2:46: "3.45" is no version that Lockstep knows of postgresql: use 13 to 18',
    ],
    [
      "a folder's start",
      '{ "migrations": {\n  "folder": "migrations", "startAfter": "0001" }\n}',
      'lockstep.jsonc:2:41: There is no migration "0001" in migrations',
    ],
  ])('%s that there is not, in the configuration', async (_name, text, message) => {
    using project = cliFolder({ ...POSTGRES, 'lockstep.jsonc': text });
    const result = await project.run('lint');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(message);
  });

  test("the configuration's version may be meant for the projects of another engine", async () => {
    using project = cliFolder({
      ...POSTGRES,
      'lite/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
      'lockstep.jsonc':
        '{ "serverVersion": 16, "migrations": ["migrations", { "folder": "lite", "dialect": "sqlite" }] }',
    });
    const result = await project.run('lint', '--format', 'json', '--fail-on', 'never');
    expect(result.stderr).toBe('');
    expect(result.json<LintReport>().files.map((file) => [file.dialect, file.serverVersion])).toEqual([
      ['postgresql', '16'],
      ['postgresql', '16'],
      ['sqlite', '3.45'],
    ]);
  });

  test('nothing found where somebody pointed is an error, never a success', async () => {
    using empty = cliFolder({
      'lockstep.jsonc': '{ "migrations": [{ "folder": "db" }] }',
      'db/readme.txt': 'nothing',
      'old/readme.txt': 'nothing',
    });
    const configured = await empty.run('lint');
    expect(configured).toMatchObject({ code: 2 });
    expect(configured.stderr).toContain('The migrations folder "db" holds no migration');
    using project = cliFolder({ ...POSTGRES, 'notes/readme.txt': 'nothing', 'migrations/notes.txt': 'nothing' });
    for (const name of ['notes', 'migrations/notes.txt']) {
      const named = await project.run('lint', name);
      expect(named, name).toMatchObject({ code: 2 });
      expect(named.stderr).toContain(name);
    }
  });

  test('a project without migrations', async () => {
    using project = cliFolder({ 'README.md': 'nothing' });
    expect(await project.run('lint')).toMatchObject({ code: 2 });
    expect((await project.run('status')).stderr).toContain('no migrations were found');
  });

  test.each([
    ['an empty file', '', 0],
    ['a byte-order mark and CRLF', `\uFEFF-- users\r\n${STATUS.replace('\n', '\r\n')}`, 1],
    ['a NUL', 'SELECT 1;\u0000\nSELECT 2;\n', 1],
    ['an unterminated string', `SELECT 'never;\n${STATUS}`, 1],
    ['a syntax error before an unsafe statement', `ALTER TABEL x;\n${STATUS}`, 1],
    ['nothing but a comment', '/* nothing */ -- here\n', 0],
    [
      'an INSERT of 5 MB',
      `INSERT INTO users (id, email) VALUES ${Array.from({ length: 90_000 }, (_, index) => `(${index}, 'user${index}@example.com and more text')`).join(',\n')};\n`,
      0,
    ],
  ])('%s is read', async (_name, text, code) => {
    using project = cliFolder({ 'migrations/0001_users.up.sql': USERS, 'migrations/0002_text.up.sql': text });
    const result = await project.run('lint', '--format', 'json');
    expect(result.stderr).toBe('');
    expect(result.code).toBe(code);
    expect(result.json<LintReport>().summary.files).toBe(2);
  });

  test('invalid UTF-8 is said at its place, and the rest linted', async () => {
    using project = cliFolder(POSTGRES);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      `${project.folder}/migrations/0003_bytes.up.sql`,
      Buffer.concat([
        Buffer.from('-- '),
        Buffer.from([0xff, 0xfe, 0x80]),
        Buffer.from('\nALTER TABLE users ADD COLUMN x int NOT NULL;\n'),
      ]),
    );
    const result = await project.run('lint', 'migrations/0003_bytes.up.sql', '--format', 'json');
    expect(result.code).toBe(1);
    const [file] = result.json<LintReport>().files;
    expect(file?.findings.map((finding) => finding.range.start)).toEqual([{ line: 1, character: 29 }]);
    expect(file?.problems).toEqual([
      {
        kind: 'syntax',
        message: expect.stringContaining('no UTF-8'),
        range: { start: { line: 0, character: 3 }, end: { line: 0, character: 4 } },
      },
    ]);
  });

  test('two files with one number: the first counts and both are named', async () => {
    using project = cliFolder({ ...SQLITE, 'migrations/0002_other.up.sql': 'SELECT 1;\n' });
    await project.run('apply', '--yes', '--despite', 'problems');
    const status = (await project.run('status', '--format', 'json')).json<StatusReport>();
    expect(status.problems.map((problem) => problem.message).join()).toMatch(
      /0002_other\.up\.sql and 0002_nick\.up\.sql have one number/,
    );
    expect(await project.run('verify')).toMatchObject({ code: 1 });
  });
});
