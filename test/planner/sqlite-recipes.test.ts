import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { applyFix, complaintsAfter, firstFix, openExample } from '../support/rule-check.ts';
import { catalogOf, runHalf } from '../support/sqlite-steps.ts';

/** A dangerous statement, the schema before it, rows for it, and what a writer of the old version does until its deploy. */
interface SqliteRecipeCase {
  readonly name: string;
  readonly before: string;
  readonly statement: string;
  readonly oldWriter: string;
}

const USERS =
  'CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, nick TEXT);\nCREATE UNIQUE INDEX users_email ON users (email);\n' +
  'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);\nCREATE VIEW names AS SELECT id, nick FROM users;';
const ROWS =
  "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) INSERT INTO users (email) SELECT 'user' || n FROM n; INSERT INTO orders SELECT id, id FROM users;";
const OLD_WRITER = 'INSERT INTO users (email) VALUES (hex(randomblob(16)))';

const CASES: readonly SqliteRecipeCase[] = [
  {
    name: 'required text',
    before: USERS,
    statement: 'ALTER TABLE users ADD COLUMN status TEXT NOT NULL',
    oldWriter: OLD_WRITER,
  },
  {
    name: 'required number',
    before: USERS,
    statement: 'ALTER TABLE users ADD COLUMN points INTEGER NOT NULL',
    oldWriter: OLD_WRITER,
  },
  {
    name: 'quoted names',
    before: USERS,
    statement: 'ALTER TABLE "users" ADD COLUMN "Status Of" TEXT COLLATE NOCASE NOT NULL',
    oldWriter: OLD_WRITER,
  },
  {
    name: 'SET NOT NULL',
    before: USERS,
    statement: 'ALTER TABLE users ALTER COLUMN nick SET NOT NULL',
    oldWriter: OLD_WRITER,
  },
];

/** Target versions with a way of their own: the table is rebuilt, or the column altered. The database that runs both is newer. */
const VERSIONS = ['3.45', '3.53'] as const;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

function countsOf(database: Database.Database): unknown {
  return database
    .prepare(
      "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM orders) AS orders, (SELECT seq FROM sqlite_sequence WHERE name = 'users') AS sequence",
    )
    .get();
}

describe.each(VERSIONS)('SQLite %s', (version) => {
  test.each(CASES)('$name: same catalog as the direct statement, silent, no row lost, and back', async (recipe) => {
    const example = await openExample(engines, {
      dialect: 'sqlite',
      version,
      before: [recipe.before],
      sql: `${recipe.statement};`,
    });
    const fix = firstFix(example, 'required-column');
    if (fix === undefined)
      throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
    const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
    await applyFix(example, fix);
    expect(complaintsAfter(example, fix)).toEqual([]);
    const steps = example.project.migrations.migrations.filter((migration) => !known.has(migration.id));
    expect(steps.length).toBe(fix.steps.length);

    const direct = new Database(':memory:');
    const database = new Database(':memory:');
    try {
      direct.exec(recipe.before);
      direct.exec(recipe.statement);
      database.pragma('foreign_keys = ON');
      database.exec(recipe.before);
      const original = catalogOf(database);
      database.exec(ROWS);
      let isDeployed = false;
      for (const [index, step] of steps.entries()) {
        isDeployed ||= fix.steps[index]?.requires?.some((requirement) => requirement.kind === 'deploy') === true;
        if (!isDeployed) database.exec(recipe.oldWriter);
        const before = countsOf(database);
        runHalf(database, example, step.upPath, 'up');
        expect(countsOf(database), `${step.id} loses rows`).toEqual(before);
        if (!isDeployed) database.exec(recipe.oldWriter);
      }
      expect(isDeployed).toBe(true);
      expect(catalogOf(database)).toBe(catalogOf(direct));
      expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
      expect(database.pragma('foreign_key_check')).toEqual([]);
      expect(() => database.exec(recipe.oldWriter)).toThrow(/NOT NULL/);
      const before = countsOf(database);
      for (const step of [...steps].reverse()) runHalf(database, example, step.downPath ?? '', 'down');
      expect(countsOf(database)).toEqual(before);
      expect(catalogOf(database)).toBe(original);
    } finally {
      direct.close();
      database.close();
    }
  });
});

