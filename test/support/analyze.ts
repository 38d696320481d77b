import type pg from 'pg';

/** Counts the rows of the database's own tables; a bare ANALYZE counts those of its catalog too, which takes longer than most tests. */
export async function analyze(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ tables: string | null }>(
    `SELECT string_agg(oid::regclass::text, ', ') AS tables FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')`,
  );
  const tables = rows[0]?.tables;
  if (tables != null) await client.query(`ANALYZE ${tables}`);
}
