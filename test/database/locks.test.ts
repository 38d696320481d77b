import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { ALL_MAJORS, MAJORS, whyNoServer } from '../support/postgres.ts';
import { KNOWN_DIFFERENCES } from './forms/known-differences.ts';
import { LOCKS_PAGE, locksDocument } from './locks-document.ts';
import { differences, explain, foldFixture, loadPostgres } from './support/lock-comparison.ts';
import { PICKED, type Run, runMajors } from './support/lock-run.ts';

const RUN_MS = 600_000;
const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0 && process.env['CI'] === undefined) console.log(`locks: skipped, ${missing.join('; ')}`);

/*
 * What the engine says of every form, compared with what a server of each major shows: which relations are locked, how,
 * which are rewritten, which are read whole, which indexes are rebuilt. An index counts as rebuilt when the index of its
 * name has another file afterwards; other indexes are not compared, because the contract leaves them out.
 */
describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('locks, rewrites and scans', () => {
  let runs: readonly Run[] = [];
  let engine: Engine;

  beforeAll(async () => {
    engine = await loadPostgres();
    runs = await runMajors(MAJORS);
  }, RUN_MS);

  test.each(MAJORS.map((major) => ({ major })))('the engine says what PostgreSQL $major shows', ({ major }) => {
    const schema = foldFixture(engine, major);
    const probes = runs.find((run) => run.major === major)?.probes ?? [];
    const accepted = probes.filter(
      (probe) => probe.measured.refused === undefined && !KNOWN_DIFFERENCES.has(probe.form.sql),
    );
    const statements = accepted.filter((probe) => probe.pair === undefined).length;
    const wrong: string[] = [];
    let open = 0;
    for (const probe of accepted) {
      const effects = explain(engine, schema, probe.form, major);
      if (effects.some((effect) => effect.certainty === 'may')) open++;
      const found = differences(probe.measured, effects);
      if (found.length > 0) wrong.push([probe.form.sql, ...found].join('\n  '));
      for (const effect of effects) expect(effect.why, probe.form.sql).toMatch(/^\S.*\.$/);
    }
    console.log(
      `PostgreSQL ${major}: ${accepted.length} forms probed (${statements} statements, ${accepted.length - statements} changes of type), ${accepted.length - wrong.length} exactly right (${open} of them with an effect that only may happen), ${wrong.length} wrong`,
    );
    expect(wrong).toEqual([]);
    expect(statements).toBeGreaterThan(PICKED === undefined ? 400 : 0);
  });

  test('statements whose locks are not known from the schema still differ as documented', () => {
    for (const run of runs) {
      const schema = foldFixture(engine, run.major);
      for (const probe of run.probes) {
        if (!KNOWN_DIFFERENCES.has(probe.form.sql) || probe.measured.refused !== undefined) continue;
        expect(
          differences(probe.measured, explain(engine, schema, probe.form, run.major)),
          `${probe.form.sql} is right now: take it off the list`,
        ).not.toEqual([]);
      }
    }
  });

  test.skipIf(MAJORS.length < ALL_MAJORS.length || PICKED !== undefined)('LOCKS.md is what the servers showed', () => {
    expect(locksDocument(runs)).toBe(readFileSync(LOCKS_PAGE, 'utf8'));
  });
});
