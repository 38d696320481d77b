import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { FleetReport } from '../../server/application/use-cases/fleet.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

const FILES = {
  'lockstep.jsonc':
    '{ "dialect": "sqlite", "fleets": { "tenants": { "env": "TENANTS", "wave": 2 }, "live": { "env": "LIVE", "environment": "production" } } }',
  'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
  'migrations/0002_b.up.sql': 'CREATE TABLE b (id INTEGER PRIMARY KEY);\n',
};
const VARIABLES = {
  TENANTS: 'sqlite:t1.db sqlite:t2.db\nnorth sqlite:t3.db\n# nobody\nsqlite:t4.db\nsqlite:t5.db\nsqlite:t6.db',
  LIVE: 'sqlite:live.db',
};

function telling(project: CliFolder, typed?: string) {
  return (...words: readonly string[]) => tellInProcess(project.folder, words, VARIABLES, undefined, typed);
}

/** What each database really has. */
function applied(project: CliFolder, name: string): readonly unknown[] {
  try {
    const file = new Database(`${project.folder}/${name}.db`, { readonly: true });
    const ids = file.prepare('SELECT id FROM lockstep_history ORDER BY id').pluck().all();
    file.close();
    return ids;
  } catch {
    return [];
  }
}

function outcomes({ databases }: Pick<FleetReport, 'databases'>): string {
  return databases.map(({ name, outcome }) => `${name}:${outcome}`).join(' ');
}

describe('a fleet', () => {
  test('is gone through in waves, one database first, up to the wave in which one fails; the report is what each has', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    const broken = new Database(`${project.folder}/t3.db`);
    broken.exec('CREATE TABLE b (id INTEGER)');
    broken.close();
    const run = await tell('fleet', 'apply', 'tenants', '--yes', '--report', 'report.json', '--format', 'json');
    expect(run.code).toBe(4);
    const report = JSON.parse(run.output) as FleetReport;
    expect(outcomes(report)).toBe(
      't1.db:applied t2.db:applied north:failed t4.db:not-begun t5.db:not-begun t6.db:not-begun',
    );
    expect(report.databases[2]).toMatchObject({ applied: ['0001_a'], due: ['0002_b'] });
    expect(report.databases[2]?.message).toContain('0002_b');
    expect(['t1', 't2', 't3', 't4', 't5', 't6'].map((name) => applied(project, name).length)).toEqual([
      2, 2, 1, 0, 0, 0,
    ]);
    expect(outcomes(JSON.parse(project.read('report.json')) as FleetReport)).toBe(outcomes(report));
    const told = await tell('fleet', 'status', 'tenants', '--format', 'json');
    expect(told.code).toBe(1);
    expect(outcomes(JSON.parse(told.output) as FleetReport)).toBe(
      't1.db:up-to-date t2.db:up-to-date north:behind t4.db:behind t5.db:behind t6.db:behind',
    );
    // Put right, the same command goes on with those that are left; what was applied before stays in the report.
    const mended = new Database(`${project.folder}/t3.db`);
    mended.exec('DROP TABLE b');
    mended.close();
    const again = await tell('fleet', 'apply', 'tenants', '--yes', '--report', 'report.json', '--format', 'json');
    expect(again.code).toBe(0);
    const whole = JSON.parse(again.output) as FleetReport;
    expect(outcomes(whole)).toBe(
      't1.db:up-to-date t2.db:up-to-date north:applied t4.db:applied t5.db:applied t6.db:applied',
    );
    expect(whole.databases.every((each) => each.applied.join() === '0001_a,0002_b')).toBe(true);
    expect((await tell('fleet', 'status', 'tenants')).output).toMatch(/^tenants: 6 of 6 up to date/);
  });

  test('with a database that cannot be reached stops there, and says so', async () => {
    using project = cliFolder({
      ...FILES,
      'list.txt': 'first sqlite:t1.db\nsecond sqlite:nowhere/t2.db\nthird sqlite:t3.db\n',
    });
    const tell = telling(project);
    const run = await tell('fleet', 'apply', 'others', '--list', 'list.txt', '--wave', '1', '--yes');
    expect(run.code).toBe(3);
    expect(run.output).toMatch(/first +applied[\s\S]*second +unreachable[\s\S]*third +not begun/);
  });

  test('with production in it is applied to when its name is given', async () => {
    using project = cliFolder(FILES);
    const tell = telling(project);
    const refused = await tell('fleet', 'apply', 'live', '--yes');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.output).toContain('add --confirm live');
    expect(await tell('fleet', 'apply', 'live', '--yes', '--confirm', 'tenants')).toMatchObject({ code: 2 });
    expect(await telling(project, 'lives')('fleet', 'apply', 'live')).toMatchObject({ code: 2 });
    expect(applied(project, 'live')).toEqual([]);
    expect(await telling(project, 'live')('fleet', 'apply', 'live')).toMatchObject({ code: 0 });
    expect(applied(project, 'live')).toEqual(['0001_a', '0002_b']);
  });

  test('whose list is wrong is a sentence without a word of it', async () => {
    using project = cliFolder({
      ...FILES,
      'twice.txt': 'sqlite:t1.db\nsqlite:t1.db\n',
      'odd.txt': 'mysql://me:hunter2@h/app\n',
      'other.txt': 'postgres://me:hunter2@h/app\n',
      'report.json': '{ "fleet": "others", "databases": [] }',
    });
    const tell = telling(project);
    const told = async (...words: readonly string[]): Promise<string> => {
      const { code, output } = await tell('fleet', 'apply', 'x', '--yes', ...words);
      expect(code).toBe(2);
      expect(output).not.toContain('hunter2');
      return output;
    };
    expect(await told()).toContain('has no fleet "x"');
    expect(await told('--list', 'twice.txt')).toContain('line 2 of the list names t1.db a second time');
    expect(await told('--list', 'odd.txt')).toContain('line 1 of the list: Lockstep connects to');
    expect(await told('--list', 'other.txt')).toContain('of another kind');
    expect(await told('--list', 'nowhere.txt')).toContain('there is no file nowhere.txt');
    project.write('one.txt', 'sqlite:t1.db');
    expect(await told('--list', 'one.txt', '--report', 'report.json')).toContain('is no report of the fleet x');
    expect(applied(project, 't1')).toEqual([]);
  });
});
