import type pg from 'pg';
import { analyze } from '../../support/analyze.ts';
import { rowsReadSql } from '../../support/rows-read.ts';
import type { PostgresServer } from '../../support/postgres.ts';
import type { Form } from '../forms/form.ts';
import { FIXTURE } from './locks-fixture.ts';

/** What a server showed of one relation that existed before the statement. */
export interface Seen {
  /** `schema.name` as the catalog spells it before the statement. */
  readonly relation: string;
  /** pg_class.relkind. */
  readonly kind: string;
  /** Strongest mode, as pg_locks spells it. */
  readonly lock: string;
  /** pg_relation_filenode changed. */
  readonly rewrite: boolean;
  /** Sequential scans of the statement's own transaction read at least every row that was there. */
  readonly scan: boolean;
}

/** What a server showed of one form. `refused` is its own message, for forms that it does not accept. */
export interface Measurement {
  readonly sql: string;
  readonly refused?: string;
  readonly seen: readonly Seen[];
}

interface RelationRow {
  readonly oid: number;
  readonly name: string;
  readonly kind: string;
  readonly filenode: number | null;
}

const MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];
/** Objects of users: tables, views, indexes and sequences, no TOAST. */
const RELATIONS = `SELECT c.oid::int8::int AS oid, n.nspname || '.' || c.relname AS name, c.relkind::text AS kind, pg_relation_filenode(c.oid)::int8::int AS filenode
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I', 'S', 'f')`;
const SAMPLE_EVERY_MS = 5;
const WAIT_MS = 5000;
/** Below 15 a session sends its statistics at most once in 500 ms, to a process that takes a moment to publish them. */
const FLUSH_MS = 550;
const COLLECT_MS = 150;

/**
 * Probes statement forms on one server: the measuring side of the lock test.
 *
 * A form runs in a transaction that is rolled back; a second session reads pg_locks of the first one's process by oid,
 * so that renames do not matter. AccessShareLock is left out, and so are locks on indexes that are not rebuilt: an
 * index is listed only when its file changed. Relations that the statement itself creates are left out.
 */
export class LockOracle {
  readonly #probe: pg.Client;
  readonly #watch: pg.Client;
  readonly #block: pg.Client;
  readonly #pid: number;
  #rows: ReadonlyMap<number, number>;
  readonly #major: number;
  /** Read again after each form that cannot be rolled back. */
  #before: ReadonlyMap<number, RelationRow>;

  private constructor(
    major: number,
    probe: pg.Client,
    watch: pg.Client,
    block: pg.Client,
    pid: number,
    rows: ReadonlyMap<number, number>,
    before: ReadonlyMap<number, RelationRow>,
  ) {
    this.#major = major;
    this.#probe = probe;
    this.#watch = watch;
    this.#block = block;
    this.#pid = pid;
    this.#rows = rows;
    this.#before = before;
  }

  /** Creates the fixture in a new database and opens the three sessions; the caller closes the oracle. */
  static open(server: PostgresServer): Promise<LockOracle> {
    return LockOracle.on(server, async (probe) => {
      for (const part of FIXTURE) {
        if (part.from !== undefined && server.major < part.from) continue;
        await probe.query(part.fold);
        if (part.rows !== undefined) await probe.query(part.rows);
      }
    });
  }

  /** The same on tables that `fill` makes. */
  static async on(server: PostgresServer, fill: (probe: pg.Client) => Promise<void>): Promise<LockOracle> {
    const database = await server.createDatabase();
    const probe = await server.connect(database);
    await fill(probe);
    await analyze(probe);
    const watch = await server.connect(database);
    const block = await server.connect(database);
    await probe.query('SET lock_timeout = 0');
    const pid = await probe.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const before = await relations(watch);
    return new LockOracle(
      server.major,
      probe,
      watch,
      block,
      pid.rows[0]?.pid ?? 0,
      await rowCounts(watch, before),
      before,
    );
  }

  /** Runs a statement for good; what is measured next finds what it leaves. Errors: rejects with the server's own. */
  async advance(sql: string): Promise<void> {
    await this.#probe.query(sql);
    this.#before = await relations(this.#watch);
    this.#rows = await rowCounts(this.#watch, this.#before);
  }

