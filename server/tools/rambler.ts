import { dialectNamed, literalIn, pathFrom, settingIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool, hasMarker } from './blocks/folder-tool.ts';
import { markedFile } from './blocks/marked-file.ts';
import { rowHistory } from './blocks/row-history.ts';
import { oneString } from './blocks/whole-file.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Source: https://github.com/elwinar/rambler, README. */
const UP = /^--[ \t]*rambler[ \t]+up\b/m;
const DOWN = /^--[ \t]*rambler[ \t]+down\b/m;

/** rambler: both halves in one file, run in the order of their names, remembered in `migrations`. */
export const rambler = folderTool<{ readonly table: string }>({
  id: 'rambler',
  title: 'rambler',
  configurationFiles: ['rambler.json', 'rambler.hjson'],
  defaults: { table: 'migrations' },
  configured: async (_tree, file) => {
    const setting = (name: string): string | undefined => literalIn(file.text, name) ?? settingIn(file.text, name);
    const folder = pathFrom(file.folder, setting('directory') ?? '.');
    const dialect = dialectNamed(setting('driver'));
    return folder === undefined
      ? []
      : [
          {
            folder,
            options: { table: setting('table') ?? 'migrations' },
            ...(dialect === undefined ? {} : { dialect }),
          },
        ];
  },
  recognise: async (tree, view) => ((await hasMarker(tree, view, /\.sql$/, UP)) ? CERTAINTY.marker : 0),
  history: ({ table }) =>
    rowHistory({
      table,
      lateArrival: 'refused',
      columns: () => ['migration VARCHAR(255) NOT NULL'],
      needs: ['migration'],
      key: (migration) => migration.id,
      where: (migration) => ({ migration: migration.id }),
      row: (migration) => ({ migration: migration.id }),
      fact: (row) => ({ key: String(row['migration']) }),
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'name',
      order: 'text',
      read: (file) =>
        file.endsWith('.sql') ? { key: file, id: file, name: file.replace(/\.sql$/, ''), half: 'both' } : undefined,
      layout: (_path, text, dialect) =>
        markedFile(text, dialect, {
          tool: 'rambler',
          up: UP,
          down: DOWN,
          upText: '-- rambler up',
          downText: '-- rambler down',
          before: 'not-run',
          transaction: () => oneString(dialect),
        }),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) => {
        const name = `${number}_${slugOf(step)}.sql`;
        const text = `-- rambler up\n${stepHeader(step)}${step.up.trimEnd()}\n\n-- rambler down\n${downText(step) ?? ''}`;
        return { id: name, files: [{ name, half: 'both', text }] };
      },
    }),
});
