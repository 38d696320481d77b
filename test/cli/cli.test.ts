import { describe, expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { SQLITE } from '../support/cli-projects.ts';

describe('new', () => {
  test("writes an empty migration in the project's own format", async () => {
    using project = cliFolder({ ...SQLITE, 'lockstep.jsonc': '{ "dialect": "sqlite" }' });
    expect((await project.run('new', 'add', 'user', 'age')).stdout).toBe(
      'migrations/0003_add_user_age.up.sql\nmigrations/0003_add_user_age.down.sql\n',
    );
    expect(project.read('migrations/0003_add_user_age.up.sql').trim()).toBe('');
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
