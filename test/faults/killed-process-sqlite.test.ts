import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Effort, FAULT_TIMEOUT_MS } from '../support/faults/effort.ts';
import { killAgainAndAgain } from '../support/faults/kill-again.ts';
import { buildVictims, type Victims } from '../support/faults/killed-process.ts';
import { sqliteLane } from '../support/faults/lane.ts';

let victims: Victims;
beforeAll(async () => {
  victims = await buildVictims();
});
afterAll(() => {
  victims[Symbol.dispose]();
});

describe.each(['delete', 'wal'])('SQLite, journal %s', (journal) => {
  test(
    'a process that is killed anywhere loses nothing, and the next command ends it',
    async ({ task }) => {
      const effort = new Effort();
      const tally = await killAgainAndAgain(victims, `SQLite ${journal}`, () => sqliteLane(journal), effort);
      task.meta.faults = tally.result(effort.asked);
      expect(tally.problems).toEqual([]);
      expect(tally.tries).toBeGreaterThanOrEqual(effort.least);
    },
    FAULT_TIMEOUT_MS,
  );
});
