import type { EngineId } from '../model/engine-id.ts';
import type { StatementBody } from '../engines/engine.ts';
import type { Expression } from '../model/expression.ts';
import type { LockMode } from '../model/effect.ts';
import type { LockHolder } from '../model/activity.ts';
import type { RelationSize, Schema } from '../model/schema.ts';

/** A parsed connection target. The secret part never leaves this object except to the driver. */
export interface DatabaseTarget {
  readonly dialect: EngineId;
  /** `postgres://...` or `host=... dbname=...`; an absolute path for SQLite. */
  readonly url: string;
  /** Without user, password and query; safe to show. */
  readonly label: string;
  /** What must appear in no text: passwords, as they are and as they are written. */
  readonly secrets: readonly string[];
}

export type Row = Readonly<Record<string, unknown>>;

/** Why the database said no, as a value. Messages hold no URL and no password. */
export interface DatabaseFailure {
  readonly kind:
    | 'unreachable'
    | 'authentication'
    | 'missing'
    | 'locked'
    | 'read-only'
    | 'wrong-kind'
    | 'connection-lost'
    | 'lock-timeout'
    /** Deadlock or serialization: the server ended this transaction so that another could go on. */
    | 'conflict'
    /** A row of the history was not as it had to be: another run was here. */
    | 'raced'
    /** A transaction-pooling proxy is in between, on which nothing of a session holds. */
    | 'pooled'
    | 'timed-out'
    | 'cancelled'
    | 'statement';
  /** One sentence: what is wrong and what to do. */
  readonly message: string;
  readonly sqlstate?: string;
  /** 0-based UTF-16 offset in the SQL that was sent, where the database gives one. */
  readonly offset?: number;
  readonly detail?: string;
  readonly hint?: string;
}

/** Thrown by every member of a connection; nothing else is, except for bugs. */
export class DatabaseError extends Error {
  readonly failure: DatabaseFailure;

  constructor(failure: DatabaseFailure, options?: { readonly cause?: unknown }) {
    super(failure.message, options);
    this.name = 'DatabaseError';
    this.failure = failure;
  }
}

/** A piece of `executeAll` was refused. */
export class PieceError extends DatabaseError {
  /** Index of it among those that were sent. */
  readonly piece: number;

  constructor(piece: number, failure: DatabaseFailure, options?: { readonly cause?: unknown }) {
    super(failure, options);
    this.name = 'PieceError';
    this.piece = piece;
  }
}

/** Whether a transaction is open in a session; `failed`: it can only be rolled back. */
export type TransactionState = 'none' | 'open' | 'failed';

/** What became of a transaction. `unknown`: nobody can say from here. */
export type TransactionFate = 'committed' | 'rolled-back' | 'unknown';

