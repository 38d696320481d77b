import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Schema } from '../model/schema.ts';
import {
  DatabaseError,
  type Connection,
  type ConnectOptions,
  type DatabaseTarget,
  type Driver,
  type LiveFacts,
  type Row,
} from './driver.ts';
import { readPostgresCatalog } from './postgres-catalog.ts';
import { readPostgresLive } from './postgres-live.ts';
import { postgresError } from './postgres-failure.ts';

/** How long to wait between two tries for the migration lock. */
const LOCK_POLL_MS = 200;

/** PostgreSQL 13 and later through `pg`. */
export const postgresDriver: Driver = {
  dialect: 'postgresql',
  async connect(target, options, signal) {
    const connection = new PostgresConnection(target, options);
    await connection.open(signal);
    return connection;
  },
};

class PostgresConnection implements Connection {
  readonly dialect = 'postgresql';
  readonly label: string;
  readonly #client: pg.Client;
  readonly #target: DatabaseTarget;
  readonly #options: ConnectOptions;
  readonly #secrets: readonly string[];
  #version = '';
  #versionNumber = 0;
  #processId = 0;
  #lost: unknown;

  constructor(target: DatabaseTarget, options: ConnectOptions) {
    this.#target = target;
    this.#options = options;
    this.label = target.label;
    this.#client = this.#newClient();
    this.#secrets = secretsOf(target.url);
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

  async open(signal?: AbortSignal): Promise<void> {
    try {
      signal?.throwIfAborted();
      await this.#client.connect();
      const { rows } = await this.#client.query<{ version: string; number: string; pid: number }>(
        `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number, pg_backend_pid() AS pid`,
      );
      const row = rows[0];
      this.#version = (row?.version ?? '').split(' ')[0] ?? '';
      this.#versionNumber = Math.floor(Number(row?.number ?? 0) / 10_000);
      this.#processId = row?.pid ?? 0;
      if (this.#options.readOnly) await this.#client.query('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY');
    } catch (cause) {
      await this.#client.end().catch(() => undefined);
      throw this.#error(cause);
    }
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      const result = await this.#client.query<Row>(sql, [...parameters]);
      return result.rows;
    } catch (cause) {
      throw this.#error(cause, sql);
    }
  }

  async execute(sql: string, signal?: AbortSignal, onNotice?: (message: string) => void): Promise<void> {
    if (signal?.aborted === true) throw cancelled();
    const cancel = (): void => {
      void this.#cancel();
    };
    const tell = (notice: { readonly message?: string | undefined }): void => {
      onNotice?.(notice.message ?? '');
    };
    signal?.addEventListener('abort', cancel, { once: true });
    this.#client.on('notice', tell);
    try {
      await this.#client.query(sql);
    } catch (cause) {
      throw this.#error(cause, sql);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#client.off('notice', tell);
    }
  }

  async begin(): Promise<void> {
    await this.execute('BEGIN');
  }

  async commit(): Promise<void> {
    await this.execute('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.execute('ROLLBACK');
  }

  async lockMigrations(key: bigint, timeoutMs: number, signal?: AbortSignal): Promise<AsyncDisposable> {
    const parameters = [key.toString()];
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (signal?.aborted === true) throw cancelled();
      const rows = await this.query('SELECT pg_try_advisory_lock($1::bigint) AS locked', parameters);
      if (rows[0]?.['locked'] === true) break;
      if (Date.now() >= deadline) {
        const holders = await this.query(
          `SELECT a.pid, a.application_name, a.usename FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint`,
          parameters,
        );
        const who = holders
          .map(
            (holder) =>
              `process ${String(holder['pid'])} (${String(holder['application_name'] ?? '')}, ${String(holder['usename'] ?? '')})`,
          )
          .join(', ');
        throw new DatabaseError({
          kind: 'locked',
          message: `Another run of migrations holds the lock${who === '' ? '' : `: ${who}`}. Wait until it has ended, then run again.`,
        });
      }
      await setTimeout(LOCK_POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
    return {
      [Symbol.asyncDispose]: async () => {
        // A lost session has released the lock by itself.
        await this.query('SELECT pg_advisory_unlock($1::bigint)', parameters).catch(() => undefined);
      },
    };
  }

  async blockers(): Promise<readonly string[]> {
    const watcher = this.#newClient();
    watcher.on('error', () => undefined);
    try {
      await watcher.connect();
      const { rows } = await watcher.query<{
        pid: number;
        application: string | null;
        user: string | null;
        age: string | null;
      }>(
        `SELECT pid, application_name AS application, usename AS user, to_char(now() - xact_start, 'HH24:MI:SS') AS age
           FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1))`,
        [this.#processId],
      );
      return rows.map(
        (row) =>
          `process ${row.pid} of ${row.user ?? 'an unknown user'}${row.application === null || row.application === '' ? '' : ` (${row.application})`}, in its transaction for ${row.age ?? 'an unknown time'}`,
      );
    } catch {
      // Who blocks is a help to the reader; that it cannot be asked must not hide why the run waits.
      return [];
    } finally {
      await watcher.end().catch(() => undefined);
    }
  }

  async setLockTimeout(milliseconds: number, scope: 'session' | 'transaction'): Promise<void> {
    await this.query(`SELECT set_config('lock_timeout', $1, $2)`, [`${milliseconds}ms`, scope === 'transaction']);
  }

  async catalog(): Promise<Schema> {
    return readPostgresCatalog(
      (sql, parameters) => this.query(sql, parameters),
      this.#versionNumber,
      this.#options.expressionOf,
      this.#options.parse,
    );
  }

  async live(): Promise<LiveFacts> {
    return readPostgresLive((sql, parameters) => this.query(sql, parameters));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A connection that is lost already cannot be ended in order, and need not be.
    await this.#client.end().catch(() => undefined);
  }

  /** Asks the server from a second session to stop what this one runs. */
  async #cancel(): Promise<void> {
    const second = this.#newClient();
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

  #newClient(): pg.Client {
    return new pg.Client({
      connectionString: this.#target.url,
      application_name: this.#options.applicationName,
      connectionTimeoutMillis: this.#options.connectTimeoutMs,
    });
  }

  #error(cause: unknown, sql?: string): DatabaseError {
    return postgresError(this.#lost ?? cause, this.label, this.#secrets, sql);
  }
}

function cancelled(): DatabaseError {
  return new DatabaseError({ kind: 'cancelled', message: 'The run was cancelled.' });
}

/** The URL's password, as written and decoded. */
function secretsOf(url: string): readonly string[] {
  try {
    const { password } = new URL(url);
    return password === '' ? [] : [password, decodeURIComponent(password), url];
  } catch {
    // `parseDatabaseUrl` lets no such URL through; the whole text counts as a secret all the same.
    return [url];
  }
}
