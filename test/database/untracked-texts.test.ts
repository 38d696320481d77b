import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample, writeFiles, type OpenedExample } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { TEXT_CHANGES, TEXT_KINDS, TEXT_TABLES, type TextChange } from '../support/whole/text-cases.ts';
import { openBench, type Bench } from './support/bench.ts';
import { expectSameEnd } from './support/same-end.ts';

/** Column lists and row filters of publications are in PostgreSQL since 15. */
const MAJOR = Math.max(15, ...MAJORS.filter((major) => major <= 17));
const reason = whyNoServer(MAJOR);

describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
  `texts that name a column or table, on PostgreSQL ${MAJOR}${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let engines: Engines;
    let server: PostgresServer;
    let bench: Bench;
    beforeAll(async () => {
      engines = await loadEngines();
      server = await startPostgres(MAJOR);
      bench = await openBench(server);
    });
    afterAll(async () => {
      await bench.end();
      await server.stop();
    });

    /** Writes the files of a change; a text says why there are none. */
    async function planned(example: OpenedExample, { wish: wanted }: TextChange): Promise<string | undefined> {
      if (wanted === undefined) {
        const [fix] = example.project.fixWhole(example.path, new Date(0));
        if (fix?.kind === 'fix') await writeFiles(example, withSaidValues(fix.proposal).files);
        return fix?.kind === 'fix'
          ? undefined
          : [...(fix?.left ?? []).map((left) => left.reason), fix?.kind === 'refused' ? fix.reason : ''].join(' ');
      }
      const [name, ...values] = wanted;
      const wish = wishOf(name);
      const result = wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0));
      if (result?.kind === 'planned') await writeFiles(example, withSaidValues(result.change).files);
      return result?.kind === 'planned' ? undefined : (result?.reason ?? name);
    }

    test('are moved along, or it is said which to replace first', async () => {
      const lines: string[] = [];
      const wrong: string[] = [];
      for (const { kind, sql, use } of TEXT_KINDS)
        for (const change of TEXT_CHANGES) {
          const before = `${TEXT_TABLES}\n${sql}`;
          const example = await openExample(engines, {
            dialect: 'postgresql',
            version: String(MAJOR),
            before: [before],
            sql: change.sql ?? 'SELECT 1;',
          });
          const why = await planned(example, change);
          let outcome = why === undefined ? 'moved along' : `refused: ${why.trim()}`;
          if (why === undefined)
            await expectSameEnd(bench, example, { before, sql: change.sql, use }).catch((cause: unknown) => {
              outcome = `FAILS: ${cause instanceof Error ? cause.message : String(cause)}`;
            });
          if (why === undefined ? outcome.startsWith('FAILS') : why.trim().length < 20)
            wrong.push(`${kind}, ${change.name}: ${outcome}`);
          lines.push(`| ${kind} | ${change.name} | ${outcome} |`);
        }
      console.log(['| text | change | outcome |', '| --- | --- | --- |', ...lines].join('\n'));
      expect(wrong).toEqual([]);
    });
  },
);
