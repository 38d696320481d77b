import { expect, test } from 'vitest';
import {
  afterEvent,
  begun,
  cutShort,
  isOvertaken,
  NOTHING_LIVE,
  projectKey,
  runWords,
  type LastRun,
} from '../../client/tree/live.ts';
import { migrationNodes } from '../../client/tree/migration-nodes.ts';
import { statusNodes } from '../../client/tree/status-nodes.ts';
import { stopWords } from '../../client/commands/stop-words.ts';
import type { ProjectStatus, RunEvent } from '../../server/protocol/requests.ts';

const STATUS: ProjectStatus = {
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
    database: { kind: 'postgresql', label: 'db/app', version: '17', environment: 'staging' },
    history: { table: 'lockstep_history', exists: true },
    counts: { applied: 0, pending: 2, outOfOrder: 0, drifted: 0, missing: 0, failed: 0, unknown: 0 },
    migrations: ['0001_a', '0002_b'].map((id) => ({
      id,
      name: id,
      paths: [`migrations/${id}.up.sql`],
      state: 'pending',
      appliedAt: null,
      reversible: true,
      phase: null,
      change: null,
      note: null,
    })),
    changes: [],
    problems: [],
  },
};
const KEY = projectKey('file:///app', 'migrations');

/** What a run failed at. */
const FAILED: NonNullable<LastRun['done']['failed']> = {
  id: '0002_b',
  statement: 0,
  message: 'division by zero',
  sqlstate: '22012',
  path: 'migrations/0002_b.up.sql',
  position: { line: 0, character: 0 },
  excerpt: null,
  rolledBack: true,
  outcome: 'not-done',
};

const EVENTS: readonly RunEvent[] = [
  { event: 'migration', id: '0001_a', name: 'a', direction: 'up' },
  { event: 'applied', id: '0001_a', executionMs: 5 },
  { event: 'migration', id: '0002_b', name: 'b', direction: 'up' },
  { event: 'waiting', id: '0002_b', reason: 'a lock', blockers: ['process 7 (idle in transaction)'] },
  { event: 'retry', id: '0002_b', attempt: 2, afterMs: 3_000, reason: 'lock timeout' },
];

test('a run is seen while it goes on: what is through, what runs, who it waits for and when it tries again', () => {
  const run = EVENTS.reduce((before, event) => afterEvent(before, event, 1_000), begun('up', 0));
  expect(runWords(run, 3_000)).toBe('2 s, waits for process 7 (idle in transaction), try 2 in 1 s');
  const overlay = { ...NOTHING_LIVE, runs: new Map([[KEY, run]]) };
  const nodes = migrationNodes('file:///app', [STATUS], overlay, 3_000);
  expect(nodes.map((node) => [node.accessibilityLabel, node.icon.id])).toEqual([
    ['0001_a, applied', 'pass-filled'],
    ['0002_b, applying, waits for process 7 (idle in transaction)', 'loading~spin'],
  ]);
  const status = statusNodes('file:///app', [STATUS], overlay, 3_000).find((node) => node.contextValue === 'in-flight');
  expect(status?.description).toMatch(/^applying 0002_b, 2 s, waits for process 7/);
});

test('the blocker stays named between tries, and is gone once the migration goes on', () => {
  const waiting = EVENTS.reduce((before, event) => afterEvent(before, event, 1_000), begun('up', 0));
  const seen = afterEvent(waiting, { event: 'waiting', id: '0002_b', reason: 'a lock', blockers: [] }, 2_000);
  expect(seen.blockers).toEqual(['process 7 (idle in transaction)']);
  expect(afterEvent(seen, { event: 'applied', id: '0002_b', executionMs: 1 }, 3_000).blockers).toEqual([]);
});

test('a failure stays in the tree and in what needs attention', () => {
  const last: LastRun = {
    direction: 'up',
    extent: { kind: 'all' },
    done: { applied: ['0001_a'], failed: FAILED, stopped: null },
    left: ['The index i on t is invalid.'],
  };
  const overlay = { ...NOTHING_LIVE, lastRuns: new Map([[KEY, last]]) };
  const [, node] = migrationNodes('file:///app', [STATUS], overlay);
  expect(node?.description).toBe('failed: division by zero');
  expect(node?.contextValue).toContain('last-failed');
  const lines = statusNodes('file:///app', [STATUS], overlay).map((line) => `${line.label}: ${line.description}`);
  expect(lines).toContain('Needs attention: the last run failed');
  expect(lines).toContain('Last run: 0002_b failed: division by zero');
});

