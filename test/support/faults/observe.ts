import type { Direction, FaultMigration, FaultUnit } from './fault-migrations.ts';

/** Rows of a query as arrays, asked from the database itself and not through anything of Lockstep's. */
export type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** How much of a unit the database has; `unseen`: it leaves nothing to see. */
export type UnitState = 'none' | 'partly' | 'once' | 'twice' | 'unseen';

/** What the database has of the migrations, in the direction that is under way. */
export interface Observation {
  readonly direction: Direction;
  readonly units: ReadonlyMap<string, readonly UnitState[]>;
  /** Ids in the history. */
  readonly rows: ReadonlySet<string>;
  /** Marks of runs that are there, by migration. */
  readonly marks: ReadonlyMap<string, SeenMark>;
}

/** A mark as the database has it. */
export interface SeenMark {
  /** Units that are done. */
  readonly done: number;
  /** The unit after those was sent. */
  readonly hasBegun: boolean;
}

/** SQL that differs by product. */
export interface ObservedProduct {
  readonly hasTable: (name: string) => string;
  /** One row with `true` or 1 where a valid index is there, `false` or 0 for an invalid one, none without one. */
  readonly index: (name: string) => string;
}

export const POSTGRES: ObservedProduct = {
  hasTable: (name) => `SELECT 1 WHERE to_regclass('public.${name}') IS NOT NULL`,
  index: (name) => `SELECT indisvalid::int FROM pg_index WHERE indexrelid = to_regclass('public.${name}')`,
};

export const SQLITE: ObservedProduct = {
  hasTable: (name) => `SELECT 1 FROM sqlite_schema WHERE name = '${name}'`,
  index: (name) => `SELECT 1 FROM sqlite_schema WHERE name = '${name}'`,
};

export async function observe(
  ask: Ask,
  product: ObservedProduct,
  migrations: readonly FaultMigration[],
  direction: Direction,
): Promise<Observation> {
  const ledger = await ask(
    'SELECT migration, direction, unit, place, count(*) FROM ledger GROUP BY migration, direction, unit, place',
  );
  const stateOf = async (id: string, unit: FaultUnit, index: number): Promise<UnitState> => {
    const { effect } = unit;
    switch (effect.kind) {
      case 'none':
        return 'unseen';
      case 'rows': {
        const found = ledger.filter(([migration, way, at]) => migration === id && way === direction && at === index);
        if (found.some((row) => Number(row[4]) > 1)) return 'twice';
        return found.length === 0 ? 'none' : found.length === effect.count ? 'once' : 'partly';
      }
      case 'index': {
        const [valid] = (await ask(product.index(effect.name)))[0] ?? [];
        if (valid === undefined) return effect.there ? 'none' : 'once';
        return Number(valid) === 0 ? 'partly' : effect.there ? 'once' : 'none';
      }
      case 'filled': {
        const [filled, all] = (await ask('SELECT count(filled), count(*) FROM big'))[0] ?? [];
        return Number(filled) === 0 ? 'none' : Number(filled) === Number(all) ? 'once' : 'partly';
      }
    }
  };
  const units = new Map<string, readonly UnitState[]>();
  for (const migration of migrations) {
    const states: UnitState[] = [];
    for (const [index, unit] of migration[direction].entries()) states.push(await stateOf(migration.id, unit, index));
    units.set(migration.id, states);
  }
  const rows = async (table: string, columns: string): Promise<readonly (readonly unknown[])[]> =>
    (await ask(product.hasTable(table))).length === 0 ? [] : ask(`SELECT ${columns} FROM ${table}`);
  const marks = await rows('lockstep_runs', 'migration_id, units_done, has_begun');
  return {
    direction,
    units,
    rows: new Set((await rows('lockstep_history', 'id')).map(([id]) => String(id))),
    marks: new Map(
      marks.map(([id, done, begun]) => [String(id), { done: Number(done), hasBegun: Number(begun) === 1 }]),
    ),
  };
}

/** Whether nothing of a migration stands in the direction that is under way. */
export function isUntouched({ units, rows, direction }: Observation, id: string): boolean {
  return (
    (units.get(id) ?? []).every((state) => state === 'none' || state === 'unseen') &&
    rows.has(id) === (direction === 'down')
  );
}

/** Whether every statement of a migration stands, once. */
export function isWorkDone({ units }: Observation, id: string): boolean {
  return (units.get(id) ?? []).every((state) => state === 'once' || state === 'unseen');
}

/** Whether all of a migration stands, and the history says so. */
export function isDone(seen: Observation, id: string): boolean {
  return isWorkDone(seen, id) && seen.rows.has(id) === (seen.direction === 'up');
}
