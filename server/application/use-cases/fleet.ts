import { parseDatabaseUrl } from '../../drivers/target.ts';
import { databaseName, strictest, type Environment } from '../../model/environment.ts';
import type { RunEvent, StatusReport } from '../../runner/report.ts';
import type { RunExtent } from '../../runner/runner.ts';
import { noRunWords } from '../../runner/run-words.ts';
import { environmentByPattern } from '../configured-database.ts';
import type { FolderProject } from '../folder-project.ts';
import type { Refusal } from './answer.ts';
import { ProjectDatabase, type NamedDatabase } from './project-database.ts';
import { projectStatus, unsettled } from './project-status.ts';
import { runMigrations } from './run-migrations.ts';
import type { UseContext } from './use-context.ts';

/** One database of a fleet: a tenant, a shard. */
export interface FleetDatabase {
  /** Unique in the fleet: as the list names it, else the database's label. */
  readonly name: string;
  readonly named: NamedDatabase;
}

/**
 * How it stands with one database. `not-begun`: the fleet stopped before it; `begun`: whoever ran it was ended, so that only the
 * database knows; `stopped`: a migration waits for something; `up-to-date`, `behind`, `attention`: as status says.
 */
export type FleetOutcome =
  | 'applied'
  | 'up-to-date'
  | 'behind'
  | 'attention'
  | 'failed'
  | 'stopped'
  | 'unreachable'
  | 'unknown'
  | 'begun'
  | 'not-begun';

export interface FleetEntry {
  readonly name: string;
  /** Of the database, for people. */
  readonly database: string;
  readonly outcome: FleetOutcome;
  /** What was applied by this fleet's runs, the earlier ones that the report knows included. */
  readonly applied: readonly string[];
  /** What is still due, as far as that is known. */
  readonly due: readonly string[];
  /** Why it is not as it should be; null where it is. */
  readonly message: string | null;
}

/** What is known of a fleet: every database of it, in its order. */
export interface FleetReport {
  readonly fleet: string;
  /** ISO 8601. */
  readonly at: string;
  readonly databases: readonly FleetEntry[];
}

/** Outcomes with which the next wave may begin. */
const GOOD: readonly FleetOutcome[] = ['applied', 'up-to-date'];

export function isGood({ outcome }: Pick<FleetEntry, 'outcome'>): boolean {
  return GOOD.includes(outcome);
}

/**
 * Databases that a list names: a URL a line, or a name and a URL; a line with `#` first is a comment. What is wrong is a sentence
 * that holds nothing of the line.
 */
export function fleetOf(
  project: Pick<FolderProject, 'settings' | 'settingsFolder' | 'root' | 'engine'>,
  list: string,
  base: string,
  environment: Environment | null,
): readonly FleetDatabase[] | { readonly problem: string } {
  const databases: FleetDatabase[] = [];
  const lines = list.split(/\r?\n/).flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [{ text, number: index + 1 }];
  });
  for (const { text, number } of lines) {
    const words = text.split(/\s+/);
    // A variable may hold all of them in one line.
    const isNamed = words.length === 2 && !/^[a-z0-9]+:/i.test(words[0] ?? '') && !(words[0] ?? '').includes('=');
    const urls = isNamed ? [words[1] ?? ''] : words;
    for (const url of urls) {
      const target = parseDatabaseUrl(url, base);
      if ('problem' in target) return { problem: `Line ${number} of the list: ${target.problem}` };
      if (target.dialect !== project.engine.id)
        return {
          problem: `Line ${number} of the list names a database of another kind than these migrations are for.`,
        };
      const name = isNamed ? (words[0] ?? '') : target.label;
      if (databases.some((each) => each.name === name || each.named.target.url === target.url))
        return { problem: `Line ${number} of the list names ${name} a second time: name each database once.` };
      databases.push({
        name,
        named: { target, environment: strictest(environment, environmentByPattern(project, target)) },
      });
    }
  }
  return databases.length === 0 ? { problem: 'The list names no database.' } : databases;
}

