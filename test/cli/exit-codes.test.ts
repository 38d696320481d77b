import { spawn } from 'node:child_process';
import path from 'node:path';
import Database from 'better-sqlite3';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';

/** The exit codes that the contract of the command line gives, each met for real. */
const CONFIG = (database = 'sqlite:app.db'): string =>
  JSON.stringify({ dialect: 'sqlite', database: { url: database }, run: { migrationLockTimeoutMs: 300 } });
const FILES = {
  'lockstep.jsonc': CONFIG(),
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER);\n',
  'migrations/0001_a.down.sql': 'DROP TABLE a;\n',
  'migrations/0002_b.up.sql': 'CREATE TABLE b (id INTEGER);\n',
  'migrations/0002_b.down.sql': 'DROP TABLE b;\n',
};

/** Table names that the database has, without Lockstep's own. */
function tables(folder: CliFolder): readonly unknown[] {
  const database = new Database(path.join(folder.folder, 'app.db'));
  try {
    return database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'lockstep%' ORDER BY name")
      .pluck()
      .all();
  } finally {
    database.close();
  }
}

/** The lock that another run would hold. */
function holdLock(folder: CliFolder): Disposable {
  const database = new Database(path.join(folder.folder, 'app.db-lockstep-run'));
  database.exec('BEGIN EXCLUSIVE');
  return {
    [Symbol.dispose]: () => {
      database.close();
    },
  };
}

interface Case {
  readonly words: readonly string[];
  readonly code: number;
  /** What standard error or output says. */
  readonly says: string;
  /** Files that are written over, or taken away, before the command. */
  readonly files?: Readonly<Record<string, string>>;
  /** Commands that run before. */
  readonly first?: readonly (readonly string[])[];
  /** Whether another run holds the lock. */
  readonly isLocked?: boolean;
  readonly leaves: readonly string[];
}

const APPLIED = ['apply', '--yes'];
const ELSEWHERE = { 'lockstep.jsonc': CONFIG('sqlite:no/such/folder/app.db') };
const EDITED = { 'migrations/0001_a.up.sql': 'CREATE TABLE a (id TEXT);\n' };

