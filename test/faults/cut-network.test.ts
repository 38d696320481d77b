import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CutProxy, type CutPlace } from '../support/cut-proxy.ts';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { Effort, FAULT_TIMEOUT_MS } from '../support/faults/effort.ts';
import type { Direction } from '../support/faults/fault-migrations.ts';
import { postgresLane, type Lane } from '../support/faults/lane.ts';
import { Random } from '../support/faults/random.ts';
import { endOf, settle } from '../support/faults/settle.ts';
import { Tally } from '../support/faults/tally.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';

const LANES = 4;

/** Where a connection is cut: at any byte that the client sends, or at a COMMIT. */
type Cut = 'byte' | CutPlace;
const NAMES: Readonly<Record<Cut, string>> = {
  byte: 'cut at a random byte',
  before: 'cut before COMMIT is sent',
  sent: 'cut after COMMIT is sent',
  answer: 'cut before its answer',
};

/** Tells a proxy where to cut, at random over what a whole run sends. */
type Aim = (proxy: CutProxy, random: Random, direction: Direction) => void;

/** Measures whole runs, forth and back, to know over what to choose. */
async function aimOf(lane: Lane, server: PostgresServer, cut: Cut): Promise<Aim> {
  const most: Record<Direction, number> = { up: 0, down: 0 };
  for (const direction of ['up', 'down'] as const) {
    await using proxy = await CutProxy.start(server.port);
    proxy.cut('COMMIT', Number.POSITIVE_INFINITY, 'answer');
    await lane.clear();
    await lane.run(direction, {}, proxy.url(lane.url));
    most[direction] = cut === 'byte' ? proxy.bytes : proxy.messages;
  }
  return (proxy, random, direction) => {
    if (cut === 'byte') proxy.cutAfter(random.below(most[direction]));
    else proxy.cut('COMMIT', 1 + random.below(most[direction]), cut);
  };
}

async function cutAgainAndAgain(server: PostgresServer, cut: Cut, effort: Effort): Promise<Tally> {
  const tally = new Tally(NAMES[cut], `PostgreSQL ${server.major}`);
  const random = new Random(`${cut} ${server.major}`);
  await using stack = new AsyncDisposableStack();
  const lanes: Lane[] = [];
  for (let count = 0; count < LANES; count++) lanes.push(stack.use(await postgresLane(server)));
  const [first] = lanes;
  if (first === undefined) throw new Error('no lane');
  const aim = await aimOf(first, server, cut);
  for (let round = 0; !effort.isEnough(tally.tries); round++) {
    const direction: Direction = round % 2 === 0 ? 'up' : 'down';
    await Promise.all(
      lanes.map(async (lane) => {
        await using proxy = await CutProxy.start(server.port);
        await lane.clear();
        aim(proxy, random, direction);
        // A cut while it connects is no run yet.
        const ran = await lane.run(direction, {}, proxy.url(lane.url)).catch(() => undefined);
        await lane.quiet();
        if (ran?.done.failed != null) tally.count(endOf(ran.events, direction, await lane.observe(direction)));
        else if (ran === undefined) tally.count('not connected');
        await settle(lane, direction, ran?.events ?? [], tally);
      }),
    );
  }
  return tally;
}

describe.each(FAULT_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(major);
  });
  afterAll(async () => {
    await server.stop();
  });

  test.for(Object.keys(NAMES) as Cut[])(
    'a run whose connection is cut (%s) says what the database has, and the next command ends it',
    { timeout: FAULT_TIMEOUT_MS },
    async (cut, { task }) => {
      const effort = new Effort(cut === 'byte' ? 2 / 3 : 1 / 4);
      const tally = await cutAgainAndAgain(server, cut, effort);
      task.meta.faults = tally.result(effort.asked);
      expect(tally.problems).toEqual([]);
      expect(tally.tries).toBeGreaterThanOrEqual(effort.least);
    },
  );
});
