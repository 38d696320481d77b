import { byEngine } from '../model/engine-id.ts';
import { createHash } from 'node:crypto';
import type { Connection } from '../drivers/driver.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import type { History } from './history.ts';
import { sqlWords } from './sql-words.ts';
import type { TellingTable } from './tool.ts';

/** Written into each row, so that a later version knows how the checksum was made: 1 of the whole text, 2 of its words. */
const HISTORY_VERSION = '2';

const HISTORY_TABLE = 'lockstep_history';

/** By which it is known. */
export const LOCKSTEP_TABLE: TellingTable = {
  table: HISTORY_TABLE,
  columns: ['id', 'lockstep_version'],
  of: 'Lockstep',
};

/** Lockstep's own history, for formats that have no tool: one row a migration with the checksum of its up half. */
export const lockstepHistory: History = rowHistory({
  table: HISTORY_TABLE,
  lateArrival: 'runs',
  columns: (dialect) => [
    'id text PRIMARY KEY',
    'name text NOT NULL',
    'checksum text NOT NULL',
    `applied_at ${byEngine(dialect, { postgresql: 'timestamptz', sqlite: 'text' })} NOT NULL`,
    'execution_ms bigint NOT NULL',
    'lockstep_version text NOT NULL',
  ],
  needs: ['id', 'name', 'checksum', 'applied_at'],
  key: (migration) => migration.id,
  where: (migration) => ({ id: migration.id }),
  row: (migration, folder, moment) => ({
    id: migration.id,
    name: migration.name,
    checksum: checksumOf(sqlWords(folder.textOf(migration.upPath) ?? '')),
    applied_at: moment.finishedAt ?? moment.startedAt,
    execution_ms: Math.round(moment.executionMs),
    lockstep_version: HISTORY_VERSION,
  }),
  fact: (row) => {
    const appliedAt = timeOf(row['applied_at']);
    return {
      key: String(row['id']),
      name: String(row['name']),
      checksum: String(row['checksum']),
      ...(appliedAt === undefined ? {} : { appliedAt }),
    };
  },
  checksums: (migration, folder) => {
    const text = folder.textOf(migration.upPath);
    // Rows of earlier versions have a checksum of the text as it was.
    return text === undefined ? [] : [checksumOf(sqlWords(text)), checksumOf(text)];
  },
});

/** SHA-256 in hexadecimal of the text without byte-order mark and with `\n` at line ends, so that a checkout on Windows is no drift. */
function checksumOf(text: string): string {
  return createHash('sha256')
    .update(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'))
    .digest('hex');
}

/** `$1, $2` or `?1, ?2`, as the connection writes parameters. */
export function placeholders(connection: Connection, count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `${byEngine(connection.dialect, { postgresql: '$', sqlite: '?' })}${index + 1}`,
  );
}
