import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../server/drivers/connect.ts';
import type { Connection } from '../../server/drivers/driver.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { loadDialects, type Dialects } from '../../server/host/load-dialects.ts';
import { systemClock } from '../../server/host/system-clock.ts';
import { connectOptions } from '../../server/project/connect-options.ts';
import { recordMet } from '../../server/runner/change-records.ts';
import { compareSides } from '../../server/runner/parity.ts';
import { run } from '../../server/runner/run.ts';
import { type AppVersion, type Ledger, newLedger, type RunningApp, startApp } from '../support/load.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { applyFix, firstFix, openExample, type OpenedExample } from '../support/rule-check.ts';

/** The oldest and the newest server, unless `LOCKSTEP_LOAD=all` or `LOCKSTEP_PG` asks for others: each takes half a minute. */
const LOAD_MAJORS = process.env['LOCKSTEP_LOAD'] === 'all' || process.env['LOCKSTEP_PG'] !== undefined ? MAJORS : MAJORS.filter((major) => major === MAJORS[0] || major === MAJORS.at(-1));
/** Rows at the start: enough for several batches of a backfill. */
const ROWS = 3_000;
/** How long a version runs alone, or beside the other, between two steps. */
const DWELL_MS = 60;

/** A change, and the two versions of the application before and after it. */
interface LoadCase {
  readonly name: string;
  readonly code: string;
  readonly before: string;
  readonly statement: string;
  /** Fills ids 1 to `ROWS`. */
  readonly fill: string;
  valueOf(id: number): string;
  newValue(id: number, turn: number): string;
  readonly old: AppVersion;
  readonly new: AppVersion;
  /** SQL of the final `id` and `value` of every row, after the change and before it. */
  readonly all: string;
  readonly allOld: string;
  /** Steps at the end without a way back that keeps the values. */
  readonly irreversible?: number;
}

/** A version that keeps its value in one column of one table. */
function plainVersion(table: string, column: string, more = '', moreValues = '', cast = ''): AppVersion {
  return {
    insert: (id, value) => ({ text: `INSERT INTO ${table} (id, ${column}${more}) VALUES ($1, $2${moreValues})`, values: [id, value] }),
    update: (id, value) => ({ text: `UPDATE ${table} SET ${column} = $2 WHERE id = $1`, values: [id, value] }),
    select: (id) => ({ text: `SELECT ${column}${cast} AS value FROM ${table} WHERE id = $1`, values: [id] }),
  };
}

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL DEFAULT \'none\', email text, team int);\nCREATE INDEX users_name ON users (name);';
const FILL = `INSERT INTO users SELECT n, 'n' || n, 'e' || n, n % 7 FROM generate_series(1, ${ROWS}) n`;
const named = { valueOf: (id: number): string => `n${id}`, newValue: (id: number, turn: number): string => (turn % 11 === 0 ? 'none' : `v${id}-${turn}`) };
const BY_NAME = plainVersion('users', 'name');

const numbered = { valueOf: (id: number): string => String(id % 7), newValue: (id: number, turn: number): string => String(turn % 11 === 0 ? 0 : id * 3 + turn) };
const BY_TEAM = plainVersion('users', 'team', '', '', '::text');

