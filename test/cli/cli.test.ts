import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ExplainReport, FixReport, LintReport } from '../../server/analysis/report.ts';
import type { RunEvent, StatusReport } from '../../server/runner/report.ts';
import { cliFolder } from '../support/cli.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\n';
const STATUS = 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n';
const POSTGRES = { 'migrations/0001_users.up.sql': USERS, 'migrations/0002_status.up.sql': STATUS };
const SQLITE = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db", "environment": "staging" } }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_nick.up.sql': 'ALTER TABLE users ADD COLUMN nick TEXT;\n',
  'migrations/0002_nick.down.sql': 'ALTER TABLE users DROP COLUMN nick;\n',
};

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
        '    Dropping table a breaks every query of the running version that names it and its rows are gone: deploy a version without it first, then drop it as a contract step. The same holds for public.b, public.c.',
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
    project.write('migrations/0005_e.up.sql', 'TRUNCATE users;\nTRUNCATE users;\n');
    expect((await project.run('fix', 'migrations/0005_e.up.sql')).stdout).toMatch(
      /^(?:not fixed truncate-in-use: There is no fix for this: TRUNCATE .*\n){2}$/,
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

describe('explain', () => {
  test("prints the contract's JSON", async () => {
    using project = cliFolder({
      ...POSTGRES,
      'migrations/0003_type.up.sql':
        'ALTER TABLE users ALTER COLUMN email TYPE json USING email::json, ADD COLUMN a int;\n',
    });
    const report = (
      await project.run('explain', 'migrations/0003_type.up.sql', '--format', 'json')
    ).json<ExplainReport>();
    expect(report.files).toHaveLength(1);
    expect(report.files[0]).toMatchObject({
      path: 'migrations/0003_type.up.sql',
      tool: 'sql-pairs',
      dialect: 'postgresql',
      serverVersion: '17',
      transaction: 'one',
    });
    const statement = report.files[0]?.statements[0];
    expect(statement).toMatchObject({
      analysed: true,
      operations: [
        { kind: 'alter-type', relation: 'public.users' },
        { kind: 'add-column', relation: 'public.users' },
      ],
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 82 } },
    });
    expect(statement?.effects[0]).toMatchObject({
      relation: 'public.users',
      relationKind: 'table',
      lock: 'AccessExclusiveLock',
      blocks: ['reads', 'writes', 'ddl'],
      rewrite: true,
      scan: true,
    });
  });

  test('says what it could not analyse', async () => {
    using project = cliFolder({
      'migrations/1_a.up.sql': "DO $$ BEGIN EXECUTE 'ALTER TABLE ' || current_user || ' ADD a int'; END $$;\n",
    });
    const statement = (await project.run('explain', '--format', 'json')).json<ExplainReport>().files[0]?.statements[0];
    expect(statement).toMatchObject({ analysed: false });
    expect(statement?.reason?.length).toBeGreaterThan(10);
  });
});

