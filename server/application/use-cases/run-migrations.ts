import { DatabaseError, type Connection } from '../../drivers/driver.ts';
import { loggingCommand } from '../../runner/log-command.ts';
import { type CommandRun, type CommandToRun, runByCommand } from '../../runner/run-by-command.ts';
import { type NoRun, planRun, type RunLimits } from '../../runner/plan-run.ts';
import { PROTECTED, type Environment } from '../../model/environment.ts';
import type { RunEvent, StatusReport } from '../../runner/report.ts';
import { run } from '../../runner/run.ts';
import { runFailure } from '../../runner/failure.ts';
import { runDigest } from '../../runner/run-digest.ts';
import { CHANGED_TEXTS } from '../../runner/run-words.ts';
import { doneEvent, type DoneEvent, type RunExtent, type RunRequest } from '../../runner/runner.ts';
import { readStatus } from '../../runner/status.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import { runSettingsOf } from '../run-settings.ts';
import type { ExplainedTransaction } from '../../analysis/report.ts';
import type { Bundle } from '../../tools/applier.ts';
import type { FolderProject } from '../folder-project.ts';
import type { Refused } from './answer.ts';
import { auditorOf } from './auditor-of.ts';
import { backsUp, backupHooks, type BackupHooks } from './file-backup.ts';
import { invalidIndexes, type InvalidIndex } from './invalid-indexes.ts';
import { revertLosses } from './run-checks.ts';
import { previewOf, scriptOf } from './script-of.ts';
import { preflight } from './preflight.ts';
import { environmentOn, unconfirmed } from './production.ts';
import type { NamedDatabase } from './project-database.ts';
import type { UseContext } from './use-context.ts';
import { databaseOf, databaseToChange, emptyUrlOf, isYetToBeMade, withDatabase, withSession } from './with-database.ts';

/** What a person wants to run. */
export interface RunWish extends RunLimits {
  readonly direction: 'up' | 'down';
  readonly extent: RunExtent;
  /** A program that holds the migrations, which carries them out in the place of the tool's own command. */
  readonly bundle?: Bundle;
}

/** Nothing is run: what status says against it, or a wish that cannot be met. */
export interface NotStarted {
  readonly kind: 'not-started';
  readonly why: NoRun;
}

/** What a run would do. */
export interface PlannedRun {
  readonly kind: 'planned';
  /** In the order of the run. */
  readonly ids: readonly string[];
  /** What each destroys on the way back; empty for the way up. */
  readonly losses: readonly { readonly id: string; readonly losses: readonly string[] }[];
  /** Their halves for review, written when they are asked for; empty where there are none. */
  readonly sql: string;
  /** What a run may demand to be just this: `RunRequest.expectedDigest`. */
  readonly digest: string;
  /** In which the tool's own command runs them; absent where Lockstep runs them, or where it is not known. */
  readonly transactions?: readonly ExplainedTransaction[];
  /** What stands against it on the server now: sentences. */
  readonly notes: readonly string[];
}

export interface RanMigrations {
  readonly kind: 'ended';
  readonly done: DoneEvent;
  /** What stays in the database of a migration that failed; none where none did, or where it could not be asked. */
  readonly invalidIndexes: readonly InvalidIndex[];
}

/** What would run on the project's database now: nothing is written. A database that is yet to be made has nothing. */
export async function planMigrations(
  context: UseContext,
  wish: RunWish,
  signal?: AbortSignal,
): Promise<PlannedRun | NotStarted | Refused> {
  const named = databaseOf(context);
  if ('kind' in named) return named;
  if (await isYetToBeMade(context, named))
    return plannedOf(context, wish, asOnEmpty(await readStatus(context.project, undefined, null)));
  return withDatabase(
    context,
    { readOnly: true },
    async (connection) => {
      const planned = plannedOf(context, wish, await readStatus(context.project, connection, null));
      if (planned.kind !== 'planned') return planned;
      const notes = await preflight(context, connection, wish.direction, planned.ids);
      return { ...planned, notes: notes.map(({ message }) => message) };
    },
    signal,
  );
}

