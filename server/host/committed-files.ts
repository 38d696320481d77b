import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Files below a folder that the last commit holds, relative to it; undefined without git, a repository or a commit. */
export async function committedFiles(root: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const { stdout } = await execFileAsync('git', ['-C', root, 'ls-tree', '-r', '--name-only', '-z', 'HEAD'], {
      maxBuffer: MOST_OUTPUT_BYTES,
    });
    return new Set(stdout.split('\0').filter((name) => name !== ''));
  } catch {
    // No git, no repository and no commit are the same to the caller: nothing is known to be committed.
    return undefined;
  }
}
