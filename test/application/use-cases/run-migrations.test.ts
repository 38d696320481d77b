import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  planMigrations,
  runMigrations,
  type RunHooks,
  type RunWish,
} from '../../../server/application/use-cases/run-migrations.ts';
import { useProject } from '../../support/use-project.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite" }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_nick.up.sql': 'ALTER TABLE users ADD COLUMN nick TEXT;\n',
  'migrations/0002_nick.down.sql': 'ALTER TABLE users DROP COLUMN nick;\n',
};
const URL = 'sqlite:app.db';
const UP: RunWish = { direction: 'up', extent: { kind: 'all' } };
const BOTH = ['0001_users', '0002_nick'];
const QUIET: RunHooks = { onEvent: () => undefined };

describe('a run', () => {
  test('is planned on a database that is yet to be made, and nothing is made or opened by it', async () => {
    await using use = await useProject(FILES, URL);
    expect(await planMigrations(use.context, UP)).toMatchObject({ kind: 'planned', ids: BOTH });
    expect(await planMigrations(use.context, { ...UP, extent: { kind: 'next' } })).toMatchObject({
      ids: ['0001_users'],
    });
    expect(await planMigrations(use.context, { ...UP, extent: { kind: 'to', id: 'gone' } })).toMatchObject({
      kind: 'not-started',
      why: { kind: 'refused', reason: { code: 'no-such-migration', id: 'gone', folder: 'migrations' } },
    });
    expect(await planMigrations(use.context, { ...UP, direction: 'down' })).toMatchObject({ ids: [], sql: '' });
    expect(existsSync(path.join(use.folder, 'app.db'))).toBe(false);
    expect(use.sessions()).toBe(0);
  });

  test('does what was agreed to and leaves the project with what the database has', async () => {
    await using use = await useProject(FILES, URL);
    const shown: unknown[] = [];
    const agree =
      (answer: 'no' | 'as-shown') =>
      async (what: unknown): Promise<'no' | 'as-shown'> => {
        shown.push(what);
        return answer;
      };
    expect(await runMigrations(use.context, UP, { ...QUIET, agree: agree('no') })).toEqual({ kind: 'declined' });
    expect(shown).toEqual([{ database: 'app.db', environment: null, ids: BOTH, losses: [] }]);
    expect(use.context.project.database).toBeUndefined();
    expect(await runMigrations(use.context, UP, { ...QUIET, agree: agree('as-shown') })).toMatchObject({
      kind: 'ended',
      done: { applied: BOTH, failed: null },
      invalidIndexes: [],
    });
    // Of no, of what was shown while there was no file yet, and of the run.
    expect(use.sessions()).toBe(3);
    expect([...(use.context.project.database?.applied ?? [])]).toEqual(BOTH);
  });

  test('is one at a time in a project, and tells what it is at', async () => {
    await using use = await useProject(FILES, URL);
    const { context } = use;
    const met: unknown[] = [];
    const running = runMigrations(context, UP, {
      onEvent: (event) => {
        if (event.event === 'migration') met.push(context.database.inFlight);
      },
    });
    expect(await runMigrations(context, UP, QUIET)).toEqual({ kind: 'refused', reason: { code: 'run-in-flight' } });
    expect(await running).toMatchObject({ kind: 'ended' });
    expect(met).toEqual(BOTH.map((id) => ({ direction: 'up', id, blockers: [] })));
    expect(context.database.inFlight).toBeUndefined();
  });

  test('says by a code why it is not begun', async () => {
    await using use = await useProject(FILES);
    const { context } = use;
    const refused = (code: string): unknown => ({ kind: 'refused', reason: { code } });
    expect(await runMigrations(context, UP, QUIET)).toEqual(refused('not-connected'));
    expect(await planMigrations(context, UP)).toEqual(refused('not-connected'));
    expect(await runMigrations({ ...context, isTrusted: false }, UP, QUIET)).toEqual(refused('not-trusted'));
    await using down = await useProject(
      { ...FILES, 'lockstep.jsonc': '{ "dialect": "postgresql" }' },
      'postgres://me:hunter2@127.0.0.1:1/app',
    );
    const unreachable = await runMigrations(down.context, UP, QUIET);
    expect(unreachable).toMatchObject({
      kind: 'refused',
      reason: { code: 'database', failure: { kind: 'unreachable' } },
    });
    expect(JSON.stringify(unreachable)).not.toContain('hunter2');
    expect(down.context.database.inFlight).toBeUndefined();
  });
});
