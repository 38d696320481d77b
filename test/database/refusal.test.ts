import type { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { postgresRefusal } from '../../server/engines/postgresql/refusal.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { MAJORS, type PostgresServer, startPostgres, whyNoServer } from '../support/postgres.ts';

const START_MS = 120_000;

const SETUP = `
CREATE TABLE users (id bigint PRIMARY KEY, age int, name text, twice int GENERATED ALWAYS AS (age * 2) STORED);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint CONSTRAINT user_fk REFERENCES users (id));
CREATE TABLE events (id bigint, at date, user_id bigint) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE logs (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
CREATE VIEW people AS SELECT id, name FROM users;
CREATE TABLE days (id bigint, at date) PARTITION BY RANGE (date_part('year', at));
CREATE TABLE counted (id bigint GENERATED ALWAYS AS IDENTITY, name text, shout text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE MATERIALIZED VIEW totals AS SELECT age, count(*) AS people FROM users GROUP BY age;
CREATE MATERIALIZED VIEW keyed AS SELECT age, count(*) AS people FROM users GROUP BY age;
CREATE UNIQUE INDEX keyed_age ON keyed (age);
CREATE TABLE mails (id bigint, mail text, box int, kept boolean);
CREATE UNIQUE INDEX mails_mail ON mails (mail);
CREATE UNIQUE INDEX mails_box ON mails (box) WHERE kept;
CREATE TYPE mood AS ENUM ('ok', 'bad');
CREATE TYPE taste AS ENUM ('ok', 'bad');
CREATE TABLE moods (id bigint, said text DEFAULT 'ok', noted text, felt mood DEFAULT 'ok', tasted mood, nothing text DEFAULT NULL, short varchar(3), n int DEFAULT 1, tags text[]);
CREATE TYPE address AS (street text, town text);
CREATE TYPE spot AS (x int, y int);
CREATE TYPE human AS (id int, name text);
CREATE TABLE humans OF human (PRIMARY KEY (id));
CREATE TABLE keyed_ids (id uuid PRIMARY KEY, label varchar(20) UNIQUE, day date UNIQUE, amount numeric UNIQUE);
CREATE DOMAIN short_id AS int;
CREATE TABLE visits (id bigint PRIMARY KEY, at date) PARTITION BY RANGE (id);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (0) TO (100);
CREATE TABLE guests (id bigint, visit bigint REFERENCES visits);
CREATE TABLE homes (id bigint PRIMARY KEY, address address);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
`;

/** Statements that some server refuses, and ones beside them that all take. */
const STATEMENTS: readonly string[] = [
  'ALTER TABLE moods ALTER COLUMN noted TYPE mood',
  'ALTER TABLE moods ALTER COLUMN noted TYPE mood USING noted::mood',
  'ALTER TABLE moods ALTER COLUMN said TYPE mood USING said::mood',
  "ALTER TABLE moods ALTER COLUMN said DROP DEFAULT, ALTER COLUMN said TYPE mood USING said::mood, ALTER COLUMN said SET DEFAULT 'bad'",
  'ALTER TABLE moods ALTER COLUMN said TYPE varchar(9)',
  'ALTER TABLE moods ALTER COLUMN felt TYPE text',
  'ALTER TABLE moods ALTER COLUMN felt TYPE taste USING felt::text::taste',
  'ALTER TABLE moods ALTER COLUMN tasted TYPE taste',
  'ALTER TABLE moods ALTER COLUMN tasted TYPE taste USING tasted::text::taste',
  'ALTER TABLE moods ALTER COLUMN tasted TYPE mood',
  'ALTER TABLE moods ALTER COLUMN nothing TYPE int USING nothing::int',
  'ALTER TABLE moods ALTER COLUMN tasted TYPE int USING 1',
  'ALTER TABLE moods ALTER COLUMN short TYPE bool',
  'ALTER TABLE moods ALTER COLUMN short TYPE text',
  'ALTER TABLE moods ALTER COLUMN n TYPE bigint',
  'ALTER TABLE moods ALTER COLUMN n TYPE text',
  'ALTER TABLE moods ALTER COLUMN tags TYPE text',
  ...['int', 'numeric(5)', 'real', 'timestamptz', 'date', 'time', 'interval', 'uuid', 'json', 'jsonb', 'bytea'].map(
    (type) => `ALTER TABLE moods ALTER COLUMN noted TYPE ${type}`,
  ),
  'ALTER TABLE users RENAME COLUMN name TO age',
  'ALTER TABLE users RENAME COLUMN name TO ctid',
  'ALTER TABLE users RENAME COLUMN name TO label',
  'ALTER TABLE users ADD COLUMN thrice int GENERATED ALWAYS AS (age * 3) VIRTUAL',
  'ALTER TABLE users ADD COLUMN thrice int GENERATED ALWAYS AS (age * 3) STORED',
  'CREATE TABLE notes (id bigint, twice bigint GENERATED ALWAYS AS (id * 2) VIRTUAL)',
  'ALTER TABLE users ADD CONSTRAINT age_known NOT NULL age NOT VALID',
  'ALTER TABLE users ALTER COLUMN twice SET EXPRESSION AS (age * 3)',
  'ALTER TABLE users ALTER COLUMN name SET COMPRESSION pglz',
  'ALTER TABLE users SET ACCESS METHOD heap',
  'ALTER TABLE orders ADD CONSTRAINT again FOREIGN KEY (user_id) REFERENCES users (id) NOT ENFORCED',
  'ALTER TABLE orders ALTER CONSTRAINT user_fk NOT ENFORCED',
  'ALTER TABLE orders ALTER CONSTRAINT user_fk DEFERRABLE',
  'CREATE UNIQUE INDEX users_age ON users (age) NULLS NOT DISTINCT',
  'ALTER TABLE users ADD CONSTRAINT ages UNIQUE NULLS NOT DISTINCT (age)',
  'MERGE INTO users USING orders ON users.id = orders.user_id WHEN MATCHED THEN DO NOTHING',
  'CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()',
  'ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY',
  'ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY',
  'ALTER TABLE logs DETACH PARTITION logs_1',
  'CREATE INDEX CONCURRENTLY events_id ON events (id)',
  'CREATE INDEX CONCURRENTLY events_1_id ON events_1 (id)',
  'CREATE UNIQUE INDEX events_id ON events (id)',
  'CREATE UNIQUE INDEX events_id ON events (id, at)',
  'ALTER TABLE events ADD PRIMARY KEY (id)',
  'CREATE TABLE facts (id bigint PRIMARY KEY, at date) PARTITION BY RANGE (at)',
  'CREATE TABLE facts (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)',
  "CREATE TABLE facts (id bigint, at date, UNIQUE (id, at)) PARTITION BY RANGE (date_part('year', at))",
  'ALTER TABLE days ADD PRIMARY KEY (id, at)',
  'CREATE INDEX days_at ON days (at)',
  'CREATE UNIQUE INDEX days_at ON days (at)',
  'CREATE VIEW doubled (a, a) AS SELECT 1, 2',
  'CREATE VIEW doubled (a) AS SELECT 1, 2 AS a',
  'CREATE VIEW doubled (a, b) AS SELECT 1 AS a, 2 AS a',
  'CREATE VIEW doubled AS SELECT id, id FROM users',
  'CREATE MATERIALIZED VIEW doubled AS SELECT id, name AS id FROM users',
  'CREATE TABLE doubled AS SELECT id, age AS id FROM users',
  'CREATE TABLE doubled AS SELECT id, age FROM users',
  'ALTER TYPE address ALTER ATTRIBUTE street TYPE varchar(40)',
  'ALTER TYPE address ADD ATTRIBUTE zip text',
  'REFRESH MATERIALIZED VIEW CONCURRENTLY totals',
  'REFRESH MATERIALIZED VIEW CONCURRENTLY keyed',
  'REFRESH MATERIALIZED VIEW totals',
  'ALTER TABLE orders ADD CONSTRAINT to_mail FOREIGN KEY (id) REFERENCES mails',
  'ALTER TABLE homes ADD COLUMN mail text REFERENCES mails (mail)',
  'ALTER TABLE homes ADD COLUMN box int REFERENCES mails (box)',
  'CREATE TABLE letters (mail text REFERENCES mails (mail), box int REFERENCES mails (box))',
  'CREATE TABLE letters (id bigint PRIMARY KEY, answers bigint REFERENCES letters (id))',
  'CREATE TABLE letters (id bigint PRIMARY KEY, home bigint REFERENCES homes)',
  'ALTER TABLE users ADD CONSTRAINT known CHECK (id IN (SELECT id FROM orders))',
  'ALTER TABLE users ADD CONSTRAINT known CHECK (id IN (1, 2, 3)) NOT VALID',
  'ALTER TABLE orders ADD CONSTRAINT user_fk CHECK (id > 0)',
  'ALTER TABLE orders DROP CONSTRAINT user_fk, ADD CONSTRAINT user_fk CHECK (id > 0)',
  'ALTER TABLE orders DROP CONSTRAINT nobody',
  'ALTER TABLE orders DROP CONSTRAINT IF EXISTS nobody',
  'CREATE TABLE orders (id bigint)',
  'CREATE TABLE IF NOT EXISTS orders (id bigint)',
  'CREATE TEMPORARY TABLE orders (id bigint)',
  'CREATE TABLE people (id bigint)',
  'CREATE INDEX mails_mail ON users (name)',
  'CREATE INDEX IF NOT EXISTS mails_mail ON users (name)',
  "INSERT INTO counted (id, name) VALUES (1, 'a')",
  "INSERT INTO counted (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'a')",
  "INSERT INTO counted (id, name) VALUES (DEFAULT, 'a')",
  "INSERT INTO counted (name) VALUES ('a')",
  "INSERT INTO counted (name, shout) VALUES ('a', 'A')",
  'INSERT INTO counted (id, name) SELECT id, name FROM users',
  "UPDATE counted SET shout = 'B' WHERE name = 'b'",
  "UPDATE counted SET id = 2 WHERE name = 'b'",
  "UPDATE counted SET name = 'c'",
  'ALTER TABLE humans ADD COLUMN age int',
  'ALTER TABLE humans DROP COLUMN name',
  'ALTER TABLE humans RENAME COLUMN name TO title',
  'ALTER TABLE humans ALTER COLUMN name TYPE varchar(20)',
  'ALTER TABLE humans ALTER COLUMN name SET NOT NULL',
  'ALTER TABLE humans NOT OF',
  'ALTER TABLE guests ADD COLUMN key bigint REFERENCES keyed_ids',
  'ALTER TABLE guests ADD COLUMN key uuid REFERENCES keyed_ids',
  'ALTER TABLE guests ADD COLUMN label text REFERENCES keyed_ids (label)',
  'ALTER TABLE guests ADD COLUMN label int REFERENCES keyed_ids (label)',
  'ALTER TABLE guests ADD COLUMN day timestamptz REFERENCES keyed_ids (day)',
  'ALTER TABLE guests ADD FOREIGN KEY (id) REFERENCES keyed_ids',
  'ALTER TABLE guests ADD FOREIGN KEY (id) REFERENCES keyed_ids (amount)',
  'ALTER TABLE guests ADD COLUMN home numeric REFERENCES homes',
  'ALTER TABLE guests ADD COLUMN home smallint REFERENCES homes',
  'ALTER TABLE guests ADD COLUMN home short_id REFERENCES homes',
  'CREATE TABLE pets (id serial PRIMARY KEY, home text REFERENCES homes (id))',
  'CREATE TABLE pets (id serial PRIMARY KEY, home bigserial REFERENCES homes (id))',
  'CREATE TABLE pets (id serial PRIMARY KEY, home uuid, FOREIGN KEY (home) REFERENCES homes)',
  'DROP TABLE visits_1',
  'DROP TABLE visits_1 CASCADE',
  'DROP TABLE visits_1, guests',
  'DROP TABLE logs_1',
  'ALTER TYPE address RENAME ATTRIBUTE street TO road',
  'ALTER TYPE spot ALTER ATTRIBUTE x TYPE bigint',
  'ALTER TABLE events ADD PRIMARY KEY (id, at)',
  'ALTER TABLE events ADD CONSTRAINT event_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID',
  'ALTER TABLE events ADD CONSTRAINT event_user FOREIGN KEY (user_id) REFERENCES users (id)',
  'ALTER TABLE users ADD COLUMN age int',
  'ALTER TABLE users ADD COLUMN IF NOT EXISTS age int',
  'ALTER TABLE users ADD COLUMN xmin int',
  'ALTER TABLE users DROP COLUMN height',
  'ALTER TABLE users DROP COLUMN IF EXISTS height',
  'ALTER TABLE users DROP COLUMN age CASCADE, ADD COLUMN age text',
  'ALTER TABLE users ALTER COLUMN height SET NOT NULL',
  'ALTER TABLE users ALTER COLUMN height TYPE text',
  'ALTER TABLE users ADD COLUMN height int, ALTER COLUMN height SET DEFAULT 1',
  'ALTER TABLE users RENAME COLUMN height TO size',
  'ALTER TABLE events ALTER COLUMN height SET DEFAULT 1',
  'ALTER TABLE events_1 ALTER COLUMN id SET DEFAULT 1',
  'DROP INDEX users_pkey',
  'DROP INDEX users_pkey CASCADE',
  'UPDATE users SET age = 1, age = 2',
  'UPDATE users SET age = 1, name = name',
  'INSERT INTO users (id, id) VALUES (1, 2)',
  'CREATE TABLE notes (id bigint, id int)',
  'CREATE OR REPLACE VIEW people AS SELECT id FROM users',
  'CREATE OR REPLACE VIEW people AS SELECT name, id FROM users',
  'CREATE OR REPLACE VIEW people AS SELECT id, name, age FROM users',
  'CREATE OR REPLACE VIEW people (id, title) AS SELECT id, name FROM users',
];

/** What a server says against a statement; undefined where it takes it. */
async function answerOf(client: Client, sql: string): Promise<string | undefined> {
  return await client.query(sql).then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause.message : 'refused'),
  );
}

