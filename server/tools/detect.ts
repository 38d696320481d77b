import type { FileSystem } from '../core/ports.ts';
import type { Adapter } from './adapter.ts';
import { folderPath, joinPath } from './folder.ts';
import { ADAPTERS } from './registry.ts';

/** Folders below the root that are looked into, at the most: a workspace may hold anything. */
const MOST_FOLDERS = 5_000;
const MOST_DEPTH = 8;
const IGNORED: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'build',
  'out',
  'target',
  'vendor',
  'bin',
  'obj',
  'coverage',
  '__pycache__',
]);

/** Folders below an absolute root that hold a tool's migrations, the tool that fits best for each, in the order of their paths. */
export async function detectFolders(
  files: FileSystem,
  root: string,
): Promise<readonly { readonly adapter: Adapter; readonly folder: string }[]> {
  const found: { readonly adapter: Adapter; readonly folder: string }[] = [];
  const queue: { readonly folder: string; readonly depth: number }[] = [{ folder: '', depth: 0 }];
  for (let visited = 0; visited < MOST_FOLDERS; visited++) {
    const next = queue.shift();
    if (next === undefined) break;
    let entries: Awaited<ReturnType<FileSystem['readDirectory']>>;
    try {
      entries = await files.readDirectory(folderPath(root, next.folder));
    } catch {
      // A folder that may not be read holds no migrations for us.
      continue;
    }
    if (entries.some((entry) => entry.kind === 'file' && entry.name.endsWith('.sql'))) {
      const adapter = await bestAdapter(files, root, next.folder);
      if (adapter !== undefined) found.push({ adapter, folder: next.folder });
    }
    if (next.depth === MOST_DEPTH) continue;
    for (const entry of entries) {
      if (entry.kind === 'directory' && !entry.name.startsWith('.') && !IGNORED.has(entry.name))
        queue.push({ folder: joinPath(next.folder, entry.name), depth: next.depth + 1 });
    }
  }
  return found.sort((left, right) => (left.folder < right.folder ? -1 : 1));
}

async function bestAdapter(files: FileSystem, root: string, folder: string): Promise<Adapter | undefined> {
  let best: Adapter | undefined;
  let bestScore = 0;
  for (const adapter of ADAPTERS) {
    const score = await adapter.detect(files, root, folder);
    if (score > bestScore) {
      best = adapter;
      bestScore = score;
    }
  }
  return best;
}
