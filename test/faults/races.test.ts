import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { EngineId } from '../../server/model/engine-id.ts';
import type { DoneEvent } from '../../server/runner/runner.ts';
import { DEFAULT_RUN_SETTINGS } from '../../server/runner/runner.ts';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { FAULT_TIMEOUT_MS, share } from '../support/faults/effort.ts';
import type { Direction } from '../support/faults/fault-migrations.ts';
import { postgresLane, sqliteAsk, sqliteLane, type Lane } from '../support/faults/lane.ts';
import { isDone } from '../support/faults/observe.ts';
import { Random } from '../support/faults/random.ts';
import { settle } from '../support/faults/settle.ts';
import { Tally } from '../support/faults/tally.ts';
import { falseWordsOfRun } from '../support/faults/truth.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

const execFileAsync = promisify(execFile);
/** The real program out of its npm package. */
const DBMATE = path.resolve(
  path.dirname(createRequire(import.meta.url).resolve('dbmate/package.json')),
  '../.bin/dbmate',
);
/** Longer than any run here takes, so that whoever comes late waits to the end. */
const PATIENT = { ...DEFAULT_RUN_SETTINGS, migrationLockTimeoutMs: 120_000 };

/** Several runs at once, forth and back: each migration once, and nobody is told anything but the truth. */
async function race(target: string, open: () => Promise<Lane>, runners: number, rounds: number): Promise<Tally> {
  const tally = new Tally(`${runners} runners at once`, target);
  await using lane = await open();
  for (let round = 0; round < rounds; round++) {
    const direction: Direction = round % 2 === 0 ? 'up' : 'down';
    await lane.clear();
    const runs = await Promise.all(Array.from({ length: runners }, () => lane.run(direction, { settings: PATIENT })));
    const seen = await lane.observe(direction);
    for (const { done, events } of runs) {
      tally.count(endOf(done));
      if (done.failed !== null || done.stopped !== null)
        tally.stuck(done.failed?.message ?? done.stopped?.message ?? '');
      for (const words of falseWordsOfRun(events, seen, lane.migrations)) tally.falseWords(words);
    }
    const applied = runs.flatMap(({ done }) => done.applied);
    for (const { id } of lane.migrations) {
      if (!isDone(seen, id)) tally.lost(id);
      if (applied.filter((each) => each === id).length !== 1)
        tally.falseWords(`${id} was told by ${applied.filter((each) => each === id).length} runs`);
    }
    await settle(lane, direction, [], tally);
  }
  return tally;
}

function endOf({ applied, failed, stopped }: DoneEvent): string {
  if (failed !== null || stopped !== null) return 'refused';
  return applied.length > 0 ? 'did it' : 'nothing to do';
}

const servers = new Map<number, PostgresServer>();
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

/** One server of a major for all tests of this file. */
async function serverOf(major: number): Promise<PostgresServer> {
  // When which transaction was committed tells who came second.
  const server = servers.get(major) ?? (await startPostgres(major, ['track_commit_timestamp=on']));
  servers.set(major, server);
  return server;
}

const TARGETS: readonly (readonly [target: string, open: () => Promise<Lane>])[] = [
  ...FAULT_MAJORS.map((major) => [`PostgreSQL ${major}`, async () => postgresLane(await serverOf(major))] as const),
  ...['delete', 'wal'].map((journal) => [`SQLite ${journal}`, () => sqliteLane(journal)] as const),
];

describe.each(TARGETS)('%s', (target, open) => {
  test.for([
    [2, share(1 / 15)],
    [20, share(1 / 30)],
  ] as const)(
    '%i runs at once do each migration once, and those that come late have nothing to do',
    { timeout: FAULT_TIMEOUT_MS },
    async ([runners, rounds], { task }) => {
      const tally = await race(target, open, runners, rounds);
      task.meta.faults = tally.result();
      expect(tally.problems).toEqual([]);
    },
  );
});

/** Who runs a migration: by the name of its session, or the SQLite that it is made with. */
const WHO: Readonly<Record<EngineId, string>> = {
  postgresql: "current_setting('application_name')",
  sqlite: 'sqlite_source_id()',
};
/** Runs of each down half in the order in which they were committed, `true` where they were Lockstep's. */
const REVERTED: Readonly<Record<EngineId, string>> = {
  postgresql:
    "SELECT migration, who = 'lockstep' FROM ledger WHERE half = 'down' ORDER BY pg_xact_commit_timestamp(xmin)",
  // Asked by the same module.
  sqlite: `SELECT migration, who = sqlite_source_id() FROM ledger WHERE half = 'down' ORDER BY rowid`,
};

