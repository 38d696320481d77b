import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../../server/host/load-engines.ts';
import { readDirectives } from '../../../server/model/directives.ts';
import type { MigrationFile } from '../../../server/model/migration.ts';
import { INDEX_GOES_NOTE } from '../../../server/planner/parts/index-steps.ts';
import { RECIPES } from '../../../server/planner/recipes/index.ts';
import { wishOf } from '../../../server/planner/wishes.ts';
import type { RuleExample } from '../../../server/rules/rule.ts';
import { analyze } from '../../support/analyze.ts';
import { catalogText } from '../../support/catalog-text.ts';
import { LOAD_CASES } from '../../support/load-cases.ts';
import { blockedWhile, heavyWork, rowsRead } from '../../support/lock-watch.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../../support/postgres.ts';
import type { Shown } from '../../support/proof.ts';
import { RECIPE_CASES, type RecipeCase } from '../../support/recipe-cases.ts';
import {
  applyFix,
  codesOf,
  complaintsAfter,
  firstFix,
  openExample,
  type OpenedExample,
  writeFiles,
} from '../../support/rule-check.ts';
import { withSaidValues } from '../../support/said-values.ts';
import { openBench, type Bench } from '../support/bench.ts';
import { WISHED_CASES } from '../../support/wished-cases.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Runs one half of a step as the runner does: its statements in one transaction, or one by one. */
async function runHalf(
  client: pg.Client,
  example: OpenedExample,
  path: string,
  direction: 'up' | 'down',
): Promise<void> {
  const { transaction, statements } = halfOf(example, path, direction);
  if (transaction === 'one') await client.query('BEGIN');
  for (const statement of statements) await client.query(statement);
  if (transaction === 'one') await client.query('COMMIT');
}

function halfOf(
  example: OpenedExample,
  path: string,
  direction: 'up' | 'down',
): { readonly transaction: string; readonly statements: readonly string[] } {
  const text = example.project.textOf(path) ?? '';
  const section = example.project.layoutOf(path).sections.find((candidate) => candidate.direction === direction);
  if (section === undefined) throw new Error(`no ${direction} half in ${path}`);
  return {
    transaction: section.transaction,
    statements: example.project.engine.split(text, section.span).map((statement) => statement.text),
  };
}

/** Runs a step up and gives what writers would have to wait for: tables read under a blocking lock, or such a lock outside a transaction. */
async function runWatched(
  clients: { readonly worker: pg.Client; readonly watcher: pg.Client; readonly writer: pg.Client },
  example: OpenedExample,
  step: MigrationFile,
): Promise<readonly string[]> {
  const { worker, watcher, writer } = clients;
  const { transaction, statements } = halfOf(example, step.upPath, 'up');
  const waits: string[] = [];
  if (transaction === 'one') {
    await worker.query('BEGIN');
    for (const statement of statements) {
      // What was read before the lock was taken kept nobody out.
      const before = await rowsRead(worker);
      await worker.query(statement);
      waits.push(...(await heavyWork(worker, watcher, before)));
    }
    await worker.query('COMMIT');
  } else {
    for (const statement of statements) waits.push(...(await blockedWhile(worker, watcher, writer, statement)));
  }
  return waits.map((wait) => `${step.id}: ${wait}`);
}

/** Takes a step back and runs it again, as after a failure behind it: it is as it was, and nobody waits. */
async function runAgain(
  clients: { readonly worker: pg.Client; readonly watcher: pg.Client; readonly writer: pg.Client },
  example: OpenedExample,
  step: MigrationFile,
): Promise<readonly string[]> {
  if (halfOf(example, step.downPath ?? '', 'down').statements.length === 0) return [];
  // It says that the step that built the index is to go back with it.
  if ((example.project.textOf(step.upPath) ?? '').includes(INDEX_GOES_NOTE)) return [];
  const done = unplaced(await catalogText(clients.worker));
  await runHalf(clients.worker, example, step.downPath ?? '', 'down');
  const waits = await runWatched(clients, example, step);
  expect(unplaced(await catalogText(clients.worker)), step.id).toBe(done);
  return waits.map((wait) => `again: ${wait}`);
}