describe('fix', () => {
  test('shows what it would do and does nothing; with --write it does it, and linting is silent', async () => {
    using project = cliFolder(POSTGRES);
    const before = project.files();
    const shown = (await project.run('fix', 'migrations/0002_status.up.sql', '--format', 'json')).json<FixReport>();
    expect(project.files()).toEqual(before);
    expect(shown.fixes[0]).toMatchObject({ code: 'whole-migration', kind: 'change', safety: 'review' });
    expect(shown.fixes[0]?.steps.map((step) => step.phase)).toEqual([
      'expand',
      'migrate',
      'contract',
      'contract',
      'contract',
    ]);
    expect(shown.fixes[0]?.steps[1]?.requires).toEqual([
      { kind: 'deploy', description: 'version that writes users.status' },
    ]);
    expect(shown.fixes[0]?.files[0]).toMatchObject({ path: 'migrations/0002_status.up.sql', action: 'delete' });
    const written = (
      await project.run(
        ...['fix', 'migrations/0002_status.up.sql', '--write', '--format', 'json'],
        ...['--value', "users.status='active'"],
      )
    ).json<FixReport>();
    expect(project.files()).toEqual(
      [
        'migrations/0001_users.up.sql',
        ...(written.fixes[0]?.files ?? []).filter((file) => file.action === 'create').map((file) => file.path),
      ].sort(),
    );
    for (const file of written.fixes[0]?.files ?? [])
      if (file.action === 'create') expect(project.read(file.path)).toBe(file.text);
    expect(await project.run('lint')).toMatchObject({ code: 0 });
  });

  test('plans a whole migration: what the person wrote is the fill, one deploy, what is safe stays', async () => {
    using project = cliFolder({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_more.up.sql':
        "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active';\nALTER TABLE users ALTER COLUMN status SET NOT NULL;\nCREATE INDEX users_status ON users (status);\n",
    });
    const report = (
      await project.run('fix', 'migrations/0002_more.up.sql', '--write', '--format', 'json')
    ).json<FixReport>();
    expect(report.fixes.map((fix) => fix.code)).toEqual(['whole-migration']);
    expect(report.skipped).toEqual([]);
    const steps = report.fixes[0]?.steps ?? [];
    expect(steps.map((step) => step.phase)).toEqual(['expand', 'migrate', 'contract', 'contract', 'contract']);
    expect(steps.filter((step) => step.requires?.some(({ kind }) => kind === 'deploy'))).toHaveLength(1);
    expect(project.read('migrations/0002_more.up.sql')).toBe('ALTER TABLE users ADD COLUMN status text;\n');
    expect(project.read('migrations/0004_fill_users_status.up.sql')).toContain("SET status = 'active' WHERE");
    expect(await project.run('lint')).toMatchObject({ code: 0 });
  });

  test('does not guess that a column dropped and one added is a rename', async () => {
    using project = cliFolder({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_more.up.sql': 'ALTER TABLE users DROP COLUMN email;\nALTER TABLE users ADD COLUMN mail text;\n',
    });
    const report = (
      await project.run('fix', 'migrations/0002_more.up.sql', '--write', '--format', 'json')
    ).json<FixReport>();
    expect(report.fixes).toEqual([]);
    expect(report.skipped[0]).toMatchObject({ code: 'column-replaced' });
    expect(report.skipped[0]?.reason).toContain('RENAME COLUMN');
  });

  test('fixes every finding of a file, one after the other', async () => {
    using project = cliFolder({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_more.up.sql': `${STATUS}ALTER TABLE users ADD COLUMN nick text;\nCREATE INDEX users_email ON users (email);\n`,
    });
    const report = (
      await project.run(
        ...['fix', 'migrations/0002_more.up.sql', '--statement', '--write', '--format', 'json'],
        ...['--value', "status='active'"],
      )
    ).json<FixReport>();
    expect(report.fixes.map((fix) => fix.code)).toEqual(['required-column', 'blocking-index']);
    expect(report.fixes.flatMap((fix) => fix.values)).toEqual([]);
    expect(project.read('migrations/0002_more.up.sql')).toBe('ALTER TABLE users ADD COLUMN nick text;\n');
    expect(await project.run('lint')).toMatchObject({ code: 0 });
  });

  test('names what it cannot fix, and why', async () => {
    using project = cliFolder({
      ...POSTGRES,
      'migrations/0003_later.up.sql': "UPDATE users SET status = 'x' WHERE id = 1;\n",
    });
    const report = (await project.run('fix', 'migrations/0002_status.up.sql', '--format', 'json')).json<FixReport>();
    expect(report.fixes).toEqual([]);
    expect(report.skipped[0]).toMatchObject({ code: 'whole-migration' });
    expect(report.skipped[0]?.reason).toContain('0003_later');
  });
});