  /** Drops everything that users made, and fills the database anew. */
  async restart(fill: (probe: pg.Client) => Promise<void>): Promise<void> {
    await this.#probe.query('DISCARD ALL');
    const present = await this.#probe.query<{ sql: string }>(
      `SELECT 'DROP SCHEMA ' || quote_ident(nspname) || ' CASCADE' AS sql FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
       UNION ALL SELECT 'DROP PUBLICATION ' || quote_ident(pubname) FROM pg_publication
       UNION ALL SELECT 'DROP EXTENSION ' || quote_ident(extname) || ' CASCADE' FROM pg_extension WHERE extname <> 'plpgsql'`,
    );
    for (const { sql } of present.rows.toReversed()) await this.#probe.query(sql);
    await this.#probe.query('CREATE SCHEMA public');
    await fill(this.#probe);
    await analyze(this.#probe);
    this.#before = await relations(this.#watch);
    this.#rows = await rowCounts(this.#watch, this.#before);
  }

  /** Tables without rows, as `schema.name`: reading them all cannot be seen. */
  get emptyTables(): readonly string[] {
    return [...this.#before].flatMap(([oid, relation]) =>
      (relation.kind === 'r' || relation.kind === 'm') && (this.#rows.get(oid) ?? 0) === 0 ? [relation.name] : [],
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#probe.end(), this.#watch.end(), this.#block.end()]);
  }

  /** What the server shows of one form. */
  async measure(form: Form): Promise<Measurement> {
    return form.outside === undefined ? this.#inTransaction(form) : this.#behindBlockers(form, form.outside);
  }

  async #inTransaction(form: Form): Promise<Measurement> {
    const client = this.#probe;
    await client.query('BEGIN');
    try {
      if (form.timeZone !== undefined) await client.query(`SET LOCAL timezone = '${form.timeZone}'`);
      const readBefore = await reads(client);
      try {
        await client.query(form.sql);
      } catch (cause) {
        return { sql: form.sql, refused: messageOf(cause), seen: [] };
      }
      const modes = await this.#heldModes();
      const now = await relations(client);
      const byName = new Map([...now.values()].map((relation) => [relation.name, relation.filenode]));
      const readAfter = await reads(client);
      const seen: Seen[] = [];
      for (const [oid, relation] of this.#before) {
        // An index may be dropped and made again under its name: that is a rebuild too, unless it keeps the old file.
        const isIndex = relation.kind === 'i';
        const file = now.get(oid)?.filenode ?? (isIndex ? byName.get(relation.name) : undefined);
        const rewrite = file !== undefined && file !== relation.filenode;
        const rows = this.#rows.get(oid) ?? 0;
        const scan = rows > 0 && (readAfter.get(oid) ?? 0) - (readBefore.get(oid) ?? 0) >= rows;
        push(seen, relation, modes.get(oid) ?? [], rewrite, scan);
      }
      return { sql: form.sql, seen: sorted(seen) };
    } finally {
      await client.query('ROLLBACK');
    }
  }

  async #heldModes(): Promise<Map<number, string[]>> {
    const locks = await this.#watch.query<{ oid: number; mode: string }>(
      `SELECT DISTINCT relation::int8::int AS oid, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [this.#pid],
    );
    const modes = new Map<number, string[]>();
    for (const lock of locks.rows) modes.set(lock.oid, [...(modes.get(lock.oid) ?? []), lock.mode]);
    return modes;
  }

  /** One run for each blocker, each showing the locks held or waited for; the last run is let through to its end. */
  async #behindBlockers(form: Form, outside: NonNullable<Form['outside']>): Promise<Measurement> {
    const modes = new Map<number, Set<string>>();
    const before = await namedFilenodes(this.#watch);
    const readBefore = await this.#flushedReads();
    let refused: string | undefined;
    for (const blocker of outside.behind) {
      // A snapshot of its own makes the concurrent forms wait for it to their end.
      await this.#block.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await this.#block.query(`${blocker}; SELECT 1`);
      let done = false;
      const run = this.#probe
        .query(form.sql)
        .then(
          () => undefined,
          (cause: unknown) => messageOf(cause),
        )
        .finally(() => {
          done = true;
        });
      const deadline = Date.now() + WAIT_MS;
      for (;;) {
        for (const [oid, list] of await this.#heldModes())
          modes.set(oid, new Set([...(modes.get(oid) ?? []), ...list]));
        const waiting = await this.#watch.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM pg_locks WHERE pid = $1 AND NOT granted`,
          [this.#pid],
        );
        if (done || (waiting.rows[0]?.count ?? 0) > 0) break;
        if (Date.now() > deadline) throw new Error(`nothing to wait for: ${form.sql}`);
        await new Promise((resolve) => {
          setTimeout(resolve, SAMPLE_EVERY_MS);
        });
      }
      for (const [oid, list] of await this.#heldModes()) modes.set(oid, new Set([...(modes.get(oid) ?? []), ...list]));
      const isLast = blocker === outside.behind.at(-1);
      if (!isLast && !done) await this.#watch.query('SELECT pg_cancel_backend($1)', [this.#pid]);
      if (!isLast) await run;
      await this.#block.query('ROLLBACK');
      const outcome = await run;
      if (isLast) refused = outcome;
      else if (outcome !== undefined && !/canceling|canceled/.test(outcome)) refused = outcome;
      if (!isLast && outside.undo !== undefined) await runEach(this.#probe, outside.undo);
      if (refused !== undefined) break;
    }
    const after = await namedFilenodes(this.#watch);
    const readAfter = await this.#flushedReads();
    if (outside.undo !== undefined) await runEach(this.#probe, outside.undo);
    const known = this.#before;
    this.#before = await relations(this.#watch);
    if (refused !== undefined) return { sql: form.sql, refused, seen: [] };
    const seen: Seen[] = [];
    for (const [oid, relation] of known) {
      const file = after.get(relation.name);
      const rewrite = file !== undefined && file !== before.get(relation.name);
      const rows = this.#rows.get(oid) ?? 0;
      const scan = rows > 0 && (readAfter.get(oid) ?? 0) - (readBefore.get(oid) ?? 0) >= rows;
      push(seen, relation, [...(modes.get(oid) ?? [])], rewrite, scan);
    }
    return { sql: form.sql, seen: sorted(seen) };
  }

  /** Rows read by sequential scans of the probing session so far, its statistics having been sent. */
  async #flushedReads(): Promise<Map<number, number>> {
    if (this.#major >= 15) {
      await this.#probe.query('SELECT pg_stat_force_next_flush()');
    } else {
      await new Promise((resolve) => {
        setTimeout(resolve, FLUSH_MS);
      });
      await this.#probe.query('SELECT 1');
      await new Promise((resolve) => {
        setTimeout(resolve, COLLECT_MS);
      });
    }
    const rows = await this.#watch.query<{ oid: number; read: number }>(rowsReadSql('pg_stat_get_tuples_returned'));
    return new Map(rows.rows.map((row) => [row.oid, row.read]));
  }
}

function push(seen: Seen[], relation: RelationRow, modes: readonly string[], rewrite: boolean, scan: boolean): void {
  const strongest = Math.max(-1, ...modes.map((mode) => MODES.indexOf(mode)));
  const isIndex = relation.kind === 'i' || relation.kind === 'I';
  if (isIndex ? !rewrite : strongest <= 0) return;
  seen.push({
    relation: relation.name,
    kind: relation.kind,
    lock: MODES[strongest] ?? 'AccessShareLock',
    rewrite,
    scan,
  });
}

function sorted(seen: readonly Seen[]): readonly Seen[] {
  return [...seen].sort((left, right) => (left.relation < right.relation ? -1 : 1));
}

async function relations(client: pg.Client): Promise<Map<number, RelationRow>> {
  return new Map((await client.query<RelationRow>(RELATIONS)).rows.map((row) => [row.oid, row]));
}

async function rowCounts(
  client: pg.Client,
  present: ReadonlyMap<number, RelationRow>,
): Promise<ReadonlyMap<number, number>> {
  const rows = new Map<number, number>();
  for (const relation of present.values()) {
    if (relation.kind !== 'r' && relation.kind !== 'm') continue;
    const count = await client
      .query<{ count: number }>(`SELECT count(*)::int AS count FROM ONLY ${quoted(relation.name)}`)
      .catch(() => undefined);
    // A materialized view that was never filled has none to count.
    rows.set(relation.oid, count?.rows[0]?.count ?? 0);
  }
  return rows;
}

async function reads(client: pg.Client): Promise<Map<number, number>> {
  const rows = await client.query<{ oid: number; read: number }>(rowsReadSql('pg_stat_get_xact_tuples_returned'));
  return new Map(rows.rows.map((row) => [row.oid, row.read]));
}

async function namedFilenodes(client: pg.Client): Promise<Map<string, number | null>> {
  return new Map((await client.query<RelationRow>(RELATIONS)).rows.map((row) => [row.name, row.filenode]));
}

async function runEach(client: pg.Client, script: string): Promise<void> {
  for (const statement of script.split(';')) if (statement.trim() !== '') await client.query(statement);
}

function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
