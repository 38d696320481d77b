import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDialects, type Dialects } from '../../server/host/load-dialects.ts';
import type { MigrationFile } from '../../server/model/migration.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import type { RuleExample } from '../../server/rules/rule.ts';
import { catalogText } from '../support/catalog-text.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { RECIPE_CASES, type RecipeCase } from '../support/recipe-cases.ts';
import { applyFix, codesOf, complaintsAfter, firstFix, openExample, type OpenedExample, writeFiles } from '../support/rule-check.ts';
import { WISHED_CASES } from '../support/wished-cases.ts';

/** Lock modes that keep writers out. */
const BLOCKS_WRITES: readonly string[] = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];

let dialects: Dialects;
beforeAll(async () => { dialects = await loadDialects(); });

/** Runs one half of a step as the runner does: its statements in one transaction, or one by one. */
async function runHalf(client: pg.Client, example: OpenedExample, path: string, direction: 'up' | 'down', inspect?: (before: ReadonlyMap<string, number>) => Promise<void>): Promise<void> {
  const text = example.project.textOf(path) ?? '';
  const section = example.project.adapter.layout(path, text, 'postgresql').sections.find((candidate) => candidate.direction === direction);
  if (section === undefined) throw new Error(`no ${direction} half in ${path}`);
  const statements = example.project.dialect.split(text, section.span);
  if (section.transaction === 'one') await client.query('BEGIN');
  const before = await rowsRead(client);
  for (const statement of statements) await client.query(statement.text);
  if (section.transaction !== 'one') return;
  await inspect?.(before);
  await client.query('COMMIT');
}

/** Rows read by sequential scans of each table so far; the counters outlive a transaction until the server collects them. */
async function rowsRead(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ oid: string; read: string }>('SELECT relid AS oid, seq_tup_read AS read FROM pg_stat_xact_user_tables');
  return new Map(rows.map((row) => [String(row.oid), Number(row.read)]));
}

/** What a transaction did that nobody else should have to wait for: a whole table read or rewritten under a lock that blocks writes. */
async function heavyWork(worker: pg.Client, watcher: pg.Client, before: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const { rows: [pid] } = await worker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const scanned = [...await rowsRead(worker)].map(([oid, read]) => ({ oid, read: read - (before.get(oid) ?? 0) })).filter((table) => table.read > 100);
  const { rows: locks } = await watcher.query<{ oid: string; mode: string }>(`SELECT relation AS oid, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND granted`, [pid?.pid]);
  return scanned.filter((table) => locks.some((lock) => String(lock.oid) === table.oid && BLOCKS_WRITES.includes(lock.mode))).map((table) => `relation ${table.oid}: ${table.read} rows read`);
}

/** Up to the steps that have no way back, on rows, and down again: the catalog is as it was. */
async function expectWayBack(server: PostgresServer, example: OpenedExample, recipe: Pick<RecipeCase, 'before' | 'rows' | 'oldWriter'>, steps: readonly MigrationFile[]): Promise<void> {
  const client = await server.connect(await server.createDatabase());
  try {
    await client.query(recipe.before);
    const original = await catalogText(client);
    await client.query(recipe.rows);
    for (const step of steps) await runHalf(client, example, step.upPath, 'up');
    await client.query(recipe.oldWriter);
    for (const step of [...steps].reverse()) await runHalf(client, example, step.downPath ?? '', 'down');
    expect(await catalogText(client)).toBe(original);
  } finally {
    await client.end();
  }
}

/** A catalog without the places of columns. */
function unplaced(text: string): string {
  return text.split('\n').map((line) => line.replace(/,"position":"\d+"/, '')).sort().join('\n');
}

