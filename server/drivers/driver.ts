import type { EngineId } from '../model/engine-id.ts';
import type { StatementBody } from '../engines/engine.ts';
import type { Expression } from '../model/expression.ts';
import type { LockHolder } from '../model/activity.ts';
import type { RelationSize, Schema } from '../model/schema.ts';

/** A parsed connection target. The secret part never leaves this object except to the driver. */
export interface DatabaseTarget {
  readonly dialect: EngineId;
  /** postgres://..., or an absolute path for SQLite. */
  readonly url: string;
  /** Without password and query; safe to show. */
  readonly label: string;
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

/** One session. The opener closes it. */
export interface Connection extends AsyncDisposable {
  readonly dialect: EngineId;
  readonly label: string;
  /** `17.10`, `3.54.1`. */
  readonly version: string;
  /** In the form of `Target.version`. */
  readonly versionNumber: number;
  /** One statement with positional parameters: `$1` on PostgreSQL, `?1` on SQLite. */
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** SQL without parameters, sent as one string; PostgreSQL makes several statements one implicit transaction. `onNotice` hears its notices while it runs. */
  execute(sql: string, signal?: AbortSignal, onNotice?: (message: string) => void): Promise<void>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /**
   * Keeps other runs out until released. PostgreSQL: advisory lock `key`, tried until `timeoutMs` has passed. SQLite: each
   * migration takes BEGIN IMMEDIATE, so this only waits until the file can be written.
   */
  lockMigrations(key: bigint, timeoutMs: number, signal?: AbortSignal): Promise<AsyncDisposable>;
  /** Who blocks this session now, for people; empty where unknown. */
  blockers(): Promise<readonly string[]>;
  setLockTimeout(milliseconds: number, scope: 'session' | 'transaction'): Promise<void>;
  catalog(): Promise<Schema>;
  /** What goes on now: sizes as they are, and who holds locks. Not within a transaction. */
  live(): Promise<LiveFacts>;
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
  /** SQLite: make the file where it is missing; `apply` on a new project does. */
  readonly createIfMissing?: boolean;
  /** Reads one statement of the dialect: the catalog's own definitions become the same schema as a migration's. */
  readonly parse?: (statement: string) => StatementBody;
  /** Reads one expression of the dialect; PostgreSQL's catalog keeps defaults and checks as text. */
  readonly expressionOf?: (text: string) => Expression;
}
