import { DatabaseError, type Connection, type Row } from '../../drivers/driver.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { MigrationFile } from '../../model/migration.ts';
import type {
  AppliedMigration,
  FolderTexts,
  History,
  HistoryEntry,
  LateArrival,
  OpenHistory,
  ScriptedHistory,
} from '../history.ts';
import { type Cells, HistoryTable, isSql, quoted, type HistoryTablePlace } from './history-table.ts';

/** What a row says. `key` is compared with `RowHistory.key` of the files. */
export interface RowFact extends Omit<AppliedMigration, 'id'> {
  readonly key: string;
  /** What the table has, where that is more than `key`. */
  readonly written?: string;
  /** The row takes back what earlier ones say of this key. */
  readonly undone?: boolean;
}

/** When a row is written. */
export interface RowMoment {
  readonly startedAt: Date;
  /** Undefined while the work goes on, or where it failed. */
  readonly finishedAt?: Date;
  readonly executionMs: number;
  readonly failure?: string;
}

/** Where a row goes, for values that are SQL. */
export interface RowPlace {
  /** The table, quoted and qualified. */
  readonly table: string;
  readonly dialect: EngineId;
}

/** A history of one row, or more, for each migration. */
export interface RowHistory extends HistoryTablePlace {
  readonly lateArrival: LateArrival;
  /** What the table keeps of a migration, in the form of `RowFact.key`. */
  readonly key: (migration: MigrationFile, folder: FolderTexts) => string;
  /** The cells that identify the migration's row. */
  readonly where: (migration: MigrationFile, folder: FolderTexts) => Cells;
  /** Older releases of the tool left several rows of one migration, which all go when it is reverted. */
  readonly mayBeSeveral?: boolean;
  readonly row: (migration: MigrationFile, folder: FolderTexts, moment: RowMoment, place: RowPlace) => Cells;
  readonly fact: (row: Row) => RowFact | undefined;
  /** Column that rows are read in the order of, where a later one may take back an earlier one. */
  readonly order?: string;
  /** A row without `finishedAt` says that the migration was begun: it is written before work outside a transaction. */
  readonly marksStart?: boolean;
  readonly checksums?: (migration: MigrationFile, folder: FolderTexts) => readonly string[];
  /** Why this history cannot be on a database of this kind: a sentence; undefined where it can. */
  readonly refuses?: (dialect: EngineId) => string | undefined;
  readonly lockKey?: (connection: Connection, schema: string) => Promise<bigint>;
}

/** The history of a tool that keeps every id. */
export function rowHistory(spec: RowHistory): History {
  return {
    table: spec.schema === undefined ? spec.table : `${spec.schema}.${spec.table}`,
    lateArrival: spec.lateArrival,
    checksums: spec.checksums ?? (() => []),
    ...(spec.marksStart === true ? {} : { scripted: scriptedOf(spec) }),
    async open(connection) {
      const refusal = spec.refuses?.(connection.dialect);
      if (refusal !== undefined) throw new DatabaseError({ kind: 'wrong-kind', message: refusal });
      const table = await HistoryTable.open(connection, spec);
      const lockKey =
        spec.lockKey === undefined || table.schema === undefined
          ? undefined
          : await spec.lockKey(connection, table.schema);
      return new OpenRows(spec, table, lockKey);
    },
  };
}

