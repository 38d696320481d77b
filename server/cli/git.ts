import { repeated } from '../core/redact.ts';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from './exit-codes.ts';

const execFileAsync = promisify(execFile);
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What git says of the files below a folder since a revision; paths are relative to the folder. */
export interface ChangedFiles {
  /** New or changed, those that git does not track yet included. */
  readonly changed: ReadonlySet<string>;
  /** In the revision already, with another text. */
  readonly edited: ReadonlySet<string>;
}

/**
 * Files that are new or changed since the merge base of HEAD and a revision.
 *
 * Errors: throws `UsageError` when there is no git repository or no such revision.
 */
export async function changedSince(root: string, revision: string): Promise<ChangedFiles> {
  const git = async (...words: readonly string[]): Promise<string> =>
    (await execFileAsync('git', ['-C', root, ...words], { maxBuffer: MOST_OUTPUT_BYTES })).stdout;
  try {
    const base = (await git('merge-base', '--end-of-options', revision, 'HEAD')).trim();
    const top = (await git('rev-parse', '--show-toplevel')).trim();
    const names = (listed: string): ReadonlySet<string> =>
      new Set(
        listed
          .split('\0')
          .filter((name) => name !== '')
          .map((name) => path.relative(root, path.join(top, name)).replaceAll('\\', '/')),
      );
    return {
      changed: names(
        `${await git('diff', '--name-only', '-z', '--diff-filter=d', base)}${await git('ls-files', '--others', '--exclude-standard', '--full-name', '-z')}`,
      ),
      edited: names(await git('diff', '--name-only', '-z', '--no-renames', '--diff-filter=M', base)),
    };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new UsageError('git is not installed, which --base needs: install it, or leave --base out');
    throw new UsageError(
      `git knows no revision ${repeated(revision, 'of that name')} here: fetch it first, or correct --base`,
    );
  }
}
