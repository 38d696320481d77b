import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFiles } from '../../server/host/node-files.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

/** What checks nothing is no success, and what the system refuses is a sentence. */
const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" } }',
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER);\n',
  'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
  'notes/readme.txt': 'nothing',
};
const NOBODY = 65534;

/** One command in this process. */
function tell(project: CliFolder, words: readonly string[], files = nodeFiles): ReturnType<typeof tellInProcess> {
  return tellInProcess(project.folder, words, process.env, files);
}

describe('what is named and is not there', () => {
  test.each<readonly [readonly string[], RegExp]>([
    [['status', 'extra'], /"extra" is not expected here/],
    [['verify', 'migrations'], /"migrations" is not expected here/],
    [['script', '0001_a'], /"0001_a" is not expected here/],
    [['init', 'here'], /"here" is not expected here/],
    [['apply', '0001_a', '--yes'], /"0001_a" is not expected here/],
    [['revert', '--steps', '0', '--yes'], /--steps takes a number of migrations above 0/],
    [['revert', '--steps', '-1', '--yes'], /--steps/],
    [['apply', '--phase', 'nope', '--yes'], /--phase takes expand, migrate, contract/],
    [['apply', '--despite', 'nope', '--yes'], /--despite takes drifted, missing, problems/],
    [['apply', '--interrupted', 'nope', '--yes'], /--interrupted takes again, done/],
    [['script', '--from', 'nope'], /there is no migration "nope"/],
    [['script', '--to', 'nope'], /there is no migration "nope"/],
    [['lint', 'migrations', 'notes'], /no migration of .* is in notes/],
    [['explain', 'notes'], /no migrations were found/],
    [['fix', 'notes'], /notes/],
    [['lint', '--rule', 'nope'], /"nope" is none/],
    [['lint', '--fail-on', 'nope'], /--fail-on takes/],
    [['lint', '--server-version', '99'], /"99" is no version/],
    [['lint', '--dialect', 'nope'], /--dialect takes/],
    [['lint', '--color', 'nope'], /--color takes/],
    [['change', 'runbook', 'nope'], /there is no change "nope"/],
    [['change', 'nope'], /change takes list/],
    [['plan', 'nope'], /plan takes a change/],
  ])('%j is a mistake', async (words, message) => {
    using project = cliFolder(FILES);
    const told = await tell(project, words);
    expect(told.output).toMatch(message);
    expect(told.output).not.toContain('--verbose and report');
    expect(told.code).toBe(2);
  });

  test.each<readonly [string, RegExp]>([
    ['{ "migrations": [""] }', /lockstep\.jsonc:1:18: A folder is expected here/],
    ['{ "migrations": ["nope"] }', /"nope" does not exist/],
    ['{ "migrations": ["notes"] }', /"notes" holds no migration/],
    ['{ "migrations": [{ "folder": "migrations", "tool": "nope" }] }', /"nope" is no migration tool/],
    ['{ "migrations": [{ "folder": "migrations", "dialect": "nope" }] }', /One of "postgresql", "sqlite"/],
    ['{ "startAfter": "nope" }', /There is no migration "nope" here/],
    ['{ "serverVersion": 99 }', /"99" is no version/],
    ['{ "dialect": "nope" }', /One of "postgresql", "sqlite"/],
    ['{ "preset": "nope" }', /One of/],
    ['{ "rules": { "nope": "off" } }', /"nope" is no rule/],
    ['{ "rules": { "required-column": "nope" } }', /One of/],
    ['{ "rules": { "required-column": { "nope": 1 } } }', /"nope" is no option/],
    ['{ "database": { "env": "postgres://u@h/app" } }', /name of an environment variable is expected/],
    ['{ "database": { "environment": "nope" } }', /One of/],
    ['{ "run": { "lockAttempts": 0 } }', /whole number of 1 or more/],
    ['{ "nope": 1 }', /"nope" is no setting/],
    ['{', /lockstep\.jsonc:1/],
    ['[]', /An object is expected/],
  ])('in the configuration: %s', async (text, message) => {
    using project = cliFolder({ ...FILES, 'lockstep.jsonc': text });
    const told = await tell(project, ['lint']);
    expect(told.output).toMatch(message);
    expect(told.code).toBe(2);
  });
});

describe('what the system refuses is a sentence', () => {
  const SENTENCE = /^lockstep: [^\n]+\n$/;

  test('a link to nothing, a link to a folder, a configuration that is a folder', async () => {
    using project = cliFolder(FILES);
    symlinkSync('nowhere.sql', path.join(project.folder, 'migrations/0002_b.up.sql'));
    for (const words of [['lint'], ['status'], ['apply', '--yes']]) {
      const told = await tell(project, words);
      expect(told.output, words.join()).toMatch(SENTENCE);
      expect(told.output).toMatch(/0002_b\.up\.sql" is not there, or is a link to what is not there/);
      expect(told.code).toBe(2);
    }
    using folder = cliFolder(FILES);
    symlinkSync('../notes', path.join(folder.folder, 'migrations/0002_b.up.sql'));
    expect((await tell(folder, ['lint'])).output).toMatch(/0002_b\.up\.sql" is a folder, and a file is expected there/);
    expect(await tell(folder, ['lint', '--config', 'notes'])).toMatchObject({
      code: 2,
      output: expect.stringMatching(/notes" is a folder, and a file is expected there/),
    });
    using other = cliFolder({ 'migrations/0001_a.up.sql': 'SELECT 1;\n' });
    mkdirSync(path.join(other.folder, 'lockstep.jsonc'));
    expect(await tell(other, ['lint'])).toMatchObject({ code: 2, output: expect.stringMatching(/is a folder/) });
  });

  test.each(['EACCES', 'EPERM', 'ELOOP', 'EMFILE'])('%s while a migration is read', async (code) => {
    using project = cliFolder(FILES);
    const told = await tell(project, ['lint'], {
      ...nodeFiles,
      readText: (file) =>
        file.endsWith('0001_a.up.sql')
          ? Promise.reject(Object.assign(new Error(`${code}: refused`), { code, path: file }))
          : nodeFiles.readText(file),
    });
    expect(told.output).toMatch(SENTENCE);
    expect(told.output).toContain(`(${code})`);
    expect(told.output).toContain('0001_a.up.sql');
    expect(told.code).toBe(2);
  });

  test('--base outside git, in a repository of somebody else, and without a common commit', async () => {
    using project = cliFolder(FILES);
    const git = (...words: readonly string[]): unknown =>
      execFileSync('git', ['-C', project.folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
        stdio: 'ignore',
      });
    const based = async (revision = 'HEAD'): Promise<string> => {
      const told = await tell(project, ['lint', '--base', revision]);
      expect(told.code).toBe(2);
      return told.output;
    };
    expect(await based()).toMatch(/in no git repository/);
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    expect(await based('nope')).toMatch(/git knows no revision "nope"/);
    git('checkout', '-q', '--orphan', 'other');
    git('commit', '-qm', 'two');
    const other = execFileSync('git', ['-C', project.folder, 'rev-list', '--all', '--max-parents=0'], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .find(
        (id) => id !== execFileSync('git', ['-C', project.folder, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
      );
    expect(await based(other ?? '')).toMatch(/no common commit/);
    if (process.getuid?.() !== 0) return;
    chownSync(path.join(project.folder, '.git'), NOBODY, NOBODY);
    chownSync(project.folder, NOBODY, NOBODY);
    expect(await based()).toMatch(/belongs to another user/);
  });
});
