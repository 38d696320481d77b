import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { MigrationFile } from '../../server/model/migration.ts';
import { WISHES, wishOf } from '../../server/planner/wishes.ts';
import { openExample, type OpenedExample, writeFiles } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { catalogOf, runHalf } from '../support/sqlite-steps.ts';

/** A change that a person asks for on SQLite without a statement. */
interface Wished {
  readonly name: string;
  readonly wish: readonly [string, ...string[]];
  /** The tables before, and as they are to be: the columns of `people` and what stands behind them. */
  readonly before: string;
  readonly wanted: string;
  /** A row that breaks the new rule, and what the migration then fails with. */
  readonly broken?: { readonly sql: string; readonly error: RegExp };
  /** What nobody can write behind the change, and could before. */
  readonly forbidden?: { readonly sql: string; readonly error: RegExp };
}

/** All that a rebuild could lose: a partial index, a trigger, views, a foreign key from elsewhere, a counter, generated columns. */
function tables(columns: string, options = ''): string {
  return [
    'CREATE TABLE teams (id INTEGER PRIMARY KEY, code TEXT);',
    'CREATE UNIQUE INDEX teams_code ON teams (code);',
    `CREATE TABLE "Peop le" (${columns})${options};`,
    'CREATE INDEX people_email ON "Peop le" (email COLLATE NOCASE DESC) WHERE team IS NOT NULL;',
    'CREATE TABLE log (id INTEGER PRIMARY KEY, person INTEGER REFERENCES "Peop le" (id) ON DELETE CASCADE);',
    'CREATE TRIGGER logged AFTER INSERT ON "Peop le" BEGIN INSERT INTO log (person) VALUES (new.id); END;',
    'CREATE VIEW emails AS SELECT id, email FROM "Peop le";',
  ].join('\n');
}

const KEY = 'id INTEGER PRIMARY KEY AUTOINCREMENT';
const COMPUTED = 'low TEXT GENERATED ALWAYS AS (lower(email)) STORED, up TEXT AS (upper(email)) VIRTUAL';
const COLUMNS = `${KEY}, email TEXT NOT NULL, team INTEGER DEFAULT 3, "Älter" TEXT, boss INTEGER, ${COMPUTED}`;
const FILL =
  'INSERT INTO teams SELECT value, \'c\' || value FROM json_each(\'[1,2,3,4,5]\'); WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) INSERT INTO "Peop le" (id, email, team, "Älter") SELECT n, \'user\' || n, 1 + n % 5, n FROM n; DELETE FROM "Peop le" WHERE id > 290;';