/** The table's name, its definition and its rows in SQL. */
function scriptedOf(spec: RowHistory): ScriptedHistory {
  const table = spec.schema === undefined ? quoted(spec.table) : `${quoted(spec.schema)}.${quoted(spec.table)}`;
  const epoch = new Date(0);
  return {
    table,
    create: (dialect) => [
      ...(spec.schema === undefined ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoted(spec.schema)}`]),
      `CREATE TABLE IF NOT EXISTS ${table} (${spec.columns(dialect).join(', ')})`,
      ...(spec.afterCreate?.(table, dialect) ?? []),
    ],
    where: spec.where,
    row: (migration, folder, dialect) =>
      spec.row(migration, folder, { startedAt: epoch, finishedAt: epoch, executionMs: 0 }, { table, dialect }),
  };
}

class OpenRows implements OpenHistory {
  readonly #spec: RowHistory;
  readonly #table: HistoryTable;
  readonly lockKey?: bigint;

  constructor(spec: RowHistory, table: HistoryTable, lockKey: bigint | undefined) {
    this.#spec = spec;
    this.#table = table;
    if (lockKey !== undefined) this.lockKey = lockKey;
  }

  get table(): string {
    return this.#table.name;
  }

  get exists(): boolean {
    return this.#table.exists;
  }

  get marksStart(): boolean {
    return this.#spec.marksStart === true;
  }

  ensure(): Promise<void> {
    return this.#table.ensure();
  }

  async read(folder: FolderTexts): Promise<readonly AppliedMigration[]> {
    const ids = new Map(
      folder.migrations.migrations.map((migration) => [this.#spec.key(migration, folder), migration.id] as const),
    );
    const facts = new Map<string, AppliedMigration>();
    for (const row of await this.#table.rows(this.#spec.order)) {
      const fact = this.#spec.fact(row);
      if (fact === undefined) continue;
      const { key, written, undone, ...rest } = fact;
      if (undone === true) facts.delete(key);
      else facts.set(key, { ...rest, id: ids.get(key) ?? written ?? key });
    }
    return [...facts.values()];
  }

  async run(entry: HistoryEntry, work: () => Promise<void>): Promise<void> {
    if (entry.direction === 'down') return this.#revert(entry, work);
    const startedAt = entry.now();
    const cells = (moment: Omit<RowMoment, 'startedAt'>): Cells =>
      this.#spec.row(entry.migration, entry.folder, { startedAt, ...moment }, this.#place());
    const finished = (): Cells => {
      const finishedAt = entry.now();
      return cells({ finishedAt, executionMs: finishedAt.getTime() - startedAt.getTime() });
    };
    if (entry.inTransaction) {
      const first = cells({ finishedAt: startedAt, executionMs: 0 });
      const row = await writtenWith(this.#table.insert(first), work);
      return this.#complete(entry, row, first, finished());
    }
    if (!this.marksStart) {
      await work();
      await this.#table.insert(finished());
      return;
    }
    const begun = entry.isResumed === true ? await this.#begun(entry) : undefined;
    // What an earlier run began is this one's; else the row is written first.
    const first = begun === undefined ? cells({ executionMs: 0 }) : {};
    const row = begun ?? (await this.#table.insert(first));
    try {
      await work();
    } catch (cause) {
      await this.#fail(entry, row, first, cells, cause);
      throw cause;
    }
    await this.#complete(entry, row, first, finished());
  }

  /** What is known at the end only. */
  async #complete(entry: HistoryEntry, row: Row, first: Cells, finished: Cells): Promise<void> {
    const last = changed(first, finished);
    if (Object.keys(last).length > 0) await this.#table.update(this.#identity(entry, row, first), last);
  }

  async mark(entry: HistoryEntry): Promise<void> {
    if (entry.direction === 'down') await this.#forget(entry);
    else {
      const at = entry.now();
      await this.#table.insert(
        this.#spec.row(entry.migration, entry.folder, { startedAt: at, finishedAt: at, executionMs: 0 }, this.#place()),
      );
    }
  }

  async #forget(entry: HistoryEntry): Promise<void> {
    await this.#table.delete(this.#spec.where(entry.migration, entry.folder), this.#spec.mayBeSeveral);
  }

  #place(): RowPlace {
    return { table: this.#table.sql, dialect: this.#table.connection.dialect };
  }

  async #revert(entry: HistoryEntry, work: () => Promise<void>): Promise<void> {
    if (entry.inTransaction) {
      await writtenWith(this.#forget(entry), work);
      return;
    }
    await work();
    await this.#forget(entry);
  }

  /** The row that an earlier run wrote when it began this migration; undefined where it was ended before that. */
  async #begun(entry: HistoryEntry): Promise<Row | undefined> {
    const key = this.#spec.key(entry.migration, entry.folder);
    return (await this.#table.rows(this.#spec.order)).findLast((row) => {
      const fact = this.#spec.fact(row);
      return fact?.key === key && fact.failed === true;
    });
  }

  /** The mark of a start is taken back where nothing was left behind, and says why it stays where something may have been. */
  async #fail(
    entry: HistoryEntry,
    row: Row,
    first: Cells,
    cells: (moment: Omit<RowMoment, 'startedAt'>) => Cells,
    cause: unknown,
  ): Promise<void> {
    try {
      const where = this.#identity(entry, row, first);
      if (entry.isUndone?.(cause) === true) await this.#table.delete(where);
      else {
        const failed = changed(
          first,
          cells({ executionMs: 0, failure: cause instanceof Error ? cause.message : String(cause) }),
        );
        if (Object.keys(failed).length > 0) await this.#table.update(where, failed);
      }
    } catch {
      // The session is gone: the mark of the start stays, and says what it must. The failure itself is passed on.
    }
  }

  /** What finds the row again that was just written: its own identity, which the database may have given. */
  #identity(entry: HistoryEntry, row: Row, first: Cells): Cells {
    const where = this.#spec.where(entry.migration, entry.folder);
    const given = Object.entries(first).filter(([, value]) => isSql(value));
    return given.length === 0
      ? where
      : // A value that SQL gave is a number or a text.
        Object.fromEntries(given.map(([column]) => [column, row[column] as number | string]));
  }
}

/**
 * Waits for what is written within a transaction and for the work that goes along with it, which is not done where the
 * first is refused: the failure of that is the one to tell.
 */
async function writtenWith<Value>(written: Promise<Value>, work: () => Promise<void>): Promise<Value> {
  const done = work();
  await Promise.allSettled([written, done]);
  const value = await written;
  await done;
  return value;
}

/** The cells of `last` that differ from those of `first`, leaving out those that the database gives. */
function changed(first: Cells, last: Cells): Cells {
  return Object.fromEntries(
    Object.entries(last).filter(([column, value]) => {
      if (isSql(value)) return false;
      const before = first[column];
      return value instanceof Date && before instanceof Date
        ? value.getTime() !== before.getTime()
        : value instanceof Uint8Array || Array.isArray(value)
          ? false
          : value !== before;
    }),
  );
}

/** A row's time, as the drivers give it. */
export function timeOf(value: unknown): Date | undefined {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return new Date(Number(value));
  const text = String(value);
  // SQLite's CURRENT_TIMESTAMP is UTC without saying so.
  const date = new Date(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
