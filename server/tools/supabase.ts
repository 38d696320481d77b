import { byEngine, type EngineId } from '../model/engine-id.ts';
import { pathFrom } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { rowHistory } from './blocks/row-history.ts';
import { markedRule, wholeFile } from './blocks/whole-file.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Source: https://github.com/supabase/cli, pkg/migration/file.go and history.go. */
const NAME = /^([0-9]+)_(.*)\.sql$/;
/** What the CLI runs apart from its one batch since 2.109. */
const BARE =
  /^\s*(?:(?:CREATE(?:\s+UNIQUE)?|DROP)\s+INDEX\s+CONCURRENTLY|REINDEX\b.*\bCONCURRENTLY|VACUUM|ALTER\s+SYSTEM|CREATE\s+DATABASE)\b/im;

/** Supabase: up halves alone, with their statements in `supabase_migrations.schema_migrations`. */
export const supabase = folderTool({
  id: 'supabase',
  title: 'Supabase',
  configurationFiles: ['config.toml'],
  defaults: {},
  configured: async (_tree, file) => {
    const folder = pathFrom(file.folder, 'migrations');
    return folder === undefined || !/(?:^|\/)supabase$/.test(file.folder)
      ? []
      : [{ folder, options: {}, dialect: 'postgresql' }];
  },
  recognise: async (_tree, view) =>
    /(?:^|\/)supabase\/migrations$/.test(view.path) && view.files.some((name) => NAME.test(name))
      ? CERTAINTY.configured
      : 0,
  history: () =>
    rowHistory({
      table: 'schema_migrations',
      schema: 'supabase_migrations',
      lateArrival: 'refused',
      refuses: onlyPostgres,
      columns: () => ['version text NOT NULL PRIMARY KEY', 'statements text[]', 'name text'],
      needs: ['version', 'statements', 'name'],
      key: (migration) => versionOf(migration.id),
      where: (migration) => ({ version: versionOf(migration.id) }),
      row: (migration, folder) => ({
        version: versionOf(migration.id),
        name: migration.name,
        // The CLI writes them back with a semicolon after each.
        statements: [(folder.textOf(migration.upPath) ?? '').trim().replace(/;$/, '')],
      }),
      fact: (row) => ({ key: String(row['version']), ...(row['name'] === null ? {} : { name: String(row['name']) }) }),
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'version',
      read: (file) => {
        const [, version, name = ''] = NAME.exec(file) ?? [];
        return version === undefined ? undefined : { key: version, id: `${version}_${name}`, name, half: 'up' };
      },
      notRun: (name) => `${name} is not run: Supabase runs files named NUMBER_name.sql.`,
      layout: (_path, text) => wholeFile(text, 'up', markedRule(text, BARE, 'none', 'one')),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => versionOf(id),
      refuses: (steps) =>
        steps.some((step) => step.transaction === 'none' && !BARE.test(step.up))
          ? 'Supabase runs a migration as one transaction, and a step of this change must run outside one: make the change by hand, or run that step by psql.'
          : undefined,
      write: (number, step) => {
        const id = `${number}_${slugOf(step)}`;
        return {
          id,
          files: [{ name: `${id}.sql`, half: 'up', text: `${stepHeader(step)}${step.up.trimEnd()}\n` }],
        };
      },
    }),
});

function versionOf(id: string): string {
  return /^\d+/.exec(id)?.[0] ?? id;
}

function onlyPostgres(dialect: EngineId): string | undefined {
  return byEngine(dialect, {
    postgresql: undefined,
    sqlite: 'Supabase is PostgreSQL: connect to a PostgreSQL database.',
  });
}
