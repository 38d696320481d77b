import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);
const MOST_REVISIONS = 50;
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Texts that a file had in git, newest first; none where there is no git, no repository or no such file in it. */
export async function* earlierTexts(file: string): AsyncGenerator<string> {
  const git = async (...words: readonly string[]): Promise<string> =>
    (await execFileAsync('git', ['-C', path.dirname(file), ...words], { maxBuffer: MOST_OUTPUT_BYTES })).stdout;
  const name = `./${path.basename(file)}`;
  let revisions: readonly string[];
  try {
    revisions = (await git('log', `--max-count=${MOST_REVISIONS}`, '--format=%H', '--', name))
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    // No git, or no repository: there is nothing to look at.
    return;
  }
  for (const revision of revisions) {
    try {
      yield await git('show', `${revision}:${name}`);
    } catch {
      // The revision that took the file away has no text of it.
    }
  }
}
