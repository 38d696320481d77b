import type { FileSystem } from '../core/ports.ts';

/** Absolute path of a folder relative to the root; the root itself where `folder` is empty. */
export function folderPath(root: string, folder: string): string {
  return folder === '' ? root : `${root}/${folder}`;
}

/** Path of a file in a folder, both relative to the root. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Names of the files in a folder in ordinal order; none where the folder cannot be read. */
export async function readNames(files: FileSystem, folder: string): Promise<readonly string[]> {
  try {
    return (await files.readDirectory(folder))
      .filter((entry) => entry.kind === 'file')
      .map((entry) => entry.name)
      .sort();
  } catch {
    // A folder that went away, or that may not be read, holds no migrations for us.
    return [];
  }
}
