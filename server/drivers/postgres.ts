import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { Schema } from '../model/schema.ts';
import {
  DatabaseError,
  PieceError,
  type Connection,
  type ConnectOptions,
  type Driver,
  type LiveFacts,
  type OwnLock,
  type PreflightNote,
  type Row,
  type TransactionFate,
  type TransactionState,
} from './driver.ts';
import { readPostgresCatalog } from './postgres-catalog.ts';
import { readPostgresPreflight } from './postgres-preflight.ts';
import { readOwnLocks, readRelationIds } from './postgres-own-locks.ts';
import { readPostgresLive } from './postgres-live.ts';
import { destroy, inOneGo, openPostgres, type OpenedPostgres } from './postgres-connect.ts';
import { pooledWords, postgresError } from './postgres-failure.ts';
import { placeOf, readConnectionString, realSurroundings, type PostgresPlace } from './postgres-place.ts';
import { transactionFate } from './postgres-fate.ts';
import { isTransactionPooled } from './postgres-pooler.ts';

/** How long to wait between two tries for the migration lock. */
const LOCK_POLL_MS = 200;
/** Longest wait for an answer to one of Lockstep's own statements, and for a lock that it needs. */
const OWN_QUERY_MS = 60_000;
const OWN_LOCK_MS = 10_000;
/** How long a cancelled statement may take to end before the session is given up. */
const CANCEL_MS = 5_000;
/** From this version a server notices by itself that its client is gone. */
const CHECKS_CLIENT = 14;
const CLIENT_CHECK_MS = 2_000;
/** DISCARD ALL without the advisory locks, one of which is the migration lock; limits that a migration set go first. */
const RESET = [
  'SET SESSION AUTHORIZATION DEFAULT',
  'RESET ALL',
  'CLOSE ALL',
  'DEALLOCATE ALL',
  'UNLISTEN *',
  'DISCARD PLANS',
  'DISCARD TEMP',
  'DISCARD SEQUENCES',
] as const;

/** The session's own role within a transaction, and that one's number; in one string, so that a limit of the file's holds for none of them. */
const REGAIN =
  'SET LOCAL statement_timeout = 0; SET LOCAL SESSION AUTHORIZATION DEFAULT; SELECT pg_current_xact_id_if_assigned()::text AS id';

/** PostgreSQL 13 and later through `pg`. */
export const postgresDriver: Driver = {
  dialect: 'postgresql',
  async connect(target, options, signal) {
    const read = readConnectionString(target.url);
    // `parseDatabaseUrl` lets no such text through.
    if (read.problem !== undefined) throw new DatabaseError({ kind: 'unreachable', message: read.problem });
    const place = placeOf(read.parameters, realSurroundings());
    const connection = new PostgresConnection(place, await openPostgres(place, options, signal), options, signal);
    await connection.begins();
    return connection;
  },
};

/** What was sent: its answer, and when what was sent before it has been answered. */
interface Sent<Answer> {
  readonly answer: Promise<Answer>;
  readonly before: Promise<void>;
}

class PostgresConnection implements Connection {
  readonly dialect = 'postgresql';
  readonly label: string;
  readonly #client: pg.Client;
  readonly #another: () => pg.Client;
  readonly #options: ConnectOptions;
  readonly #secrets: readonly string[];
  readonly #signal: AbortSignal | undefined;
  #version = '';
  #versionNumber = 0;
  #processId = 0;
  #lost: unknown;
  #isReading = false;
  #canCheckClient = true;
  #lockKey: bigint | undefined;
  #timesLocked = 0;
  /** Whether nothing was sent since the session was reset. */
  #isReset = false;
  #cancelling: Promise<void> | undefined;
  /** Ends when the server has answered all that was sent. */
  #answered: Promise<void> = Promise.resolve();

