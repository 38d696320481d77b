import type { EngineId } from '../../../server/model/engine-id.ts';
import { FILL_NOTICE } from '../../../server/model/fill-notice.ts';

/** What one unit of a half does that can be seen afterwards; `rows`: so many, each marked with its place. */
export type Effect =
  | { readonly kind: 'rows'; readonly count: number }
  | { readonly kind: 'index'; readonly name: string; readonly there: boolean }
  | { readonly kind: 'filled' }
  | { readonly kind: 'none' };

/** What of a half is done or not done as a whole. */
export interface FaultUnit {
  readonly sql: string;
  readonly effect: Effect;
}

export interface FaultMigration {
  readonly id: string;
  readonly inTransaction: boolean;
  readonly up: readonly FaultUnit[];
  readonly down: readonly FaultUnit[];
}

export type Direction = 'up' | 'down';

/** What every fault test's database has before anything runs: a list of what was done, and a table to work on. */
export const FAULT_SETUP: Readonly<Record<EngineId, string>> = {
  postgresql:
    'CREATE TABLE ledger (migration text, direction text, unit int, place int); CREATE TABLE big (id int PRIMARY KEY, filled int); INSERT INTO big SELECT n FROM generate_series(1, 2000) n',
  sqlite:
    'CREATE TABLE ledger (migration text, direction text, unit int, place int); CREATE TABLE big (id INTEGER PRIMARY KEY, filled INTEGER); INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i, NULL FROM n',
};

type Place = readonly [migration: string, direction: Direction, unit: number, place: number];

/** One row of the ledger, after a moment in which something may happen. */
const ROW: Readonly<Record<EngineId, (...place: Place) => string>> = {
  postgresql: (migration, direction, unit, place) =>
    `INSERT INTO ledger SELECT '${migration}', '${direction}', ${unit}, ${place} FROM pg_sleep(0.002);\n`,
  sqlite: (migration, direction, unit, place) =>
    `INSERT INTO ledger WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000) SELECT '${migration}', '${direction}', ${unit}, ${place} FROM n GROUP BY 1;\n`,
};

const FILL = `DO $fill$
BEGIN
  LOOP
    UPDATE big SET filled = id WHERE id IN (SELECT id FROM big WHERE filled IS NULL LIMIT 250);
    EXIT WHEN NOT FOUND;
    COMMIT;
    RAISE NOTICE '${FILL_NOTICE}', 1, 2;
    PERFORM pg_sleep(0.002);
  END LOOP;
END
$fill$;
`;

/** Makers of units, for one product. */
export interface UnitMakers {
  /** `count` rows, each a statement. */
  rows(id: string, direction: Direction, unit: number, count?: number): FaultUnit;
  /** Two rows within the file's own BEGIN and COMMIT. */
  own(id: string, direction: Direction, unit: number): FaultUnit;
  /** Changes the session alone. */
  readonly setting: FaultUnit;
}

export function unitMakers(dialect: EngineId): UnitMakers {
  const row = ROW[dialect];
  const rows: UnitMakers['rows'] = (id, direction, unit, count = 1) => ({
    sql: Array.from({ length: count }, (_, place) => row(id, direction, unit, place)).join(''),
    effect: { kind: 'rows', count },
  });
  return {
    rows,
    own: (id, direction, unit) => {
      const { sql, effect } = rows(id, direction, unit, 2);
      return { sql: `BEGIN;\n${sql}COMMIT;\n`, effect };
    },
    setting: {
      sql: { postgresql: "SET work_mem = '4MB';\n", sqlite: 'PRAGMA foreign_keys = ON;\n' }[dialect],
      effect: { kind: 'none' },
    },
  };
}

/** The migrations that faults meet: transactions, statements outside them, an own BEGIN, an index, a backfill. */
export function faultMigrations(dialect: EngineId): readonly FaultMigration[] {
  const { rows, own, setting } = unitMakers(dialect);
  const plain = (id: string): FaultMigration => ({
    id,
    inTransaction: true,
    up: [rows(id, 'up', 0, 3)],
    down: [rows(id, 'down', 0, 3)],
  });
  const common: readonly FaultMigration[] = [
    plain('0001_transaction'),
    {
      id: '0002_bare',
      inTransaction: false,
      up: [setting, ...[1, 2, 3].map((unit) => rows('0002_bare', 'up', unit))],
      down: [0, 1, 2].map((unit) => rows('0002_bare', 'down', unit)),
    },
    {
      id: '0003_own',
      inTransaction: false,
      up: [own('0003_own', 'up', 0), rows('0003_own', 'up', 1)],
      down: [rows('0003_own', 'down', 0), own('0003_own', 'down', 1)],
    },
  ];
  if (dialect !== 'postgresql') return [...common, plain('0004_last')];
  return [
    ...common,
    {
      id: '0004_index',
      inTransaction: false,
      up: [
        rows('0004_index', 'up', 0),
        {
          sql: 'CREATE INDEX CONCURRENTLY big_filled ON big (filled);\n',
          effect: { kind: 'index', name: 'big_filled', there: true },
        },
        rows('0004_index', 'up', 2),
      ],
      down: [
        {
          sql: 'DROP INDEX CONCURRENTLY big_filled;\n',
          effect: { kind: 'index', name: 'big_filled', there: false },
        },
        rows('0004_index', 'down', 1),
      ],
    },
    {
      id: '0005_fill',
      inTransaction: false,
      up: [{ sql: FILL, effect: { kind: 'filled' } }, rows('0005_fill', 'up', 1)],
      down: [
        {
          ...rows('0005_fill', 'down', 0),
          sql: `BEGIN;\nUPDATE big SET filled = NULL;\n${rows('0005_fill', 'down', 0).sql}COMMIT;\n`,
        },
      ],
    },
    plain('0006_last'),
  ];
}

/** The files of a project that migrations are. */
export function filesOf(dialect: EngineId, migrations: readonly FaultMigration[]): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'lockstep.jsonc': `{ "dialect": "${dialect}" }` };
  for (const { id, inTransaction, up, down } of migrations)
    for (const [half, units] of [
      ['up', up],
      ['down', down],
    ] as const)
      files[`migrations/${id}.${half}.sql`] =
        `${inTransaction ? '' : '-- lockstep: no-transaction\n'}${units.map((unit) => unit.sql).join('')}`;
  return files;
}
