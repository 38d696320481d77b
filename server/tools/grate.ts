import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { readHistory } from './blocks/read-history.ts';
import { timeOf } from './blocks/row-history.ts';
import { wholeFile } from './blocks/whole-file.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Folders beside `up` that only grate has. Source: https://erikbra.github.io/grate, "Folder configuration". */
const NEIGHBOURS: ReadonlySet<string> = new Set([
  'runAfterCreateDatabase',
  'runBeforeUp',
  'runFirstAfterUp',
  'runAfterOtherAnyTimeScripts',
  'beforeMigration',
  'sprocs',
  'functions',
  'triggers',
  'views',
  'indexes',
  'permissions',
  'afterMigration',
]);

/** grate: the scripts of `up`, each run once in the order of its name. Its folders that run at any change are not listed. */
export const grate = folderTool({
  id: 'grate',
  title: 'grate',
  configurationFiles: [],
  defaults: {},
  recognise: async (tree, view) => {
    if (!/(?:^|\/)up$/.test(view.path) || !view.files.some((name) => name.endsWith('.sql'))) return 0;
    const around = await tree.folder(view.path.replace(/\/?up$/, ''));
    return around?.folders.some((name) => NEIGHBOURS.has(name)) === true ? CERTAINTY.marker : 0;
  },
  applier: { kind: 'command', why: "grate's sums are its own.", apply: 'grate --sqlfilesdirectory FOLDER' },
  history: () =>
    readHistory({
      tool: 'grate',
      table: 'ScriptsRun',
      schema: 'grate',
      needs: ['script_name', 'text_hash'],
      clock: 'utc',
      order: 'id',
      key: (migration) => migration.id,
      facts: (row) => {
        const appliedAt = timeOf(row['entry_date']);
        return [
          {
            key: String(row['script_name']).split(/[/\\]/).at(-1) ?? '',
            ...(appliedAt === undefined ? {} : { appliedAt }),
          },
        ];
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      isRecursive: true,
      keyWord: 'name',
      order: 'text',
      read: (file) =>
        file.endsWith('.sql') ? { key: file, id: file, name: file.replace(/\.sql$/, ''), half: 'up' } : undefined,
      layout: (_path, text) => wholeFile(text, 'up', { transaction: 'none' }),
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) => {
        const name = `${number}_${slugOf(step)}.sql`;
        return { id: name, files: [{ name, half: 'up', text: `${stepHeader(step)}${step.up.trimEnd()}\n` }] };
      },
    }),
});
