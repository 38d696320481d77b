// Prints the longest wait of any query while the direct statement runs, and while the steps of its change run.
//   node test/bench/stall.ts [ROWS...] [RECIPE...]        (every recipe on 100000 and 2000000 rows where none are given; LOCKSTEP_PG picks the server, 17 else)
// A change that no single statement asks for has no direct side.
import { cpus } from 'node:os';
import { loadEngines } from '../../server/host/load-engines.ts';
import { type LoadCase, openScene } from '../support/change-scene.ts';
import { LOAD_CASES } from '../support/load-cases.ts';
import { newLedger, startApp } from '../support/load.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { ms, table } from './measure.ts';

const ROWS: readonly number[] = [100_000, 2_000_000];
/** How long the application runs alone before the statement, so that its connections and caches are warm. */
const WARM_MS = 500;

interface Stall {
  readonly longestMs: number;
  readonly failed: number;
  /** Null where the server refused the statement. */
  readonly tookMs: number | null;
}

/** The old version runs while the statement does. */
async function direct(server: PostgresServer, recipe: LoadCase, rows: number): Promise<Stall> {
  const database = await server.createDatabase();
  const client = await server.connect(database);
  await client.query(recipe.before);
  await client.query(recipe.fill(rows));
  await client.query('ANALYZE');
  const ledger = newLedger(rows, recipe.valueOf);
  const app = await startApp(
    () => server.connect(database),
    'old',
    recipe.old,
    ledger,
    (id, turn) => recipe.newValue(id, turn),
  );
  await new Promise((resolve) => {
    setTimeout(resolve, WARM_MS);
  });
  ledger.longestMs = 0;
  const started = performance.now();
  // What is refused on a filled table, as a required column is, takes no time that could be compared.
  const isAccepted = await client.query(String(recipe.statement)).then(
    () => true,
    () => false,
  );
  const tookMs = isAccepted ? performance.now() - started : null;
  await new Promise((resolve) => {
    setTimeout(resolve, WARM_MS);
  });
  await app.stop();
  await client.end();
  return { longestMs: ledger.longestMs, failed: ledger.failures.length, tookMs };
}

/** Old and new version run while the steps do. */
async function stepwise(server: PostgresServer, recipe: LoadCase, rows: number): Promise<Stall> {
  const { scene, close } = await openScene(await loadEngines(), server, recipe, rows);
  await scene.start();
  await new Promise((resolve) => {
    setTimeout(resolve, WARM_MS);
  });
  scene.ledger.longestMs = 0;
  const started = performance.now();
  for (const _ of scene.steps) await scene.up();
  const tookMs = performance.now() - started;
  await close();
  return { longestMs: scene.ledger.longestMs, failed: scene.ledger.failures.length, tookMs };
}

function took(stall: Stall | undefined): string {
  return stall === undefined ? '' : stall.tookMs === null ? 'refused' : ms(stall.tookMs);
}

const words = process.argv.slice(2);
const sizes = words.filter((word) => /^\d+$/.test(word)).map(Number);
const recipes = words.filter((word) => !/^\d+$/.test(word));
const unknown = recipes.find((recipe) => !LOAD_CASES.some((candidate) => candidate.recipe === recipe));
if (unknown !== undefined) {
  console.error(
    `There is no recipe "${unknown}": ${[...new Set(LOAD_CASES.map((recipe) => recipe.recipe))].join(', ')}`,
  );
  process.exit(2);
}
const major = Number(process.env['LOCKSTEP_PG'] ?? '17');
// Memory as a small server has it: the numbers are for comparison side by side, not for themselves.
const server = await startPostgres(major, ['shared_buffers=256MB', 'max_wal_size=4GB', 'maintenance_work_mem=128MB']);
console.log(`PostgreSQL ${major}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
try {
  for (const rows of sizes.length > 0 ? sizes : ROWS) {
    const lines: string[][] = [];
    for (const recipe of LOAD_CASES) {
      if (major < (recipe.since ?? 0) || (recipes.length > 0 && !recipes.includes(recipe.recipe))) continue;
      const before = typeof recipe.statement === 'string' ? await direct(server, recipe, rows) : undefined;
      const after = await stepwise(server, recipe, rows);
      const shown = (pick: (stall: Stall) => string): string => (before === undefined ? '' : pick(before));
      lines.push([
        recipe.recipe,
        recipe.name,
        shown((stall) => ms(stall.longestMs)),
        ms(after.longestMs),
        shown((stall) => String(stall.failed)),
        String(after.failed),
        took(before),
        took(after),
      ]);
      console.error(lines.at(-1)?.join(' | '));
    }
    console.log(
      `### ${rows.toLocaleString('en')} rows\n\n${table(['recipe', 'change', 'longest wait, direct (ms)', 'longest wait, steps (ms)', 'failed queries, direct', 'failed queries, steps', 'direct took (ms)', 'steps took (ms)'], lines)}\n`,
    );
  }
} finally {
  await server.stop();
}
