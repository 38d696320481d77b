import { LOCK_MODES, type PostgresLockMode } from '../model/effect.ts';
import { displayName } from '../model/names.ts';
import type { OwnLock, Row } from './driver.ts';

type Query = (sql: string) => Promise<readonly Row[]>;

const IS_USERS = `n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`;

/** Locks on users' relations that the transaction of a session holds, strongest first. Errors: those of `query`. */
export async function readOwnLocks(query: Query): Promise<readonly OwnLock[]> {
  const rows = await query(
    `SELECT l.relation::oid::int8 AS id, n.nspname AS schema, r.relname AS name, l.mode
       FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class r ON r.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
      WHERE l.locktype = 'relation' AND l.granted AND l.pid = pg_catalog.pg_backend_pid() AND ${IS_USERS}
      ORDER BY n.nspname, r.relname`,
  );
  const strength = (mode: PostgresLockMode): number => LOCK_MODES.indexOf(mode);
  return rows
    .flatMap((row) => {
      const mode = LOCK_MODES.find((known) => known === row['mode']);
      // A mark of SERIALIZABLE is no lock that anybody waits for.
      if (mode === undefined) return [];
      const relation = displayName({ schema: String(row['schema']), name: String(row['name']) });
      return [{ relationId: Number(row['id']), relation, mode }];
    })
    .sort((left, right) => strength(right.mode) - strength(left.mode));
}

/** Every relation of users that a session sees. Errors: those of `query`. */
export async function readRelationIds(query: Query): Promise<readonly number[]> {
  const rows = await query(
    `SELECT r.oid::int8 AS id FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE ${IS_USERS}`,
  );
  return rows.map((row) => Number(row['id']));
}
