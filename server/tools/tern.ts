import { byEngine } from '../model/engine-id.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool, hasMarker } from './blocks/folder-tool.ts';
import { highWaterHistory } from './blocks/high-water-history.ts';
import { markedRule } from './blocks/whole-file.ts';
import { placeholdersIn } from './blocks/placeholders.ts';
import { blockedByPlaceholder } from './sent-text.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Source: https://github.com/jackc/tern, migrate/migrate.go. */
const NAME = /^(\d+)_(.+)\.sql$/;
const MARKER = /^---- create above \/ drop below ----[ \t]*$/m;
const BARE = /^---- tern: disable-tx ----[ \t]*$/m;
const LOCK_KEY = 9628173550095224n;

/** tern: both halves in one file around one line, numbered 1, 2, 3 without a gap, and one row with the newest number. */
export const tern = folderTool({
  id: 'tern',
  title: 'tern',
  configurationFiles: ['tern.conf'],
  defaults: {},
  configured: async (_tree, file) => [{ folder: file.folder, options: {}, dialect: 'postgresql' }],
  recognise: async (tree, view) => ((await hasMarker(tree, view, NAME, MARKER)) ? CERTAINTY.marker : 0),
  history: () =>
    highWaterHistory({
      table: 'schema_version',
      schema: 'public',
      columns: () => ['version int4 NOT NULL'],
      // tern may have made the table at this moment, and have written its row.
      afterCreate: (name) => [`INSERT INTO ${name} (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM ${name})`],
      column: 'version',
      zero: '0',
      number: (migration) => String(BigInt(NUMBER.exec(migration.id)?.[0] ?? '0')),
      refuses: (dialect) =>
        byEngine(dialect, { postgresql: undefined, sqlite: 'tern works on PostgreSQL alone: connect to one.' }),
      lockKey: async () => LOCK_KEY,
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'number',
      read: (file) => {
        const [, number, name = ''] = NAME.exec(file) ?? [];
        return number === undefined
          ? undefined
          : { key: String(BigInt(number)), id: `${number}_${name}`, name, half: 'both' };
      },
      check: (migrations) => {
        const gap = migrations.findIndex((migration, index) => Number(NUMBER.exec(migration.id)?.[0]) !== index + 1);
        const migration = migrations[gap];
        return migration === undefined
          ? []
          : [
              {
                path: migration.upPath,
                message: `tern refuses this folder: its numbers go 1, 2, 3 without a gap, and number ${gap + 1} is missing.`,
              },
            ];
      },
      layout: (_path, text) => {
        const marker = MARKER.exec(text);
        const end = marker?.index ?? text.length;
        const lineEnd = marker === null ? -1 : text.indexOf('\n', marker.index);
        const wrap = markedRule(text, BARE, 'none', 'one');
        const placeholders = placeholdersIn(text, /\{\{\s*([^}]*?)\s*\}\}/g, new Map());
        const blocked = blockedByPlaceholder('tern', placeholders, 'no file that Lockstep reads');
        const more = {
          ...wrap,
          ...(placeholders.length === 0 ? {} : { placeholders }),
          ...(blocked === undefined ? {} : { blocked }),
        };
        return {
          sections: [
            { direction: 'up', span: { start: text.startsWith('\uFEFF') ? 1 : 0, end }, ...more },
            ...(lineEnd < 0
              ? []
              : [{ direction: 'down' as const, span: { start: lineEnd + 1, end: text.length }, ...more }]),
          ],
          problems: [],
        };
      },
      numbering: { kind: 'sequence', digits: 3 },
      numberOf: (id) => NUMBER.exec(id)?.[0],
      write: (number, step) => {
        const id = `${number}_${slugOf(step)}`;
        const bare = step.transaction === 'none' ? '---- tern: disable-tx ----\n' : '';
        const down = downText(step);
        const tail = down === undefined ? '' : `\n---- create above / drop below ----\n\n${down}`;
        return {
          id,
          files: [{ name: `${id}.sql`, half: 'both', text: `${bare}${stepHeader(step)}${step.up.trimEnd()}\n${tail}` }],
        };
      },
    }),
});

const NUMBER = /^\d+/;