/** The same of a statement that refuses a transaction, in a database of its own. */
async function answerAlone(server: PostgresServer, sql: string): Promise<string | undefined> {
  const client = await server.connect(await server.createDatabase());
  try {
    await client.query(SETUP);
    return await answerOf(client, sql);
  } finally {
    await client.end();
  }
}

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0 && process.env['CI'] === undefined) console.log(`refusal: skipped, ${missing.join('; ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined).each(MAJORS)(
  'what PostgreSQL %i refuses',
  (major) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = (await loadEngines()).postgresql;
    });

    test(
      'is what the engine says',
      async () => {
        const server = await startPostgres(major);
        try {
          const target = { version: major, timeZone: 'unknown' as const };
          let schema = engine.emptySchema(true);
          for (const statement of engine.split(SETUP, { start: 0, end: SETUP.length }))
            schema = engine.fold(schema, engine.parse(statement.text).operations, { fileIndex: 0 }, target);
          const wrong: string[] = [];
          const shared = await server.connect(await server.createDatabase());
          await shared.query(SETUP);
          for (const sql of STATEMENTS) {
            await shared.query('BEGIN');
            const inTransaction = await answerOf(shared, sql);
            await shared.query('ROLLBACK');
            const answer =
              inTransaction?.includes('transaction block') === true ? await answerAlone(server, sql) : inTransaction;
            const said = engine
              .parse(sql)
              .operations.map((operation, _index, all) => postgresRefusal(operation, schema, major, all)?.message)
              .find((message) => message !== undefined);
            if ((said === undefined) !== (answer === undefined))
              wrong.push(`${sql}\n  server: ${answer ?? 'takes it'}\n  engine: ${said ?? 'takes it'}`);
          }
          await shared.end();
          expect(wrong).toEqual([]);
        } finally {
          await server.stop();
        }
      },
      START_MS,
    );
  },
);
