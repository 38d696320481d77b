import type pg from 'pg';

/** Statements of an application that knows the tables of a database as they are, one writer for each table. */
export interface TableWriter {
  readonly table: string;
  /** An INSERT and an UPDATE; `row` makes a row's own values. */
  sql(row: number): readonly string[];
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
  readonly key: boolean;
  readonly has_default: boolean;
  readonly numbered: boolean;
  readonly points: boolean;
}

/**
 * An application of the schema that a database has now: it writes every column; those with a default every other time.
 * A column of another type in `earlier` gets values of that one.
 */
export async function tableWriters(client: pg.Client, earlier?: pg.Client): Promise<readonly TableWriter[]> {
  const was = new Map(
    (earlier === undefined ? [] : await columnsOf(earlier)).map((row) => [`${row.table}.${row.name}`, row]),
  );
  const unready = earlier === undefined ? new Set<string>() : await notYetWritten(earlier);
  const known = (await columnsOf(client)).filter(
    ({ table, name }) => !unready.has(table) && !unready.has(`${table}.${name}`),
  );
  const rows = known.map((row) => {
    const old = was.get(`${row.table}.${row.name}`);
    // What a truth value is made up as, a number can hold too.
    return old === undefined || old.type === row.type || row.category === 'B'
      ? row
      : { ...row, category: old.category, label: old.label, type: old.type };
  });
  const tables = [...new Set(rows.map((row) => row.table))];
  return tables.map((table) => {
    const own = rows.filter((row) => row.table === table);
    const keys = own.filter((column) => column.key && column.type !== 'uuid');
    const [key] = keys;
    return {
      table,
      sql: (row) => {
        const columns = own.filter((column) => !column.numbered && (row % 2 === 0 || !column.has_default));
        const changed = columns.filter((column) => !column.key);
        const values = (of: number, some: readonly ColumnRow[]): string =>
          some.map((column) => madeUp(column, of)).join(', ');
        return [
          columns.length === 0
            ? `INSERT INTO ${table} DEFAULT VALUES`
            : `INSERT INTO ${table} (${columns.map(({ column }) => column).join(', ')}) VALUES (${values(row, columns)})`,
          ...(changed.length === 0 || key === undefined || keys.length > 1
            ? []
            : [
                `UPDATE ${table} SET ${changed.map((column) => `${column.column} = ${madeUp(column, row + 10_000)}`).join(', ')} WHERE ${key.column} = (SELECT max(${key.column}) FROM ${table})`,
              ]),
        ];
      },
    };
  });
}

/** Partitions, which are written through their table, and columns that are worked out: until a step changes that. */
export async function notYetWritten(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relispartition AND c.relnamespace = 'public'::regnamespace
     UNION SELECT a.attrelid::regclass::text || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE a.attgenerated <> '' AND c.relnamespace = 'public'::regnamespace`,
  );
  return new Set(rows.map(({ name }) => name));
}

async function columnsOf(client: pg.Client): Promise<readonly ColumnRow[]> {
  const { rows } = await client.query<ColumnRow>(
    `SELECT c.oid::regclass::text AS table, a.attname AS name, quote_ident(a.attname) AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey) AND pg_get_constraintdef(k.oid) LIKE '%' || quote_ident(a.attname) || ' IS NOT NULL%') AS required, t.typcategory AS category,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key, a.atthasdef AS has_default,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)) AS points,
       a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval%', false) AS numbered,
       (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder LIMIT 1) AS label
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace AND a.attgenerated = ''
       AND c.relname NOT LIKE 'lockstep%' ORDER BY c.oid, a.attnum`,
  );
  return rows;
}

function madeUp({ name, type, required, key, category, label, points }: ColumnRow, row: number): string {
  if (label !== null) return `'${label}'`;
  if ((/(?:_id|Id)(?:_new|_old)?$/.test(name) && name !== 'Id') || (points && !key && category === 'N'))
    return required ? String(POINTED_AT) : 'NULL';
  switch (category) {
    case 'N':
      return String(row);
    case 'S':
      return `'w${row}'`;
    case 'B':
      // A version that works with a number and with a truth value sends what both can read.
      return "'1'";
    case 'D':
      return 'now()';
    default:
      if (type === 'uuid') return 'gen_random_uuid()';
      return /^jsonb?$/.test(type) ? `'{}'` : 'NULL';
  }
}
