import type { MigrationFile } from '../model/migration.ts';
import type { RunnerProject } from './runner.ts';

/** The SQL of one half of some migrations for review, each under a comment with its id, with the transaction that wraps it. */
export function script(
  project: RunnerProject,
  options: { readonly direction: 'up' | 'down'; readonly migrations: readonly MigrationFile[] },
): string {
  return options.migrations
    .map((migration) => {
      const path = options.direction === 'up' ? migration.upPath : migration.downPath;
      const headers = path === undefined ? undefined : project.headersOf(path);
      const section = headers?.section(migration, options.direction);
      const head = `-- ${migration.id} (${options.direction})`;
      if (headers === undefined || section === undefined) return `${head}: no such half\n`;
      const body = headers.text.slice(section.span.start, section.span.end).trim();
      const terminated = body === '' || /;\s*(--[^\n]*)?$/.test(body) ? body : `${body}\n;`;
      return section.transaction === 'one'
        ? `${head}\nBEGIN;\n${terminated}\nCOMMIT;\n`
        : `${head}, outside a transaction\n${terminated}\n`;
    })
    .join('\n');
}
