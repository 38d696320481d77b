import type { Connection } from '../drivers/driver.ts';
import type { CreateIndex } from '../model/operation.ts';
import { quoted } from '../tools/blocks/history-table.ts';

/** Indexes of the table before CREATE INDEX CONCURRENTLY was sent, by number, as it is kept in a mark. */
export async function indexesBefore(connection: Connection, operation: CreateIndex): Promise<string> {
  const rows = await connection.query(
    'SELECT indexrelid::text AS id FROM pg_catalog.pg_index WHERE indrelid = to_regclass($1)',
    [nameOf(operation.relation)],
  );
  return rows.map((row) => String(row['id'])).join(' ');
}

/** What CREATE INDEX CONCURRENTLY left: nothing, the finished index, or an invalid one that stands in its way. */
export type LeftIndex =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'finished' }
  /** Quoted and qualified. */
  | { readonly kind: 'invalid'; readonly name: string };

/**
 * Looks for the index that a statement built, among those that the table had not before it: by its name, or by its columns
 * where the server chose the name. An index of another definition is somebody else's.
 */
export async function leftIndex(connection: Connection, operation: CreateIndex, before: string): Promise<LeftIndex> {
  const rows = await connection.query(
    `SELECT i.indexrelid::text AS id, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS qualified, i.indisvalid AS valid,
            i.indisunique AS is_unique, am.amname AS method, i.indnkeyatts AS keys,
            ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
                    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
                   WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS columns
       FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am am ON am.oid = c.relam
      WHERE i.indrelid = to_regclass($1)`,
    [nameOf(operation.relation)],
  );
  const known = new Set(before.split(' '));
  const wanted = operation.elements.map((element) => element.column ?? '');
  const own = rows.find((row) => {
    // The query makes a text array of it.
    const columns = row['columns'] as readonly string[];
    return (
      !known.has(String(row['id'])) &&
      (operation.name === undefined || row['name'] === operation.name) &&
      row['is_unique'] === operation.unique &&
      row['method'] === operation.method &&
      columns.length === wanted.length &&
      columns.every((column, index) => column === wanted[index])
    );
  });
  if (own === undefined) return { kind: 'nothing' };
  return own['valid'] === true ? { kind: 'finished' } : { kind: 'invalid', name: String(own['qualified']) };
}

/** Takes an invalid index away without keeping anybody waiting. Errors: rejects with `DatabaseError`. */
export async function dropInvalid(connection: Connection, name: string): Promise<void> {
  await connection.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`, [], { unbounded: true });
}

function nameOf(name: CreateIndex['relation']): string {
  return name.schema === undefined ? quoted(name.name) : `${quoted(name.schema)}.${quoted(name.name)}`;
}
