import { describe, expect, test } from 'vitest';
import type { FixReport } from '../../server/analysis/report.ts';
import { cliFolder } from '../support/cli.ts';
import { POSTGRES, STATUS, USERS } from '../support/cli-projects.ts';

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

  test('says how many findings remain where nothing is fixed', async () => {
    using project = cliFolder({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_more.up.sql': 'ALTER TABLE users DROP COLUMN nobody;\nDROP TABLE users;\n',
      'migrations/0003_fine.up.sql': 'CREATE TABLE fine (id bigint PRIMARY KEY);\n',
    });
    const fix = async (...words: string[]): Promise<string> => (await project.run('fix', ...words)).stdout;
    expect(await fix('migrations/0003_fine.up.sql')).toBe('Nothing to fix.\n');
    expect(await fix('migrations/0002_more.up.sql', '--rule', 'blocking-index')).toMatch(
      /^Nothing to fix of blocking-index\. There is elsewhere: \d errors?/,
    );
    expect(await fix('migrations/0002_more.up.sql', '--at', '99')).toMatch(
      /^Nothing to fix at line 99\. There is elsewhere: \d errors?/,
    );
    const whole = await fix('migrations/0002_more.up.sql');
    expect(whole).toContain('statement-not-supported: The database refuses this statement as it is.');
    expect(whole).not.toContain('Nothing to fix');
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

  test("names the change after the migration's words where the tool's id is a timestamp alone", async () => {
    const at = 'db/migrations/20260201000000_many_things.sql';
    using project = cliFolder({
      'lockstep.jsonc': '{ "dialect": "postgresql" }\n',
      'db/migrations/20260101000000_users.sql':
        '-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY, email text, name text);\n\n-- migrate:down\nDROP TABLE users;\n',
      [at]: "-- migrate:up\nCREATE INDEX users_email ON users (email);\nALTER TABLE users ADD COLUMN state text NOT NULL;\nALTER TABLE users ADD CONSTRAINT named CHECK (name <> '');\nALTER TABLE users ALTER COLUMN name SET NOT NULL;\n\n-- migrate:down\n",
    });
    const { fixes } = (await project.run('fix', at, '--format', 'json')).json<FixReport>();
    const changes = fixes[0]?.files.flatMap(({ text }) => /^-- lockstep: change (\S+)/m.exec(text ?? '')?.[1] ?? []);
    expect(new Set(changes)).toEqual(new Set(['20260201000000-many-things']));
    const shared = fixes[0]?.files.map(({ path }) => path.replace(/^.*\/\d+_/, '')) ?? [];
    expect(shared).toContain('many_things_contract.sql');
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
