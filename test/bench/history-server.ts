import type pg from 'pg';
import { openCopies } from '../database/support/bench.ts';
import { fillRows } from '../database/support/fill-rows.ts';
import { expectSameEnd } from '../database/support/same-end.ts';
import { startPostgres } from '../support/postgres.ts';
import type { OpenedExample } from '../support/rule-check.ts';

/** A statement that waits for longer waits for one that never ends. */
const LIMIT_MS = 60_000;
/** SQLSTATEs of what may not share a transaction: CREATE INDEX CONCURRENTLY, a value of an enum that is used at once. */
const APART: ReadonlySet<string> = new Set(['25001', '55P04']);

/** A statement that changes rows: rows that only an installation has may be what it needs. */
const OF_ROWS = /^(?:insert|update|delete|with|select)\b/i;

/** What ends the transaction that it stands in. */
const ENDS_TRANSACTION = /\b(?:commit|rollback|end\s+transaction)\b/i;

export type Verdict =
  | { readonly kind: 'runs' }
  /** But for statements that change rows: those that an installation has are not there. */
  | { readonly kind: 'runs without rows' }
  | { readonly kind: 'refused'; readonly message: string };

/** A migration as it is written. `isPart`: the plan leaves some of it as it is, which breaks the version before as it did. */
export interface DirectForm {
  readonly sql: string;
  readonly isPart: boolean;
}

/** One server that a history runs on, migration by migration, and the plans of each on copies. */
export interface HistoryServer {
  /** A history of its own, without a migration; `setup` is what its tool makes first. */
  begin(setup?: string): Promise<void>;
  /** Runs a migration as it is written, as far as `tryOut` found that it runs. */
  apply(sql: string): Promise<void>;
  /** What the server would do with the migration now. */
  tryOut(sql: string): Promise<Verdict>;
  /** Runs the direct form and the files of a plan on copies of what is there. */
  compare(example: OpenedExample, name: string, direct: DirectForm): Promise<void>;
  summary(): string;
  end(): Promise<void>;
}

/** Statements of a text. */
type Split = (sql: string) => readonly string[];

export async function openHistoryServer(major: number, statementsOf: Split): Promise<HistoryServer> {
  const server = await startPostgres(major, [`statement_timeout=${LIMIT_MS}`, 'log_min_messages=panic']);
  const tally = { compared: 0, empty: 0, equal: 0, reversible: 0, written: 0 };
  let database = '';
  const on = async <Result>(name: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
    const client = await server.connect(name);
    const result = await work(client);
    await client.end();
    return result;
  };
  return {
    async begin(setup) {
      database = await server.createDatabase();
      if (setup !== undefined) await on(database, (client) => client.query(setup));
    },
    async apply(sql) {
      await on(database, (client) => runAny(client, sql, statementsOf));
    },
    async tryOut(sql) {
      // A copy of a database takes its time, and few migrations need one.
      if (!ENDS_TRANSACTION.test(sql) && (await on(database, (client) => runsAndGoes(client, sql))))
        return { kind: 'runs' };
      const copy = await server.createDatabase(database);
      const verdict = await on(copy, (client) => runAny(client, sql, statementsOf));
      await server.dropDatabase(copy);
      return verdict;
    },
    async compare(example, name, { sql, isPart }) {
      let bench = await openCopies(server, database);
      tally.compared++;
      try {
        // Rows that are made up may break what is to be unique or required from then on: then there are none.
        await fillRows(bench.direct);
        const isEmpty = isPart || (!ENDS_TRANSACTION.test(sql) && (await failsOnRows(bench.direct, sql)));
        if (isEmpty) {
          await bench.end();
          bench = await openCopies(server, database);
          tally.empty++;
        }
        const verdict = await runAny(bench.direct, sql, statementsOf);
        if (verdict.kind !== 'runs') throw new Error('the direct form does not run');
        const { isReversible, written } = await expectSameEnd(bench, example, {
          before: '',
          sql: '',
          hasRun: true,
          isFromElsewhere: true,
          ...(isEmpty ? { isEmpty } : {}),
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
      `PostgreSQL ${major}: ${tally.equal} of ${tally.compared} plans in the direct form's catalog with both versions writing beside (${tally.written} tables that the old one writes; ${tally.empty} without rows, which the direct form fails on, or without writers since a part is left as it is), ${tally.reversible} taken back.`,
    end: () => server.stop(),
  };
}

/** Whether a text runs in one transaction, which is taken back. */
async function runsAndGoes(client: pg.Client, sql: string): Promise<boolean> {
  const message = await refusalOf(client, `BEGIN;\n${sql}`);
  await client.query('ROLLBACK');
  return message === undefined;
}

/** What a statement that may not share a transaction says. */
const IS_APART = /cannot run inside a transaction block|unsafe use of new value/;

/** Whether a text fails on the rows that are there, as far as one transaction can show. */
async function failsOnRows(client: pg.Client, sql: string): Promise<boolean> {
  const message = await refusalOf(client, `BEGIN;\n${sql}`);
  await client.query('ROLLBACK');
  return message !== undefined && !IS_APART.test(message);
}

/** Runs all of a text: in one transaction, statement by statement where it may not be in one, or without what fails for want of rows. */
async function runAny(client: pg.Client, sql: string, statementsOf: Split): Promise<Verdict> {
  try {
    await client.query(sql);
    return { kind: 'runs' };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    return APART.has(code) ? runApart(client, statementsOf(sql)) : runWithoutRows(client, statementsOf(sql));
  }
}

async function runApart(client: pg.Client, statements: readonly string[]): Promise<Verdict> {
  for (const statement of statements) {
    const message = await refusalOf(client, statement);
    if (message !== undefined) return { kind: 'refused', message };
  }
  return { kind: 'runs' };
}

async function runWithoutRows(client: pg.Client, statements: readonly string[]): Promise<Verdict> {
  await client.query('BEGIN');
  for (const statement of statements) {
    await client.query('SAVEPOINT before');
    const message = await refusalOf(client, statement);
    if (message === undefined) continue;
    await client.query(OF_ROWS.test(statement) ? 'ROLLBACK TO before' : 'ROLLBACK');
    if (!OF_ROWS.test(statement)) return { kind: 'refused', message };
  }
  await client.query('COMMIT');
  return { kind: 'runs without rows' };
}

function refusalOf(client: pg.Client, statement: string): Promise<string | undefined> {
  return client.query(statement).then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
}
