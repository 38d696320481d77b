import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ExplainReport, LintReport } from '../../server/analysis/report.ts';
import type { StatusReport } from '../../server/runner/report.ts';
import { cliFolder } from '../support/cli.ts';
import { POSTGRES, SQLITE, STATUS, USERS } from '../support/cli-projects.ts';

describe('lint', () => {
  test("prints the contract's JSON and fails by the findings", async () => {
    using project = cliFolder(POSTGRES);
    const result = await project.run('lint', '--format', 'json');
    expect(result.code).toBe(1);
    expect(result.stderr).toBe('');
    const report = result.json<LintReport>();
    expect(Object.keys(report)).toEqual(['schemaVersion', 'summary', 'files']);
    expect(report).toMatchObject({
      schemaVersion: 1,
      summary: { files: 2, errors: 1, warnings: 0, infos: 0, notAnalysed: 0 },
    });
    const file = report.files.find((each) => each.path === 'migrations/0002_status.up.sql');
    expect(Object.keys(file ?? {})).toEqual([
      'path',
      'tool',
      'dialect',
      'serverVersion',
      'phase',
      'findings',
      'problems',
    ]);
    expect(file).toMatchObject({
      tool: 'sql-pairs',
      dialect: 'postgresql',
      serverVersion: '17',
      phase: null,
      problems: [],
    });
    expect(file?.findings[0]).toMatchObject({
      code: 'required-column',
      severity: 'error',
      relation: 'public.users',
      statement: 0,
      docs: 'RULES.md#required-column',
      range: { start: { line: 0, character: 29 }, end: { line: 0, character: 49 } },
      fixes: [{ title: 'Split into expand and contract', kind: 'change', safety: 'review' }],
    });
  });

  test('a database that is named says the version, for lint as for explain, unless one is named itself', async () => {
    using project = cliFolder(SQLITE);
    expect((await project.run('apply', '--yes')).code).toBe(0);
    const versions = async (...words: readonly string[]): Promise<readonly string[]> => {
      const report = (await project.run(...words, '--format', 'json')).json<LintReport | ExplainReport>();
      return [...new Set(report.files.map((file) => file.serverVersion))];
    };
    const [major, minor] =
      (await project.run('status', '--format', 'json')).json<StatusReport>().database?.version.split('.') ?? [];
    expect(await versions('lint')).toEqual(['3.45']);
    expect(`${major}.${minor}`).not.toBe('3.45');
    for (const command of ['lint', 'explain'])
      expect(await versions(command, '--database', 'sqlite:app.db'), command).toEqual([`${major}.${minor}`]);
    for (const command of ['lint', 'explain'])
      expect(await versions(command, '--database', 'sqlite:app.db', '--server-version', '3.40'), command).toEqual([
        '3.40',
      ]);
    expect(await project.run('lint', '--database', 'sqlite:nowhere.db')).toMatchObject({ code: 3, stdout: '' });
  });

  test('many findings end with how to leave the past out, which init has done where there is a configuration', async () => {
    const names = Array.from({ length: 31 }, (_, index) => `t${index}`);
    using project = cliFolder({
      'migrations/0001_a.up.sql': names.map((name) => `CREATE TABLE ${name} (id bigint PRIMARY KEY);\n`).join(''),
      'migrations/0002_b.up.sql': names.map((name) => `DROP TABLE ${name};\n`).join(''),
    });
    const hint = async (): Promise<string> => (await project.run('lint')).stdout.split('0 warnings\n')[1] ?? '';
    expect(await hint()).toMatch(/^\nMigrations that ran long ago .*\n {2}lockstep init {2,}accept what is committed/);
    project.write('lockstep.jsonc', '{ "dialect": "postgresql" }');
    expect(await hint()).toMatch(/^\nMigrations that ran long ago .*\n {2}"startAfter" in lockstep.jsonc {2,}/);
  });

  test('of a line that fills the screen only what stands around the place is printed', async () => {
    const columns = Array.from({ length: 40 }, (_, index) => `column_${index} text`).join(', ');
    using project = cliFolder({
      'migrations/0001_a.up.sql': 'CREATE TABLE a (id bigint PRIMARY KEY);\n',
      'migrations/0002_b.up.sql': `CREATE TABLE b (${columns}); CREATE INDEX a_id ON a (id); CREATE TABLE c (${columns});\n`,
    });
    const lines = (await project.run('lint', 'migrations/0002_b.up.sql')).stdout.split('\n');
    const place = lines.findIndex((line) => line.includes('| …'));
    const [line = '', mark = ''] = lines.slice(place, place + 2);
    expect(line.length).toBeLessThan(180);
    expect(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('CREATE INDEX a_id ON a (id)');
  });

  test('text stands by file, with one finding for a statement about many tables', async () => {
    using project = cliFolder({
      'migrations/0001_a.up.sql':
        'CREATE TABLE a (id bigint PRIMARY KEY, x text);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\n',
      'migrations/0002_b.up.sql': 'DROP TABLE a, b, c;\n',
      'migrations/0003_c.up.sql': 'SELEC 1;\n',
    });
    const { stdout, code } = await project.run('lint');
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        'migrations/0002_b.up.sql',
        '  1:12 error drop-before-contract',
        '    Dropping table a breaks every query of the running version that names it and its rows are gone: deploy a version without it first, then drop it as a contract step. The same holds for b, c.',
        '    1 | DROP TABLE a, b, c;',
        '      |            ^',
        '    fix: Make it the contract step of a change',
        '',
        'migrations/0003_c.up.sql',
        '  1:1 error syntax',
        '    Syntax error at or near "SELEC".',
        '    1 | SELEC 1;',
        '      | ^^^^^',
        '',
        '3 files: 4 errors, 0 warnings',
        '',
      ].join('\n'),
    );
    const summary = await project.run('lint', '--summary');
    expect(summary.stdout.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
      '3 drop-before-contract error in 1 file',
      '1 syntax error in 1 file',
      '',
      '3 files: 4 errors, 0 warnings',
      '',
    ]);
    const json = (await project.run('lint', '--summary', '--format', 'json')).json<
      LintReport & { readonly rules: unknown }
    >();
    expect(json.rules).toEqual([
      { code: 'drop-before-contract', severity: 'error', findings: 3, files: 1 },
      { code: 'syntax', severity: 'error', findings: 1, files: 1 },
    ]);
    project.write('migrations/0004_d.up.sql', 'SELEC 2;\n');
    expect((await project.run('fix', 'migrations/0003_c.up.sql', 'migrations/0004_d.up.sql')).stdout).toMatch(
      /^not fixed migrations\/0003_c.up.sql syntax: .*\nnot fixed migrations\/0004_d.up.sql syntax: /,
    );
    project.write('migrations/0005_e.up.sql', 'LOCK TABLE users;\nLOCK TABLE users;\n');
    expect((await project.run('fix', 'migrations/0005_e.up.sql')).stdout).toMatch(
      /^(?:not fixed explicit-table-lock: There is no fix for this: LOCK TABLE .*\n){2}$/,
    );
    const fixed = await project.run('fix', 'migrations/0003_c.up.sql');
    expect(fixed.stdout).toBe(
      'not fixed syntax: This was not read, so nothing is fixed in it: Syntax error at or near "SELEC".\n',
    );
  });

  test('many findings end with how to leave the past out, unless something has', async () => {
    using project = cliFolder({
      'migrations/0001_users.up.sql': USERS,
      ...Object.fromEntries(
        Array.from({ length: 31 }, (_, index) => [
          `migrations/${String(index + 2).padStart(4, '0')}_more.up.sql`,
          `ALTER TABLE users ADD COLUMN c${index} text NOT NULL;\n`,
        ]),
      ),
    });
    const hint = 'lockstep init                       accept what is committed';
    expect((await project.run('lint')).stdout).toContain(hint);
    expect((await project.run('lint', 'migrations')).stdout).not.toContain(hint);
    project.write('lockstep.jsonc', '{ "startAfter": "0001_users" }');
    expect((await project.run('lint')).stdout).not.toContain(hint);
  });

  test('reads one file, a folder of loose files, another version, and only some rules', async () => {
    using project = cliFolder({ ...POSTGRES, 'loose/b.sql': STATUS });
    expect((await project.run('lint', 'migrations/0001_users.up.sql')).code).toBe(0);
    expect(
      (await project.run('lint', 'loose', '--format', 'json'))
        .json<LintReport>()
        .files.map((file) => [file.path, file.tool, file.findings.length]),
    ).toEqual([['loose/b.sql', 'plain', 1]]);
    expect((await project.run('lint', 'loose/b.sql')).code).toBe(1);
    expect(
      (await project.run('lint', '--server-version', '13', '--format', 'json'))
        .json<LintReport>()
        .files.map((file) => file.serverVersion),
    ).toEqual(['13', '13']);
    expect((await project.run('lint', '--rule', 'blocking-index')).code).toBe(0);
    expect((await project.run('lint', '--fail-on', 'never')).code).toBe(0);
    expect((await project.run('lint', '--cwd', 'migrations', '0002_status.up.sql')).code).toBe(1);
  });

  test.each([
    [
      'sarif',
      (text: string) =>
        expect(JSON.parse(text)).toMatchObject({
          version: '2.1.0',
          runs: [{ results: [{ ruleId: 'required-column', level: 'error' }] }],
        }),
    ],
    [
      'github',
      (text: string) =>
        expect(text).toContain(
          '::error file=migrations/0002_status.up.sql,line=1,endLine=1,col=30,endColumn=50,title=required-column::Adding NOT NULL',
        ),
    ],
    [
      'gitlab',
      (text: string) =>
        expect(JSON.parse(text)).toMatchObject([
          { check_name: 'required-column', location: { path: 'migrations/0002_status.up.sql', lines: { begin: 1 } } },
        ]),
    ],
    [
      'junit',
      (text: string) =>
        expect(text).toMatch(/<testsuite name="lockstep" tests="2" failures="1">[\s\S]*type="required-column"/),
    ],
    ['text', (text: string) => expect(text).toContain('migrations/0002_status.up.sql\n  1:30 error required-column')],
  ])('writes %s', async (format, check) => {
    using project = cliFolder(POSTGRES);
    const result = await project.run('lint', '--format', format);
    expect(result.code).toBe(1);
    check(result.stdout);
  });

  test('with --base only what git says is new or changed', async () => {
    using project = cliFolder(POSTGRES);
    const git = (...words: readonly string[]): void => {
      execFileSync(
        'git',
        ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main', ...words],
        { cwd: project.folder, stdio: 'ignore' },
      );
    };
    git('init');
    git('add', '.');
    git('commit', '-m', 'first');
    project.write('migrations/0003_age.up.sql', 'ALTER TABLE users ADD COLUMN age int NOT NULL;\n');
    expect(
      (await project.run('lint', '--base', 'HEAD', '--format', 'json'))
        .json<LintReport>()
        .files.map((file) => file.path),
    ).toEqual(['migrations/0003_age.up.sql']);
    git('add', '.');
    git('commit', '-m', 'second');
    project.write('migrations/0003_age.up.sql', 'ALTER TABLE users ADD COLUMN age int;\n');
    project.write('migrations/0004_age.up.sql', 'ALTER TABLE users DROP COLUMN age;\n');
    const edited = (await project.run('lint', '--base', 'HEAD', '--format', 'json')).json<LintReport>().files;
    expect(edited.map((file) => file.findings.map((finding) => finding.code))).toEqual([
      ['edited-after-apply'],
      ['drop-before-contract'],
    ]);
    const wrong = await project.run('lint', '--base', 'no-such-branch');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('git knows no revision "no-such-branch"');
  });

  test('with --pending only what the database lacks is objected to', async () => {
    using project = cliFolder({
      ...SQLITE,
      'migrations/0003_status.up.sql': 'ALTER TABLE users ADD COLUMN status TEXT NOT NULL;\n',
    });
    expect((await project.run('lint')).code).toBe(1);
    await project.run('apply', '--to', '0002_nick', '--yes');
    const pending = await project.run('lint', '--pending', '--format', 'json');
    expect(
      pending
        .json<LintReport>()
        .files.flatMap((file) => file.findings.map((finding) => `${file.path} ${finding.code}`)),
    ).toEqual(['migrations/0003_status.up.sql required-column']);
  });
});
