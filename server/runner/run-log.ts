import { randomUUID } from 'node:crypto';
import { byEngine } from '../model/engine-id.ts';
import type { Connection, Row } from '../drivers/driver.ts';
import { HistoryTable, type Cells, type HistoryTablePlace } from '../tools/blocks/history-table.ts';

const PLACE: HistoryTablePlace = {
  table: 'lockstep_log',
  columns: (dialect) => {
    const time = byEngine(dialect, { postgresql: 'timestamptz', sqlite: 'text' });
    return [
      'id text PRIMARY KEY',
      'action text NOT NULL',
      'migration_id text NOT NULL',
      'done_by text NOT NULL',
      'database_user text NOT NULL',
      `begun_at ${time} NOT NULL`,
      'duration_ms bigint',
      'outcome text NOT NULL',
      'message text',
      'from_version text',
      'lockstep_version text NOT NULL',
    ];
  },
  needs: ['id', 'action', 'migration_id', 'outcome'],
};

/** What was done to a migration, or to what the history says of it. */
export type LoggedAction = 'apply' | 'revert' | 'mark' | 'unmark' | 'accept' | 'baseline' | 'take-over' | 'hand-back';

/**
 * How it ended. `begun`: nobody wrote the end, so that the history alone says what stands of it; `partly-done`: a part stands;
 * `unknown`: the run itself did not learn it.
 */
export type LoggedOutcome = 'begun' | 'done' | 'not-done' | 'partly-done' | 'unknown';

/** Who runs, as the log keeps it. */
export interface Auditor {
  /** A person or a machine, such as `ann@build7`. */
  readonly by: string;
  /** Of Lockstep. */
  readonly version: string;
}

/** One line of the log. */
export interface LogEntry {
  readonly action: LoggedAction;
  readonly migration: string;
  readonly by: string;
  readonly databaseUser: string;
  /** ISO 8601. */
  readonly begunAt: string;
  /** Milliseconds; null where the end was not written. */
  readonly durationMs: number | null;
  readonly outcome: LoggedOutcome;
  readonly message: string | null;
  /** The newest migration that was applied before; null where none was. */
  readonly fromVersion: string | null;
  readonly lockstepVersion: string;
}

/** An entry whose end is still to be written. */
export interface OpenEntry {
  readonly id: string;
  readonly begunAt: Date;
}

/**
 * The log of what was run on a database, in that database. An entry is committed before the work, and its good end is written in
 * the transaction of the work, so that whoever is ended at any point leaves nothing that is not so.
 */
export class RunLog {
  readonly #connection: Connection;
  readonly #table: HistoryTable;
  readonly #auditor: Auditor;

  private constructor(connection: Connection, table: HistoryTable, auditor: Auditor) {
    this.#connection = connection;
    this.#table = table;
    this.#auditor = auditor;
  }

  /**
   * The log, with its table made where it is missing; undefined where nobody is to be written into one. Outside a transaction.
   * Errors: rejects with `DatabaseError`.
   */
  static async open(connection: Connection, auditor: Auditor | undefined): Promise<RunLog | undefined> {
    if (auditor === undefined) return undefined;
    const table = await HistoryTable.open(connection, PLACE);
    await table.ensure();
    return new RunLog(connection, table, auditor);
  }

  async begin(action: LoggedAction, migration: string, fromVersion: string | null, now: Date): Promise<OpenEntry> {
    const entry = { id: randomUUID(), begunAt: now };
    await this.#table.insert({ ...(await this.#cells(entry, action, migration, fromVersion)), outcome: 'begun' });
    return entry;
  }

  /** In whatever transaction is open. */
  async end(
    { id, begunAt }: OpenEntry,
    outcome: Exclude<LoggedOutcome, 'begun'>,
    now: Date,
    message?: string,
  ): Promise<void> {
    await this.#table.update(
      { id },
      { outcome, duration_ms: now.getTime() - begunAt.getTime(), message: message ?? null },
    );
  }

  /** Takes an entry back of which nothing was done here. */
  async forget({ id }: OpenEntry): Promise<void> {
    await this.#table.delete({ id });
  }

  /** An entry of what is done in the transaction that is open. */
  async note(action: LoggedAction, migration: string, now: Date, message?: string): Promise<void> {
    await this.#table.insert({
      ...(await this.#cells({ id: randomUUID(), begunAt: now }, action, migration, null)),
      outcome: 'done',
      duration_ms: 0,
      message: message ?? null,
    });
  }

  async #cells(entry: OpenEntry, action: LoggedAction, migration: string, fromVersion: string | null): Promise<Cells> {
    return {
      id: entry.id,
      action,
      migration_id: migration,
      done_by: this.#auditor.by,
      database_user: byEngine<Cells[string]>(this.#connection.dialect, {
        postgresql: { sql: 'session_user' },
        sqlite: '',
      }),
      begun_at: entry.begunAt,
      from_version: fromVersion,
      lockstep_version: this.#auditor.version,
    };
  }
}

/** The log of a database, oldest first; none where nothing was ever written. Errors: rejects with `DatabaseError`. */
export async function readLog(connection: Connection): Promise<readonly LogEntry[]> {
  return (await (await HistoryTable.open(connection, PLACE)).rows('begun_at')).map(entryOf);
}

function entryOf(row: Row): LogEntry {
  const text = (name: string): string | null => {
    const value = row[name];
    return value === null || value === undefined ? null : String(value);
  };
  const begun = row['begun_at'];
  return {
    // Only these words are ever written.
    action: String(row['action']) as LoggedAction,
    migration: String(row['migration_id']),
    by: String(row['done_by']),
    databaseUser: String(row['database_user']),
    begunAt: begun instanceof Date ? begun.toISOString() : String(begun),
    durationMs: row['duration_ms'] === null ? null : Number(row['duration_ms']),
    outcome: String(row['outcome']) as LoggedOutcome,
    message: text('message'),
    fromVersion: text('from_version'),
    lockstepVersion: String(row['lockstep_version']),
  };
}
