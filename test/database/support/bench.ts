import type pg from 'pg';
import type { PostgresServer } from '../../support/postgres.ts';

/** Sessions on two databases of one server that case after case begins on again: made once, emptied for each. */
export interface Bench {
  /** Of the database that the migration runs on as it is written. */
  readonly direct: pg.Client;
  /** Of the database that the steps run on: who migrates, and the versions of the application, each with its own cached plans. */
  readonly migrator: pg.Client;
  readonly old: pg.Client;
  readonly now: pg.Client;
  /** Leaves nothing of the case before. */
  empty(): Promise<void>;
  end(): Promise<void>;
}

const EMPTY = `DO $$
DECLARE gone record;
BEGIN
  FOR gone IN SELECT pubname AS name FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', gone.name); END LOOP;
  FOR gone IN SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', gone.name);
  END LOOP;
END $$;
CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC; RESET ALL;`;

export async function openBench(server: PostgresServer): Promise<Bench> {
  const [first, second] = [await server.createDatabase(), await server.createDatabase()];
  const [direct, migrator, old, now] = await Promise.all([
    server.connect(first),
    server.connect(second),
    server.connect(second),
    server.connect(second),
  ]);
  const all = [direct, migrator, old, now];
  for (const client of all) await client.query('SET client_min_messages = error');
  return {
    direct,
    migrator,
    old,
    now,
    empty: async () => {
      for (const client of all) await client.query('ROLLBACK; RESET ALL');
      for (const client of [direct, migrator]) await client.query(EMPTY);
      for (const client of all) await client.query('SET client_min_messages = error');
    },
    end: async () => {
      for (const client of all) await client.end();
    },
  };
}
