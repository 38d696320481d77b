import { fileFormat, pairOf, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { wholeFile } from './blocks/whole-file.ts';
import { LOCKSTEP_TABLE, lockstepHistory } from './lockstep-history.ts';
import { CERTAINTY } from './tool.ts';

const NAME = /^(\d+)_(.+)\.(up|down)\.sql$/i;

/** Plain pairs `NNNN_name.up.sql` and `NNNN_name.down.sql`, with Lockstep's own history table. */
export const sqlPairs = folderTool({
  id: 'sql-pairs',
  title: 'SQL file pairs',
  tellingTables: [LOCKSTEP_TABLE],
  configurationFiles: [],
  defaults: {},
  recognise: async (_tree, view) => (view.files.some((name) => NAME.test(name)) ? CERTAINTY.names : 0),
  history: () => lockstepHistory,
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'number',
      read: (file) => {
        const match = NAME.exec(file);
        if (match === null) return undefined;
        const [, number = '', name = '', half = ''] = match;
        return { key: number, id: `${number}_${name}`, name, half: half.toLowerCase() === 'up' ? 'up' : 'down' };
      },
      notRun: (name) => `${name} is not run: name it NUMBER_name.up.sql or NUMBER_name.down.sql.`,
      layout: (path, text, _dialect, _others, { noTransaction: marker }) => {
        return wholeFile(text, /\.down\.sql$/i.test(path) ? 'down' : 'up', {
          transaction: marker === undefined ? 'one' : 'none',
          ...(marker === undefined ? {} : { markerSpan: marker }),
        });
      },
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) => pairOf(`${number}_${slugOf(step)}`, step, '-- lockstep: no-transaction\n'),
    }),
});
