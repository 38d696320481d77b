import type { Clock } from '../core/ports.ts';
import { type Connection, DatabaseError, type DatabaseFailure } from '../drivers/driver.ts';
import type { GuardedScript, ScriptPiece, ScriptUnit } from '../tools/guarded-script.ts';
import { quoted } from '../tools/blocks/history-table.ts';
import { ended, type Outcome, runFailure } from './failure.ts';
import { migrationLockKey } from './lock-key.ts';
import { pauseBefore } from './half.ts';
import type { RunEvent, RunFailure } from './report.ts';
import { doneEvent, type DoneEvent, type RunSettings } from './runner.ts';

export interface ScriptRun {
  readonly script: GuardedScript;
  /** The script's file and its text, for the places of failures; the path as a person gave it. */
  readonly path: string;
  readonly text: string;
  readonly connection: Connection;
  /** What a person agreed to; where it is not the same, nothing is run. */
  readonly expectedIds?: readonly string[];
  readonly settings: RunSettings;
  readonly clock: Clock;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/** What of a script is due on a database, in the order of the script; or why it must not be run there: a failure. */
export async function dueOf(
  { script, path, text }: Pick<ScriptRun, 'script' | 'path' | 'text'>,
  connection: Connection,
): Promise<{ readonly ids: readonly string[] } | { readonly refused: RunFailure }> {
  const had = await historyOf(script, connection);
  if (had === undefined) {
    const other = await otherHistory(script, connection);
    if (other !== undefined) return { refused: runFailure('', { message: other }, undefined, 'not-done') };
  }
  const isThere = (id: string): boolean => had?.has(id.toLowerCase()) === true;
  const ids = script.ids.filter((id) => isThere(id) === (script.direction === 'down'));
  const bad = script.units
    .flatMap(({ pieces }) => pieces)
    .find(({ id, cannotRun }) => cannotRun !== undefined && id !== undefined && ids.includes(id));
  if (bad === undefined) return { ids };
  const message = `${bad.id} cannot run in an idempotent script, where each statement stands in a block: ${bad.cannotRun}. Nothing was run: apply this migration by its tool's own command, then run the script for the rest.`;
  return {
    refused: runFailure(bad.id ?? '', { message }, { path, text, start: bad.start, statement: null }, 'not-done'),
  };
}

/**
 * Runs a script that asks the history before each statement: what the history has already is not sent at all, and of every
 * migration it is read afterwards whether the history has it. What the outside refuses is in the event that is given back.
 *
 * Errors: none; nothing is thrown but for bugs.
 */
export async function runScript(run: ScriptRun): Promise<DoneEvent> {
  const { connection, script, settings, onEvent } = run;
  const one = new OneScript(run);
  try {
    await using _lock = await connection.lockMigrations(
      migrationLockKey(script.history.name),
      settings.migrationLockTimeoutMs,
      run.signal,
      (blockers) =>
        onEvent({ event: 'waiting', id: null, reason: 'another run of migrations holds the lock', blockers }),
    );
    return await one.underLock();
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    const { failure } = cause;
    return one.done({
      failed: runFailure('', failure, undefined, 'not-done'),
      refusal: failure.kind === 'locked' ? 'locked' : failure.kind === 'cancelled' ? 'request' : 'database',
      notRun: one.rest(),
    });
  }
}

/** How a unit ended. */
type Ended =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly failure: DatabaseFailure;
      readonly at: ScriptPiece | undefined;
      readonly outcome: Outcome;
    };

class OneScript {
  readonly #run: ScriptRun;
  #ids: readonly string[] = [];
  readonly #finished: string[] = [];
  /** Migrations of which something is committed, and not all. */
  readonly #begun = new Set<string>();
  readonly #startedMs = new Map<string, number>();

  constructor(run: ScriptRun) {
    this.#run = run;
  }

