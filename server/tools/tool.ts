import type { FileSystem } from '../core/ports.ts';
import type { Remark } from '../languages/language.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Applier } from './applier.ts';
import type { FileTree } from './file-tree.ts';
import type { Format } from './format.ts';
import type { ReadScript, ScriptSplitter } from './guarded-script.ts';
import type { History } from './history.ts';

/** A table that only one tool makes: who sees it in a database knows whose history it is. */
export interface TellingTable {
  /** As the tool names it unless it is told otherwise, and spelt as the database keeps it. */
  readonly table: string;
  /** Columns that no table of this name has by chance. */
  readonly columns: readonly string[];
  /** Whose it is, where that is not the tool that has it here. */
  readonly of?: string;
}

/** One migration tool: how its projects are found. */
export interface Tool {
  /** As `files[].tool` in JSON: `sql-pairs`, `dbmate`. */
  readonly id: string;
  readonly title: string;
  /** Names of the files that configure it: a change of one may move or rename a project. */
  readonly configurationFiles: readonly string[];
  /** Names of the files that go along with migrations, with `*` for any part: `metadata.toml`, `*.sql.conf`. */
  readonly sidecarFiles: readonly string[];
  /**
   * By which its history is known in a database of another project. Absent where several tools use the name, or an
   * application may for itself: `schema_migrations`, `migrations`, `changelog`.
   */
  readonly tellingTables?: readonly TellingTable[];
  /** Globs of names of the program's files of which something may be said, where it is any. */
  readonly programFiles?: readonly string[];
  /** Reads a script that the tool made for a database of an engine; undefined for what is none of its. Absent where it makes none. */
  readonly readScript?: (text: string, engine: ScriptSplitter) => ReadScript | undefined;
  /** Projects of this tool in a workspace. Nothing of the workspace is run. */
  find(tree: FileTree): Promise<readonly ToolProject[]>;
  /** The project in a folder that a person named for this tool, empty or not. */
  at(tree: FileTree, folder: string): Promise<ToolProject>;
}

/** A file of the program that the migrations belong to, with what is said of it. */
export interface ToolSource {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
  readonly remarks: readonly Remark[];
}

/** One project: where its migrations are, how they are written, and how they are remembered. */
export interface ToolProject {
  readonly tool: Tool;
  /** Relative to the root; empty for the root itself. */
  readonly folder: string;
  /** How sure it is that the folder is this tool's; the surest of several tools has it. See `CERTAINTY`. */
  readonly certainty: number;
  readonly format: Format;
  readonly history: History;
  readonly applier: Applier;
  /** What the tool's own configuration says of the database. */
  readonly dialect?: EngineId;
  /** The product that its migrations are for, where no engine reads that: they are listed, and not analysed. */
  readonly unreadProduct?: string;
  /** Reads files of the program beside the migrations, those of which something is said; absent where nothing ever is. */
  readonly sources?: (files: FileSystem, root: string) => Promise<readonly ToolSource[]>;
  /** What is wrong with the tool's own configuration; paths are relative to the root. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** Grades of certainty, so that tools can be compared. */
export const CERTAINTY = {
  /** Names that other tools use too. */
  names: 10,
  /** A marker in a file that only this tool has, or names that only it uses. */
  marker: 20,
  /** The tool's own configuration or lock file names the folder. */
  configured: 30,
} as const;