test.each([
  [
    '0004_fill is not run: it needs a deploy first: version 2. When every instance runs it, confirm by "lockstep change confirm-deploy users-status"',
    '0004_fill is not run: it needs a deploy first: version 2. When every instance runs it, confirm it.',
  ],
  [
    '0001_a was edited after it was applied: undo the edit. To go on all the same, say "lockstep apply --despite drifted".',
    '0001_a was edited after it was applied: undo the edit.',
  ],
  [
    'An earlier run began this statement and did not see its end: look what is left to do, then say "lockstep apply --interrupted again" to send it again, or "--interrupted done" where nothing of it is missing',
    'An earlier run began this statement and did not see its end: look what is left to do, then say so.',
  ],
  ['old and new have not been compared: run "lockstep change check-parity x"', 'old and new have not been compared.'],
])('a stop names no command of the terminal: %s', (message, words) => {
  expect(stopWords(message)).toBe(words);
});

test('a run whose end nobody saw is not called failed, and is over once the database has it', () => {
  const last = cutShort({ direction: 'up', extent: { kind: 'all' }, id: '0002_b' });
  const nodes = migrationNodes('file:///app', [STATUS], { ...NOTHING_LIVE, lastRuns: new Map([[KEY, last]]) });
  expect(nodes[1]?.description).toMatch(/^end not known: Its end was not seen/);
  const attention = statusNodes('file:///app', [STATUS], { ...NOTHING_LIVE, lastRuns: new Map([[KEY, last]]) });
  expect(attention.find((node) => node.contextValue === 'attention')?.description).toBe(
    'the end of the last run is not known',
  );
  expect(isOvertaken(last, STATUS.status.migrations)).toBe(false);
  expect(isOvertaken(last, [{ id: '0002_b', state: 'applied' }])).toBe(true);
  expect(isOvertaken({ ...last, direction: 'down' }, [{ id: '0002_b', state: 'applied' }])).toBe(false);
  expect(isOvertaken({ ...last, direction: 'down' }, STATUS.status.migrations)).toBe(true);
  expect(isOvertaken(cutShort({ direction: 'up', extent: { kind: 'all' }, id: null }), [])).toBe(false);
});

test('a migration that failed, left nothing and was deleted is nothing to look at any more', () => {
  const failed = {
    ...FAILED,
    id: '0009_gone',
    rolledBack: true,
    outcome: 'not-done',
  } as const;
  const last: LastRun = {
    direction: 'up',
    extent: { kind: 'all' },
    done: { failed, stopped: null, applied: [] },
    left: [],
  };
  const { migrations } = STATUS.status;
  expect(isOvertaken(last, migrations)).toBe(true);
  // It may be there still, where nothing could be read.
  expect(isOvertaken(last, [])).toBe(false);
  expect(isOvertaken(last, [...migrations, { id: '0009_gone', state: 'pending' }])).toBe(false);
  const partly = { ...failed, rolledBack: false, outcome: 'partly-done' } as const;
  expect(isOvertaken({ ...last, done: { ...last.done, failed: partly } }, migrations)).toBe(false);
});

test('an end that nobody saw is nothing to look at any more once no run goes on, whatever came of it', () => {
  const last = cutShort({ direction: 'up', extent: { kind: 'all' }, id: '0002_b' });
  expect(isOvertaken(last, STATUS.status.migrations, false)).toBe(true);
  expect(isOvertaken(last, STATUS.status.migrations, true)).toBe(false);
  // Another's own command may go on and holds no lock that is known.
  expect(isOvertaken(last, STATUS.status.migrations, null)).toBe(false);
  expect(isOvertaken(cutShort({ direction: 'up', extent: { kind: 'all' }, id: null }), [], false)).toBe(true);
  // What is known to have failed stays, whoever runs.
  const failed = {
    ...last,
    done: { ...last.done, failed: { ...failureOf(last), outcome: 'not-done' as const } },
  };
  expect(isOvertaken(failed, STATUS.status.migrations, false)).toBe(false);
});

function failureOf({ done: { failed } }: LastRun): NonNullable<LastRun['done']['failed']> {
  if (failed === null) throw new Error('it did not fail');
  return failed;
}
