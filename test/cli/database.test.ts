import { describe, expect, test } from 'vitest';
import type { LintReport } from '../../server/analysis/report.ts';
import type { RunEvent, StatusReport } from '../../server/runner/report.ts';
import { cliFolder } from '../support/cli.ts';
import { POSTGRES, SQLITE } from '../support/cli-projects.ts';

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
    const { stopped: where } = (await project.run('apply', '--yes', '--format', 'json'))
      .lines<RunEvent>()
      .at(-1) as Extract<RunEvent, { event: 'done' }>;
    const { line = 0, character = 0 } = where?.place?.position ?? {};
    expect(where?.place?.path).toBe(fill);
    expect(project.read(fill).split('\n')[line]?.slice(character)).toMatch(/^lockstep_value\('users\.code'\)/);
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
