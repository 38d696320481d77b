import type { Effort } from './effort.ts';
import type { Direction } from './fault-migrations.ts';
import type { Victims } from './killed-process.ts';
import type { Lane } from './lane.ts';
import { Random } from './random.ts';
import { endOf, settle } from './settle.ts';
import { Tally } from './tally.ts';

/** Runs that one process does at once, and how much later than the first one begins: so one kill meets each elsewhere. */
const LANES = 8;
const SPREAD_MS = 300;
/** Events that a run prints of each migration, and the longest pause after one of them. */
const EVENTS = 2;
const PAUSE_MS = 12;

/** Kills the process that runs migrations again and again, forth and back, each time at another place. */
export async function killAgainAndAgain(
  victims: Victims,
  target: string,
  open: () => Promise<Lane>,
  effort: Effort,
): Promise<Tally> {
  const random = new Random(target);
  const tally = new Tally('kill -9 of our process', target);
  await using stack = new AsyncDisposableStack();
  const lanes: Lane[] = [];
  for (let count = 0; count < LANES; count++) lanes.push(stack.use(await open()));
  const events = lanes.reduce((total, { migrations }) => total + EVENTS * migrations.length, 0);
  for (let round = 0; !effort.isEnough(tally.tries); round++) {
    const direction: Direction = round % 2 === 0 ? 'up' : 'down';
    await Promise.all(lanes.map((lane) => lane.clear()));
    const { wasKilled, events: printed } = await victims.kill(
      lanes.map((lane) => ({
        folder: lane.project.folder,
        url: lane.url,
        direction,
        afterMs: random.below(SPREAD_MS),
      })),
      random.below(events),
      random.below(PAUSE_MS),
    );
    await Promise.all(
      lanes.map(async (lane, index) => {
        const said = printed[index] ?? [];
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