const CASES: readonly (readonly [string, Case])[] = [
  ['apply does all: 0', { words: APPLIED, code: 0, says: '0002_b applied', leaves: ['a', 'b'] }],
  [
    'apply with nothing to do: 0',
    { first: [APPLIED], words: APPLIED, code: 0, says: 'Nothing to do.', leaves: ['a', 'b'] },
  ],
  ['apply --dry-run: 0', { words: ['apply', '--dry-run'], code: 0, says: 'CREATE TABLE a', leaves: [] }],
  ['apply without a word and without a terminal: 2', { words: ['apply'], code: 2, says: 'add --yes', leaves: [] }],
  [
    'apply --to and --next: 2',
    { words: ['apply', '--to', '0001_a', '--next', '--yes'], code: 2, says: 'exclude each other', leaves: [] },
  ],
  [
    'apply --despite of something unknown: 2',
    { words: [...APPLIED, '--despite', 'all'], code: 2, says: '--despite takes', leaves: [] },
  ],
  ['apply to what cannot be opened: 3', { files: ELSEWHERE, words: APPLIED, code: 3, says: 'app.db', leaves: [] }],
  [
    'apply of what fails: 4',
    {
      files: { 'migrations/0002_b.up.sql': 'INSERT INTO nowhere VALUES (1);\n' },
      words: APPLIED,
      code: 4,
      says: 'Nothing of it stands',
      leaves: ['a'],
    },
  ],
  [
    'apply to a migration that is not there: 4',
    { words: ['apply', '--to', '0009_z', '--yes'], code: 4, says: 'There is no migration "0009_z"', leaves: [] },
  ],
  [
    'apply before a deploy was confirmed: 5',
    {
      files: {
        'migrations/0003_c.up.sql':
          '-- lockstep: change c phase contract\n-- lockstep: requires deploy "v2"\nDROP TABLE b;\n',
      },
      words: APPLIED,
      code: 5,
      says: 'confirm-deploy c',
      leaves: ['a', 'b'],
    },
  ],
  [
    'apply over an edit: 5',
    {
      first: [['apply', '--next', '--yes']],
      files: EDITED,
      words: APPLIED,
      code: 5,
      says: '--despite drifted',
      leaves: ['a'],
    },
  ],
  [
    'apply over an edit, as a person says: 0',
    {
      first: [['apply', '--next', '--yes']],
      files: EDITED,
      words: [...APPLIED, '--despite', 'drifted'],
      code: 0,
      says: '0002_b applied',
      leaves: ['a', 'b'],
    },
  ],
  [
    'apply while another run goes on: 6',
    {
      first: [['apply', '--next', '--yes']],
      isLocked: true,
      words: APPLIED,
      code: 6,
      says: 'Another run of migrations holds the lock',
      leaves: ['a'],
    },
  ],
  [
    'revert of the last: 0',
    { first: [APPLIED], words: ['revert', '--last', '--yes'], code: 0, says: '0002_b reverted', leaves: ['a'] },
  ],
  [
    'revert without a word and without a terminal: 2',
    { first: [APPLIED], words: ['revert', '--last'], code: 2, says: 'add --yes', leaves: ['a', 'b'] },
  ],
  [
    'revert on what cannot be opened: 3',
    { files: ELSEWHERE, words: ['revert', '--last', '--yes'], code: 3, says: 'app.db', leaves: [] },
  ],
  [
    'revert of what fails: 4',
    {
      files: { 'migrations/0002_b.down.sql': 'DROP TABLE b;\nDROP TABLE nowhere;\n' },
      first: [APPLIED],
      words: ['revert', '--last', '--yes'],
      code: 4,
      says: 'Nothing of it stands',
      leaves: ['a', 'b'],
    },
  ],
  [
    'revert over an edit: 5',
    {
      first: [['apply', '--next', '--yes']],
      files: EDITED,
      words: ['revert', '--last', '--yes'],
      code: 5,
      says: '--despite drifted',
      leaves: ['a'],
    },
  ],
  [
    'revert while another run goes on: 6',
    {
      first: [APPLIED],
      isLocked: true,
      words: ['revert', '--last', '--yes'],
      code: 6,
      says: 'Another run of migrations holds the lock',
      leaves: ['a', 'b'],
    },
  ],
  [
    'status with something pending: 0',
    { words: ['status'], first: [['apply', '--next', '--yes']], code: 0, says: '1 applied, 1 pending', leaves: ['a'] },
  ],
  [
    'status while another run goes on: 0',
    { first: [APPLIED], isLocked: true, words: ['status'], code: 0, says: '2 applied, 0 pending', leaves: ['a', 'b'] },
  ],
  [
    'status in a form that it does not have: 2',
    { words: ['status', '--format', 'sarif'], code: 2, says: '--format', leaves: [] },
  ],
  [
    'status of what cannot be opened: 3',
    { files: ELSEWHERE, words: ['status'], code: 3, says: 'could not be asked', leaves: [] },
  ],
  [
    'mark runs nothing: 0',
    {
      words: ['mark', '0001_a', '--yes'],
      first: [
        ['apply', '--next', '--yes'],
        ['unmark', '0001_a', '--yes'],
      ],
      code: 0,
      says: '0001_a counts as applied: it did not run',
      leaves: ['a'],
    },
  ],
  [
    'unmark without a word and without a terminal: 2',
    { words: ['unmark', '0001_a'], first: [APPLIED], code: 2, says: 'add --yes', leaves: ['a', 'b'] },
  ],
  [
    'mark of what is applied: 2',
    {
      words: ['mark', '0001_a', '--yes'],
      first: [APPLIED],
      code: 2,
      says: '0001_a is applied now, so that this is not for it',
      leaves: ['a', 'b'],
    },
  ],
  [
    'mark while another run goes on: 6',
    {
      words: ['unmark', '0001_a', '--yes'],
      first: [APPLIED],
      isLocked: true,
      code: 6,
      says: 'Another run of migrations holds the lock',
      leaves: ['a', 'b'],
    },
  ],
  [
    'baseline while another run goes on: 6',
    {
      words: ['baseline', '--yes', '--despite', 'lacking'],
      first: [['apply', '--next', '--yes']],
      isLocked: true,
      code: 6,
      says: 'Another run of migrations holds the lock',
      leaves: ['a'],
    },
  ],
  [
    'verify with all applied: 0',
    { first: [APPLIED], words: ['verify'], code: 0, says: 'Up to date', leaves: ['a', 'b'] },
  ],
  [
    'verify with something pending: 1',
    { first: [['apply', '--next', '--yes']], words: ['verify'], code: 1, says: '0002_b', leaves: ['a'] },
  ],
  ['verify of what cannot be opened: 3', { files: ELSEWHERE, words: ['verify'], code: 3, says: 'app.db', leaves: [] }],
];

