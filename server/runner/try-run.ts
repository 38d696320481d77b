import { lockWords } from '../model/effect.ts';
import { byEngine } from '../model/engine-id.ts';
import { LineIndex } from '../core/line-index.ts';
import { DatabaseError, type OwnLock } from '../drivers/driver.ts';
import type { MigrationFile } from '../model/migration.ts';
import { runFailure } from './failure.ts';
import { halfOf, placeOf } from './half.ts';
import type { RunFailure } from './report.ts';
import type { RunRequest } from './runner.ts';
import { watched } from './send.ts';

/** A lock that a statement took, and how long it was held until its migration had ended. */
export interface TriedLock extends OwnLock {
  /** Milliseconds. */
  readonly heldMs: number;
}

export interface TriedStatement {
  readonly path: string;
  /** 0-based line in `path`. */
  readonly line: number;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Those that it took first, strongest first, on what was there before the run. */
  readonly locks: readonly TriedLock[];
}

export interface TriedMigration {
  readonly id: string;
  readonly durationMs: number;
  readonly statements: readonly TriedStatement[];
}

/** What a run would do, as it was done and taken back. */
export interface TriedRun {
  readonly database: string;
  readonly direction: 'up' | 'down';
  readonly migrations: readonly TriedMigration[];
  readonly failed: RunFailure | null;
  /** The first that no transaction can take back, so that it and those after it were not tried; null where there is none. */
  readonly notTried: { readonly id: string; readonly rest: readonly string[] } | null;
}

/**
 * Runs halves of migrations in one transaction that is rolled back, and tells how long each statement took and which locks it
 * really took. Other sessions wait for these locks as they would in a run.
 *
 * What a rollback does not take back stays: numbers of sequences, and what functions did outside of the database.
 * Errors: rejects with `DatabaseError` where the session or the rollback fails.
 */
export async function tryRun(request: RunRequest, migrations: readonly MigrationFile[]): Promise<TriedRun> {
  const { connection, clock, settings, direction } = request;
  const tried: TriedMigration[] = [];
  const end = (rest: Partial<TriedRun>): TriedRun => ({
    database: connection.label,
    direction,
    migrations: tried,
    failed: null,
    notTried: null,
    ...rest,
  });
  const now = (): number => clock.now().getTime();
  await connection.beginWork(settings.lockTimeoutMs);
  try {
    const known = new Set((await connection.relationIds()).map(String));
    const held = new Set((await connection.ownLocks()).map(keyOf));
    for (const [index, migration] of migrations.entries()) {
      const half = halfOf(request, migration);
      if ('refused' in half) return end({ failed: half.refused });
      if (half.section.transaction !== 'one')
        return end({ notTried: { id: migration.id, rest: migrations.slice(index + 1).map(({ id }) => id) } });
      const began = now();
      const statements: { path: string; line: number; durationMs: number; taken: readonly OwnLock[]; at: number }[] =
        [];
      const lines = new LineIndex(half.text);
      for (const piece of half.pieces) {
        const started = now();
        try {
          await watched(request, migration.id, () => connection.execute(piece.text, request.signal));
        } catch (cause) {
          if (!(cause instanceof DatabaseError)) throw cause;
          return end({ failed: runFailure(migration.id, cause.failure, placeOf(half, piece), 'not-done') });
        }
        if (connection.transactionState() === 'none')
          return end({
            failed: runFailure(
              migration.id,
              { message: 'The file ended the transaction that is around it, so that what it did before that stands.' },
              placeOf(half, piece),
              'partly-done',
            ),
          });
        const ended = now();
        const taken = (await connection.ownLocks()).filter(
          (lock) => known.has(String(lock.relationId)) && !held.has(keyOf(lock)),
        );
        for (const lock of taken) held.add(keyOf(lock));
        const { line } = lines.position(piece.start);
        statements.push({ path: half.path, line, durationMs: ended - started, taken, at: ended });
      }
      try {
        // What COMMIT would check at the end.
        await byEngine(connection.dialect, {
          postgresql: () => connection.execute('SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED'),
          sqlite: () => Promise.resolve(),
        })();
      } catch (cause) {
        if (!(cause instanceof DatabaseError)) throw cause;
        return end({ failed: runFailure(migration.id, cause.failure, undefined, 'not-done') });
      }
      const over = now();
      tried.push({
        id: migration.id,
        durationMs: over - began,
        statements: statements.map(({ taken, at, ...rest }) => ({
          ...rest,
          // It was taken while the statement ran, at the latest when that ended; the longer time is told.
          locks: taken.map((lock) => ({ ...lock, heldMs: over - at + rest.durationMs })),
        })),
      });
    }
    return end({});
  } finally {
    await connection.rollback();
  }
}

function keyOf({ relationId, mode }: OwnLock): string {
  return `${relationId} ${mode}`;
}

/** A tried run as lines for people. */
export function triedText({ database, direction, migrations, failed, notTried }: TriedRun): string {
  const what = direction === 'up' ? 'Applying' : 'Reverting';
  const lines = [
    failed?.outcome === 'partly-done'
      ? `${what} was tried on ${database} in a transaction that a file ended itself: look by "lockstep status" and in the database what stands.`
      : `${what} was tried on ${database} in one transaction, and rolled back: nothing of it stands but numbers that sequences gave.`,
    '',
  ];
  for (const { id, durationMs, statements } of migrations) {
    lines.push(`${id} (${durationMs} ms)`);
    for (const { path, line, durationMs: took, locks } of statements) {
      lines.push(`  ${path}:${line + 1} ${took} ms`);
      for (const { mode, relation, heldMs } of locks)
        lines.push(`    ${lockWords(mode)} on ${relation}, held ${heldMs} ms`);
    }
  }
  if (migrations.length === 0 && failed === null && notTried === null) lines.push('Nothing to do.');
  if (failed !== null) lines.push(`${failed.id} would fail: ${failed.message}`, ...(failed.excerpt?.split('\n') ?? []));
  if (notTried !== null)
    lines.push(
      `${notTried.id} runs outside a transaction, so that nothing could take it back: not tried${notTried.rest.length === 0 ? '' : `, nor what comes after it (${notTried.rest.join(', ')})`}.`,
    );
  return `${lines.join('\n')}\n`;
}
