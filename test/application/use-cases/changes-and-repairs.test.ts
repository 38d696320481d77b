import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  checkParity,
  confirmDeploy,
  fillChange,
  listChanges,
  runbookOf,
  showChange,
} from '../../../server/application/use-cases/follow-change.ts';
import { appliedText, markHistory } from '../../../server/application/use-cases/repair-history.ts';
import { findingFixes, namedFix, wholeFixes } from '../../../server/application/use-cases/fix-migration.ts';
import { runMigrations } from '../../../server/application/use-cases/run-migrations.ts';
import { createMigration, planWishedChange } from '../../../server/application/use-cases/write-migrations.ts';
import { useProject } from '../../support/use-project.ts';

const DEPLOY = 'version without email';
const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite" }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n',
  'migrations/0002_nick.up.sql':
    '-- lockstep: change users-nick phase expand\nALTER TABLE users ADD COLUMN nick TEXT;\n',
  'migrations/0003_fill.up.sql': '-- lockstep: change users-nick phase migrate\nUPDATE users SET nick = email;\n',
  'migrations/0004_drop.up.sql': `-- lockstep: change users-nick phase contract\n-- lockstep: requires deploy "${DEPLOY}"\nALTER TABLE users DROP COLUMN email;\n`,
};
const URL = 'sqlite:app.db';
const QUIET = { onEvent: () => undefined };
const UP = { direction: 'up', extent: { kind: 'all' } } as const;
const CHANGE = { change: 'users-nick', by: 'ann' };

function refused(code: string, rest: object = {}): unknown {
  return { kind: 'refused', reason: { code, ...rest } };
}

describe('a change', () => {
  test('is followed by codes and data: filled, confirmed, recorded', async () => {
    await using use = await useProject(FILES, URL);
    const { context } = use;
    await runMigrations(context, { ...UP, extent: { kind: 'next' } }, QUIET);
    expect(await confirmDeploy(context, { change: 'none', by: 'ann' })).toEqual(
      refused('no-such-change', { change: 'none' }),
    );
    expect(await confirmDeploy(context, { ...CHANGE, deploy: 'another' })).toEqual(
      refused('no-deploy', { change: 'users-nick', deploy: 'another' }),
    );
    expect(await checkParity(context, CHANGE)).toEqual(refused('no-parity', { change: 'users-nick' }));
    expect(await fillChange(context, CHANGE, QUIET)).toMatchObject({
      value: { kind: 'ran', done: { applied: ['0002_nick', '0003_fill'] } },
    });
    expect(await fillChange(context, CHANGE, QUIET)).toEqual({ kind: 'done', value: { kind: 'had-finished' } });
    expect(await confirmDeploy(context, CHANGE)).toEqual({
      kind: 'done',
      value: { database: 'app.db', deploys: [DEPLOY] },
    });
    expect(await showChange(context, 'users-nick')).toMatchObject({
      value: {
        change: { id: 'users-nick', phase: 'ready-to-contract' },
        steps: [{ id: '0002_nick' }, { id: '0003_fill' }, { id: '0004_drop' }],
        records: expect.arrayContaining([expect.objectContaining({ requirement: 'deploy', metBy: 'ann' })]),
      },
    });
    expect(await listChanges(context)).toMatchObject({ value: [{ id: 'users-nick' }] });
    expect(await runbookOf(context, 'users-nick')).toMatchObject({ value: expect.stringContaining(DEPLOY) });
  });

  test('has a runbook without a database, and nothing else', async () => {
    await using use = await useProject(FILES);
    expect(await runbookOf(use.context, 'users-nick')).toMatchObject({ value: expect.stringContaining(DEPLOY) });
    expect(await runbookOf(use.context, 'none')).toEqual(refused('no-such-change', { change: 'none' }));
    expect(await listChanges(use.context)).toEqual(refused('not-connected'));
    expect(use.sessions()).toBe(0);
  });
});

