import type { FileChange } from '../core/ports.ts';
import type { PlannedFile } from '../protocol/requests.ts';

/** Files that are to be written, as the editor is told of them. */
export function plannedFiles(changes: readonly FileChange[], uriOf: (path: string) => string): readonly PlannedFile[] {
  return changes.map(({ path, action, text, goesWith }) => ({
    uri: uriOf(path),
    path,
    action,
    text,
    ...(goesWith === undefined ? {} : { isGenerated: true }),
  }));
}