/** Every step without a way back says why, so that revert refuses it. */
function expectReasons(example: OpenedExample, steps: readonly MigrationFile[]): void {
  for (const step of steps) {
    const { irreversible } = readDirectives(example.project.textOf(step.downPath ?? '') ?? '');
    const { statements } = halfOf(example, step.downPath ?? '', 'down');
    expect(statements.length > 0 || (irreversible?.reason ?? '') !== '', step.id).toBe(true);
  }
}

/** Up to the steps that have no way back, on rows, and down again: the catalog is as it was. */
async function expectWayBack(
  bench: Bench,
  example: OpenedExample,
  recipe: Pick<RecipeCase, 'before' | 'rows' | 'oldWriter'>,
  steps: readonly MigrationFile[],
): Promise<void> {
  await bench.empty();
  const client = bench.migrator;
  await client.query(recipe.before);
  const original = await catalogText(client);
  await client.query(recipe.rows);
  for (const step of steps) await runHalf(client, example, step.upPath, 'up');
  await client.query(recipe.oldWriter);
  for (const step of [...steps].reverse()) await runHalf(client, example, step.downPath ?? '', 'down');
  expect(await catalogText(client)).toBe(original);
}

/** A catalog without the places of columns. */
function unplaced(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/,"position":"\d+"/, ''))
    .sort()
    .join('\n');
}