/** What a person was shown, and what is wanted of it: nothing, just that, or whatever is due once the run begins. */
export type Agreement = (shown: {
  readonly database: string;
  /** On production its name is asked for after this. */
  readonly environment: Environment | null;
  readonly ids: readonly string[];
  /** What each destroys on the way back; empty for the way up. */
  readonly losses: PlannedRun['losses'];
}) => Promise<'no' | 'as-shown' | 'what-is-due'>;

export interface RunHooks {
  readonly onEvent: (event: RunEvent) => void;
  /** Asked before anything is run; what status says against the run is then told before. Absent: nobody is asked. */
  readonly agree?: Agreement;
  readonly signal?: AbortSignal;
}

/** More of a run than what it runs. */
export type RunOptions = RunWish &
  Pick<RunRequest, 'expectedIds' | 'expectedDigest' | 'interrupted' | 'sessionSettings'>;

/** Applies or reverts migrations of a project on its database. One run at a time in a project. */
export async function runMigrations(
  context: UseContext,
  wish: RunOptions,
  hooks: RunHooks,
): Promise<RanMigrations | NotStarted | { readonly kind: 'declined' } | Refused> {
  const { database, project, outside } = context;
  const { direction } = wish;
  const named = databaseToChange(context);
  if ('kind' in named) return named;
  const onEvent = (event: RunEvent): void => {
    follow(context, event);
    hooks.onEvent(event);
  };
  database.inFlight = { direction, id: null, blockers: [] };
  try {
    const agreedBefore = await agreementBefore(context, named, wish, hooks);
    if (agreedBefore !== undefined && agreedBefore.kind !== 'agreed') return agreedBefore;
    return await withDatabase(
      context,
      { readOnly: false, createIfMissing: direction === 'up', forRun: commandOf(context, wish.bundle) === undefined },
      async (connection) => {
        const agreed = agreedBefore ?? (await agreement(context, named, wish, hooks, connection));
        if (agreed.kind !== 'agreed') return agreed;
        const { environment, expectedIds, expectedDigest } = agreed;
        const settings = runSettingsOf(project);
        const auditor = auditorOf(context);
        const command = commandOf(context, wish.bundle);
        if (command !== undefined) {
          const status = await readStatus(project, connection, null);
          const planned = plannedOf(context, wish, status);
          if (planned.kind !== 'planned') return planned;
          if (expectedDigest !== undefined && planned.digest !== expectedDigest)
            return { kind: 'ended', done: changedTexts(direction, planned.ids, onEvent), invalidIndexes: [] } as const;
          const byCommand: CommandRun = {
            project,
            connection,
            database: named.target,
            direction,
            ids: planned.ids,
            ...(expectedIds === undefined ? {} : { expectedIds }),
            ...command,
            migrationLockTimeoutMs: settings.migrationLockTimeoutMs,
            clock: outside.clock,
            onEvent,
            ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
          };
          const logged = { direction, ids: planned.ids, from: newestOf(status) };
          const done = await loggingCommand(connection, auditor, outside.clock, logged, () => runByCommand(byCommand));
          if (context.isKept) await afterRun(context, connection);
          return { kind: 'ended', done, invalidIndexes: [] } as const;
        }
        const { phase, despite, interrupted, sessionSettings } = wish;
        const hooksOfFile = backsUp(context, environment)
          ? backupHooks(context, connection, named.target.url, onEvent)
          : undefined;
        let last: DoneEvent | undefined;
        const ran = await run({
          project,
          connection,
          direction,
          extent: wish.extent,
          ...(phase === undefined ? {} : { phase }),
          ...(despite === undefined ? {} : { despite }),
          ...(expectedIds === undefined ? {} : { expectedIds }),
          ...(expectedDigest === undefined ? {} : { expectedDigest }),
          ...(interrupted === undefined ? {} : { interrupted }),
          ...(sessionSettings === undefined ? {} : { sessionSettings }),
          ...(auditor === undefined ? {} : { auditor }),
          beforeWork: async (ids) => {
            const notes = await preflight(context, connection, direction, ids);
            if (notes.length > 0) onEvent({ event: 'preflight', notes });
            await hooksOfFile?.before();
          },
          settings,
          clock: outside.clock,
          // What is found after the run comes before its end.
          onEvent: (event) => {
            if (event.event === 'done') last = event;
            else onEvent(event);
          },
          ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
        });
        const ended = await afterChecks(last ?? ran, hooksOfFile);
        onEvent(ended);
        const left = context.isKept ? await afterRun(context, connection) : [];
        return { kind: 'ended', done: ended, invalidIndexes: ended.failed === null ? [] : left } as const;
      },
      hooks.signal,
    );
  } finally {
    database.inFlight = undefined;
  }
}

