import type { FileSystem } from '../core/ports.ts';
import {
  MOST_USES,
  soughtKey,
  UseFinder,
  type CodeUse,
  type CodeUses,
  type SoughtName,
} from '../analysis/code-uses.ts';
import { readIgnoreFile } from './ignore-file.ts';

/** Source files that one search looks at, at most. */
const MOST_FILES = 20_000;
/** Characters of a file beyond which it is taken for generated. */
const MOST_FILE_LENGTH = 500_000;
/** Time after which a search ends with what it has. */
const BUDGET_MS = 3_000;
/** Age at which an answer is looked for again: source files change without anyone telling. */
const STALE_MS = 300_000;
/** How many files are read at once. */
const READ_CONCURRENCY = 32;

/** Endings of files that people write code in; data and locks have none of these. */
const SOURCE =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|py|rb|erb|go|rs|java|kts?|scala|groovy|cs|cshtml|razor|fs|vb|php|twig|exs?|eex|heex|erl|clj[cs]?|swift|dart|c|cc|cpp|h|hpp|m|mm|pl|pm|lua|r|jl|hs|ml|nim|cr|sql|graphql|gql|prisma|proto|ya?ml|toml|html|hbs|ejs)$/i;
/** Folders that hold what others wrote or a tool made, whatever the ignore files say. */
const FOREIGN = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  'vendor',
  'bower_components',
  '.venv',
  'venv',
  '__pycache__',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.gradle',
  '.terraform',
]);

export interface CodeSearchOptions {
  readonly files: FileSystem;
  /** Absolute, with `/`. */
  readonly root: string;
  /** Folders that are left out, relative to the root: migrations name everything that ever was. */
  readonly exclude: readonly string[];
  /** Milliseconds of any clock, for the time that a search may take. */
  readonly now: () => number;
}

/** Looks through the workspace's source files for tables and columns, and keeps what it found until it is told to forget. */
export class CodeSearch {
  readonly #options: CodeSearchOptions;
  readonly #known = new Map<string, { readonly uses: CodeUses; readonly at: number }>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: CodeSearchOptions) {
    this.#options = options;
  }

  /** Undefined where nobody has searched yet, or not for a while. */
  usesOf(name: SoughtName): CodeUses | undefined {
    const known = this.#known.get(soughtKey(name));
    return known === undefined || this.#options.now() - known.at > STALE_MS ? undefined : known.uses;
  }

  /** Source files have changed. */
  forget(): void {
    this.#known.clear();
  }

  /** Searches for the names that are not known yet, all in one pass; resolves to whether there were any. One search runs at a time. */
  async search(names: readonly SoughtName[], signal?: AbortSignal): Promise<boolean> {
    const before = this.#running;
    let end = (): void => undefined;
    this.#running = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    try {
      const missing = [...new Map(names.map((name) => [soughtKey(name), name])).values()].filter(
        (name) => this.usesOf(name) === undefined,
      );
      if (missing.length === 0) return false;
      await this.#look(missing, signal);
      return true;
    } finally {
      end();
    }
  }

  async #look(names: readonly SoughtName[], signal: AbortSignal | undefined): Promise<void> {
    const { files, root, now } = this.#options;
    const deadline = now() + BUDGET_MS;
    const isOver = (): boolean => signal?.aborted === true || now() > deadline;
    const { paths, isComplete } = await this.#sourcePaths(isOver);
    const finder = new UseFinder(names);
    const found = new Map<string, { readonly uses: CodeUse[]; count: number }>(
      names.map((name) => [soughtKey(name), { uses: [], count: 0 }]),
    );
    let looked = 0;
    for (let start = 0; start < paths.length && !isOver(); start += READ_CONCURRENCY) {
      const batch = paths.slice(start, start + READ_CONCURRENCY);
      const texts = await Promise.all(batch.map((path) => files.readText(`${root}/${path}`).catch(() => ''))); // A file that is gone by now names nothing.
      for (const [index, text] of texts.entries()) {
        looked++;
        if (text.length > MOST_FILE_LENGTH) continue;
        for (const [key, uses] of finder.find(batch[index] ?? '', text)) {
          const entry = found.get(key);
          if (entry === undefined) continue;
          entry.count += uses.length;
          entry.uses.push(...uses.slice(0, Math.max(0, MOST_USES - entry.uses.length)));
        }
      }
    }
    if (signal?.aborted === true) return;
    for (const [key, { uses, count }] of found)
      this.#known.set(key, {
        at: now(),
        uses: { uses, count, files: looked, isComplete: isComplete && looked === paths.length },
      });
  }

  /** Source files below the root, without what is ignored. */
  async #sourcePaths(
    isOver: () => boolean,
  ): Promise<{ readonly paths: readonly string[]; readonly isComplete: boolean }> {
    const { files, root, exclude } = this.#options;
    const left = new Set(exclude);
    const paths: string[] = [];
    const folders: {
      readonly path: string;
      readonly ignores: readonly { readonly base: string; readonly test: ReturnType<typeof readIgnoreFile> }[];
    }[] = [{ path: '', ignores: [] }];
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
      if (isOver() || paths.length >= MOST_FILES) return { paths: paths.slice(0, MOST_FILES), isComplete: false };
      const { path } = folder;
      const absolute = path === '' ? root : `${root}/${path}`;
      const entries = await files.readDirectory(absolute).catch(() => []); // A folder that may not be read holds nothing that we may see.
      let { ignores } = folder;
      if (entries.some((entry) => entry.name === '.gitignore' && entry.kind === 'file')) {
        const text = await files.readText(`${absolute}/.gitignore`).catch(() => '');
        ignores = [...ignores, { base: path, test: readIgnoreFile(text) }];
      }
      for (const entry of entries) {
        const own = path === '' ? entry.name : `${path}/${entry.name}`;
        const isDirectory = entry.kind === 'directory';
        if (
          isDirectory
            ? FOREIGN.has(entry.name) || left.has(own)
            : !SOURCE.test(entry.name) || /\.min\.|\.d\.ts$/.test(entry.name)
        )
          continue;
        const verdict = ignores
          .map(({ base, test }) => test(base === '' ? own : own.slice(base.length + 1), isDirectory))
          .findLast((one) => one !== undefined);
        if (verdict === true) continue;
        if (isDirectory) folders.push({ path: own, ignores });
        else paths.push(own);
      }
    }
    return { paths, isComplete: true };
  }
}
