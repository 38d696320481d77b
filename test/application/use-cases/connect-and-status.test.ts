import { writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { chooseDatabase } from '../../../server/application/use-cases/choose-database.ts';
import { connectProjects, disconnect } from '../../../server/application/use-cases/connect-projects.ts';
import { keepFacts } from '../../../server/application/use-cases/keep-facts.ts';
import { projectStatus, unsettled } from '../../../server/application/use-cases/project-status.ts';
import { runMigrations } from '../../../server/application/use-cases/run-migrations.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { objectKey } from '../../../server/model/names.ts';
import { useProject } from '../../support/use-project.ts';

const SETTINGS = '{ "dialect": "sqlite", "database": { "env": "APP_URL", "environment": "staging" } }';
const FILES = {
  'lockstep.jsonc': SETTINGS,
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n',
  'migrations/0002_nick.up.sql': 'ALTER TABLE users ADD COLUMN nick TEXT;\n',
};
const ENVIRONMENT = { APP_URL: 'sqlite:app.db' };
const QUIET = { onEvent: () => undefined };
const UP = { direction: 'up', extent: { kind: 'next' } } as const;

describe('a database', () => {
  test('is what a person named, else what the configuration names; why there is none is a code', async () => {
    await using use = await useProject(FILES, undefined, ENVIRONMENT);
    const { context, folder } = use;
    const chosen = (wish: object, more: object = {}): unknown =>
      chooseDatabase({ ...context, ...more }, { base: folder, ...wish });
    expect(chosen({})).toMatchObject({ target: { label: 'app.db', url: `${folder}/app.db` }, environment: 'staging' });
    expect(chosen({ url: 'sqlite:other.db', environment: 'production' })).toMatchObject({
      target: { label: 'other.db' },
      environment: 'production',
    });
    expect(chosen({ url: 'mysql://me:hunter2@h/app' })).toMatchObject({ reason: { code: 'url-unreadable' } });
    expect(JSON.stringify(chosen({ url: 'mysql://me:hunter2@h/app' }))).not.toContain('hunter2');
    // Its environment is not read either.
    expect(chosen({}, { isTrusted: false })).toEqual({ kind: 'refused', reason: { code: 'not-trusted' } });
    const outside = { ...context.outside, environmentVariable: () => undefined };
    expect(chosen({}, { outside })).toEqual({
      kind: 'refused',
      reason: { code: 'variable-unset', variable: 'APP_URL' },
    });
    await using without = await useProject({ ...FILES, 'lockstep.jsonc': '{ "dialect": "sqlite" }' });
    expect(chooseDatabase(without.context, { base: without.folder })).toMatchObject({
      reason: { code: 'no-database' },
    });
  });

  test('is connected to each project that is written for it; none is opened for a file that is yet to be made', async () => {
    await using use = await useProject(FILES, undefined, ENVIRONMENT);
    const { context, folder } = use;
    const wish = { base: folder };
    expect(await connectProjects([context], wish)).toEqual({
      kind: 'done',
      value: [{ folder: 'migrations', label: 'app.db', version: '' }],
    });
    expect(use.sessions()).toBe(0);
    expect(await connectProjects([context], { ...wish, url: 'postgres://127.0.0.1:1/app' })).toEqual({
      kind: 'refused',
      reason: { code: 'other-engine', folder: 'migrations', database: expect.stringContaining('127.0.0.1') },
    });
    expect(context.database.named?.target.label).toBe('app.db');
    expect(await connectProjects([{ ...context, isTrusted: false }], wish)).toMatchObject({
      reason: { code: 'not-trusted' },
    });
    disconnect(context);
    expect(context.database.named).toBeUndefined();
    expect(await connectProjects([], wish)).toMatchObject({ reason: { code: 'no-project' } });
  });
});

describe('the status', () => {
  test('reads the sizes of tables again once they are old, and says so to whoever lints by them', async () => {
    await using use = await useProject(FILES, undefined, ENVIRONMENT);
    let now = new Date('2026-01-01T12:00:00Z');
    const context = {
      ...use.context,
      outside: { ...use.context.outside, clock: { ...use.context.outside.clock, now: () => now } },
    };
    writeFileSync(path.join(use.folder, 'app.db'), '');
    await connectProjects([context], { base: use.folder });
    await runMigrations(context, UP, QUIET);
    await projectStatus(context);
    const first = context.project.database;
    const rows = (): unknown =>
      context.project.database?.catalog?.relations.get(objectKey('main', 'users'))?.size?.rows;
    expect(rows()).toBe(0);
    const other = new Database(path.join(use.folder, 'app.db'));
    other.exec(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO users (email) SELECT 'a' FROM n",
    );
    other.close();
    now = new Date('2026-01-01T12:04:00Z');
    await projectStatus(context);
    expect(context.project.database).toBe(first);
    now = new Date('2026-01-01T12:06:00Z');
    await projectStatus(context);
    expect(rows()).toBe(50);
    // What was read just now is young again.
    const second = context.project.database;
    now = new Date('2026-01-01T12:10:00Z');
    await projectStatus(context);
    expect(context.project.database).toBe(second);
  });

  test('says what is connected, what is configured, and why nothing can be asked', async () => {
    await using use = await useProject(FILES, undefined, ENVIRONMENT);
    const { context, folder } = use;
    expect(await projectStatus(context)).toMatchObject({
      isConnected: false,
      problem: null,
      configured: { label: 'app.db', environment: 'staging' },
      inFlight: null,
      report: { database: null, migrations: [{ state: 'unknown' }, { state: 'unknown' }] },
    });
    await connectProjects([context], { base: folder });
    expect(await projectStatus(context)).toMatchObject({
      isConnected: true,
      problem: { code: 'yet-to-be-made', label: 'app.db', engine: 'sqlite' },
      report: { migrations: [{ state: 'unknown' }, { state: 'unknown' }] },
    });
    await runMigrations(context, UP, QUIET);
    const before = use.sessions();
    const { report, problem } = await projectStatus(context);
    expect(use.sessions()).toBe(before + 1);
    expect(problem).toBeNull();
    expect(report).toMatchObject({ database: { label: 'app.db', environment: 'staging' } });
    expect(unsettled(report).map(({ id, state }) => `${id} ${state}`)).toEqual(['0002_nick pending']);
  });

  test('and linting open nothing for a project that was opened again: what was known of its database stays', async () => {
    await using use = await useProject(FILES, undefined, ENVIRONMENT);
    const { context, folder } = use;
    await connectProjects([context], { base: folder });
    await runMigrations(context, UP, QUIET);
    const before = use.sessions();
    const again = async (settings: string): Promise<FolderProject> => {
      await nodeFiles.replace(`${folder}/lockstep.jsonc`, settings);
      const { projects } = await openProjects({ root: folder, files: nodeFiles, engines: await loadEngines() });
      const [project] = projects;
      if (project === undefined) throw new Error('no project was found');
      keepFacts([context.project], [project]);
      return project;
    };
    const same = await again(SETTINGS.replace('"dialect"', '"estimates": {}, "dialect"'));
    expect([...(same.database?.applied ?? [])]).toEqual(['0001_users']);
    expect(same.lint('migrations/0002_nick.up.sql').problems).toEqual([]);
    expect(use.sessions()).toBe(before);
    // Of another product nothing is believed.
    expect((await again('{ "dialect": "postgresql" }')).database).toBeUndefined();
    // A status that is asked for anyway reads what is missing, in its one session.
    same.setDatabase(undefined);
    expect((await projectStatus({ ...context, project: same })).problem).toBeNull();
    expect([...(same.database?.applied ?? [])]).toEqual(['0001_users']);
    expect(use.sessions()).toBe(before + 1);
  });
});
