import type { MigrationFile } from '../../model/migration.ts';
import { idempotentScript } from '../../runner/idempotent-script.ts';
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
  if (applier.kind !== 'command') return idempotentScript(project, direction, migrations);
  if (applier.idempotentScript === undefined) return { refused: `${tool.title} has no idempotent scripts.` };
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

/** What the tool's own command is going to send, as far as Lockstep knows, in its transactions where they are known. */
export function previewOf(
  project: FolderProject,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
): string {
  const { applier, unreadProduct } = project;
  const transactions = applier.kind === 'command' && unreadProduct === undefined ? applier.transactions : undefined;
  let isOpen = false;
  const to = (open: boolean): string => {
    const mark = open === isOpen || transactions === undefined ? '' : open ? 'BEGIN;\n' : 'COMMIT;\n';
    isOpen = open;
    return mark;
  };
  const parts = migrations.map((migration) => {
    const path = direction === 'up' ? migration.upPath : migration.downPath;
    const { batchMark } = languageOf(project.format, path ?? migration.upPath);
    const end = batchMark === undefined ? '' : `${batchMark}\n\n`;
    const sent = path === undefined ? [] : project.sent(path, direction);
    const own = sent.map(
      ({ source, transaction }) => `${to(transaction === 'one')}${source.text.replace(/;?\s*$/, '')};\n${end}`,
    );
    // Behind a command that runs in none, the row of the history is written in none, too.
    const goesOn = transactions === 'all' && sent.every(({ transaction }) => transaction === 'one');
    const last = goesOn ? '' : to(false);
    return `-- ${migration.id}: a preview, ${project.tool.title} makes the SQL itself\n${own.join('')}${last}`;
  });
  return `${parts.join('\n')}${to(false)}`;
}