  done(rest: Partial<DoneEvent>): DoneEvent {
    const event = doneEvent(this.#run.script.direction, { applied: this.#finished, ...rest });
    this.#run.onEvent(event);
    return event;
  }

  /** What is due and not done. */
  rest(but?: string): readonly string[] {
    return this.#ids.filter((id) => id !== but && !this.#finished.includes(id));
  }

  async underLock(): Promise<DoneEvent> {
    const { connection, script, settings, onEvent, expectedIds, signal } = this.#run;
    const due = await dueOf(this.#run, connection);
    if ('refused' in due)
      return this.done({
        failed: due.refused,
        refusal: 'request',
        notRun: script.ids.filter((id) => id !== due.refused.id),
      });
    this.#ids = due.ids;
    if (expectedIds !== undefined && expectedIds.join('\n') !== due.ids.join('\n'))
      return this.done({
        refusal: 'request',
        failed: runFailure(
          '',
          { message: 'Another run was here meanwhile, and something else is due now: look again, then start it.' },
          undefined,
          'not-done',
        ),
        notRun: due.ids,
      });
    onEvent({ event: 'start', direction: script.direction, ids: due.ids, database: connection.label });
    if (due.ids.length === 0) return this.done({});
    await connection.resetSession();
    await connection.setLockTimeout(settings.lockTimeoutMs, 'session');
    for (const unit of this.#units()) {
      if (signal?.aborted === true)
        return this.done({
          failed: runFailure('', { message: 'The run was cancelled.' }, undefined, 'not-done'),
          refusal: 'request',
          notRun: this.rest(),
        });
      const end = await this.#unit(unit);
      if (end.kind === 'failed') return this.#failed(end);
      const unread = await this.#settle(unit);
      if (unread !== undefined) return unread;
    }
    const [first, ...others] = this.rest();
    if (first === undefined) return this.done({});
    return this.done({
      failed: runFailure(
        first,
        {
          message: `The script has ended without an error, and the history ${script.history.table} ${script.direction === 'up' ? 'does not have' : 'still has'} ${first}: look at what it writes there.`,
        },
        undefined,
        'unknown',
      ),
      notRun: others,
    });
  }

  /** What is sent: nothing of a migration that is not due. */
  #units(): readonly ScriptUnit[] {
    return this.#run.script.units.flatMap(({ transaction, pieces }) => {
      const sent = pieces.filter(({ id }) => id === undefined || this.#ids.includes(id));
      return sent.length === 0 ? [] : [{ transaction, pieces: sent }];
    });
  }

  async #unit(unit: ScriptUnit): Promise<Ended> {
    for (let attempt = 1; ; attempt++) {
      const end = await this.#once(unit);
      const id = unit.pieces.find((piece) => piece.id !== undefined)?.id ?? '';
      // What is not done can be tried once more as a whole: it was one transaction.
      if (
        end.kind === 'done' ||
        end.outcome !== 'not-done' ||
        !(await pauseBefore(this.#run, { migration: { id } }, end.failure, attempt))
      )
        return end;
    }
  }

  async #once({ transaction, pieces }: ScriptUnit): Promise<Ended> {
    const { connection, settings, signal } = this.#run;
    let at: ScriptPiece | undefined;
    let number: string | undefined;
    try {
      if (transaction === 'one') number = await connection.beginWork(settings.lockTimeoutMs);
      for (const piece of pieces) {
        at = piece;
        this.#tell(piece);
        await connection.execute(piece.text, signal);
      }
      at = undefined;
      if (transaction === 'one') await connection.commit();
      return { kind: 'done' };
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      const { failure } = cause;
      // A lost session cannot be asked to roll back, and needs not be.
      await connection.rollback().catch(() => undefined);
      if (number !== undefined) {
        const fate = await connection.transactionFate(number);
        if (fate === 'committed') return { kind: 'done' };
        return { kind: 'failed', failure, at, outcome: fate === 'unknown' ? 'unknown' : 'not-done' };
      }
      // One block is a transaction by itself, unless it ends that on its way.
      const isKnown = failure.kind !== 'connection-lost' && failure.kind !== 'timed-out';
      return {
        kind: 'failed',
        failure,
        at,
        outcome: !isKnown
          ? 'unknown'
          : transaction === 'none' && /\bCOMMIT\b/i.test(at?.text ?? '')
            ? 'partly-done'
            : 'not-done',
      };
    }
  }

