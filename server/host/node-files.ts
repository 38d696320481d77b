import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DirectoryEntry, WritableFileSystem } from '../core/ports.ts';
import { quickReader } from './quick-reader.ts';
import { textOfBytes } from './text-of-bytes.ts';

/** Opening a pipe, which a link may lead to, waits for whoever writes into it unless it is told not to; Windows has no such flag. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What is refused where something else than a file has its name: a pipe, a device, a socket. */
function noFile(file: string): Error {
  return Object.assign(new Error('it is a pipe, a device or a socket'), { code: 'ENOTFILE', path: file });
}

function readAtOnce(file: string): Uint8Array {
  const descriptor = openSync(file, WITHOUT_WAITING);
  try {
    const entry = fstatSync(descriptor);
    // Reading a folder says of itself that it is one.
    if (!entry.isFile() && !entry.isDirectory()) throw noFile(file);
    const known = entry.isFile() && entry.size > 0 ? Buffer.allocUnsafe(entry.size) : undefined;
    // A file whose length is told is read at once, without asking for it again; what is cut short meanwhile is read anew.
    return known !== undefined && readSync(descriptor, known, 0, known.length, 0) === known.length
      ? known
      : readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function readLater(file: string): Promise<Uint8Array> {
  await using handle = await open(file, WITHOUT_WAITING);
  const entry = await handle.stat();
  if (!entry.isFile() && !entry.isDirectory()) throw noFile(file);
  return handle.readFile();
}

const read = quickReader({
  atOnce: readAtOnce,
  later: readLater,
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
