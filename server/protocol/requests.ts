import type { AskedValue } from '../model/asked-value.ts';
import type { InitDatabase, InitFolder } from '../application/init.ts';
import type { PlannedBaseline } from '../application/use-cases/baseline.ts';
import type { PlannedHistory } from '../application/use-cases/other-history.ts';
import type { RepairStep } from '../application/use-cases/repair.ts';
import type { RunCheck as MigrationCheck } from '../application/use-cases/run-checks.ts';
import type { WishPart } from '../planner/wishes.ts';
import type { HistoryMark } from '../runner/mark-migration.ts';
import type { RunConcern, RunEvent, RunStop, StatusReport } from '../runner/report.ts';
import { notification, request } from './message.ts';

/*
 * Custom messages between the editor's client and the language server: their descriptors, types and titles only, all that
 * client/ may import of the server. `folder` is a workspace folder's URI.
 */
export { ENGINE_TITLES } from '../model/engine-id.ts';
export { databaseName } from '../model/environment.ts';

/** The status of every project of a workspace folder. */
export const STATUS_REQUEST = request<StatusParams, readonly ProjectStatus[]>('status');
/** What is said of migrations in a workspace folder that are another tool's than those that are read: sentences. */
export const UNREAD_REQUEST = request<StatusParams, readonly string[]>('unread');
/** Whether a run goes on in the project's database, whoever began it; null where that cannot be told. */
export const GOES_ON_REQUEST = request<GoesOnParams, boolean | null>('goesOn');
export const CONNECT_REQUEST = request<ConnectParams, Outcome<ConnectResult>>('connect');
export const DISCONNECT_REQUEST = request<StatusParams, null>('disconnect');
/** Can be cancelled; tells how it goes by `RUN_EVENT`, and `STATUS_CHANGED` before its answer. */
export const RUN_REQUEST = request<RunParams, Outcome<RunResult>>('run');
/** Reverts the newest applied migrations and applies them again; can be cancelled, tells how it goes by `RUN_EVENT`. */
export const REDO_REQUEST = request<RedoParams, Outcome<RedoResult>>('redo');
/** What is due, done in a transaction that is rolled back: durations and locks, as lines. Can be cancelled. */
export const TRY_REQUEST = request<TryParams, Outcome<string>>('try');
/** The log that the database keeps, as lines. */
export const LOG_REQUEST = request<PlaceParams, Outcome<string>>('log');
/** What needs a person, with the ways on from each. */
export const REPAIR_REQUEST = request<PlaceParams, Outcome<readonly RepairStep[]>>('repair');
/** Tools whose history may be taken over. */
export const OTHER_TOOLS_REQUEST = request<PlaceParams, readonly OtherTool[]>('otherTools');
/** What a person has to agree to, or, with `expectedIds`, does it. */
export const OTHER_HISTORY_REQUEST = request<OtherHistoryParams, Outcome<PlannedHistory>>('otherHistory');
/** Backups beside a database that is a file, newest first. */
export const BACKUPS_REQUEST = request<PlaceParams, Outcome<readonly string[]>>('backups');
/** Makes the database what a backup of it was; what it was before is kept under the name that is given back. */
export const RESTORE_REQUEST = request<RestoreParams, Outcome<string>>('restore');
/** Fleets that `lockstep.jsonc` names. */
export const FLEETS_REQUEST = request<PlaceParams, readonly string[]>('fleets');
/** How each database of a fleet stands, or what applying to them did. Can be cancelled. */
export const FLEET_REQUEST = request<FleetParams, Outcome<FleetAnswer>>('fleet');
export const SCRIPT_REQUEST = request<ScriptParams, Outcome<string>>('script');
export const NEW_REQUEST = request<NewParams, Outcome<NewResult>>('new');
/** What the statement at an offset does, as Markdown; null where there is none. */
export const EXPLAIN_REQUEST = request<ExplainParams, string | null>('explain');
/** Can be cancelled. */
export const CHANGE_REQUEST = request<ChangeParams, Outcome<ChangeActionResult>>('change');
/** A change as a Markdown page. */
export const RUNBOOK_REQUEST = request<RunbookParams, Outcome<string>>('runbook');
export const WISHES_REQUEST = request<WishesParams, Outcome<WishesResult>>('wishes');
export const PLAN_REQUEST = request<PlanParams, Outcome<PlanResult>>('plan');
export const INIT_REQUEST = request<InitParams, Outcome<InitResult>>('init');
/** A rule's page as Markdown; null where there is no such rule. */
export const RULE_REQUEST = request<RuleParams, string | null>('rule');
export const MARK_REQUEST = request<MarkParams, Outcome<null>>('mark');
/** What a person has to agree to, or, with `expectedIds`, does it. */
export const BASELINE_REQUEST = request<BaselineParams, Outcome<PlannedBaseline>>('baseline');
export const APPLIED_TEXT_REQUEST = request<AppliedTextParams, Outcome<AppliedText>>('appliedText');
export const FIX_REQUEST = request<FixReference, Outcome<FixResult>>('fix');
/** Scheme of a rule's page, where the client can show one: `lockstep-rule:/required-column.md`. */
export const RULE_SCHEME = 'lockstep-rule';
/** Server to client while a run goes on. */
export const RUN_EVENT = notification<RunEventParams>('runEvent');
/** Server to client: status may have changed, ask again. */
export const STATUS_CHANGED = notification<NoParams>('statusChanged');
/** Client to server: the person has trusted the workspace, so databases may be connected to. */
export const TRUST_GRANTED = notification<NoParams>('trustGranted');

