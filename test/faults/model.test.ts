import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CutProxy, type CutPlace } from '../support/cut-proxy.ts';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { FAULT_TIMEOUT_MS, share } from '../support/faults/effort.ts';
import { extentOf } from '../support/faults/extent.ts';
import { unitMakers, type Direction, type FaultMigration, type FaultUnit } from '../support/faults/fault-migrations.ts';
import { canKillChildren, interrupted, ProcessEnded, type Interruption } from '../support/faults/interrupt.ts';
import { postgresLane, sqliteLane, type Lane } from '../support/faults/lane.ts';
import { SEED } from '../support/faults/random.ts';
import { statesOf, type RunState } from '../support/faults/run-states.ts';
import { settle } from '../support/faults/settle.ts';
import { Tally } from '../support/faults/tally.ts';
import { startPostgres } from '../support/postgres.ts';
import type { RunEvent } from '../../server/runner/report.ts';
import { run } from '../../server/runner/run.ts';
import { DEFAULT_RUN_SETTINGS } from '../../server/runner/runner.ts';
import { systemClock } from '../../server/host/system-clock.ts';
import type { EngineId } from '../../server/model/engine-id.ts';

/** Longest time of one property; what was tried until then holds. */
const MODEL_MS = 60_000;

/** Units of a half, by what they are made of. */
type UnitKind = 'row' | 'own' | 'setting';
interface Shape {
  readonly inTransaction: boolean;
  readonly units: readonly UnitKind[];
}

/** How far a run comes before it is interrupted, of all that it does. */
const part = fc.noBias(fc.integer({ min: 0, max: 999 })).map((thousandths) => thousandths / 1000);

const shape: fc.Arbitrary<Shape> = fc.record({
  inTransaction: fc.boolean(),
  units: fc.array(fc.constantFrom<UnitKind>('row', 'own', 'setting'), { minLength: 1, maxLength: 4 }),
});

/** Migrations of these shapes, whose down halves have the shapes in the other order. */
function migrationsOf(dialect: EngineId, shapes: readonly Shape[]): readonly FaultMigration[] {
  const makers = unitMakers(dialect);
  return shapes.map(({ inTransaction, units }, index) => {
    const id = `000${index + 1}_m`;
    const half = (direction: Direction, kinds: readonly UnitKind[]): readonly FaultUnit[] =>
      inTransaction
        ? [makers.rows(id, direction, 0, kinds.length)]
        : kinds.map((kind, unit) =>
            kind === 'setting'
              ? makers.setting
              : kind === 'own'
                ? makers.own(id, direction, unit)
                : makers.rows(id, direction, unit),
          );
    // A half of settings alone would leave nothing to see.
    const seen = inTransaction ? units : [...units, 'row' as const];
    return { id, inTransaction, up: half('up', seen), down: half('down', seen.toReversed()) };
  });
}

/** What must be so after a run was interrupted, whatever it says itself; then the next run ends it. */
async function checkStates(
  lane: Lane,
  direction: Direction,
  said: readonly RunEvent[],
  tally: Tally,
  found: Set<string>,
): Promise<void> {
  await lane.quiet();
  const seen = await lane.observe(direction);
  const order = direction === 'up' ? lane.migrations : lane.migrations.toReversed();
  const states: RunState[] = [];
  for (const { id, inTransaction } of order) {
    const [state, second] = statesOf(seen, id);
    expect([state?.name, second?.name], `${id} is in one state of the table`).toEqual([
      state?.name ?? 'one',
      undefined,
    ]);
    if (state === undefined) continue;
    states.push(state);
    found.add(state.name);
    if (inTransaction) expect(state.inTransaction, `${id}: ${state.name} within one transaction`).toBe(true);
    const failed = said.find((event) => event.event === 'done')?.failed;
    if (failed?.id === id)
      expect(state.outcomes, `${id}: what is told in state ${state.name}`).toContain(failed.outcome);
  }
  // What comes before the one that was interrupted is done, and what comes after it was not begun.
  const names = states.map(({ name }) => name);
  const firstOpen = names.findIndex((name) => name !== 'all');
  expect(firstOpen < 0 ? [] : names.slice(firstOpen + 1).filter((name) => name !== 'nothing')).toEqual([]);
  const status = await lane.status();
  for (const [index, { id }] of order.entries())
    expect([id, status.migrations.find((each) => each.id === id)?.state]).toEqual([
      id,
      states[index]?.status[direction],
    ]);
  await settle(lane, direction, said, tally);
  expect(tally.problems).toEqual([]);
}