describe('a history', () => {
  test('is marked, and its applied text found, or why not by a code', async () => {
    await using use = await useProject(FILES, URL);
    const { context, folder } = use;
    await runMigrations(context, { ...UP, extent: { kind: 'next' } }, QUIET);
    const file = path.join(folder, 'migrations/0001_users.up.sql');
    const before = readFileSync(file, 'utf8');
    expect(await markHistory(context, { id: '0001_users', mark: 'applied' })).toEqual(
      refused('other-state', { id: '0001_users', state: 'applied' }),
    );
    expect(await markHistory(context, { id: 'gone', mark: 'applied' })).toEqual(
      refused('no-such-migration', { id: 'gone' }),
    );
    writeFileSync(file, before.replace('email', 'mail'));
    await context.project.refresh();
    const texts = (all: readonly string[]) =>
      async function* (): AsyncIterable<string> {
        yield* all;
      };
    expect(await appliedText(context, '0001_users', texts(['SELECT 1;\n', before]))).toEqual({
      kind: 'done',
      value: { path: 'migrations/0001_users.up.sql', text: before },
    });
    expect(await appliedText(context, '0001_users', texts([]))).toMatchObject(refused('no-applied-text') as object);
    expect(await markHistory(context, { id: '0001_users', mark: 'accepted' })).toEqual({ kind: 'done', value: null });
    expect([...(context.project.database?.applied ?? [])]).toEqual(['0001_users']);
    context.database.inFlight = { direction: 'up', id: null, blockers: [] };
    expect(await markHistory(context, { id: '0001_users', mark: 'not-applied' })).toEqual(refused('run-in-flight'));
  });
});

describe('files', () => {
  test('are written and planned without a database', async () => {
    await using use = await useProject(FILES);
    const { context } = use;
    expect(await createMigration(context, 'Add more')).toMatchObject({
      value: ['migrations/0005_add_more.up.sql', 'migrations/0005_add_more.down.sql'],
    });
    expect(context.project.isListed('migrations/0005_add_more.up.sql')).toBe(true);
    expect(await createMigration({ ...context, isTrusted: false }, 'x')).toEqual(refused('not-trusted'));
    expect(planWishedChange(context, { wish: 'none', values: [] })).toEqual(refused('no-such-wish', { wish: 'none' }));
    expect(planWishedChange(context, { wish: 'drop-column', values: [] })).toMatchObject({
      reason: { code: 'values-refused' },
    });
    expect(planWishedChange(context, { wish: 'drop-column', values: ['nowhere.email'] })).toMatchObject({
      reason: { code: 'wish-refused' },
    });
    expect(planWishedChange(context, { wish: 'drop-column', values: ['users.nick'] })).toMatchObject({
      value: { change: expect.stringContaining('nick') },
    });
    expect(use.sessions()).toBe(0);
  });

  test('a fix is found again by its name, and what is not fixed says why by a code', async () => {
    await using use = await useProject({
      'lockstep.jsonc': '{ "dialect": "postgresql" }',
      'migrations/0001_users.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n',
      'migrations/0002_more.up.sql': 'CREATE INDEX users_email ON users (email);\nALTER TABEL users;\n',
    });
    const { project } = use.context;
    const file = 'migrations/0002_more.up.sql';
    const now = new Date('2026-01-01T00:00:00Z');
    const { fixes, notFixed } = findingFixes(project, file, now, { atLine: undefined, rules: new Set() });
    expect(fixes.map(({ code }) => code)).toContain('blocking-index');
    expect(notFixed).toContainEqual({ code: 'unread', message: expect.any(String) });
    const [first] = fixes;
    if (first === undefined) throw new Error('there is no fix');
    expect(namedFix(project, file, now, first).fix).toEqual(first);
    expect(namedFix(project, file, now, { ...first, title: 'Another' }).fix).toBeUndefined();
    expect(findingFixes(project, file, now, { atLine: 7, rules: new Set() }).fixes).toEqual([]);
    expect(wholeFixes(project, file, now).notFixed.map(({ code }) => code)).toContain('unread');
  });
});
