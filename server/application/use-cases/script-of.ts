import type { MigrationFile } from '../../model/migration.ts';
import { script } from '../../runner/script.ts';
import { languageOf } from '../../tools/language-of.ts';
import type { FolderProject } from '../folder-project.ts';

/** The SQL of one half of some migrations for review: of those that are SQL as it is written, of a program as a preview. */
export function scriptOf(
  project: FolderProject,
  options: { readonly direction: 'up' | 'down'; readonly migrations: readonly MigrationFile[] },
): string {
  const isProgram = options.migrations.some(({ upPath }) => languageOf(project.format, upPath).id !== 'sql');
  return isProgram ? previewOf(project, options.direction, options.migrations) : script(project, options);
}

/** What the tool's own command is going to send, as far as Lockstep knows. */
export function previewOf(
  project: FolderProject,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
): string {
  return migrations
    .map((migration) => {
      const path = direction === 'up' ? migration.upPath : migration.downPath;
      const statements = path === undefined ? [] : project.explain(path).statements;
      const { batchMark } = languageOf(project.format, path ?? migration.upPath);
      const end = batchMark === undefined ? '' : `${batchMark}\n\n`;
      const own = statements
        .filter((statement) => statement.direction === direction)
        .map(({ text }) => `${text.replace(/;?\s*$/, '')};\n${end}`);
      return `-- ${migration.id}: a preview, ${project.tool.title} makes the SQL itself\n${own.join('')}`;
    })
    .join('\n');
}
