import { byEngine } from '../model/engine-id.ts';
import type { Connection, Row } from '../drivers/driver.ts';
import type { ParityCheck } from '../planner/step.ts';

/** Rows that one query compares: a second or so, so that no snapshot is held for long. */
const RANGE_ROWS = 50_000;

/** Some rows in the order of their key, with a checksum of either side. Keys are row values and so are not told. */
export interface ParityRange {
  /** Place of the first row in key order, from 1. */
  readonly firstRow: number;
  readonly rows: number;
  readonly differing: number;
  /** Null where the database has no hash function. */
  readonly oldChecksum: string | null;
  readonly newChecksum: string | null;
}

/** How old and new compare in one table. */
export interface ParityResult {
  readonly table: string;
  readonly rows: number;
  readonly differing: number;
  readonly ranges: readonly ParityRange[];
}

/**
 * Compares two expressions in each row of a table, range by range in the order of its key; a table without a key of one
 * column is compared by one query.
 *
 * Reads only. Errors: rejects with `DatabaseError`.
 */
export async function compareSides(
  connection: Connection,
  check: ParityCheck,
  signal?: AbortSignal,
): Promise<ParityResult> {
  const key = await byEngine<() => Promise<string | undefined>>(connection.dialect, {
    postgresql: () => singleKey(connection, check.table),
    sqlite: async () => undefined,
  })();
  // The expressions may name the table by its own name.
  const alias = /("(?:[^"]|"")*"|[^."]+)$/.exec(check.table)?.[0] ?? 'part';
  const ranges: ParityRange[] = [];
  const done = (): ParityResult => ({
    table: check.table,
    rows: sum(ranges, 'rows'),
    differing: sum(ranges, 'differing'),
    ranges,
  });
  if (key === undefined) {
    const [row] = await connection.query(`SELECT ${aggregates(connection, check)} FROM ${check.table}`, [], {
      unbounded: true,
    });
    if (row !== undefined) ranges.push(rangeOf(row, 1));
    return done();
  }
  let last: unknown;
  for (let firstRow = 1; signal?.aborted !== true; ) {
    const [row] = await connection.query(
      `SELECT ${aggregates(connection, check)}, (array_agg(${key} ORDER BY ${key} DESC))[1]::text AS last FROM (SELECT * FROM ${check.table}${last === undefined ? '' : ` WHERE ${key} > $1`} ORDER BY ${key} LIMIT ${RANGE_ROWS}) AS ${alias}`,
      last === undefined ? [] : [last],
    );
    const range = row === undefined ? undefined : rangeOf(row, firstRow);
    if (range === undefined || range.rows === 0) break;
    ranges.push(range);
    firstRow += range.rows;
    last = row?.['last'];
    if (range.rows < RANGE_ROWS) break;
  }
  return done();
}

/** Whether no row differs, and the checksums of either side are equal in each range. */
export function sidesAgree({ differing, ranges }: ParityResult): boolean {
  return differing === 0 && ranges.every((range) => range.oldChecksum === range.newChecksum);
}

function aggregates(connection: Connection, check: ParityCheck): string {
  const without = `count(*) AS rows, coalesce(sum((${check.old}) IS NOT (${check.new})), 0) AS differing, NULL AS old_sum, NULL AS new_sum`;
  const checksum = (side: string): string =>
    `coalesce(sum(hashtextextended(coalesce((${side})::text, ''), CASE WHEN (${side}) IS NULL THEN 1 ELSE 0 END)::numeric), 0)::text`;
  const withSums = `count(*) AS rows, count(*) FILTER (WHERE record_image_ne(ROW(${check.old}), ROW(${check.new}))) AS differing, ${checksum(check.old)} AS old_sum, ${checksum(check.new)} AS new_sum`;
  return byEngine(connection.dialect, { postgresql: withSums, sqlite: without });
}

function rangeOf(row: Row, firstRow: number): ParityRange {
  const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
  return {
    firstRow,
    rows: Number(row['rows']),
    differing: Number(row['differing']),
    oldChecksum: text(row['old_sum']),
    newChecksum: text(row['new_sum']),
  };
}

function sum(ranges: readonly ParityRange[], member: 'rows' | 'differing'): number {
  return ranges.reduce((total, range) => total + range[member], 0);
}

/** The quoted name of the primary key's column, where it has one only. */
async function singleKey(connection: Connection, table: string): Promise<string | undefined> {
  const rows = await connection.query(
    `SELECT quote_ident(a.attname) AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = to_regclass($1) AND i.indisprimary`,
    [table],
  );
  return rows.length === 1 ? String(rows[0]?.['name']) : undefined;
}