for (const major of MAJORS) {
  const reason = whyNoServer(major);
  describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(`PostgreSQL ${major}${reason === undefined ? '' : ` (${reason})`}`, () => {
    let server: PostgresServer;
    beforeAll(async () => { server = await startPostgres(major); });
    afterAll(async () => { await server.stop(); });

    test.each(WISHED_CASES)('$name, without a statement: silent, ends in the schema that was wanted, and back', async ({ wish: [name, ...values], before, wanted, rows, oneWay }) => {
      const example = await openExample(dialects, { dialect: 'postgresql', version: String(major), sql: before });
      const wish = wishOf(name);
      const planned = wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0));
      if (planned?.kind !== 'planned') throw new Error(planned?.reason ?? `no wish ${name}`);
      const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
      await writeFiles(example, planned.change.files);
      expect(planned.change.files.flatMap((file) => {
        const report = example.project.lint(file.path);
        return [...report.findings, ...report.problems].map((finding) => `${file.path}: ${finding.message}`);
      })).toEqual([]);
      const steps = example.project.migrations.migrations.filter((migration) => !known.has(migration.id));
      const direct = await server.connect(await server.createDatabase());
      const client = await server.connect(await server.createDatabase());
      const other = await server.connect(client.database);
      try {
        await direct.query(wanted);
        await client.query(before);
        const original = unplaced(await catalogText(client));
        await client.query(rows);
        await client.query('ANALYZE');
        for (const step of steps) await runHalf(client, example, step.upPath, 'up', async (read) => { expect(await heavyWork(client, other, read), step.id).toEqual([]); });
        expect(unplaced(await catalogText(client))).toBe(unplaced(await catalogText(direct)));
        if (oneWay !== undefined) {
          await expectWayBack(server, example, { before, rows, oldWriter: 'SELECT 1' }, steps.slice(0, -oneWay));
          return;
        }
        for (const step of [...steps].reverse()) await runHalf(client, example, step.downPath ?? '', 'down');
        expect(unplaced(await catalogText(client))).toBe(original);
      } finally {
        await Promise.all([direct.end(), client.end(), other.end()]);
      }
    });

    test.each(RECIPE_CASES.filter((recipe) => major >= (recipe.since ?? 0)))('$name: same catalog as the direct statement, silent, nobody waits, and back', async (recipe) => {
      const example = await openExample(dialects, { dialect: 'postgresql', version: String(major), before: [recipe.before], sql: `${recipe.statement};` } satisfies Pick<RuleExample, 'dialect' | 'version' | 'before' | 'sql'>);
      const fix = firstFix(example, recipe.code);
      if (fix === undefined) throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
      const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
      const elsewise = new Set([...codesOf(example)].filter((code) => code !== recipe.code));
      await applyFix(example, fix);
      expect(complaintsAfter(example, fix, elsewise)).toEqual([]);
      const steps: readonly MigrationFile[] = example.project.migrations.migrations.filter((migration) => !known.has(migration.id));
      expect(steps.length).toBe(fix.steps.length);

      const direct = await server.connect(await server.createDatabase());
      const client = await server.connect(await server.createDatabase());
      const other = await server.connect(client.database);
      try {
        await direct.query(recipe.before);
        await direct.query(recipe.statement);
        await client.query(recipe.before);
        const original = await catalogText(client);
        await client.query(recipe.rows);
        await client.query('ANALYZE');
        let isDeployed = false;
        for (const [index, step] of steps.entries()) {
          isDeployed ||= fix.steps[index]?.requires?.some((requirement) => requirement.kind === 'deploy') === true;
          if (recipe.isOldSafe === 'always' || !isDeployed) await other.query(recipe.oldWriter);
          await runHalf(client, example, step.upPath, 'up', async (before) => {
            expect(await heavyWork(client, other, before), `${step.id} reads a table while writers wait`).toEqual([]);
          });
          if (recipe.isOldSafe === 'always' || !isDeployed) await other.query(recipe.oldWriter);
        }
        const seen = (text: string): string => (recipe.movesColumn === true ? unplaced(text) : text);
        expect(seen(await catalogText(client))).toBe(seen(await catalogText(direct)));
        if (recipe.oneWay !== undefined) await expectWayBack(server, example, recipe, steps.slice(0, -recipe.oneWay));
        if (recipe.isIrreversible === true || recipe.oneWay !== undefined) return;
        for (const step of [...steps].reverse()) await runHalf(client, example, step.downPath ?? '', 'down');
        expect(await catalogText(client)).toBe(original);
      } finally {
        await Promise.all([direct.end(), client.end(), other.end()]);
      }
    });
  });
}
