import { palette } from '../../../server/cli/terminal.ts';
import { eventText } from '../../../server/cli/reporters/run-event.ts';
import type { RunEvent, StatusReport } from '../../../server/runner/report.ts';
import type { FaultMigration } from './fault-migrations.ts';
import { isDone, isUntouched, isWorkDone, type Observation } from './observe.ts';

/** What a run said that is not so, by what the database has; empty where all is true. */
export function falseWordsOfRun(
  events: readonly RunEvent[],
  seen: Observation,
  migrations: readonly FaultMigration[],
): readonly string[] {
  const wrong: string[] = [];
  const claim = (isSo: boolean, words: string): void => {
    if (!isSo) wrong.push(words);
  };
  for (const event of events) {
    const text = eventText(event, palette(false)).trim();
    if (event.event === 'applied' || event.event === 'reverted') claim(isDone(seen, event.id), text);
    if (event.event !== 'done') continue;
    for (const id of [...event.applied, ...event.elsewhere]) claim(isDone(seen, id), `done: ${id}`);
    const { failed } = event;
    for (const id of event.notRun) claim(isUntouched(seen, id), `not run: ${id}`);
    if (failed === null) continue;
    const { id, message } = failed;
    if (id !== '') {
      const isNothing = isUntouched(seen, id);
      const isAll = isDone(seen, id);
      if (failed.outcome === 'not-done') claim(isNothing, text);
      if (failed.outcome === 'partly-done') claim(!isNothing && !isAll, text);
      if (failed.outcome === 'done') claim(isAll, text);
      claim(failed.rolledBack === (failed.outcome === 'not-done'), `rolledBack: ${text}`);
      // A person is told to look, so there must be something that a look can tell.
      if (/"lockstep status" says how far it came/.test(text)) claim(seen.marks.has(id), text);
    }
    const committed = /(\S+) had been committed before that, as the server says/.exec(message)?.[1];
    if (committed !== undefined) claim(isDone(seen, committed), text);
    const before = /The (\d+) statements? before it stands?/.exec(message)?.[1];
    if (before !== undefined) claim(standing(seen, migrations, id, Number(before)), text);
    if (/This statement was done/.test(message)) claim(!isUntouched(seen, id), text);
    const whole = /Every statement of (\S+) was done/.exec(message)?.[1];
    if (whole !== undefined) claim(isWorkDone(seen, whole), text);
    if (/the history does not have it yet/.test(message)) claim(!isDone(seen, id), text);
  }
  return wrong;
}

/** What `status` said that is not so. */
export function falseWordsOfStatus(status: StatusReport, seen: Observation): readonly string[] {
  const wrong: string[] = [];
  for (const { id, state, note } of status.migrations) {
    const isSo = ((): boolean => {
      switch (state) {
        case 'applied':
          return seen.direction === 'up' ? isDone(seen, id) : isUntouched(seen, id);
        case 'pending':
        case 'out-of-order':
          return seen.direction === 'up' ? isUntouched(seen, id) : isDone(seen, id);
        case 'failed':
          return isMarkTrue(seen, id, note ?? '');
        default:
          return false;
      }
    })();
    if (!isSo) wrong.push(`status: ${id} is ${state}${note === null ? '' : `: ${note}`}`);
  }
  return wrong;
}

/** Whether as many parts are done as a mark says, and no more than the next where its end is not known. */
function isMarkTrue(seen: Observation, id: string, note: string): boolean {
  const count = Number(/(\d+) parts? of it (?:is|are) done/.exec(note)?.[1]);
  const isNextOpen = note.includes('the end of the next one is not known');
  const states = (seen.units.get(id) ?? []).map((state) => (state === 'unseen' ? undefined : state));
  return (
    Number.isInteger(count) &&
    !isDone(seen, id) &&
    states.every(
      (state, index) =>
        state === undefined ||
        (index < count ? state === 'once' : index === count && isNextOpen ? state !== 'twice' : state === 'none'),
    )
  );
}

/** Whether the first statements of a half stand, each once. */
function standing(seen: Observation, migrations: readonly FaultMigration[], id: string, statements: number): boolean {
  const units = migrations.find((migration) => migration.id === id)?.[seen.direction] ?? [];
  const states = seen.units.get(id) ?? [];
  let left = statements;
  for (const [index, unit] of units.entries()) {
    if (left <= 0) return true;
    if (states[index] !== 'once' && states[index] !== 'unseen') return false;
    left -= unit.sql.match(/;\n/g)?.length ?? 0;
  }
  return left <= 0;
}