export interface FleetWish {
  readonly fleet: string;
  readonly databases: readonly FleetDatabase[];
  readonly extent: RunExtent;
  /** Databases that are worked on at once; the next wave begins when all of one are well. The first is one alone. */
  readonly wave: number;
  /** What an earlier run reported: what it applied stays in the report. */
  readonly earlier?: FleetReport | undefined;
}

export interface FleetHooks {
  /** Hears the report each time it changes, and before a database is begun. */
  readonly onReport: (report: FleetReport) => Promise<void>;
  readonly onEvent?: (name: string, event: RunEvent) => void;
  /** Whether a person has confirmed databases that are production, by the fleet's name. */
  readonly isConfirmed: boolean;
  readonly signal?: AbortSignal;
}

/** How every database of a fleet stands. Nothing is written. */
export async function fleetStatus(
  context: UseContext,
  { fleet, databases, wave }: Pick<FleetWish, 'fleet' | 'databases' | 'wave'>,
): Promise<FleetReport> {
  const entries: FleetEntry[] = [];
  for (let start = 0; start < databases.length; start += wave)
    entries.push(...(await Promise.all(databases.slice(start, start + wave).map((each) => statusOf(context, each)))));
  return { fleet, at: context.outside.clock.now().toISOString(), databases: entries };
}

/**
 * Applies to every database of a fleet, wave by wave, and stops behind the wave in which one is not well. What each database has is
 * asked from itself, so that running it again goes on with those that are left.
 */
export async function applyFleet(context: UseContext, wish: FleetWish, hooks: FleetHooks): Promise<FleetReport> {
  const { fleet, databases, earlier } = wish;
  const before = new Map(earlier?.databases.map((entry) => [entry.name, entry.applied]));
  const entries = new Map<string, FleetEntry>(
    databases.map((each) => [each.name, entryOf(each, { outcome: 'not-begun', applied: before.get(each.name) ?? [] })]),
  );
  const report = (): FleetReport => ({
    fleet,
    at: context.outside.clock.now().toISOString(),
    databases: [...entries.values()],
  });
  const put = async (entry: FleetEntry): Promise<void> => {
    entries.set(entry.name, entry);
    await hooks.onReport(report());
  };
  for (const wave of wavesOf(databases, wish.wave)) {
    if (hooks.signal?.aborted === true) break;
    for (const each of wave)
      entries.set(each.name, { ...entryOf(each, { outcome: 'begun' }), applied: before.get(each.name) ?? [] });
    await hooks.onReport(report());
    await Promise.all(
      wave.map(async (each) => {
        const entry = await applyTo(context, each, wish, hooks);
        await put({ ...entry, applied: [...new Set([...(before.get(each.name) ?? []), ...entry.applied])] });
      }),
    );
    if (!wave.every(({ name }) => GOOD.includes(entries.get(name)?.outcome ?? 'unknown'))) break;
  }
  return report();
}

/** One alone, then `size` at once. */
function wavesOf(databases: readonly FleetDatabase[], size: number): readonly (readonly FleetDatabase[])[] {
  const waves = [databases.slice(0, 1)];
  for (let start = 1; start < databases.length; start += size) waves.push(databases.slice(start, start + size));
  return waves;
}

function entryOf({ name, named }: FleetDatabase, rest: Partial<FleetEntry> & Pick<FleetEntry, 'outcome'>): FleetEntry {
  return { name, database: named.target.label, applied: [], due: [], message: null, ...rest };
}

function contextFor(context: UseContext, each: FleetDatabase): UseContext {
  return { ...context, database: new ProjectDatabase(each.named), isKept: false };
}

async function statusOf(context: UseContext, each: FleetDatabase): Promise<FleetEntry> {
  const { report, problem } = await projectStatus(contextFor(context, each));
  if (problem !== null)
    return problem.code === 'yet-to-be-made'
      ? entryOf(each, { outcome: 'behind', due: report.migrations.map(({ id }) => id) })
      : entryOf(each, { outcome: 'unreachable', message: problem.failure.message });
  return entryOf(each, { ...standing(report), due: dueOf(report) });
}

