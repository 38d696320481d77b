import { DatabaseError, type Connection } from '../../drivers/driver.ts';
import type { EngineId } from '../../model/engine-id.ts';
import type { MigrationFile } from '../../model/migration.ts';
import type { AppliedMigration, FolderTexts, History, HistoryEntry, OpenHistory } from '../history.ts';
import { naturalOrder } from '../natural-order.ts';
import { type Cells, HistoryTable, type HistoryTablePlace } from './history-table.ts';

/** A history of one row that keeps the newest number alone. */
export interface HighWaterHistory extends Omit<HistoryTablePlace, 'needs'> {
  /** Column of the number. */
  readonly column: string;
  /** Column that is true while a migration runs, where the tool has one. */
  readonly dirty?: string;
  /** Number in the row before the first migration, where the tool keeps a row then. */
  readonly zero?: string;
  /** The number of a migration, in decimal without leading zeros. */
  readonly number: (migration: MigrationFile) => string;
  /** Why this history cannot be on a database of this kind: a sentence; undefined where it can. */
  readonly refuses?: (dialect: EngineId) => string | undefined;
  readonly lockKey?: (connection: Connection, schema: string) => Promise<bigint>;
}

interface Mark {
  /** Undefined before the first migration. */
  readonly number: string | undefined;
  readonly isDirty: boolean;
}

function isSame(left: Mark, right: Mark): boolean {
  return left.number === right.number && left.isDirty === right.isDirty;
}

/**
 * The history of a tool that keeps how far it came, and not what it ran: all files up to the mark count as applied, and
 * a file that comes later with a lower number never runs.
 */
export function highWaterHistory(spec: HighWaterHistory): History {
  const place: HistoryTablePlace = {
    ...spec,
    needs: [spec.column, ...(spec.dirty === undefined ? [] : [spec.dirty])],
  };
  return {
    table: spec.schema === undefined ? spec.table : `${spec.schema}.${spec.table}`,
    lateArrival: 'never-runs',
    checksums: () => [],
    async open(connection) {
      const refusal = spec.refuses?.(connection.dialect);
      if (refusal !== undefined) throw new DatabaseError({ kind: 'wrong-kind', message: refusal });
      const table = await HistoryTable.open(connection, place);
      const lockKey =
        spec.lockKey === undefined || table.schema === undefined
          ? undefined
          : await spec.lockKey(connection, table.schema);
      return openMark(spec, table, lockKey);
    },
  };
}

function openMark(spec: HighWaterHistory, table: HistoryTable, lockKey: bigint | undefined): OpenHistory {
  /** What this run set itself, which a second try of the same migration may find. */
  let own: string | undefined;

  async function read(): Promise<Mark> {
    const rows = await table.rows();
    if (rows.length > 1) {
      throw new DatabaseError({
        kind: 'wrong-kind',
        message: `The table ${table.name} holds ${rows.length} rows where this tool keeps one: it is the history of another tool, or was changed by hand. Name the tool that made it in lockstep.jsonc.`,
      });
    }
    const row = rows[0];
    if (row === undefined) return { number: undefined, isDirty: false };
    const number = String(row[spec.column]);
    const dirty = spec.dirty === undefined ? false : row[spec.dirty];
    // golang-migrate writes -1 where a database was taken back before the first migration and failed.
    return {
      number: number === spec.zero || number === '-1' ? undefined : number,
      isDirty: dirty === true || dirty === 1,
    };
  }

  function cells(mark: Mark): Cells {
    return {
      [spec.column]: mark.number ?? spec.zero ?? '-1',
      ...(spec.dirty === undefined ? {} : { [spec.dirty]: mark.isDirty }),
    };
  }

  /** From one mark to the next: exactly the row that was read, so that another run in between is found out. */
  async function move(from: Mark, to: Mark): Promise<void> {
    const isRow = (mark: Mark): boolean => mark.number !== undefined || mark.isDirty || spec.zero !== undefined;
    const hasRow = (await table.rows()).length > 0;
    if (!isRow(to)) await table.delete(cells(from));
    else if (hasRow) await table.update(cells(from), cells(to));
    else await table.insert(cells(to));
    own = JSON.stringify(to);
  }

  function before(migration: MigrationFile, folder: FolderTexts): string | undefined {
    const own = spec.number(migration);
    // The file itself may be gone.
    return folder.migrations.migrations
      .map(spec.number)
      .toSorted(naturalOrder)
      .findLast((number) => naturalOrder(number, own) < 0);
  }

  return {
    get table() {
      return table.name;
    },
    get exists() {
      return table.exists;
    },
    ...(lockKey === undefined ? {} : { lockKey }),
    marksStart: spec.dirty !== undefined,
    ensure: () => table.ensure(),
    async read(folder): Promise<readonly AppliedMigration[]> {
      const mark = await read();
      const { number } = mark;
      if (number === undefined) {
        // The first one was to be taken back, and that did not end.
        const first = folder.migrations.migrations.toSorted((left, right) =>
          naturalOrder(spec.number(left), spec.number(right)),
        )[0];
        return mark.isDirty && first !== undefined ? [{ id: first.id, name: first.name, failed: true }] : [];
      }
      const facts = folder.migrations.migrations
        .filter((migration) => naturalOrder(spec.number(migration), number) <= 0)
        .map((migration): AppliedMigration => {
          const isDirty = mark.isDirty && spec.number(migration) === number;
          return { id: migration.id, name: migration.name, ...(isDirty ? { failed: true } : {}) };
        });
      const hasFile = folder.migrations.migrations.some((migration) => spec.number(migration) === number);
      return hasFile ? facts : [...facts, { id: number, ...(mark.isDirty ? { failed: true } : {}) }];
    },
    async run(entry: HistoryEntry, work) {
      const found = await read();
      const number = spec.number(entry.migration);
      const isUp = entry.direction === 'up';
      const target: Mark = { number: isUp ? number : before(entry.migration, entry.folder), isDirty: false };
      const started: Mark = spec.dirty === undefined || entry.inTransaction ? target : { ...target, isDirty: true };
      const isOwn = JSON.stringify(found) === own || (entry.isResumed === true && isSame(found, started));
      if (found.isDirty && !isOwn) {
        throw new DatabaseError({
          kind: 'statement',
          message: `The history ${table.name} says that ${found.number ?? 'a migration'} failed half-way: bring the database to one side of it, then say which by "lockstep mark" or "lockstep unmark", before anything else runs.`,
        });
      }
      if (isSame(found, target)) {
        throw new DatabaseError({
          kind: 'raced',
          message: `The history ${table.name} stands where ${entry.migration.id} would bring it: another run was here, so look by "lockstep status" at what is applied now.`,
        });
      }
      // A tool that marks the start does so before the work; a row in the transaction makes a second runner wait.
      if ((entry.inTransaction || spec.dirty !== undefined) && !isSame(found, started)) await move(found, started);
      try {
        await work();
      } catch (cause) {
        if (!entry.inTransaction && spec.dirty !== undefined && entry.isUndone?.(cause) === true) {
          try {
            await move(started, found);
          } catch {
            // The session is gone: the mark stays and says that the migration was begun. The failure itself is passed on.
          }
        }
        throw cause;
      }
      if (!entry.inTransaction) await move(spec.dirty === undefined ? found : started, target);
    },
    async mark(entry) {
      const number = spec.number(entry.migration);
      await move(await read(), {
        number: entry.direction === 'up' ? number : before(entry.migration, entry.folder),
        isDirty: false,
      });
    },
  };
}
