import type { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { ALL_MAJORS, MAJORS, startPostgres, whyNoServer } from '../support/postgres.ts';
import { openExample } from '../support/rule-check.ts';

const START_MS = 240_000;

/** Functions and extensions, each needed by every kind of thing that the server follows. */
const NEEDED = `
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
CREATE EXTENSION btree_gin;
CREATE EXTENSION "uuid-ossp";
CREATE EXTENSION pgcrypto;
CREATE EXTENSION ltree;  CREATE EXTENSION unaccent;
CREATE EXTENSION cube;
CREATE EXTENSION earthdistance;
CREATE EXTENSION fuzzystrmatch;
CREATE EXTENSION isn;
CREATE EXTENSION bloom;
CREATE EXTENSION seg;
CREATE FUNCTION may(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 > 0';
CREATE FUNCTION may_too(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 > 0';
CREATE FUNCTION nobodys(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 > 0';
CREATE FUNCTION checker(bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE FUNCTION lower_it(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE FUNCTION who() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 1::bigint';
CREATE FUNCTION used_in_body() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION uses_it() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN used_in_body(); END';
CREATE TABLE t (id bigint PRIMARY KEY, mail citext, owner bigint, tags hstore, n text);
CREATE POLICY p ON t USING (may(owner));
CREATE POLICY p2 ON t FOR INSERT WITH CHECK (may_too(owner));
CREATE POLICY p3 ON t FOR UPDATE USING (owner = who()) WITH CHECK (owner = (SELECT who()));
ALTER TABLE t ADD CONSTRAINT c CHECK (checker(id));
CREATE INDEX t_trgm ON t USING gin (n gin_trgm_ops);
CREATE INDEX t_low ON t (lower_it(n));
CREATE TABLE keys (id uuid DEFAULT uuid_generate_v4(), secret text DEFAULT encode(gen_random_bytes(8), 'hex'), salted text);
CREATE TABLE rooms (room int, span tsrange, EXCLUDE USING gist (room WITH =, span WITH &&));
CREATE TABLE paths (p ltree);
CREATE TABLE ginned (n int, j jsonb);
CREATE INDEX ginned_n ON ginned USING gin (n, j);
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT unaccent($1)';
CREATE TABLE points (c cube, lat float8, lng float8);
CREATE TABLE books (isbn isbn13);
CREATE VIEW sounds AS SELECT soundex(n) AS s FROM t;
CREATE TABLE blooms (x int, y int);
CREATE INDEX blooms_x ON blooms USING bloom (x, y);
CREATE DOMAIN mail AS citext;
CREATE FUNCTION takes_seg(seg) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE MATERIALIZED VIEW trees AS SELECT p, nlevel(p) FROM paths;
`;

const FUNCTIONS = [
  'may(bigint)',
  'may',
  'may_too(bigint)',
  'who()',
  'nobodys(bigint)',
  'checker(bigint)',
  'lower_it',
  'used_in_body()',
];

const EXTENSIONS = [
  'citext',
  'hstore',
  'pg_trgm',
  'btree_gist',
  'btree_gin',
  '"uuid-ossp"',
  'pgcrypto',
  'ltree',
  'unaccent',
  'cube',
  'earthdistance',
  'fuzzystrmatch',
  'isn',
  'bloom',
  'seg',
];

/** Drops of functions, each said where the server refuses it and nowhere else. */
const FUNCTION_DROPS: readonly string[] = [
  ...FUNCTIONS.flatMap((name) => [`DROP FUNCTION ${name}`, `DROP FUNCTION ${name} CASCADE`]),
  'DROP FUNCTION may(bigint), nobodys(bigint)',
  'DROP ROUTINE may',
  'DROP FUNCTION IF EXISTS may',
  'DROP POLICY p ON t; DROP FUNCTION may',
  'ALTER POLICY p ON t USING (true); DROP FUNCTION may',
  'ALTER POLICY p ON t USING (owner = who()); DROP FUNCTION may',
  'DROP TABLE t CASCADE; DROP FUNCTION may',
  'DROP POLICY p3 ON t; DROP FUNCTION who',
  'DROP POLICY p ON t; DROP FUNCTION who',
  'ALTER TABLE t DISABLE ROW LEVEL SECURITY; DROP FUNCTION may',
  'ALTER FUNCTION may(bigint) RENAME TO might',
  'ALTER FUNCTION may(bigint) RENAME TO might; DROP FUNCTION might',
  'CREATE OR REPLACE FUNCTION may(bigint) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT $1 > 1 $$',
];

/** The same of extensions. */
const EXTENSION_DROPS: readonly string[] = [
  ...EXTENSIONS.flatMap((name) => [`DROP EXTENSION ${name}`, `DROP EXTENSION ${name} CASCADE`]),
  'DROP EXTENSION IF EXISTS hstore',
  'DROP EXTENSION IF EXISTS nothere',
  'DROP MATERIALIZED VIEW trees; DROP TABLE paths; DROP EXTENSION ltree',
  'DROP INDEX t_trgm; DROP EXTENSION pg_trgm',
  'DROP TABLE rooms; DROP EXTENSION btree_gist',
  'DROP INDEX ginned_n; DROP EXTENSION btree_gin',
  'ALTER TABLE keys ALTER COLUMN id DROP DEFAULT; DROP EXTENSION "uuid-ossp"',
  'ALTER TABLE keys ALTER COLUMN id SET DEFAULT gen_random_uuid(); DROP EXTENSION "uuid-ossp"',
  'ALTER TABLE keys ALTER COLUMN secret DROP DEFAULT; DROP EXTENSION pgcrypto',
  "ALTER TABLE keys ADD COLUMN h text DEFAULT crypt('a', gen_salt('bf')); ALTER TABLE keys ALTER COLUMN secret DROP DEFAULT; DROP EXTENSION pgcrypto",
  'ALTER TABLE t DROP COLUMN mail; DROP DOMAIN mail; DROP EXTENSION citext',
  'ALTER TABLE t ALTER COLUMN mail TYPE text; DROP EXTENSION citext',
  'DROP DOMAIN mail; ALTER TABLE t ALTER COLUMN mail TYPE text; DROP EXTENSION citext',
  'DROP TABLE points; DROP EXTENSION cube',
  'DROP EXTENSION cube, earthdistance',
  'DROP TABLE points; DROP EXTENSION cube, earthdistance',
  'DROP INDEX blooms_x; DROP EXTENSION bloom',
  'DROP FUNCTION takes_seg; DROP EXTENSION seg',
  'DROP VIEW sounds; DROP EXTENSION fuzzystrmatch',
  'CREATE EXTENSION hstore',
  'CREATE EXTENSION IF NOT EXISTS hstore',
];

/** A table whose columns views give by a star, at every place. */
const STARRED = `
CREATE TABLE a (id bigint PRIMARY KEY, x int);
CREATE TABLE b (id bigint PRIMARY KEY, n text, a_id bigint);
CREATE VIEW last AS SELECT a.x, b.* FROM a JOIN b ON b.a_id = a.id;
CREATE VIEW first AS SELECT b.*, a.x FROM a JOIN b ON b.a_id = a.id;
CREATE VIEW mid AS SELECT a.x, b.*, 1 AS one FROM a JOIN b ON b.a_id = a.id;
CREATE VIEW star AS SELECT * FROM b;
CREATE VIEW renamed (p, q, r) AS SELECT b.* FROM b;
CREATE VIEW twostars AS SELECT b.*, c.id AS cid, c.n AS cn FROM b JOIN b c USING (id);
`;

const STARS: readonly string[] = [
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW last AS SELECT a.x, b.* FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS SELECT b.*, a.x FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW mid AS SELECT a.x, b.*, 1 AS one FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS SELECT b.id, b.n, b.a_id, a.x, b.extra FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS SELECT b.id, b.n, b.a_id, a.x, b.extra, b.* FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW star AS SELECT * FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW star AS SELECT *, 1 AS one FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW star AS SELECT 1 AS one, * FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW star AS TABLE b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW renamed (p, q, r) AS SELECT b.* FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW renamed (p, q, r, s) AS SELECT b.* FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW renamed AS SELECT b.* FROM b',
  'ALTER TABLE b ADD COLUMN x int; CREATE OR REPLACE VIEW first AS SELECT b.*, a.x FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN x int; CREATE OR REPLACE VIEW last AS SELECT a.x, b.* FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN x int; CREATE OR REPLACE VIEW first AS SELECT b.* FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN x text; CREATE OR REPLACE VIEW first AS SELECT b.* FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE b ADD COLUMN a_2 int, DROP COLUMN n CASCADE; CREATE OR REPLACE VIEW last AS SELECT a.x, b.* FROM a JOIN b ON b.a_id = a.id',
  'ALTER TABLE a ADD COLUMN y int; CREATE OR REPLACE VIEW last AS SELECT a.x, b.* FROM a JOIN b ON b.a_id = a.id',
  'CREATE OR REPLACE VIEW first AS SELECT b.*, a.x FROM a JOIN b ON b.a_id = a.id',
  'CREATE OR REPLACE VIEW star AS SELECT id, n FROM b',
  'ALTER TABLE b RENAME COLUMN n TO label; CREATE OR REPLACE VIEW star AS SELECT * FROM b',
  'ALTER TABLE b RENAME COLUMN n TO label; CREATE OR REPLACE VIEW star AS SELECT id, label AS n, a_id FROM b',
  'ALTER TABLE b ADD COLUMN extra int; ALTER TABLE b RENAME COLUMN extra TO more; CREATE OR REPLACE VIEW star AS SELECT b.* FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS SELECT s.*, a.x FROM a JOIN (SELECT * FROM b) s ON s.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS WITH s AS (SELECT * FROM b) SELECT s.*, a.x FROM a JOIN s ON s.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS SELECT s.id, s.n, s.a_id, a.x, s.* FROM a JOIN b AS s ON s.a_id = a.id',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW star AS SELECT b.* FROM b UNION ALL SELECT b.* FROM b',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW twostars AS SELECT b.*, c.id AS cid, c.n AS cn FROM b JOIN b c USING (id)',
  'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW twostars AS SELECT b.id, b.n, b.a_id, c.id AS cid, c.n AS cn, b.extra FROM b JOIN b c USING (id)',
  'ALTER VIEW star RENAME COLUMN n TO label; CREATE OR REPLACE VIEW star AS SELECT * FROM b',
  'ALTER VIEW star RENAME COLUMN n TO label; CREATE OR REPLACE VIEW star AS SELECT id, n AS label, a_id FROM b',
];

/** What lint says of a new column that a star puts before another one: the words are the same on each major. */
const STAR_WORDS: readonly (readonly [sql: string, server: string, said: string])[] = [
  [
    'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW first AS SELECT b.*, a.x FROM a JOIN b ON b.a_id = a.id',
    'cannot change name of view column "x" to "extra"',
    'CREATE OR REPLACE VIEW cannot put "extra" where "x" of first is: new columns go to the end. Drop the view and create it again in one transaction.',
  ],
  [
    'ALTER TABLE b ADD COLUMN extra int; CREATE OR REPLACE VIEW mid AS SELECT a.x, b.*, 1 AS one FROM a JOIN b ON b.a_id = a.id',
    'cannot change name of view column "one" to "extra"',
    'CREATE OR REPLACE VIEW cannot put "extra" where "one" of mid is: new columns go to the end. Drop the view and create it again in one transaction.',
  ],
];

/** What a server says to statements, which leave nothing behind; undefined where it takes them. */
async function answerOf(client: Client, sql: string): Promise<string | undefined> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Tables and views of `public` that exist before a statement and are locked exclusively by it, in the order of the alphabet. */
async function lockedBy(client: Client, sql: string): Promise<readonly string[]> {
  await client.query('BEGIN');
  try {
    const relations = await client.query<{ readonly oid: number; readonly relname: string }>(
      "SELECT oid::int, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')",
    );
    await client.query(sql);
    const locks = await client.query<{ readonly oid: number }>(
      "SELECT DISTINCT relation::int AS oid FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' AND relation IS NOT NULL",
    );
    const locked = new Set(locks.rows.map(({ oid }) => oid));
    return relations.rows.flatMap(({ oid, relname }) => (locked.has(oid) ? [relname] : [])).sort();
  } finally {
    await client.query('ROLLBACK');
  }
}

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0 && process.env['CI'] === undefined) console.log(`dependents: skipped, ${missing.join('; ')}`);

