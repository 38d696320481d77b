// Prints the longest wait of any query while the direct statement runs, and while the steps of its change run.
//   node test/bench/stall.ts [ROWS...]        (100000 and 2000000 where none are given; LOCKSTEP_PG picks the server, 17 else)
import { cpus } from 'node:os';
import { loadDialects } from '../../server/host/load-dialects.ts';
import { type LoadCase, openScene, plainVersion } from '../support/change-scene.ts';
import { newLedger, startApp } from '../support/load.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { ms, table } from './measure.ts';

const ROWS: readonly number[] = [100_000, 2_000_000];
/** How long the application runs alone before the statement, so that its connections and caches are warm. */
const WARM_MS = 500;

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text, team int);\nCREATE INDEX users_name ON users (name);\nCREATE TABLE teams (id int PRIMARY KEY);\nINSERT INTO teams SELECT generate_series(0, 6);';
const BY_NAME = plainVersion('users', 'name');
const BY_TEAM = plainVersion('users', 'team', ', name', ", 'n'", '::text');
const NAMED = {
  valueOf: (id: number): string => `n${id}`, newValue: (id: number, turn: number): string => `v${id}-${turn}`, old: BY_NAME, new: BY_NAME,
  before: USERS, fill: '', all: '', allOld: '',
};

const CASES: readonly Omit<LoadCase, 'fill'>[] = [
  { ...NAMED, name: 'index', code: 'blocking-index', statement: 'CREATE INDEX users_email ON users (lower(email))' },
  { ...NAMED, name: 'unique constraint', code: 'blocking-alter', statement: 'ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email)' },
  { ...NAMED, name: 'check', code: 'blocking-alter', statement: 'ALTER TABLE users ADD CONSTRAINT given CHECK (email <> \'\')' },
  { ...NAMED, name: 'foreign key', code: 'blocking-alter', statement: 'ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team) REFERENCES teams' },
  { ...NAMED, name: 'SET NOT NULL', code: 'required-column', statement: 'ALTER TABLE users ALTER email SET NOT NULL', old: plainVersion('users', 'name', ', email', ", 'e'"), new: plainVersion('users', 'name', ', email', ", 'e'") },
  { ...NAMED, name: 'computed default', code: 'blocking-alter', statement: 'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()' },
  { ...NAMED, name: 'rename of a column', code: 'rename-in-use', statement: 'ALTER TABLE users RENAME name TO full_name', new: plainVersion('users', 'full_name') },
  { ...NAMED, name: 'int to bigint', code: 'blocking-alter', statement: 'ALTER TABLE users ALTER team TYPE bigint', valueOf: (id) => String(id % 7), newValue: (id, turn) => String(id + turn), old: BY_TEAM, new: BY_TEAM },
];

interface Stall {
  readonly longestMs: number;
  readonly failed: number;
  readonly tookMs: number;
}

/** The old version runs while the statement does. */
async function direct(server: PostgresServer, recipe: LoadCase, rows: number): Promise<Stall> {
  const database = await server.createDatabase();
  const client = await server.connect(database);
  await client.query(recipe.before);
  await client.query(recipe.fill);
  await client.query('ANALYZE');
  const ledger = newLedger(rows, recipe.valueOf);
  const app = await startApp(() => server.connect(database), 'old', recipe.old, ledger, (id, turn) => recipe.newValue(id, turn));
  await new Promise((resolve) => { setTimeout(resolve, WARM_MS); });
  ledger.longestMs = 0;
  const started = performance.now();
  await client.query(String(recipe.statement));
  const tookMs = performance.now() - started;
  await new Promise((resolve) => { setTimeout(resolve, WARM_MS); });
  await app.stop();
  await client.end();
  return { longestMs: ledger.longestMs, failed: ledger.failures.length, tookMs };
}

/** Old and new version run while the steps do. */
async function stepwise(server: PostgresServer, recipe: LoadCase, rows: number): Promise<Stall> {
  const { scene, close } = await openScene(await loadDialects(), server, recipe, rows);
  await scene.start();
  await new Promise((resolve) => { setTimeout(resolve, WARM_MS); });
  scene.ledger.longestMs = 0;
  const started = performance.now();
  for (const _ of scene.steps) await scene.up();
  const tookMs = performance.now() - started;
  await close();
  return { longestMs: scene.ledger.longestMs, failed: scene.ledger.failures.length, tookMs };
}

const wanted = process.argv.slice(2).map(Number);
const major = Number(process.env['LOCKSTEP_PG'] ?? '17');
// Memory as a small server has it: the numbers are for comparison side by side, not for themselves.
const server = await startPostgres(major, ['shared_buffers=256MB', 'max_wal_size=4GB', 'maintenance_work_mem=128MB']);
console.log(`PostgreSQL ${major}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
try {
  for (const rows of wanted.length > 0 ? wanted : ROWS) {
    const lines: string[][] = [];
    for (const recipe of CASES) {
      const filled: LoadCase = { ...recipe, fill: `INSERT INTO users SELECT n, ${recipe.old === BY_TEAM ? "'n'" : "'n' || n"}, 'e' || n, n % 7 FROM generate_series(1, ${rows}) n` };
      const before = await direct(server, filled, rows);
      const after = await stepwise(server, filled, rows);
      lines.push([recipe.name, ms(before.longestMs), ms(after.longestMs), String(before.failed), String(after.failed), ms(before.tookMs), ms(after.tookMs)]);
      console.error(`${recipe.name}, ${rows} rows: ${ms(before.longestMs)} ms, ${ms(after.longestMs)} ms`);
    }
    console.log(`### ${rows.toLocaleString('en')} rows\n\n${table(['change', 'longest wait, direct (ms)', 'longest wait, steps (ms)', 'failed queries, direct', 'failed queries, steps', 'direct took (ms)', 'steps took (ms)'], lines)}\n`);
  }
} finally {
  await server.stop();
}
