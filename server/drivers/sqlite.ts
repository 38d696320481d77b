import { setTimeout } from 'node:timers/promises';
import type BetterSqlite3 from 'better-sqlite3';
import type { Schema } from '../model/schema.ts';
import {
  DatabaseError,
  PieceError,
  type Connection,
  type ConnectOptions,
  type DatabaseTarget,
  type FileProblem,
  type Driver,
  type LiveFacts,
  type OwnLock,
  type Row,
  type TransactionFate,
  type TransactionState,
} from './driver.ts';
import { readSqliteCatalog } from './sqlite-catalog.ts';
import { complaintOf, sqliteError } from './sqlite-failure.ts';
import { checkFile, loadSqlite, openSqlite, sqliteVersion } from './sqlite-file.ts';
import { SqliteProcess, SqliteRefusal, SqliteSkipped } from './sqlite-remote.ts';
import { SqliteSession, type SqliteAnswer, type SqliteRequest } from './sqlite-session.ts';

/** How long Lockstep's own statements and BEGIN wait for another writer; between tries this process does other things. */
const BUSY_WAIT_MS = 5_000;
const POLL_MS = 50;

/**
 * SQL that may change the session and not the file alone: without any of these words a session stays as it was opened.
 * Source: https://www.sqlite.org/lang.html, where each statement is.
 */
const CHANGES_SESSION = /pragma|attach|detach|temp|load_extension/i;

/** SQLite 3 through `better-sqlite3`, whose native module is loaded when first used. */
export const sqliteDriver: Driver = {
  dialect: 'sqlite',
  async connect(target, options, signal) {
    if (signal?.aborted === true) throw new DatabaseError({ kind: 'cancelled', message: 'Connecting was cancelled.' });
    checkFile(target, options);
    return new SqliteConnection(target, options, await loadSqlite());
  },
};

class SqliteConnection implements Connection {
  readonly dialect = 'sqlite';
  readonly label: string;
  readonly version: string;
  readonly versionNumber: number;
  readonly #options: ConnectOptions;
  readonly #sessionOptions: ConstructorParameters<typeof SqliteSession>[1];
  /** In this process until a run begins. */
  #session: SqliteSession | SqliteProcess;
  /** Starts while this process reads what there is to do; only a run needs it. */
  #ready: SqliteProcess | undefined;
  #inTransaction = false;
  #isAsOpened = true;
  /** Whether COMMIT was sent and not answered. */
  #isCommitting = false;
  /** Whether any of what is asked for together in this process has failed; undefined where nothing is. */
  #failedTogether: boolean | undefined;

