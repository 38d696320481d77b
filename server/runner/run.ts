import { byEngine } from '../model/engine-id.ts';
import { DatabaseError } from '../drivers/driver.ts';
import type { MigrationFile } from '../model/migration.ts';
import type { OpenHistory } from '../tools/history.ts';
import { ChangeRecords } from './change-records.ts';
import { directivesOf } from './directives-of.ts';
import { ended, historyWords, runFailure } from './failure.ts';
import { halfOf, sendableOf, type HalfContext, type HalfResult } from './half.ts';
import { planRun } from './plan-run.ts';
import { noRunWords, stopOf } from './run-words.ts';
import type { StatusReport } from './report.ts';
import { settleRequirements, unmetNow } from './requirements.ts';
import { runBare } from './run-bare.ts';
import { runInTransaction } from './run-in-transaction.ts';
import { CHANGED_TEXTS } from './run-words.ts';
import { runDigest } from './run-digest.ts';
import { runLockKey } from './run-lock.ts';
import { RunLog, type OpenEntry } from './run-log.ts';
import { RunMarks } from './run-marks.ts';
import { doneEvent, type DoneEvent, type RunRequest } from './runner.ts';
import { readStatus } from './status.ts';

/**
 * Applies or reverts migrations, each with its history row, under the migration lock.
 *
 * What the outside world refuses is in the returned event: the failure, and what was not run. Nothing is thrown for it.
 * ARCHITECTURE.md, "A run", says what is known at each point and what a later run sees.
 */
export async function run(request: RunRequest): Promise<DoneEvent> {
  const { connection, project, onEvent } = request;
  const run = new Run(request);
  try {
    await using _lock = await connection.lockMigrations(
      await runLockKey(project, connection),
      request.settings.migrationLockTimeoutMs,
      request.signal,
      (blockers) =>
        onEvent({ event: 'waiting', id: null, reason: 'another run of migrations holds the lock', blockers }),
    );
    return await run.underLock();
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    const { failure } = cause;
    return run.done({
      failed: runFailure('', failure, undefined, 'not-done'),
      refusal: failure.kind === 'locked' ? 'locked' : failure.kind === 'cancelled' ? 'request' : 'database',
    });
  }
}

/** The history's table, made where it is missing. Errors: rejects with `DatabaseError`. */
async function made(history: OpenHistory): Promise<void> {
  try {
    await history.ensure();
  } catch (cause) {
    if (!(cause instanceof DatabaseError) || cause.failure.sqlstate !== '42501') throw cause;
    const message = historyWords(`The history ${history.table} could not be made`, 'CREATE', cause.failure);
    throw new DatabaseError({ ...cause.failure, message }, { cause });
  }
}

/** One run of several migrations. */
class Run {
  readonly #request: RunRequest;
  readonly #finished: string[] = [];
  readonly #elsewhere: string[] = [];
  /** The transaction of the migration that comes next, which has been begun: what `beginWork` said of it. */
  #begun: string | undefined;
  /** The half that comes next, where it was read while the database worked on the one before. */
  #prepared: { readonly migration: MigrationFile; readonly half: ReturnType<typeof halfOf> } | undefined;

  constructor(request: RunRequest) {
    this.#request = request;
  }

