import type { DirectoryEntry, WritableFileSystem } from '../../server/core/ports.ts';

/** Files in memory below any root; folders exist where a file lies below them. Paths are absolute. */
export class MemoryFiles implements WritableFileSystem {
  readonly files = new Map<string, string>();

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text);
  }

  async readText(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  }

  async readDirectory(path: string): Promise<readonly DirectoryEntry[]> {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const entries = new Map<string, DirectoryEntry>();
    for (const file of this.files.keys()) {
      if (!file.startsWith(prefix)) continue;
      const [name, ...rest] = file.slice(prefix.length).split('/');
      if (name !== undefined) entries.set(name, { name, kind: rest.length > 0 ? 'directory' : 'file' });
    }
    if (entries.size === 0) throw new Error(`no such folder: ${path}`);
    return [...entries.values()];
  }

  async exists(path: string): Promise<boolean> {
    return this.files.has(path) || [...this.files.keys()].some((file) => file.startsWith(`${path}/`));
  }

  async create(path: string, text: string): Promise<void> {
    if (this.files.has(path)) throw new Error(`already there: ${path}`);
    this.files.set(path, text);
  }

  async replace(path: string, text: string): Promise<void> {
    this.files.set(path, text);
  }

  async removeEmptyFolder(): Promise<void> {
    // A folder is there only as long as a file is in it.
  }

  async remove(path: string): Promise<void> {
    if (!this.files.delete(path)) throw new Error(`no such file: ${path}`);
  }
}
