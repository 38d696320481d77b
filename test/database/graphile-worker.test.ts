import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type pg from 'pg';
import { runMigrations } from 'graphile-worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject } from '../support/run-project.ts';

const SCHEMA = 'graphile_worker';
// The package's entry is dist/index.js; its SQL stands beside dist.
const folder = path.resolve(path.dirname(createRequire(import.meta.url).resolve('graphile-worker')), '../sql');

/** The package's own SQL as a project of plain pairs, its schema filled in; what its program does before them comes first. */
function files(): Record<string, string> {
  const result: Record<string, string> = {
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    'migrations/000000_schema.up.sql': `CREATE SCHEMA ${SCHEMA};\nCREATE TABLE ${SCHEMA}.migrations (id int PRIMARY KEY, ts timestamptz DEFAULT now() NOT NULL);\nALTER TABLE ${SCHEMA}.migrations ADD COLUMN breaking boolean NOT NULL DEFAULT false;\n`,
  };
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.sql'))) {
    result[`migrations/${name.replace('.sql', '_graphile.up.sql')}`] = readFileSync(
      path.join(folder, name),
      'utf8',
    ).replaceAll(':GRAPHILE_WORKER_SCHEMA', `"${SCHEMA}"`);
  }
  return result;
}

/** Everything in the schema in words. */
async function catalogOf(client: pg.Client): Promise<string> {
  const queries = [
    `SELECT c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid) AS value
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1, a.attnum`,
    `SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = '${SCHEMA}'::regnamespace ORDER BY 1, 2`,
    `SELECT pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = '${SCHEMA}'::regnamespace ORDER BY 1`,
    `SELECT proname, pg_get_function_identity_arguments(oid), md5(prosrc) FROM pg_proc WHERE pronamespace = '${SCHEMA}'::regnamespace ORDER BY 1, 2`,
    `SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`,
    `SELECT t.typname, t.typtype FROM pg_type t WHERE t.typnamespace = '${SCHEMA}'::regnamespace ORDER BY 1`,
  ];
  const parts: string[] = [];
  for (const query of queries)
    parts.push((await client.query<Record<string, unknown>>(query)).rows.map((row) => JSON.stringify(row)).join('\n'));
  return parts.join('\n\n');
}

/**
 * Every finding on files that nobody here wrote, read one by one against what the statements do: each of them names a lock
 * that the server takes, a rewrite that it does, or a name that running workers use.
 */
const FINDINGS = [
  '000000: small-key 2,147,483,647',
  '000002: blocking-alter reads all of jobs',
  '000002: work-under-lock UPDATE of many rows',
  '000003: nullable-again "queue_name"',
  '000006: blocking-index SHARE',
  '000006: blocking-index Dropping index jobs_priority_run_at_id_idx',
  '000011: explicit-table-lock jobs',
  '000011: several-tables-locked keeps ACCESS EXCLUSIVE on jobs',
  '000011: explicit-table-lock job_queues',
  '000011: blocking-alter "attempts" rewrites jobs',
  '000011: blocking-alter "max_attempts" rewrites jobs',
  '000011: blocking-alter "priority" rewrites jobs',
  // Three functions that the file does not make anew; the six that it does are not named.
  '000011: dropped-object complete_job',
  '000011: dropped-object fail_job',
  '000011: dropped-object get_job',
  '000011: dropped-object _900_notify_worker',
  // Trigger functions that stay until 000015; the table made in place of theirs has no job_count.
  '000011: name-in-body jobs__decrease_job_queue_count',
  '000011: name-in-body jobs__increase_job_queue_count',
  '000011: small-key job_queues',
  '000011: small-key tasks',
  '000011: work-under-lock reads from graphile_worker.jobs_legacy',
  '000011: work-under-lock reads from graphile_worker.jobs_legacy',
  '000011: work-under-lock reads from graphile_worker.jobs_legacy',
  '000016: rename-in-use jobs',
  '000016: several-tables-locked keeps ACCESS EXCLUSIVE on jobs',
  '000016: rename-in-use job_queues',
  '000016: rename-in-use tasks',
  '000016: rename-in-use known_crontabs',
  '000018: dropped-object _900_after_insert',
];

describe('the SQL migrations that graphile-worker ships', () => {
  test('are read whole, and every finding is one that was read by eye', async () => {
    using project = await runProject(files());
    const reports = project.project.migrations.migrations.map((migration) => ({
      id: migration.id,
      report: project.project.lint(migration.upPath),
      explained: project.project.explain(migration.upPath),
    }));
    expect(reports).toHaveLength(readdirSync(folder).filter((file) => file.endsWith('.sql')).length + 1);
    expect(reports.flatMap(({ report }) => report.problems)).toEqual([]);
    const found = reports.flatMap(({ id, report }) =>
      report.findings.map((finding) => ({ id: id.slice(0, 6), code: finding.code, message: finding.message })),
    );
    const expected = FINDINGS.map((line) => /^(\d+): (\S+) (.*)$/.exec(line)).map((match) => ({
      id: match?.[1] ?? '',
      code: match?.[2] ?? '',
      words: match?.[3] ?? '',
    }));
    expect(found.map((finding) => `${finding.id} ${finding.code}`)).toEqual(
      expected.map((finding) => `${finding.id} ${finding.code}`),
    );
    for (const [index, finding] of found.entries()) expect(finding.message).toContain(expected[index]?.words);
    expect(reports.flatMap(({ explained }) => explained.statements.filter((statement) => !statement.analysed))).toEqual(
      [],
    );
  });

  for (const major of MAJORS) {
    describe(`PostgreSQL ${major}`, () => {
      let server: PostgresServer;
      beforeAll(async () => {
        server = await startPostgres(major);
      });
      afterAll(async () => {
        await server.stop();
      });

      test('make the same database when our runner applies them as when graphile-worker does', async () => {
        using project = await runProject(files());
        const [ours, theirs] = [await server.createDatabase(), await server.createDatabase()];
        const done = await project.run(server.urlOf(ours));
        expect(done.failed).toBeNull();
        expect(done.applied).toHaveLength(project.project.migrations.migrations.length);
        expect(new Set((await project.states(server.urlOf(ours))).map((line) => line.split(': ')[1]))).toEqual(
          new Set(['applied']),
        );
        await runMigrations({ connectionString: server.urlOf(theirs), schema: SCHEMA });
        const [left, right] = [await server.connect(ours), await server.connect(theirs)];
        try {
          expect(await catalogOf(left)).toBe(await catalogOf(right));
        } finally {
          await Promise.all([left.end(), right.end()]);
        }
      });
    });
  }
});
