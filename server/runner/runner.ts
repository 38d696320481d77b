import type { Applier } from '../tools/applier.ts';
import type { Format } from '../tools/format.ts';
import type { Headers } from '../tools/headers.ts';
import type { FolderTexts, History } from '../tools/history.ts';
import type { Tool } from '../tools/tool.ts';
import type { Clock } from '../core/ports.ts';
import type { Engine } from '../engines/engine.ts';
import type { Connection } from '../drivers/driver.ts';
import type { Phase } from '../planner/step.ts';
import type { RunConcern, RunEvent } from './report.ts';
import type { Auditor } from './run-log.ts';

/** What the runner needs of a project: a `Project` is one. */
export interface RunnerProject extends FolderTexts {
  readonly tool: Pick<Tool, 'id' | 'title'>;
  readonly format: Pick<Format, 'languageOf' | 'compareIds'>;
  /** What a document says of itself, read once for each of its versions; undefined where there is none. */
  headersOf(path: string): Headers | undefined;
  readonly history: History;
  readonly applier: Applier;
  readonly engine: Engine;
  /** Relative to the project's root, for people. */
  readonly folder: string;
}

/** How far to go. `to` up: up to and including `id`; down: back to `id`, which stays applied. `steps`: that many, newest first. */
export type RunExtent =
  | { readonly kind: 'next' }
  | { readonly kind: 'all' }
  | { readonly kind: 'to'; readonly id: string }
  | { readonly kind: 'steps'; readonly count: number };

export interface RunRequest {
  readonly project: RunnerProject;
  readonly connection: Connection;
  readonly direction: 'up' | 'down';
  readonly extent: RunExtent;
  /** Only migrations of this phase and of no change, in order, stopping at the first of a later phase. */
  readonly phase?: Phase;
  /** What the person was shown: the run is refused when it would now do anything else. */
  readonly expectedIds?: readonly string[];
  /** `runDigest` of what the person was shown: the run is refused when it would send anything else. */
  readonly expectedDigest?: string;
  /** What a person says of a statement whose end nobody saw: send it again, or it is done. */
  readonly interrupted?: 'again' | 'done';
  /** What `status` says against a run and a person wants to pass over. */
  readonly despite?: readonly RunConcern[];
  /** PostgreSQL: settings of the session while each migration runs. */
  readonly sessionSettings?: Readonly<Record<string, string>>;
  /** Whoever is written into the log of the database; absent: none is kept. */
  readonly auditor?: Auditor;
  /** Does what is to be done before the first migration, under the lock; where it rejects, nothing runs. */
  readonly beforeWork?: (ids: readonly string[]) => Promise<void>;
  readonly settings: RunSettings;
  readonly clock: Clock;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

export interface RunSettings {
  readonly lockTimeoutMs: number;
  /** Tries of one migration that runs into the lock timeout, the first included. */
  readonly lockAttempts: number;
  /** How long to wait for another run to end. */
  readonly migrationLockTimeoutMs: number;
}

/** Sources: safe-pg-migrations, online_migrations and pgroll defaults, compared in the reference notes of the design. */
export const DEFAULT_RUN_SETTINGS: RunSettings = {
  lockTimeoutMs: 2_000,
  lockAttempts: 10,
  migrationLockTimeoutMs: 10_000,
};

export type DoneEvent = Extract<RunEvent, { readonly event: 'done' }>;

/** The end of a run in which nothing was done but what `rest` says. */
export function doneEvent(direction: DoneEvent['direction'], rest: Partial<DoneEvent>): DoneEvent {
  return {
    event: 'done',
    direction,
    applied: [],
    elsewhere: [],
    failed: null,
    stopped: null,
    refusal: null,
    notRun: [],
    ...rest,
  };
}
