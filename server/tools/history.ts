import type { Connection } from '../drivers/driver.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Cells } from './blocks/history-table.ts';
import type { MigrationFile, MigrationFolder } from '../model/migration.ts';

/** The folder as read, with its texts: a `Project` is one. */
export interface FolderTexts {
  readonly migrations: MigrationFolder;
  /** Paths are relative to the project's root; undefined where there is no such document. */
  textOf(path: string): string | undefined;
}

/** What a tool's history knows of one migration. */
export interface AppliedMigration {
  /** The migration's id where a file has it, else what the history keeps. */
  readonly id: string;
  readonly name?: string;
  /** In the tool's own form; undefined where the tool keeps none. */
  readonly checksum?: string;
  readonly appliedAt?: Date;
  /** It was begun and did not end: dirty, no finish time, no success. */
  readonly failed?: boolean;
  /** It was not run but marked: all versioned migrations up to it count as done. */
  readonly isBaseline?: boolean;
}

/** One migration that is run, in one direction. */
export interface HistoryEntry {
  readonly migration: MigrationFile;
  readonly direction: 'up' | 'down';
  readonly folder: FolderTexts;
  /** Whether the migration's own transaction is open around `run`, so that what it wrote is taken back with it. */
  readonly inTransaction: boolean;
  now(): Date;
  /** An earlier run began it and did not end: what the history keeps of that start is this one's. */
  readonly isResumed?: boolean;
  /** Whether what `work` rejected with left nothing behind: a mark of its start is then taken back. Absent: it may have. */
  isUndone?(cause: unknown): boolean;
}

/** What a pending migration older than the newest applied one meets: runs late, is refused, never runs. */
export type LateArrival = 'runs' | 'refused' | 'never-runs';

/** The history in SQL, for scripts that ask and write it by themselves: of tools with a row for each applied migration and no other. */
export interface ScriptedHistory {
  /** Quoted; of the search path, unless the tool names a schema. */
  readonly table: string;
  /** Statements that make it where it is missing. */
  readonly create: (dialect: EngineId) => readonly string[];
  /** What identifies a migration's row. */
  readonly where: (migration: MigrationFile, folder: FolderTexts) => Cells;
  /** The whole row; a `Date` is when it is applied. */
  readonly row: (migration: MigrationFile, folder: FolderTexts, dialect: EngineId) => Cells;
}

/** How a tool remembers what it has applied. Knows no connection; `open` gives its table on one. */
export interface History {
  /** As people know it: `schema_migrations`. */
  readonly table: string;
  readonly lateArrival: LateArrival;
  /** Left out where a row may say more than that a migration is applied, or none says it. */
  readonly scripted?: ScriptedHistory;
  /** Only the tool itself writes it. */
  readonly isReadOnly?: true;
  /**
   * What the tool keeps of a migration's text: the form that is written first, then others that it takes as equal. Empty
   * where it keeps none. Line ends do not count where they do not for the tool.
   */
  checksums(migration: MigrationFile, folder: FolderTexts): readonly string[];
  /**
   * Finds the table, or where it will be made: its schema is settled here, once, and every statement names it.
   *
   * Errors: rejects with `DatabaseError`.
   */
  open(connection: Connection): Promise<OpenHistory>;
}

/** A tool's history on one connection. Every member runs on that connection, in whatever transaction is open there. */
export interface OpenHistory {
  /** For people, with its schema where that is not plain: `public.schema_migrations`. */
  readonly table: string;
  /** As of `open` or `ensure`. */
  readonly exists: boolean;
  /** Key of the tool's own advisory lock on PostgreSQL, where it takes one. */
  readonly lockKey?: bigint;
  /** The history itself marks what was begun and did not end, outside a transaction too. */
  readonly marksStart: boolean;
  /** Makes the table, and its schema, where they are missing, as the tool makes them. */
  ensure(): Promise<void>;
  /** Facts in any order; none where the table does not exist. */
  read(folder: FolderTexts): Promise<readonly AppliedMigration[]>;
  /**
   * Does `work` and keeps the history with it: rows, ranks, dirty flags and high-water marks before and after.
   *
   * A row that is inserted, changed or deleted must be exactly one, else it rejects with a `DatabaseError`: somebody else
   * was here. What `work` rejects with is passed on, after a mark that outlives it has been set. Inside a transaction the
   * row comes before the work, so that a second runner waits for it; outside, it comes after the work unless
   * `marksStart`.
   */
  run(entry: HistoryEntry, work: () => Promise<void>): Promise<void>;
  /** Writes or takes away what says that a migration was applied, without running it. */
  mark(entry: HistoryEntry): Promise<void>;
}