describe('the database', () => {
  test('goes up and down, and every command tells the same', async () => {
    using project = cliFolder(SQLITE);
    expect(await project.run('verify')).toMatchObject({ code: 3 });
    const applied = await project.run('apply', '--yes', '--format', 'json');
    expect(applied.code).toBe(0);
    const events = applied.lines<RunEvent>();
    expect(events.map((event) => event.event)).toEqual([
      'start',
      'migration',
      'applied',
      'migration',
      'applied',
      'done',
    ]);
    expect(events.at(-1)).toMatchObject({ applied: ['0001_users', '0002_nick'], failed: null, notRun: [] });
    const status = (await project.run('status', '--format', 'json')).json<StatusReport>();
    expect(Object.keys(status)).toEqual([
      'schemaVersion',
      'tool',
      'folder',
      'database',
      'history',
      'counts',
      'migrations',
      'changes',
      'problems',
    ]);
    expect(status).toMatchObject({
      schemaVersion: 1,
      tool: 'sql-pairs',
      folder: 'migrations',
      database: { kind: 'sqlite', label: 'app.db', environment: 'staging' },
      history: { table: 'lockstep_history', exists: true },
      counts: { applied: 2, pending: 0, outOfOrder: 0, drifted: 0, missing: 0, failed: 0 },
    });
    expect(status.migrations[0]).toMatchObject({
      id: '0001_users',
      name: 'users',
      state: 'applied',
      reversible: true,
      phase: null,
      change: null,
    });
    expect(await project.run('verify')).toMatchObject({ code: 0 });
    expect((await project.run('revert', '--last', '--dry-run')).stdout).toContain(
      'ALTER TABLE users DROP COLUMN nick;',
    );
    expect((await project.run('revert', '--last', '--yes', '--format', 'json')).lines<RunEvent>().at(-1)).toMatchObject(
      { applied: ['0002_nick'] },
    );
    expect(await project.run('verify')).toMatchObject({ code: 1 });
    expect((await project.run('apply', '--dry-run')).stdout).toContain('ALTER TABLE users ADD COLUMN nick TEXT;');
    expect((await project.run('apply', '--to', '0002_nick', '--yes')).code).toBe(0);
    expect((await project.run('revert', '--steps', '2', '--yes')).code).toBe(0);
    expect((await project.run('script', '--to', '0001_users')).stdout).toBe(
      '-- 0001_users (up)\nBEGIN;\nCREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\nCOMMIT;\n',
    );
    expect((await project.run('script', '--down')).stdout).toMatch(/0002_nick \(down\)[\s\S]*0001_users \(down\)/);
  });

  test('a migration that fails ends with 4 and its place', async () => {
    using project = cliFolder({
      ...SQLITE,
      'migrations/0003_bad.up.sql': 'SELECT 1;\nINSERT INTO nowhere VALUES (1);\n',
    });
    const result = await project.run('apply', '--yes');
    expect(result.code).toBe(4);
    expect(result.stdout).toContain('migrations/0003_bad.up.sql:2:1 no such table: nowhere');
    expect(result.stdout).toContain('Nothing of it stands: the database is as it was before it.');
  });

  test('a requirement that is not met ends with 5, until it is confirmed', async () => {
    using project = cliFolder({
      ...SQLITE,
      'migrations/0003_drop.up.sql':
        '-- lockstep: change users-nick phase contract\n-- lockstep: requires deploy "version without nick"\nALTER TABLE users DROP COLUMN nick;\n',
    });
    const stopped = await project.run('apply', '--yes', '--format', 'json');
    expect(stopped.code).toBe(5);
    expect(stopped.stderr).toContain('lockstep change confirm-deploy users-nick');
    expect(stopped.lines<RunEvent>().at(-1)).toMatchObject({
      event: 'done',
      stopped: { id: '0003_drop' },
      notRun: ['0003_drop'],
    });
    expect((await project.run('change', 'confirm-deploy', 'users-nick', '--by', 'ann')).stdout).toContain(
      'Confirmed by ann on app.db: version without nick',
    );
    expect((await project.run('apply', '--yes')).code).toBe(0);
    expect(
      (await project.run('change', 'list', '--format', 'json')).json<{ readonly changes: readonly unknown[] }>()
        .changes,
    ).toMatchObject([{ id: 'users-nick', phase: 'contracted', progress: 1 }]);
  });

  test('a value that nobody gave holds the step, in lint and at apply, until it is written', async () => {
    using project = cliFolder({
      ...SQLITE,
      'migrations/0003_more.up.sql': 'ALTER TABLE users ADD COLUMN code TEXT NOT NULL;\n',
    });
    const at = 'migrations/0003_more.up.sql';
    const wrong = async (value: string): Promise<string> => {
      const result = await project.run('fix', at, '--value', value, '--write');
      expect(result.code).toBe(2);
      return result.stderr;
    };
    expect(await wrong('code')).toContain('column=expression');
    expect(await wrong('nick=1')).toContain('the steps ask for users.code');
    expect(await wrong("code=a');")).toContain('no SQL expression');
    const fixed = await project.run('fix', at, '--write');
    expect(fixed.stdout).toContain('needs    a value of users.code (TEXT) for the rows that exist');
    const lint = await project.run('lint');
    expect(lint.code).toBe(1);
    expect(lint.stdout).toContain('missing-value');
    await project.run('apply', '--yes');
    await project.run('change', 'confirm-deploy', 'users-code');
    const stopped = await project.run('apply', '--yes');
    expect(stopped.code).toBe(5);
    expect(stopped.stderr + stopped.stdout).toContain(
      '0005_fill_users_code is not run yet: it waits for the value of users.code',
    );
    const fill = 'migrations/0005_fill_users_code.up.sql';
    project.write(fill, project.read(fill).replace("lockstep_value('users.code')", "'none'"));
    expect((await project.run('lint')).code).toBe(0);
    expect((await project.run('apply', '--yes')).code).toBe(0);
  });

  test('plan writes a change that no migration asked for, which lints silent and applies', async () => {
    using project = cliFolder(SQLITE);
    const dry = await project.run('plan', 'drop-column', 'users.nick', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('Nothing was written');
    expect(project.files()).not.toContain('migrations/0003_drop_users_nick.up.sql');
    const planned = await project.run(
      'plan',
      'required-column',
      'users.status',
      'TEXT',
      '--value',
      "status='new'",
      '--format',
      'json',
    );
    expect(planned.json<unknown>()).toMatchObject({
      schemaVersion: 1,
      change: 'users-status',
      written: true,
      steps: [{ phase: 'expand' }, { phase: 'migrate' }, { phase: 'contract' }],
    });
    expect((await project.run('lint', '--format', 'json')).json<LintReport>().summary).toMatchObject({
      errors: 0,
      warnings: 0,
    });
    expect((await project.run('apply', '--yes')).code).toBe(5);
    await project.run('change', 'confirm-deploy', 'users-status');
    expect((await project.run('apply', '--yes')).code).toBe(0);
    expect((await project.run('plan', 'drop-column', 'users.nick')).code).toBe(0);
    // A required column without a default: what dropping it would break is said, and nothing is written.
    expect((await project.run('plan', 'drop-column', 'users.status')).stderr).toContain(
      'is required and has no default',
    );
  });

  test.each([
    [['plan'], 'plan takes a change: rename-column, '],
    [['plan', 'drop-column'], 'drop-column takes 1 word: drop-column TABLE.COLUMN'],
    [['plan', 'drop-column', 'users'], '"users" is no column of a table: write TABLE.COLUMN'],
    [['plan', 'required-column', 'users.a', 'TEXT; DROP TABLE users'], 'this is not one statement'],
    [['plan', 'required-column', 'users.a', 'TEXT )'], 'yntax error'],
  ])('%j is refused in one line and writes nothing', async (words, message) => {
    using project = cliFolder(SQLITE);
    const before = project.files();
    const result = await project.run(...words);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^lockstep: [^\n]+\n$/);
    expect(result.stderr).toContain(message);
    expect(project.files()).toEqual(before);
  });

  test('a change says what comes next, and its runbook what to do in which order', async () => {
    using project = cliFolder({
      ...SQLITE,
      'migrations/0003_nick.up.sql':
        '-- lockstep: change users-nick phase expand\n-- lockstep: title "Make users.nick optional"\nCREATE INDEX users_nick ON users (nick);\n',
      'migrations/0003_nick.down.sql': 'DROP INDEX users_nick;\n',
      'migrations/0004_drop.up.sql':
        '-- lockstep: change users-nick phase contract\n-- lockstep: requires deploy "version without nick"\nDROP INDEX users_nick;\nALTER TABLE users DROP COLUMN nick;\n',
      'migrations/0004_drop.down.sql': '-- lockstep: irreversible "the values are gone"\n',
    });
    const next = async (): Promise<unknown> =>
      (await project.run('change', 'list', '--format', 'json')).json<StatusReport>().changes[0]?.next;
    const page = await project.run('change', 'runbook', 'users-nick');
    expect(page).toMatchObject({ code: 0, stderr: '' });
    expect(page.stdout).toContain('| 2 | contract | `0004_drop` | deploy: version without nick | not known |');
    expect(page.stdout).toContain('`lockstep apply --to 0003_nick`');
    expect(page.stdout).toContain('  - main.users: write lock, blocks writes until it is done, read whole');
    expect(page.stdout).toContain('**Way back**: `lockstep revert --to 0002_nick`');
    expect(page.stdout).toContain('**Way back**: none. 0004_drop cannot be reverted: the values are gone');
    expect(page.stdout).toContain('lockstep change confirm-deploy users-nick');
    expect(project.files()).not.toContain('app.db');
    await project.run('apply', '--to', '0002_nick', '--yes');
    expect(await next()).toMatchObject({ action: 'apply', migration: '0003_nick' });
    await project.run('apply', '--yes');
    expect(await next()).toMatchObject({
      action: 'confirm-deploy',
      migration: '0004_drop',
      deploy: 'version without nick',
    });
    expect((await project.run('change', 'runbook', 'users-nick')).stdout).toContain(
      '| 1 | expand | `0003_nick` | nothing | applied |',
    );
    await project.run('change', 'confirm-deploy', 'users-nick');
    expect((await project.run('change', 'show', 'users-nick')).stdout).toContain('Next: 0004_drop can be applied.');
    await project.run('apply', '--yes');
    expect(await next()).toBeNull();
    expect((await project.run('change', 'runbook', 'unknown')).stderr).toContain('there is no change "unknown"');
  });

  test('nothing is changed without --yes where nobody can be asked', async () => {
    using project = cliFolder(SQLITE);
    const result = await project.run('apply');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(
      /^lockstep: apply changes the database and there is no terminal to ask on: add --yes/,
    );
    expect(project.files()).not.toContain('app.db');
  });

  test('status without the database says so, shows what the files tell, and ends with 3', async () => {
    using project = cliFolder(SQLITE);
    const result = await project.run('status', '--format', 'json');
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/^lockstep: app\.db does not exist/);
    expect(result.json<StatusReport>().migrations.map((migration) => migration.state)).toEqual(['unknown', 'unknown']);
  });

  test('a password in a URL is never shown', async () => {
    using project = cliFolder(POSTGRES);
    const url = 'postgres://me:hunter2@127.0.0.1:1/app';
    for (const words of [
      ['status', '--database', url],
      ['apply', '--yes', '--database', url],
      ['status', '--verbose', '--database', url],
      ['lint', '--pending', '--database', url],
    ]) {
      const result = await project.run(...words);
      expect(result.code).toBe(3);
      expect(result.stdout + result.stderr).not.toContain('hunter2');
    }
    project.write('lockstep.jsonc', '{ "database": { "env": "APP_DATABASE" } }');
    const named = await project.runWith({ APP_DATABASE: url }, 'status');
    expect(named.code).toBe(3);
    expect(named.stdout + named.stderr).not.toContain('hunter2');
    expect((await project.run('status')).stderr).toContain('the environment variable APP_DATABASE');
  });

  test('files of another kind than the database are refused', async () => {
    using project = cliFolder({ ...POSTGRES, 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
    project.write('other/1_a.up.sql', 'SELECT 1;');
    const result = await project.run(
      'status',
      '--cwd',
      '.',
      '--config',
      'lockstep.jsonc',
      '--dialect',
      'postgresql',
      '--database',
      'sqlite:lockstep.jsonc',
    );
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/^lockstep: /);
  });
});

