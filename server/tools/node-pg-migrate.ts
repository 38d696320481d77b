import { byEngine } from '../model/engine-id.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { markedFile } from './blocks/marked-file.ts';
import { isMentioned } from './blocks/mentions.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'pgmigrations';

/** Source: https://github.com/salsita/node-pg-migrate, src/sqlMigration.ts, src/migration.ts and src/runner.ts. */
const NAME = /^(\d+)[_-](.+)\.sql$/;
const UP = /^\s*--[\s-]*up\s+migration/im;
const DOWN = /^\s*--[\s-]*down\s+migration/im;
const LOCK_KEY = 7241865325823964n;

/** node-pg-migrate's migrations in SQL: both halves in one file, remembered by the file's name in `pgmigrations`. */
export const nodePgMigrate = folderTool({
  id: 'node-pg-migrate',
  title: 'node-pg-migrate',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['name', 'run_on'] }],
  configurationFiles: [],
  defaults: {},
  recognise: async (tree, view) =>
    view.files.some((name) => NAME.test(name)) &&
    (await isMentioned(tree, view.path, ['package.json'], /"node-pg-migrate"/))
      ? CERTAINTY.marker
      : 0,
  history: () =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'refused',
      refuses: (dialect) =>
        byEngine(dialect, {
          postgresql: undefined,
          sqlite: 'node-pg-migrate works on PostgreSQL alone: connect to one.',
        }),
      columns: () => ['id SERIAL PRIMARY KEY', 'name varchar(255) NOT NULL', 'run_on timestamp NOT NULL'],
      needs: ['id', 'name', 'run_on'],
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration) => ({ name: migration.id, run_on: { sql: 'now()' } }),
      fact: (row) => {
        const appliedAt = timeOf(row['run_on']);
        return { key: String(row['name']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
      lockKey: async () => LOCK_KEY,
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'name',
      read: (file) => {
        const name = NAME.exec(file)?.[2];
        return name === undefined
          ? undefined
          : { key: file, id: file.replace(/\.sql$/, ''), name, half: /\.(?:up|down)$/.test(name) ? 'up' : 'both' };
      },
      foreign: (name) =>
        /^\d+[_-].+\.[cm]?[jt]s$/.test(name)
          ? `${name} is a migration in JavaScript: Lockstep neither reads nor runs it, so run the ones after it by node-pg-migrate itself.`
          : undefined,
      layout: (_path, text, dialect) =>
        markedFile(text, dialect, {
          tool: 'node-pg-migrate',
          up: UP,
          down: DOWN,
          upText: '-- Up Migration',
          downText: '-- Down Migration',
          before: 'up',
          transaction: () => 'one',
        }),
      numbering: { kind: 'unix-milliseconds' },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      refuses: (steps) =>
        steps.some((step) => step.transaction === 'none')
          ? 'node-pg-migrate runs SQL files in a transaction, and a step of this change must run outside one: write that step as a JavaScript migration with pgm.noTransaction().'
          : undefined,
      write: (number, step) => {
        const id = `${number}_${slugOf(step)}`;
        const text = `-- Up Migration\n${stepHeader(step)}${step.up.trimEnd()}\n\n-- Down Migration\n${downText(step) ?? ''}`;
        return { id, files: [{ name: `${id}.sql`, half: 'both', text }] };
      },
    }),
});