const CASES: readonly Wished[] = [
  {
    name: 'a foreign key on a STRICT table',
    wish: ['add-foreign-key', 'Peop le.team', 'teams.id'],
    before: tables(COLUMNS, ' STRICT'),
    wanted: tables(`${COLUMNS}, FOREIGN KEY (team) REFERENCES teams (id)`, ' STRICT'),
    broken: { sql: 'INSERT INTO "Peop le" (id, email, team) VALUES (1000, \'x\', 99)', error: /no_foreign_key_broken/ },
    forbidden: { sql: 'INSERT INTO "Peop le" (id, email, team) VALUES (999, \'x\', 98)', error: /FOREIGN KEY/ },
  },
  {
    name: 'a foreign key to a unique index',
    wish: ['add-foreign-key', 'Peop le.Älter', 'teams.code'],
    before: tables(COLUMNS),
    wanted: tables(`${COLUMNS}, FOREIGN KEY ("Älter") REFERENCES teams (code)`),
    broken: {
      sql: 'INSERT INTO "Peop le" (id, email, "Älter") VALUES (1000, \'x\', \'c9\')',
      error: /no_foreign_key_broken/,
    },
    forbidden: { sql: 'UPDATE "Peop le" SET "Älter" = \'c9\' WHERE id = 1', error: /FOREIGN KEY/ },
  },
  {
    name: 'a foreign key to the table itself',
    wish: ['add-foreign-key', 'Peop le.boss', 'Peop le.id'],
    before: tables(COLUMNS),
    wanted: tables(`${COLUMNS}, FOREIGN KEY (boss) REFERENCES "Peop le" (id)`),
    broken: { sql: 'INSERT INTO "Peop le" (id, email, boss) VALUES (1000, \'x\', -1)', error: /no_foreign_key_broken/ },
    forbidden: { sql: 'UPDATE "Peop le" SET boss = -1 WHERE id = 1', error: /FOREIGN KEY/ },
  },
  {
    name: 'a unique constraint over two columns',
    wish: ['add-unique', 'Peop le.email,Älter'],
    before: tables(COLUMNS),
    wanted: tables(`${COLUMNS}, UNIQUE (email, "Älter")`),
    broken: {
      sql: 'INSERT INTO "Peop le" (id, email, "Älter") VALUES (1000, \'user1\', \'1\')',
      error: /UNIQUE constraint failed/,
    },
    forbidden: {
      sql: 'INSERT INTO "Peop le" (id, email, "Älter") VALUES (999, \'user2\', \'2\')',
      error: /UNIQUE constraint failed/,
    },
  },
  {
    name: 'a check',
    wish: ['add-check', 'Peop le', 'Given it', "email <> 'no' OR (team > 7)"],
    before: tables(COLUMNS),
    wanted: tables(`${COLUMNS}, CONSTRAINT "Given it" CHECK (email <> 'no' OR (team > 7))`),
    broken: { sql: 'INSERT INTO "Peop le" (id, email, team) VALUES (1000, \'no\', 1)', error: /constraint failed/ },
    forbidden: { sql: 'INSERT INTO "Peop le" (id, email, team) VALUES (999, \'no\', 1)', error: /Given it/ },
  },
  {
    name: 'another type in a STRICT table',
    wish: ['alter-type', 'Peop le.Älter', 'INTEGER'],
    before: tables(COLUMNS, ' STRICT'),
    wanted: tables(COLUMNS.replace('"Älter" TEXT', '"Älter" INTEGER'), ' STRICT'),
    broken: {
      sql: 'INSERT INTO "Peop le" (id, email, "Älter") VALUES (1000, \'x\', \'old\')',
      error: /cannot store TEXT value in INTEGER column/,
    },
    forbidden: { sql: 'UPDATE "Peop le" SET "Älter" = \'old\' WHERE id = 1', error: /cannot store TEXT/ },
  },
  {
    name: 'another type with a length',
    wish: ['alter-type', 'Peop le.Älter', 'VARCHAR(20)'],
    before: tables(COLUMNS),
    wanted: tables(COLUMNS.replace('"Älter" TEXT', '"Älter" VARCHAR(20)')),
  },
  {
    name: 'a foreign key on a table WITHOUT ROWID',
    wish: ['add-foreign-key', 'Peop le.team', 'teams.id'],
    before: tables(
      `id INTEGER PRIMARY KEY, email TEXT NOT NULL, team INTEGER, "Älter" TEXT, ${COMPUTED}`,
      ' WITHOUT ROWID, STRICT',
    ),
    wanted: tables(
      `id INTEGER PRIMARY KEY, email TEXT NOT NULL, team INTEGER, "Älter" TEXT, ${COMPUTED}, FOREIGN KEY (team) REFERENCES teams (id)`,
      ' WITHOUT ROWID, STRICT',
    ),
    broken: { sql: 'INSERT INTO "Peop le" (id, email, team) VALUES (1000, \'x\', 99)', error: /no_foreign_key_broken/ },
    forbidden: { sql: 'INSERT INTO "Peop le" (id, email, team) VALUES (999, \'x\', 98)', error: /FOREIGN KEY/ },
  },
  {
    name: 'another type of the key of a table WITHOUT ROWID',
    wish: ['alter-type', 'Peop le.id', 'TEXT'],
    before: tables(
      `id INTEGER PRIMARY KEY, email TEXT NOT NULL, team INTEGER, "Älter" TEXT, ${COMPUTED}`,
      ' WITHOUT ROWID',
    ),
    wanted: tables(
      `id TEXT PRIMARY KEY, email TEXT NOT NULL, team INTEGER, "Älter" TEXT, ${COMPUTED}`,
      ' WITHOUT ROWID',
    ),
  },
  {
    name: 'a required column',
    wish: ['set-not-null', 'Peop le.Älter'],
    before: tables(COLUMNS),
    wanted: tables(COLUMNS.replace('"Älter" TEXT', '"Älter" TEXT NOT NULL')),
    forbidden: { sql: 'INSERT INTO "Peop le" (id, email) VALUES (999, \'x\')', error: /NOT NULL/ },
  },
  {
    name: 'an index',
    wish: ['create-index', 'Peop le.team,Älter'],
    before: tables(COLUMNS),
    wanted: `${tables(COLUMNS)}\nCREATE INDEX "Peop le_team_Älter_idx" ON "Peop le" (team, "Älter");`,
  },
];

/** Target versions with a way of their own; the database that runs both is newer. */
const VERSIONS = ['3.45', '3.53'] as const;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

