import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DirectoryEntry, WritableFileSystem } from '../core/ports.ts';
import { quickReader } from './quick-reader.ts';
import { textOfBytes } from './text-of-bytes.ts';

const read = quickReader({
  atOnce: (file) => readFileSync(file),
  later: (file) => readFile(file),
  now: () => performance.now(),
  turn: () => setImmediate(),
});

/** Real files. A new text is written beside the old one and moved over it, so that a crash leaves one of the two whole. */
export const nodeFiles: WritableFileSystem = {
  async readText(file) {
    try {
      return textOfBytes(await read(file));
    } catch (cause) {
      // Where the file is a folder, Node.js does not say which.
      throw cause instanceof Error ? Object.assign(cause, { path: file }) : cause;
    }
  },
  async readDirectory(directory) {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.flatMap((entry): DirectoryEntry[] => {
      if (entry.isDirectory()) return [{ name: entry.name, kind: 'directory' }];
      return entry.isFile() || entry.isSymbolicLink() ? [{ name: entry.name, kind: 'file' }] : [];
    });
  },
  async exists(file) {
    try {
      await stat(file);
      return true;
    } catch {
      // Missing and unreadable are the same to a caller who wants to read it.
      return false;
    }
  },
  async create(file, text) {
    await mkdir(path.dirname(file), { recursive: true });
    try {
      await writeFile(file, text, { flag: 'wx' });
    } catch (cause) {
      // A full disk leaves a part of it, which nobody asked for; a file that was there before is somebody's.
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) await rm(file, { force: true });
      throw cause;
    }
  },
  async replace(file, text) {
    const temporary = `${file}.lockstep-${process.pid}.tmp`;
    try {
      await writeFile(temporary, text);
      await rename(temporary, file);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  },
  async remove(file) {
    await rm(file);
  },
  async removeEmptyFolder(directory) {
    try {
      await rmdir(directory);
    } catch {
      // Not empty, or gone already: both are as wished.
    }
  },
};
