import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample, writeFiles } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { catalogOf, runHalf } from '../support/sqlite-steps.ts';

const TABLES = `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT, age INTEGER);
CREATE INDEX users_name ON users (name);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), total REAL NOT NULL DEFAULT 0);
CREATE TABLE logs (what TEXT);`;
const ROWS =
  "INSERT INTO users (email, name) VALUES ('a', 'x'), ('b', NULL); INSERT INTO orders (user_id) SELECT id FROM users;";
/** What every version does; `users.name` is left out, as the version does that a drop waits for. */
const WRITES = [
  "INSERT INTO users (email) VALUES ('c')",
  "UPDATE users SET email = 'd' WHERE id = 1",
  "INSERT INTO logs VALUES ('w')",
];

type Case = readonly [name: string, before: string, sql: string, outcome: 'planned' | { readonly refused: string }];

const TRIGGERS: readonly (readonly [kind: string, sql: string, isInTheWay: boolean])[] = [
  [
    'a trigger of the table that reads NEW',
    'CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO logs VALUES (NEW.name); END;',
    true,
  ],
  [
    'a trigger with WHEN',
    'CREATE TRIGGER t AFTER UPDATE ON users WHEN NEW.name IS NULL BEGIN INSERT INTO logs VALUES (1); END;',
    true,
  ],
  [
    'a trigger of another table that writes it',
    'CREATE TRIGGER t AFTER INSERT ON logs BEGIN UPDATE users SET name = NEW.what; END;',
    true,
  ],
  [
    'a trigger of another table that adds rows',
    "CREATE TRIGGER t AFTER INSERT ON logs BEGIN INSERT INTO users (email, name) VALUES ('t', NEW.what); END;",
    true,
  ],
  [
    'a trigger of another table that reads it',
    'CREATE TRIGGER t AFTER INSERT ON logs BEGIN UPDATE orders SET total = (SELECT count(name) FROM users); END;',
    true,
  ],
  [
    'a trigger that names something else',
    'CREATE TRIGGER t AFTER INSERT ON logs BEGIN UPDATE users SET age = 1; END;',
    false,
  ],
];

const CASES: readonly Case[] = [
  ['an index and its column', TABLES, 'DROP INDEX users_name;\nALTER TABLE users DROP COLUMN name;', 'planned'],
  ['a column under an index', TABLES, 'ALTER TABLE users DROP COLUMN name;', { refused: 'users_name' }],
  [
    'a required column and its index',
    TABLES,
    'ALTER TABLE users ADD COLUMN state TEXT NOT NULL;\nCREATE INDEX users_state ON users (state);',
    'planned',
  ],
  ['a table', TABLES, 'DROP TABLE orders;', 'planned'],
  ['a name for a column', TABLES, 'ALTER TABLE users RENAME COLUMN age TO years;', { refused: 'kept in step' }],
  ['a name for a table', TABLES, 'ALTER TABLE orders RENAME TO purchases;', { refused: 'whichever of the two' }],
  ['all rows', TABLES, 'DELETE FROM orders;', { refused: 'from a script' }],
  ...TRIGGERS.map(
    ([kind, sql, isInTheWay]): Case => [
      `a column under ${kind}`,
      `${TABLES}\nDROP INDEX users_name;\n${sql}`,
      'ALTER TABLE users DROP COLUMN name;',
      isInTheWay ? { refused: 'trigger t' } : 'planned',
    ],
  ),
  [
    'a trigger, and the column that it named',
    `${TABLES}\nDROP INDEX users_name;\n${TRIGGERS[2]?.[1] ?? ''}`,
    'DROP TRIGGER t;\nALTER TABLE users DROP COLUMN name;\nCREATE TRIGGER t AFTER INSERT ON logs BEGIN UPDATE users SET age = 1; END;',
    'planned',
  ],
  [
    'a table that a trigger of another one names',
    `${TABLES}\nCREATE TRIGGER t AFTER INSERT ON logs BEGIN DELETE FROM orders; END;`,
    'DROP TABLE orders;',
    { refused: 'trigger t' },
  ],
];

describe('a whole migration for SQLite', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await loadEngines();
  });

  test.for(CASES)('%s', async ([, before, sql, outcome]) => {
    const example = await openExample(engines, { dialect: 'sqlite', before: [before], sql });
    const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
    if (outcome !== 'planned') {
      const reasons = [...(fix?.left ?? []).map(({ reason }) => reason), fix?.kind === 'refused' ? fix.reason : ''];
      expect(fix?.kind === 'fix' ? 'a plan' : reasons.join(' ')).toContain(outcome.refused);
      return;
    }
    if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
    await writeFiles(example, withSaidValues(fix.proposal).files);
    const direct = new Database(':memory:');
    const database = new Database(':memory:');
    try {
      // The direct form of a required column is refused where there are rows.
      direct.exec(`${before}\n${sql.replace('TEXT NOT NULL', "TEXT NOT NULL DEFAULT ''")}`);
      database.exec(`${before}\n${ROWS}`);
      const old = catalogOf(database);
      const steps = example.project.migrations.migrations.slice(1);
      let isNew = false;
      for (const { upPath } of steps) {
        isNew ||= example.project.directivesOf(upPath).requires.some(({ kind }) => kind === 'deploy');
        for (const write of WRITES)
          database.exec(
            isNew && sql.includes('state')
              ? write.replace("(email) VALUES ('c')", "(email, state) VALUES ('c', 's')")
              : write,
          );
        expect(example.project.lint(upPath).findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
        runHalf(database, example, upPath, 'up');
      }
      if (!sql.includes('TEXT NOT NULL')) expect(catalogOf(database)).toBe(catalogOf(direct));
      const isReversible = steps.every(
        ({ downPath }) => downPath !== undefined && example.project.directivesOf(downPath).irreversible === undefined,
      );
      if (isReversible) {
        for (const { downPath } of steps.toReversed()) runHalf(database, example, downPath ?? '', 'down');
        expect(catalogOf(database)).toBe(old);
      }
    } finally {
      direct.close();
      database.close();
    }
  });
});
