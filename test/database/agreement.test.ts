import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { installRealTools, REAL_TOOLS, versionOf, type RealTool } from '../support/real-tools.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

/** A project's folder with a database of its own, as both sides name it. */
interface Place extends Disposable {
  readonly project: RunProject;
  readonly theirs: string;
  readonly ours: string;
  /** Rows of a query. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

type NewPlace = (tool: RealTool, files: Readonly<Record<string, string>>) => Promise<Place>;

const missing = installRealTools();
if (missing !== undefined) console.log(`skipped: ${missing}`);

async function applied(place: Place): Promise<readonly string[]> {
  return (await place.project.status(place.ours)).migrations
    .filter((migration) => migration.state === 'applied')
    .map((migration) => migration.id);
}

async function expectApplied(place: Place, ids: readonly string[]): Promise<void> {
  expect(await applied(place)).toEqual(ids);
}

/** What the history says of each migration, without what differs from run to run. */
async function historyRows(tool: RealTool, place: Place, table: string): Promise<readonly unknown[]> {
  return (await place.rows(`SELECT * FROM ${table}`))
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !tool.differing.includes(name))))
    .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}

/** Both by turns on one database, the tool first. */
async function takeTurns(tool: RealTool, ids: readonly string[], newPlace: NewPlace): Promise<void> {
  const files = projectFiles(tool.id);
  using place = await newPlace(tool, tool.first(files));
  const { project, theirs, ours } = place;
  await tool.up(project.folder, theirs);
  for (const [name, text] of Object.entries(files)) await project.write(name, text);
  await expectApplied(place, ids.slice(0, 1));
  expect((await project.run(ours, { extent: { kind: 'next' } })).applied).toEqual(ids.slice(1, 2));
  if (tool.pending !== undefined) expect(await tool.pending(project.folder, theirs)).toBe(ids.length - 2);
  await tool.up(project.folder, theirs);
  await expectApplied(place, ids);
  expect((await project.run(ours)).applied).toEqual([]);
  if (tool.down === undefined) return;
  await tool.down(project.folder, theirs);
  await expectApplied(place, ids.slice(0, -1));
  const back = await project.run(ours, { direction: 'down', extent: { kind: 'next' } });
  expect(back.applied).toEqual(ids.slice(-2, -1));
  await tool.up(project.folder, theirs);
  await expectApplied(place, ids);
}

/** The whole by each alone leaves the same history and the same schema. */
async function leaveTheSame(
  tool: RealTool,
  ids: readonly string[],
  table: string,
  schema: string,
  newPlace: NewPlace,
): Promise<void> {
  const files = projectFiles(tool.id);
  using mine = await newPlace(tool, files);
  const done = await mine.project.run(mine.ours);
  expect([done.failed, done.applied]).toEqual([null, ids]);
  using reference = await newPlace(tool, files);
  await tool.up(reference.project.folder, reference.theirs);
  await expectApplied(reference, ids);
  expect(await historyRows(tool, mine, table)).toEqual(await historyRows(tool, reference, table));
  const shared = (rows: readonly Readonly<Record<string, unknown>>[]): typeof rows =>
    rows.filter((row) => tool.ownTables?.includes(String(row['table_name'])) !== true);
  expect(shared(await mine.rows(schema))).toEqual(shared(await reference.rows(schema)));
  // The tool finds nothing to do where all was ours, and no fault with what it finds.
  await tool.up(mine.project.folder, mine.theirs);
  expect((await historyRows(tool, mine, table)).length).toBe(ids.length);
}

/** One test for each tool that can run here; the others say in one line what they lack. */
function eachTool(
  database: 'sqlite' | 'postgresql',
  check: (tool: RealTool, ids: readonly string[], table: string) => Promise<void>,
): void {
  for (const tool of REAL_TOOLS.filter((known) => known.databases.includes(database))) {
    const lacks = missing ?? tool.missing?.();
    test.skipIf(lacks !== undefined)(
      `${tool.id} ${versionOf(tool)}${lacks === undefined ? '' : `: ${lacks}`}`,
      async () => {
        const ids = TOOL_CASES.find((known) => known.id === tool.id)?.ids ?? [];
        await check(tool, ids, tool.history[database] ?? '');
      },
      // Java and the workers' runtime take seconds to start, ten times over.
      300_000,
    );
  }
}

describe('on SQLite the tool itself and Lockstep agree', () => {
  const newPlace: NewPlace = async (tool, files) => {
    const project = await runProject({ ...files, 'lockstep.jsonc': '{ "dialect": "sqlite" }' });
    const name = tool.sqliteFile ?? 'app.db';
    const file = path.join(project.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    return {
      project,
      theirs: `file:${file}`,
      ours: `sqlite:${name}`,
      rows: async (sql) => {
        const database = new Database(file, { readonly: true });
        try {
          // The library cannot know the rows' shape.
          return database.prepare(sql).all() as readonly Readonly<Record<string, unknown>>[];
        } finally {
          database.close();
        }
      },
      [Symbol.dispose]: () => project[Symbol.dispose](),
    };
  };
  const schema =
    "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'lockstep%' AND name NOT LIKE '%migrations' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name";
  eachTool('sqlite', async (tool, ids, table) => {
    await takeTurns(tool, ids, newPlace);
    await leaveTheSame(tool, ids, table, schema, newPlace);
  });
});

// What a tool writes does not depend on the server's version.
describe(`on PostgreSQL ${MAJORS.at(-1)} the tool itself and Lockstep agree`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(MAJORS.at(-1) ?? 18);
  });
  afterAll(async () => {
    await server.stop();
  });

  const newPlace: NewPlace = async (_tool, files) => {
    const project = await runProject({ ...files, 'lockstep.jsonc': '{ "dialect": "postgresql" }' });
    const database = await server.createDatabase();
    const url = server.urlOf(database);
    return {
      project,
      theirs: url,
      ours: url,
      rows: async (sql) => {
        const client = await server.connect(database);
        try {
          return (await client.query<Readonly<Record<string, unknown>>>(sql)).rows;
        } finally {
          await client.end();
        }
      },
      [Symbol.dispose]: () => project[Symbol.dispose](),
    };
  };
  const schema =
    "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_name NOT LIKE 'lockstep%' ORDER BY 1, 2, ordinal_position";
  eachTool('postgresql', async (tool, ids, table) => {
    await takeTurns(tool, ids, newPlace);
    await leaveTheSame(tool, ids, table, schema, newPlace);
  });
});
