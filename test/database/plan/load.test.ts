import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../../server/host/load-engines.ts';
import { openScene } from '../../support/change-scene.ts';
import { LOAD_CASES } from '../../support/load-cases.ts';
import type { Ledger } from '../../support/load.ts';
import type { Shown } from '../../support/proof.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../../support/postgres.ts';

/** The oldest and the newest server, unless `LOCKSTEP_LOAD=all` or `LOCKSTEP_PG` asks for others: each takes a minute. */
const LOAD_MAJORS =
  process.env['LOCKSTEP_LOAD'] === 'all' || process.env['LOCKSTEP_PG'] !== undefined
    ? MAJORS
    : MAJORS.filter((major) => major === MAJORS[0] || major === MAJORS.at(-1));
/** Rows at the start: enough for several batches of a backfill. */
const ROWS = 3_000;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** What the table holds against what the versions wrote. */
async function expectRows(
  client: pg.Client,
  sql: string,
  ledger: Ledger,
  facts: Record<'queries' | 'rows', Shown>,
): Promise<void> {
  const { rows } = await client.query<{ id: string; value: string }>(sql);
  expect(ledger.failures).toEqual([]);
  facts.queries = true;
  const found = new Map(rows.map((row) => [Number(row.id), String(row.value)]));
  const wrong = [...ledger.rows]
    .filter(([id, value]) => found.get(id) !== value)
    .map(([id, value]) => `row ${id} holds ${found.get(id) ?? 'nothing'}, not ${value}`);
  expect(wrong).toEqual([]);
  expect(found.size).toBe(ledger.rows.size);
  facts.rows = true;
}

for (const major of LOAD_MAJORS) {
  describe(`PostgreSQL ${major}`, () => {
    const cases = LOAD_CASES.filter((recipe) => major >= (recipe.since ?? 0));
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    });
    afterAll(async () => {
      await server.stop();
    });

    test.for(cases)(
      '$name: each step up and back, all the way back, and up, both versions writing and reading',
      { timeout: 60_000 },
      async (recipe, { task }) => {
        const facts: Record<'queries' | 'rows', Shown> = { queries: false, rows: false };
        task.meta.proof = { recipe: recipe.recipe, major, facts };
        const { scene, client, close } = await openScene(engines, server, recipe, ROWS);
        const reversible = scene.steps.length - (recipe.irreversible ?? 0);
        try {
          await scene.start();
          for (let step = 1; step <= reversible; step++) {
            await scene.up();
            // Where a step says that more must go back before it can be applied again, all does.
            const back = scene.notes.includes('applied again') ? step : 1;
            for (let count = 0; count < back; count++) await scene.down();
            for (let count = 0; count < back; count++) await scene.up();
            expect(scene.ledger.failures, `step ${step} up, back and up`).toEqual([]);
          }
          for (let step = reversible; step > 0; step--) {
            await scene.down();
            expect(scene.ledger.failures, `all the way back, before step ${step}`).toEqual([]);
          }
          await scene.stop();
          await expectRows(client, recipe.allOld, scene.ledger, facts);
          await scene.start();
          for (const _ of scene.steps) await scene.up();
          await scene.stop();
          await expectRows(client, recipe.all, scene.ledger, facts);
          expect(scene.ledger.statements).toBeGreaterThan(50);
        } finally {
          await close();
        }
      },
    );
  });
}
