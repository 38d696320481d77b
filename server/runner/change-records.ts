import { assertNever } from '../core/assert-never.ts';
import { placeholders, tableExists } from '../tools/lockstep-history.ts';
import type { Directives } from '../model/directives.ts';
import type { Connection } from '../drivers/driver.ts';

const TABLE = 'lockstep_changes';

/** What was met on this database for a change: a deploy that a person confirmed, a backfill that finished, a parity check. */
export interface ChangeRecord {
  readonly change: string;
  readonly requirement: 'deploy' | 'backfill' | 'parity';
  /** The deploy's description; empty for the others. */
  readonly description: string;
  readonly metAt: string;
  readonly metBy: string;
}

/** Records of every change on this database; none where nothing was ever recorded. */
export async function readChangeRecords(connection: Connection): Promise<readonly ChangeRecord[]> {
  if (!(await tableExists(connection, TABLE))) return [];
  const rows = await connection.query(`SELECT change_id, requirement, description, met_at, met_by FROM ${TABLE}`);
  return rows.map(
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

/** Records that a requirement is met; doing so again renews time and name. */
export async function recordMet(connection: Connection, record: ChangeRecord): Promise<void> {
  const time = connection.dialect === 'postgresql' ? 'timestamptz' : 'text';
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${TABLE} (change_id text NOT NULL, requirement text NOT NULL, description text NOT NULL, met_at ${time} NOT NULL, met_by text NOT NULL, ` +
      'PRIMARY KEY (change_id, requirement, description))',
  );
  const [first, second, third, fourth, fifth] = placeholders(connection, 5);
  await connection.query(
    `INSERT INTO ${TABLE} (change_id, requirement, description, met_at, met_by) VALUES (${first}, ${second}, ${third}, ${fourth}, ${fifth}) ` +
      'ON CONFLICT (change_id, requirement, description) DO UPDATE SET met_at = excluded.met_at, met_by = excluded.met_by',
    [record.change, record.requirement, record.description, record.metAt, record.metBy],
  );
}

/** Takes back what no longer holds: the fill and the comparison once a fill is undone, the deploy too once nothing of the change is left. */
export async function forgetMet(
  connection: Connection,
  change: string,
  phase: 'expand' | 'migrate' | 'contract',
): Promise<void> {
  if (phase === 'contract' || !(await tableExists(connection, TABLE))) return;
  const [first] = placeholders(connection, 1);
  await connection.query(
    `DELETE FROM ${TABLE} WHERE change_id = ${first}${phase === 'migrate' ? " AND requirement <> 'deploy'" : ''}`,
    [change],
  );
}

/** Takes back that old and new agree. */
export async function forgetParity(connection: Connection, change: string): Promise<void> {
  if (!(await tableExists(connection, TABLE))) return;
  const [first] = placeholders(connection, 1);
  await connection.query(`DELETE FROM ${TABLE} WHERE change_id = ${first} AND requirement = 'parity'`, [change]);
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
