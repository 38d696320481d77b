import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { FixProposal } from '../../server/analysis/report.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample, writeFiles } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { BODY_CASES } from '../support/whole/body-cases.ts';
import { GENERATED_CASES } from '../support/whole/generated-cases.ts';
import { HANDWRITTEN_CASES } from '../support/whole/handwritten-cases.ts';
import { REMADE_CASES } from '../support/whole/remade-cases.ts';
import { ROWS_BEFORE, ROWS_CASES } from '../support/whole/rows-cases.ts';
import type { WholeCase } from '../support/whole/whole-case.ts';
import { openBench, type Bench } from './support/bench.ts';
import { expectSameEnd, withoutIndexes } from './support/same-end.ts';

/** The oldest server and the default one, unless `LOCKSTEP_PG` asks for others. */
const WHOLE_MAJORS =
  process.env['LOCKSTEP_PG'] === undefined ? MAJORS.filter((major) => major === 13 || major === 17) : MAJORS;
const CASES: readonly WholeCase[] = [...GENERATED_CASES, ...HANDWRITTEN_CASES, ...BODY_CASES, ...REMADE_CASES];

/** What was shown of all cases on one major. */
interface Tally {
  silent: number;
  equal: number;
  reversible: number;
  refused: number;
  filesAfter: number;
  deploys: number;
}

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

for (const major of WHOLE_MAJORS) {
  const reason = whyNoServer(major);
  describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
    `PostgreSQL ${major}${reason === undefined ? '' : ` (${reason})`}`,
    () => {
      let server: PostgresServer;
      let bench: Bench;
      const tally: Tally = { silent: 0, equal: 0, reversible: 0, refused: 0, filesAfter: 0, deploys: 0 };
      beforeAll(async () => {
        server = await startPostgres(major);
        bench = await openBench(server);
      });
      afterAll(async () => {
        await bench.end();
        await server.stop();
        console.log(
          `PostgreSQL ${major}: ${CASES.length} migrations, ${tally.silent} silent after one action, ${tally.refused} refused with a reason, ${tally.equal} in the direct form's catalog, ${tally.reversible} reversible; ${CASES.length} files before, ${tally.filesAfter} after, ${tally.deploys} deploys between.`,
        );
      });

      test.for(CASES)('$style: $name', async (each) => {
        const example = await openExample(engines, {
          dialect: 'postgresql',
          version: String(major),
          before: [each.before],
          sql: each.sql,
        });
        const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
        if (each.refused !== undefined) {
          expect(
            [fix?.kind === 'refused' ? fix.reason : '', ...(fix?.left ?? []).map((one) => one.reason)].join(' '),
          ).toContain(each.refused);
          tally.refused++;
          return;
        }
        if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
        await writeFiles(example, withSaidValues(fix.proposal).files);
        const migrations = example.project.migrations.migrations.slice(1);
        const complaints = migrations.flatMap((migration) =>
          example.project
            .lint(migration.upPath)
            .findings.filter(({ severity }) => severity !== 'info')
            .map((finding) => `${migration.upPath}: ${finding.code}`),
        );
        expect(complaints.filter((complaint) => each.stays?.some((code) => complaint.endsWith(code)) !== true)).toEqual(
          [],
        );
        tally.silent++;
        tally.filesAfter += migrations.length;
        tally.deploys += deploysOf(fix.proposal);
        const { isReversible } = await expectSameEnd(bench, example, {
          ...each,
          sql: withoutIndexes(each.sql, fix.leftOut),
        });
        tally.equal++;
        if (isReversible) tally.reversible++;
      });

      test('batches leave the rows of the statement, also when some of them run again', async () => {
        for (const [name, sql] of ROWS_CASES) {
          const example = await openExample(engines, {
            dialect: 'postgresql',
            version: String(major),
            before: [ROWS_BEFORE],
            sql,
          });
          const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
          if (fix?.kind !== 'fix') throw new Error(`${name}: ${JSON.stringify(fix)}`);
          await writeFiles(example, fix.proposal.files);
          const texts = example.project.migrations.migrations
            .slice(1)
            .map(({ upPath }) => example.project.textOf(upPath) ?? '');
          const loops = texts.filter((text) => text.includes('lockstep.batch_rows'));
          expect(loops, name).toHaveLength(1);
          await bench.empty();
          await bench.direct.query(ROWS_BEFORE);
          await bench.direct.query(sql);
          const { migrator } = bench;
          await migrator.query(`SET lockstep.batch_rows = 7; SET lockstep.pause_seconds = 0`);
          await migrator.query(ROWS_BEFORE);
          for (const text of texts) {
            // Ended after its second batch, as by a lost connection: the third COMMIT is a failure instead.
            if (loops.includes(text))
              await expect(
                migrator.query(
                  text.replace(
                    '    COMMIT;',
                    "    COMMIT;\n    IF lockstep_rows > 7 THEN RAISE EXCEPTION 'lost'; END IF;",
                  ),
                ),
              ).rejects.toThrow('lost');
            await migrator.query(text);
            if (loops.includes(text)) await migrator.query(text);
          }
          expect(await rowsOf(migrator), name).toEqual(await rowsOf(bench.direct));
        }
      });
    },
  );
}

/** Every row of every table, as text. */
async function rowsOf(client: pg.Client): Promise<readonly string[]> {
  const tables = await client.query<{ name: string }>(
    "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
  );
  const rows: string[] = [];
  for (const { name } of tables.rows) {
    const found = await client.query<{ row: string }>(`SELECT '${name} ' || t::text AS row FROM ${name} t ORDER BY 1`);
    rows.push(...found.rows.map(({ row }) => row));
  }
  return rows;
}

function deploysOf({ steps }: FixProposal): number {
  return steps.filter(({ requires }) => requires?.some(({ kind }) => kind === 'deploy') === true).length;
}
