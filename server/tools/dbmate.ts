import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool, hasMarker } from './blocks/folder-tool.ts';
import { markedFile } from './blocks/marked-file.ts';
import { rowHistory } from './blocks/row-history.ts';
import { oneString } from './blocks/whole-file.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** dbmate's own patterns. Source: https://github.com/amacneil/dbmate, pkg/dbmate/migration.go. */
const NAME = /^(\d+).*\.sql$/;
const UP = /^--[ \t]*migrate:up(?:[ \t]*$|[ \t]+\S+)/m;
const DOWN = /^--[ \t]*migrate:down(?:[ \t]*$|[ \t]+\S+)/m;

/** dbmate: one file a migration with `-- migrate:up` and `-- migrate:down`, and the table `schema_migrations`. */
export const dbmate = folderTool({
  id: 'dbmate',
  title: 'dbmate',
  configurationFiles: [],
  defaults: {},
  recognise: async (tree, view) =>
    (await hasMarker(tree, view, /^\d+(?!.*\.(?:up|down)\.sql$).*\.sql$/, UP)) ? CERTAINTY.marker : 0,
  history: () =>
    rowHistory({
      table: 'schema_migrations',
      lateArrival: 'runs',
      columns: () => ['version varchar(128) PRIMARY KEY'],
      needs: ['version'],
      foreign: { dirty: 'golang-migrate' },
      key: (migration) => migration.id,
      where: (migration) => ({ version: migration.id }),
      row: (migration) => ({ version: migration.id }),
      fact: (row) => ({ key: String(row['version']) }),
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'version',
      order: 'text',
      read: (file) => {
        const version = NAME.exec(file)?.[1];
        const name = file.replace(/^\d+_?/, '').replace(/\.sql$/i, '');
        return version === undefined ? undefined : { key: version, id: version, name, half: 'both' };
      },
      notRun: (name) => `${name} is not run: dbmate runs files whose name begins with a number.`,
      layout: (_path, text, dialect) =>
        markedFile(text, dialect, {
          tool: 'dbmate',
          up: UP,
          down: DOWN,
          upText: '-- migrate:up',
          downText: '-- migrate:down',
          before: 'refused',
          transaction: (marker) => (/\btransaction:false\b/.test(marker) ? oneString(dialect) : 'one'),
        }),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => id,
      write: (number, step) => {
        const option = step.transaction === 'none' ? ' transaction:false' : '';
        const up = `-- migrate:up${option}\n${stepHeader(step)}${step.up.trimEnd()}\n`;
        const down = `-- migrate:down${step.down === undefined ? '' : option}\n${downText(step) ?? ''}`;
        return {
          id: number,
          files: [{ name: `${number}_${slugOf(step)}.sql`, half: 'both', text: `${up}\n${down}` }],
        };
      },
    }),
});