export type NoParams = Readonly<Record<string, never>>;

/** What the editor's client says of itself when it starts the server; other clients send nothing. */
export interface InitializationOptions {
  /** False: lint only. Absent: trusted, as editors without the notion are. */
  readonly isTrusted?: boolean;
  /**
   * Whether the client has the commands `lockstep.applyFix` and `lockstep.previewFix`, which take a `FixReference`, and
   * `lockstep.allowHere`, which takes an `AllowHere`: a fix that writes files is then a command, so that it can be undone.
   */
  readonly appliesFixes?: boolean;
  /** Whether the client opens URIs of `RULE_SCHEME`. */
  readonly showsRules?: boolean;
  /** Whether the client has the command `lockstep.explainAt`, which takes a URI and a position. */
  readonly explainsAt?: boolean;
}

export interface ConnectParams {
  readonly folder: string;
  /** `StatusReport.folder` of a project; all of the workspace folder that are written for such a database where absent. */
  readonly project?: string;
  /** Held in memory by the server for the connection's life only; never logged. Empty: what `lockstep.jsonc` names for each project. */
  readonly url: string;
  readonly environment: 'development' | 'staging' | 'production' | null;
  /** Name of one of the environments of `lockstep.jsonc`: where no URL is given, its database. */
  readonly named?: string;
}

/** What a person typed for the name of a database that is production: without it nothing is written there. */
export interface Confirmed {
  readonly confirmed?: string;
}

/** One of the environments that `lockstep.jsonc` names. */
export interface NamedEnvironment {
  readonly name: string;
  readonly environment: 'development' | 'staging' | 'production' | null;
  /** Of the database, for people; null where `lockstep.jsonc` does not say where it is, or its variable is not set. */
  readonly label: string | null;
  /** The environment variable that is to hold its URL and is not set. */
  readonly unset: string | null;
}

/** Failures of the outside world are values; a rejected request is a bug. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      readonly message: string;
      /** Of a run: what a person may pass over (`RunParams.despite`) to go on all the same. */
      readonly concern?: RunConcern;
    };

export interface ConnectResult {
  readonly label: string;
  readonly version: string;
}

export interface StatusParams {
  readonly folder: string;
  /** Reads the folder's files again first: a watcher may have missed a change, as while a window opens. */
  readonly isReadAgain?: boolean;
}

export interface GoesOnParams {
  readonly folder: string;
  /** `StatusReport.folder` of the project. */
  readonly project: string;
}

/** One project of a workspace folder. */
export interface ProjectStatus {
  readonly status: StatusReport;
  /** Of the migration tool, for people. */
  readonly toolTitle: string;
  readonly connected: boolean;
  /** Why the database cannot be asked although connected, for people. */
  readonly databaseProblem: string | null;
  /** The database that `lockstep.jsonc` names, for people; null where it names none that can be used. */
  readonly configured: { readonly label: string; readonly environment: string | null } | null;
  readonly environments: readonly NamedEnvironment[];
  /** The environment variable that `lockstep.jsonc` names and that is not set, where that is why there is none. */
  readonly unsetVariable: string | null;
  /** Migrations that this server runs now; null where nothing is. */
  readonly inFlight: {
    readonly direction: 'up' | 'down';
    readonly id: string | null;
    readonly blockers: readonly string[];
  } | null;
  /** Whether a run goes on in the database that another process began; null where that is not known. */
  readonly runsElsewhere: boolean | null;
}

