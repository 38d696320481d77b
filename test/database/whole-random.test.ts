import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample, writeFiles } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { randomMigration } from '../support/whole/random-migration.ts';
import { openBench, type Bench } from './support/bench.ts';
import { expectSameEnd, withoutIndexes } from './support/same-end.ts';

/** How many random migrations are tried; `LOCKSTEP_RANDOM=5000` asks for more, `LOCKSTEP_SEED` for others. */
const COUNT = Number(process.env['LOCKSTEP_RANDOM'] ?? '60');
const SEED = Number(process.env['LOCKSTEP_SEED'] ?? '0');
/** The default server's; `LOCKSTEP_PG=13` asks for another. */
const MAJOR = MAJORS.includes(17) ? 17 : (MAJORS[0] ?? 17);

type Outcome = 'planned' | 'in part' | 'refused' | 'clean' | 'invalid';

function textOf(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};`).join('\n');
}

const reason = whyNoServer(MAJOR);
describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
  `random migrations on PostgreSQL ${MAJOR}${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let server: PostgresServer;
    let bench: Bench;
    let engines: Engines;
    const tally: Record<Outcome, number> = { planned: 0, 'in part': 0, refused: 0, clean: 0, invalid: 0 };
    const reasons = new Map<string, number>();
    beforeAll(async () => {
      engines = await loadEngines();
      server = await startPostgres(MAJOR);
      bench = await openBench(server);
    });
    afterAll(async () => {
      await bench.end();
      await server.stop();
      console.log(
        `${COUNT} random migrations (seeds from ${SEED}): ${tally.planned} planned and in the direct form's catalog, ${tally['in part']} but for what is left with a reason, ${tally.refused} refused with a reason, ${tally.clean} without a finding, ${tally.invalid} that the server refuses as they are.`,
      );
      if (process.env['LOCKSTEP_RANDOM'] !== undefined)
        console.log(
          [...reasons]
            .sort(([, one], [, other]) => other - one)
            .map(([text, count]) => `${count}x ${text}`)
            .join('\n'),
        );
    });

    async function outcome(beforeStatements: readonly string[], statements: readonly string[]): Promise<Outcome> {
      const [before, sql] = [textOf(beforeStatements), textOf(statements)];
      await bench.empty();
      const isValid = await bench.direct.query(`${before}\n${sql}`).then(
        () => true,
        () => false,
      );
      if (!isValid) return 'invalid';
      const example = await openExample(engines, {
        dialect: 'postgresql',
        version: String(MAJOR),
        before: [before],
        sql,
      });
      const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
      if (fix === undefined) return 'clean';
      if (fix.kind === 'fix') {
        await writeFiles(example, withSaidValues(fix.proposal).files);
        await bench.direct.query(withoutIndexes('', fix.leftOut));
        // What is left breaks the version before as it did.
        const isPart = fix.left.length > 0;
        await expectSameEnd(bench, example, { before, sql, hasRun: true, ...(isPart ? { isEmpty: true } : {}) });
        return isPart ? 'in part' : 'planned';
      }
      // What has no steps is left as it is: its findings say why.
      if (fix.kind === 'nothing') return 'clean';
      const said = [...fix.left.map((one) => one.reason), ...(fix.kind === 'refused' ? [fix.reason] : [])];
      for (const each of said) {
        const kind = each.replaceAll(/"[^"]*"|\b\w+\.\w+\b|\d+/g, '*');
        reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
      }
      expect(said.join('').length, sql).toBeGreaterThan(10);
      return 'refused';
    }

    /** The smallest schema and migration that still fail. */
    async function shrunk(before: readonly string[], statements: readonly string[]): Promise<string> {
      const fails = async (lines: readonly string[], own: readonly string[]): Promise<boolean> =>
        outcome(lines, own).then(
          () => false,
          () => true,
        );
      let [schema, migration] = [before, statements];
      for (let isSmaller = true; isSmaller; ) {
        isSmaller = false;
        for (const gone of migration) {
          const fewer = migration.filter((statement) => statement !== gone);
          if (fewer.length === 0 || !(await fails(schema, fewer))) continue;
          migration = fewer;
          isSmaller = true;
        }
        for (const gone of schema) {
          const fewer = schema.filter((statement) => statement !== gone);
          if (!(await fails(fewer, migration))) continue;
          schema = fewer;
          isSmaller = true;
        }
      }
      return `${textOf(schema)}\n--\n${textOf(migration)}`;
    }

    test.for(Array.from({ length: COUNT }, (_, index) => SEED + index))('migration %i', async (seed) => {
      const { before, groups } = randomMigration(seed, { major: MAJOR });
      const statements = groups.flat();
      if (statements.length === 0) return;
      const came = await outcome(before, statements).catch(async (cause: unknown) => {
        throw new Error(`${await shrunk(before, statements)}\n${cause instanceof Error ? cause.message : ''}`, {
          cause,
        });
      });
      tally[came]++;
    });
  },
);
