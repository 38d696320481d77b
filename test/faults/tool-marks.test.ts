import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../server/host/system-clock.ts';
import { run } from '../../server/runner/run.ts';
import { DEFAULT_RUN_SETTINGS } from '../../server/runner/runner.ts';
import { share } from '../support/faults/effort.ts';
import { canKillChildren, interrupted, ProcessEnded, type Interruption } from '../support/faults/interrupt.ts';
import { Random } from '../support/faults/random.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles } from '../support/tool-cases.ts';

/** Tools whose own tables mark what was begun, what they keep of it in SQLite, and what Lockstep runs of them. */
const TOOLS = [
  ['golang-migrate', 'SELECT version, dirty FROM schema_migrations', ['up', 'down']],
  [
    'prisma',
    'SELECT migration_name, finished_at IS NOT NULL AS done FROM _prisma_migrations ORDER BY migration_name',
    ['up'],
  ],
  [
    'atlas',
    "SELECT version, applied, total FROM atlas_schema_revisions WHERE version NOT LIKE '.%' ORDER BY version",
    ['up'],
  ],
] as const;
/** About as many calls as a run of the last migration alone makes under the lock. */
const CALLS = 36;

const URL = 'sqlite:app.db';

async function runKilled(project: RunProject, direction: 'up' | 'down', interruption: Interruption): Promise<void> {
  await using real = await project.connect(URL, { createIfMissing: true });
  try {
    await run({
      project: project.project,
      connection: interrupted(real, interruption),
      direction,
      extent: { kind: 'next' },
      settings: DEFAULT_RUN_SETTINGS,
      clock: systemClock,
      onEvent: () => undefined,
    });
  } catch (cause) {
    if (!(cause instanceof ProcessEnded)) throw cause;
  }
}

function ask(project: RunProject, query: string): readonly unknown[] {
  const database = new Database(path.join(project.folder, 'app.db'));
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}

const OBJECTS =
  "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name <> 'lockstep_runs' ORDER BY name";

/** What the database has of a migration of the tool, whichever way it came there. */
function whole(project: RunProject, query: string): readonly unknown[] {
  return [...ask(project, query), ...ask(project, OBJECTS)];
}

/** The tool's project with all but its last migration applied, or with that one too. */
async function open(id: string, count: number): Promise<RunProject> {
  const project = await runProject({ ...projectFiles(id), 'lockstep.jsonc': '{ "dialect": "sqlite" }' });
  expect((await project.run(URL, { extent: { kind: 'steps', count } })).applied).toHaveLength(count);
  return project;
}

describe.skipIf(!canKillChildren()).each(TOOLS)('%s', (id, query, directions) => {
  test.each(directions)(
    'a half outside a transaction that was killed anywhere goes on (%s), and the tool sees it whole',
    async (direction) => {
      const random = new Random(`${id} ${direction}`);
      using ended = await open(id, direction === 'up' ? 3 : 2);
      for (let round = 0; round < share(1 / 20); round++) {
        using project = await open(id, direction === 'up' ? 2 : 3);
        const interruption: Interruption = {
          call: random.below(CALLS),
          place: 'after',
          dies: round % 2 === 0 ? 'whole' : 'alone',
        };
        await runKilled(project, direction, interruption);
        const states = await project.states(URL);
        const isThere = states.at(-1)?.endsWith(direction === 'up' ? 'applied' : 'pending') === true;
        // A revert takes the newest back that is applied, so it is asked for only where one was left.
        const done = isThere ? undefined : await project.run(URL, { direction, extent: { kind: 'next' } });
        expect([interruption, states, done?.failed?.message]).toEqual([interruption, states, undefined]);
        // Nobody else was here.
        expect(done?.elsewhere ?? []).toEqual([]);
        expect(whole(project, query)).toEqual(whole(ended, query));
        expect(await project.states(URL)).toEqual(await ended.states(URL));
      }
    },
  );
});
