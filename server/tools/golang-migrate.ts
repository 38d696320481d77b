import { byEngine } from '../model/engine-id.ts';
import { crc32 } from 'node:zlib';
import { fileFormat, pairOf, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { highWaterHistory } from './blocks/high-water-history.ts';
import { isMentioned } from './blocks/mentions.ts';
import { oneString, wholeFile } from './blocks/whole-file.ts';
import { CERTAINTY } from './tool.ts';

/** Source: https://github.com/golang-migrate/migrate, source/parse.go. */
const NAME = /^([0-9]+)_(.*)\.(down|up)\.(.*)$/;
/** Source: database/util.go of golang-migrate. */
const LOCK_FACTOR = 1486364155;

/** golang-migrate: plain pairs, and one row with the newest number and whether it failed half-way. */
export const golangMigrate = folderTool({
  id: 'golang-migrate',
  title: 'golang-migrate',
  configurationFiles: ['go.mod'],
  defaults: {},
  recognise: async (tree, view) =>
    view.files.some((name) => NAME.test(name)) &&
    (await isMentioned(
      tree,
      view.path,
      ['go.mod', 'Makefile', 'makefile', 'Taskfile.yml', 'justfile', 'docker-compose.yml', 'compose.yaml'],
      /golang-migrate\/migrate|\bmigrate\/migrate\b|\bmigrate\s+(?:[^\n]*\s)?-(?:path|source)\b/,
    ))
      ? CERTAINTY.marker
      : 0,
  history: () =>
    highWaterHistory({
      table: 'schema_migrations',
      columns: (dialect) =>
        byEngine(dialect, {
          postgresql: ['version bigint NOT NULL PRIMARY KEY', 'dirty boolean NOT NULL'],
          sqlite: ['version uint64', 'dirty bool'],
        }),
      afterCreate: (name, dialect) =>
        byEngine(dialect, {
          postgresql: [],
          sqlite: [`CREATE UNIQUE INDEX IF NOT EXISTS version_unique ON ${name} (version)`],
        }),
      column: 'version',
      dirty: 'dirty',
      number: (migration) => String(BigInt(NUMBER.exec(migration.id)?.[0] ?? '0')),
      lockKey: async (connection, schema) => {
        const database = String((await connection.query('SELECT current_database() AS name'))[0]?.['name']);
        const sum = crc32([schema, 'schema_migrations', database].join('\0'));
        return BigInt(Math.imul(sum, LOCK_FACTOR) >>> 0);
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      keyWord: 'version',
      read: (file) => {
        const [, number, name = '', half = ''] = NAME.exec(file) ?? [];
        return number === undefined || !file.endsWith('.sql')
          ? undefined
          : { key: String(BigInt(number)), id: `${number}_${name}`, name, half: half === 'up' ? 'up' : 'down' };
      },
      notRun: (name) => `${name} is not run: name it NUMBER_name.up.sql or NUMBER_name.down.sql.`,
      // On PostgreSQL the file is sent as one string; on SQLite the driver opens a transaction.
      layout: (path, text, dialect) =>
        wholeFile(text, path.endsWith('.down.sql') ? 'down' : 'up', {
          transaction: byEngine(dialect, { postgresql: oneString(dialect), sqlite: 'one' }),
        }),
      numbering: { kind: 'sequence', digits: 6 },
      numberOf: (id) => NUMBER.exec(id)?.[0],
      write: (number, step) => pairOf(`${number}_${slugOf(step)}`, step),
    }),
});

const NUMBER = /^\d+/;