export interface RunParams extends Confirmed {
  readonly folder: string;
  /** `StatusReport.folder` of the project; the first one of the workspace folder where absent. */
  readonly project?: string;
  readonly direction: 'up' | 'down';
  /** `next`: one. `all`. `to`: up to and including `id` (up), back to `id`, which stays applied (down). */
  readonly extent: { readonly kind: 'next' } | { readonly kind: 'all' } | { readonly kind: 'to'; readonly id: string };
  readonly dryRun: boolean;
  /** Token for `RUN_EVENT` and cancellation. */
  readonly token: string;
  /** Ids that the person was shown; the run refuses when they are no longer what would run. */
  readonly expectedIds: readonly string[] | null;
  /** `RunResult.digest` of what the person was shown; the run refuses when it would send anything else. */
  readonly expectedDigest?: string;
  /** What stands against the run and the person passes over. */
  readonly despite?: readonly RunConcern[];
  /** What the person says of a statement whose end nobody saw. */
  readonly interrupted?: 'again' | 'done';
}

/** A project of a workspace folder. */
export interface PlaceParams {
  readonly folder: string;
  /** `StatusReport.folder` of the project. */
  readonly project: string;
}

export interface TryParams extends PlaceParams {
  readonly direction: RunParams['direction'];
  readonly extent: RunParams['extent'];
}

export interface OtherTool {
  readonly id: string;
  readonly title: string;
}

export interface OtherHistoryParams extends PlaceParams, Confirmed {
  /** Id of the other tool. */
  readonly tool: string;
  readonly direction: 'take-over' | 'hand-back';
  /** Ids that the person was shown; null: nothing is written. */
  readonly expectedIds: readonly string[] | null;
}

export interface RestoreParams extends PlaceParams, Confirmed {
  readonly name: string;
}

export interface FleetParams extends PlaceParams {
  readonly fleet: string;
  readonly action: 'status' | 'apply';
  /** The fleet's name, typed, where databases of it are production. */
  readonly confirmed?: string;
}

export interface FleetAnswer {
  /** Lines for people. */
  readonly text: string;
  readonly databases: number;
  readonly isGood: boolean;
  /** Whether its name is to be typed before it is applied to. */
  readonly isProtected: boolean;
}

export interface RedoParams {
  readonly folder: string;
  readonly project?: string;
  readonly steps: number;
  /** Token for `RUN_EVENT` and cancellation. */
  readonly token: string;
  /** Ids that the person was shown, newest first; null: only what would be done. */
  readonly expectedIds: readonly string[] | null;
}

export interface RedoResult {
  /** What is reverted and applied again, newest first, with what the way back destroys. */
  readonly ids: readonly string[];
  readonly losses: readonly { readonly id: string; readonly losses: readonly string[] }[];
  /** How it ended: of the apply, or of the revert where that did not come to its end. Null: nothing was done yet. */
  readonly done: Extract<RunEvent, { event: 'done' }> | null;
}

export interface RunResult {
  readonly done: Extract<RunEvent, { event: 'done' }>;
  /** The SQL, for a dry run. */
  readonly sql: string | null;
  /** For a dry run: what `RunParams.expectedDigest` demands. */
  readonly digest: string | null;
  /** For a dry run: what stands against it on the server now, sentences. */
  readonly notes: readonly string[];
  /** For a dry run, one for each migration whose file is there, in the order of `done.notRun`. */
  readonly checks: readonly RunCheck[];
  /** What stays in the database of a migration that failed, and what to do about it: sentences. */
  readonly left: readonly string[];
}

/** What a person has to know of a migration before it runs, with where it is. */
export interface RunCheck extends MigrationCheck {
  readonly uri: string;
}

export interface RunEventParams {
  readonly token: string;
  readonly event: RunEvent;
}

export interface ScriptParams {
  readonly folder: string;
  readonly project?: string;
  readonly direction: 'up' | 'down';
  readonly ids: readonly string[];
}

export interface BaselineParams extends Confirmed {
  readonly folder: string;
  readonly project?: string;
  /** The newest migration that the database has. */
  readonly to: string;
  /** Ids that the person was shown; it is refused when they are no longer what would be marked. Null: nothing is written. */
  readonly expectedIds: readonly string[] | null;
}

export interface NewParams {
  readonly folder: string;
  readonly project?: string;
  readonly name: string;
}

export interface NewResult {
  /** Absolute paths of the files, the up half first. */
  readonly paths: readonly string[];
}

export interface ExplainParams {
  readonly uri: string;
  readonly offset: number;
}

export interface ChangeParams extends Confirmed {
  readonly folder: string;
  readonly project?: string;
  /** Id of the change. */
  readonly change: string;
  readonly action: 'confirm-deploy' | 'check-parity';
  /** Of the deploy that the person was shown and confirms; absent for a check. */
  readonly deploy?: string;
  /** Who says so. */
  readonly by: string;
}

export interface ChangeActionResult {
  /** False where old and new differ: nothing was recorded. */
  readonly isMet: boolean;
  /** Sentences for people. */
  readonly message: string;
}

