import type pg from 'pg';

/** What an object may do that has no list of rights of its own is what its kind begins with. */
const rights = (acl: string, kind: string, owner: string): string =>
  `(SELECT array_agg(pg_get_userbyid(grantee) || ' ' || privilege_type ORDER BY pg_get_userbyid(grantee), privilege_type)::text FROM aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))))`;
const OWN = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** Everything that a schema-only dump would write, as one text for each object; places of columns and comments are left out. */
const QUERIES: readonly string[] = [
  `SELECT 'schema', nspname, ${rights('nspacl', 'n', 'nspowner')} FROM pg_namespace n WHERE ${OWN}`,
  "SELECT 'extension', extname FROM pg_extension",
  "SELECT 'role', rolname FROM pg_roles WHERE rolname !~ '^pg_'",
  `SELECT 'relation', c.oid::regclass, relkind, relpersistence, relrowsecurity, relforcerowsecurity, relreplident, relispartition, reloptions, pg_get_userbyid(relowner),
      CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, ${rights('relacl', 'r', 'relowner')}
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OWN} AND relkind IN ('r', 'p', 'v', 'm', 'f')`,
  `SELECT 'sequence', c.oid::regclass, seqtypid::regtype, ${rights('relacl', 's', 'relowner')} FROM pg_class c JOIN pg_sequence ON seqrelid = c.oid JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OWN}`,
  `SELECT 'column', c.oid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attcollation, pg_get_expr(adbin, adrelid), attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
    WHERE ${OWN} AND relkind IN ('r', 'p', 'f', 'c') AND attnum > 0 AND NOT attisdropped`,
  `SELECT 'constraint', conrelid::regclass, contypid::regtype, conname, convalidated, pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN pg_namespace n ON n.oid = connamespace WHERE ${OWN} AND contype <> 'n'`,
  `SELECT 'index', pg_get_indexdef(indexrelid), indisvalid FROM pg_index i JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OWN}`,
  "SELECT 'trigger', pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal",
  "SELECT 'policy', polrelid::regclass, polname, polcmd, polpermissive, array_to_string(polroles::regrole[], ','), pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy",
  `SELECT 'rule', pg_get_ruledef(r.oid), ev_enabled FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OWN} AND rulename <> '_RETURN'`,
  `SELECT 'function', pg_get_functiondef(p.oid), ${rights('proacl', 'f', 'proowner')} FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${OWN} AND prokind <> 'a'`,
  `SELECT 'type', t.oid::regtype, typtype, typnotnull, typdefault, format_type(typbasetype, typtypmod), (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
      ${rights('typacl', 'T', 'typowner')} FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE ${OWN} AND typtype IN ('e', 'd', 'c', 'r') AND typelem = 0`,
  `SELECT 'statistics', pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s`,
  "SELECT 'publication', pubname FROM pg_publication",
  `SELECT 'operator', o.oid::regoperator FROM pg_operator o JOIN pg_namespace n ON n.oid = oprnamespace WHERE ${OWN}`,
];

/** A database in words, all its schemas included, one line for each object. */
export async function fullCatalog(client: pg.Client): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const query of QUERIES) {
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    lines.push(...rows.map((row) => JSON.stringify(row)));
  }
  return lines.sort();
}
