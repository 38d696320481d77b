/** One row of a catalog query, as row_to_json gives it. */
export type CatalogFact = Readonly<Record<string, unknown>>;

/** What each query found. */
export type CatalogFacts = Readonly<Record<keyof typeof CATALOG_QUERIES, readonly CatalogFact[]>>;

/** Name of the schema `n`, the session's temporary one under the name that every session uses for it. */
const SCHEMA = `CASE WHEN n.oid = pg_my_temp_schema() THEN 'pg_temp' ELSE n.nspname END`;

/** Schemas of users and this session's temporary one; other sessions' and the system's are left out. */
const IS_USERS = `(n.oid = pg_my_temp_schema() OR (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'))`;

function isNotOfExtension(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
}

/** Joins the type `oid` as `t`, its element where it is an array as `el`, and the schema of whichever counts as `tn`. */
function typeJoin(oid: string): string {
  return `JOIN pg_catalog.pg_type t ON t.oid = ${oid} LEFT JOIN pg_catalog.pg_type el ON el.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
    JOIN pg_catalog.pg_namespace tn ON tn.oid = COALESCE(el.typnamespace, t.typnamespace)`;
}

const TYPE_MEMBERS = `COALESCE(el.typname, t.typname) AS type, tn.nspname AS typeschema, el.oid IS NOT NULL AS isarray`;

function namesOf(relation: string, numbers: string): string {
  return `(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(${numbers}) WITH ORDINALITY k(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number)`;
}

function constraintMembers(version: number): string {
  return `c.conname AS name, c.contype AS kind, c.condeferrable AS deferrable, c.condeferred AS deferred, c.convalidated AS validated, c.conislocal AS islocal, c.connoinherit AS noinherit,
    ${version >= 18 ? 'c.conenforced' : 'true'} AS enforced, ${version >= 18 ? 'c.conperiod' : 'false'} AS period`;
}

/**
 * Queries over the whole catalog, by what they find; each takes the major version.
 *
 * None opens a relation of the user, so none waits for a migration that holds one: sizes come from pg_class.relpages.
 */
