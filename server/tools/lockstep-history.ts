import { createHash } from 'node:crypto';
import type { Connection } from '../drivers/driver.ts';
import type { AppliedMigration, History, HistoryEntry } from './adapter.ts';

/** Written into each row, so that a later version knows how the checksum was made. */
const HISTORY_VERSION = '1';
const TABLE = 'lockstep_history';

/** Lockstep's own history, for formats that have no tool: one row a migration with the checksum of its up half. */
export const lockstepHistory: History = {
  table: TABLE,
  lateArrival: 'runs',
  async exists(connection) {
    return tableExists(connection, TABLE);
  },
  async ensure(connection) {
    const time = connection.dialect === 'postgresql' ? 'timestamptz' : 'text';
    await connection.execute(
      `CREATE TABLE IF NOT EXISTS ${TABLE} (id text PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at ${time} NOT NULL, ` +
        'execution_ms bigint NOT NULL, lockstep_version text NOT NULL)',
    );
  },
  async read(connection) {
    const rows = await connection.query(`SELECT id, name, checksum, applied_at FROM ${TABLE}`);
    return rows.map(
      (row): AppliedMigration => ({
        id: String(row['id']),
        name: String(row['name']),
        checksum: String(row['checksum']),
        appliedAt: row['applied_at'] instanceof Date ? row['applied_at'] : new Date(String(row['applied_at'])),
      }),
    );
  },
  async record(connection, entry: HistoryEntry) {
    const [first, second, third, fourth, fifth, sixth] = placeholders(connection, 6);
    await connection.query(
      `INSERT INTO ${TABLE} (id, name, checksum, applied_at, execution_ms, lockstep_version) VALUES (${first}, ${second}, ${third}, ${fourth}, ${fifth}, ${sixth})`,
      [
        entry.id,
        entry.name,
        checksumOf(entry.upText),
        entry.appliedAt.toISOString(),
        Math.round(entry.executionMs),
        HISTORY_VERSION,
      ],
    );
  },
  async remove(connection, id) {
    await connection.query(`DELETE FROM ${TABLE} WHERE id = ${placeholders(connection, 1)[0]}`, [id]);
  },
  checksum: checksumOf,
};

/** SHA-256 in hexadecimal of the text without byte-order mark and with `\n` at line ends, so that a checkout on Windows is no drift. */
function checksumOf(text: string): string {
  return createHash('sha256')
    .update(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'))
    .digest('hex');
}

/** `$1, $2` or `?1, ?2`, as the connection writes parameters. */
export function placeholders(connection: Connection, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${connection.dialect === 'postgresql' ? '$' : '?'}${index + 1}`);
}

/** Whether a table of this name is found through the search path, or in the SQLite file. */
export async function tableExists(connection: Connection, table: string): Promise<boolean> {
  const rows =
    connection.dialect === 'postgresql'
      ? await connection.query('SELECT to_regclass($1) IS NOT NULL AS found', [table])
      : await connection.query(`SELECT count(*) > 0 AS found FROM sqlite_schema WHERE type = 'table' AND name = ?1`, [
          table,
        ]);
  const found = rows[0]?.['found'];
  return found === true || found === 1;
}
