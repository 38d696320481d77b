import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { Effort, FAULT_TIMEOUT_MS } from '../support/faults/effort.ts';
import { killAgainAndAgain } from '../support/faults/kill-again.ts';
import { buildVictims, type Victims } from '../support/faults/killed-process.ts';
import { postgresLane } from '../support/faults/lane.ts';
import { startPostgres } from '../support/postgres.ts';

let victims: Victims;
beforeAll(async () => {
  victims = await buildVictims();
});
afterAll(() => {
  victims[Symbol.dispose]();
});

describe.each(FAULT_MAJORS)('PostgreSQL %i', (major) => {
  test(
    'a process that is killed anywhere loses nothing, and the next command ends it',
    async ({ task }) => {
      const server = await startPostgres(major);
      try {
        const effort = new Effort();
        const tally = await killAgainAndAgain(victims, `PostgreSQL ${major}`, () => postgresLane(server), effort);
        task.meta.faults = tally.result(effort.asked);
        expect(tally.problems).toEqual([]);
        expect(tally.tries).toBeGreaterThanOrEqual(effort.least);
      } finally {
        await server.stop();
      }
    },
    FAULT_TIMEOUT_MS,
  );
});
