import { repeated } from './redact.ts';

/** What an operating system says of a file, in words, and what to do. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'may not be used by this user: correct its permissions, or those of its folder',
  EPERM: 'may not be used by this user: correct its permissions, or those of its folder',
  ENOENT: 'is not there, or is a link to what is not there: make it, or correct the path',
  EISDIR: 'is a folder, and a file is expected there: correct the path',
  ENOTFILE: 'is a pipe, a device or a socket, from which nothing is read: put a file there, or take it away',
  ENOTDIR: 'is a file, and a folder is expected there: correct the path',
  EEXIST: 'is there already: remove it, or use another name',
  ELOOP: 'is a link that leads back to itself: correct the link',
  ENAMETOOLONG: 'has a name that is too long: use a shorter one',
  EROFS: 'is on a file system that takes no writes: use another place',
  ENOSPC: 'could not be written: there is no space left on its file system',
  EMFILE: 'could not be opened: too many files are open',
};

/** What is wrong with a file, where that is what was thrown; undefined for any other cause. */
export function fileFailure(cause: unknown): string | undefined {
  for (let each = cause; each instanceof Error; each = each.cause) {
    // The fields of Node.js's errors of files.
    const { code, path } = each as NodeJS.ErrnoException;
    const reason = code === undefined ? undefined : REASONS[code];
    if (reason !== undefined && path !== undefined)
      return `${repeated(path, 'a file that is named')} ${reason} (${code})`;
  }
  return undefined;
}
