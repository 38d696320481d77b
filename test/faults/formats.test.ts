import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeChanges } from '../../server/application/write-changes.ts';
import type { FileChange } from '../../server/core/ports.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import type { RunEvent } from '../../server/runner/report.ts';
import type { WrittenStep } from '../../server/tools/format.ts';
import { CutProxy, type CutPlace } from '../support/cut-proxy.ts';
import { FAULT_MAJORS } from '../support/fault-majors.ts';
import { FAULT_TIMEOUT_MS, share } from '../support/faults/effort.ts';
import { extentOf } from '../support/faults/extent.ts';
import type { Direction } from '../support/faults/fault-migrations.ts';
import type { Ask } from '../support/faults/observe.ts';
import { Random } from '../support/faults/random.ts';
import { Tally } from '../support/faults/tally.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles } from '../support/tool-cases.ts';

/** Tools whose own tables mark starts, failures or sums, each in its own way; of some the first migration alone. */
const TOOLS: readonly (readonly [tool: string, count?: number])[] = [
  ['golang-migrate'],
  // Before it the table has no number, and still says that it is dirty.
  ['golang-migrate', 1],
  ['prisma'],
  ['atlas'],
  ['flyway'],
  ['liquibase'],
  ['goose'],
  ['diesel'],
  ['dbmate'],
];

function step(slug: string, transaction: 'one' | 'none', up: string, down: string): WrittenStep {
  return { phase: 'expand', title: slug, slug, up, down, transaction, requires: [], notes: [], changeId: slug };
}

function rows(slug: string, count: number): readonly [up: string, down: string] {
  const text = (way: Direction): string =>
    Array.from({ length: count }, (_, place) => `INSERT INTO ledger VALUES ('${slug}', '${way}', ${place});\n`).join(
      '',
    );
  return [text('up'), text('down')];
}

/** Rows that a half leaves; none where it is an index. */
const ROWS: Readonly<Record<string, number>> = { several: 3, whole: 2, index: 0 };
const STEPS: readonly WrittenStep[] = [
  step('several', 'none', ...rows('several', 3)),
  step('whole', 'one', ...rows('whole', 2)),
  step(
    'index',
    'none',
    'CREATE INDEX CONCURRENTLY by_place ON ledger (place);\n',
    'DROP INDEX CONCURRENTLY by_place;\n',
  ),
];

