import type { FileChange, WritableFileSystem } from '../core/ports.ts';

/** Files that could not be written; the message says what is there now, the cause what the disk said. */
export class UnwrittenError extends Error {}

/**
 * Carries out all changes below a root, or none: what was done before a failure is taken back.
 *
 * Errors: rejects with an `UnwrittenError`; a file to be created that exists already is a reason for one.
 */
export async function writeChanges(
  files: WritableFileSystem,
  root: string,
  changes: readonly FileChange[],
): Promise<void> {
  const undo: { readonly path: string; run(): Promise<void> }[] = [];
  try {
    // New files first: until all of them stand, nothing that exists is touched.
    for (const change of [...changes].sort(
      (left, right) => Number(left.action !== 'create') - Number(right.action !== 'create'),
    )) {
      const path = `${root}/${change.path}`;
      if (change.action === 'create') {
        await files.create(path, change.text);
        undo.push({ path: change.path, run: () => files.remove(path) });
        continue;
      }
      const before = await files.readText(path);
      if (change.action === 'edit') {
        await files.replace(path, change.text);
        undo.push({ path: change.path, run: () => files.replace(path, before) });
      } else {
        await files.remove(path);
        undo.push({ path: change.path, run: () => files.create(path, before) });
      }
    }
    for (const change of changes)
      if (change.withFolder === true)
        await files.removeEmptyFolder(`${root}/${change.path.slice(0, change.path.lastIndexOf('/'))}`);
  } catch (cause) {
    const left: string[] = [];
    for (const { path, run } of undo.reverse()) await run().catch(() => left.push(path));
    throw new UnwrittenError(
      left.length === 0
        ? 'the files could not be written, and everything is as it was'
        : `the files could not be written, and ${left.join(', ')} could not be put back as before`,
      { cause },
    );
  }
}
