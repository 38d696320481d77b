/**
 * Extensions of PostgreSQL's own that bring no function of a name, and no operator of a sign for built-in types, that a
 * server may itself have or get.
 *
 * Source: `pg_proc` and `pg_operator` of each on 17. intarray, which has && for int[], is none of them.
 */
export const WITHOUT_LIKENESS: ReadonlySet<string> = new Set(
  'btree_gin btree_gist citext hstore pgcrypto pg_stat_statements pg_trgm unaccent uuid-ossp'.split(' '),
);