/** A project of dbmate's, in which every migration writes down that it ran. */
function dbmateFiles(dialect: EngineId, marker: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'lockstep.jsonc': `{ "dialect": "${dialect}" }` };
  for (let number = 1; number <= 6; number++)
    files[`db/migrations/2024010${number}_m.sql`] =
      `-- migrate:up${marker}\nINSERT INTO ledger VALUES (${number}, 'up', ${WHO[dialect]});\n-- migrate:down${marker}\nINSERT INTO ledger VALUES (${number}, 'down', ${WHO[dialect]});\n`;
  return files;
}
const IDS = Array.from({ length: 6 }, (_, index) => `2024010${index + 1}`);

async function dbmate(project: RunProject, url: string, command: string): Promise<boolean> {
  try {
    await execFileAsync(
      DBMATE,
      ['--url', url, '--migrations-dir', path.join(project.folder, 'db/migrations'), '--no-dump-schema', command],
      { cwd: project.folder },
    );
    return true;
  } catch {
    // It loses a race by an error of its own.
    return false;
  }
}

interface Beside extends AsyncDisposable {
  readonly project: RunProject;
  readonly ours: string;
  readonly theirs: string;
  readonly target: string;
  readonly dialect: EngineId;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

async function beside(target: string, marker = ''): Promise<Beside> {
  const major = /^PostgreSQL (\d+)/.exec(target)?.[1];
  if (major === undefined) {
    const project = await runProject(dbmateFiles('sqlite', marker));
    const file = path.join(project.folder, 'app.db');
    const use = sqliteAsk(file);
    await use('CREATE TABLE ledger (migration int, half text, who text)');
    return {
      project,
      target,
      dialect: 'sqlite',
      ours: 'sqlite:app.db',
      theirs: `sqlite:${file}`,
      rows: use,
      [Symbol.asyncDispose]: async () => project[Symbol.dispose](),
    };
  }
  const server = await serverOf(Number(major));
  const name = await server.createDatabase();
  const project = await runProject(dbmateFiles('postgresql', marker));
  const client = await server.connect(name);
  await client.query('CREATE TABLE ledger (migration int, half text, who text)');
  return {
    project,
    target,
    dialect: 'postgresql',
    ours: server.urlOf(name),
    theirs: `${server.urlOf(name)}?sslmode=disable`,
    rows: async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows,
    async [Symbol.asyncDispose]() {
      await client.end();
      project[Symbol.dispose]();
    },
  };
}

async function raceDbmate(it: Beside, rounds: number, tally: Tally): Promise<void> {
  const random = new Random(`dbmate ${it.target}`);
  for (let round = 0; round < rounds; round++) {
    await it.rows('DELETE FROM ledger');
    const theirs = dbmate(it.project, it.theirs, 'migrate');
    await setTimeout(random.below(120));
    const done = await it.project.run(it.ours);
    tally.count((await theirs) ? 'both end well' : 'dbmate gives up');
    if (done.failed !== null || done.stopped !== null) tally.stuck(done.failed?.message ?? done.stopped?.message ?? '');
    await finishUp(it, tally);
    // Back again: reverts beside rollbacks of the newest.
    await it.rows('DELETE FROM ledger');
    const rollback = dbmate(it.project, it.theirs, 'rollback');
    await setTimeout(random.below(120));
    await it.project.run(it.ours, { direction: 'down', extent: { kind: 'next' } });
    await rollback;
    const versions = (await it.rows('SELECT version FROM schema_migrations')).map(([version]) => String(version));
    const reverted = new Set<number>();
    for (const [migration, isOurs] of await it.rows(REVERTED[it.dialect])) {
      const number = Number(migration);
      // dbmate takes back what it had read, and does not look whether it is still there; Lockstep does.
      if (reverted.has(number)) {
        if (isOurs === true || isOurs === 1) tally.twice(`down ${number}`);
        else tally.count('dbmate comes second');
      }
      reverted.add(number);
      if (versions.includes(`2024010${number}`)) tally.lost(`the row of ${number} is still there`);
    }
    if (reverted.size !== IDS.length - versions.length) tally.lost('a row went without its down half');
    // All the way, so that the next round begins with nothing.
    await it.project.run(it.ours, { direction: 'down', extent: { kind: 'steps', count: 10 } });
  }
}

async function finishUp(it: Beside, tally: Tally): Promise<void> {
  const again = await it.project.run(it.ours);
  if (again.failed !== null) tally.stuck(again.failed.message);
  const counts = await it.rows("SELECT migration, count(*) FROM ledger WHERE half = 'up' GROUP BY migration");
  for (const [number, count] of counts) if (Number(count) > 1) tally.twice(`up ${String(number)}`);
  if (counts.length !== IDS.length) tally.lost(`${counts.length} of ${IDS.length} ran`);
  const states = (await it.project.status(it.ours)).migrations.map(({ state }) => state);
  if (states.some((state) => state !== 'applied')) tally.falseWords(`status says ${states.join(', ')}`);
}

describe.each(TARGETS.map(([target]) => target))('the real dbmate beside us on %s', (target) => {
  test('each migration runs once, and each down half as well', { timeout: FAULT_TIMEOUT_MS }, async ({ task }) => {
    await using it = await beside(target);
    const tally = new Tally('dbmate beside us', target);
    await raceDbmate(it, share(1 / 10), tally);
    task.meta.faults = tally.result();
    expect(tally.problems).toEqual([]);
  });
});

describe.each(FAULT_MAJORS.map((major) => `PostgreSQL ${major}`))('%s', (target) => {
  test('what both ran outside a transaction is said, since dbmate takes no lock', async () => {
    await using it = await beside(target, ' transaction:false');
    // While our statement waits, dbmate does the same file from its beginning to its end.
    await it.project.write(
      'db/migrations/20240101_m.sql',
      "-- migrate:up transaction:false\nINSERT INTO ledger SELECT 1, 'up' FROM pg_sleep(CASE WHEN current_setting('application_name') = 'lockstep' THEN 2 ELSE 0 END);\n-- migrate:down transaction:false\nSELECT 1;\n",
    );
    const ours = it.project.run(it.ours, { extent: { kind: 'next' } });
    while (!it.project.events.some((event) => event.event === 'migration')) await setTimeout(10);
    expect(await dbmate(it.project, it.theirs, 'migrate')).toBe(true);
    const done = await ours;
    expect(done.applied).toEqual([]);
    expect(done.failed).toMatchObject({ id: '20240101', outcome: 'done', rolledBack: false });
    expect(done.failed?.message).toContain('Another program applied 20240101 at the same time');
    expect(done.failed?.message).toContain('dbmate takes no lock');
    // It is the truth, the history says so, and no mark is left that would pass over statements later.
    expect(await it.rows('SELECT count(*)::int FROM ledger WHERE migration = 1')).toEqual([[2]]);
    expect((await it.project.states(it.ours))[0]).toBe('20240101: applied');
    expect(await it.rows('SELECT count(*)::int FROM lockstep_runs')).toEqual([[0]]);
  });

  test('a half that we began and dbmate did whole is run whole when it is run again', async () => {
    await using it = await beside(target, ' transaction:false');
    const text =
      "-- migrate:up transaction:false\nBEGIN; INSERT INTO ledger VALUES (1, 'up'); COMMIT;\nINSERT INTO later VALUES (1);\n-- migrate:down transaction:false\nDELETE FROM ledger;\n";
    await it.project.write('db/migrations/20240101_m.sql', text);
    expect((await it.project.run(it.ours, { extent: { kind: 'next' } })).failed?.outcome).toBe('partly-done');
    await it.rows('DELETE FROM ledger');
    await it.rows('CREATE TABLE later (id int)');
    expect(await dbmate(it.project, it.theirs, 'migrate')).toBe(true);
    expect((await it.project.states(it.ours))[0]).toBe('20240101: applied');
    const back = { direction: 'down', extent: { kind: 'steps', count: 6 } } as const;
    expect((await it.project.run(it.ours, back)).failed?.message).toBeUndefined();
    expect((await it.project.states(it.ours))[0]).toBe('20240101: pending');
    expect((await it.project.run(it.ours, { extent: { kind: 'next' } })).applied).toEqual(['20240101']);
    expect(await it.rows('SELECT migration FROM ledger')).toEqual([[1]]);
  });
});
