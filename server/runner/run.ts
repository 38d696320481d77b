import { DatabaseError, type Connection } from '../drivers/driver.ts';
import type { MigrationFile, Section } from '../model/migration.ts';
import type { HistoryEntry, OpenHistory } from '../tools/history.ts';
import { sectionOf } from '../tools/section-of.ts';
import { readableText, sentText } from '../tools/sent-text.ts';
import { directivesOf } from './directives-of.ts';
import { FILL_SETTINGS, readFillNotice } from '../model/fill-notice.ts';
import { migrationLockKey } from './lock-key.ts';
import {
  type ChangeRecord,
  forgetMet,
  forgetParity,
  readChangeRecords,
  recordMet,
  unmetRequirement,
} from './change-records.ts';
import { runFailure, type FailurePlace } from './failure.ts';
import { compareSides, type ParityResult, sidesAgree } from './parity.ts';
import { planRun } from './plan-run.ts';
import type { RunFailure, StatusReport } from './report.ts';
import type { DoneEvent, RunRequest } from './runner.ts';
import { readStatus } from './status.ts';

/** Pause before the second try of a migration that ran into the lock timeout; doubles from try to try. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** How often a backfill tells how far it is. */
const NOTICE_SECONDS = 1;
/** Share by which a pause is shortened at random would need a clock of its own; the attempt's number spreads them instead. */
const PAUSE_GROWTH = 2;

/**
 * Applies or reverts migrations, each with its history row, under the migration lock.
 *
 * What the outside world refuses is in the returned event: the failure, and what was not run. Nothing is thrown for it.
 */
export async function run(request: RunRequest): Promise<DoneEvent> {
  const { connection, project, direction, onEvent } = request;
  const finished: string[] = [];
  const done = (rest: Partial<DoneEvent>): DoneEvent => {
    const event: DoneEvent = {
      event: 'done',
      direction,
      applied: finished,
      failed: null,
      stopped: null,
      notRun: [],
      ...rest,
    };
    onEvent(event);
    return event;
  };
  const refused = (message: string, notRun: readonly string[] = []): DoneEvent =>
    done({ failed: { ...NO_PLACE, message }, notRun });
  try {
    const { lockKey } = await project.history.open(connection);
    await using _lock = await connection.lockMigrations(
      lockKey ?? migrationLockKey(project.history.table),
      request.settings.migrationLockTimeoutMs,
      request.signal,
    );
    // Read only now, under the lock: another run may have applied some of it while this one waited.
    const status = await readStatus(project, connection, null);
    const plan = planRun(project, status, direction, request.extent, request.phase);
    if (plan.kind === 'refused') return refused(plan.message);
    const ids = plan.migrations.map((migration) => migration.id);
    if (
      request.expectedIds !== undefined &&
      (request.expectedIds.length !== ids.length || request.expectedIds.some((id, index) => id !== ids[index]))
    ) {
      return refused(
        `What would run has changed since it was shown (now: ${ids.join(', ') || 'nothing'}): look again, then run.`,
        ids,
      );
    }
    onEvent({ event: 'start', direction, ids, database: connection.label });
    const history = await project.history.open(connection);
    if (direction === 'up' && ids.length > 0) await history.ensure();
    let records = await readChangeRecords(connection);
    for (const [index, migration] of plan.migrations.entries()) {
      const notRun = ids.slice(index);
      if (request.signal?.aborted === true) return refused('The run was cancelled.', notRun);
      const obstacle = direction === 'up' ? await unmetNow(request, migration, records) : undefined;
      if (obstacle !== undefined)
        return done({ stopped: { id: migration.id, message: `${migration.id} is not run yet: ${obstacle}.` }, notRun });
      onEvent({ event: 'migration', id: migration.id, name: migration.name, direction });
      const outcome = await runMigration(request, history, migration);
      if (outcome.failure !== undefined) return done({ failed: outcome.failure, notRun: ids.slice(index + 1) });
      finished.push(migration.id);
      const own = status.migrations.find((candidate) => candidate.id === migration.id);
      if (direction === 'down' && own !== undefined && own.change !== null && own.phase !== null)
        await forgetMet(connection, own.change, own.phase);
      if (direction === 'up' && (await recordBackfill(request, status, migration, finished)))
        records = await readChangeRecords(connection);
      onEvent({
        event: direction === 'up' ? 'applied' : 'reverted',
        id: migration.id,
        executionMs: outcome.executionMs,
      });
    }
    return done({});
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    return refused(cause.failure.message);
  }
}

