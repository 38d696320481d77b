/**
 * SQL of the rows that sequential scans read of each table of users, as `oid` and `read`: `seq_tup_read` of the statistics'
 * views, which join four tables for what one function says. Objects of users come from 16384.
 *
 * `counter`: of the transaction that asks, or of all that is counted.
 */
export function rowsReadSql(counter: 'pg_stat_get_xact_tuples_returned' | 'pg_stat_get_tuples_returned'): string {
  return `SELECT oid::int8::int AS oid, ${counter}(oid)::int AS read FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm', 'p', 't')`;
}
