import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOG_RELATIONS } from '../../server/engines/postgresql/catalog-relations.ts';
import { isBuiltIn } from '../../server/engines/postgresql/effects/volatility.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { MAJORS, type PostgresServer, startPostgres, whyNoServer } from '../support/postgres.ts';
import { openExample } from '../support/rule-check.ts';

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0) console.log(`catalog names: skipped, ${missing.join('; ')}`);

/** A call of each aggregate and window function whose arguments can be made up, without any table. */
const CALLS = `
  SELECT format(
    CASE WHEN aggkind = 'h' THEN 'SELECT %1$I(%2$s) WITHIN GROUP (ORDER BY 1)'
         WHEN aggkind = 'o' THEN 'SELECT %1$I(0.5) WITHIN GROUP (ORDER BY x) FROM generate_series(1, 20) AS x'
         WHEN prokind = 'w' THEN 'SELECT %1$I(%2$s) OVER () FROM generate_series(1, 20) AS x'
         ELSE 'SELECT %1$I(%2$s) FROM generate_series(1, 20) AS x' END,
    proname,
    (SELECT string_agg(format('NULL::%s', CASE type WHEN 'anyelement'::regtype THEN 'int' WHEN '"any"'::regtype THEN 'int'
      WHEN 'anyarray'::regtype THEN 'int[]' WHEN 'anynonarray'::regtype THEN 'int' WHEN 'anyenum'::regtype THEN 'int'
      WHEN 'anyrange'::regtype THEN 'int4range' ELSE type::regtype::text END), ', ')
     FROM unnest(proargtypes) AS type)) AS sql
  FROM pg_proc LEFT JOIN pg_aggregate ON aggfnoid = pg_proc.oid
  WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('a', 'w')`;

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('names of the catalog', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await loadEngines();
  });

  describe.each(MAJORS.map((major) => ({ major })))('of PostgreSQL $major', ({ major }) => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    }, 120_000);
    afterAll(async () => {
      await server.stop();
    });

    test('tables and views, aggregates and window functions are known', async () => {
      const client = await server.connect();
      const relations = await client.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')",
      );
      const functions = await client.query<{ name: string }>(
        "SELECT DISTINCT proname AS name FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('a', 'w')",
      );
      await client.end();
      expect(relations.rows.filter(({ name }) => !CATALOG_RELATIONS.has(name))).toEqual([]);
      expect(functions.rows.filter(({ name }) => !isBuiltIn(name))).toEqual([]);
      expect(functions.rows.length).toBeGreaterThan(40);
    });

    test('a query of aggregates or window functions without a table that the server runs is read', async () => {
      const client = await server.connect();
      const calls = (await client.query<{ sql: string }>(CALLS)).rows.map(({ sql }) => sql);
      const taken: string[] = [];
      for (const sql of calls) {
        try {
          await client.query(sql);
          taken.push(sql);
        } catch {
          // The made-up arguments do not fit it.
        }
      }
      await client.end();
      expect(taken.length).toBeGreaterThan(100);
      const { project, path } = await openExample(engines, {
        dialect: 'postgresql',
        version: String(major),
        sql: `${taken.join(';\n')};`,
      });
      const report = project.lint(path);
      expect([...report.findings, ...report.problems]).toEqual([]);
    });

    test('a name without a schema is that of the catalog, whatever the search path has', async () => {
      const made = 'CREATE TABLE public.pg_index (indisvalid boolean);';
      const sql = 'UPDATE pg_index SET indisvalid = indisvalid WHERE indexrelid = 0;';
      const client = await server.connect();
      await client.query(made);
      await client.query('BEGIN');
      await client.query(sql);
      const seen = await client.query<{ name: string }>(
        "SELECT relation::regclass::text AS name FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock' AND relation::regclass::text LIKE '%pg_index'",
      );
      await client.query('ROLLBACK');
      await client.end();
      const { project, path } = await openExample(engines, {
        dialect: 'postgresql',
        version: String(major),
        before: [made],
        sql,
      });
      expect(seen.rows).toEqual([{ name: 'pg_index' }]);
      expect(project.explain(path).statements[0]?.effects.map(({ relation }) => relation)).toEqual([
        'pg_catalog.pg_index',
      ]);
      expect(project.lint(path).findings).toEqual([]);
    });
  });
});