/**
 * What keeps a step from running now; undefined where nothing does.
 *
 * Old and new are compared again right before the step that relies on it, however long ago they agreed.
 */
async function unmetNow(
  request: RunRequest,
  migration: MigrationFile,
  records: readonly ChangeRecord[],
): Promise<string | undefined> {
  const directives = directivesOf(request.project, migration);
  const { change, parity } = directives;
  const isCompared =
    change !== undefined &&
    parity !== undefined &&
    directives.requires.some((requirement) => requirement.kind === 'parity');
  const unmet = unmetRequirement(
    isCompared
      ? { ...directives, requires: directives.requires.filter((requirement) => requirement.kind !== 'parity') }
      : directives,
    records,
  );
  if (unmet !== undefined || !isCompared) return unmet;
  request.onEvent({
    event: 'waiting',
    id: migration.id,
    reason: `old and new of ${change.id} are compared`,
    blockers: [],
  });
  let result: ParityResult;
  try {
    result = await compareSides(request.connection, parity, request.signal);
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    return `old and new could not be compared: ${cause.failure.message}`;
  }
  if (request.signal?.aborted === true) return 'the run was cancelled while old and new were compared';
  if (!sidesAgree(result)) {
    const { differing } = result;
    await forgetParity(request.connection, change.id);
    return `old and new differ in ${differing} ${differing === 1 ? 'row' : 'rows'} of ${parity.table}. Find out who writes past the trigger, correct the rows, then see by "lockstep change check-parity ${change.id}" whether they agree`;
  }
  await recordMet(request.connection, {
    change: change.id,
    requirement: 'parity',
    description: '',
    metAt: request.clock.now().toISOString(),
    metBy: 'lockstep',
  });
  return undefined;
}

/** Records that a change's backfill has finished, when its last migrate step is applied; whether it did. */
async function recordBackfill(
  request: RunRequest,
  status: StatusReport,
  migration: MigrationFile,
  finished: readonly string[],
): Promise<boolean> {
  const own = status.migrations.find((candidate) => candidate.id === migration.id);
  if (own?.change === undefined || own.change === null || own.phase !== 'migrate') return false;
  const isOpen = status.migrations.some(
    (step) =>
      step.change === own.change &&
      step.phase === 'migrate' &&
      step.state !== 'applied' &&
      step.state !== 'drifted' &&
      !finished.includes(step.id),
  );
  if (isOpen) return false;
  await recordMet(request.connection, {
    change: own.change,
    requirement: 'backfill',
    description: '',
    metAt: request.clock.now().toISOString(),
    metBy: 'lockstep',
  });
  return true;
}

const NO_PLACE: Omit<RunFailure, 'message'> = {
  id: '',
  statement: null,
  sqlstate: null,
  path: null,
  position: null,
  excerpt: null,
  rolledBack: true,
};

interface MigrationOutcome {
  readonly executionMs: number;
  readonly failure?: RunFailure;
}

/** One half of one migration, ready to be sent. */
interface Half {
  readonly migration: MigrationFile;
  readonly path: string;
  readonly text: string;
  readonly section: Section;
}

async function runMigration(
  request: RunRequest,
  history: OpenHistory,
  migration: MigrationFile,
): Promise<MigrationOutcome> {
  const { project, direction, clock, settings } = request;
  const path = direction === 'up' ? migration.upPath : migration.downPath;
  const text = path === undefined ? undefined : project.textOf(path);
  const layout =
    path === undefined || text === undefined ? undefined : project.format.layout(path, text, project.dialect.id);
  const section = layout === undefined ? undefined : sectionOf(layout, migration, direction);
  if (path === undefined || text === undefined || section === undefined) {
    const problem = layout?.problems[0]?.message ?? `${migration.id} has no ${direction} half.`;
    return { executionMs: 0, failure: { ...NO_PLACE, id: migration.id, path: path ?? null, message: problem } };
  }
  if (section.blocked !== undefined)
    return { executionMs: 0, failure: { ...NO_PLACE, id: migration.id, path, message: section.blocked } };
  const half: Half = { migration, path, text, section };
  const started = clock.now().getTime();
  for (let attempt = 1; ; attempt++) {
    const failure =
      section.transaction === 'one'
        ? await runInTransaction(request, history, half)
        : await runBare(request, history, half);
    const executionMs = clock.now().getTime() - started;
    if (failure === undefined) return { executionMs };
    if (failure.sqlstate !== '55P03' || !failure.rolledBack || attempt >= settings.lockAttempts)
      return { executionMs, failure };
    const afterMs = Math.min(FIRST_PAUSE_MS * PAUSE_GROWTH ** (attempt - 1), LONGEST_PAUSE_MS);
    request.onEvent({ event: 'retry', id: migration.id, attempt, afterMs, reason: failure.message });
    try {
      await clock.sleep(afterMs, request.signal);
    } catch {
      // The signal ended the pause: the run was cancelled while nothing was open.
      return { executionMs, failure: { ...failure, message: 'The run was cancelled while it waited for a lock.' } };
    }
  }
}

