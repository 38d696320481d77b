import { beforeAll, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../../server/host/load-engines.ts';
import { openExample } from '../../support/rule-check.ts';

const TABLES =
  'CREATE TABLE conditions (at timestamptz NOT NULL, value int);\nCREATE TABLE users (id bigint PRIMARY KEY, name text);';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

async function look(
  sql: string,
  before = [TABLES],
): Promise<{ readonly locks: readonly string[]; readonly said: string }> {
  const { project, path } = await openExample(engines, { dialect: 'postgresql', before, sql });
  return {
    locks: (project.explain(path).statements[0]?.effects ?? []).map(
      ({ relation, lock, certainty }) => `${relation} ${lock} ${certainty}`,
    ),
    said: project
      .lint(path)
      .problems.map(({ message }) => message)
      .join(' '),
  };
}

test.each([
  ["SELECT create_hypertable('conditions', 'at');", 'public.conditions AccessExclusiveLock may', 'TimescaleDB'],
  [
    "SELECT create_hypertable('conditions', by_range('at'));",
    'public.conditions AccessExclusiveLock may',
    'TimescaleDB',
  ],
  ["SELECT create_distributed_table('public.users', 'id');", 'public.users ExclusiveLock may', 'Citus'],
  ["DO $$ BEGIN PERFORM create_reference_table('users'); END $$;", 'public.users ExclusiveLock may', 'Citus'],
  [
    "SELECT partman.create_parent(p_parent_table := 'public.conditions', p_control := 'at', p_interval := '1 day');",
    'public.conditions AccessExclusiveLock may',
    'pg_partman',
  ],
  ["SELECT AddGeometryColumn('users', 'spot', 4326, 'POINT', 2);", 'public.users AccessExclusiveLock may', 'PostGIS'],
  [
    "SELECT AddGeometryColumn('public', 'users', 'spot', 4326, 'POINT', 2);",
    'public.users AccessExclusiveLock may',
    'PostGIS',
  ],
])('%s may lock its table, and that is said to be from the documentation', async (sql, lock, extension) => {
  const { locks, said } = await look(sql);
  expect(locks).toEqual([lock]);
  expect(said).toContain(`from the documentation of ${extension}, `);
  expect(said).toContain('may be otherwise than its migrations say');
});

test.each([
  ["SELECT cron.schedule('nightly', '0 3 * * *', 'VACUUM');", 'pg_cron'],
  ["SELECT add_retention_policy('conditions', INTERVAL '6 months');", 'TimescaleDB'],
])('%s makes a job and locks nothing', async (sql, extension) => {
  const { locks, said } = await look(sql);
  expect(locks).toEqual([]);
  expect(said).toContain(`from the documentation of ${extension}, `);
});

test.each([
  [
    "SELECT create_hypertable('conditions', 'at');",
    'The documentation of TimescaleDB says that create_hypertable takes',
  ],
  ["SELECT create_distributed_table('users', 'id');", 'The documentation of Citus says that create_distributed_table'],
  [
    "SELECT partman.create_parent('public.users', 'id', '10000');",
    'The documentation of pg_partman says that partman.create_parent takes',
  ],
  ['LOCK TABLE users;', 'LOCK TABLE takes ACCESS EXCLUSIVE on users'],
])('%s is told as what takes the lock', async (sql, words) => {
  const { project, path } = await openExample(engines, { dialect: 'postgresql', before: [TABLES], sql });
  const found = project.lint(path).findings.filter(({ code }) => code === 'explicit-table-lock');
  expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
});

test('what an extension has changed is no longer refused', async () => {
  const missing = 'SELECT spot FROM users;';
  const { project, path } = await openExample(engines, { dialect: 'postgresql', before: [TABLES], sql: missing });
  expect(project.lint(path).findings.map(({ code }) => code)).toEqual(['statement-not-supported']);
  const after = await openExample(engines, {
    dialect: 'postgresql',
    before: [TABLES, "SELECT AddGeometryColumn('users', 'spot', 4326, 'POINT', 2);"],
    sql: missing,
  });
  expect(after.project.lint(after.path).findings).toEqual([]);
});

test("a function of the project's own that has the name is what the project says", async () => {
  const own = 'CREATE FUNCTION create_parent(text) RETURNS void LANGUAGE sql AS $$ SELECT 1 $$;';
  expect(await look("SELECT create_parent('users');", [TABLES, own])).toEqual({ locks: [], said: '' });
});
