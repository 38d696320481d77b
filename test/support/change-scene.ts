import type pg from 'pg';
import { openConnection } from '../../server/drivers/connect.ts';
import type { Connection } from '../../server/drivers/driver.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import type { Engines } from '../../server/host/load-engines.ts';
import { systemClock } from '../../server/host/system-clock.ts';
import { connectOptions } from '../../server/application/connect-options.ts';
import { recordMet } from '../../server/runner/change-records.ts';
import { compareSides } from '../../server/runner/parity.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { run } from '../../server/runner/run.ts';
import { type AppVersion, type Ledger, newLedger, type RunningApp, startApp } from './load.ts';
import type { PostgresServer } from './postgres.ts';
import { applyFix, firstFix, openExample, type OpenedExample, writeFiles } from './rule-check.ts';
import { withSaidValues } from './said-values.ts';

/** How long a version runs alone, or beside the other, between two steps. */
const DWELL_MS = 25;

/** A change, and the two versions of the application before and after it. */
export interface LoadCase {
  /** As `RECIPES` names it. */
  readonly recipe: string;
  readonly name: string;
  readonly code: string;
  readonly before: string;
  /** The dangerous statement, or what a person asks for without one: the wish's name and its values. */
  readonly statement: string | readonly [string, ...string[]];
  /** SQL that fills ids from 1 to `rows`. */
  fill(rows: number): string;
  valueOf(id: number): string;
  newValue(id: number, turn: number): string;
  readonly old: AppVersion;
  readonly new: AppVersion;
  /** SQL of the final `id` and `value` of every row, after the change and before it. */
  readonly all: string;
  readonly allOld: string;
  /** Steps at the end without a way back that keeps the values. */
  readonly irreversible?: number;
  /** First major with a safe way. */
  readonly since?: number;
}

/** A version that keeps its value in one column of one table. */
export function plainVersion(table: string, column: string, more = '', moreValues = '', cast = ''): AppVersion {
  return {
    insert: (id, value) => ({
      text: `INSERT INTO ${table} (id, ${column}${more}) VALUES ($1, $2${moreValues})`,
      values: [id, value],
    }),
    update: (id, value) => ({ text: `UPDATE ${table} SET ${column} = $2 WHERE id = $1`, values: [id, value] }),
    select: (id) => ({ text: `SELECT ${column}${cast} AS value FROM ${table} WHERE id = $1`, values: [id] }),
  };
}

/** A change under way on a filled database, with the versions that run beside it. */
export class Scene {
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

  constructor(
    example: OpenedExample,
    steps: readonly string[],
    connection: Connection,
    recipe: LoadCase,
    rows: number,
    connect: () => Promise<pg.Client>,
  ) {
    this.#example = example;
    this.#connection = connection;
    this.#recipe = recipe;
    this.#connect = connect;
    this.steps = steps;
    this.ledger = newLedger(rows, recipe.valueOf);
    const at = steps.findIndex((id) =>
      this.#directivesOf(id).requires.some((requirement) => requirement.kind === 'deploy'),
    );
    this.deployAt = at < 0 ? steps.length : at;
  }

  /** The text of the last applied step's up half, with what it says to its reader. */
  get notes(): string {
    const id = this.steps[this.#applied - 1];
    const migration = this.#example.project.migrations.migrations.find((candidate) => candidate.id === id);
    return this.#example.project.textOf(migration?.upPath ?? '') ?? '';
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
      if (requirement.kind === 'parity' && directives.parity !== undefined) {
        const { differing } = await compareSides(this.#connection, directives.parity);
        if (differing > 0) throw new Error(`old and new differ in ${differing} rows before ${id}`);
      }
      await recordMet(this.#connection, {
        change,
        requirement: requirement.kind,
        description: requirement.kind === 'deploy' ? requirement.description : '',
        metAt: new Date().toISOString(),
        metBy: 'test',
      });
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
      project: this.#example.project,
      connection: this.#connection,
      direction,
      extent: { kind: 'next' },
      clock: systemClock,
      onEvent: () => undefined,
      settings: { lockTimeoutMs: 500, lockAttempts: 10, migrationLockTimeoutMs: 2_000 },
    });
    if (done.applied.join() !== id)
      throw new Error(
        `${direction} ${id}: ${JSON.stringify({ failed: done.failed, stopped: done.stopped, applied: done.applied })}`,
      );
  }
}

function dwell(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, DWELL_MS);
  });
}

/** The change's steps as files, and the ids that were there before them. */
async function writtenOut(
  engines: Engines,
  server: PostgresServer,
  recipe: LoadCase,
): Promise<{ readonly example: OpenedExample; readonly known: ReadonlySet<string> }> {
  const isWish = typeof recipe.statement !== 'string';
  const example = await openExample(engines, {
    dialect: 'postgresql',
    version: String(server.major),
    before: isWish ? [] : [recipe.before],
    sql: isWish ? recipe.before : `${recipe.statement};`,
  });
  const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
  if (typeof recipe.statement === 'string') {
    const fix = firstFix(example, recipe.code);
    if (fix === undefined)
      throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
    await applyFix(example, fix);
    return { example, known };
  }
  const [name, ...values] = recipe.statement;
  const wish = wishOf(name);
  const planned =
    wish === undefined ? undefined : example.project.planWish(wish, values, new Date('2026-01-02T03:04:05Z'));
  if (planned?.kind !== 'planned') throw new Error(planned?.reason ?? `no wish ${name}`);
  await writeFiles(example, withSaidValues(planned.change).files);
  return { example, known };
}

/** Opens a change on a database of its own, filled with `rows` rows, with its first migration applied and its steps written. */
export async function openScene(
  engines: Engines,
  server: PostgresServer,
  recipe: LoadCase,
  rows: number,
): Promise<{ readonly scene: Scene; readonly client: pg.Client; close(): Promise<void> }> {
  const { example, known } = await writtenOut(engines, server, recipe);
  const steps = example.project.migrations.migrations.map((migration) => migration.id).filter((id) => !known.has(id));
  const database = await server.createDatabase();
  const client = await server.connect(database);
  const target = parseDatabaseUrl(server.urlOf(database), '/');
  if ('problem' in target) throw new Error(target.problem);
  const connection = await openConnection(target, connectOptions(example.project.engine, { readOnly: false }));
  const first = await run({
    project: example.project,
    connection,
    direction: 'up',
    extent: { kind: 'next' },
    clock: systemClock,
    onEvent: () => undefined,
    settings: { lockTimeoutMs: 500, lockAttempts: 1, migrationLockTimeoutMs: 500 },
  });
  if (first.failed !== null) throw new Error(first.failed.message);
  await client.query(recipe.fill(rows));
  const scene = new Scene(example, steps, connection, recipe, rows, () => server.connect(database));
  return {
    scene,
    client,
    async close() {
      await scene.stop();
      await client.end();
      await connection[Symbol.asyncDispose]();
    },
  };
}