describe('new', () => {
  test("writes an empty migration in the project's own format", async () => {
    using project = cliFolder({ ...SQLITE, 'lockstep.jsonc': '{ "dialect": "sqlite" }' });
    expect((await project.run('new', 'add', 'user', 'age')).stdout).toBe(
      'migrations/0003_add_user_age.up.sql\nmigrations/0003_add_user_age.down.sql\n',
    );
    expect(project.read('migrations/0003_add_user_age.up.sql').trim()).toBe('');
  });
});

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
    await project.run('apply', '--yes');
    const status = (await project.run('status', '--format', 'json')).json<StatusReport>();
    expect(status.problems.map((problem) => problem.message).join()).toMatch(
      /0002_other\.up\.sql and 0002_nick\.up\.sql have one number/,
    );
    expect(await project.run('verify')).toMatchObject({ code: 1 });
  });
});

test('help names every command', async () => {
  using project = cliFolder({});
  const help = (await project.run('--help')).stdout;
  for (const command of [
    'lint',
    'explain',
    'fix',
    'status',
    'verify',
    'apply',
    'revert',
    'baseline',
    'mark',
    'unmark',
    'script',
    'new',
    'change',
    'lsp',
  ]) {
    expect(help).toContain(`  ${command} `);
    if (command !== 'lsp') expect(await project.run(command, '--help')).toMatchObject({ code: 0 });
  }
  expect((await project.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
