import { existsSync, openSync, closeSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type BetterSqlite3 from 'better-sqlite3';
import type { Schema } from '../model/schema.ts';
import {
  DatabaseError,
  type Connection,
  type ConnectOptions,
  type DatabaseFailure,
  type DatabaseTarget,
  type Driver,
  type LiveFacts,
  type Row,
} from './driver.ts';
import { readSqliteCatalog } from './sqlite-catalog.ts';

/** better-sqlite3 13 crashes the process, beyond any catch, below this Node-API version (Node 22.14). */
const LEAST_NODE_API = 10;
/** How long a statement waits for another writer when no lock timeout is set. */
const BUSY_TIMEOUT_MS = 5_000;
/** First bytes of every SQLite file. Source: https://www.sqlite.org/fileformat2.html, section 1.3. */
const HEADER = 'SQLite format 3\u0000';
const LOCK_POLL_MS = 100;

/** SQLite 3 through `better-sqlite3`, whose native module is loaded when first used. */
export const sqliteDriver: Driver = {
  dialect: 'sqlite',
  async connect(target, options, signal) {
    if (signal?.aborted === true) throw new DatabaseError({ kind: 'cancelled', message: 'Connecting was cancelled.' });
    checkFile(target, options);
    return new SqliteConnection(target, options, await loadDatabase());
  },
};

class SqliteConnection implements Connection {
  readonly dialect = 'sqlite';
  readonly label: string;
  readonly version: string;
  readonly versionNumber: number;
  readonly #database: BetterSqlite3.Database;
  readonly #options: ConnectOptions;

  constructor(target: DatabaseTarget, options: ConnectOptions, Database: typeof BetterSqlite3) {
    this.label = target.label;
    this.#options = options;
    try {
      this.#database = openDatabase(Database, target.url, options);
      // Foreign keys are off in SQLite unless a connection asks for them, and the project's own tool decides; a migration
      // that rebuilds a table must not cascade, so they stay off here as in the sqlite3 shell and in dbmate.
      this.#database.pragma('foreign_keys = OFF');
      this.version = String(this.#database.prepare('SELECT sqlite_version()').pluck().get());
    } catch (cause) {
      throw sqliteError(cause, target.label);
    }
    const [major = 0, minor = 0] = this.version.split('.').map(Number);
    this.versionNumber = major * 1000 + minor;
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      const statement = this.#database.prepare<unknown[], Row>(sql);
      // better-sqlite3 takes `?1` for a parameter named `1`.
      const values = Object.fromEntries(
        parameters.map((value, index) => [index + 1, value instanceof Date ? value.toISOString() : value]),
      );
      const bound = parameters.length === 0 ? [] : [values];
      if (statement.reader) return statement.all(...bound);
      statement.run(...bound);
      return [];
    } catch (cause) {
      throw sqliteError(cause, this.label, sql);
    }
  }

  async execute(sql: string, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw new DatabaseError({ kind: 'cancelled', message: 'The run was cancelled.' });
    try {
      this.#database.exec(sql);
    } catch (cause) {
      throw sqliteError(cause, this.label, sql);
    }
  }

  async begin(): Promise<void> {
    await this.execute('BEGIN IMMEDIATE');
  }

  async commit(): Promise<void> {
    await this.execute('COMMIT');
  }

  async rollback(): Promise<void> {
    // Some errors end the transaction by themselves.
    if (this.#database.inTransaction) await this.execute('ROLLBACK');
  }

  async lockMigrations(_key: bigint, timeoutMs: number, signal?: AbortSignal): Promise<AsyncDisposable> {
    const deadline = Date.now() + timeoutMs;
    this.#database.pragma('busy_timeout = 0');
    for (;;) {
      if (signal?.aborted === true) throw new DatabaseError({ kind: 'cancelled', message: 'The run was cancelled.' });
      try {
        await this.begin();
        await this.rollback();
        break;
      } catch (cause) {
        if (!(cause instanceof DatabaseError) || cause.failure.kind !== 'lock-timeout') throw cause;
        if (Date.now() >= deadline) {
          throw new DatabaseError(
            {
              kind: 'locked',
              message: `${this.label} is being written by another program: wait until it has ended its transaction, then run again.`,
            },
            { cause },
          );
        }
        await setTimeout(LOCK_POLL_MS);
      }
    }
    this.#database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { [Symbol.asyncDispose]: async () => undefined };
  }

  async blockers(): Promise<readonly string[]> {
    return [];
  }

  async setLockTimeout(milliseconds: number): Promise<void> {
    this.#database.pragma(`busy_timeout = ${Math.trunc(milliseconds)}`);
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
    this.#database.close();
  }
}

/** Refuses what SQLite itself would only refuse later, or quietly make: a missing file, a folder, a file of another kind. */
function checkFile(target: DatabaseTarget, options: ConnectOptions): void {
  const file = target.url;
  if (!existsSync(file)) {
    if (options.createIfMissing === true && !options.readOnly && existsSync(path.dirname(file))) return;
    throw new DatabaseError({
      kind: 'missing',
      message: `${target.label} does not exist: correct its path, or create it by applying the first migration with "lockstep apply".`,
    });
  }
  const stats = statSync(file);
  if (stats.isDirectory())
    throw new DatabaseError({
      kind: 'wrong-kind',
      message: `${target.label} is a folder: name the database file in it.`,
    });
  if (stats.size === 0) return;
  const header = Buffer.alloc(HEADER.length);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    readSync(descriptor, header, 0, header.length, 0);
  } catch (cause) {
    throw new DatabaseError(
      { kind: 'unreachable', message: `${target.label} cannot be read: check the file's permissions.` },
      { cause },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  if (header.toString('latin1') !== HEADER)
    throw new DatabaseError({
      kind: 'wrong-kind',
      message: `${target.label} is no SQLite database: name a SQLite file, or a postgres:// URL for a server.`,
    });
}

/** The native module's constructor; loaded once, when the first SQLite file is opened. */
async function loadDatabase(): Promise<typeof BetterSqlite3> {
  if (Number(process.versions['napi'] ?? 0) < LEAST_NODE_API) {
    throw new DatabaseError({
      kind: 'unreachable',
      message: `SQLite needs Node.js 22.14 or later, and this is ${process.version}: run Lockstep with a newer Node.js, or update the editor.`,
    });
  }
  return (await import('better-sqlite3')).default;
}

function openDatabase(Database: typeof BetterSqlite3, file: string, options: ConnectOptions): BetterSqlite3.Database {
  const libc = process.platform === 'linux' && isMusl() ? 'musl' : '';
  const binding = path.join(import.meta.dirname, 'native', `${process.platform}${libc}-${process.arch}.node`);
  try {
    return new Database(file, {
      readonly: options.readOnly,
      fileMustExist: options.createIfMissing !== true,
      timeout: BUSY_TIMEOUT_MS,
      ...(existsSync(binding) ? { nativeBinding: binding } : {}),
    });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE')) throw cause;
    throw new DatabaseError(
      {
        kind: 'unreachable',
        message: `SQLite's native module does not load on ${process.platform}-${process.arch}: lint and PostgreSQL go on working; for SQLite use a platform with a prebuilt binary (glibc 2.34 or later on Linux).`,
      },
      { cause },
    );
  }
}

function isMusl(): boolean {
  const report = process.report.getReport();
  // The report's shape is Node's; glibc's version is absent on musl.
  const header = (report as { readonly header?: { readonly glibcVersionRuntime?: string } }).header;
  return header?.glibcVersionRuntime === undefined;
}

function sqliteError(cause: unknown, label: string, sql?: string): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  const failure = (kind: DatabaseFailure['kind'], text: string): DatabaseError => {
    const offset = sql === undefined ? undefined : nearOffset(message, sql);
    return new DatabaseError({ kind, message: text, ...(offset === undefined ? {} : { offset }) }, { cause });
  };
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return failure('lock-timeout', `${label} is locked by another program that writes to it.`);
  if (code.startsWith('SQLITE_READONLY'))
    return failure('read-only', `${label} takes no writes: check the permissions of the file and of its folder.`);
  if (code === 'SQLITE_NOTADB') return failure('wrong-kind', `${label} is no SQLite database, or it is encrypted.`);
  if (code.startsWith('SQLITE_CORRUPT'))
    return failure('wrong-kind', `${label} is damaged: ${message}. Restore it from a backup.`);
  if (code.startsWith('SQLITE_CANTOPEN'))
    return failure('unreachable', `${label} cannot be opened: check the path and the permissions.`);
  if (code === 'SQLITE_INTERRUPT') return failure('cancelled', 'The statement was cancelled.');
  return failure('statement', message);
}

/** SQLite gives no position, only `near "word"`: its place where the word stands once. */
function nearOffset(message: string, sql: string): number | undefined {
  const word = /near "([^"]+)"/.exec(message)?.[1];
  if (word === undefined) return undefined;
  const first = sql.indexOf(word);
  return first >= 0 && sql.indexOf(word, first + 1) < 0 ? first : undefined;
}
