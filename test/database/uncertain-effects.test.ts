import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { MAJORS, type PostgresServer, startPostgres, whyNoServer } from '../support/postgres.ts';
import { openExample } from '../support/rule-check.ts';

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0) console.log(`uncertain effects: skipped, ${missing.join('; ')}`);

const TABLES = `
CREATE TABLE users (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint REFERENCES users (id) ON DELETE CASCADE, line text);
CREATE TABLE visits (user_id bigint);
CREATE TABLE notes (id bigserial, body text);`;
const ROWS = `
INSERT INTO users SELECT g, 'n' || g FROM generate_series(1, 20000) AS g;
INSERT INTO orders (user_id) SELECT g FROM generate_series(1, 20000) AS g;
ANALYZE;`;

/**
 * What each statement does not do on these tables although it may: the effect is no certain one. `open` names the relations
 * whose lock depends on rows, `unread` the one that the server does not read whole.
 */
const CASES: readonly { readonly sql: string; readonly open: readonly string[]; readonly unread?: string }[] = [
  {
    sql: 'ALTER TABLE visits ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users (id);',
    open: [],
    unread: 'public.users',
  },
  { sql: 'INSERT INTO notes (body) SELECT name FROM users WHERE id = -1;', open: ['public.notes_id_seq'] },
  { sql: 'DELETE FROM users WHERE id = -1;', open: ['public.orders'] },
  { sql: 'UPDATE users SET id = -2 WHERE id = -1;', open: ['public.orders'] },
  {
    sql: "INSERT INTO orders (user_id, line) SELECT 1, 'x' WHERE false;",
    open: ['public.orders_id_seq', 'public.users'],
  },
  {
    sql: 'DO $$ BEGIN IF pg_backend_pid() < 0 THEN DROP TABLE orders, notes CASCADE; END IF; END $$;',
    open: ['public.orders', 'public.orders_id_seq', 'public.users', 'public.notes', 'public.notes_id_seq'],
  },
  { sql: 'ALTER TABLE notes OWNER TO CURRENT_USER;', open: [] },
  { sql: 'ALTER TABLE notes OWNER TO postgres;', open: ['public.notes_id_seq'] },
];

/** Relations that the statement locks with more than AccessShareLock, and those that it reads whole; nothing stays. */
async function seenBy(
  client: Client,
  sql: string,
): Promise<{ readonly locked: readonly string[]; readonly read: readonly string[] }> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    const { rows } = await client.query<{ name: string; locked: boolean; read: boolean }>(`
      SELECT 'public.' || relname AS name, bool_or(mode IS NOT NULL) AS locked,
             bool_or(coalesce(pg_stat_get_xact_tuples_returned(pg_class.oid), 0) >= 20000) AS read
      FROM pg_class LEFT JOIN pg_locks
        ON relation = pg_class.oid AND pid = pg_backend_pid() AND mode <> 'AccessShareLock'
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') GROUP BY 1`);
    return {
      locked: rows.filter((row) => row.locked).map(({ name }) => name),
      read: rows.filter((row) => row.read).map(({ name }) => name),
    };
  } finally {
    await client.query('ROLLBACK');
  }
}

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('what only rows cause', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await loadEngines();
  });

  describe.each(MAJORS.map((major) => ({ major })))('on PostgreSQL $major', ({ major }) => {
    let server: PostgresServer;
    let client: Client;
    beforeAll(async () => {
      server = await startPostgres(major);
      client = await server.connect();
      await client.query(`${TABLES}${ROWS}`);
    }, 120_000);
    afterAll(async () => {
      await client.end();
      await server.stop();
    });

    test.each(CASES)('$sql', async ({ sql, open, unread }) => {
      const example = await openExample(engines, {
        dialect: 'postgresql',
        version: String(major),
        before: [TABLES],
        sql,
      });
      const effects = example.project.explain(example.path).statements[0]?.effects ?? [];
      const seen = await seenBy(client, sql);
      const lockIsCertain = effects.filter(
        ({ certainty, scanCertainty }) => certainty === 'certain' || scanCertainty === 'may',
      );
      expect(lockIsCertain.map(({ relation }) => relation).sort()).toEqual([...seen.locked].sort());
      expect(
        effects
          .filter((effect) => !lockIsCertain.includes(effect))
          .map(({ relation }) => relation)
          .sort(),
      ).toEqual([...open].sort());
      if (unread === undefined) return;
      expect(seen.read).not.toContain(unread);
      expect(effects.find(({ relation }) => relation === unread)).toMatchObject({ scan: true, scanCertainty: 'may' });
    });
  });
});
