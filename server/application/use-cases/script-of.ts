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

/** A script that may run twice, of migrations in the order of the run; or why there is none: a sentence. */
export function idempotentScriptOf(
  project: FolderProject,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
): { readonly sql: string } | { readonly refused: string } {
  const { applier, tool, unreadProduct } = project;
  if (applier.kind !== 'command' || applier.idempotentScript === undefined)
    return { refused: `${tool.title} has no idempotent scripts.` };
  if (unreadProduct !== undefined)
    return { refused: `These migrations are for ${unreadProduct}, for which Lockstep writes no script.` };
  return applier.idempotentScript({
    dialect: project.engine.id,
    direction,
    migrations: migrations.map((migration) => {
      const path = direction === 'up' ? migration.upPath : migration.downPath;
      return { id: migration.id, statements: path === undefined ? [] : project.sent(path, direction) };
    }),
  });
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
