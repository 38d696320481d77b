import { byEngine } from '../model/engine-id.ts';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { MigrationFile } from '../model/migration.ts';
import { fileFormat, pairOf, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { isMentioned } from './blocks/mentions.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { markedRule, oneString, wholeFile } from './blocks/whole-file.ts';
import type { FolderTexts } from './history.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = '_sqlx_migrations';

/** Source: https://github.com/launchbadge/sqlx, sqlx-core/src/migrate/source.rs and sqlx-postgres/src/migrate.rs. */
const NAME = /^(\d+)_(.+?)(?:\.(up|down))?\.sql$/;
const LOCK_FACTOR = 0x3d32ad9en;

/** sqlx: up halves alone, or pairs, with the SHA-384 of each file. */
export const sqlx = folderTool({
  id: 'sqlx',
  title: 'sqlx',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['version', 'checksum'] }],
  configurationFiles: ['sqlx.toml'],
  defaults: {},
  recognise: async (tree, view) =>
    view.files.some((name) => NAME.test(name)) && (await isMentioned(tree, view.path, ['Cargo.toml'], /^\s*sqlx\b/m))
      ? CERTAINTY.marker
      : 0,
  history: () =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'runs',
      columns: (dialect) => [
        'version BIGINT PRIMARY KEY',
        'description TEXT NOT NULL',
        byEngine(dialect, {
          postgresql: 'installed_on TIMESTAMPTZ NOT NULL DEFAULT now()',
          sqlite: 'installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
        }),
        'success BOOLEAN NOT NULL',
        `checksum ${byEngine(dialect, { postgresql: 'BYTEA', sqlite: 'BLOB' })} NOT NULL`,
        'execution_time BIGINT NOT NULL',
      ],
      needs: ['version', 'description', 'success', 'checksum'],
      key: (migration) => versionOf(migration.id),
      where: (migration) => ({ version: BigInt(versionOf(migration.id)) }),
      row: (migration, folder, moment) => ({
        version: BigInt(versionOf(migration.id)),
        description: migration.name.replaceAll('_', ' '),
        success: moment.finishedAt !== undefined,
        checksum: hashOf(migration, folder),
        execution_time: BigInt(Math.round(moment.executionMs)) * 1_000_000n,
      }),
      fact: (row) => {
        const appliedAt = timeOf(row['installed_on']);
        const isFailed = row['success'] === false || row['success'] === 0;
        return {
          key: String(row['version']),
          name: String(row['description']),
          ...(row['checksum'] instanceof Uint8Array ? { checksum: Buffer.from(row['checksum']).toString('hex') } : {}),
          ...(appliedAt === undefined ? {} : { appliedAt }),
          ...(isFailed ? { failed: true } : {}),
        };
      },
      checksums: (migration, folder) =>
        folder.textOf(migration.upPath) === undefined ? [] : [hashOf(migration, folder).toString('hex')],
      lockKey: async (connection) => {
        const database = String((await connection.query('SELECT current_database() AS name'))[0]?.['name']);
        return LOCK_FACTOR * BigInt(crc32(database));
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'version',
      read: (file) => {
        const [, version, name = '', half] = NAME.exec(file) ?? [];
        return version === undefined
          ? undefined
          : { key: String(BigInt(version)), id: `${version}_${name}`, name, half: half === 'down' ? 'down' : 'up' };
      },
      notRun: (name) => `${name} is not run: name it NUMBER_name.sql, or NUMBER_name.up.sql and NUMBER_name.down.sql.`,
      // The marker counts only as the very first bytes.
      layout: (path, text, dialect) =>
        wholeFile(
          text,
          path.endsWith('.down.sql') ? 'down' : 'up',
          markedRule(text, /^-- no-transaction/, oneString(dialect), 'one'),
        ),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step, _dialect, texts) => {
        const { migrations } = texts.migrations;
        const isSimple =
          migrations.length > 0 && migrations.every((migration) => !migration.upPath.endsWith('.up.sql'));
        const pair = pairOf(`${number}_${slugOf(step)}`, step, '-- no-transaction\n', {
          up: isSimple ? '.sql' : '.up.sql',
          down: '.down.sql',
        });
        return isSimple ? { ...pair, files: pair.files.filter((file) => file.half === 'up') } : pair;
      },
    }),
});

function versionOf(id: string): string {
  return String(BigInt(/^\d+/.exec(id)?.[0] ?? '0'));
}

function hashOf(migration: MigrationFile, folder: FolderTexts): Buffer {
  return createHash('sha384')
    .update(folder.textOf(migration.upPath) ?? '')
    .digest();
}
