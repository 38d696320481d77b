import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { FAULT_TIMEOUT_MS, TRIES } from '../support/faults/effort.ts';
import { buildVictims, type Victims } from '../support/faults/killed-process.ts';
import type { Direction } from '../support/faults/fault-migrations.ts';
import { postgresLane, sqliteLane, type Lane } from '../support/faults/lane.ts';
import { Random } from '../support/faults/random.ts';
import { endOf, settle } from '../support/faults/settle.ts';
import { Tally } from '../support/faults/tally.ts';
import { startPostgres } from '../support/postgres.ts';

/** Runs that one process does at once. */
const LANES = 4;
/** Events that a run prints, and the longest pause after one of them. */
const EVENTS = 12;
const PAUSE_MS = 12;

let victims: Victims;
beforeAll(async () => {
  victims = await buildVictims();
});
afterAll(() => {
  victims[Symbol.dispose]();
});

/** Kills the process that runs migrations again and again, forth and back, each time at another place. */
async function killAgainAndAgain(target: string, open: () => Promise<Lane>): Promise<Tally> {
  const random = new Random(target);
  const tally = new Tally('kill -9 of our process', target);
  await using stack = new AsyncDisposableStack();
  const lanes: Lane[] = [];
  for (let count = 0; count < LANES; count++) lanes.push(stack.use(await open()));
  for (let round = 0; tally.tries < TRIES && round < TRIES; round++) {
    const direction: Direction = round % 2 === 0 ? 'up' : 'down';
    await Promise.all(lanes.map((lane) => lane.clear()));
    const { wasKilled, events } = await victims.kill(
      lanes.map((lane) => ({ folder: lane.project.folder, url: lane.url, direction })),
      random.below(EVENTS * LANES),
      random.below(PAUSE_MS),
    );
    await Promise.all(
      lanes.map(async (lane, index) => {
        const said = events[index] ?? [];
        await lane.quiet();
        // A run that had ended before is no try.
        if (wasKilled && !said.some((event) => event.event === 'done'))
          tally.count(endOf(said, direction, await lane.observe(direction)));
        await settle(lane, direction, said, tally);
      }),
    );
  }
  return tally;
}

describe.each(FAULT_MAJORS)('PostgreSQL %i', (major) => {
  test(
    'a process that is killed anywhere loses nothing, and the next command ends it',
    async ({ task }) => {
      const server = await startPostgres(major);
      try {
        const tally = await killAgainAndAgain(`PostgreSQL ${major}`, () => postgresLane(server));
        task.meta.faults = tally.result();
        expect(tally.problems).toEqual([]);
        expect(tally.tries).toBeGreaterThanOrEqual(TRIES);
      } finally {
        await server.stop();
      }
    },
    FAULT_TIMEOUT_MS,
  );
});

describe.each(['delete', 'wal'])('SQLite, journal %s', (journal) => {
  test(
    'a process that is killed anywhere loses nothing, and the next command ends it',
    async ({ task }) => {
      const tally = await killAgainAndAgain(`SQLite ${journal}`, () => sqliteLane(journal));
      task.meta.faults = tally.result();
      expect(tally.problems).toEqual([]);
      expect(tally.tries).toBeGreaterThanOrEqual(TRIES);
    },
    FAULT_TIMEOUT_MS,
  );
});
