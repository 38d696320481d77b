import type { FileTree } from '../file-tree.ts';

/** Whether a file of one of these names says so, in the folder or in one above it: `go.mod`, `Cargo.toml`, `package.json`. */
export async function isMentioned(
  tree: FileTree,
  folder: string,
  names: readonly string[],
  pattern: RegExp,
): Promise<boolean> {
  for (let path: string | undefined = folder; path !== undefined; path = parentOf(path)) {
    const view = await tree.folder(path);
    for (const name of view?.files.filter((file) => names.includes(file)) ?? []) {
      const text = await tree.text(path === '' ? name : `${path}/${name}`);
      if (text !== undefined && pattern.test(text)) return true;
    }
  }
  return false;
}

function parentOf(path: string): string | undefined {
  return path === '' ? undefined : path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