async function runInterrupted(
  lane: Lane,
  direction: Direction,
  interruption: Interruption,
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  await using real = await lane.project.connect(lane.url);
  const connection = interrupted(real, interruption);
  try {
    await run({
      project: lane.project.project,
      connection,
      ...extentOf(direction),
      settings: DEFAULT_RUN_SETTINGS,
      clock: systemClock,
      onEvent: (event) => {
        events.push(event);
      },
    });
  } catch (cause) {
    if (!(cause instanceof ProcessEnded)) throw cause;
  }
  return events;
}

describe.skipIf(!canKillChildren()).each(['delete', 'wal'])('SQLite, journal %s', (journal) => {
  test('a run that is interrupted anywhere leaves a state of the table', { timeout: FAULT_TIMEOUT_MS }, async ({
    task,
  }) => {
    const tally = new Tally('process killed at any call', `SQLite ${journal}`);
    const found = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { minLength: 1, maxLength: 3 }),
        fc.constantFrom<Direction>('up', 'down'),
        part,
        fc.constantFrom<Interruption['place']>('before', 'after'),
        fc.constantFrom<Interruption['dies']>('alone', 'whole'),
        async (shapes, direction, at, place, dies) => {
          await using lane = await sqliteLane(journal, migrationsOf('sqlite', shapes));
          if (direction === 'down') {
            await lane.run('up');
            await lane.clear();
          }
          // About as many calls as a whole run makes.
          const units = shapes.flatMap(({ inTransaction, units: { length } }) => (inTransaction ? 1 : length + 1));
          const calls = 12 + 12 * shapes.length + 6 * units.reduce((total, count) => total + count, 0);
          const events = await runInterrupted(lane, direction, { call: Math.floor(at * calls), place, dies });
          const done = events.find((event) => event.event === 'done');
          tally.count(done === undefined ? 'silent' : done.failed === null ? 'done' : `told ${done.failed.outcome}`);
          await checkStates(lane, direction, events, tally, found);
        },
      ),
      { seed: SEED, numRuns: share(1 / 3), endOnFailure: true, interruptAfterTimeLimit: MODEL_MS },
    );
    task.meta.faults = tally.result(share(1 / 3));
    // A run that is interrupted is somewhere in between now and then, not only before and behind.
    if (tally.tries >= 10) expect(found.size).toBeGreaterThanOrEqual(3);
  });
});

describe.each(FAULT_MAJORS)('PostgreSQL %i', (major) => {
  test('a run whose connection is cut at any message leaves a state of the table', {
    timeout: FAULT_TIMEOUT_MS,
  }, async ({ task }) => {
    const tally = new Tally('cut at any message', `PostgreSQL ${major}`);
    const found = new Set<string>();
    const server = await startPostgres(major);
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(shape, { minLength: 1, maxLength: 3 }),
          part,
          part,
          fc.constantFrom<CutPlace>('before', 'sent', 'answer'),
          async (shapes, upAt, downAt, place) => {
            await using lane = await postgresLane(server, undefined, migrationsOf('postgresql', shapes));
            for (const [direction, at] of [
              ['up', upAt],
              ['down', downAt],
            ] as const) {
              await using proxy = await CutProxy.start(server.port);
              // A whole run sends some forty messages around each migration, and some before them.
              proxy.cutMessage(1 + Math.floor(at * (20 + 40 * shapes.length)), place);
              await lane.clear();
              const ran = await lane.run(direction, {}, proxy.url(lane.url)).catch(() => undefined);
              tally.count(
                ran === undefined
                  ? 'not connected'
                  : ran.done.failed === null
                    ? 'done'
                    : `told ${ran.done.failed.outcome}`,
              );
              await checkStates(lane, direction, ran?.events ?? [], tally, found);
            }
          },
        ),
        { seed: SEED, numRuns: share(1 / 5), endOnFailure: true, interruptAfterTimeLimit: MODEL_MS },
      );
      task.meta.faults = tally.result(share(1 / 5));
    } finally {
      await server.stop();
    }
  });
});
