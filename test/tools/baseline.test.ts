import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { tellInProcess } from '../support/in-process-cli.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

const URL = 'sqlite:app.db';
const SQLITE = { 'lockstep.jsonc': '{ "dialect": "sqlite" }' };

const tell = (running: RunProject, ...words: readonly string[]): ReturnType<typeof tellInProcess> =>
  tellInProcess(running.folder, [...words, '--database', URL], {});

function execute(running: RunProject, sql: string): void {
  const database = new Database(path.join(running.folder, 'app.db'));
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

describe('a database in use', () => {
  test.each(TOOL_CASES.filter((tool) => tool.databases.includes('sqlite') && tool.appliedByTool === undefined))(
    'without a history is taken over with $id, and given back',
    async (tool) => {
      using running = await runProject({ ...projectFiles(tool.id), ...SQLITE });
      const versioned = tool.ids.filter((id) => tool.repeatable?.includes(id) !== true);
      const states = async (): Promise<readonly string[]> =>
        (await running.states(URL)).filter((line) => versioned.some((id) => line.startsWith(`${id}: `)));
      await running.run(URL);
      const applied = await states();
      execute(running, `DROP TABLE "${running.project.history.table.split('.').at(-1) ?? ''}"`);
      const pending = await states();
      expect(pending).not.toEqual(applied);
      expect(await tell(running, 'baseline')).toMatchObject({ code: 2, output: expect.stringContaining('add --yes') });
      expect(await tell(running, 'baseline', '--dry-run')).toMatchObject({ code: 0 });
      expect(await states()).toEqual(pending);
      const first = versioned[0] ?? '';
      expect(await tell(running, 'baseline', '--to', first, '--yes')).toMatchObject({
        code: 0,
        output: expect.stringContaining(`\n  ${first}\n`),
      });
      expect(await states()).toEqual([applied[0], ...pending.slice(1)]);
      expect(await tell(running, 'baseline', '--yes')).toMatchObject({ code: 0 });
      expect(await states()).toEqual(applied);
      expect((await running.run(URL)).failed).toBeNull();
      const newest = versioned.at(-1) ?? '';
      expect(await tell(running, 'unmark', newest, '--yes')).toMatchObject({ code: 0 });
      expect(await states()).toEqual([...applied.slice(0, -1), pending.at(-1)]);
    },
  );

  test('that has not what the migrations make is not taken over by a slip', async () => {
    using running = await runProject({ ...projectFiles('sql-pairs'), ...SQLITE });
    execute(running, 'CREATE TABLE other (id int)');
    const said = await tell(running, 'baseline', '--yes');
    expect(said).toMatchObject({ code: 5, output: expect.stringContaining('has no table users') });
    expect(await tell(running, 'baseline', '--dry-run')).toMatchObject({ code: 5 });
    expect(new Set((await running.states(URL)).map((line) => line.split(': ')[1]))).toEqual(new Set(['pending']));
    const json = await tell(running, 'baseline', '--yes', '--despite', 'lacking', '--format', 'json');
    expect(JSON.parse(json.output)).toEqual({
      schemaVersion: 1,
      database: expect.stringContaining('app.db'),
      ids: ['2_users', '10_nick', '11_index'],
      lacking: ['users'],
      dryRun: false,
    });
    expect(await tell(running, 'baseline', '--yes')).toMatchObject({
      code: 0,
      output: expect.stringContaining('Nothing to mark'),
    });
  });

  test('is left alone where a word is wrong, or a migration failed half-way', async () => {
    using running = await runProject({ ...projectFiles('golang-migrate'), ...SQLITE });
    execute(running, 'CREATE TABLE users (id int)');
    expect(await tell(running, 'baseline', '--to', 'none', '--yes')).toMatchObject({
      code: 2,
      output: expect.stringContaining('no migration "none"'),
    });
    expect(await tell(running, 'unmark', '2_users', '--yes')).toMatchObject({
      code: 2,
      output: expect.stringContaining('2_users is pending now'),
    });
    execute(
      running,
      'CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (10, 1)',
    );
    expect(await tell(running, 'baseline', '--yes')).toMatchObject({
      code: 2,
      output: expect.stringContaining('10_nick is failed now'),
    });
  });
});
