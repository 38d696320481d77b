import { existsSync, realpathSync, rmSync, statSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import type { Row } from './driver.ts';
import { openSqlite } from './sqlite-file.ts';

/** What a session does: here, or in a process of its own. */
export type SqliteRequest =
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'execute'; readonly sql: string }
  /** A transaction that writes, and how long its statements wait. */
  | { readonly kind: 'begin'; readonly busyTimeoutMs: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'busy-timeout'; readonly milliseconds: number }
  | { readonly kind: 'lock' }
  | { readonly kind: 'ask-lock' }
  | { readonly kind: 'unlock' }
  | { readonly kind: 'close' };

/** What came of it. `locked`: whether the run lock was free and is held now; asked for, whether anybody holds it. */
export interface SqliteAnswer {
  readonly rows: readonly Row[];
  readonly locked: boolean;
  readonly inTransaction: boolean;
}

export interface SqliteSessionOptions {
  /** Absolute. */
  readonly file: string;
  readonly readOnly: boolean;
  readonly createIfMissing: boolean;
  /** How long SQLite itself waits for another writer. */
  readonly busyTimeoutMs: number;
}

/** Added to the database's path: the file whose lock a run holds. */
const LOCK_SUFFIX = '-lockstep-run';

/** One open SQLite file. Every member blocks until it is done, and throws what SQLite says. */
export class SqliteSession {
  readonly #Database: typeof BetterSqlite3;
  readonly #options: SqliteSessionOptions;
  #database: BetterSqlite3.Database;
  /** The transaction has a limit of its own, which ends with it. */
  #hasLimit = false;
  #lock: { readonly database: BetterSqlite3.Database; readonly file: string } | undefined;

  constructor(Database: typeof BetterSqlite3, options: SqliteSessionOptions) {
    this.#Database = Database;
    this.#options = options;
    this.#database = this.#open();
  }

  get inTransaction(): boolean {
    return this.#database.open && this.#database.inTransaction;
  }

  do(request: SqliteRequest): SqliteAnswer {
    const answer = { rows: [] as readonly Row[], locked: false };
    switch (request.kind) {
      case 'query':
        answer.rows = this.#query(request.sql, request.parameters);
        break;
      case 'execute':
        this.#database.exec(request.sql);
        break;
      case 'begin':
        this.#database.exec('BEGIN IMMEDIATE');
        this.#wait(request.busyTimeoutMs);
        this.#hasLimit = true;
        break;
      case 'reset':
        // Pragmas, temporary tables and attached files end with the session, whatever a migration did to them.
        this.#database.close();
        this.#database = this.#open();
        break;
      case 'busy-timeout':
        this.#wait(request.milliseconds);
        break;
      case 'lock':
        answer.locked = this.#tryLock();
        break;
      case 'ask-lock':
        answer.locked = this.#lock !== undefined || this.#isLockedElsewhere();
        break;
      case 'unlock':
        this.#unlock();
        break;
      case 'close':
        this.#unlock();
        this.#database.close();
        return { ...answer, inTransaction: false };
    }
    const { inTransaction } = this.#database;
    if (this.#hasLimit && !inTransaction) {
      this.#wait(this.#options.busyTimeoutMs);
      this.#hasLimit = false;
    }
    return { ...answer, inTransaction };
  }

  #wait(milliseconds: number): void {
    this.#database.pragma(`busy_timeout = ${Math.trunc(milliseconds)}`);
  }

  #open(): BetterSqlite3.Database {
    const database = openSqlite(this.#Database, this.#options.file, this.#options);
    // Foreign keys are off in SQLite unless a connection asks for them, and the project's own tool decides; a migration
    // that rebuilds a table must not cascade, so they stay off here as in the sqlite3 shell and in dbmate.
    database.pragma('foreign_keys = OFF');
    return database;
  }

  #query(sql: string, parameters: readonly unknown[]): readonly Row[] {
    const statement = this.#database.prepare<unknown[], Row>(sql);
    // better-sqlite3 takes `?1` for a parameter named `1`.
    const values = Object.fromEntries(
      parameters.map((value, index) => [index + 1, value instanceof Date ? value.toISOString() : value]),
    );
    const bound = parameters.length === 0 ? [] : [values];
    if (statement.reader) return statement.all(...bound);
    statement.run(...bound);
    return [];
  }

  /**
   * A lock that lives as long as this process, on a file beside the database: a lock on the database itself would keep its
   * readers out for the whole run. The file is removed by whoever held it, so the one that was locked must still be there.
   */
  #tryLock(): boolean {
    const file = this.#lockFile();
    const database = openSqlite(this.#Database, file, { readOnly: false, createIfMissing: true, busyTimeoutMs: 0 });
    let before: bigint | undefined;
    try {
      database.pragma('synchronous = OFF');
      before = inodeOf(file);
      database.exec('BEGIN EXCLUSIVE');
      if (before !== undefined && before === inodeOf(file)) {
        this.#lock = { database, file };
        return true;
      }
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      // Whoever had it takes the file away: SQLite finds it gone in the middle of looking at it.
      const wasTakenAway = code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN');
      const isGone = before !== inodeOf(file) || (before === undefined && code.startsWith('SQLITE_IOERR'));
      if (!code.startsWith('SQLITE_BUSY') && !(wasTakenAway && isGone)) {
        database.close();
        throw cause;
      }
    }
    database.close();
    return false;
  }

  /** Whether the lock's file is there and locked; one that whoever held it could not remove is free. */
  #isLockedElsewhere(): boolean {
    const file = this.#lockFile();
    if (!existsSync(file)) return false;
    let database: BetterSqlite3.Database | undefined;
    try {
      database = openSqlite(this.#Database, file, { readOnly: true, createIfMissing: false, busyTimeoutMs: 0 });
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (code.startsWith('SQLITE_BUSY')) return true;
      // Taken away in the middle of looking at it.
      if (!existsSync(file)) return false;
      throw cause;
    } finally {
      database?.close();
    }
  }

  #lockFile(): string {
    // Two names of one database have one lock.
    const { file } = this.#options;
    return `${existsSync(file) ? realpathSync(file) : file}${LOCK_SUFFIX}`;
  }

  #unlock(): void {
    if (this.#lock === undefined) return;
    const { database, file } = this.#lock;
    this.#lock = undefined;
    try {
      // While it is held, so that nobody can have locked it in between.
      rmSync(file, { force: true });
    } catch {
      // Where an open file cannot be removed it stays, empty, and does no harm.
    }
    database.close();
  }
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}