const CASES: readonly LoadCase[] = [
  {
    name: 'rename of a column', code: 'rename-in-use', before: USERS, statement: 'ALTER TABLE users RENAME name TO full_name', fill: FILL, ...named,
    old: BY_NAME, new: plainVersion('users', 'full_name'), allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, full_name AS value FROM users',
  },
  {
    name: 'rename of a column that a trigger trims, written by ON CONFLICT', code: 'rename-in-use',
    before: `${USERS}
CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF to_jsonb(NEW) ? 'name' THEN NEW := jsonb_populate_record(NEW, jsonb_build_object('name', trim(to_jsonb(NEW) ->> 'name'))); ELSE NEW := jsonb_populate_record(NEW, jsonb_build_object('full_name', trim(to_jsonb(NEW) ->> 'full_name'))); END IF; RETURN NEW; END $$;
CREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION tidy();`,
    statement: 'ALTER TABLE users RENAME name TO full_name', fill: FILL, ...named,
    old: upserting('name'), new: upserting('full_name'), allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, full_name AS value FROM users',
  },
  {
    name: 'a wider number with an index, a default and a check', code: 'blocking-alter',
    before: `${USERS}\nALTER TABLE users ALTER team SET DEFAULT 0, ALTER team SET NOT NULL, ADD CONSTRAINT positive CHECK (team >= 0);\nCREATE INDEX users_team ON users (team);`,
    statement: 'ALTER TABLE users ALTER team TYPE bigint', fill: FILL, ...numbered, old: BY_TEAM, new: BY_TEAM,
    allOld: 'SELECT id, team AS value FROM users', all: 'SELECT id, team AS value FROM users', irreversible: 1,
  },
  {
    name: 'text to a number', code: 'blocking-alter', before: USERS, statement: 'ALTER TABLE users ALTER email TYPE numeric(20,0) USING email::numeric(20,0)', fill: FILL.replace("'e' || n", 'n % 7'), ...numbered,
    old: plainVersion('users', 'email', '', '', '::text'), new: plainVersion('users', 'email', '', '', '::text'), allOld: 'SELECT id, email AS value FROM users', all: 'SELECT id, email AS value FROM users', irreversible: 1,
  },
  {
    name: 'a computed change', code: 'blocking-alter', before: USERS, statement: 'ALTER TABLE users ALTER team TYPE numeric USING users.team * 100', fill: FILL, ...numbered,
    old: BY_TEAM, new: { ...BY_TEAM, select: (id) => ({ text: "SELECT (CASE WHEN pg_typeof(team) = 'numeric'::regtype THEN team / 100 ELSE team END)::bigint::text AS value FROM users WHERE id = $1", values: [id] }),
      insert: (id, value) => ({ text: "INSERT INTO users (id, team) SELECT $1, CASE WHEN (SELECT atttypid FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'team') = 'numeric'::regtype THEN $2::bigint * 100 ELSE $2::bigint END", values: [id, value] }),
      update: (id, value) => ({ text: "UPDATE users SET team = CASE WHEN pg_typeof(team) = 'numeric'::regtype THEN $2::bigint * 100 ELSE $2::bigint END WHERE id = $1", values: [id, value] }) },
    allOld: 'SELECT id, team AS value FROM users', all: 'SELECT id, (team / 100)::bigint AS value FROM users', irreversible: 1,
  },
  {
    name: 'rename of a table', code: 'rename-in-use', before: USERS, statement: 'ALTER TABLE users RENAME TO people', fill: FILL, ...named,
    old: BY_NAME, new: plainVersion('people', 'name'), allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM people',
  },
  {
    name: 'a required column', code: 'required-column', before: USERS, statement: 'ALTER TABLE users ADD COLUMN status text NOT NULL', fill: FILL, ...named,
    old: BY_NAME, new: plainVersion('users', 'name', ', status', ', \'new\''), allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM users WHERE status IS NOT NULL',
  },
  {
    name: 'a column with a computed default', code: 'blocking-alter', before: USERS, statement: 'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid() NOT NULL', fill: FILL, ...named,
    old: BY_NAME, new: BY_NAME, allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM users WHERE token IS NOT NULL',
  },
  {
    name: 'a foreign key', code: 'blocking-alter', before: `${USERS}\nCREATE TABLE teams (id int PRIMARY KEY);\nINSERT INTO teams SELECT generate_series(0, 6);`, statement: 'ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team) REFERENCES teams', fill: FILL, ...named,
    old: plainVersion('users', 'name', ', team', ', 3'), new: plainVersion('users', 'name', ', team', ', 4'), allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM users',
  },
  {
    name: 'a unique constraint', code: 'blocking-alter', before: USERS, statement: 'ALTER TABLE users ADD CONSTRAINT users_both UNIQUE (id, name)', fill: FILL, ...named,
    old: BY_NAME, new: BY_NAME, allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM users',
  },
  {
    name: 'an index', code: 'blocking-index', before: USERS, statement: 'CREATE INDEX users_email ON users (lower(email))', fill: FILL, ...named,
    old: BY_NAME, new: BY_NAME, allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM users',
  },
  {
    name: 'the drop of a required column', code: 'drop-before-contract', before: `${USERS}\nALTER TABLE users ADD COLUMN code text NOT NULL DEFAULT 'c';\nALTER TABLE users ALTER code DROP DEFAULT;`, statement: 'ALTER TABLE users DROP code', fill: FILL.replace('users SELECT', 'users (id, name, email, team, code) SELECT').replace('n % 7', "n % 7, 'c'"), ...named,
    old: plainVersion('users', 'name', ', code', ', \'c\''), new: BY_NAME, allOld: 'SELECT id, name AS value FROM users', all: 'SELECT id, name AS value FROM users', irreversible: 1,
  },
];

