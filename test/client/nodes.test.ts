import { expect, test } from 'vitest';
import { type Fill, fillKey } from '../../client/tree/fill.ts';
import { begun, NOTHING_LIVE, projectKey } from '../../client/tree/live.ts';
import { changeNodes } from '../../client/tree/change-nodes.ts';
import { migrationNodes } from '../../client/tree/migration-nodes.ts';
import { statusNodes } from '../../client/tree/status-nodes.ts';
import type { ProjectStatus } from '../../server/protocol/requests.ts';

type Migration = ProjectStatus['status']['migrations'][number];

const MIGRATION: Migration = {
  id: '0001_a',
  name: '',
  paths: ['migrations/0001_a.up.sql'],
  state: 'pending',
  appliedAt: null,
  reversible: true,
  phase: null,
  change: null,
  note: null,
};

function project(migrations: readonly Migration[], more: Partial<ProjectStatus> = {}): ProjectStatus {
  return {
    connected: true,
    databaseProblem: null,
    configured: null,
    environments: [],
    unsetVariable: null,
    toolTitle: 'SQL file pairs',
    inFlight: null,
    runsElsewhere: false,
    status: {
      schemaVersion: 1,
      tool: 'sql-pairs',
      folder: 'migrations',
      database: { kind: 'sqlite', label: 'app.db', version: '3.54.1', environment: 'production' },
      history: { table: 'lockstep_history', exists: true },
      counts: { applied: 1, pending: 2, outOfOrder: 0, drifted: 1, missing: 0, failed: 0, unknown: 0 },
      migrations,
      changes: [],
      problems: [],
    },
    ...more,
  };
}

const ALL: readonly Migration['state'][] = [
  'applied',
  'pending',
  'out-of-order',
  'drifted',
  'missing',
  'failed',
  'baseline',
  'repeatable-outdated',
  'unknown',
];

test('no two states look the same without colour, and a screen reader hears the state', () => {
  const nodes = migrationNodes('file:///app', [project(ALL.map((state) => ({ ...MIGRATION, id: state, state })))]);
  expect(new Set(nodes.map((node) => node.icon.id)).size).toBe(ALL.length);
  expect(nodes.map((node) => node.accessibilityLabel)).toEqual([
    'applied, applied',
    'pending, pending',
    'out-of-order, out of order',
    'drifted, edited after it was applied',
    'missing, applied, but its file is missing',
    'failed, failed half-way',
    'baseline, baseline',
    'repeatable-outdated, to be repeated',
    'unknown, not connected',
  ]);
});

test('a node carries what its menu asks for, and its tooltip says why', () => {
  const [node] = migrationNodes('file:///app', [
    project([
      {
        ...MIGRATION,
        state: 'drifted',
        reversible: false,
        phase: 'expand',
        change: 'users-status',
        note: 'The file was edited.',
      },
    ]),
  ]);
  expect(node).toMatchObject({
    label: '0001_a',
    description: 'edited',
    contextValue: 'migration drifted file',
  });
  expect(node?.tooltip).toMatch(/users-status[^]*The file was edited\.[^]*Cannot be reverted/);
});

test('the name comes before a version that is a point in time; the pending ones can be listed alone', () => {
  const status = project([
    { ...MIGRATION, id: '20240101000000', name: 'add_users', state: 'applied' },
    { ...MIGRATION, id: '20250101000000_AddNick', name: 'AddNick', state: 'applied' },
    { ...MIGRATION, id: '7', name: 'add_more', state: 'applied' },
    { ...MIGRATION, id: '0002_add_orders', name: 'add_orders' },
  ]);
  expect(migrationNodes('file:///app', [status]).map((node) => [node.label, node.description])).toEqual([
    ['add_users', 'applied · 20240101000000'],
    ['AddNick', 'applied · 20250101000000'],
    ['7 add_more', 'applied'],
    ['0002_add_orders', 'pending'],
  ]);
  expect(migrationNodes('file:///app', [status])[0]).toMatchObject({
    accessibilityLabel: '20240101000000 add_users, applied',
    tooltip: expect.stringMatching(/^\*\*20240101000000 add_users\*\*: applied/) as string,
  });
  const overlay = { ...NOTHING_LIVE, pendingOnly: true };
  expect(migrationNodes('file:///app', [status], overlay).map((node) => node.label)).toEqual(['0002_add_orders']);
});