  /** Tells the end and gives it back. */
  done(rest: Partial<DoneEvent>): DoneEvent {
    const event = doneEvent(this.#request.direction, {
      applied: this.#finished,
      elsewhere: this.#elsewhere,
      ...rest,
    });
    this.#request.onEvent(event);
    return event;
  }

  /** Reads the state again, since another run may have changed it while this one waited, and runs what is left. */
  async underLock(): Promise<DoneEvent> {
    const { connection, project, direction, extent, phase, expectedIds, despite, onEvent } = this.#request;
    const status = await readStatus(project, connection, null, (blockers) =>
      onEvent({ event: 'waiting', id: null, reason: 'another session holds a lock on the history', blockers }),
    );
    const plan = planRun(project, status, direction, extent, { phase, despite });
    if (plan.kind === 'refused') return this.#refused(noRunWords(plan));
    if (plan.kind === 'stopped') return this.done({ stopped: stopOf(plan), refusal: 'request' });
    const ids = plan.migrations.map((migration) => migration.id);
    const unseen = expectedIds === undefined ? [] : ids.filter((id) => !expectedIds.includes(id));
    if (unseen.length > 0)
      return this.#refused(
        `What would run has changed since it was shown (now: ${ids.join(', ')}): look again, then run.`,
        ids,
      );
    const { expectedDigest } = this.#request;
    if (expectedDigest !== undefined && runDigest(project, direction, plan.migrations) !== expectedDigest)
      return this.#refused(CHANGED_TEXTS, ids);
    onEvent({ event: 'start', direction, ids, database: connection.label });
    if (ids.length === 0) return this.done({});
    // A file of which nothing can be sent is told before anything of the others is.
    for (const migration of plan.migrations) {
      const sendable = sendableOf(this.#request, migration);
      if ('refused' in sendable)
        return this.done({ failed: sendable.refused, notRun: ids.filter((id) => id !== migration.id) });
    }
    await this.#request.beforeWork?.(ids);
    const history = await project.history.open(connection);
    const marks = await RunMarks.open(connection, history.table);
    await marks.removeSettled(await history.read(project));
    const records = await ChangeRecords.open(connection);
    if (direction === 'up') await made(history);
    const log = await RunLog.open(connection, this.#request.auditor);
    await connection.resetSession();
    try {
      for (const [index, migration] of plan.migrations.entries()) {
        const next = plan.migrations[index + 1];
        const end = await this.#one({ status, history, marks, records, log }, migration, ids.slice(index), next);
        if (end !== undefined) return end;
      }
    } finally {
      // Of a migration that is not run after all. A session that is lost has no transaction.
      if (this.#begun !== undefined) await connection.rollback().catch(() => undefined);
    }
    return this.done({});
  }

  /** Runs one migration in a session that nothing before it has changed, and puts the session back; the event that ends the run, where it ends with it. */
  async #one(
    open: {
      readonly status: StatusReport;
      readonly history: OpenHistory;
      readonly marks: RunMarks;
      readonly records: ChangeRecords;
      readonly log: RunLog | undefined;
    },
    migration: MigrationFile,
    notRun: readonly string[],
    next: MigrationFile | undefined,
  ): Promise<DoneEvent | undefined> {
    const request = this.#request;
    const { connection, direction, clock, onEvent } = request;
    const { id } = migration;
    if (request.signal?.aborted === true) return this.#refused('The run was cancelled.', notRun);
    let result: HalfResult;
    let entry: OpenEntry | undefined;
    const started = clock.now().getTime();
    try {
      const obstacle = direction === 'up' ? await unmetNow(request, migration, open.records) : undefined;
      if (obstacle !== undefined)
        return this.done({
          stopped: {
            id,
            message: `${id} is not run yet: ${ended(obstacle.why)}`,
            ...(obstacle.place === undefined ? {} : { place: obstacle.place }),
          },
          notRun,
        });
      onEvent({ event: 'migration', id, name: migration.name, direction });
      const half = this.#prepared?.migration === migration ? this.#prepared.half : halfOf(request, migration);
      if ('refused' in half) return this.done({ failed: half.refused, notRun: notRun.slice(1) });
      if (byEngine(connection.dialect, { postgresql: true, sqlite: false }))
        for (const [name, value] of Object.entries(request.sessionSettings ?? {}))
          await connection.query('SELECT set_config($1, $2, false)', [name, value]);
      const context: HalfContext = {
        request,
        history: open.history,
        marks: open.marks,
        ...(this.#begun === undefined ? {} : { begun: this.#begun }),
        // What is logged is there while the migration runs, so it is written before its transaction.
        beginsNext: next !== undefined && open.log === undefined && this.#mayBegin(next),
        atEnd: async () => {
          await settleRequirements(request, open.status, migration, this.#finished, open.records);
          if (entry !== undefined) await open.log?.end(entry, 'done', clock.now());
        },
      };
      this.#begun = undefined;
      entry = await open.log?.begin(
        direction === 'up' ? 'apply' : 'revert',
        id,
        this.#newest(open.status),
        clock.now(),
      );
      const running = (half.section.transaction === 'one' ? runInTransaction : runBare)(context, half);
      if (next !== undefined) this.#prepared = { migration: next, half: halfOf(request, next) };
      result = await running;
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      const { failure } = cause;
      return this.done({ failed: runFailure('', failure, undefined, 'not-done'), notRun });
    }
    if (entry !== undefined && open.log !== undefined) await this.#logEnd(open.log, entry, result);
    switch (result.kind) {
      case 'failed':
        return this.done({ failed: result.failure, notRun: notRun.slice(1) });
      case 'raced':
        return this.#afterRace(migration, notRun);
      case 'done':
      case 'lost': {
        this.#begun = result.kind === 'done' ? result.begun : undefined;
        // A transaction that has been begun since is in a session that was reset before.
        const lost =
          result.kind === 'lost' ? result.message : this.#begun === undefined ? await this.#whyNotReset() : undefined;
        this.#finished.push(id);
        onEvent({
          event: direction === 'up' ? 'applied' : 'reverted',
          id,
          executionMs: clock.now().getTime() - started,
        });
        if (lost === undefined) return undefined;
        return this.done({
          failed: runFailure(
            '',
            { message: `${ended(lost)} ${id} had been committed before that, as the server says.` },
            undefined,
            'not-done',
          ),
          notRun: notRun.slice(1),
        });
      }
    }
  }

  /** Writes how a migration ended that did not end well. Where that cannot be, the entry says that nobody wrote its end. */
  async #logEnd(log: RunLog, entry: OpenEntry, result: HalfResult): Promise<void> {
    const { connection, clock } = this.#request;
    if (result.kind !== 'failed' && result.kind !== 'raced') return;
    try {
      await connection.resetSession();
      if (result.kind === 'raced') return await log.forget(entry);
      const { outcome, message } = result.failure;
      await log.end(entry, outcome, clock.now(), message);
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
    }
  }

  /** The newest migration that is applied now, this run's own among them; null where none is. */
  #newest({ migrations }: StatusReport): string | null {
    const { direction } = this.#request;
    const isThere = ({ id, state }: StatusReport['migrations'][number]): boolean =>
      this.#finished.includes(id) ? direction === 'up' : ['applied', 'drifted', 'baseline', 'missing'].includes(state);
    return migrations.findLast(isThere)?.id ?? null;
  }

  /** Whether the transaction of a migration may be begun before anything else is asked of it: nothing keeps it from running. */
  #mayBegin(migration: MigrationFile): boolean {
    const request = this.#request;
    if (Object.keys(request.sessionSettings ?? {}).length > 0) return false;
    const sendable = sendableOf(request, migration);
    return (
      'section' in sendable &&
      sendable.section.transaction === 'one' &&
      directivesOf(request.project, migration).change === undefined
    );
  }

  /** Puts the session back after a migration; why that cannot be, which takes nothing back of what was committed. */
  async #whyNotReset(): Promise<string | undefined> {
    try {
      await this.#request.connection.resetSession();
      return undefined;
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      return cause.failure.message;
    }
  }

  /** Another run was faster with this migration: whether it did the same is asked from the history. */
  async #afterRace(migration: MigrationFile, notRun: readonly string[]): Promise<DoneEvent | undefined> {
    const { connection, project, direction } = this.#request;
    const { id } = migration;
    await connection.resetSession();
    const rows = await (await project.history.open(connection)).read(project);
    if (rows.some((row) => row.id === id && row.failed !== true) === (direction === 'up')) {
      this.#elsewhere.push(id);
      return undefined;
    }
    return this.#refused(
      `Another run changed the history of ${id} while this one was at it; nothing of it was done here: look by "lockstep status", then run again.`,
      notRun,
    );
  }

  #refused(message: string, notRun: readonly string[] = []): DoneEvent {
    return this.done({ failed: runFailure('', { message }, undefined, 'not-done'), refusal: 'request', notRun });
  }
}