/** Inserts by ON CONFLICT and leaves spaces for a trigger to trim. */
function upserting(column: string): AppVersion {
  const plain = plainVersion('users', column);
  return {
    ...plain,
    insert: (id, value) => ({ text: `INSERT INTO users (id, ${column}) VALUES ($1, ' ' || $2) ON CONFLICT (id) DO UPDATE SET ${column} = excluded.${column}`, values: [id, value] }),
    update: (id, value) => ({ text: `INSERT INTO users (id, ${column}) VALUES ($1, 'other') ON CONFLICT (id) DO UPDATE SET ${column} = $2 || ' '`, values: [id, value] }),
  };
}

let dialects: Dialects;
beforeAll(async () => { dialects = await loadDialects(); });

/** A change under way on a filled database, with the versions that run beside it. */
class Scene {
  readonly #example: OpenedExample;
  readonly #connection: Connection;
  readonly #recipe: LoadCase;
  readonly #connect: () => Promise<pg.Client>;
  readonly ledger: Ledger;
  /** Ids of the change's steps. */
  readonly steps: readonly string[];
  /** Index of the first step that the new version must be deployed for; the number of steps where none is. */
  readonly deployAt: number;
  #old: RunningApp | undefined;
  #new: RunningApp | undefined;
  #applied = 0;

  constructor(example: OpenedExample, steps: readonly string[], connection: Connection, recipe: LoadCase, connect: () => Promise<pg.Client>) {
    this.#example = example;
    this.#connection = connection;
    this.#recipe = recipe;
    this.#connect = connect;
    this.steps = steps;
    this.ledger = newLedger(ROWS, recipe.valueOf);
    const at = steps.findIndex((id) => this.#directivesOf(id).requires.some((requirement) => requirement.kind === 'deploy'));
    this.deployAt = at < 0 ? steps.length : at;
  }

  async start(): Promise<void> {
    this.#old = await this.#app('old', this.#recipe.old);
    await dwell();
  }

  /** One step up. The new version comes, and the old one goes, before the step that waits for it. */
  async up(): Promise<void> {
    const id = this.steps[this.#applied] ?? '';
    const directives = this.#directivesOf(id);
    const change = directives.change?.id ?? '';
    if (this.#applied === this.deployAt) {
      this.#new = await this.#app('new', this.#recipe.new);
      await dwell();
      await this.#old?.stop();
      this.#old = undefined;
    }
    for (const requirement of directives.requires) {
      if (requirement.kind === 'parity' && directives.parity !== undefined) expect(await compareSides(this.#connection, directives.parity)).toMatchObject({ differing: 0 });
      await recordMet(this.#connection, { change, requirement: requirement.kind, description: requirement.kind === 'deploy' ? requirement.description : '', metAt: new Date().toISOString(), metBy: 'test' });
    }
    await this.#run('up', id);
    this.#applied++;
    await dwell();
  }

  /** One step back. The old version comes back, and the new one goes, behind the step that had waited for it. */
  async down(): Promise<void> {
    this.#applied--;
    await this.#run('down', this.steps[this.#applied] ?? '');
    await dwell();
    if (this.#applied !== this.deployAt || this.#new === undefined) return;
    this.#old = await this.#app('old', this.#recipe.old);
    await dwell();
    await this.#new.stop();
    this.#new = undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#old?.stop(), this.#new?.stop()]);
    this.#old = this.#new = undefined;
  }

  #directivesOf(id: string): ReturnType<OpenedExample['project']['directivesOf']> {
    const migration = this.#example.project.migrations.migrations.find((candidate) => candidate.id === id);
    return this.#example.project.directivesOf(migration?.upPath ?? '');
  }

  #app(name: string, version: AppVersion): Promise<RunningApp> {
    return startApp(this.#connect, name, version, this.ledger, (id, turn) => this.#recipe.newValue(id, turn));
  }

  async #run(direction: 'up' | 'down', id: string): Promise<void> {
    const done = await run({
      project: this.#example.project, connection: this.#connection, direction, extent: { kind: 'next' }, clock: systemClock, onEvent: () => undefined,
      settings: { lockTimeoutMs: 500, lockAttempts: 10, migrationLockTimeoutMs: 2_000 },
    });
    expect({ failed: done.failed, stopped: done.stopped, applied: done.applied }, `${direction} ${id}`).toEqual({ failed: null, stopped: null, applied: [id] });
  }
}

function dwell(): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, DWELL_MS); });
}

