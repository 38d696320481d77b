import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { Effort, FAULT_TIMEOUT_MS } from '../support/faults/effort.ts';
import type { Direction } from '../support/faults/fault-migrations.ts';
import { postgresLane, type Lane } from '../support/faults/lane.ts';
import { Random } from '../support/faults/random.ts';
import { endOf, settle } from '../support/faults/settle.ts';
import { Tally } from '../support/faults/tally.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';

/** Runs at once on one server: when a backend is killed, the server ends all others as well, each at another place. */
const LANES = 4;
const EVENTS = 12;
const PAUSE_MS = 12;

/** `terminate`: a session is ended by the server; `kill`: a backend dies, and the server starts again from its log. */
type Fault = 'terminate' | 'kill';

/** Ends a session of Lockstep's that works on one of these databases; nothing where there is none now. */
async function strike(
  server: PostgresServer,
  fault: Fault,
  databases: readonly string[],
  random: Random,
): Promise<void> {
  const client = await server.connect();
  try {
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'lockstep' AND datname = ANY ($1) ORDER BY pid",
      [databases],
    );
    const pid = rows[random.below(rows.length)]?.pid;
    if (pid === undefined) return;
    if (fault === 'kill') process.kill(pid, 'SIGKILL');
    else await client.query('SELECT pg_terminate_backend($1)', [pid]);
  } catch {
    // Another strike has ended this session, or it has ended by itself.
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function strikeAgainAndAgain(server: PostgresServer, fault: Fault, effort: Effort): Promise<Tally> {
  const name = { terminate: 'session ended by the server', kill: 'kill -9 of a backend' }[fault];
  const tally = new Tally(name, `PostgreSQL ${server.major}`);
  const random = new Random(`${name} ${server.major}`);
  const lanes: Lane[] = [];
  try {
    for (let count = 0; count < LANES; count++) lanes.push(await postgresLane(server));
    for (let round = 0; !effort.isEnough(tally.tries); round++) {
      const direction: Direction = round % 2 === 0 ? 'up' : 'down';
      await Promise.all(lanes.map((lane) => lane.clear()));
      const names = lanes.map((lane) => lane.url.split('/').at(-1) ?? '');
      const strikes: Promise<void>[] = [];
      // One backend that dies takes all others with it; sessions are ended one by one.
      const struckBy = fault === 'kill' ? random.below(LANES) : undefined;
      const runs = await Promise.all(
        lanes.map((lane, index) => {
          const after = 1 + random.below(EVENTS);
          const databases = fault === 'kill' ? names : names.slice(index, index + 1);
          let seen = 0;
          const onEvent = (): void => {
            if (++seen !== after || (struckBy ?? index) !== index) return;
            strikes.push(setTimeout(random.below(PAUSE_MS)).then(() => strike(server, fault, databases, random)));
          };
          return lane.run(direction, { onEvent });
        }),
      );
      await Promise.all(strikes);
      await Promise.all(
        lanes.map(async (lane, index) => {
          const { done, events } = runs[index] ?? { done: undefined, events: [] };
          await lane.quiet();
          if (done?.failed != null) tally.count(endOf(events, direction, await lane.observe(direction)));
          await settle(lane, direction, events, tally);
        }),
      );
    }
  } finally {
    for (const lane of lanes) await lane[Symbol.asyncDispose]();
  }
  return tally;
}

describe.each(FAULT_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    // What was committed must be in the log when the server says so, for its end is not orderly.
    server = await startPostgres(major, ['synchronous_commit=on']);
  });
  afterAll(async () => {
    await server.stop();
  });

  test.for([
    ['kill', 1],
    ['terminate', 1 / 2],
  ] as const)(
    'a run whose session is lost (%s) says what the database has, and the next command ends it',
    { timeout: FAULT_TIMEOUT_MS },
    async ([fault, part], { task }) => {
      const effort = new Effort(part);
      const tally = await strikeAgainAndAgain(server, fault, effort);
      task.meta.faults = tally.result(effort.asked);
      expect(tally.problems).toEqual([]);
      expect(tally.tries).toBeGreaterThanOrEqual(effort.least);
    },
  );
});
