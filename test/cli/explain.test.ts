import { describe, expect, test } from 'vitest';
import type { ExplainReport } from '../../server/analysis/report.ts';
import { cliFolder } from '../support/cli.ts';
import { POSTGRES } from '../support/cli-projects.ts';

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

  test('spells locks for people as SQL does, as lint and the editor do', async () => {
    using project = cliFolder({
      ...POSTGRES,
      'migrations/0003_more.up.sql':
        'ALTER TABLE users ADD COLUMN a int, ADD COLUMN b int;\nCREATE INDEX users_a ON users (a);\n',
    });
    const { stdout } = await project.run('explain', 'migrations/0003_more.up.sql');
    expect(stdout).toContain('ACCESS EXCLUSIVE on table public.users');
    expect(stdout).toContain('add column: ACCESS EXCLUSIVE on public.users');
    expect(stdout).toContain('SHARE on table public.users');
    expect(stdout).not.toMatch(/[a-z]Lock\b/);
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