describe('exit codes', () => {
  test.each(CASES)('%s', async (_name, { words, code, says, files = {}, first = [], isLocked = false, leaves }) => {
    using folder = cliFolder(FILES);
    const late = first.length > 0 && files === EDITED;
    if (!late) for (const [name, text] of Object.entries(files)) folder.write(name, text);
    for (const each of first) expect((await folder.run(...each)).code).toBe(0);
    if (late) for (const [name, text] of Object.entries(files)) folder.write(name, text);
    using _lock = isLocked ? holdLock(folder) : undefined;
    const result = await folder.run(...words);
    expect(result.stdout + result.stderr).toContain(says);
    expect(result.code).toBe(code);
    expect(tables(folder)).toEqual(leaves);
  });

  test('six at once: each migration once, and those that come late have nothing to do: 0', async () => {
    using folder = cliFolder({
      ...FILES,
      // Long enough that all of them are there before the first is done.
      'migrations/0001_a.up.sql':
        'CREATE TABLE a (id INTEGER);\nINSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000000) SELECT max(i) FROM n;\n',
      // What the last of them waits for the others is no matter of this test, on a busy machine least of all.
      'lockstep.jsonc':
        '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" }, "run": { "migrationLockTimeoutMs": 100000 } }',
    });
    // The first one makes the file, and the history.
    const results = await Promise.all(Array.from({ length: 6 }, () => folder.run('apply', '--yes')));
    expect(results.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(results.map(() => '0 '));
    const all = results.map(({ stdout }) => stdout);
    for (const id of ['0001_a', '0002_b'])
      expect(all.filter((stdout) => stdout.includes(`${id} applied`)).length, all.join('\n')).toBe(1);
    expect(all.filter((stdout) => stdout.includes('Nothing to do.')).length).toBe(5);
    expect(tables(folder)).toEqual(['a', 'b']);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends a run in the middle of a statement: 4, and nothing of that migration stands',
    async (signal) => {
      using folder = cliFolder({
        ...FILES,
        'migrations/0002_b.up.sql':
          'CREATE TABLE b (id INTEGER);\nINSERT INTO b WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000000) SELECT max(i) FROM n;\n',
        'migrations/0003_c.up.sql': 'CREATE TABLE c (id INTEGER);\n',
      });
      // The first command builds what is started below.
      expect((await folder.run('apply', '--next', '--yes')).code).toBe(0);
      const child = spawn(process.execPath, [path.resolve('dist/test/cli.cjs'), 'apply', '--yes', '--format', 'json'], {
        cwd: folder.folder,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ended = new Promise<number | null>((resolve) => {
        child.once('close', resolve);
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      while (!output.includes('"migration"')) await setTimeout(20);
      await setTimeout(200);
      const sent = performance.now();
      child.kill(signal);
      expect(await ended).toBe(4);
      expect(performance.now() - sent).toBeLessThan(15_000);
      expect(JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
        applied: [],
        failed: { id: '0002_b', outcome: 'not-done' },
        notRun: ['0003_c'],
      });
      expect(tables(folder)).toEqual(['a']);
    },
  );
});
