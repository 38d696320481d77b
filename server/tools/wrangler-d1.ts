import { byEngine } from '../model/engine-id.ts';
import { literalIn, pathFrom, settingIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { wholeFile } from './blocks/whole-file.ts';
import { stepHeader } from './step-text.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'd1_migrations';

interface D1Options {
  readonly table: string;
}

/** Wrangler's migrations of D1 databases: up halves alone, remembered by the file's name. Source: cloudflare/workers-sdk, wrangler/src/d1/migrations. */
export const wranglerD1 = folderTool<D1Options>({
  id: 'wrangler-d1',
  title: 'Wrangler D1',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['name', 'applied_at'] }],
  configurationFiles: ['wrangler.toml', 'wrangler.json', 'wrangler.jsonc'],
  defaults: { table: HISTORY_TABLE },
  configured: async (_tree, file) => {
    if (!/\bd1_databases\b/.test(file.text)) return [];
    const setting = (name: string): string | undefined =>
      file.path.endsWith('.toml') ? settingIn(file.text, name) : literalIn(file.text, name);
    const folder = pathFrom(file.folder, setting('migrations_dir') ?? 'migrations');
    return folder === undefined
      ? []
      : [{ folder, options: { table: setting('migrations_table') ?? HISTORY_TABLE }, dialect: 'sqlite' }];
  },
  recognise: async () => 0,
  history: ({ table }) =>
    rowHistory({
      table,
      lateArrival: 'runs',
      refuses: (dialect) =>
        byEngine(dialect, { postgresql: 'D1 is SQLite: connect to a SQLite file.', sqlite: undefined }),
      columns: () => [
        'id INTEGER PRIMARY KEY AUTOINCREMENT',
        'name TEXT UNIQUE',
        'applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL',
      ],
      needs: ['id', 'name', 'applied_at'],
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration) => ({ name: migration.id }),
      fact: (row) => {
        const appliedAt = timeOf(row['applied_at']);
        return { key: String(row['name']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'name',
      read: (file) =>
        /^\d+_.+\.sql$/.test(file)
          ? { key: file, id: file, name: file.replace(/^\d+_/, '').replace(/\.sql$/, ''), half: 'up' }
          : undefined,
      notRun: (name) => `${name} has no number: name it NUMBER_name.sql, so that its place in the order is plain.`,
      layout: (_path, text) => wholeFile(text, 'up', { transaction: 'one' }),
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      refuses: (steps) =>
        steps.some((step) => step.transaction === 'none')
          ? 'D1 runs a migration in a transaction, and a step of this change must run outside one: make the change by hand.'
          : undefined,
      write: (number, step) => {
        const name = `${number}_${slugOf(step)}.sql`;
        return { id: name, files: [{ name, half: 'up', text: `${stepHeader(step)}${step.up.trimEnd()}\n` }] };
      },
    }),
});