  constructor(place: PostgresPlace, opened: OpenedPostgres, options: ConnectOptions, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#signal = signal;
    this.label = place.label;
    this.#client = opened.client;
    this.#another = opened.another;
    this.#secrets = place.secrets;
    // Without a listener an idle connection that breaks would end the process; the next call reports it.
    this.#client.on('error', (cause) => {
      this.#lost = cause;
    });
  }

  get version(): string {
    return this.#version;
  }

  get versionNumber(): number {
    return this.#versionNumber;
  }

  /** Asks who the server is. Errors: rejects with `DatabaseError`, and closes the session. */
  async begins(): Promise<void> {
    try {
      const { rows } = await this.#client.query<{ version: string; number: string; pid: number }>(
        `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number, pg_backend_pid() AS pid`,
      );
      const row = rows[0];
      this.#version = (row?.version ?? '').split(' ')[0] ?? '';
      this.#versionNumber = Math.floor(Number(row?.number ?? 0) / 10_000);
      this.#processId = row?.pid ?? 0;
    } catch (cause) {
      destroy(this.#client);
      throw this.#error(cause);
    }
  }

  async query(
    sql: string,
    parameters: readonly unknown[] = [],
    options: { readonly unbounded?: boolean } = {},
  ): Promise<readonly Row[]> {
    // Nothing may outlive a transaction: a pool may give this session to an application next.
    if (this.#options.readOnly && !this.#isReading)
      return this.reading(() => this.#query(sql, parameters, options.unbounded === true));
    return this.#query(sql, parameters, options.unbounded === true);
  }

  async #query(sql: string, parameters: readonly unknown[], isUnbounded: boolean): Promise<readonly Row[]> {
    this.#isReset = false;
    return this.#answerOf(this.#send(this.#client.query<Row>(sql, [...parameters])), sql, isUnbounded);
  }

  /** Waits for what was sent; its time begins when the server has answered what was sent before. */
  async #answerOf(
    // Several statements in one string have a result each, which the types do not know of.
    { answer, before }: Sent<pg.QueryResult<Row> | readonly pg.QueryResult<Row>[]>,
    sql: string,
    isUnbounded: boolean,
  ): Promise<readonly Row[]> {
    await before;
    const timer = isUnbounded
      ? undefined
      : globalThis.setTimeout(() => {
          this.#giveUp(
            new DatabaseError({
              kind: 'timed-out',
              message: `${this.label} did not answer for ${OWN_QUERY_MS / 1_000} s, so the session was given up: check the server and the network, then look by "lockstep status".`,
            }),
          );
        }, OWN_QUERY_MS);
    // Whoever is cancelled still asks what became of the transaction: only what waits at that moment is ended.
    const isCancelled = this.#signal?.aborted === true;
    const stop = this.#cancelOn(isCancelled ? undefined : this.#signal);
    try {
      const result = await answer;
      return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
    } catch (cause) {
      throw this.#error(cause, sql);
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  async reading<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#isReading || this.transactionState() !== 'none') return work();
    this.#isReading = true;
    try {
      await this.#query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', [], false);
      await this.#query(
        `SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)`,
        [`${OWN_LOCK_MS}ms`, `${OWN_QUERY_MS}ms`],
        false,
      );
      const value = await work();
      // There is nothing to commit; tests that cut a connection count the COMMITs of migrations.
      await this.#query('END', [], false);
      return value;
    } catch (cause) {
      if (this.#lost === undefined) await this.#client.query('ROLLBACK').catch(() => undefined);
      throw cause;
    } finally {
      this.#isReading = false;
    }
  }

  async execute(sql: string, signal?: AbortSignal, onNotice?: (message: string) => void): Promise<void> {
    if (signal?.aborted === true) throw cancelled();
    this.#isReset = false;
    const stop = this.#cancelOn(signal);
    const stopHearing = this.#hear(onNotice);
    try {
      await this.#send(this.#client.query(sql)).answer;
    } catch (cause) {
      throw this.#error(cause, sql);
    } finally {
      stop();
      stopHearing();
    }
  }

  /** Tells what the server says beside its answers, until the function that is given back has been called. */
  #hear(onNotice: ((message: string) => void) | undefined): () => void {
    if (onNotice === undefined) return () => undefined;
    const tell = (notice: { readonly message?: string | undefined }): void => onNotice(notice.message ?? '');
    this.#client.on('notice', tell);
    return () => this.#client.off('notice', tell);
  }

  /** Keeps what was sent in the order in which it is answered. */
  #send<Answer>(answer: Promise<Answer>): Sent<Answer> {
    const before = this.#answered;
    this.#answered = answer.then(
      () => undefined,
      () => undefined,
    );
    return { answer, before };
  }

  async executeAll(
    pieces: readonly string[],
    signal?: AbortSignal,
    onNotice?: (message: string) => void,
  ): Promise<string | undefined> {
    // While the server waits for a client's rows it takes nothing else.
    if (pieces.some((sql) => /\bstdin\b/i.test(sql))) {
      for (const [index, sql] of pieces.entries()) await ofPiece(index, this.execute(sql, signal, onNotice));
      return this.regainRole();
    }
    if (signal?.aborted === true) throw cancelled();
    this.#isReset = false;
    const stop = this.#cancelOn(signal);
    const stopHearing = this.#hear(onNotice);
    try {
      // All are sent before the first is answered: where that is a failure the server takes nothing of the others.
      const { answers, regained } = inOneGo(this.#client, () => ({
        answers: pieces.map((sql) => this.#send(this.#client.query(sql))),
        regained: this.#send(this.#client.query<Row>(REGAIN)),
      }));
      for (const [index, { answer }] of answers.entries())
        await ofPiece(
          index,
          answer.catch((cause: unknown) => Promise.reject(this.#error(cause, pieces[index]))),
        );
      return idOf(await this.#answerOf(regained, REGAIN, false));
    } finally {
      stop();
      stopHearing();
    }
  }

  together<Value>(ask: () => Promise<Value>): Promise<Value> {
    return inOneGo(this.#client, ask);
  }

  async begin(): Promise<void> {
    await this.execute('BEGIN');
  }

  async beginWork(lockTimeoutMs: number): Promise<string | undefined> {
    return idOf(await this.query(beginSql(lockTimeoutMs)));
  }

  async commit(): Promise<void> {
    this.#isReset = false;
    const result = await this.#client.query('COMMIT').catch((cause: unknown) => {
      throw this.#error(cause, 'COMMIT');
    });
    demandCommitted(result);
  }

  async endWork(nextLockTimeoutMs?: number): Promise<string | undefined> {
    const sql = ['COMMIT', ...this.#resetting()].join('; ');
    const next = nextLockTimeoutMs === undefined ? undefined : beginSql(nextLockTimeoutMs);
    const { ended, begun } = inOneGo(this.#client, () => ({
      // Several statements in one string have a result each, which the types do not know of.
      ended: this.#send(this.#client.query<Row>(sql) as unknown as Promise<readonly pg.QueryResult<Row>[]>),
      begun: next === undefined ? undefined : this.#send(this.#client.query<Row>(next)),
    }));
    begun?.answer.catch(() => undefined);
    const results = await ended.answer.catch((cause: unknown) => {
      throw this.#error(cause, sql);
    });
    demandCommitted(results[0]);
    this.#demandLock(results.at(-1)?.rows);
    this.#isReset = true;
    if (begun === undefined || next === undefined) return undefined;
    // Whoever begins the next one hears why it cannot be.
    return this.#answerOf(begun, next, false).then(idOf, () => undefined);
  }

  async rollback(): Promise<void> {
    // What was sent and is not answered yet may open a transaction.
    await this.#answered;
    if (this.transactionState() !== 'none') await this.execute('ROLLBACK');
  }

  transactionState(): TransactionState {
    if (this.#lost !== undefined) return 'none';
    const status = this.#client.getTransactionStatus();
    return status === 'T' ? 'open' : status === 'E' ? 'failed' : 'none';
  }

  async transactionId(): Promise<string | undefined> {
    if (this.transactionState() !== 'open') return undefined;
    const rows = await this.query('SELECT pg_current_xact_id()::text AS id');
    return String(rows[0]?.['id']);
  }

  async transactionFate(id: string): Promise<TransactionFate> {
    const isHere = this.#lost === undefined && this.transactionState() === 'none';
    return transactionFate(id, isHere ? this.#client : undefined, () => this.#another());
  }

  async regainRole(): Promise<string | undefined> {
    return idOf(await this.query(REGAIN));
  }

  async resetSession(): Promise<void> {
    if (this.#isReset) return;
    // In one string: it is sent after each migration.
    this.#demandLock(await this.query(this.#resetting().join('; ')));
    this.#isReset = true;
  }

  /** Puts the session back, and says at the end whether it has the migration lock, where it is to have it. */
  #resetting(): readonly string[] {
    const key = this.#lockKey;
    // A migration may have given the lock away with its own: it is taken once more, which a session may that has it.
    const lock = key === undefined ? 'SELECT true AS locked' : lockSql(key);
    return [...RESET, ...this.#limits(), lock];
  }

  #demandLock(rows: readonly Row[] | undefined): void {
    const isLocked = rows?.[0]?.['locked'] === true;
    if (this.#lockKey !== undefined && isLocked) this.#timesLocked++;
    if (!isLocked)
      throw new DatabaseError({
        kind: 'locked',
        message:
          'A migration gave the migration lock away and another run has taken it: wait until it has ended, then run again.',
      });
  }

  async lockMigrations(
    key: bigint,
    timeoutMs: number,
    signal?: AbortSignal,
    onWait?: (holders: readonly string[]) => void,
  ): Promise<AsyncDisposable> {
    if (
      await isTransactionPooled(this.#client, () => this.#another()).catch((cause) =>
        Promise.reject(this.#error(cause)),
      )
    )
      throw new DatabaseError({
        kind: 'pooled',
        message: pooledWords(this.label, 'transaction'),
      });
    await this.#settle();
    const deadline = Date.now() + timeoutMs;
    let hasTold = false;
    while (!(await this.#tryLock(key))) {
      if (signal?.aborted === true) throw cancelled();
      if (Date.now() >= deadline) {
        const who = (await this.#lockHolders(key)).join(', ');
        throw new DatabaseError({
          kind: 'locked',
          message: `Another run of migrations holds the lock${who === '' ? '' : `: ${who}`}. Nothing was done: wait until it has ended, then run again.`,
        });
      }
      if (!hasTold) onWait?.(await this.#lockHolders(key));
      hasTold = true;
      await setTimeout(LOCK_POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
    this.#lockKey = key;
    this.#timesLocked = 1;
    return {
      [Symbol.asyncDispose]: async () => {
        this.#lockKey = undefined;
        // A lost session has released the lock by itself.
        if (this.#lost === undefined)
          await this.query('SELECT pg_advisory_unlock($1::bigint) FROM generate_series(1, $2)', [
            key.toString(),
            this.#timesLocked,
          ]).catch(() => undefined);
      },
    };
  }

  async isMigrationLockHeld(key: bigint): Promise<boolean> {
    return (await this.#lockHolders(key)).length > 0;
  }

  async #tryLock(key: bigint): Promise<boolean> {
    const rows = await this.query(lockSql(key));
    return rows[0]?.['locked'] === true;
  }

  async #lockHolders(key: bigint): Promise<readonly string[]> {
    const holders = await this.query(
      `SELECT a.pid, a.application_name, a.usename FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint AND l.objsubid = 1`,
      [key.toString()],
    );
    return holders.map(
      (holder) =>
        `process ${String(holder['pid'])} (${String(holder['application_name'] ?? '')}, ${String(holder['usename'] ?? '')})`,
    );
  }

  /** The session's own limits, so that nothing of ours waits for ever; a migration sets its own. */
  async #settle(): Promise<void> {
    try {
      await this.query(this.#limits().join('; '));
    } catch (cause) {
      // Not every platform of a server can look for its client; then it notices when it next writes.
      if (!this.#canCheckClient || this.#lost !== undefined) throw cause;
      this.#canCheckClient = false;
      await this.query(this.#limits().join('; '));
    }
  }

  #limits(): readonly string[] {
    const limits = [`SET lock_timeout = ${OWN_LOCK_MS}`];
    return this.#canCheckClient && this.#versionNumber >= CHECKS_CLIENT
      ? [...limits, `SET client_connection_check_interval = ${CLIENT_CHECK_MS}`]
      : limits;
  }

  /** Ends a session that does not answer; what waits for it is told why. */
  #giveUp(cause: DatabaseError): void {
    this.#lost ??= cause;
    destroy(this.#client);
  }

  async blockers(): Promise<readonly string[]> {
    return (await this.bystanders()).blockers;
  }

  async preflight(): Promise<readonly PreflightNote[]> {
    return readPostgresPreflight((sql, parameters) => this.query(sql, parameters));
  }

  /** Asked on a session of its own, since this one is at work. */
  async bystanders(): ReturnType<Connection['bystanders']> {
    const watcher = this.#another();
    watcher.on('error', () => undefined);
    try {
      await watcher.connect();
      const { rows } = await watcher.query<{
        pid: number;
        application: string | null;
        user: string | null;
        age: string | null;
        blocks: boolean;
      }>(
        `SELECT pid, application_name AS application, usename AS user, to_char(now() - xact_start, 'HH24:MI:SS') AS age, pid = ANY (pg_blocking_pids($1)) AS blocks
           FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) OR wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid))`,
        [this.#processId],
      );
      const shown = (blocks: boolean): readonly string[] =>
        rows
          .filter((row) => row.blocks === blocks)
          .map(
            (row) =>
              `process ${row.pid} of ${row.user ?? 'an unknown user'}${row.application === null || row.application === '' ? '' : ` (${row.application})`}, in its transaction for ${row.age ?? 'an unknown time'}`,
          );
      return { blockers: shown(true), blocked: shown(false) };
    } catch {
      // Who blocks is a help to the reader; that it cannot be asked must not hide why the run waits.
      return { blockers: [], blocked: [] };
    } finally {
      await watcher.end().catch(() => undefined);
    }
  }

  async setLockTimeout(milliseconds: number, scope: 'session' | 'transaction'): Promise<void> {
    await this.query(`SELECT set_config('lock_timeout', $1, $2)`, [`${milliseconds}ms`, scope === 'transaction']);
  }

  async ownLocks(): Promise<readonly OwnLock[]> {
    return readOwnLocks((sql) => this.query(sql));
  }

  async relationIds(): Promise<readonly number[]> {
    return readRelationIds((sql) => this.query(sql));
  }

  async databaseComment(): Promise<string | null> {
    const rows = await this.query(
      `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = current_database()`,
    );
    const comment = rows[0]?.['comment'];
    return typeof comment === 'string' ? comment : null;
  }

  async catalog(): Promise<Schema> {
    return this.reading(() =>
      readPostgresCatalog(
        (sql, parameters) => this.query(sql, parameters),
        this.#versionNumber,
        this.#options.expressionOf,
        this.#options.parse,
      ),
    );
  }

  async live(): Promise<LiveFacts> {
    return readPostgresLive((sql, parameters) => this.query(sql, parameters));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A connection that is lost already cannot be ended in order, and need not be.
    if (this.#lost === undefined) await this.#client.end().catch(() => undefined);
  }

  /** Ends what runs when the signal says so, until the function that is given back has been called. */
  #cancelOn(signal: AbortSignal | undefined): () => void {
    let giveUp: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      // Several things that were sent together are cancelled once: what comes after them is not to be met by a second time.
      this.#cancelling ??= this.#cancel().finally(() => {
        this.#cancelling = undefined;
      });
      // Where the server cannot be reached, nobody stops the statement: the session ends here, and the server is asked later.
      giveUp = globalThis.setTimeout(() => this.#giveUp(cancelled()), CANCEL_MS);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    return () => {
      clearTimeout(giveUp);
      signal?.removeEventListener('abort', cancel);
    };
  }

  /** Asks the server from a second session to stop what this one runs. */
  async #cancel(): Promise<void> {
    const second = this.#another();
    second.on('error', () => undefined);
    try {
      await second.connect();
      await second.query('SELECT pg_cancel_backend($1)', [this.#processId]);
    } catch {
      // The statement then runs to its end or to its own timeout; the caller sees that it was not cancelled.
    } finally {
      await second.end().catch(() => undefined);
    }
  }

  #error(cause: unknown, sql?: string): DatabaseError {
    return postgresError(this.#lost ?? cause, this.label, this.#secrets, sql);
  }
}

/** A failed transaction answers COMMIT by rolling back, without an error. */
function demandCommitted(result: { readonly command: string } | undefined): void {
  if (result?.command === 'ROLLBACK')
    throw new DatabaseError({ kind: 'statement', message: 'The transaction had failed, so COMMIT rolled it back.' });
}

/** Waits for the answer to a piece. */
async function ofPiece(piece: number, answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (cause) {
    throw cause instanceof DatabaseError ? new PieceError(piece, cause.failure, { cause }) : cause;
  }
}

/** A transaction with a limit for locks of its own, and its number. */
function beginSql(lockTimeoutMs: number): string {
  return `BEGIN; SET LOCAL lock_timeout = ${Math.trunc(lockTimeoutMs)}; SELECT pg_current_xact_id()::text AS id`;
}

/** The number of the transaction that is open, as `REGAIN` and `beginSql` say. */
function idOf(rows: readonly Row[]): string | undefined {
  const id = rows[0]?.['id'];
  return typeof id === 'string' ? id : undefined;
}

function lockSql(key: bigint): string {
  return `SELECT pg_try_advisory_lock(${key}) AS locked`;
}

function cancelled(): DatabaseError {
  return new DatabaseError({ kind: 'cancelled', message: 'The run was cancelled.' });
}