for (const major of MAJORS) {
  const reason = whyNoServer(major);
  describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
    `PostgreSQL ${major}${reason === undefined ? '' : ` (${reason})`}`,
    () => {
      let server: PostgresServer;
      let bench: Bench;
      beforeAll(async () => {
        server = await startPostgres(major);
        bench = await openBench(server);
      });
      afterAll(async () => {
        await bench.end();
        await server.stop();
      });

      test('a statement that keeps writers out is seen, inside a transaction and outside', async () => {
        await bench.empty();
        const { migrator: worker, old: watcher, now: writer } = bench;
        await worker.query(
          "CREATE TABLE users (id bigint, email text); INSERT INTO users SELECT n, 'e' FROM generate_series(1, 500) n",
        );
        expect(await blockedWhile(worker, watcher, writer, 'CREATE INDEX ON users (email)')).toEqual([
          'ShareLock on users',
        ]);
        expect(await blockedWhile(worker, watcher, writer, 'CREATE INDEX CONCURRENTLY ON users (email)')).toEqual([]);
        await worker.query('BEGIN');
        const before = await rowsRead(worker);
        await worker.query('ALTER TABLE users ADD CHECK (id > 0)');
        expect(await heavyWork(worker, watcher, before)).toEqual([expect.stringContaining('500 rows read')]);
        await worker.query('ROLLBACK');
      });

      test.for(WISHED_CASES)(
        '$name, without a statement: silent, ends in the schema that was wanted, and back',
        async ({ wish: [name, ...values], before, wanted, rows, oneWay, stays }, { task }) => {
          const facts: Record<'catalog' | 'silent' | 'quiet' | 'back', Shown> = {
            catalog: false,
            silent: false,
            quiet: false,
            back: false,
          };
          task.meta.proof = { recipe: name, major, facts };
          const example = await openExample(engines, { dialect: 'postgresql', version: String(major), sql: before });
          const wish = wishOf(name);
          const planned = wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0));
          if (planned?.kind !== 'planned') throw new Error(planned?.reason ?? `no wish ${name}`);
          const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
          await writeFiles(example, withSaidValues(planned.change).files);
          expect(
            planned.change.files.flatMap((file) => {
              const report = example.project.lint(file.path);
              return [...report.findings, ...report.problems].map((finding) => `${file.path}: ${finding.message}`);
            }),
          ).toEqual([]);
          facts.silent = true;
          const steps = example.project.migrations.migrations.filter((migration) => !known.has(migration.id));
          await bench.empty();
          const { direct, migrator: client, old: other, now: writer } = bench;
          await direct.query(wanted);
          await client.query(before);
          const original = unplaced(await catalogText(client));
          await client.query(rows);
          await analyze(client);
          const clients = { worker: client, watcher: other, writer };
          for (const step of steps) {
            expect(await runWatched(clients, example, step)).toEqual([]);
            expect(await runAgain(clients, example, step)).toEqual([]);
          }
          facts.quiet = true;
          expect(unplaced(await catalogText(client))).toBe(unplaced(await catalogText(direct)));
          facts.catalog = true;
          expectReasons(example, steps);
          if (oneWay !== undefined) {
            await expectWayBack(bench, example, { before, rows, oldWriter: 'SELECT 1' }, steps.slice(0, -oneWay));
            facts.back = 'told';
            return;
          }
          for (const step of [...steps].reverse()) await runHalf(client, example, step.downPath ?? '', 'down');
          const left = unplaced(await catalogText(client));
          expect(stays === undefined || left.includes(stays)).toBe(true);
          expect(stays === undefined ? left : left.replace(stays, '')).toBe(original);
          facts.back = stays === undefined ? true : 'told';
        },
      );

      test.for(RECIPE_CASES.filter((recipe) => major >= (recipe.since ?? 0)))(
        '$name: same catalog as the direct statement, silent, nobody waits, and back',
        async (recipe, { task }) => {
          const facts: Record<'catalog' | 'silent' | 'quiet' | 'back', Shown> = {
            catalog: false,
            silent: false,
            quiet: false,
            back: false,
          };
          task.meta.proof = { recipe: recipe.recipe, major, facts };
          const example = await openExample(engines, {
            dialect: 'postgresql',
            version: String(major),
            before: [recipe.before],
            sql: `${recipe.statement};`,
          } satisfies Pick<RuleExample, 'dialect' | 'version' | 'before' | 'sql'>);
          const fix = firstFix(example, recipe.code);
          if (fix === undefined)
            throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
          const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
          const elsewise = new Set([...codesOf(example)].filter((code) => code !== recipe.code));
          await applyFix(example, fix);
          expect(complaintsAfter(example, fix, elsewise)).toEqual([]);
          facts.silent = true;
          const steps: readonly MigrationFile[] = example.project.migrations.migrations.filter(
            (migration) => !known.has(migration.id),
          );
          expect(steps.length).toBe(fix.steps.length);

          await bench.empty();
          const { direct, migrator: client, old: other, now: writer } = bench;
          await direct.query(recipe.before);
          await direct.query(recipe.statement);
          await client.query(recipe.before);
          const original = await catalogText(client);
          await client.query(recipe.rows);
          await analyze(client);
          let isDeployed = false;
          for (const [index, step] of steps.entries()) {
            isDeployed ||= fix.steps[index]?.requires?.some((requirement) => requirement.kind === 'deploy') === true;
            if (recipe.isOldSafe === 'always' || !isDeployed) await other.query(recipe.oldWriter);
            const clients = { worker: client, watcher: other, writer };
            expect(await runWatched(clients, example, step)).toEqual([]);
            expect(await runAgain(clients, example, step)).toEqual([]);
            if (recipe.isOldSafe === 'always' || !isDeployed) await other.query(recipe.oldWriter);
          }
          facts.quiet = true;
          const seen = (text: string): string => (recipe.movesColumn === true ? unplaced(text) : text);
          expect(seen(await catalogText(client))).toBe(seen(await catalogText(direct)));
          facts.catalog = recipe.movesColumn === true ? 'told' : true;
          expectReasons(example, steps);
          if (recipe.oneWay !== undefined) await expectWayBack(bench, example, recipe, steps.slice(0, -recipe.oneWay));
          facts.back = 'told';
          if (recipe.isIrreversible === true || recipe.oneWay !== undefined) return;
          for (const step of [...steps].reverse()) await runHalf(client, example, step.downPath ?? '', 'down');
          expect(await catalogText(client)).toBe(original);
          facts.back = true;
        },
      );
    },
  );
}

test('every recipe is shown at work', () => {
  const shown = new Set([
    ...RECIPE_CASES.map((recipe) => recipe.recipe),
    ...WISHED_CASES.map((recipe) => recipe.wish[0]),
  ]);
  // Those that refuse everything, and that of SQLite, have tests of their own.
  const elsewhere = new Set(['add-exclusion', 'rebuild-table']);
  const names = RECIPES.map((recipe) => recipe.name).filter((name) => !elsewhere.has(name));
  expect(names.filter((name) => !shown.has(name))).toEqual([]);
  expect(names.filter((name) => !LOAD_CASES.some((recipe) => recipe.recipe === name))).toEqual([]);
});
