import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { readCorpus, type CorpusCase } from '../bench/corpus.ts';
import { analyze } from '../support/analyze.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';

const START_MS = 120_000;
const ROWS = 1_000;
/** A relation counts as read whole when at least this share of its rows was. */
const SCAN_SHARE = 0.5;

const CASES = readCorpus();
const VERSIONS = [...new Set(CASES.map((each) => each.version))].filter(
  (version) => MAJORS.includes(version) && whyNoServer(version) === undefined,
);

/** Labels that no server's answer shows: the tool's own transaction, a tablespace and a database that are not there. */
const NOT_SHOWN = new Set([
  'rows-and-transactions/commit-inside',
  'rows-and-transactions/begin-without-commit',
  'tables-and-partitions/set-tablespace',
  'drops-and-renames/drop-database',
]);

/** A value of a type for row `number` that most constraints take. */
function fillerOf(type: string): string {
  const base = type.replace(/\(.*/, '');
  switch (base) {
    case 'bigint':
    case 'integer':
    case 'numeric':
      return 'number';
    case 'smallint':
      return '(number % 100) + 1';
    case 'text':
    case 'character varying':
      return /character varying\(2\)/.test(type) ? "'de'" : "'v' || number";
    case 'character':
      return "'abc'";
    case 'cidr':
    case 'inet':
      return `'10.0.0.1'::${base}`;
    case 'json':
    case 'jsonb':
      return `'{}'::${base}`;
    case 'bit varying':
      return "B'1'";
    case 'mood':
      return "'ok'::mood";
    default:
      return base.startsWith('timestamp') ? 'now()' : 'number';
  }
}

interface Measured {
  readonly error: string | undefined;
  readonly rewritten: boolean;
  readonly read: boolean;
}

describe.skipIf(VERSIONS.length === 0 && process.env['CI'] === undefined).each(VERSIONS)(
  "the corpus's labels are what PostgreSQL %i does",
  (version) => {
    let server: PostgresServer;
    let engine: Engine;

    beforeAll(async () => {
      server = await startPostgres(version);
      engine = (await loadEngines()).postgresql;
    }, START_MS);
    afterAll(() => server.stop());

    test.each(CASES.filter((each) => each.version === version && !NOT_SHOWN.has(each.name)))(
      '$name',
      async (each) => {
        const measured = await measure(server, engine, each);
        if (each.isHazard) {
          switch (each.kind) {
            case 'error':
              expect(measured.error).toBeDefined();
              break;
            case 'rewrite':
              expect(measured).toMatchObject({ error: undefined, rewritten: true });
              break;
            case 'scan':
              if (each.name !== 'indexes/replaced-drop-first')
                expect(measured).toMatchObject({ error: undefined, read: true });
              break;
            default:
              expect(measured.error).toBeUndefined();
          }
          return;
        }
        expect(measured.error).toBeUndefined();
        if (each.kind === 'catalog') expect(measured).toEqual({ error: undefined, rewritten: false, read: false });
      },
      START_MS,
    );
  },
);

/** Runs a case on filled tables as its migration would run. */
async function measure(server: PostgresServer, engine: Engine, each: CorpusCase): Promise<Measured> {
  const database = await server.createDatabase();
  const client = await server.connect(database);
  try {
    const split = (text: string): readonly string[] =>
      engine.split(text, { start: 0, end: text.length }).map((statement) => statement.text);
    const [setup = '', ...earlier] = each.earlier;
    for (const statement of split(setup)) await client.query(statement);
    await fill(client);
    for (const text of earlier) for (const statement of split(text)) await client.query(statement);
    const before = await state(client);
    let error: string | undefined;
    try {
      const statements = split(each.sql);
      if (each.inTransaction) await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      if (each.inTransaction) await client.query('COMMIT');
    } catch (cause) {
      error = cause instanceof Error ? cause.message : 'failed';
      await client.query('ROLLBACK');
    }
    const after = await state(client);
    const common = [...before].flatMap(([oid, old]) => {
      const now = after.get(oid);
      return now === undefined ? [] : [{ old, now }];
    });
    return {
      error,
      rewritten: common.some(({ old, now }) => old.file !== now.file && now.file !== null),
      read: common.some(({ old, now }) => old.isTable && now.read - old.read >= ROWS * SCAN_SHARE),
    };
  } finally {
    await client.end();
  }
}

/** Rows in every table that takes them; what is referenced comes first, in the order of creation. */
async function fill(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  }>(`
    SELECT c.oid::regclass::text AS name, json_agg(json_build_object('name', quote_ident(a.attname), 'type', coalesce(format_type(nullif(t.typbasetype, 0), NULL), format_type(a.atttypid, a.atttypmod))) ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind = 'r' GROUP BY c.oid ORDER BY c.oid`);
  for (const table of rows) {
    // The bounds of a partition are in its name.
    const year = /_2024$/.test(table.name) ? 2024 : /_rest$/.test(table.name) ? 2020 : 2025;
    const day = `date '${year}-03-01'`;
    const values = table.columns.map((column) => (column.type === 'date' ? day : fillerOf(column.type)));
    await client.query(
      `INSERT INTO ${table.name} (${table.columns.map((column) => column.name).join(', ')}) SELECT ${values.join(', ')} FROM generate_series(1, ${ROWS}) AS number`,
    );
  }
  await client.query('REFRESH MATERIALIZED VIEW totals').catch(() => undefined); // Most setups have none.
  await analyze(client);
}

/** File and rows read of every table, index and materialized view. */
async function state(
  client: pg.Client,
): Promise<ReadonlyMap<string, { readonly file: number | null; readonly read: number; readonly isTable: boolean }>> {
  await client.query('SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()');
  const { rows } = await client.query<{
    readonly oid: string;
    readonly file: string | null;
    readonly read: string | null;
    readonly kind: string;
  }>(`
    SELECT c.oid::text, pg_relation_filenode(c.oid)::text AS file, pg_stat_get_tuples_returned(c.oid)::text AS read, c.relkind::text AS kind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'i', 'm', 'p')`);
  return new Map(
    rows.map((row) => [
      row.oid,
      { file: row.file === null ? null : Number(row.file), read: Number(row.read ?? 0), isTable: row.kind !== 'i' },
    ]),
  );
}
