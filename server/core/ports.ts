/** One entry of a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory';
}

/** What a write does with the files it names: all or none, nothing else touched. */
export interface FileChange {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly action: 'create' | 'edit' | 'delete';
  /** The whole new text; empty for `delete`. */
  readonly text: string;
  /** For `delete`: the folder is this migration's own, and goes too once nothing is left in it. */
  readonly withFolder?: true;
  /** For `create`: the document that this machine-written file goes along with; people are shown its name alone. */
  readonly goesWith?: string;
}

/**
 * Files as the engine sees them: paths are absolute with `/`, texts are strings.
 *
 * `readText` rejects when the file is missing; a byte that is no UTF-8 becomes a lone surrogate, a BOM is kept.
 */
export interface FileSystem {
  readText(path: string): Promise<string>;
  readDirectory(path: string): Promise<readonly DirectoryEntry[]>;
  exists(path: string): Promise<boolean>;
}

/** Files that may be changed too; `create` refuses to replace an existing file. */
export interface WritableFileSystem extends FileSystem {
  create(path: string, text: string): Promise<void>;
  replace(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Takes a folder away where it is empty; leaves it, and says nothing, where it is not. */
  removeEmptyFolder(path: string): Promise<void>;
}

/** Wall clock and timers. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Does `act` later, unless the function that is given back has been called before. */
  after(milliseconds: number, act: () => void): () => void;
}

/** A program with its words; no shell reads them. */
export interface CommandLine {
  readonly command: string;
  readonly words: readonly string[];
  /** Absolute: where it runs. */
  readonly folder: string;
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a program ended. `missing`: there is none of this name that can be run here. */
export type CommandEnd =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'cancelled' };

/** Programs of other makers, which run because a person asked for it. */
export interface Commands {
  /** Runs one to its end; `onLine` gets what it prints, line by line, errors too. A signal ends it with all that it started. */
  run(line: CommandLine, onLine: (line: string) => void, signal?: AbortSignal): Promise<CommandEnd>;
}