/** All statements and the history's row in one transaction; whatever fails takes everything back. */
async function runInTransaction(
  request: RunRequest,
  history: OpenHistory,
  half: Half,
): Promise<RunFailure | undefined> {
  const { connection, settings } = request;
  let place = placeOf(half, half.section.span.start, null);
  try {
    await connection.begin();
    await connection.setLockTimeout(settings.lockTimeoutMs, 'transaction');
    await history.run(entryOf(request, half), async () => {
      for (const piece of piecesOf(request, half)) {
        place = placeOf(half, piece.start, piece.statement);
        await sendStatement(request, half, piece.text);
      }
      place = placeOf(half, half.section.span.start, null);
    });
    await connection.commit();
    return undefined;
  } catch (cause) {
    const rolledBack = await rollBack(connection);
    return runFailure(cause, place, rolledBack);
  }
}

/**
 * Statements outside a transaction, one by one or, as the tool does it, as one string; the history row comes after them.
 *
 * What was done before a failure stays: the failure says so, and the next run begins with the same migration.
 */
async function runBare(request: RunRequest, history: OpenHistory, half: Half): Promise<RunFailure | undefined> {
  const { connection, settings, project } = request;
  const split = project.dialect.split(readableText(half.text, [half.section]), half.section.span);
  const first = split[0];
  const last = split.at(-1);
  // One string keeps what the tool's own run would meet: several statements are one implicit transaction.
  const pieces: readonly Piece[] =
    half.section.transaction === 'implicit' && first !== undefined && last !== undefined && split.length > 1
      ? [
          {
            text: sentText(half.text, { start: first.span.start, end: last.span.end }, half.section),
            start: first.span.start,
            statement: null,
          },
        ]
      : piecesOf(request, half);
  let place = placeOf(half, half.section.span.start, null);
  let sent = 0;
  /** What the file's own BEGIN keeps together: the statements before it that outlive a failure behind it. */
  let outside: number | undefined;
  try {
    await connection.setLockTimeout(settings.lockTimeoutMs, 'session');
    if (connection.dialect === 'postgresql')
      await connection.query('SELECT set_config($1, $2, false)', [FILL_SETTINGS.notice, String(NOTICE_SECONDS)]);
    const isUndone = (cause: unknown): boolean =>
      cause instanceof DatabaseError &&
      cause.failure.kind !== 'connection-lost' &&
      sent === 0 &&
      pieces.length === 1 &&
      !/\b(?:concurrently|commit|call|do)\b/i.test(half.text);
    await history.run({ ...entryOf(request, half), isUndone }, async () => {
      for (const piece of pieces) {
        place = placeOf(half, piece.start, piece.statement);
        await sendStatement(request, half, piece.text);
        const control = piece.statement === null ? undefined : controlOf(request, piece.text);
        if (control === 'begin')
          outside = pieces.slice(0, sent).filter((earlier) => !isSetting(request, earlier.text)).length;
        else if (control === 'commit' || control === 'rollback') outside = undefined;
        sent++;
      }
      place = placeOf(half, half.section.span.start, null);
    });
    return undefined;
  } catch (cause) {
    const isBack = await rollBack(connection);
    if (outside !== undefined && isBack) {
      const failure = runFailure(cause, place, outside === 0);
      return {
        ...failure,
        message: failure.message + (await leftBehind(connection, outside, split.length, half.text)),
      };
    }
    const failure = runFailure(
      cause,
      place,
      sent === 0 && half.section.transaction === 'implicit' && pieces.length === 1 && split.length > 1,
    );
    const isSingle = split.length === 1 && !/\bconcurrently\b/i.test(half.text);
    return {
      ...failure,
      rolledBack: failure.rolledBack || (isSingle && sent === 0),
      message: failure.message + (await leftBehind(connection, sent, split.length, half.text)),
    };
  } finally {
    // A lost session has no setting to put back.
    await connection.setLockTimeout(0, 'session').catch(() => undefined);
  }
}

