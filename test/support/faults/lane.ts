import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type pg from 'pg';
import type { DoneEvent, RunRequest } from '../../../server/runner/runner.ts';
import type { RunEvent, StatusReport } from '../../../server/runner/report.ts';
import type { PostgresServer } from '../postgres.ts';
import { runProject, type RunProject } from '../run-project.ts';
import { extentOf } from './extent.ts';
import { FAULT_SETUP, faultMigrations, filesOf, type Direction, type FaultMigration } from './fault-migrations.ts';
import { observe, POSTGRES, SQLITE, type Ask, type Observation } from './observe.ts';

/** One project with a database of its own, on which faults happen and whose truth is asked beside Lockstep. */
export interface Lane extends AsyncDisposable {
  readonly project: RunProject;
  /** As Lockstep connects to it. */
  readonly url: string;
  readonly migrations: readonly FaultMigration[];
  readonly ask: Ask;
  /** Makes the ledger empty, so that the next direction is counted from nothing. */
  clear(): Promise<void>;
  /** Waits until nobody else works on the database. */
  quiet(): Promise<void>;
  observe(direction: Direction): Promise<Observation>;
  status(): Promise<StatusReport>;
  /** `by`: another way to the same database, such as a proxy's. */
  run(direction: Direction, request?: Partial<RunRequest>, by?: string): Promise<LaneRun>;
}

/** A run with everything that it said. */
export interface LaneRun {
  readonly done: DoneEvent;
  readonly events: readonly RunEvent[];
}

/** On PostgreSQL. `reach` makes the URL by which Lockstep connects, such as that of a pool. */
export async function postgresLane(
  server: PostgresServer,
  reach: (url: string) => string = (url) => url,
  migrations: readonly FaultMigration[] = faultMigrations('postgresql'),
): Promise<Lane> {
  const name = await server.createDatabase();
  const project = await runProject(filesOf('postgresql', migrations));
  let client: pg.Client | undefined;
  // The server may be ended with a session in it; then there is a next one.
  const ask: Ask = async (sql) => {
    for (let attempt = 1; ; attempt++) {
      try {
        client ??= await server.connect(name);
        return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
      } catch (cause) {
        client = undefined;
        if (attempt > 100) throw cause;
        await setTimeout(50);
      }
    }
  };
  await ask(FAULT_SETUP.postgresql);
  return laneOf(project, reach(server.urlOf(name)), ask, POSTGRES, migrations, {
    quiet: async () => {
      const others =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'";
      for (let attempt = 0; (await ask(others)).length > 0; attempt++) {
        if (attempt > 600) throw new Error('a session of a run that was ended goes on');
        await setTimeout(25);
      }
    },
    dispose: async () => {
      await client?.end().catch(() => undefined);
    },
  });
}

/** Asks a SQLite file by a connection that is opened for each statement. */
export function sqliteAsk(file: string): Ask {
  return async (sql) => {
    const database = new Database(file, { timeout: 10_000 });
    try {
      const statement = database.prepare(sql);
      // Rows as arrays of cells.
      if (statement.reader) return statement.raw().all() as unknown[][];
      statement.run();
      return [];
    } finally {
      database.close();
    }
  };
}

export async function sqliteLane(
  journal: string,
  migrations: readonly FaultMigration[] = faultMigrations('sqlite'),
): Promise<Lane> {
  const project = await runProject(filesOf('sqlite', migrations));
  const file = path.join(project.folder, 'app.db');
  const setup = new Database(file);
  setup.pragma(`journal_mode = ${journal}`);
  setup.exec(FAULT_SETUP.sqlite);
  setup.close();
  return laneOf(project, 'sqlite:app.db', sqliteAsk(file), SQLITE, migrations, {
    quiet: async () => {
      // The process that wrote notices that nobody is there any more when its statement ends; until then it holds this lock.
      const probe = new Database(file, { timeout: 10_000 });
      probe.exec('BEGIN IMMEDIATE; ROLLBACK');
      probe.close();
    },
    dispose: async () => undefined,
  });
}

function laneOf(
  project: RunProject,
  url: string,
  ask: Ask,
  product: typeof POSTGRES,
  migrations: readonly FaultMigration[],
  own: { readonly quiet: () => Promise<void>; readonly dispose: () => Promise<void> },
): Lane {
  return {
    project,
    url,
    migrations,
    ask,
    quiet: own.quiet,
    async clear() {
      await ask('DELETE FROM ledger');
    },
    observe: (direction) => observe(ask, product, migrations, direction),
    status: () => project.status(url, { readOnly: true }),
    async run(direction, request = {}, by = url) {
      const events: RunEvent[] = [];
      const done = await project.run(by, {
        ...extentOf(direction),
        ...request,
        onEvent: (event) => {
          events.push(event);
          request.onEvent?.(event);
        },
      });
      return { done, events };
    },
    async [Symbol.asyncDispose]() {
      await own.dispose();
      project[Symbol.dispose]();
    },
  };
}