function dueOf(report: StatusReport): readonly string[] {
  return report.migrations
    .filter(({ state }) => ['pending', 'out-of-order', 'repeatable-outdated', 'failed'].includes(state))
    .map(({ id }) => id);
}

function standing(report: StatusReport): Pick<FleetEntry, 'outcome' | 'message'> {
  const wrong = unsettled(report).filter(({ state }) => state !== 'pending' && state !== 'repeatable-outdated');
  const problem = report.problems.find(({ stopsRuns }) => stopsRuns === true);
  if (problem !== undefined) return { outcome: 'attention', message: problem.message };
  if (wrong.length > 0)
    return {
      outcome: 'attention',
      message: wrong.map(({ id, state }) => `${id} is ${state.replaceAll('-', ' ')}`).join(', '),
    };
  return { outcome: dueOf(report).length === 0 ? 'up-to-date' : 'behind', message: null };
}

async function applyTo(
  context: UseContext,
  each: FleetDatabase,
  wish: FleetWish,
  hooks: FleetHooks,
): Promise<FleetEntry> {
  const ran = await runMigrations(
    {
      ...contextFor(context, each),
      confirmName: async (name) => (hooks.isConfirmed ? name : undefined),
    },
    { direction: 'up', extent: wish.extent },
    {
      onEvent: (event) => hooks.onEvent?.(each.name, event),
      // What is due is asked from the database when its turn comes.
      agree: async () => 'what-is-due',
      ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
    },
  );
  switch (ran.kind) {
    case 'refused':
      return entryOf(each, refusalOf(ran.reason, wish.fleet));
    case 'not-started':
      return entryOf(each, {
        outcome: ran.why.kind === 'stopped' ? 'stopped' : 'failed',
        message: noRunWords(ran.why),
      });
    case 'declined':
      throw new Error('nobody was asked');
    case 'ended': {
      const { applied, failed, stopped, notRun } = ran.done;
      const due = failed === null || failed.id === '' || notRun.includes(failed.id) ? notRun : [failed.id, ...notRun];
      if (failed !== null)
        return entryOf(each, {
          outcome: failed.outcome === 'unknown' ? 'unknown' : 'failed',
          applied,
          due,
          message: failed.id === '' ? failed.message : `${failed.id}: ${failed.message}`,
        });
      if (stopped !== null) return entryOf(each, { outcome: 'stopped', applied, due, message: stopped.message });
      return entryOf(each, { outcome: applied.length === 0 ? 'up-to-date' : 'applied', applied });
    }
  }
}

function refusalOf(reason: Refusal, fleet: string): Pick<FleetEntry, 'outcome' | 'message'> {
  if (reason.code === 'database') return { outcome: 'unreachable', message: reason.failure.message };
  if (reason.code === 'not-confirmed')
    return {
      outcome: 'failed',
      message: `${databaseName(reason.name)} is production, and nothing is written to it before the name of the fleet, ${fleet}, is typed.`,
    };
  return { outcome: 'failed', message: `Nothing was done: ${reason.code.replaceAll('-', ' ')}.` };
}

/** A report as lines for people. */
export function fleetText({ fleet, databases }: FleetReport): string {
  const width = Math.max(...databases.map(({ name }) => name.length));
  const lines = databases.map(({ name, outcome, applied, due, message }) => {
    const did = applied.length === 0 ? '' : `, applied ${applied.join(', ')}`;
    const left = due.length === 0 ? '' : `, due ${due.join(', ')}`;
    return `  ${name.padEnd(width)}  ${outcome.replaceAll('-', ' ')}${did}${left}${message === null ? '' : `\n      ${message}`}`;
  });
  const good = databases.filter(isGood).length;
  return `${fleet}: ${good} of ${databases.length} up to date\n${lines.join('\n')}\n`;
}