/** The tool's project with these migrations in place of its own, as Lockstep writes them for the tool. */
async function projectOf(tool: string, count: number): Promise<RunProject> {
  const running = await runProject({ ...projectFiles(tool), 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
  const { project, folder } = running;
  const { format } = project;
  const change = async (changes: readonly FileChange[]): Promise<void> => {
    await writeChanges(nodeFiles, folder, format.settle?.(changes, project) ?? changes);
    await project.refresh();
  };
  const old = project.migrations.migrations.map(({ id }) => id);
  const steps = STEPS.slice(0, count);
  await change(format.write({ folder: project, dialect: 'postgresql', now: new Date(0), steps }).changes);
  for (const id of old) {
    const own = project.migrations.migrations.find((migration) => migration.id === id);
    if (own !== undefined) await change(format.remove(own, project));
  }
  expect(project.migrations.migrations).toHaveLength(count);
  return running;
}

type Done = 'all' | 'none' | 'part' | 'twice';

/** How much of each migration's half the database has. */
async function doneOf(ask: Ask, { project }: RunProject, direction: Direction): Promise<ReadonlyMap<string, Done>> {
  const found = await ask(
    `SELECT migration, count(*)::int, count(DISTINCT place)::int FROM ledger WHERE way = '${direction}' GROUP BY migration`,
  );
  const [valid] = (await ask("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('by_place')"))[0] ?? [];
  const index = valid === false ? 'part' : (valid === true) === (direction === 'up') ? 'all' : 'none';
  return new Map(
    project.migrations.migrations.map(({ id, name, upPath }): [string, Done] => {
      const slug = Object.keys(ROWS).find((each) => `${id} ${name} ${upPath}`.includes(each)) ?? '';
      if (slug === 'index') return [id, index];
      const [, count, places] = found.find(([migration]) => migration === slug) ?? [slug, 0, 0];
      if (count !== places) return [id, 'twice'];
      return [id, count === 0 ? 'none' : count === ROWS[slug] ? 'all' : 'part'];
    }),
  );
}

describe.skipIf(FAULT_MAJORS.length === 0)(`PostgreSQL ${FAULT_MAJORS.at(-1) ?? ''}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(FAULT_MAJORS.at(-1) ?? 0);
  });
  afterAll(async () => {
    await server.stop();
  });

  test.for(TOOLS)(
    '%s: a run that is cut anywhere is told by its table, and goes on',
    {
      timeout: FAULT_TIMEOUT_MS,
    },
    async ([tool, count = STEPS.length], { task }) => {
      const name = `${tool}${count === 1 ? ', first' : ''}`;
      const tally = new Tally('cut in the format of a tool', name);
      const random = new Random(name);
      using project = await projectOf(tool, count);
      const directions: readonly Direction[] = project.project.migrations.migrations.every(
        ({ downPath }) => downPath !== undefined,
      )
        ? ['up', 'down']
        : ['up'];
      /** The tool's table after a run that nothing met, by direction. */
      const ended = new Map<Direction, string>();
      for (let round = 0; round <= share(1 / 20); round++) {
        const database = await server.createDatabase();
        const url = server.urlOf(database);
        const client = await server.connect(database);
        const ask: Ask = async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
        await ask('CREATE TABLE ledger (migration text, way text, place int)');
        for (const direction of directions) {
          await ask('DELETE FROM ledger');
          if (round > 0) await cutOnce(project, url, ask, direction, 25 + random.below(15 + 20 * count), random, tally);
          const done = await project.run(url, extentOf(direction));
          if (done.failed !== null || done.stopped !== null)
            tally.stuck(done.failed?.message ?? done.stopped?.message ?? '');
          // Nobody else was here.
          if (done.elsewhere.length > 0) tally.falseWords(`done elsewhere: ${done.elsewhere.join(', ')}`);
          for (const [id, state] of await doneOf(ask, project, direction))
            if (state === 'twice') tally.twice(id);
            else if (state !== 'all') tally.lost(`${id}: ${state}`);
          const table = await tableOf(ask, project.project.history.table);
          if (round === 0) ended.set(direction, table);
          else if (table !== ended.get(direction))
            tally.lost(`the history is ${table}, not ${ended.get(direction) ?? ''}`);
          if ((await tableOf(ask, 'lockstep_runs')) !== '[]') tally.stuck('a mark was left');
        }
        await client.end();
      }
      task.meta.faults = tally.result();
      expect(tally.problems).toEqual([]);
    },
  );

  /** A run that is cut at a message, and what is then said of each migration. */
  async function cutOnce(
    project: RunProject,
    url: string,
    ask: Ask,
    direction: Direction,
    message: number,
    random: Random,
    tally: Tally,
  ): Promise<void> {
    const place = (['before', 'sent', 'answer'] as const satisfies readonly CutPlace[])[random.below(3)] ?? 'answer';
    const events: RunEvent[] = [];
    await using proxy = await CutProxy.start(server.port);
    proxy.cutMessage(message, place);
    await project
      .run(proxy.url(url), { ...extentOf(direction), onEvent: (event) => void events.push(event) })
      .catch(() => undefined);
    const others =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    while ((await ask(others)).length > 0);
    const failed = events.find((event) => event.event === 'done')?.failed;
    tally.count(failed === undefined ? 'not connected' : failed === null ? 'done' : `told ${failed.outcome}`);
    const seen = await doneOf(ask, project, direction);
    const where = `${direction}, message ${message} ${place}, ${JSON.stringify([...seen])}`;
    if (failed?.outcome === 'not-done' && failed.id !== '' && seen.get(failed.id) !== 'none')
      tally.falseWords(`${failed.message} ${where}`);
    for (const { id, state } of (await project.status(url, { readOnly: true })).migrations) {
      const isSo =
        state === 'failed' ||
        ((state === 'applied' || state === 'pending') &&
          seen.get(id) === ((state === 'applied') === (direction === 'up') ? 'all' : 'none'));
      if (!isSo) tally.falseWords(`status: ${id} is ${state}; ${where}`);
    }
  }
});

/** All rows of a table, without what differs from run to run: times, and what the tool draws by chance. */
async function tableOf(ask: Ask, table: string): Promise<string> {
  if ((await ask(`SELECT 1 WHERE to_regclass('${table}') IS NOT NULL`)).length === 0) return '[]';
  const found = await ask(`SELECT to_jsonb(t) FROM ${table} t`);
  const plain = found.map(([cells]) =>
    // A row as the server writes it.
    JSON.stringify(Object.entries(cells as object).filter(([column]) => !/time|tamp|_on$|_at$|date|^id$/.test(column))),
  );
  return `[${plain.toSorted().join()}]`;
}
