import { byEngine } from '../model/engine-id.ts';
import { pathFrom, settingIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool, hasMarker } from './blocks/folder-tool.ts';
import { markedFile } from './blocks/marked-file.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'gorp_migrations';

/** Source: https://github.com/rubenv/sql-migrate, sqlparse/sqlparse.go and migrate.go. */
const UP = /^--[ \t]*\+migrate[ \t]+Up\b/m;
const DOWN = /^--[ \t]*\+migrate[ \t]+Down\b/m;

/** sql-migrate: both halves in one file, remembered by the file's name in `gorp_migrations`. */
export const sqlMigrate = folderTool({
  id: 'sql-migrate',
  title: 'sql-migrate',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['id', 'applied_at'] }],
  configurationFiles: ['dbconfig.yml'],
  defaults: {},
  configured: async (_tree, file) => {
    const folder = pathFrom(file.folder, settingIn(file.text, 'dir') ?? 'migrations');
    return folder === undefined ? [] : [{ folder, options: {} }];
  },
  recognise: async (tree, view) => ((await hasMarker(tree, view, /\.sql$/, UP)) ? CERTAINTY.marker : 0),
  history: () =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'runs',
      columns: (dialect) => [
        'id text NOT NULL PRIMARY KEY',
        `applied_at ${byEngine(dialect, { postgresql: 'timestamp with time zone', sqlite: 'datetime' })}`,
      ],
      needs: ['id', 'applied_at'],
      key: (migration) => migration.id,
      where: (migration) => ({ id: migration.id }),
      row: (migration, _folder, moment) => ({ id: migration.id, applied_at: moment.finishedAt ?? moment.startedAt }),
      fact: (row) => {
        const appliedAt = timeOf(row['applied_at']);
        return { key: String(row['id']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'name',
      read: (file) =>
        file.endsWith('.sql')
          ? { key: file, id: file, name: file.replace(/^\d+[-_]?/, '').replace(/\.sql$/, ''), half: 'both' }
          : undefined,
      layout: (_path, text, dialect) =>
        markedFile(text, dialect, {
          tool: 'sql-migrate',
          up: UP,
          down: DOWN,
          upText: '-- +migrate Up',
          downText: '-- +migrate Down',
          before: 'not-run',
          transaction: (marker) => (/\bnotransaction\b/.test(marker) ? 'none' : 'one'),
        }),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) => {
        const option = step.transaction === 'none' ? ' notransaction' : '';
        const name = `${number}-${slugOf(step)}.sql`;
        const up = `-- +migrate Up${option}\n${stepHeader(step)}${wrapped(step.up)}`;
        const down = `-- +migrate Down${step.down === undefined ? '' : option}\n${step.down === undefined ? (downText(step) ?? '') : wrapped(step.down)}`;
        return { id: name, files: [{ name, half: 'both', text: `${up}\n${down}` }] };
      },
    }),
});

function wrapped(sql: string): string {
  const text = `${sql.trimEnd()}\n`;
  return /\$\w*\$|\bBEGIN\b/i.test(sql) ? `-- +migrate StatementBegin\n${text}-- +migrate StatementEnd\n` : text;
}
