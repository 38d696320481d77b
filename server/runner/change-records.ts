import { byEngine } from '../model/engine-id.ts';
import { assertNever } from '../core/assert-never.ts';
import { HistoryTable, type HistoryTablePlace } from '../tools/blocks/history-table.ts';
import { placeholders } from '../tools/lockstep-history.ts';
import type { Directives } from '../model/directives.ts';
import type { Connection } from '../drivers/driver.ts';
import type { Phase } from '../planner/step.ts';

const PLACE: HistoryTablePlace = {
  table: 'lockstep_changes',
  columns: (dialect) => [
    'change_id text NOT NULL',
    'requirement text NOT NULL',
    'description text NOT NULL',
    `met_at ${byEngine(dialect, { postgresql: 'timestamptz', sqlite: 'text' })} NOT NULL`,
    'met_by text NOT NULL',
    'PRIMARY KEY (change_id, requirement, description)',
  ],
  needs: ['change_id', 'requirement', 'description', 'met_at', 'met_by'],
};

/** What was met on this database for a change: a deploy that a person confirmed, a backfill that finished, a parity check. */
export interface ChangeRecord {
  readonly change: string;
  readonly requirement: 'deploy' | 'backfill' | 'parity';
  /** The deploy's description; empty for the others. */
  readonly description: string;
  readonly metAt: string;
  readonly metBy: string;
}

/**
 * The table of what was met, on one connection: where it is, or will be made, is settled when it is opened, whatever a
 * migration does to the search path after that.
 */
export class ChangeRecords {
  readonly #connection: Connection;
  readonly #table: HistoryTable;

  private constructor(connection: Connection, table: HistoryTable) {
    this.#connection = connection;
    this.#table = table;
  }

  static async open(connection: Connection): Promise<ChangeRecords> {
    return new ChangeRecords(connection, await HistoryTable.open(connection, PLACE));
  }

  /** Records of every change on this database; none where nothing was ever recorded. */
  async read(): Promise<readonly ChangeRecord[]> {
    return (await this.#table.rows()).map(
      (row): ChangeRecord => ({
        change: String(row['change_id']),
        // Only these words are ever written.
        requirement: String(row['requirement']) as ChangeRecord['requirement'],
        description: String(row['description']),
        metAt: row['met_at'] instanceof Date ? row['met_at'].toISOString() : String(row['met_at']),
        metBy: String(row['met_by']),
      }),
    );
  }

  /** Records that a requirement is met; doing so again renews time and name. In whatever transaction is open. */
  async meet(record: ChangeRecord): Promise<void> {
    await this.#table.ensure();
    await this.#connection.query(
      `INSERT INTO ${this.#table.sql} (change_id, requirement, description, met_at, met_by) VALUES (${placeholders(this.#connection, 5).join(', ')}) ` +
        'ON CONFLICT (change_id, requirement, description) DO UPDATE SET met_at = excluded.met_at, met_by = excluded.met_by',
      [record.change, record.requirement, record.description, record.metAt, record.metBy],
    );
  }

  /** Takes back what no longer holds: the fill and the comparison once a fill is undone, the deploy too once nothing of the change is left. */
  async forget(change: string, phase: Phase): Promise<void> {
    if (phase === 'contract') return;
    await this.#delete(change, phase === 'migrate' ? " AND requirement <> 'deploy'" : '');
  }

  /** Takes back that old and new agree. */
  async forgetParity(change: string): Promise<void> {
    await this.#delete(change, " AND requirement = 'parity'");
  }

  async #delete(change: string, condition: string): Promise<void> {
    if (!this.#table.exists) return;
    const [first] = placeholders(this.#connection, 1);
    await this.#connection.query(`DELETE FROM ${this.#table.sql} WHERE change_id = ${first}${condition}`, [change]);
  }
}

/** Records of every change on a database. */
export async function readChangeRecords(connection: Connection): Promise<readonly ChangeRecord[]> {
  return (await ChangeRecords.open(connection)).read();
}

/** Records that a requirement is met. */
export async function recordMet(connection: Connection, record: ChangeRecord): Promise<void> {
  await (await ChangeRecords.open(connection)).meet(record);
}

/** The first requirement of a step that is not met; undefined where all are. */
export function firstUnmet(
  directives: Directives,
  records: readonly ChangeRecord[],
): Directives['requires'][number] | undefined {
  return directives.requires.find((requirement) => {
    const description = requirement.kind === 'deploy' ? requirement.description : '';
    return !records.some(
      (record) =>
        record.change === directives.change?.id &&
        record.requirement === requirement.kind &&
        record.description === description,
    );
  });
}

/** The first requirement of a step that is not met, in words with what meets it; undefined where all are. */
export function unmetRequirement(directives: Directives, records: readonly ChangeRecord[]): string | undefined {
  const requirement = firstUnmet(directives, records);
  const id = directives.change?.id ?? '';
  switch (requirement?.kind) {
    case undefined:
      return undefined;
    case 'deploy':
      return `it needs a deploy first: ${requirement.description}. When every instance runs it, confirm by "lockstep change confirm-deploy ${id}"`;
    case 'backfill':
      return `the backfill of ${id} has not finished: run "lockstep change backfill ${id}"`;
    case 'parity':
      return `old and new have not been compared: run "lockstep change check-parity ${id}"`;
    default:
      return assertNever(requirement);
  }
}