/** What a person agreed to on the database, with what it was called; or why nothing is run. */
type Agreed =
  | ({ readonly kind: 'agreed'; readonly environment: Environment | null } & Pick<
      RunOptions,
      'expectedIds' | 'expectedDigest'
    >)
  | NotStarted
  | { readonly kind: 'declined' }
  | Refused;

/** The same from a session of its own, where that of the run would do too much for whoever says no; undefined where it does not. */
async function agreementBefore(
  context: UseContext,
  named: NamedDatabase,
  wish: RunOptions,
  hooks: RunHooks,
): Promise<Agreed | undefined> {
  const ask = (connection: Connection): Promise<Agreed> => agreement(context, named, wish, hooks, connection);
  // A file that is yet to be made is not there either for whoever says no: what they are shown is that of an empty one.
  const emptyUrl = wish.direction === 'up' ? await emptyUrlOf(context, named) : undefined;
  if (emptyUrl !== undefined) {
    const empty = { ...named, target: { ...named.target, url: emptyUrl } };
    return withSession(context, empty, { readOnly: false, createIfMissing: true }, ask, hooks.signal);
  }
  // On production the session itself refuses to write until the name is typed.
  if (named.environment === PROTECTED) return withDatabase(context, { readOnly: true }, ask, hooks.signal);
  return undefined;
}

async function agreement(
  context: UseContext,
  named: NamedDatabase,
  wish: RunOptions,
  { agree }: Pick<RunHooks, 'agree'>,
  connection: Connection,
): Promise<Agreed> {
  let { expectedIds, expectedDigest } = wish;
  const environment = await environmentOn(connection, named);
  if (agree !== undefined) {
    const planned = plannedOf(context, wish, await readStatus(context.project, connection, null));
    if (planned.kind !== 'planned') return planned;
    const agreed = await agree({
      database: connection.label,
      environment,
      ids: planned.ids,
      losses: planned.losses,
    });
    if (agreed === 'no') return { kind: 'declined' };
    if (agreed === 'as-shown') {
      expectedIds = planned.ids;
      expectedDigest ??= planned.digest;
    }
  }
  const refusedAs = expectedIds?.length === 0 ? undefined : await unconfirmed(context, connection, named, environment);
  return (
    refusedAs ?? {
      kind: 'agreed',
      environment,
      ...(expectedIds === undefined ? {} : { expectedIds }),
      ...(expectedDigest === undefined ? {} : { expectedDigest }),
    }
  );
}

/** How the tool's own command is run, where only that carries the project's migrations out and Lockstep may run it. */
function commandOf({ project, outside }: UseContext, bundle: Bundle | undefined): CommandToRun | undefined {
  const { applier } = project;
  if (applier.kind !== 'command' || outside.commands === undefined) return undefined;
  const way = bundle === undefined ? undefined : applier.bundle?.(bundle);
  const run = way?.run ?? applier.run;
  return run === undefined ? undefined : { applier: { ...applier, ...way, run }, commands: outside.commands };
}

