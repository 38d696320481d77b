import type { FileChange, FileSystem } from '../core/ports.ts';
import type { Language } from '../languages/language.ts';
import type { Directives } from '../model/directives.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { DocumentLayout, MigrationFile, MigrationFolder } from '../model/migration.ts';
import type { Schema } from '../model/schema.ts';
import type { Step } from '../planner/step.ts';
import type { FolderTexts } from './history.ts';

/** Text of new migrations, and where it goes. */
export interface NewFiles {
  readonly migrations: readonly MigrationFile[];
  readonly changes: readonly FileChange[];
}

/** A step as it is written; `changeId` goes into its header and is undefined for an empty migration made by `new`. */
export type WrittenStep = Step & { readonly changeId?: string };

export interface WriteRequest {
  /** What is there: new ids sort after the newest of it. */
  readonly folder: FolderTexts;
  readonly steps: readonly WrittenStep[];
  readonly dialect: EngineId;
  /** Gives timestamps to tools that number by time. */
  readonly now: Date;
}

/** A change of the database for which a program has something to do. */
export interface ProgramChange {
  readonly id: string;
  /** The version of the application that its steps wait for, as they name it; undefined where they wait for none. */
  readonly deploy: string | undefined;
  /** Before its first step, and after its last. */
  readonly before: Schema;
  readonly after: Schema;
}

/** How one project's migrations are written. Reads no SQL beyond the tool's own headers and markers. Paths are relative to the root. */
export interface Format {
  /** Reads the folder; what is wrong with it is in `problems`. `root` is absolute. */
  list(files: FileSystem, root: string): Promise<MigrationFolder>;
  /** Whether a file at this path is, or would be, a document of a migration. */
  holds(path: string): boolean;
  /** How the tool cuts a document. `own`: what Lockstep's own lines in it say. `Headers` alone asks, once for each version. */
  layout(path: string, text: string, dialect: EngineId, own: Directives): DocumentLayout;
  /** The language that a document is written in; left out where all are SQL. */
  languageOf?(path: string): Language;
  /** Order of two ids as the tool runs them; also of ids without a file. */
  compareIds(left: string, right: string): number;
  /** Why the steps cannot be written in this format: a sentence; undefined where they can. */
  refuses?(steps: readonly WrittenStep[]): string | undefined;
  /** Files for new steps after the newest, in order. Without the sidecar files: see `settle`. */
  write(request: WriteRequest): NewFiles;
  /** Whether a migration has to stay though nothing is left in it, since later ones build on what goes along with it. */
  keepsEmpty?(migration: MigrationFile, folder: FolderTexts): boolean;
  /** Takes a migration out of the folder with all its files. Without the sidecar files: see `settle`. */
  remove(migration: MigrationFile, folder: FolderTexts): readonly FileChange[];
  /**
   * The changes, and those of the files that go along with documents (sums, journals, snapshots), so that all agree again.
   * Left out by formats without such files.
   */
  settle?(changes: readonly FileChange[], folder: FolderTexts): readonly FileChange[];
  /**
   * What is to be done in the program beside the steps of a change, as a section of Markdown; none where there is nothing.
   * Left out by tools that compare no model of the program with the migrations.
   */
  programSection?(change: ProgramChange): readonly string[];
}
