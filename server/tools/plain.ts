import { fileFormat, pairOf, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { wholeFile } from './blocks/whole-file.ts';
import { DatabaseError } from '../drivers/driver.ts';
import type { History } from './history.ts';

const DOWN = /\.down\.sql$/i;
const UP = /(\.up)?\.sql$/i;

/** A folder of SQL files that no migration tool's format fits: read in the order of their names, never applied. */
export const plain = folderTool({
  id: 'plain',
  title: 'SQL files',
  configurationFiles: [],
  defaults: {},
  recognise: async (_tree, view) => (view.files.some((name) => UP.test(name)) ? 1 : 0),
  history: noHistory,
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'name',
      read: (file) => {
        if (!UP.test(file)) return undefined;
        const half = DOWN.test(file) ? 'down' : 'up';
        const id = file.replace(half === 'down' ? DOWN : UP, '');
        return { key: id, id, name: id, half };
      },
      layout: (path, text, _dialect, _others, { noTransaction: marker }) => {
        return wholeFile(text, DOWN.test(path) ? 'down' : 'up', {
          transaction: 'none',
          ...(marker === undefined ? {} : { markerSpan: marker }),
        });
      },
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) =>
        pairOf(`${number}_${slugOf(step)}`, step, '-- lockstep: no-transaction\n', { up: '.sql', down: '.down.sql' }),
    }),
});

/** Plain files have no tool, so nothing can be recorded: every member that would says so. */
function noHistory(): History {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError({
      kind: 'wrong-kind',
      message: 'Plain SQL files have no history table: name the tool of this folder in lockstep.jsonc.',
    });
  };
  return {
    table: '',
    lateArrival: 'runs',
    checksums: () => [],
    open: async () => ({
      table: '',
      exists: false,
      marksStart: false,
      ensure: refuse,
      read: async () => [],
      run: refuse,
      mark: refuse,
    }),
  };
}
