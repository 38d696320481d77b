import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDialects, type Dialects } from '../../server/host/load-dialects.ts';
import { applyFix, complaintsAfter, firstFix, openExample, type OpenedExample } from '../support/rule-check.ts';

/** A dangerous statement, the schema before it, rows for it, and what a writer of the old version does until its deploy. */
interface SqliteRecipeCase {
  readonly name: string;
  readonly before: string;
  readonly statement: string;
  readonly oldWriter: string;
}

const USERS = 'CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, nick TEXT);\nCREATE UNIQUE INDEX users_email ON users (email);\n'
  + 'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);\nCREATE VIEW names AS SELECT id, nick FROM users;';
const ROWS = 'WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) INSERT INTO users (email) SELECT \'user\' || n FROM n; INSERT INTO orders SELECT id, id FROM users;';
const OLD_WRITER = 'INSERT INTO users (email) VALUES (hex(randomblob(16)))';

const CASES: readonly SqliteRecipeCase[] = [
  { name: 'required text', before: USERS, statement: 'ALTER TABLE users ADD COLUMN status TEXT NOT NULL', oldWriter: OLD_WRITER },
  { name: 'required number', before: USERS, statement: 'ALTER TABLE users ADD COLUMN points INTEGER NOT NULL', oldWriter: OLD_WRITER },
  { name: 'quoted names', before: USERS, statement: 'ALTER TABLE "users" ADD COLUMN "Status Of" TEXT COLLATE NOCASE NOT NULL', oldWriter: OLD_WRITER },
  { name: 'SET NOT NULL', before: USERS, statement: 'ALTER TABLE users ALTER COLUMN nick SET NOT NULL', oldWriter: OLD_WRITER },
];

/** Target versions with a way of their own: the table is rebuilt, or the column altered. The database that runs both is newer. */
const VERSIONS = ['3.45', '3.53'] as const;

let dialects: Dialects;
beforeAll(async () => { dialects = await loadDialects(); });

/** What a database looks like from outside: columns in order, indexes, foreign keys, views and triggers. */
function catalogOf(database: Database.Database): string {
  const all = (sql: string): readonly unknown[] => database.prepare(sql).all();
  return JSON.stringify([
    all('SELECT name, type, tbl_name FROM sqlite_schema WHERE name NOT LIKE \'sqlite_%\' ORDER BY name'),
    all('SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.schema = \'main\' AND t.name NOT LIKE \'sqlite_%\' ORDER BY t.name, c.cid'),
    all('SELECT t.name AS "table", i.name, i."unique", i.origin FROM pragma_table_list t, pragma_index_list(t.name) i WHERE t.schema = \'main\' ORDER BY t.name, i.name'),
    all('SELECT t.name AS "table", f.* FROM pragma_table_list t, pragma_foreign_key_list(t.name) f WHERE t.schema = \'main\' ORDER BY t.name, f.id, f.seq'),
  ], undefined, 1);
}

/** Runs one half of a step as the runner does. */
function runHalf(database: Database.Database, example: OpenedExample, path: string, direction: 'up' | 'down'): void {
  const text = example.project.textOf(path) ?? '';
  const section = example.project.adapter.layout(path, text, 'sqlite').sections.find((candidate) => candidate.direction === direction);
  if (section === undefined) throw new Error(`no ${direction} half in ${path}`);
  const isWrapped = section.transaction === 'one';
  if (isWrapped) database.exec('BEGIN IMMEDIATE');
  for (const statement of example.project.dialect.split(text, section.span)) database.exec(statement.text);
  if (isWrapped) database.exec('COMMIT');
}

function countsOf(database: Database.Database): unknown {
  return database.prepare('SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM orders) AS orders, (SELECT seq FROM sqlite_sequence WHERE name = \'users\') AS sequence').get();
}

describe.each(VERSIONS)('SQLite %s', (version) => {
  test.each(CASES)('$name: same catalog as the direct statement, silent, no row lost, and back', async (recipe) => {
    const example = await openExample(dialects, { dialect: 'sqlite', version, before: [recipe.before], sql: `${recipe.statement};` });
    const fix = firstFix(example, 'required-column');
    if (fix === undefined) throw new Error(`no fix: ${JSON.stringify(example.project.fixes(example.path, new Date(0)).skipped)}`);
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
