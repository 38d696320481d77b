import type pg from 'pg';
import { openCopies } from '../database/support/bench.ts';
import { expectSameEnd } from '../database/support/same-end.ts';
import { startPostgres } from '../support/postgres.ts';
import type { OpenedExample } from '../support/rule-check.ts';

/** A statement that waits for longer waits for one that never ends. */
const LIMIT_MS = 60_000;
/** SQLSTATEs of what may not share a transaction: CREATE INDEX CONCURRENTLY, a value of an enum that is used at once. */
const APART: ReadonlySet<string> = new Set(['25001', '55P04']);

/** One server that a history runs on, migration by migration, and the plans of each on copies. */
export interface HistoryServer {
  /** A history of its own, without a migration; `setup` is what its tool makes first. */
  begin(setup?: string): Promise<void>;
  /** Runs a migration as it is written; answers what the server said where it refuses that. */
  apply(sql: string): Promise<string | undefined>;
  /** Whether the migration would run now. */
  takes(sql: string): Promise<boolean>;
  /** Runs the direct form and the files of a plan on copies of what is there. */
  compare(example: OpenedExample, name: string, sql: string): Promise<void>;
  summary(): string;
  end(): Promise<void>;
}

export async function openHistoryServer(major: number): Promise<HistoryServer> {
  const server = await startPostgres(major, [`statement_timeout=${LIMIT_MS}`, 'log_min_messages=panic']);
  const tally = { compared: 0, equal: 0, reversible: 0, written: 0 };
  let database = '';
  const runOn = async (name: string, sql: string): Promise<string | undefined> => {
    const client = await server.connect(name);
    const refusal = await runWhole(client, sql);
    await client.end();
    return refusal;
  };
  return {
    async begin(setup) {
      database = await server.createDatabase();
      if (setup !== undefined) await runOn(database, setup);
    },
    apply: (sql) => runOn(database, sql),
    async takes(sql) {
      const copy = await server.createDatabase(database);
      const refusal = await runOn(copy, sql);
      await server.dropDatabase(copy);
      return refusal === undefined;
    },
    async compare(example, name, sql) {
      const bench = await openCopies(server, database);
      tally.compared++;
      try {
        const refusal = await runWhole(bench.direct, sql);
        if (refusal !== undefined) throw new Error(`the direct form: ${refusal}`);
        const { isReversible, written } = await expectSameEnd(bench, example, {
          before: '',
          sql: '',
          hasRun: true,
          isFromElsewhere: true,
        });
        tally.equal++;
        tally.written += written;
        if (isReversible) tally.reversible++;
      } catch (cause) {
        console.log(
          `  PostgreSQL ${major} ${name}: ${cause instanceof Error ? cause.message.slice(0, 1000) : String(cause)}`,
        );
      }
      await bench.end();
    },
    summary: () =>
      `PostgreSQL ${major}: ${tally.equal} of ${tally.compared} plans in the direct form's catalog with both versions writing beside (${tally.written} tables that the old one writes), ${tally.reversible} taken back.`,
    end: () => server.stop(),
  };
}

/** Runs all of a text in one transaction, or statement by statement where it may not be in one; answers why that failed. */
async function runWhole(client: pg.Client, sql: string): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const message = cause instanceof Error ? cause.message : String(cause);
    if (!APART.has(code)) return message;
    await client.query('ROLLBACK');
    for (const statement of sql.split(/;\s*\n/)) {
      const refusal = await client.query(statement).then(
        () => undefined,
        (again: unknown) => (again instanceof Error ? again.message : String(again)),
      );
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
}
