import { folderFormat } from './blocks/folder-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { pathFrom, sectionIn, settingIn } from './blocks/configuration-text.ts';
import { isMentioned } from './blocks/mentions.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { oneString, wholeFile } from './blocks/whole-file.ts';
import { slugOf } from './blocks/file-format.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = '__diesel_schema_migrations';

/** Source: https://github.com/diesel-rs/diesel, diesel_migrations/src: the version is the name up to the first `_`, without `-`. */
const NAME = /^([0-9][0-9-]*)(?:_(.*))?$/;

/** Diesel: a folder for each migration with `up.sql`, `down.sql` and perhaps `metadata.toml`. */
export const diesel = folderTool({
  id: 'diesel',
  title: 'Diesel',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['version', 'run_on'] }],
  configurationFiles: ['diesel.toml'],
  sidecarFiles: ['metadata.toml'],
  defaults: {},
  configured: async (_tree, file) => {
    const folder = pathFrom(
      file.folder,
      settingIn(sectionIn(file.text, 'migrations_directory'), 'dir') ?? 'migrations',
    );
    return folder === undefined ? [] : [{ folder, options: {} }];
  },
  recognise: async (tree, view) => {
    for (const name of view.folders.filter((folder) => NAME.test(folder)).slice(0, 3)) {
      const inner = await tree.folder(view.path === '' ? name : `${view.path}/${name}`);
      if (inner?.files.includes('up.sql') !== true) continue;
      return (await isMentioned(tree, view.path, ['Cargo.toml'], /\bdiesel/)) ? CERTAINTY.configured : CERTAINTY.marker;
    }
    return 0;
  },
  history: () =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'runs',
      columns: () => [
        'version varchar(50) PRIMARY KEY NOT NULL',
        'run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP',
      ],
      needs: ['version', 'run_on'],
      key: (migration) => versionOf(migration.id),
      where: (migration) => ({ version: versionOf(migration.id) }),
      row: (migration) => ({ version: versionOf(migration.id) }),
      fact: (row) => {
        const appliedAt = timeOf(row['run_on']);
        return { key: String(row['version']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
    }),
  format: (folder) =>
    folderFormat({
      folder,
      read: (name) => {
        const match = NAME.exec(name);
        return match === null ? undefined : { key: versionOf(name), id: name, name: match[2] ?? name };
      },
      order: 'text',
      upFile: 'up.sql',
      downFile: 'down.sql',
      otherFiles: ['metadata.toml'],
      layout: (path, text, dialect, other) =>
        wholeFile(text, path.endsWith('/down.sql') ? 'down' : 'up', {
          transaction:
            settingIn(other.get('metadata.toml') ?? '', 'run_in_transaction') === 'false' ? oneString(dialect) : 'one',
        }),
      numbering: { kind: 'timestamp' },
      numberOf: versionOf,
      write: (number, step) => {
        const name = `${/^\d{14}$/.test(number) ? dashed(number) : number}_${slugOf(step)}`;
        const down = downText(step);
        return {
          id: name,
          folder: name,
          files: {
            'up.sql': `${stepHeader(step)}${step.up.trimEnd()}\n`,
            ...(down === undefined ? {} : { 'down.sql': down }),
            ...(step.transaction === 'none' ? { 'metadata.toml': 'run_in_transaction = false\n' } : {}),
          },
        };
      },
    }),
});

function versionOf(name: string): string {
  return (NAME.exec(name)?.[1] ?? name).replaceAll('-', '');
}

/** As `diesel migration generate` writes a time: `2024-01-02-030405`. */
function dashed(number: string): string {
  return number.replace(/^(\d{4})(\d\d)(\d\d)(\d{6})$/, '$1-$2-$3-$4');
}
