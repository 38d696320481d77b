import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { FixProposal } from '../../server/analysis/report.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample, writeFiles } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { BODY_CASES } from '../support/whole/body-cases.ts';
import { GENERATED_CASES } from '../support/whole/generated-cases.ts';
import { HANDWRITTEN_CASES } from '../support/whole/handwritten-cases.ts';
import type { WholeCase } from '../support/whole/whole-case.ts';
import { openBench, type Bench } from './support/bench.ts';
import { expectSameEnd } from './support/same-end.ts';

/** The oldest server and the default one, unless `LOCKSTEP_PG` asks for others. */
const WHOLE_MAJORS =
  process.env['LOCKSTEP_PG'] === undefined ? MAJORS.filter((major) => major === 13 || major === 17) : MAJORS;
const CASES: readonly WholeCase[] = [...GENERATED_CASES, ...HANDWRITTEN_CASES, ...BODY_CASES];

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
            fix?.kind === 'fix'
              ? 'a plan'
              : [fix?.kind === 'refused' ? fix.reason : '', ...(fix?.left ?? []).map((one) => one.reason)].join(' '),
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
        const { isReversible } = await expectSameEnd(bench, example, each);
        tally.equal++;
        if (isReversible) tally.reversible++;
      });
    },
  );
}

function deploysOf({ steps }: FixProposal): number {
  return steps.filter(({ requires }) => requires?.some(({ kind }) => kind === 'deploy') === true).length;
}
