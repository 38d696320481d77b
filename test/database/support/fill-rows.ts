import type pg from 'pg';

const ROWS = 5;

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly category: string;
  readonly label: string | null;
}

/** Puts a few rows into every table that takes them: a scan shows only where there is something to read. Returns how many tables have some. */
export async function fillRows(client: pg.Client): Promise<number> {
  const tables = await client.query<{ oid: number; name: string }>(
    `SELECT c.oid::int8::int AS oid, format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY c.oid`,
  );
  let filled = 0;
  for (const table of tables.rows) {
    const {
      rows: [known],
    } = await client.query<{ has: boolean }>(`SELECT EXISTS (SELECT FROM ${table.name}) AS has`);
    if (known?.has === true) {
      filled++;
      continue;
    }
    const columns = await client.query<ColumnRow>(
      `SELECT quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory AS category,
         (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder LIMIT 1) AS label
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = '' AND NOT a.atthasdef`,
      [table.oid],
    );
    const values = columns.rows.map(literalOf);
    const list = columns.rows.map((column) => column.name);
    // A constraint may refuse what this makes: then the table stays empty.
    filled += await client
      .query(
        list.length === 0
          ? `INSERT INTO ${table.name} DEFAULT VALUES`
          : `INSERT INTO ${table.name} (${list.join(', ')}) SELECT ${values.join(', ')} FROM generate_series(1, ${ROWS}) AS i`,
      )
      .then(
        () => 1,
        () => 0,
      );
  }
  return filled;
}

function literalOf({ type, category, label }: ColumnRow): string {
  if (label !== null) return `'${label}'::${type}`;
  if (type === 'uuid') return `('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid`;
  if (type === 'json' || type === 'jsonb') return `'{}'::${type}`;
  switch (category) {
    // Large enough for the checks of the examples (an age of 18 and more), and different in each row.
    case 'N':
      return `(20 + i)::${type}`;
    case 'S':
      return `('a' || i)::${type}`;
    case 'B':
      return 'true';
    case 'D':
      return `(timestamp '2026-01-01' + i * interval '1 day')::${type}`;
    default:
      return `NULL::${type}`;
  }
}
