import type { FileChange, WritableFileSystem } from '../core/ports.ts';

/**
 * Carries out all changes below a root, or none: what was done before a failure is taken back.
 *
 * Errors: rejects with the first failure's reason; a file to be created that exists already is one.
 */
export async function writeChanges(
  files: WritableFileSystem,
  root: string,
  changes: readonly FileChange[],
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    // New files first: until all of them stand, nothing that exists is touched.
    for (const change of [...changes].sort(
      (left, right) => Number(left.action !== 'create') - Number(right.action !== 'create'),
    )) {
      const path = `${root}/${change.path}`;
      if (change.action === 'create') {
        await files.create(path, change.text);
        undo.push(() => files.remove(path));
        continue;
      }
      const before = await files.readText(path);
      if (change.action === 'edit') {
        await files.replace(path, change.text);
        undo.push(() => files.replace(path, before));
      } else {
        await files.remove(path);
        undo.push(() => files.create(path, before));
      }
    }
    for (const change of changes)
      if (change.withFolder === true)
        await files.removeEmptyFolder(`${root}/${change.path.slice(0, change.path.lastIndexOf('/'))}`);
  } catch (cause) {
    for (const step of undo.reverse()) await step();
    throw new Error('the files could not be written, and everything is as it was', { cause });
  }
}