test('several projects are a level of their own, one is not', () => {
  const two = [project([MIGRATION]), project([MIGRATION])];
  expect(migrationNodes('file:///app', two).map((node) => [node.label, node.children.length])).toEqual([
    ['migrations', 1],
    ['migrations', 1],
  ]);
  expect(migrationNodes('file:///app', [project([MIGRATION])])[0]?.children).toEqual([]);
});

test('the status view names connection, server, environment, counts, attention and what is in flight', () => {
  const nodes = statusNodes('file:///app', [
    project([], { inFlight: { direction: 'up', id: '0002_b', blockers: ['pid 12'] } }),
  ]);
  expect(nodes.map((node) => `${node.label}: ${node.description}`)).toEqual([
    'Connection: app.db',
    'Server: SQLite 3.54.1',
    'Environment: production',
    'Migrations: 2 applied, 2 pending',
    'Needs attention: 1 drifted',
    'History: lockstep_history',
    'In flight: applying 0002_b, waits for pid 12',
  ]);
});

test('a run that another process began is in flight, and what it has begun has not failed', () => {
  const inFlight = (more: Partial<ProjectStatus>): string | undefined =>
    statusNodes('file:///app', [project([], more)]).find((node) => node.label === 'In flight')?.description;
  expect(inFlight({ runsElsewhere: true })).toBe('another run on this database');
  expect(inFlight({ runsElsewhere: false })).toBe('nothing');
  // Nobody was asked whether another one runs.
  expect(inFlight({ runsElsewhere: null, connected: false })).toBe('nothing from this window');
  const begun: Migration = { ...MIGRATION, state: 'failed' };
  expect(migrationNodes('file:///app', [project([begun], { runsElsewhere: true })])[0]).toMatchObject({
    description: 'begun, and another run goes on',
    contextValue: 'migration running',
  });
  expect(migrationNodes('file:///app', [project([begun])])[0]?.description).toBe('failed');
});

test('what no database was asked about is not counted as pending', () => {
  const offline = project([], { connected: false });
  const counts = { applied: 0, pending: 0, outOfOrder: 0, drifted: 0, missing: 0, failed: 0, unknown: 3 };
  const status = { ...offline, status: { ...offline.status, database: null, history: null, counts } };
  expect(migrationNodes('file:///app', [status, status])[0]?.description).toBe(
    'SQL file pairs, 3 migrations, not connected',
  );
  const [connection, history] = statusNodes('file:///app', [status]);
  expect(connection).toMatchObject({ description: 'not connected', command: { command: 'lockstep.reconnect' } });
  expect(history?.description).toBe('SQL file pairs, seen when connected');
});

test('the changes view shows those in flight first, what each waits for, and its steps', () => {
  const step = (id: string, state: Migration['state'], phase: 'expand' | 'contract', change: string): Migration => ({
    ...MIGRATION,
    id,
    state,
    phase,
    change,
  });
  const whole = project([
    step('0002_a', 'applied', 'expand', 'done-one'),
    step('0003_b', 'applied', 'expand', 'users-nick'),
    step('0004_c', 'pending', 'contract', 'users-nick'),
  ]);
  const next = {
    action: 'confirm-deploy',
    migration: '0004_c',
    message: '0004_c waits for a deploy: version 2',
    deploy: 'version 2',
  } as const;
  const changes = [
    { id: 'done-one', title: 'Done', phase: 'contracted', progress: 1, next: null },
    { id: 'users-nick', title: 'Drop users.nick', phase: 'ready-to-contract', progress: 0.5, next },
  ] as const;
  const nodes = changeNodes('file:///app', [{ ...whole, status: { ...whole.status, changes } }]);
  expect(nodes.map((node) => `${node.label}: ${node.description}`)).toEqual([
    'users-nick: waits for a deploy · 1/2',
    'done-one: done · 1/1',
  ]);
  expect(nodes[0]).toMatchObject({
    contextValue: 'change ready-to-contract next-confirm-deploy',
    accessibilityLabel: 'users-nick, before contract, 1/2 steps applied, waits for a deploy',
    change: { id: 'users-nick', project: 'migrations' },
  });
  expect(nodes[0]?.tooltip).toContain('waits for a deploy: version 2');
  expect(nodes[0]?.children.map((child) => `${child.label}: ${child.description}: ${child.icon.id}`)).toEqual([
    '0003_b: expand: pass-filled',
    '0004_c: contract: circle-large-outline',
  ]);
  // The same migration stands in two views; within one its ids are unique.
  expect(new Set(nodes.flatMap((node) => [node.id, ...node.children.map((child) => child.id)])).size).toBe(5);
  const [offline] = changeNodes('file:///app', [
    { ...whole, connected: false, status: { ...whole.status, changes: [{ ...changes[1], next: null }] } },
  ]);
  expect(offline?.description).toBe('not connected');
});