export const CATALOG_QUERIES = {
  session: () => `SELECT current_schemas(false) AS path`,
  schemas: () =>
    `SELECT ${SCHEMA} AS name FROM pg_catalog.pg_namespace n WHERE ${IS_USERS} AND ${isNotOfExtension('pg_namespace', 'n.oid')}`,
  relations: (
    version: number,
  ) => `SELECT r.oid::int8 AS oid, ${SCHEMA} AS schema, r.relname AS name, r.relkind AS kind, r.relpersistence AS persistence, r.relrowsecurity AS rowsecurity,
      CASE WHEN r.reloftype <> 0 THEN (SELECT tn.nspname || chr(1) || ot.typname FROM pg_catalog.pg_type ot JOIN pg_catalog.pg_namespace tn ON tn.oid = ot.typnamespace WHERE ot.oid = r.reloftype) END AS oftype,
      ${version >= 14 ? 'r.reltuples::int8' : 'CASE WHEN r.relpages = 0 THEN -1 ELSE r.reltuples::int8 END'} AS rows,
      ((r.relpages + COALESCE(toast.relpages, 0) + COALESCE((SELECT sum(ic.relpages) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = r.oid), 0))
        * current_setting('block_size')::int8)::int8 AS bytes,
      CASE WHEN r.relkind IN ('r', 'm') THEN am.amname END AS accessmethod, ts.spcname AS tablespace, r.relreplident AS replident,
      (SELECT ic.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = r.oid AND i.indisreplident AND r.relreplident = 'i' LIMIT 1) AS replindex,
      (SELECT ic.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = r.oid AND i.indisclustered LIMIT 1) AS clusterindex,
      CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END AS partitionkey,
      (SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_catalog.pg_partitioned_table p, unnest(p.partattrs::int2[]) WITH ORDINALITY k(number, place)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number AND k.number > 0 WHERE p.partrelid = r.oid) AS partitioncolumns,
      CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END AS bound,
      CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END AS viewtext,
      (SELECT array_agg(i.inhparent::int8 ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i WHERE i.inhrelid = r.oid) AS parents
    FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace LEFT JOIN pg_catalog.pg_class toast ON toast.oid = r.reltoastrelid
      LEFT JOIN pg_catalog.pg_am am ON am.oid = r.relam LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = r.reltablespace
    WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm') AND ${IS_USERS} AND ${isNotOfExtension('pg_class', 'r.oid')}`,
  columns: (
    version: number,
  ) => `SELECT a.attrelid::int8 AS relation, a.attname AS name, a.attnotnull AS notnull, a.attidentity AS identity, a.attgenerated AS generated, a.attislocal AS islocal,
      pg_get_expr(d.adbin, d.adrelid) AS default, format_type(a.atttypid, a.atttypmod) AS display, ${TYPE_MEMBERS},
      CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0 THEN (SELECT collname FROM pg_catalog.pg_collation WHERE oid = a.attcollation) END AS collation,
      CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage, ${version >= 14 ? 'a.attcompression' : `''`} AS compression,
      col_description(a.attrelid, a.attnum) AS comment,
      (SELECT array_agg(g.privilege_type || CASE WHEN g.is_grantable THEN '*' ELSE '' END || ' ' || CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END) FROM aclexplode(a.attacl) g) AS grants
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace ${typeJoin('a.atttypid')}
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND ${IS_USERS} ORDER BY a.attrelid, a.attnum`,
  // A foreign key to a partitioned table has a row more for each partition there; those say nothing new.
  constraints: (
    version: number,
  ) => `SELECT c.conrelid::int8 AS relation, ${constraintMembers(version)}, ${namesOf('c.conrelid', 'c.conkey')} AS columns,
      CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END AS expression, fr.relname AS target,
      CASE WHEN fn.oid = pg_my_temp_schema() THEN 'pg_temp' ELSE fn.nspname END AS targetschema, ${namesOf('c.confrelid', 'c.confkey')} AS targetcolumns,
      c.confdeltype AS ondelete, c.confupdtype AS onupdate, c.confmatchtype AS match, ic.relname AS index,
      obj_description(c.oid, 'pg_constraint') AS comment
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
      LEFT JOIN pg_catalog.pg_class fr ON fr.oid = c.confrelid LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fr.relnamespace LEFT JOIN pg_catalog.pg_class ic ON ic.oid = c.conindid
    WHERE c.contype IN ('c', 'f', 'p', 'u', 'x', 'n') AND ${IS_USERS}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
    ORDER BY c.conrelid, c.oid`,
  domainConstraints: (
    version: number,
  ) => `SELECT c.contypid::int8 AS type, ${constraintMembers(version)}, pg_get_expr(c.conbin, 0) AS expression
    FROM pg_catalog.pg_constraint c WHERE c.contypid <> 0 ORDER BY c.oid`,
  indexes: (
    version: number,
  ) => `SELECT i.indexrelid::int8 AS oid, ${SCHEMA} AS schema, ic.relname AS name, ic.relkind AS kind, i.indrelid::int8 AS relation, i.indisunique AS unique, i.indisprimary AS primary,
      i.indisexclusion AS exclusion, i.indisvalid AS valid, am.amname AS method, i.indnkeyatts AS keycount, ${version >= 15 ? 'i.indnullsnotdistinct' : 'false'} AS nullsnotdistinct,
      pg_get_expr(i.indpred, i.indrelid) AS where, c.conname AS constraint, p.inhparent::int8 AS parent, ts.spcname AS tablespace, ic.reloptions AS parameters,
      obj_description(i.indexrelid, 'pg_class') AS comment, keys.*
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace JOIN pg_catalog.pg_am am ON am.oid = ic.relam
      LEFT JOIN pg_catalog.pg_inherits p ON p.inhrelid = i.indexrelid LEFT JOIN pg_catalog.pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
      LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace
      CROSS JOIN LATERAL (SELECT array_agg(a.attname::text ORDER BY k.place) AS columns,
          array_agg(CASE WHEN k.number = 0 THEN pg_get_indexdef(i.indexrelid, k.place::int, true) ELSE '' END ORDER BY k.place) AS definitions,
          array_agg(CASE WHEN k.place <= i.indnkeyatts THEN (i.indoption::int2[])[k.place - 1] END ORDER BY k.place) AS options,
          array_agg(CASE WHEN k.place <= i.indnkeyatts AND NOT o.opcdefault THEN o.opcname::text END ORDER BY k.place) AS classes,
          array_agg(CASE WHEN k.place <= i.indnkeyatts AND k.number <> 0 AND co.oid <> ia.attcollation THEN co.collname::text END ORDER BY k.place) AS collations
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0
          LEFT JOIN pg_catalog.pg_attribute ia ON ia.attrelid = i.indrelid AND ia.attnum = k.number
          LEFT JOIN pg_catalog.pg_opclass o ON o.oid = (i.indclass::oid[])[k.place - 1]
          LEFT JOIN pg_catalog.pg_collation co ON co.oid = (i.indcollation::oid[])[k.place - 1]) keys
    WHERE ${IS_USERS} AND ${isNotOfExtension('pg_class', 'i.indrelid')}`,
  sequences:
    () => `SELECT ${SCHEMA} AS schema, r.relname AS name, r.relpersistence AS persistence, t.typname AS datatype, d.refobjid::int8 AS owner, a.attname AS column, d.deptype AS dependency
    FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace JOIN pg_catalog.pg_sequence s ON s.seqrelid = r.oid JOIN pg_catalog.pg_type t ON t.oid = s.seqtypid
      LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE r.relkind = 'S' AND ${IS_USERS} AND ${isNotOfExtension('pg_class', 'r.oid')}`,
  types:
    () => `SELECT ut.oid::int8 AS oid, ${SCHEMA} AS schema, ut.typname AS name, ut.typtype AS kind, ut.typisdefined AS defined, ut.typnotnull AS notnull, ut.typrelid::int8 AS relation, ut.typdefault AS default,
      (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = ut.oid) AS labels,
      CASE WHEN ut.typtype = 'd' THEN format_type(ut.typbasetype, ut.typtypmod) END AS basedisplay, COALESCE(el.typname, t.typname) AS basetype, tn.nspname AS basetypeschema, el.oid IS NOT NULL AS baseisarray,
      CASE WHEN ut.typtype = 'd' AND ut.typcollation <> t.typcollation THEN (SELECT collname FROM pg_catalog.pg_collation WHERE oid = ut.typcollation) END AS collation
    FROM pg_catalog.pg_type ut JOIN pg_catalog.pg_namespace n ON n.oid = ut.typnamespace ${typeJoin(`CASE WHEN ut.typtype = 'd' THEN ut.typbasetype ELSE ut.oid END`)}
    WHERE ${IS_USERS} AND ${isNotOfExtension('pg_type', 'ut.oid')} AND ut.typtype IN ('e', 'd', 'c', 'r', 'b', 'p') AND NOT (ut.typtype = 'b' AND ut.typcategory = 'A')
      AND (ut.typrelid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class r WHERE r.oid = ut.typrelid AND r.relkind = 'c'))`,
  functions:
    () => `SELECT ${SCHEMA} AS schema, p.proname AS name, p.prokind AS kind, p.provolatile AS volatility, l.lanname AS language,
      CASE WHEN l.lanname IN ('sql', 'plpgsql') AND p.prokind <> 'w' AND (p.provolatile = 'v' OR p.prokind = 'p') AND p.prorettype <> 'event_trigger'::regtype THEN pg_get_functiondef(p.oid) END AS definition, p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AS returnstrigger,
      (SELECT json_agg(json_build_object('type', COALESCE(el.typname, t.typname), 'typeschema', tn.nspname, 'isarray', el.oid IS NOT NULL, 'display', format_type(t.oid, NULL)) ORDER BY k.place)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY k(oid, place) ${typeJoin('k.oid')}) AS arguments,
      (SELECT json_build_object('type', COALESCE(el.typname, t.typname), 'typeschema', tn.nspname, 'isarray', el.oid IS NOT NULL, 'display', format_type(t.oid, NULL))
        FROM (SELECT p.prorettype AS oid) k ${typeJoin('k.oid')}) AS returns
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prokind IN ('f', 'p', 'w') AND ${IS_USERS} AND ${isNotOfExtension('pg_proc', 'p.oid')}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i') ORDER BY p.oid`,
  triggers:
    () => `SELECT g.tgrelid::int8 AS relation, g.tgname AS name, g.tgtype AS type, g.tgenabled AS enabled, g.tgconstraint <> 0 AS constraint, g.tgqual IS NOT NULL AS conditional, fn.nspname || '.' || p.proname AS function, pg_get_triggerdef(g.oid) AS definition,
      ${namesOf('g.tgrelid', 'g.tgattr::int2[]')} AS columns
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class r ON r.oid = g.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
      JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
    WHERE (NOT g.tgisinternal OR (g.tgparentid <> 0 AND fn.nspname <> 'pg_catalog')) AND ${IS_USERS} ORDER BY g.tgrelid, g.oid`,
  publications: (
    version,
  ) => `SELECT p.pubname AS name, p.puballtables AS isall, p.pubinsert AS sendsinsert, p.pubupdate AS sendsupdate, p.pubdelete AS sendsdelete, p.pubtruncate AS sendstruncate,
      ${version >= 15 ? '(SELECT array_agg(n.nspname::text ORDER BY n.nspname) FROM pg_catalog.pg_publication_namespace s JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid WHERE s.pnpubid = p.oid)' : 'NULL::text[]'} AS schemas,
      array_agg(r.oid::int8 ORDER BY r.oid) FILTER (WHERE r.oid IS NOT NULL) AS tables
    FROM pg_catalog.pg_publication p LEFT JOIN pg_catalog.pg_publication_rel pr ON pr.prpubid = p.oid LEFT JOIN pg_catalog.pg_class r ON r.oid = pr.prrelid
    GROUP BY p.oid, p.pubname, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate`,
  parts: () => `SELECT o.relation::int8 AS relation, o.part, o.name FROM (
      SELECT polrelid AS relation, 'policy' AS part, polname AS name, oid FROM pg_catalog.pg_policy
      UNION ALL SELECT ev_class, 'rule', rulename, oid FROM pg_catalog.pg_rewrite WHERE rulename <> '_RETURN'
      UNION ALL SELECT stxrelid, 'statistics', stxname, oid FROM pg_catalog.pg_statistic_ext) o
    JOIN pg_catalog.pg_class r ON r.oid = o.relation JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE ${IS_USERS} ORDER BY o.oid`,
  reads:
    () => `SELECT w.ev_class::int8 AS view, d.refobjid::int8 AS relation, array_agg(DISTINCT a.attname::text) FILTER (WHERE a.attname IS NOT NULL) AS columns
    FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class r ON r.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
    WHERE w.rulename = '_RETURN' AND r.relkind IN ('v', 'm') AND ${IS_USERS} GROUP BY w.ev_class, d.refobjid`,
} as const satisfies Readonly<Record<string, (version: number) => string>>;