/** A statement that SQLite 3.45 does not take, and what the table would be with it. */
const REBUILDS: readonly {
  readonly name: string;
  readonly statement: string;
  readonly wanted: string;
  readonly check: string;
}[] = [
  {
    name: 'a check',
    statement: "ALTER TABLE people ADD CONSTRAINT given CHECK (email <> '')",
    wanted:
      "email TEXT NOT NULL, nick TEXT CONSTRAINT short CHECK (length(nick) < 9), low TEXT GENERATED ALWAYS AS (lower(email)) STORED, CONSTRAINT given CHECK (email <> '')",
    check: "INSERT INTO people (email) VALUES ('')",
  },
  {
    name: 'the drop of a check',
    statement: 'ALTER TABLE people DROP CONSTRAINT short',
    wanted: 'email TEXT NOT NULL, nick TEXT, low TEXT GENERATED ALWAYS AS (lower(email)) STORED',
    check: '',
  },
  {
    name: 'a column that may be empty',
    statement: 'ALTER TABLE people ALTER COLUMN email DROP NOT NULL',
    wanted:
      'email TEXT, nick TEXT CONSTRAINT short CHECK (length(nick) < 9), low TEXT GENERATED ALWAYS AS (lower(email)) STORED',
    check: '',
  },
  {
    name: 'a unique column',
    statement: 'ALTER TABLE people ADD COLUMN code TEXT UNIQUE',
    wanted:
      'email TEXT NOT NULL, nick TEXT CONSTRAINT short CHECK (length(nick) < 9), low TEXT GENERATED ALWAYS AS (lower(email)) STORED, code TEXT UNIQUE',
    check: "INSERT INTO people (email, code) VALUES ('a', 'x'), ('b', 'x')",
  },
  {
    name: 'a default that is no constant',
    statement: 'ALTER TABLE people ADD COLUMN seen TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP',
    wanted:
      'email TEXT NOT NULL, nick TEXT CONSTRAINT short CHECK (length(nick) < 9), low TEXT GENERATED ALWAYS AS (lower(email)) STORED, seen TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP',
    check: 'INSERT INTO people (email, seen) SELECT email, NULL FROM people',
  },
  {
    name: 'a stored generated column',
    statement: 'ALTER TABLE people ADD COLUMN up TEXT GENERATED ALWAYS AS (upper(email)) STORED',
    wanted:
      'email TEXT NOT NULL, nick TEXT CONSTRAINT short CHECK (length(nick) < 9), low TEXT GENERATED ALWAYS AS (lower(email)) STORED, up TEXT GENERATED ALWAYS AS (upper(email)) STORED',
    check: '',
  },
];

describe('SQLite 3.45, where ALTER TABLE cannot do it', () => {
  /** A STRICT table with all that a rebuild could lose. */
  const tablesWith = (columns: string): string =>
    [
      `CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, ${columns}) STRICT;`,
      'CREATE INDEX people_email ON people (lower(email)) WHERE nick IS NULL;',
      'CREATE TABLE log (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id) ON DELETE CASCADE);',
      'CREATE TRIGGER logged AFTER INSERT ON people BEGIN INSERT INTO log (person) VALUES (new.id); END;',
      'CREATE VIEW nicks AS SELECT id, nick FROM people;',
    ].join('\n');
  const before = tablesWith(
    'email TEXT NOT NULL, nick TEXT CONSTRAINT short CHECK (length(nick) < 9), low TEXT GENERATED ALWAYS AS (lower(email)) STORED',
  );
  const filled =
    "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) INSERT INTO people (email) SELECT 'user' || n FROM n; DELETE FROM people WHERE id > 290;";

  test.each(REBUILDS)(
    '$name: the table as it would be written, silent, no row lost, and back',
    async ({ statement, wanted, check }) => {
      const example = await openExample(engines, {
        dialect: 'sqlite',
        version: '3.45',
        before: [before],
        sql: `${statement};`,
      });
      const fix = firstFix(example, 'statement-not-supported');
      if (fix === undefined)
        throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
      const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
      await applyFix(example, fix);
      expect(complaintsAfter(example, fix)).toEqual([]);
      const steps = example.project.migrations.migrations.filter((migration) => !known.has(migration.id));
      const direct = new Database(':memory:');
      const database = new Database(':memory:');
      const rows = (): unknown =>
        database
          .prepare(
            "SELECT (SELECT json_group_array(id || email) FROM people) AS people, (SELECT count(*) FROM log) AS log, (SELECT seq FROM sqlite_sequence WHERE name = 'people') AS sequence",
          )
          .get();
      try {
        direct.exec(tablesWith(wanted));
        database.pragma('foreign_keys = ON');
        database.exec(before);
        const original = catalogOf(database);
        database.exec(filled);
        const all = rows();
        for (const step of steps) runHalf(database, example, step.upPath, 'up');
        expect(rows()).toEqual(all);
        expect(catalogOf(database)).toBe(catalogOf(direct));
        if (check !== '') expect(() => database.exec(check)).toThrow(/constraint failed/);
        expect(rows()).toEqual(all);
        for (const step of [...steps].reverse()) runHalf(database, example, step.downPath ?? '', 'down');
        expect(catalogOf(database)).toBe(original);
        expect(rows()).toEqual(all);
        expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
        expect(() => database.exec("INSERT INTO people (email, nick) VALUES ('a', 'longer than nine')")).toThrow(
          /short/,
        );
      } finally {
        direct.close();
        database.close();
      }
    },
  );
});
