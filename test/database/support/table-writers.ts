import type pg from 'pg';

/** INSERTs of an application that knows the tables of a database as they are, one for each; `row` makes a row's own values. */
export interface TableWriter {
  readonly table: string;
  sql(row: number): string;
}

/** Rows that foreign keys may point at: the first of those that `fillRows` makes. */
const POINTED_AT = 21;

interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  readonly category: string;
  readonly label: string | null;
}

/** An application of the schema that a database has now: it writes every column that has no default. */
export async function tableWriters(client: pg.Client): Promise<readonly TableWriter[]> {
  const { rows } = await client.query<ColumnRow>(
    `SELECT c.oid::regclass::text AS table, a.attname AS name, quote_ident(a.attname) AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required, t.typcategory AS category,
       (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder LIMIT 1) AS label
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attgenerated = '' AND a.attidentity = '' AND NOT a.atthasdef
       AND c.relname NOT LIKE 'lockstep%' ORDER BY c.oid, a.attnum`,
  );
  const tables = [...new Set(rows.map((row) => row.table))];
  return tables.map((table) => {
    const columns = rows.filter((row) => row.table === table);
    return {
      table,
      sql: (row) =>
        `INSERT INTO ${table} (${columns.map((column) => column.column).join(', ')}) VALUES (${columns.map((column) => madeUp(column, row)).join(', ')})`,
    };
  });
}

function madeUp({ name, type, required, category, label }: ColumnRow, row: number): string {
  if (label !== null) return `'${label}'`;
  if (/(?:_id|Id)$/.test(name) && name !== 'Id') return required ? String(POINTED_AT) : 'NULL';
  switch (category) {
    case 'N':
      return String(row);
    case 'S':
      return `'w${row}'`;
    case 'B':
      return 'true';
    case 'D':
      return 'now()';
    default:
      return type === 'uuid' ? 'gen_random_uuid()' : 'NULL';
  }
}
