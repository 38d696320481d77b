import type { FolderProject } from '../folder-project.ts';

/**
 * Tells projects that were opened again, as after a change of their configuration, what was known of their databases, so
 * that lint need not connect. A project of another tool, engine or history table is another one.
 */
export function keepFacts(before: readonly FolderProject[], after: readonly FolderProject[]): void {
  for (const project of after) {
    if (project.database !== undefined) continue;
    const same = before.find(
      (each) =>
        each.folder === project.folder &&
        each.tool.id === project.tool.id &&
        each.engine === project.engine &&
        each.history.table === project.history.table,
    );
    if (same?.database !== undefined) project.setDatabase(same.database);
  }
}
