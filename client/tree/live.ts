import type { RunEvent, RunResult } from '../../server/protocol/requests.ts';
import type { Fill } from './fill.ts';

type Direction = 'up' | 'down';

/** A run that goes on now, as its events told. */
export interface LiveRun {
  readonly direction: Direction;
  /** The migration that runs; null before the first one. */
  readonly id: string | null;
  /** Milliseconds since the epoch: of the migration that runs, or of the run. */
  readonly startedAt: number;
  /** Migrations of this run that are through. */
  readonly through: readonly string[];
  /** Who it waits for; kept between tries, until the migration goes on. */
  readonly blockers: readonly string[];
  /** What it waits for, or why it tries again: a sentence part; null where it does not wait. */
  readonly waits: string | null;
  readonly attempt: number;
  /** When it tries again, in milliseconds since the epoch; null where it tries now. */
  readonly nextTryAt: number | null;
}

/** How the last run of a project ended, where it did not do all it was to do. */
export interface LastRun {
  readonly direction: Direction;
  readonly extent: { readonly kind: 'next' } | { readonly kind: 'all' } | { readonly kind: 'to'; readonly id: string };
  readonly done: Pick<RunResult['done'], 'failed' | 'stopped' | 'applied'>;
  readonly left: RunResult['left'];
}

/** What the client knows besides the status; keys of `runs` and `lastRuns` come from `projectKey`. */
export interface Overlay {
  readonly fills: ReadonlyMap<string, Fill>;
  readonly runs: ReadonlyMap<string, LiveRun>;
  readonly lastRuns: ReadonlyMap<string, LastRun>;
  /** Only what has not run yet is listed. */
  readonly pendingOnly: boolean;
}

/** Nothing runs, nothing has failed. */
export const NOTHING_LIVE: Overlay = { fills: new Map(), runs: new Map(), lastRuns: new Map(), pendingOnly: false };

/** What a project is known by among those of all workspace folders. */
export function projectKey(folderUri: string, project: string): string {
  return `${folderUri} ${project}`;
}

/** A run before its first event. */
export function begun(direction: Direction, now: number): LiveRun {
  return {
    direction,
    id: null,
    startedAt: now,
    through: [],
    blockers: [],
    waits: null,
    attempt: 1,
    nextTryAt: null,
  };
}

/** The run after one more event. */
export function afterEvent(run: LiveRun, event: RunEvent, now: number): LiveRun {
  switch (event.event) {
    case 'migration':
      return event.id === run.id
        ? run
        : { ...run, id: event.id, startedAt: now, blockers: [], waits: null, attempt: 1, nextTryAt: null };
    case 'waiting':
      // A try that sees nobody for a moment does not mean that nobody is there.
      return {
        ...run,
        waits: event.reason,
        blockers: event.blockers.length === 0 ? run.blockers : event.blockers,
        nextTryAt: null,
      };
    case 'retry':
      return { ...run, waits: event.reason, attempt: event.attempt, nextTryAt: now + event.afterMs };
    case 'applied':
    case 'reverted':
      return { ...run, through: [...run.through, event.id], blockers: [], waits: null, attempt: 1, nextTryAt: null };
    default:
      return run;
  }
}

/** A run that this window, or its language server, did not see the end of. */
export interface BegunRun {
  readonly direction: Direction;
  readonly extent: LastRun['extent'];
  /** The migration that ran; null before the first one. */
  readonly id: string | null;
}

/** What is left to be looked at of a run whose end nobody saw. */
export function cutShort({ direction, extent, id }: BegunRun): LastRun {
  return {
    direction,
    extent,
    done: {
      failed: {
        id: id ?? '',
        statement: null,
        message:
          'Its end was not seen: the window was closed or reloaded while it ran, the language server ended, or another window still runs it. What is applied is seen when connected.',
        sqlstate: null,
        path: null,
        position: null,
        excerpt: null,
        rolledBack: false,
        outcome: 'unknown',
      },
      stopped: null,
      applied: [],
    },
    left: [],
  };
}

/** Whether the last run is one whose end nobody saw. */
export function isEndUnknown(last: LastRun | undefined): last is LastRun {
  return last?.done.failed?.outcome === 'unknown';
}

/**
 * Whether what a run failed or stopped at has been done since: it is nothing to look at any more. So is an end that nobody
 * saw, once `goesOn` says that no run does: what the database has is then all that came of it. And so is a migration that
 * left nothing in the database and is not there any more.
 */
export function isOvertaken(
  last: LastRun,
  migrations: readonly { readonly id: string; readonly state: string }[],
  goesOn: boolean | null = null,
): boolean {
  if (isEndUnknown(last) && goesOn === false) return true;
  const {
    direction,
    done: { failed, stopped },
  } = last;
  const { id = '' } = failed ?? stopped ?? {};
  const state = migrations.find((migration) => migration.id === id)?.state;
  const leftNothing = failed === null || (failed.rolledBack && failed.outcome === 'not-done');
  // A list without any is one that could not be read.
  if (state === undefined && id !== '' && leftNothing && migrations.length > 0) return true;
  return direction === 'up' ? state === 'applied' || state === 'baseline' : state === 'pending';
}

/** `12 s, waits for process 4711 (ALTER ...), try 3 in 2 s`. */
export function runWords(run: LiveRun, now: number): string {
  const seconds = (milliseconds: number): string => `${Math.max(0, Math.round(milliseconds / 1000))} s`;
  const parts = [
    seconds(now - run.startedAt),
    ...(run.blockers.length > 0
      ? [`waits for ${run.blockers.join(', ')}`]
      : run.waits === null
        ? []
        : [`waits: ${run.waits}`]),
    ...(run.nextTryAt !== null && run.nextTryAt > now
      ? [`try ${run.attempt} in ${seconds(run.nextTryAt - now)}`]
      : run.attempt > 1
        ? [`try ${run.attempt}`]
        : []),
  ];
  return parts.join(', ');
}