/** Whether the migrations of a project can be carried out by a bundle. */
export function hasBundles({ applier, unreadProduct }: Pick<FolderProject, 'applier' | 'unreadProduct'>): boolean {
  return applier.kind === 'command' && applier.bundle !== undefined && unreadProduct === undefined;
}

function plannedOf(context: UseContext, wish: RunWish, status: StatusReport): PlannedRun | NotStarted {
  const { project } = context;
  const { direction } = wish;
  const byCommand = commandOf(context, wish.bundle) !== undefined;
  const plan = planRun(project, status, direction, wish.extent, { ...wish, byCommand });
  if (plan.kind !== 'planned') return { kind: 'not-started', why: plan };
  const { migrations } = plan;
  const ids = migrations.map((migration) => migration.id);
  const transactions = project.transactions(direction, migrations);
  return {
    kind: 'planned',
    ...(transactions === undefined ? {} : { transactions }),
    ids,
    losses: direction === 'up' ? [] : revertLosses(project, ids),
    digest: runDigest(project, direction, migrations),
    notes: [],
    get sql() {
      return byCommand ? previewOf(project, direction, migrations) : scriptOf(project, { direction, migrations });
    },
  };
}

/** The end of a run with what is wrong with the file after it, where that was not so before. */
async function afterChecks(ended: DoneEvent, hooks: BackupHooks | undefined): Promise<DoneEvent> {
  let checked: Awaited<ReturnType<BackupHooks['after']>>;
  try {
    checked = await hooks?.after();
  } catch (cause) {
    // The session is lost with the run: what stands is told by that.
    if (!(cause instanceof DatabaseError)) throw cause;
  }
  if (checked === undefined) return ended;
  const restore = `It was copied before: "lockstep restore ${checked.backup.name}" brings that back, with everything that was written since gone.`;
  if (checked.problems.length > 0 && ended.failed === null)
    return {
      ...ended,
      failed: runFailure('', { message: `${checked.problems.join(' ')} ${restore}` }, undefined, 'done'),
    };
  return ended.failed?.outcome === 'partly-done' || ended.failed?.outcome === 'unknown'
    ? { ...ended, failed: { ...ended.failed, message: `${ended.failed.message} ${restore}` } }
    : ended;
}

/** The end of a run of which something else would run than was shown. */
function changedTexts(direction: 'up' | 'down', ids: readonly string[], onEvent: (event: RunEvent) => void): DoneEvent {
  const event = doneEvent(direction, {
    refusal: 'request',
    failed: runFailure('', { message: CHANGED_TEXTS }, undefined, 'not-done'),
    notRun: ids,
  });
  onEvent(event);
  return event;
}

/** The newest migration that is applied; null where none is. */
function newestOf({ migrations }: StatusReport): string | null {
  return migrations.findLast(({ state }) => state === 'applied' || state === 'drifted')?.id ?? null;
}

/** The status of a folder whose database has nothing yet. */
function asOnEmpty(status: StatusReport): StatusReport {
  return {
    ...status,
    migrations: status.migrations.map((migration) => ({ ...migration, state: 'pending' })),
  };
}

function follow({ database }: UseContext, event: RunEvent): void {
  if (event.event === 'migration') database.inFlight = { direction: event.direction, id: event.id, blockers: [] };
  else if (event.event === 'waiting' && database.inFlight !== undefined)
    database.inFlight = { ...database.inFlight, blockers: event.blockers };
}

/** Reads what the database has now. That it could not be read hides nothing of how the run ended. */
async function afterRun({ project }: UseContext, connection: Connection): Promise<readonly InvalidIndex[]> {
  try {
    const facts = await readDatabaseFacts(project, connection);
    project.setDatabase(facts);
    return invalidIndexes(facts);
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    // What was read before the run is not so any more.
    project.setDatabase(undefined);
    return [];
  }
}
