import { describe, expect, test } from 'vitest';
import type { StatusReport } from '../../server/runner/report.ts';
import { cliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

const CONFIG = `{
  "dialect": "sqlite",
  "database": { "url": "sqlite:dev.db", "environment": "development" },
  "environments": {
    "staging": { "url": "sqlite:staging.db" },
    "production": { "env": "LIVE_URL", "pattern": "live*.db" },
    "eu": { "url": "sqlite:eu.db", "environment": "production" },
    "nowhere": {}
  }
}`;
const FILES = {
  'lockstep.jsonc': CONFIG,
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
};

describe('environments', () => {
  test('each has its database, and is what its name, its own word or a pattern says', async () => {
    using project = cliFolder(FILES);
    const environmentOf = async (...words: readonly string[]): Promise<string | null | undefined> => {
      const variables = { LIVE_URL: 'sqlite:live1.db' };
      await tellInProcess(project.folder, ['apply', '--yes', '--confirm', 'live1.db', ...words], variables);
      const told = await tellInProcess(project.folder, ['status', '--format', 'json', ...words], variables);
      // The command's own report.
      return (JSON.parse(told.output) as StatusReport).database?.environment;
    };
    expect(await environmentOf()).toBe('development');
    expect(await environmentOf('--environment', 'staging')).toBe('staging');
    expect(await environmentOf('--environment', 'production')).toBe('production');
    // Whatever the database is called, the pattern counts.
    expect(await environmentOf('--database', 'sqlite:live1.db')).toBe('production');
    expect(await environmentOf('--database', 'sqlite:live1.db', '--environment', 'staging')).toBe('production');
    expect(project.files()).toEqual(expect.arrayContaining(['dev.db', 'live1.db', 'staging.db']));
  });

  test('what is wrong with a name is said', async () => {
    using project = cliFolder(FILES);
    const told = async (...words: readonly string[]): Promise<string> => {
      const { code, stderr } = await project.run('status', ...words);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await told('--environment', 'live')).toContain('has no environment "live": it has staging, production, eu');
    expect(await told('--environment', 'production')).toContain('LIVE_URL');
    expect(await told('--environment', 'nowhere')).toContain('says nowhere where its database is');
  });

  test('where no database is named, the environments that name one are', async () => {
    using project = cliFolder({
      'lockstep.jsonc': CONFIG.replace(/^.*"database".*$/m, ''),
      'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY);\n',
    });
    const { code, stderr } = await project.run('status');
    expect(code).toBe(2);
    expect(stderr).toContain('give --environment staging|production|eu, or --database');
  });

  test('nothing is written to production before its name is given', async () => {
    using project = cliFolder(FILES);
    const on = ['--environment', 'eu'];
    const states = async (): Promise<string | undefined> =>
      (await project.run('status', '--format', 'json', ...on)).json<StatusReport>().migrations[0]?.state;
    const refused = await project.run('apply', '--all', '--yes', ...on);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(
      'eu.db is production, and nothing is written to it before its name is typed: add --confirm eu.db',
    );
    expect(await project.run('apply', '--all', '--yes', '--confirm', 'dev.db', ...on)).toMatchObject({ code: 2 });
    expect(await states()).toBe('unknown');
    expect(project.files()).not.toContain('eu.db');
    // What only reads needs no name.
    expect(await project.run('apply', '--dry-run', ...on)).toMatchObject({ code: 0 });
    expect(await project.run('apply', '--all', '--yes', '--confirm', 'eu.db', ...on)).toMatchObject({ code: 0 });
    expect(await states()).toBe('applied');
    expect(await project.run('revert', '--last', '--yes', ...on)).toMatchObject({ code: 2 });
    expect(await project.run('unmark', '0001_users', '--yes', ...on)).toMatchObject({ code: 2 });
    expect(await states()).toBe('applied');
    expect(await project.run('revert', '--last', '--yes', '--confirm', 'eu.db', ...on)).toMatchObject({ code: 0 });
    expect(await states()).toBe('pending');
    expect(await project.run('baseline', '--yes', '--despite', 'lacking', ...on)).toMatchObject({ code: 2 });
    expect(await project.run('mark', '0001_users', '--yes', ...on)).toMatchObject({ code: 2 });
    expect(await states()).toBe('pending');
  });

  test("a person's word for a change is written to production after its name only", async () => {
    using project = cliFolder({
      ...FILES,
      'migrations/0002_nick.up.sql': '-- lockstep: change nick phase expand\nALTER TABLE users ADD COLUMN nick TEXT;\n',
      'migrations/0003_drop.up.sql':
        '-- lockstep: change nick phase contract\n-- lockstep: requires deploy "version without id"\nALTER TABLE users ADD COLUMN last TEXT;\n',
    });
    const named = ['--environment', 'eu', '--confirm', 'eu.db'];
    expect(await project.run('apply', '--all', '--yes', ...named)).toMatchObject({ code: 5 });
    const deploy = ['change', 'confirm-deploy', 'nick', '--by', 'ann'];
    const refused = await project.run(...deploy, '--environment', 'eu');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('add --confirm eu.db') });
    expect(await project.run('apply', '--all', '--yes', ...named)).toMatchObject({ code: 5 });
    expect(await project.run(...deploy, ...named)).toMatchObject({ code: 0 });
    expect(await project.run('apply', '--all', '--yes', ...named)).toMatchObject({ code: 0 });
  });

  test('the name is asked for on a terminal, after what would run', async () => {
    using project = cliFolder(FILES);
    const words = ['apply', '--all', '--environment', 'eu'];
    const type = async (name: string) => tellInProcess(project.folder, words, {}, undefined, name);
    const wrong = await type('staging');
    expect(wrong.code).toBe(2);
    expect(wrong.output).toMatch(
      /0001_users[\s\S]*eu\.db is PRODUCTION\. Type its name to go on[\s\S]*is not its name/,
    );
    expect(project.files()).not.toContain('eu.db');
    expect((await type('eu.db')).output).toMatch(/0001_users applied/);
  });

  test('no to what would run leaves no file of a database', async () => {
    using project = cliFolder(FILES);
    const declined = await tellInProcess(project.folder, ['apply', '--all'], {}, undefined, '');
    expect(declined).toMatchObject({ code: 2, output: expect.stringContaining('nothing was done') });
    expect(project.files()).not.toContain('dev.db');
    expect(await project.run('apply', '--all', '--yes')).toMatchObject({ code: 0 });
    expect(project.files()).toContain('dev.db');
  });
});