async function planned(
  version: string,
  { before, wish: [name, ...values] }: Pick<Wished, 'before' | 'wish'>,
): Promise<{ readonly example: OpenedExample; readonly steps: readonly MigrationFile[] }> {
  const example = await openExample(engines, { dialect: 'sqlite', version, sql: before });
  const wish = wishOf(name);
  const change = wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0));
  if (change?.kind !== 'planned') throw new Error(change?.reason ?? `no wish ${name}`);
  const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
  await writeFiles(example, withSaidValues(change.change).files);
  expect(
    change.change.files.flatMap((file) => {
      const report = example.project.lint(file.path);
      return [...report.findings, ...report.problems].map((finding) => `${file.path}: ${finding.message}`);
    }),
  ).toEqual([]);
  return { example, steps: example.project.migrations.migrations.filter((migration) => !known.has(migration.id)) };
}

/** Rows of every table, with their own ids and types, and the counter. */
function rowsOf(database: Database.Database, value = '"Älter"'): unknown {
  return {
    people: database
      .prepare(
        `SELECT CAST(id AS INTEGER) AS number, email, team, ${value} AS value, low, up FROM "Peop le" ORDER BY number`,
      )
      .all(),
    log: database.prepare('SELECT * FROM log ORDER BY id').all(),
    sequence:
      database.prepare("SELECT name FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() === undefined
        ? []
        : database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'Peop le'").all(),
  };
}

describe.each(VERSIONS)('SQLite %s', (version) => {
  test.each(CASES)('$name: the table as it would be written, silent, no row lost, and back', async (wished) => {
    const { example, steps } = await planned(version, wished);
    const [direct, database] = [new Database(':memory:'), new Database(':memory:')];
    try {
      direct.exec(wished.wanted);
      database.pragma('foreign_keys = ON');
      database.exec(wished.before);
      const original = catalogOf(database);
      database.exec(FILL);
      if (wished.forbidden !== undefined)
        database.exec(`SAVEPOINT before; ${wished.forbidden.sql}; ROLLBACK TO before; RELEASE before;`);
      // The text that numbers become, and the other way round.
      database.exec('UPDATE "Peop le" SET "Älter" = CAST("Älter" AS TEXT)');
      if (wished.name === 'a foreign key to a unique index')
        database.exec('UPDATE "Peop le" SET "Älter" = \'c\' || (1 + id % 5)');
      const text = rowsOf(database);
      for (const step of steps) runHalf(database, example, step.upPath, 'up');
      expect(rowsOf(database, 'CAST("Älter" AS TEXT)')).toEqual(text);
      expect(catalogOf(database)).toBe(catalogOf(direct));
      expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
      expect(database.pragma('foreign_key_check')).toEqual([]);
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      if (wished.forbidden !== undefined) {
        const { sql, error } = wished.forbidden;
        expect(() => database.exec(sql)).toThrow(error);
      }
      for (const step of [...steps].reverse()) runHalf(database, example, step.downPath ?? '', 'down');
      expect(catalogOf(database)).toBe(original);
      expect(rowsOf(database)).toEqual(text);
    } finally {
      direct.close();
      database.close();
    }
  });

  test.each(CASES.flatMap((wished) => (wished.broken === undefined ? [] : [{ ...wished, broken: wished.broken }])))(
    '$name: a row that breaks it makes the migration fail, and nothing is changed',
    async ({ broken, ...wished }) => {
      const { example, steps } = await planned(version, wished);
      const database = new Database(':memory:');
      try {
        database.pragma('foreign_keys = ON');
        database.exec(wished.before);
        database.exec(FILL);
        if (wished.name === 'a foreign key to a unique index') database.exec('UPDATE "Peop le" SET "Älter" = NULL');
        const sound = catalogOf(database);
        database.exec(broken.sql);
        const all = rowsOf(database);
        expect(() => {
          for (const step of steps) runHalf(database, example, step.upPath, 'up');
        }).toThrow(broken.error);
        // As the runner does, and as the end of its session would.
        expect(database.inTransaction).toBe(true);
        database.exec('ROLLBACK');
        expect(catalogOf(database)).toBe(sound);
        expect(rowsOf(database)).toEqual(all);
      } finally {
        database.close();
      }
    },
  );
});

const PLAIN =
  'CREATE TABLE teams (id INTEGER PRIMARY KEY, code TEXT);\nCREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE, team INTEGER);';

/** Wishes that are refused, with a part of the reason. */
const REFUSED: readonly {
  readonly name: string;
  readonly before?: string;
  readonly wish: readonly [string, ...string[]];
  readonly reason: string;
}[] = [
  {
    name: 'a foreign key to what is not unique',
    wish: ['add-foreign-key', 'people.team', 'teams.code'],
    reason: 'foreign key mismatch',
  },
  {
    name: 'a foreign key to a partial unique index',
    before: `${PLAIN}\nCREATE UNIQUE INDEX codes ON teams (code) WHERE id > 5;`,
    wish: ['add-foreign-key', 'people.team', 'teams.code'],
    reason: 'foreign key mismatch',
  },
  {
    name: 'a foreign key to an unknown table',
    wish: ['add-foreign-key', 'people.team', 'groups.id'],
    reason: 'groups is in no migration here',
  },
  {
    name: 'a foreign key of a column that is not there',
    wish: ['add-foreign-key', 'people.group', 'teams.id'],
    reason: 'no column "group"',
  },
  { name: 'uniqueness that is there', wish: ['add-unique', 'people.EMAIL'], reason: 'is unique already' },
  { name: 'uniqueness of a column that is not there', wish: ['add-unique', 'people.name'], reason: 'no column "name"' },
  {
    name: 'a check of a name that is there',
    before: 'CREATE TABLE people (id INTEGER PRIMARY KEY, CONSTRAINT given CHECK (id > 0));',
    wish: ['add-check', 'people', 'Given', 'id > 1'],
    reason: 'people',
  },
  {
    name: 'two checks',
    wish: ['add-check', 'people', 'given', 'id > 0), CHECK (id > 1'],
    reason: 'This is not one constraint',
  },
  { name: 'a check that ends the table', wish: ['add-check', 'people', 'given', 'id > 0)) STRICT, ((1'], reason: '' },
  {
    name: 'a check with a statement behind it',
    wish: ['add-check', 'people', 'given', 'id > 0)); DROP TABLE people; --'],
    reason: 'This is not one constraint',
  },
  {
    name: 'a type with more behind it',
    wish: ['alter-type', 'people.team', 'TEXT NOT NULL'],
    reason: 'This is not one type',
  },
  { name: 'two columns', wish: ['alter-type', 'people.team', 'TEXT, other TEXT'], reason: 'This is not one type' },
  { name: 'the type that it has', wish: ['alter-type', 'people.team', 'integer'], reason: 'is integer already' },
  { name: 'another type of the rowid', wish: ['alter-type', 'people.id', 'TEXT'], reason: 'numbers new rows' },
  {
    name: 'a type that STRICT does not know',
    before: 'CREATE TABLE people (id INTEGER PRIMARY KEY, team INTEGER) STRICT;',
    wish: ['alter-type', 'people.team', 'VARCHAR(20)'],
    reason: 'is STRICT',
  },
  { name: 'a table that is not known', wish: ['alter-type', 'groups.id', 'TEXT'], reason: 'in no migration here' },
  {
    name: 'the renaming of a value of an enum',
    wish: ['rename-enum-value', 'mood', 'ok', 'fine'],
    reason: 'SQLite has no enums',
  },
  { name: 'the replacement of an enum', wish: ['replace-enum', 'people.team'], reason: 'SQLite has no enums' },
];

describe('SQLite refuses', () => {
  test.each(REFUSED)('$name', async ({ before = PLAIN, wish: [name, ...values], reason }) => {
    for (const version of VERSIONS) {
      const example = await openExample(engines, { dialect: 'sqlite', version, sql: before });
      const wish = wishOf(name);
      expect(wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0))).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining(reason),
      });
    }
  });

  test('no wish without a plan that runs, or a reason', async () => {
    const values: Readonly<Record<string, string>> = {
      table: 'people',
      column: 'people.team',
      columns: 'people.team',
      'new-column': 'people.fresh',
      name: 'other',
      type: 'TEXT',
      value: 'v',
      expression: 'id > 0',
      bounds: '1,2',
    };
    for (const wish of WISHES) {
      const example = await openExample(engines, { dialect: 'sqlite', version: '3.53', sql: PLAIN });
      const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
      const result = example.project.planWish(
        wish,
        wish.parts.map((part, index) =>
          wish.name === 'add-foreign-key' && index === 1 ? 'teams.id' : (values[part.kind] ?? ''),
        ),
        new Date(0),
      );
      if (result.kind === 'refused') {
        expect(result.reason, wish.name).toMatch(/SQLite|by hand/);
        continue;
      }
      await writeFiles(example, withSaidValues(result.change).files);
      const database = new Database(':memory:');
      database.exec(PLAIN);
      for (const step of example.project.migrations.migrations)
        if (!known.has(step.id)) runHalf(database, example, step.upPath, 'up');
      database.close();
    }
  });
});