/** What is sent at once. `statement` is its index; null where it holds several. */
interface Piece {
  readonly text: string;
  readonly start: number;
  readonly statement: number | null;
}

/** A half as it is sent: cut where the tool cuts it, else statement by statement. */
function piecesOf({ project }: RunRequest, { text, section }: Half): readonly Piece[] {
  const spans =
    section.pieces ??
    project.dialect.split(readableText(text, [section]), section.span).map((statement) => statement.span);
  return spans.map((span, index) => ({ text: sentText(text, span, section), start: span.start, statement: index }));
}

/** What a statement does with the transaction; undefined for any other. */
function controlOf({ project }: RunRequest, text: string): string | undefined {
  const [operation] = project.dialect.parse(text).operations;
  return operation?.kind === 'transaction-control' ? operation.action : undefined;
}

/** Whether a statement changes the session alone, which ends with the run. */
function isSetting({ project }: RunRequest, text: string): boolean {
  const { operations } = project.dialect.parse(text);
  return (
    operations.length > 0 &&
    operations.every(
      (operation) =>
        operation.kind === 'set-variable' || (operation.kind === 'pragma' && operation.name === 'foreign_keys'),
    )
  );
}

/** Sends SQL; where another session blocks it, says who before the lock timeout ends the wait. */
async function sendStatement(request: RunRequest, half: Half, sql: string): Promise<void> {
  const { connection, settings, onEvent } = request;
  let isRunning = true;
  const watch =
    connection.dialect === 'postgresql'
      ? (async () => {
          await new Promise<void>((resolve) => {
            setTimeout(resolve, settings.lockTimeoutMs / 2).unref();
          });
          if (!isRunning) return;
          const blockers = await connection.blockers();
          if (isRunning && blockers.length > 0)
            onEvent({
              event: 'waiting',
              id: half.migration.id,
              reason: 'another session holds a lock that this statement needs',
              blockers,
            });
        })()
      : Promise.resolve();
  try {
    await connection.execute(sql, request.signal, (message) => {
      const rows = readFillNotice(message);
      if (rows !== undefined) onEvent({ event: 'backfill', id: half.migration.id, ...rows });
    });
  } finally {
    isRunning = false;
    // The watcher only informs; it ends by itself and must not hold up the run.
    void watch.catch(() => undefined);
  }
}

function entryOf({ project, direction, clock }: RunRequest, half: Half): HistoryEntry {
  return {
    migration: half.migration,
    direction,
    folder: project,
    inTransaction: half.section.transaction === 'one',
    now: () => clock.now(),
  };
}

/** Whether the transaction is gone: rolled back here, or by the server that lost the session. */
async function rollBack(connection: Connection): Promise<boolean> {
  try {
    await connection.rollback();
    return true;
  } catch (cause) {
    // A server that lost the session rolls its transaction back by itself.
    return cause instanceof DatabaseError && cause.failure.kind === 'connection-lost';
  }
}

/** What a person must know after a failure outside a transaction. */
async function leftBehind(connection: Connection, sent: number, total: number, text: string): Promise<string> {
  const parts: string[] = [];
  if (total > 1 && sent > 0)
    parts.push(
      `The ${sent} statement${sent === 1 ? '' : 's'} before it ${sent === 1 ? 'stands' : 'stand'}, because this migration runs outside a transaction.`,
    );
  if (connection.dialect === 'postgresql' && /\bconcurrently\b/i.test(text)) {
    try {
      const rows = await connection.query(
        'SELECT i.indexrelid::regclass::text AS name FROM pg_index i WHERE NOT i.indisvalid',
      );
      const names = rows.map((row) => String(row['name']));
      if (names.length > 0)
        parts.push(
          `Invalid indexes are left: ${names.join(', ')}. Drop each by DROP INDEX CONCURRENTLY, then run again.`,
        );
    } catch {
      // The session is gone; the failure itself says so.
    }
  }
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}

function placeOf(half: Half, start: number, statement: number | null): FailurePlace {
  return { id: half.migration.id, path: half.path, text: half.text, start, statement };
}
