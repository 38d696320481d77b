import type pg from 'pg';

/** Queries whose rows describe a schema in words: two databases with the same rows have the same objects. */
const QUERIES: Readonly<Record<string, string>> = {
  columns: `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attidentity, a.attgenerated,
      pg_get_expr(d.adbin, d.adrelid) AS "default", row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) AS position, col_description(c.oid, a.attnum) AS comment
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1, 8`,
  constraints: `SELECT conrelid::regclass::text AS relation, conname, contype, convalidated, condeferrable, condeferred, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  indexes: `SELECT i.indrelid::regclass::text AS relation, pg_get_indexdef(i.indexrelid) AS definition, i.indisvalid, i.indisunique, i.indisprimary, i.indimmediate, i.indisreplident
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2`,
  storage: `SELECT c.relname, c.reloptions, c.relreplident, pg_get_userbyid(c.relowner) AS owner FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S') ORDER BY 1`,
  statistics: `SELECT c.relname, a.attname, a.attstattarget, a.attoptions FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL) ORDER BY 1, 2`,
  privileges: `SELECT c.relname, NULL AS attname, c.relacl::text AS granted FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relacl IS NOT NULL
    UNION ALL SELECT c.relname, a.attname, a.attacl::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND a.attacl IS NOT NULL AND NOT a.attisdropped ORDER BY 1, 2`,
  comments: `SELECT c.relname, obj_description(c.oid, 'pg_class') AS comment FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND obj_description(c.oid, 'pg_class') IS NOT NULL
    UNION ALL SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND obj_description(oid, 'pg_constraint') IS NOT NULL ORDER BY 1`,
  triggers: `SELECT tgrelid::regclass::text AS relation, tgname, tgenabled, pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`,
  sequences: `SELECT c.relname, s.seqtypid::regtype::text AS type, d.refobjid::regclass::text AS owner FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    LEFT JOIN pg_depend d ON d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass ORDER BY 1`,
  functions: `SELECT proname, pg_get_function_identity_arguments(oid) AS arguments FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2`,
  // Bodies that are kept as trees; all others are texts, which a change may leave as they are.
  bodies: `SELECT proname, pg_get_functiondef(oid) AS definition FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a' AND to_jsonb(p) ->> 'prosqlbody' IS NOT NULL ORDER BY 1`,
  policies: `SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2`,
  rules: `SELECT tablename, rulename, definition FROM pg_rules WHERE schemaname = 'public' ORDER BY 1, 2`,
  // Columns in the order of their names: a column that takes another's place stands last.
  publications: `SELECT (CASE WHEN jsonb_typeof(to_jsonb(t) -> 'attnames') = 'array'
      THEN jsonb_set(to_jsonb(t), '{attnames}', (SELECT jsonb_agg(name ORDER BY name) FROM jsonb_array_elements_text(to_jsonb(t) -> 'attnames') AS name))
      ELSE to_jsonb(t) END)::text AS published FROM pg_publication_tables t ORDER BY 1`,
  views: `SELECT c.relname, pg_get_viewdef(c.oid) AS definition FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm') ORDER BY 1`,
  types: `SELECT t.typname, t.typtype, array_agg(e.enumlabel ORDER BY e.enumsortorder) AS labels FROM pg_type t LEFT JOIN pg_enum e ON e.enumtypid = t.oid
    WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd') GROUP BY 1, 2 ORDER BY 1`,
};

/** All of them in one message: each would wait for the server in turn. */
const ALL_QUERIES = Object.values(QUERIES).join(';\n');

/** The public schema of a database in words, object by object. History tables of migration tools are left out. */
export async function catalogText(client: pg.Client): Promise<string> {
  // The driver answers a text of several statements with the results of each, which its types do not say.
  const results = (await client.query(ALL_QUERIES)) as unknown as readonly pg.QueryResult<Record<string, unknown>>[];
  return Object.keys(QUERIES)
    .flatMap((title, index) => (results[index]?.rows ?? []).map((row) => `${title}: ${JSON.stringify(row)}`))
    .filter((line) => !line.includes('lockstep_') && !line.includes('schema_migrations'))
    .join('\n');
}
