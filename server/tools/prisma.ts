import { byEngine } from '../model/engine-id.ts';
import { createHash, randomUUID } from 'node:crypto';
import type { MigrationFile } from '../model/migration.ts';
import { dialectNamed, settingIn } from './blocks/configuration-text.ts';
import { slugOf } from './blocks/file-format.ts';
import { folderFormat } from './blocks/folder-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { oneString, wholeFile } from './blocks/whole-file.ts';
import type { FolderTexts } from './history.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = '_prisma_migrations';

/** Source: https://github.com/prisma/prisma-engines, schema-engine: the directory's name is the migration's. */
const NAME = /^(\d{14})_(.+)$/;
const LOCK_KEY = 72707369n;

/** Prisma: a folder for each migration with `migration.sql`; `down.sql` beside it is Lockstep's own, which Prisma passes over. */
export const prisma = folderTool({
  id: 'prisma',
  title: 'Prisma',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['migration_name', 'finished_at'] }],
  configurationFiles: ['migration_lock.toml'],
  defaults: {},
  configured: async (_tree, file) => {
    const dialect = dialectNamed(settingIn(file.text, 'provider'));
    return [{ folder: file.folder, options: {}, ...(dialect === undefined ? {} : { dialect }) }];
  },
  recognise: async (tree, view) => {
    const name = view.folders.find((folder) => NAME.test(folder));
    if (name === undefined) return 0;
    const inner = await tree.folder(view.path === '' ? name : `${view.path}/${name}`);
    return inner?.files.includes('migration.sql') === true && !inner.files.includes('snapshot.json')
      ? CERTAINTY.marker
      : 0;
  },
  history: () =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'runs',
      marksStart: true,
      columns: (dialect) => {
        const time = byEngine(dialect, { postgresql: 'TIMESTAMPTZ', sqlite: 'DATETIME' });
        const text = (length: number): string =>
          byEngine(dialect, { postgresql: `VARCHAR(${length})`, sqlite: 'TEXT' });
        return [
          `id ${text(36)} PRIMARY KEY NOT NULL`,
          `checksum ${text(64)} NOT NULL`,
          `finished_at ${time}`,
          `migration_name ${text(255)} NOT NULL`,
          'logs TEXT',
          `rolled_back_at ${time}`,
          `started_at ${time} NOT NULL DEFAULT ${byEngine(dialect, { postgresql: 'now()', sqlite: 'current_timestamp' })}`,
          'applied_steps_count INTEGER NOT NULL DEFAULT 0',
        ];
      },
      needs: ['id', 'checksum', 'finished_at', 'migration_name', 'rolled_back_at'],
      order: 'started_at',
      key: (migration) => migration.id,
      where: (migration) => ({ migration_name: migration.id, rolled_back_at: null }),
      row: (migration, folder, moment, { dialect }) => {
        // Prisma keeps times in SQLite as milliseconds since 1970.
        const time = (date: Date): Date | number =>
          byEngine<Date | number>(dialect, { postgresql: date, sqlite: date.getTime() });
        return {
          id: randomUUID(),
          checksum: sumOf(textOf(migration, folder)),
          started_at: time(moment.startedAt),
          finished_at: moment.finishedAt === undefined ? null : time(moment.finishedAt),
          migration_name: migration.id,
          logs: moment.failure ?? null,
          applied_steps_count: moment.finishedAt === undefined ? 0 : 1,
        };
      },
      fact: (row) => {
        if (row['rolled_back_at'] !== null) return undefined;
        const appliedAt = timeOf(row['finished_at']);
        return {
          key: String(row['migration_name']),
          checksum: String(row['checksum']),
          ...(appliedAt === undefined ? { failed: true } : { appliedAt }),
        };
      },
      // Prisma takes either line end for the same migration.
      checksums: (migration, folder) => {
        if (folder.textOf(migration.upPath) === undefined) return [];
        const text = textOf(migration, folder);
        const unix = text.replaceAll('\r\n', '\n');
        return [...new Set([text, unix, unix.replaceAll('\n', '\r\n')].map(sumOf))];
      },
      lockKey: async () => LOCK_KEY,
    }),
  format: (folder) =>
    folderFormat({
      folder,
      order: 'text',
      read: (name) => {
        const match = NAME.exec(name);
        return match === null ? undefined : { key: name, id: name, name: match[2] ?? name };
      },
      upFile: 'migration.sql',
      downFile: 'down.sql',
      layout: (path, text, dialect) =>
        wholeFile(text, path.endsWith('/down.sql') ? 'down' : 'up', { transaction: oneString(dialect) }),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => NAME.exec(id)?.[1],
      write: (number, step) => {
        const name = `${number}_${slugOf(step)}`;
        const down = downText(step);
        return {
          id: name,
          folder: name,
          files: {
            'migration.sql': `${stepHeader(step)}${step.up.trimEnd()}\n`,
            ...(down === undefined ? {} : { 'down.sql': down }),
          },
        };
      },
    }),
});

function textOf(migration: MigrationFile, folder: FolderTexts): string {
  return folder.textOf(migration.upPath) ?? '';
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