describe
  .skipIf(missing.length > 0 && process.env['CI'] === undefined)
  .each(MAJORS.filter((major) => MAJORS.length < ALL_MAJORS.length || major % 2 === 1 || major === 18))(
  'what depends on what, on PostgreSQL %i',
  (major) => {
    let engines: Engines;
    let engine: Engine;
    beforeAll(async () => {
      engines = await loadEngines();
      engine = engines.postgresql;
    });

    async function saidAfter(setup: string): Promise<(sql: string) => string | undefined> {
      const { project, path } = await openExample(engines, {
        dialect: 'postgresql',
        version: String(major),
        before: [setup],
        sql: 'SELECT 1;',
      });
      return (sql) => {
        project.setText(path, `${sql};\n`);
        return project.lint(path).findings.find(({ code }) => code === 'statement-not-supported')?.message;
      };
    }

    test(
      'is refused where lint says so and nowhere else, and CASCADE locks what lint says',
      async () => {
        const server = await startPostgres(major);
        try {
          for (const [setup, statements] of [
            [NEEDED, [...FUNCTION_DROPS, ...EXTENSION_DROPS]],
            [STARRED, STARS],
          ] as const) {
            const client = await server.connect(await server.createDatabase());
            await client.query(setup);
            const saidOf = await saidAfter(setup);
            const wrong: string[] = [];
            let refused = 0;
            for (const sql of statements) {
              const answer = await answerOf(client, sql);
              const said = saidOf(sql);
              if (answer !== undefined) refused++;
              if ((said === undefined) !== (answer === undefined))
                wrong.push(`${sql}\n  server: ${answer ?? 'takes it'}\n  lint: ${said ?? 'nothing'}`);
            }
            expect(wrong).toEqual([]);
            expect(refused).toBeGreaterThan(10);
            await client.end();
          }
          const starred = await server.connect(await server.createDatabase());
          await starred.query(STARRED);
          const saidOf = await saidAfter(STARRED);
          for (const [sql, answer, said] of STAR_WORDS)
            expect([await answerOf(starred, sql), saidOf(sql)]).toEqual([answer, said]);
          await starred.end();

          const client = await server.connect(await server.createDatabase());
          await client.query(NEEDED);
          const target = { version: major, timeZone: 'unknown' } as const;
          let schema = engine.emptySchema(true);
          for (const statement of engine.split(NEEDED, { start: 0, end: NEEDED.length }))
            schema = engine.fold(schema, engine.parse(statement.text).operations, { fileIndex: 0 }, target);
          for (const sql of [...FUNCTION_DROPS, ...EXTENSION_DROPS].filter((each) =>
            /^DROP \S+ \S+ CASCADE$/.test(each),
          )) {
            const said = engine
              .effects(engine.parse(sql).operations, schema, target)
              .filter(({ lock, relationKind }) => lock === 'AccessExclusiveLock' && relationKind !== 'sequence')
              .map(({ relation }) => relation)
              .sort();
            expect([sql, ...said]).toEqual([sql, ...(await lockedBy(client, sql))]);
          }
          await client.end();
        } finally {
          await server.stop();
        }
      },
      START_MS,
    );
  },
);