test('a change shows the step that runs and those that are through, before the status is asked for again', () => {
  const step = (id: string): Migration => ({ ...MIGRATION, id, phase: 'expand', change: '20260201000000-many-things' });
  const whole = project([step('0003_a'), step('0004_b'), step('0005_c')]);
  const next = { action: 'apply', migration: '0003_a', message: 'next: 0003_a', deploy: null } as const;
  const statuses = [
    {
      ...whole,
      status: {
        ...whole.status,
        changes: [{ id: '20260201000000-many-things', title: 'Many', phase: 'planned', progress: 0, next } as const],
      },
    },
  ];
  const run = { ...begun('up', 0), id: '0004_b', through: ['0003_a'] };
  const shown = (more: Partial<typeof run> = {}): readonly string[] =>
    changeNodes(
      'file:///app',
      statuses,
      { ...NOTHING_LIVE, runs: new Map([[projectKey('file:///app', 'migrations'), { ...run, ...more }]]) },
      12_000,
    ).flatMap((node) => [node, ...node.children].map((each) => `${each.label}: ${each.description}: ${each.icon.id}`));
  expect(shown()).toEqual([
    'many-things: applying · 1/3 · 20260201000000: loading~spin',
    '0003_a: expand: pass-filled',
    '0004_b: expand · applying, 12 s: loading~spin',
    '0005_c: expand: circle-large-outline',
  ]);
  // Of another change, or through: the change itself waits for its next step.
  expect(shown({ id: '0009_else', through: ['0003_a', '0004_b'] })[0]).toBe(
    'many-things: ready to apply · 2/3 · 20260201000000: circle-large-outline',
  );
});

test('a backfill that runs shows how far it is', () => {
  const fill: Migration = { ...MIGRATION, id: '0004_fill', state: 'pending', phase: 'migrate', change: 'users-nick' };
  const whole = project([fill]);
  const next = { action: 'apply', migration: '0004_fill', message: 'next: 0004_fill', deploy: null } as const;
  const status = {
    ...whole,
    status: {
      ...whole.status,
      changes: [{ id: 'users-nick', title: 'Drop users.nick', phase: 'expanded', progress: 0, next } as const],
    },
  };
  const shown = (fills: ReadonlyMap<string, Fill>): readonly (string | undefined)[] => {
    const [node] = changeNodes('file:///app', [status], { ...NOTHING_LIVE, fills });
    return [node?.description, node?.icon.id, node?.children[0]?.description, node?.children[0]?.icon.id];
  };
  const key = fillKey('file:///app', 'migrations', '0004_fill');
  expect(shown(new Map([[key, { rows: 14_000_000, remaining: 34_000_000 }]]))).toEqual([
    'filling, 29 %, 14,000,000 rows · 0/1',
    'loading~spin',
    'migrate · 29 %, 14,000,000 rows',
    'loading~spin',
  ]);
  expect(shown(new Map([[key, { rows: 2_000, remaining: null }]]))).toEqual([
    'filling, 2,000 rows · 0/1',
    'loading~spin',
    'migrate · 2,000 rows',
    'loading~spin',
  ]);
  expect(shown(new Map())).toEqual(['ready to apply · 0/1', 'expand-all', 'migrate', 'circle-large-outline']);
});