  #tell({ id }: ScriptPiece): void {
    if (id === undefined || this.#startedMs.has(id)) return;
    const { clock, onEvent, script } = this.#run;
    this.#startedMs.set(id, clock.now().getTime());
    onEvent({ event: 'migration', id, name: id.replace(/^\d+_/, ''), direction: script.direction });
  }

  /** Reads of each migration that ends with a unit whether the history has it; the end of the run where it cannot be read. */
  async #settle(unit: ScriptUnit): Promise<DoneEvent | undefined> {
    const { script, connection, clock, onEvent } = this.#run;
    const touched = [...new Set(unit.pieces.flatMap(({ id }) => id ?? []))];
    if (touched.length === 0) return undefined;
    let had: ReadonlySet<string> | undefined;
    try {
      had = await historyOf(script, connection);
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      const [first = ''] = touched;
      const message = `${ended(cause.failure.message)} Whether the history has ${first} could not be read.`;
      return this.done({
        failed: runFailure(first, { ...cause.failure, message }, undefined, 'unknown'),
        notRun: this.rest(first),
      });
    }
    for (const id of touched) {
      if ((had?.has(id.toLowerCase()) === true) === (script.direction === 'up')) {
        this.#finished.push(id);
        this.#begun.delete(id);
        const executionMs = clock.now().getTime() - (this.#startedMs.get(id) ?? 0);
        onEvent({ event: script.direction === 'up' ? 'applied' : 'reverted', id, executionMs });
      } else this.#begun.add(id);
    }
    return undefined;
  }

  #failed({ failure, at, outcome }: Extract<Ended, { readonly kind: 'failed' }>): DoneEvent {
    const { path, text, script } = this.#run;
    const id = at?.id ?? this.rest()[0] ?? '';
    const stands = outcome === 'not-done' && this.#begun.has(id) ? 'partly-done' : outcome;
    const more =
      stands === 'partly-done'
        ? ` What ${id} had committed before stands, and the history ${script.direction === 'up' ? 'does not have it' : 'still has it'}, so that the script would begin it again: put right what stands first.`
        : '';
    const place = at === undefined ? undefined : { path, text, start: at.start, statement: null };
    return this.done({
      failed: runFailure(id, { ...failure, message: `${ended(failure.message)}${more}` }, place, stands),
      notRun: this.rest(id),
    });
  }
}

/** Ids that the script's history has, in lower case, as EF Core compares them; undefined where there is no such table. */
async function historyOf({ history }: GuardedScript, connection: Connection): Promise<ReadonlySet<string> | undefined> {
  return connection.reading(async () => {
    const [found] = await connection.query('SELECT to_regclass($1) IS NOT NULL AS exists', [history.table]);
    if (found?.['exists'] !== true) return undefined;
    const rows = await connection.query(`SELECT ${history.column} AS id FROM ${history.table}`);
    return new Set(rows.map((row) => String(row['id']).toLowerCase()));
  });
}

/** Tables that are histories like the script's wherever they are; names as SQL and for people. */
const LIKE_HISTORY = `SELECT format('%I.%I', n.nspname, c.relname) AS sql, a.attname AS id
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname ~* '^migration_?id$' AND NOT a.attisdropped
     JOIN pg_attribute v ON v.attrelid = c.oid AND v.attname ~* '^product_?version$' AND NOT v.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY 1`;

/** What a database without the script's history has instead: migrations of the script in another table or schema. */
async function otherHistory({ ids, history }: GuardedScript, connection: Connection): Promise<string | undefined> {
  for (const row of await connection.query(LIKE_HISTORY)) {
    const table = String(row['sql']);
    const [there] = await connection.query(
      `SELECT ${quoted(String(row['id']))} AS id FROM ${table} WHERE lower(${quoted(String(row['id']))}) = ANY ($1) LIMIT 1`,
      [ids.map((id) => id.toLowerCase())],
    );
    if (there !== undefined)
      return `The script asks the history ${history.table}, which this database does not have, and ${String(there['id'])} is in ${table}: it would be applied once more. Make the script with that table for the context's history (MigrationsHistoryTable), or put its schema on the search path.`;
  }
  return undefined;
}
