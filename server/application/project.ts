import type { Applier } from '../tools/applier.ts';
import type { Format } from '../tools/format.ts';
import type { Headers } from '../tools/headers.ts';
import type { FolderTexts, History } from '../tools/history.ts';
import type { Tool } from '../tools/tool.ts';
import type { Engine, Target } from '../engines/engine.ts';
import type { ExplainedFile, FileReport, Finding, FixProposal, SkippedFix } from '../analysis/report.ts';
import type { WholeFix } from '../analysis/fix-whole.ts';
import type { LockHolder } from '../model/activity.ts';
import type { MigrationFolder } from '../model/migration.ts';
import type { RelationSize, Schema } from '../model/schema.ts';

/** What the connected database adds to lint: its catalog, and which migrations it has. */
export interface DatabaseFacts {
  readonly catalog?: Schema;
  readonly applied: ReadonlySet<string>;
  /** What the history keeps of each applied migration's text, by id; none where the tool keeps none. */
  readonly checksums?: ReadonlyMap<string, string>;
  readonly version: number;
  /** Locks that long transactions held when the database was read. */
  readonly holders?: readonly LockHolder[];
}

/** What a database that only `--database` names adds to lint of all migrations: which server it is, and how large its tables are. */
export interface ServerFacts {
  readonly version: number;
  readonly sizes: ReadonlyMap<string, RelationSize>;
}

/**
 * One folder of migrations of one tool, with everything that lint needs in memory.
 *
 * `open` and `refresh` read files; all other members are synchronous and do no I/O, so that a keystroke costs one
 * statement. Paths are relative to `root`, with `/`.
 */
export interface Project extends FolderTexts {
  readonly root: string;
  readonly folder: string;
  readonly tool: Tool;
  readonly format: Format;
  readonly history: History;
  readonly applier: Applier;
  /** Where `unreadProduct` is, only what parses nothing of it is of use. */
  readonly engine: Engine;
  /** See `ToolProject.unreadProduct`. */
  readonly unreadProduct: string | undefined;
  readonly target: Target;
  /** The folder as last read, open editor texts included. */
  readonly migrations: MigrationFolder;
  /** Reads the folder and every changed file again. */
  refresh(): Promise<void>;
  /** Text that an editor holds for a file, in place of what is on disk; undefined to go back to the disk's. */
  setText(path: string, text: string | undefined): void;
  textOf(path: string): string | undefined;
  /** What a document says of itself: how its tool cuts it, and its directives; undefined where there is none. */
  headersOf(path: string): Headers | undefined;
  setDatabase(facts: DatabaseFacts | undefined): void;
  /** Whether the path is a document of this project's tool in this folder. */
  owns(path: string): boolean;
  lint(path: string): FileReport;
  explain(path: string): ExplainedFile;
  /**
   * Remedies for the findings of a file, or for those that `isWanted` picks, each worked out in full; `now` gives ids to
   * tools that number by time. `values` are SQL of what old rows get, by `table.column` or `column`.
   */
  fixes(
    path: string,
    now: Date,
    isWanted?: (finding: Finding) => boolean,
    values?: ReadonlyMap<string, string>,
  ): { readonly fixes: readonly FixProposal[]; readonly skipped: readonly SkippedFix[] };
  /**
   * A file's migrations as one safe change each, worked out in full and checked; for the findings that `isWanted` picks, by
   * default all that are more than information.
   */
  fixWhole(
    path: string,
    now: Date,
    isWanted?: (finding: Finding) => boolean,
    values?: ReadonlyMap<string, string>,
  ): readonly WholeFix[];
}
