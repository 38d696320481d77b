import type { FileChange, FileSystem } from '../core/ports.ts';
import type { Connection } from '../drivers/driver.ts';
import type { DialectId, DocumentLayout, MigrationFile, MigrationFolder } from '../model/migration.ts';
import type { Step } from '../planner/step.ts';

/** One row of the tool's history table. */
export interface AppliedMigration {
  readonly id: string;
  readonly name?: string;
  /** In the tool's own form; undefined where the tool keeps none. */
  readonly checksum?: string;
  readonly appliedAt?: Date;
  readonly failed?: boolean;
}

/** What the runner records for one applied migration. */
export interface HistoryEntry {
  readonly id: string;
  readonly name: string;
  readonly upText: string;
  readonly appliedAt: Date;
  readonly executionMs: number;
}

/**
 * The tool's history table. Every member runs on the connection it is given, inside whatever transaction is open there,
 * so that a migration and its row commit together.
 */
export interface History {
  /** As people know it: `schema_migrations`. */
  readonly table: string;
  exists(connection: Connection): Promise<boolean>;
  ensure(connection: Connection): Promise<void>;
  /** Rows in any order; only called when the table exists. */
  read(connection: Connection): Promise<readonly AppliedMigration[]>;
  record(connection: Connection, entry: HistoryEntry): Promise<void>;
  remove(connection: Connection, id: string): Promise<void>;
  /** In the form of `AppliedMigration.checksum`; undefined where the tool keeps none. Line ends do not count. */
  checksum(upText: string): string | undefined;
  /** What a pending migration older than the newest applied one meets: runs late, is refused, never runs. */
  readonly lateArrival: 'runs' | 'refused' | 'never-runs';
  /** Key of the tool's own advisory lock on PostgreSQL, where it takes one. */
  readonly advisoryLockKey?: bigint;
}

/** Text of a new migration, and where it goes. */
export interface NewFiles {
  readonly migrations: readonly MigrationFile[];
  readonly changes: readonly FileChange[];
}

/** One migration tool's format. Reads no SQL beyond its own headers and markers. */
export interface Adapter {
  /** As `files[].tool` in JSON: `sql-pairs`, `dbmate`. */
  readonly id: string;
  readonly title: string;
  /** How sure it is that `folder` (absolute) holds its migrations: 0 is not at all; the highest wins. */
  detect(files: FileSystem, root: string, folder: string): Promise<number>;
  /** `folder` is relative to `root`, which is absolute. */
  list(files: FileSystem, root: string, folder: string): Promise<MigrationFolder>;
  /** Whether a file of this name is a migration's document (either half). */
  owns(fileName: string): boolean;
  layout(path: string, text: string, dialect: DialectId): DocumentLayout;
  readonly history: History;
  /**
   * Files for new steps after the newest of `existing`, with ids that sort behind it, in order.
   *
   * `now` gives timestamps to tools that number by time. `changeId` goes into the header of each step; undefined for an
   * empty migration made by `new`.
   */
  write(request: WriteRequest): NewFiles;
}

export interface WriteRequest {
  readonly folder: string;
  readonly existing: readonly MigrationFile[];
  /** Ids must sort after this migration and, where one follows it, the caller has made sure that is the newest. */
  readonly steps: readonly (Step & { readonly changeId?: string })[];
  readonly dialect: DialectId;
  readonly now: Date;
}
