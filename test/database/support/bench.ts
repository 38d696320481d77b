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

const QUIET = 'RESET ALL; SET client_min_messages = error;';
const EMPTY = `ROLLBACK; DO $$
DECLARE gone record;
BEGIN
  FOR gone IN SELECT pubname AS name FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', gone.name); END LOOP;
  FOR gone IN SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', gone.name);
  END LOOP;
END $$;
CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC; ${QUIET}`;

export async function openBench(server: PostgresServer): Promise<Bench> {
  const [first, second] = [await server.createDatabase(), await server.createDatabase()];
  const { direct, migrator, old, now } = await connected(server, first, second);
  return {
    direct,
    migrator,
    old,
    now,
    empty: async () => {
      await Promise.all([
        direct.query(EMPTY),
        // What an application has left open would hold what the migrator drops.
        Promise.all([old, now].map((client) => client.query(`ROLLBACK; ${QUIET}`))).then(() => migrator.query(EMPTY)),
      ]);
    },
    end: async () => {
      for (const client of [direct, migrator, old, now]) await client.end();
    },
  };
}

/** A bench for one case on two copies of a database, which nobody is connected to; they go with it. */
export async function openCopies(server: PostgresServer, template: string): Promise<Bench> {
  const [first, second] = [await server.createDatabase(template), await server.createDatabase(template)];
  const clients = await connected(server, first, second);
  return {
    ...clients,
    empty: () => Promise.resolve(),
    end: async () => {
      for (const client of Object.values(clients)) await client.end();
      for (const name of [first, second]) await server.dropDatabase(name);
    },
  };
}

async function connected(
  server: PostgresServer,
  first: string,
  second: string,
): Promise<Pick<Bench, 'direct' | 'migrator' | 'old' | 'now'>> {
  const [direct, migrator, old, now] = await Promise.all([
    server.connect(first),
    server.connect(second),
    server.connect(second),
    server.connect(second),
  ]);
  for (const client of [direct, migrator, old, now]) await client.query(QUIET);
  return { direct, migrator, old, now };
}