export interface RunbookParams {
  readonly folder: string;
  readonly project?: string;
  readonly change: string;
}

export interface InitParams {
  readonly folder: string;
  /** False: only what would be written. */
  readonly write: boolean;
}

/** A first configuration. Failures: nothing was found, the workspace is not trusted, the file could not be written. */
export type InitResult =
  /** A configuration is there: nothing was done. */
  | { readonly kind: 'configured'; readonly path: string }
  | {
      readonly kind: 'planned';
      /** Absolute. */
      readonly path: string;
      readonly text: string;
      readonly isWritten: boolean;
      readonly folders: readonly InitFolder[];
      readonly database: InitDatabase | null;
    };

export interface RuleParams {
  /** Of a finding. */
  readonly code: string;
}

export interface WishesParams {
  readonly folder: string;
  readonly project?: string;
}

/** What a change can be started from. */
export interface WishesResult {
  readonly wishes: readonly { readonly name: string; readonly title: string; readonly parts: readonly WishPart[] }[];
  /** Tables with their columns, as names are written in a wish. */
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  }[];
  /** Enums with their values, as names are written in a wish. */
  readonly enums: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export interface PlanParams {
  readonly folder: string;
  readonly project?: string;
  /** Of a wish. */
  readonly change: string;
  readonly values: readonly string[];
}

/** What tells one fix from all others, for as long as its document stays as it was. */
export interface FixReference {
  readonly uri: string;
  /** Of the document when the fix was offered. */
  readonly version: number;
  readonly code: string;
  readonly title: string;
  /** Of the finding. */
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  /** SQL of the values that a person gave, by `FixResult.values[].name`. */
  readonly values?: Readonly<Record<string, string>>;
}

/** Changes what the history says of a migration, and runs nothing. */
export interface MarkParams extends Confirmed {
  readonly folder: string;
  readonly project: string;
  readonly id: string;
  /** `accepted`: the file's text is what was applied. */
  readonly mark: HistoryMark;
}

export interface AppliedTextParams {
  readonly folder: string;
  readonly project: string;
  readonly id: string;
}

/** A migration's text as it was applied. */
export interface AppliedText {
  readonly uri: string;
  /** Relative to the workspace folder. */
  readonly path: string;
  readonly text: string;
}

/** A comment that allows a finding, and where its reason is to be typed. Positions are LSP's. */
export interface AllowHere {
  readonly uri: string;
  readonly version: number;
  readonly edit: { readonly range: FixReference['range']; readonly newText: string };
  readonly cursor: { readonly line: number; readonly character: number };
}

/** A fix worked out; nothing is written by the server. */
export interface FixResult {
  /** A workspace folder's URI. */
  readonly folder: string;
  /** `StatusReport.folder` of the project. */
  readonly project: string;
  readonly title: string;
  /** Values for old rows that a person is to give; without them a step is held. */
  readonly values: readonly AskedValue[];
  /** In the order in which they will run. */
  readonly steps: readonly {
    readonly phase: string;
    readonly title: string;
    /** Paths of its files. */
    readonly files: readonly string[];
    /** What is to be deployed before it runs. */
    readonly deploys: readonly string[];
    /** Whom it keeps waiting, in words: `ACCESS EXCLUSIVE on public.users: reads and writes wait`. */
    readonly locks: readonly string[];
  }[];
  readonly files: readonly PlannedFile[];
}

/** `path` is relative to the workspace folder; `text` is the whole new text, empty for `delete`. */
export interface PlannedFile {
  readonly uri: string;
  readonly path: string;
  readonly action: 'create' | 'edit' | 'delete';
  readonly text: string;
  /** It is machine-written: people are shown its name alone. */
  readonly isGenerated?: true;
}

/** Files to be made; nothing is written by the server. */
export interface PlanResult {
  readonly change: string;
  readonly title: string;
  /** In the order in which they will run. */
  readonly steps: readonly PlannedStep[];
  /** All that is written: those of the steps, and what of the folder changes with them. */
  readonly files: readonly PlannedFile[];
}

/** One migration of a planned change: one file, or one for each direction. */
export interface PlannedStep {
  readonly phase: string;
  readonly title: string;
  /** What is to be deployed before it runs. */
  readonly deploys: readonly string[];
  /** Whom it keeps waiting, in words: `ACCESS EXCLUSIVE on public.users: reads and writes wait`. */
  readonly locks: readonly string[];
  readonly files: readonly Pick<PlannedFile, 'uri' | 'path' | 'text' | 'isGenerated'>[];
}

export type { PlannedHistory, RepairStep };
export type { RunConcern, RunEvent, RunStop, StatusReport };
