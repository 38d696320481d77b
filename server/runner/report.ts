import type { PreflightNote } from '../drivers/driver.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Phase } from '../planner/step.ts';

/** State of one migration. `unknown`: no database to ask. */
export type MigrationState =
  | 'applied'
  | 'pending'
  | 'out-of-order'
  | 'drifted'
  | 'missing'
  | 'failed'
  | 'baseline'
  | 'repeatable-outdated'
  | 'unknown';

export interface MigrationStatus {
  readonly id: string;
  readonly name: string;
  /** Empty for `missing`. */
  readonly paths: readonly string[];
  readonly state: MigrationState;
  readonly appliedAt: string | null;
  readonly reversible: boolean;
  readonly phase: Phase | null;
  readonly change: string | null;
  /** For `failed`: which command goes on with it; absent where a person must repair the history first. */
  readonly goesOnBy?: 'apply' | 'revert';
  /** A sentence for people where the state alone does not say it: what the tool does with a late arrival, why it is drifted. */
  readonly note: string | null;
}

export interface ChangeStatus {
  readonly id: string;
  readonly title: string;
  readonly phase: 'planned' | 'expanded' | 'migrating' | 'ready-to-contract' | 'contracted';
  /** 0 to 1: steps applied. */
  readonly progress: number;
  /** What brings the change forward; null where it is done or no database can be asked. */
  readonly next: ChangeNext | null;
}

/** The next thing to do for a change. */
export interface ChangeNext {
  readonly action: 'apply' | 'confirm-deploy' | 'check-parity' | 'backfill';
  /** The migration that is applied next, or that waits. */
  readonly migration: string;
  /** A sentence for people. */
  readonly message: string;
  /** What is to be deployed, as the step's header says; null for the other actions. */
  readonly deploy: string | null;
}

/** Shape of `status --format json`: fields are added, never renamed. */
export interface StatusReport {
  readonly schemaVersion: number;
  readonly tool: string;
  readonly folder: string;
  readonly database: {
    readonly kind: EngineId;
    readonly label: string;
    readonly version: string;
    readonly environment: string | null;
  } | null;
  readonly history: { readonly table: string; readonly exists: boolean } | null;
  readonly counts: {
    readonly applied: number;
    readonly pending: number;
    readonly outOfOrder: number;
    readonly drifted: number;
    readonly missing: number;
    readonly failed: number;
    /** All of them where no database was asked. */
    readonly unknown: number;
  };
  readonly migrations: readonly MigrationStatus[];
  readonly changes: readonly ChangeStatus[];
  readonly problems: readonly {
    readonly path: string | null;
    readonly message: string;
    /** Something would not be run that somebody wrote to be run. */
    readonly stopsRuns?: boolean;
  }[];
}

/** Where and why a migration stopped. */
export interface RunFailure {
  readonly id: string;
  /** 0-based index of the statement in its half; null where the failure is not a statement's. */
  readonly statement: number | null;
  readonly message: string;
  readonly sqlstate: string | null;
  readonly path: string | null;
  /** 0-based line and character in `path`. */
  readonly position: { readonly line: number; readonly character: number } | null;
  /** The SQL line and a caret below it. */
  readonly excerpt: string | null;
  /** Whether the database is certainly as it was before this migration. */
  readonly rolledBack: boolean;
  /** What the database has of this migration: nothing, a part that stands, all, or nobody knows from here. */
  readonly outcome: 'not-done' | 'partly-done' | 'done' | 'unknown';
  /** Only a person can say whether the statement at `position` is to be sent again or is done: `RunRequest.interrupted`. */
  readonly asksInterrupted?: boolean;
}

/** What a run stops before until a person says that it may go on. */
export const RUN_CONCERNS = ['drifted', 'missing', 'problems'] as const;
export type RunConcern = (typeof RUN_CONCERNS)[number];

/** Why a run stopped before a migration. */
export interface RunStop {
  readonly id: string;
  /** Sentences with the command that goes on. */
  readonly message: string;
  /** What a person may pass over to go on all the same; absent where something must be met first. */
  readonly concern?: RunConcern;
  /** Where a person is to write something first; `position` is the 0-based line and character in `path`. */
  readonly place?: { readonly path: string; readonly position: { readonly line: number; readonly character: number } };
}

/** Line of the event stream of `apply` and `revert`. */
export type RunEvent =
  | {
      readonly event: 'start';
      readonly direction: 'up' | 'down';
      readonly ids: readonly string[];
      readonly database: string;
    }
  | { readonly event: 'migration'; readonly id: string; readonly name: string; readonly direction: 'up' | 'down' }
  | {
      readonly event: 'waiting';
      readonly id: string | null;
      readonly reason: string;
      readonly blockers: readonly string[];
    }
  | {
      readonly event: 'retry';
      readonly id: string;
      readonly attempt: number;
      readonly afterMs: number;
      readonly reason: string;
    }
  /** A line that the tool's own command printed. */
  | { readonly event: 'output'; readonly line: string }
  /** What stands against the run on the server, before its first migration. */
  | { readonly event: 'preflight'; readonly notes: readonly PreflightNote[] }
  /** Other sessions wait for a lock that the run holds. */
  | { readonly event: 'blocking'; readonly id: string; readonly sessions: readonly string[] }
  /** A copy of a database that is a file, made before the first migration; absolute. */
  | { readonly event: 'backup'; readonly path: string }
  /** What is wrong with such a file after the run, and was not before it: sentences. */
  | { readonly event: 'checked'; readonly problems: readonly string[] }
  | { readonly event: 'backfill'; readonly id: string; readonly rows: number; readonly remaining: number | null }
  | { readonly event: 'applied' | 'reverted'; readonly id: string; readonly executionMs: number }
  | {
      readonly event: 'done';
      readonly direction: 'up' | 'down';
      readonly applied: readonly string[];
      /** What another run did meanwhile, so that it was not run here. */
      readonly elsewhere: readonly string[];
      readonly failed: RunFailure | null;
      /** Why nothing was run: another run holds the lock, the database refused; null where something was, or was tried. */
      readonly refusal: 'locked' | 'database' | 'request' | null;
      readonly stopped: RunStop | null;
      readonly notRun: readonly string[];
    };
