import type { AppliedMigration } from '../tools/history.ts';
import { HistoryTable, type HistoryTablePlace } from '../tools/blocks/history-table.ts';
import type { Connection } from '../drivers/driver.ts';

const PLACE: HistoryTablePlace = {
  table: 'lockstep_runs',
  columns: () => [
    'history text NOT NULL',
    'migration_id text NOT NULL',
    'direction text NOT NULL',
    'units_done integer NOT NULL',
    'units_hash text NOT NULL',
    'has_begun integer NOT NULL',
    'note text NOT NULL',
    'PRIMARY KEY (history, migration_id, direction)',
  ],
  needs: ['history', 'migration_id', 'direction', 'units_done', 'units_hash', 'has_begun', 'note'],
};

/** How far a half came that runs outside a transaction. */
export interface RunMark {
  readonly id: string;
  readonly direction: 'up' | 'down';
  /** Units that are done, from the first. */
  readonly done: number;
  /** Of the texts of those: whether the file is still the same up to there. */
  readonly hash: string;
  /** The unit after those had been sent, and its end is not known. */
  readonly hasBegun: boolean;
  /** What was there before it was sent, for whoever looks what it left. */
  readonly note: string;
}

/**
 * The marks of halves that run outside a transaction, on one connection; the place is settled when it is opened.
 *
 * A mark is written before the first statement and goes with the history's row in one transaction. Who finds one sees where
 * a run ended.
 */
export class RunMarks {
  readonly #table: HistoryTable;
  readonly #history: string;

  private constructor(table: HistoryTable, history: string) {
    this.#table = table;
    this.#history = history;
  }

  static async open(connection: Connection, history: string): Promise<RunMarks> {
    return new RunMarks(await HistoryTable.open(connection, PLACE), history);
  }

  async read(): Promise<readonly RunMark[]> {
    return (await this.#table.rows())
      .filter((row) => row['history'] === this.#history)
      .map((row) => ({
        id: String(row['migration_id']),
        direction: row['direction'] === 'down' ? 'down' : 'up',
        done: Number(row['units_done']),
        hash: String(row['units_hash']),
        hasBegun: Number(row['has_begun']) === 1,
        note: String(row['note']),
      }));
  }

  async start(mark: RunMark): Promise<void> {
    await this.#table.ensure();
    await this.#table.insert({ ...this.#where(mark), ...cells(mark) });
  }

  /** Exactly the one that `start` wrote, in whatever transaction is open. */
  async set(mark: RunMark): Promise<void> {
    await this.#table.update(this.#where(mark), cells(mark));
  }

  async remove(mark: Pick<RunMark, 'id' | 'direction'>): Promise<void> {
    await this.#table.delete(this.#where(mark));
  }

  /**
   * Takes away the marks of what another program has brought to its end since, so that they stand for nothing when it is
   * run again.
   *
   * `applied`: what the history says now.
   */
  async removeSettled(applied: readonly AppliedMigration[]): Promise<void> {
    // Half of something: whose mark it is cannot be said by the history alone.
    if (applied.some((row) => row.failed === true)) return;
    const ids = new Set(applied.map((row) => row.id));
    for (const mark of await this.read()) if (ids.has(mark.id) === (mark.direction === 'up')) await this.remove(mark);
  }

  #where(mark: Pick<RunMark, 'id' | 'direction'>): Readonly<Record<string, string>> {
    return { history: this.#history, migration_id: mark.id, direction: mark.direction };
  }
}

function cells(mark: RunMark): Readonly<Record<string, string | number>> {
  return { units_done: mark.done, units_hash: mark.hash, has_begun: mark.hasBegun ? 1 : 0, note: mark.note };
}