async function openScene(server: PostgresServer, recipe: LoadCase): Promise<{ readonly scene: Scene; readonly client: pg.Client; close(): Promise<void> }> {
  const example = await openExample(dialects, { dialect: 'postgresql', version: String(server.major), before: [recipe.before], sql: `${recipe.statement};` });
  const fix = firstFix(example, recipe.code);
  if (fix === undefined) throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
  const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
  await applyFix(example, fix);
  const steps = example.project.migrations.migrations.map((migration) => migration.id).filter((id) => !known.has(id));
  const database = await server.createDatabase();
  const client = await server.connect(database);
  const target = parseDatabaseUrl(server.urlOf(database), '/');
  if ('problem' in target) throw new Error(target.problem);
  const connection = await openConnection(target, connectOptions(example.project.dialect, { readOnly: false }));
  const first = await run({ project: example.project, connection, direction: 'up', extent: { kind: 'next' }, clock: systemClock, onEvent: () => undefined, settings: { lockTimeoutMs: 500, lockAttempts: 1, migrationLockTimeoutMs: 500 } });
  expect(first.failed).toBeNull();
  await client.query(recipe.fill);
  const scene = new Scene(example, steps, connection, recipe, () => server.connect(database));
  return {
    scene, client,
    async close() {
      await scene.stop();
      await client.end();
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** What the table holds against what the versions wrote. */
async function expectRows(client: pg.Client, sql: string, ledger: Ledger): Promise<void> {
  const { rows } = await client.query<{ id: string; value: string }>(sql);
  expect(ledger.failures).toEqual([]);
  const found = new Map(rows.map((row) => [Number(row.id), String(row.value)]));
  const wrong = [...ledger.rows].filter(([id, value]) => found.get(id) !== value).map(([id, value]) => `row ${id} holds ${found.get(id) ?? 'nothing'}, not ${value}`);
  expect(wrong).toEqual([]);
  expect(found.size).toBe(ledger.rows.size);
}

for (const major of LOAD_MAJORS) {
  describe(`PostgreSQL ${major}`, () => {
    let server: PostgresServer;
    beforeAll(async () => { server = await startPostgres(major); });
    afterAll(async () => { await server.stop(); });

    test.each(CASES)('$name: both versions write and read through the whole change', async (recipe) => {
      const { scene, client, close } = await openScene(server, recipe);
      try {
        await scene.start();
        for (const _ of scene.steps) await scene.up();
        await scene.stop();
        await expectRows(client, recipe.all, scene.ledger);
        expect(scene.ledger.statements).toBeGreaterThan(50);
      } finally {
        await close();
      }
    });

    test.each(CASES)('$name: up to each point and back, both versions writing and reading', async (recipe) => {
      const { scene, client, close } = await openScene(server, recipe);
      try {
        await scene.start();
        for (let most = 1; most <= scene.steps.length - (recipe.irreversible ?? 0); most++) {
          for (let step = 0; step < most; step++) await scene.up();
          for (let step = 0; step < most; step++) await scene.down();
          expect(scene.ledger.failures, `after ${most} steps and back`).toEqual([]);
        }
        await scene.stop();
        await expectRows(client, recipe.allOld, scene.ledger);
      } finally {
        await close();
      }
    }, 60_000);
  });
}
