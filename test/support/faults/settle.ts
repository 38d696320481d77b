import type { RunEvent } from '../../../server/runner/report.ts';
import type { Direction } from './fault-migrations.ts';
import type { Lane } from './lane.ts';
import { isDone, isUntouched, type Observation } from './observe.ts';
import { falseWordsOfRun, falseWordsOfStatus } from './truth.ts';
import type { Tally } from './tally.ts';

/**
 * What follows every fault: all that was said is compared with the database, then the documented next command runs, once,
 * after which everything must stand once and nothing may be left over.
 *
 * `said`: events of the run that the fault met, as far as they came.
 */
export async function settle(lane: Lane, direction: Direction, said: readonly RunEvent[], tally: Tally): Promise<void> {
  await lane.quiet();
  const before = await lane.observe(direction);
  lookForTwice(before, tally);
  for (const words of falseWordsOfRun(said, before, lane.migrations)) tally.falseWords(words);
  for (const words of falseWordsOfStatus(await lane.status(), before)) tally.falseWords(words);
  const { done, events } = await lane.run(direction);
  const after = await lane.observe(direction);
  lookForTwice(after, tally);
  for (const words of falseWordsOfRun(events, after, lane.migrations)) tally.falseWords(words);
  for (const words of falseWordsOfStatus(await lane.status(), after)) tally.falseWords(words);
  if (done.failed !== null || done.stopped !== null)
    tally.stuck(
      `${done.failed?.id ?? ''} ${done.failed?.message ?? done.stopped?.message ?? ''} (${stateText(before)})`,
    );
  else for (const { id } of lane.migrations) if (!isDone(after, id)) tally.lost(`${id} ${stateText(after)}`);
  for (const id of after.marks.keys()) tally.stuck(`a mark of ${id} was left`);
}

/** How a run that a fault met ended, in few words. */
export function endOf(events: readonly RunEvent[], direction: Direction, seen: Observation): string {
  const done = events.find((event) => event.event === 'done');
  if (done !== undefined) {
    if (done.failed === null) return 'done';
    return done.failed.message.includes('had been committed before that') ? 'told done' : `told ${done.failed.outcome}`;
  }
  const ids = [...seen.units.keys()];
  if (ids.every((id) => isDone(seen, id))) return 'all there';
  const isBetween = ids.every((id) => isDone(seen, id) || isUntouched(seen, id));
  return isBetween ? `between two (${direction})` : `within one (${direction})`;
}

function lookForTwice(seen: Observation, tally: Tally): void {
  for (const [id, states] of seen.units) if (states.includes('twice')) tally.twice(`${id} ${stateText(seen)}`);
}

function stateText({ units, rows, marks, direction }: Observation): string {
  return `${direction}: ${[...units].map(([id, states]) => `${id}=${states.join('+')}${rows.has(id) ? ' in history' : ''}`).join('; ')}; marks ${[...marks.keys()].join(', ')}`;
}
