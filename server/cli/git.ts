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
    (
      await execFileAsync('git', ['-C', root, ...words], {
        maxBuffer: MOST_OUTPUT_BYTES,
        // Its messages are read.
        env: { ...process.env, LC_ALL: 'C' },
      })
    ).stdout;
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
    throw new UsageError(whyGitFailed(cause, revision));
  }
}

/** What git could not do, and what to do about it. */
function whyGitFailed(cause: unknown, revision: string): string {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
    return 'git is not installed, which --base needs: install it, or leave --base out';
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
  if (/not a git repository/.test(said))
    return 'this folder is in no git repository, which --base needs: leave --base out, or run this in a clone';
  if (/dubious ownership/.test(said))
    return 'git does not read this repository, since it belongs to another user: run "git config --global --add safe.directory" with its path, then again';
  if (/no merge base/.test(said) || (said === '' && cause instanceof Error && 'code' in cause && cause.code === 1))
    return `HEAD and ${repeated(revision, 'the revision')} have no common commit here: fetch more of the history (in a shallow clone, "git fetch --unshallow")`;
  return `git knows no revision ${repeated(revision, 'of that name')} here: fetch it first, or correct --base`;
}
