import { createHash } from 'node:crypto';
import type { MigrationFile } from '../model/migration.ts';
import type { RunnerProject } from './runner.ts';

/** Characters of a digest: enough that no edit meets it by chance, and few enough to be read aloud. */
const LENGTH = 16;

/**
 * What a run would send, as one word: the ids in their order and the text of each half, with `\n` at line ends. Whoever was shown
 * it can demand that just that runs.
 */
export function runDigest(
  project: Pick<RunnerProject, 'headersOf'>,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
): string {
  const hash = createHash('sha256').update(direction);
  for (const migration of migrations) {
    const path = direction === 'up' ? migration.upPath : migration.downPath;
    const headers = path === undefined ? undefined : project.headersOf(path);
    const section = headers?.section(migration, direction);
    const text =
      section === undefined ? (headers?.text ?? '') : (headers?.text.slice(section.span.start, section.span.end) ?? '');
    hash.update(`\0${migration.id}\0${section?.transaction ?? ''}\0${text.replace(/\r\n?/g, '\n')}`);
  }
  return hash.digest('hex').slice(0, LENGTH);
}
