import type { FileSystem } from '../core/ports.ts';
import { folderPath, joinPath } from './folder.ts';

/** Folders below the root that are looked into, at the most: a workspace may hold anything. */
const MOST_FOLDERS = 5_000;
const MOST_DEPTH = 8;
/** What a build writes, which repeats what lies elsewhere; a package as it is published has nothing else. */
const BUILT: ReadonlySet<string> = new Set(['dist', 'build', 'out']);
const IGNORED: ReadonlySet<string> = new Set([
  'node_modules',
  'target',
  'vendor',
  'bin',
  'obj',
  'coverage',
  '__pycache__',
]);

/** One folder of the workspace. Names are in ordinal order. */
export interface FolderView {
  /** Relative to the root; empty for the root itself. */
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** The workspace as tools look for their projects in it: each folder and file is read once for all of them. */
export class FileTree {
  readonly root: string;
  readonly files: FileSystem;
  readonly #views = new Map<string, Promise<FolderView | undefined>>();
  readonly #texts = new Map<string, Promise<string | undefined>>();
  readonly #unreadable = new Map<string, unknown>();
  #walk: Promise<readonly FolderView[]> | undefined;

  readonly #isBuiltToo: boolean;

  /** `root` is absolute. `isBuiltToo` looks into what a build wrote as well. */
  constructor(files: FileSystem, root: string, isBuiltToo = false) {
    this.files = files;
    this.root = root;
    this.#isBuiltToo = isBuiltToo;
  }

  /** Every folder that may hold migrations, the root first, in the order of depth. */
  walk(): Promise<readonly FolderView[]> {
    this.#walk ??= this.#walkAll();
    return this.#walk;
  }

  /** A folder by its path; undefined where it cannot be read. */
  folder(path: string): Promise<FolderView | undefined> {
    const known = this.#views.get(path);
    if (known !== undefined) return known;
    const view = this.#read(path);
    this.#views.set(path, view);
    return view;
  }

  /** Files that are there and could not be read where a tool wanted to, with what was thrown. */
  get unreadable(): ReadonlyMap<string, unknown> {
    return this.#unreadable;
  }

  /** Paths and texts of the files that have been read so far. */
  async textsRead(): Promise<readonly (readonly [path: string, text: string])[]> {
    const all = [...this.#texts].map(async ([path, reading]) => [path, await reading] as const);
    return (await Promise.all(all)).flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const]));
  }

  /** Text of a file by its path; undefined where it cannot be read. */
  text(path: string): Promise<string | undefined> {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = this.files.readText(`${this.root}/${path}`).catch(async (cause: unknown) => {
      const slash = path.lastIndexOf('/');
      const beside = await this.folder(path.slice(0, Math.max(0, slash)));
      // Tools ask for what may be there; what is, and cannot be read, tells a tool nothing, and somebody else may have to know.
      if (beside?.files.includes(path.slice(slash + 1)) === true) this.#unreadable.set(path, cause);
      return undefined;
    });
    this.#texts.set(path, text);
    return text;
  }

  /** Files of these names anywhere below the root, by path. */
  async named(names: readonly string[]): Promise<readonly { readonly folder: string; readonly path: string }[]> {
    return (await this.walk()).flatMap((view) =>
      view.files
        .filter((name) => names.includes(name))
        .map((name) => ({ folder: view.path, path: joinPath(view.path, name) })),
    );
  }

  async #read(path: string): Promise<FolderView | undefined> {
    try {
      const entries = await this.files.readDirectory(folderPath(this.root, path));
      const names = (kind: 'file' | 'directory'): readonly string[] =>
        entries
          .filter((entry) => entry.kind === kind)
          .map((entry) => entry.name)
          .sort();
      return { path, files: names('file'), folders: names('directory') };
    } catch {
      // A folder that went away, or that may not be read, holds no migrations for us.
      return undefined;
    }
  }

  async #walkAll(): Promise<readonly FolderView[]> {
    const found: FolderView[] = [];
    const queue: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }];
    for (let visited = 0; visited < MOST_FOLDERS; visited++) {
      const next = queue.shift();
      if (next === undefined) break;
      const view = await this.folder(next.path);
      if (view === undefined) continue;
      found.push(view);
      if (next.depth === MOST_DEPTH) continue;
      for (const name of view.folders)
        if (!name.startsWith('.') && !IGNORED.has(name) && (this.#isBuiltToo || !BUILT.has(name)))
          queue.push({ path: joinPath(next.path, name), depth: next.depth + 1 });
    }
    return found;
  }
}