/** One session. The opener closes it. */
export interface Connection extends AsyncDisposable {
  readonly dialect: EngineId;
  readonly label: string;
  /** `17.10`, `3.54.1`. */
  readonly version: string;
  /** In the form of `Target.version`. */
  readonly versionNumber: number;
  /**
   * One statement of Lockstep's own with positional parameters: `$1` on PostgreSQL, `?1` on SQLite. It ends in a failure
   * when the database does not answer within a minute, unless it is `unbounded`.
   */
  query(
    sql: string,
    parameters?: readonly unknown[],
    options?: { readonly unbounded?: boolean },
  ): Promise<readonly Row[]>;
  /** SQL without parameters, sent as one string; PostgreSQL makes several statements one implicit transaction. `onNotice` hears its notices while it runs. */
  execute(sql: string, signal?: AbortSignal, onNotice?: (message: string) => void): Promise<void>;
  /** Does `work` in one transaction that only reads and waits for no lock for long, unless one is open; where there are none, as it is. */
  reading<Value>(work: () => Promise<Value>): Promise<Value>;
  begin(): Promise<void>;
  /** A transaction for a migration, with how long it waits for a lock; what `transactionId` says of it. */
  beginWork(lockTimeoutMs: number): Promise<string | undefined>;
  commit(): Promise<void>;
  /**
   * `commit` and `resetSession`, in one message where that can be. Rejects where the transaction was committed and the
   * session was not reset, too. With `nextLockTimeoutMs`, `beginWork` of the next migration goes along: what that says, or
   * undefined where it came to nothing, which says nothing of this transaction.
   */
  endWork(nextLockTimeoutMs?: number): Promise<string | undefined>;
  /** Nothing where no transaction is open. */
  rollback(): Promise<void>;
  /** As the database said after the last statement. */
  transactionState(): TransactionState;
  /** What `transactionFate` asks after; undefined where no transaction is open. The transaction is given a number by it. */
  transactionId(): Promise<string | undefined>;
  /**
   * What became of a transaction, asked from the server, on another session where this one is lost. Rejects with nothing:
   * what cannot be asked is `unknown`.
   */
  transactionFate(id: string): Promise<TransactionFate>;
  /**
   * Keeps other runs out until released. PostgreSQL: advisory lock `key`, tried until `timeoutMs` has passed, after it was
   * seen that no transaction-pooling proxy is in between. SQLite: a lock on a file beside the database. Ends with the session.
   * `onWait` hears once who is waited for.
   */
  lockMigrations(
    key: bigint,
    timeoutMs: number,
    signal?: AbortSignal,
    onWait?: (holders: readonly string[]) => void,
  ): Promise<AsyncDisposable>;
  /** Whether a session, this one too, holds what `lockMigrations` takes; takes nothing itself. */
  isMigrationLockHeld(key: bigint): Promise<boolean>;
  /**
   * Within the open transaction: the role as the session was opened with, whatever a migration made of it, for Lockstep's own
   * statements. Gives what `transactionId` says now.
   */
  regainRole(): Promise<string | undefined>;
  /**
   * Within the open transaction, which none of them may end: `execute` for each in turn, then `regainRole`, sent in as few
   * messages as can be; what the last says. What comes after a piece that is refused is not done. Errors: rejects with `PieceError`.
   */
  executeAll(
    pieces: readonly string[],
    signal?: AbortSignal,
    onNotice?: (message: string) => void,
  ): Promise<string | undefined>;
  /**
   * Sends what `ask` asks for before it first waits in one message where that can be. Within an open transaction: what comes
   * after a failure is not done.
   */
  together<Value>(ask: () => Promise<Value>): Promise<Value>;
  /** The session as it was opened: settings, role, temporary tables, prepared statements, pragmas. The migration lock stays. */
  resetSession(): Promise<void>;
  /** Who blocks this session now, for people; empty where unknown. */
  blockers(): Promise<readonly string[]>;
  /** Who blocks this session now, and whom it keeps waiting, for people; empty where unknown. */
  bystanders(): Promise<{ readonly blockers: readonly string[]; readonly blocked: readonly string[] }>;
  /** Of a server: what stands against a run of migrations now. */
  preflight?(): Promise<readonly PreflightNote[]>;
  setLockTimeout(milliseconds: number, scope: 'session' | 'transaction'): Promise<void>;
  /** Locks on relations of users that this session's transaction holds now; none where the product locks no relations. */
  ownLocks(): Promise<readonly OwnLock[]>;
  /** Every relation of users that there is, by what `OwnLock.relationId` is; none where the product locks no relations. */
  relationIds(): Promise<readonly number[]>;
  /** Of a database that is a file: writes a copy of it as it is now to a path that does not exist, and whether there was a table to copy; outside a transaction. */
  copyInto?(path: string): Promise<boolean>;
  /** Of a database that is a file: what is wrong with it and with its foreign keys. */
  fileProblems?(): Promise<readonly FileProblem[]>;
  /** Of a database that is a file: makes it what such a copy holds, in one go for whoever else reads it. */
  restoreFrom?(path: string): Promise<void>;
  /** The comment on the database itself, where the product has one; null where there is none. */
  databaseComment(): Promise<string | null>;
  catalog(): Promise<Schema>;
  /** What goes on now: sizes as they are, and who holds locks. Not within a transaction. */
  live(): Promise<LiveFacts>;
}

/** Something that a person should know before migrations run on a server. */
export interface PreflightNote {
  readonly code:
    | 'invalid-index'
    | 'old-transaction'
    | 'prepared-transaction'
    | 'replication-lag'
    | 'inactive-slot'
    | 'wraparound-vacuum'
    | 'large-table';
  /** A sentence. */
  readonly message: string;
}

/** Something that is wrong with a database that is a file. */
export interface FileProblem {
  /** The same for the same problem at another time. */
  readonly key: string;
  /** How often it is there. */
  readonly count: number;
  /** A sentence. */
  readonly message: string;
}

/** A lock that a session holds on a relation. */
export interface OwnLock {
  readonly relationId: number;
  /** As people write it: `public.users`. */
  readonly relation: string;
  readonly mode: LockMode;
}

/** What a catalog does not say of a running database. */
export interface LiveFacts {
  /** By `objectKey`; relations whose size cannot be asked for now are left out. */
  readonly sizes: ReadonlyMap<string, RelationSize>;
  /** Locks of transactions that have been open for a while, oldest first. */
  readonly holders: readonly LockHolder[];
}

export interface Driver {
  readonly dialect: EngineId;
  connect(target: DatabaseTarget, options: ConnectOptions, signal?: AbortSignal): Promise<Connection>;
}

export interface ConnectOptions {
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** Refuse writes by the session's own setting. */
  readonly readOnly: boolean;
  /** Migrations will be run: what that needs may be made ready meanwhile. */
  readonly forRun?: boolean;
  /** SQLite: make the file where it is missing; `apply` on a new project does. */
  readonly createIfMissing?: boolean;
  /** Reads one statement of the dialect: the catalog's own definitions become the same schema as a migration's. */
  readonly parse?: (statement: string) => StatementBody;
  /** Reads one expression of the dialect; PostgreSQL's catalog keeps defaults and checks as text. */
  readonly expressionOf?: (text: string) => Expression;
}