  constructor(target: DatabaseTarget, options: ConnectOptions, Database: typeof BetterSqlite3) {
    this.label = target.label;
    this.#options = options;
    this.#sessionOptions = {
      file: target.url,
      readOnly: options.readOnly,
      createIfMissing: options.createIfMissing === true,
      busyTimeoutMs: 0,
    };
    try {
      this.#session = openHealed(Database, this.#sessionOptions);
      this.version = sqliteVersion(Database);
    } catch (cause) {
      throw cause instanceof DatabaseError ? cause : sqliteError(complaintOf(cause), target.label, undefined, cause);
    }
    if (options.forRun === true) this.#ready = new SqliteProcess(this.label);
    const [major = 0, minor = 0] = this.version.split('.').map(Number);
    this.versionNumber = major * 1000 + minor;
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#patient({ kind: 'query', sql, parameters })).rows;
  }

  async execute(sql: string, signal?: AbortSignal): Promise<void> {
    if (CHANGES_SESSION.test(sql)) this.#isAsOpened = false;
    await this.#patient({ kind: 'execute', sql }, signal);
  }

  /** One snapshot from here to its end: the first look takes it, and until then another writer is waited for. */
  async reading<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#inTransaction) return work();
    const deadline = Date.now() + BUSY_WAIT_MS;
    for (;;) {
      await this.execute('BEGIN');
      try {
        await this.#do(LOOK);
        break;
      } catch (cause) {
        await this.rollback();
        const isBusy = cause instanceof DatabaseError && cause.failure.kind === 'lock-timeout';
        if (!isBusy || Date.now() >= deadline) throw cause;
      }
      await setTimeout(POLL_MS);
    }
    try {
      return await work();
    } finally {
      await this.rollback();
    }
  }

  async begin(): Promise<void> {
    await this.execute('BEGIN IMMEDIATE');
  }

  async beginWork(lockTimeoutMs: number): Promise<string | undefined> {
    await this.#patient({ kind: 'begin', busyTimeoutMs: lockTimeoutMs });
    return this.transactionId();
  }

  async commit(): Promise<void> {
    this.#isCommitting = true;
    await this.execute('COMMIT');
    this.#isCommitting = false;
  }

  async endWork(nextLockTimeoutMs?: number): Promise<string | undefined> {
    if (nextLockTimeoutMs === undefined || !this.#isAsOpened) {
      await this.commit();
      await this.resetSession();
      return undefined;
    }
    return this.together(async () => {
      const committed = this.commit();
      // Another writer may be faster: whoever begins the next one waits for it.
      const begun = this.#do({ kind: 'begin', busyTimeoutMs: nextLockTimeoutMs }).then(
        () => true,
        () => false,
      );
      await committed;
      return (await begun) ? this.transactionId() : undefined;
    });
  }

  async rollback(): Promise<void> {
    // Some errors end the transaction by themselves, and the end of its process always does.
    if (this.#inTransaction) await this.execute('ROLLBACK');
    this.#isCommitting = false;
  }

  transactionState(): TransactionState {
    return this.#inTransaction ? 'open' : 'none';
  }

  async transactionId(): Promise<string | undefined> {
    return this.#inTransaction ? 'open' : undefined;
  }

  /** SQLite keeps no numbers: what is not committed when its process ends is rolled back. */
  async transactionFate(): Promise<TransactionFate> {
    return this.#isCommitting ? 'unknown' : 'rolled-back';
  }

  /** SQLite has no roles. */
  async regainRole(): Promise<string | undefined> {
    return this.transactionId();
  }

  async executeAll(pieces: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    return this.together(async () => {
      const answers = pieces.map((sql) => this.execute(sql, signal));
      for (const answer of answers) answer.catch(() => undefined);
      for (const [index, answer] of answers.entries()) {
        try {
          await answer;
        } catch (cause) {
          throw cause instanceof DatabaseError ? new PieceError(index, cause.failure, { cause }) : cause;
        }
      }
      return this.regainRole();
    });
  }

  async together<Value>(ask: () => Promise<Value>): Promise<Value> {
    if (this.#session instanceof SqliteProcess) return this.#session.together(ask);
    if (this.#failedTogether !== undefined) return ask();
    // Here each is done at once.
    this.#failedTogether = false;
    try {
      return ask();
    } finally {
      this.#failedTogether = undefined;
    }
  }

  async resetSession(): Promise<void> {
    // To open a file again takes longer than a small migration.
    if (this.#isAsOpened && !this.#inTransaction) return;
    await this.#patient({ kind: 'reset' });
    this.#isAsOpened = true;
  }

  async lockMigrations(
    _key: bigint,
    timeoutMs: number,
    signal?: AbortSignal,
    onWait?: (holders: readonly string[]) => void,
  ): Promise<AsyncDisposable> {
    await this.#moveToProcess(signal);
    const deadline = Date.now() + timeoutMs;
    let hasTold = false;
    while (!(await this.#do({ kind: 'lock' }, signal)).locked) {
      if (signal?.aborted === true) throw cancelled();
      if (Date.now() >= deadline)
        throw new DatabaseError({
          kind: 'locked',
          message: `Another run of migrations holds the lock of ${this.label}. Nothing was done: wait until it has ended, then run again.`,
        });
      if (!hasTold) onWait?.([]);
      hasTold = true;
      await setTimeout(POLL_MS);
    }
    return {
      [Symbol.asyncDispose]: async () => {
        // The end of the process has released the lock by itself.
        await this.#do({ kind: 'unlock' }).catch(() => undefined);
      },
    };
  }

  async isMigrationLockHeld(_key: bigint): Promise<boolean> {
    return (await this.#do({ kind: 'ask-lock' })).locked;
  }

  async blockers(): Promise<readonly string[]> {
    return [];
  }

  async bystanders(): ReturnType<Connection['bystanders']> {
    return { blockers: [], blocked: [] };
  }

  async setLockTimeout(milliseconds: number): Promise<void> {
    this.#isAsOpened = false;
    await this.#do({ kind: 'busy-timeout', milliseconds });
  }

  async copyInto(path: string): Promise<boolean> {
    const tables = await this.query("SELECT 1 AS one FROM sqlite_schema WHERE type = 'table' LIMIT 1");
    if (tables.length === 0) return false;
    await this.query('VACUUM INTO ?1', [path]);
    return true;
  }

  async fileProblems(): Promise<readonly FileProblem[]> {
    const integrity = (await this.query('PRAGMA integrity_check')).map((row) => String(row['integrity_check']));
    const broken = new Map<string, number>();
    for (const row of await this.query('PRAGMA foreign_key_check')) {
      const key = `${String(row['table'])} ${String(row['parent'])}`;
      broken.set(key, (broken.get(key) ?? 0) + 1);
    }
    return [
      ...integrity
        .filter((line) => line !== 'ok')
        .map((line) => ({ key: line, count: 1, message: `Its integrity check says: ${line}.` })),
      ...[...broken].map(([key, count]) => {
        const [table = '', parent = ''] = key.split(' ');
        const message = `${count} ${count === 1 ? 'row' : 'rows'} of ${table} ${count === 1 ? 'refers' : 'refer'} to a row of ${parent} that is not there.`;
        return { key, count, message };
      }),
    ];
  }

  async restoreFrom(path: string): Promise<void> {
    const Database = await loadSqlite();
    try {
      const source = openSqlite(Database, path, { readOnly: true, createIfMissing: false, busyTimeoutMs: 0 });
      try {
        await source.backup(this.#sessionOptions.file);
      } finally {
        source.close();
      }
    } catch (cause) {
      throw sqliteError(complaintOf(cause), this.label, undefined, cause);
    }
  }

  /** Whoever writes locks the whole file. */
  async ownLocks(): Promise<readonly OwnLock[]> {
    return [];
  }

  async relationIds(): Promise<readonly number[]> {
    return [];
  }

  /** A file has no comment. */
  async databaseComment(): Promise<string | null> {
    return null;
  }

  async catalog(): Promise<Schema> {
    const { parse } = this.#options;
    if (parse === undefined) throw new Error('a SQLite catalog needs ConnectOptions.parse');
    return readSqliteCatalog((sql, parameters) => this.query(sql, parameters), parse, this.versionNumber);
  }

  /** The catalog holds the sizes already, and no session can see what another one locks. */
  async live(): Promise<LiveFacts> {
    return { sizes: new Map(), holders: [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ready?.leave();
    if (this.#session instanceof SqliteProcess) await this.#session.end();
    else this.#session.do({ kind: 'close' });
  }

  /** Waits for another writer without standing still, except where the other is inside a transaction of this session. */
  async #patient(request: SqliteRequest, signal?: AbortSignal): Promise<SqliteAnswer> {
    const deadline = Date.now() + BUSY_WAIT_MS;
    for (;;) {
      try {
        return await this.#do(request, signal);
      } catch (cause) {
        const isBusy = cause instanceof DatabaseError && cause.failure.kind === 'lock-timeout';
        if (
          !isBusy ||
          this.#inTransaction !== (request.kind === 'execute' && request.sql === 'COMMIT') ||
          Date.now() >= deadline
        )
          throw cause;
      }
      await setTimeout(POLL_MS);
    }
  }

  async #do(request: SqliteRequest, signal?: AbortSignal): Promise<SqliteAnswer> {
    if (signal?.aborted === true) throw cancelled();
    const sql = 'sql' in request ? request.sql : undefined;
    try {
      const answer =
        this.#session instanceof SqliteProcess
          ? await this.#session.do(request, signal)
          : this.#doHere(this.#session, request);
      this.#inTransaction = answer.inTransaction;
      return answer;
    } catch (cause) {
      // The failure before it says what became of the transaction.
      if (cause instanceof SqliteSkipped)
        throw new DatabaseError({ kind: 'statement', message: 'What came before it failed.' }, { cause });
      if (cause instanceof DatabaseError) {
        this.#inTransaction = false;
        throw cause;
      }
      if (cause instanceof SqliteRefusal) {
        this.#inTransaction = cause.inTransaction;
        throw sqliteError(cause.complaint, this.label, sql, cause);
      }
      this.#inTransaction = this.#session instanceof SqliteSession && this.#session.inTransaction;
      throw sqliteError(complaintOf(cause), this.label, sql, cause);
    }
  }

  #doHere(session: SqliteSession, request: SqliteRequest): SqliteAnswer {
    if (this.#failedTogether === true) throw new SqliteSkipped();
    try {
      return session.do(request);
    } catch (cause) {
      if (this.#failedTogether !== undefined) this.#failedTogether = true;
      throw cause;
    }
  }

  async #moveToProcess(signal?: AbortSignal): Promise<void> {
    if (this.#session instanceof SqliteProcess) return;
    this.#session.do({ kind: 'close' });
    const session = this.#ready ?? new SqliteProcess(this.label);
    this.#ready = undefined;
    this.#session = session;
    await session.do({ kind: 'open', options: this.#sessionOptions }, signal);
  }
}

/**
 * Opens a file and looks into it, after a crash too: a session that may not write cannot take back what a process that was
 * ended left half written, so another one reads it first, as any reader of the file would.
 */
function openHealed(
  Database: typeof BetterSqlite3,
  options: ConstructorParameters<typeof SqliteSession>[1],
): SqliteSession {
  const session = new SqliteSession(Database, options);
  try {
    session.do(LOOK);
    return session;
  } catch (cause) {
    const { code } = complaintOf(cause);
    // Somebody writes now, and will have ended when it matters.
    if (code.startsWith('SQLITE_BUSY')) return session;
    session.do({ kind: 'close' });
    if (!options.readOnly || !/^SQLITE_(?:READONLY|CANTOPEN)/.test(code)) throw cause;
    const healer = openSqlite(Database, options.file, { readOnly: false, createIfMissing: false, busyTimeoutMs: 0 });
    try {
      healer.prepare('SELECT count(*) FROM sqlite_schema').get();
    } catch {
      // It may not be written at all: then the first complaint is the right one.
      throw cause;
    } finally {
      healer.close();
    }
    return new SqliteSession(Database, options);
  }
}

const LOOK = { kind: 'query', sql: 'SELECT count(*) AS objects FROM sqlite_schema', parameters: [] } as const;

function cancelled(): DatabaseError {
  return new DatabaseError({ kind: 'cancelled', message: 'The run was cancelled.' });
}
