/** A history: statements that run one after the other, each on its own; those that the server refuses must change nothing. */
export interface History {
  readonly name: string;
  /** First major that has the syntax. */
  readonly from?: number;
  readonly statements: readonly string[];
}

const LONG = 'a_very_long_table_name_that_goes_on_and_on_until_it_is_sixty_ch';

/** Hand-written: each feature of the fold, with what the server refuses among it. */
export const HISTORIES: readonly History[] = [
  { name: 'column types', statements: [
    `CREATE TABLE t (a int, b bigint, c smallint, d text, e varchar, f varchar(20), g char, h char(3), i numeric, j numeric(10), k numeric(10,2), l timestamp, m timestamptz(3), n time with time zone, o interval day to second(3), p interval year, q bit(3), r varbit(5), s int[], t text[][], u uuid, v jsonb, w double precision, x real, y boolean, z bytea)`,
    `ALTER TABLE t ALTER COLUMN a TYPE bigint, ALTER COLUMN f TYPE varchar(40), ALTER COLUMN d TYPE text COLLATE "C"`,
    `ALTER TABLE t ALTER COLUMN missing TYPE int`,
    `ALTER TABLE t ADD COLUMN aa numeric(5,1)[] DEFAULT '{}' NOT NULL, DROP COLUMN b, ADD COLUMN IF NOT EXISTS c int`,
    `ALTER TABLE t DROP COLUMN missing`, `ALTER TABLE t DROP COLUMN IF EXISTS missing`, `ALTER TABLE t ADD COLUMN c int`,
    `ALTER TABLE IF EXISTS missing ADD COLUMN c int`, `ALTER TABLE missing ADD COLUMN c int`,
    `ALTER TABLE t ALTER COLUMN u SET DEFAULT gen_random_uuid(), ALTER COLUMN aa DROP DEFAULT`,
  ] },
  { name: 'storage parameters of indexes', statements: [
    `CREATE TABLE t (id int PRIMARY KEY WITH (fillfactor = 80), a int UNIQUE WITH (fillfactor = 70), b text) PARTITION BY RANGE (id)`,
    `CREATE TABLE t (id int PRIMARY KEY WITH (fillfactor = 80), a int, b text, UNIQUE (id, a) WITH (fillfactor = 70)) PARTITION BY RANGE (id)`,
    `CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (10)`, `CREATE INDEX t_a ON t USING btree (a) WITH (fillfactor = 60)`, `CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)`,
    `CREATE INDEX t1_b ON t1 USING gin (to_tsvector('simple', b)) WITH (fastupdate = off, gin_pending_list_limit = 128)`, `ALTER INDEX t1_b SET (fastupdate = on)`, `ALTER INDEX t1_b RESET (gin_pending_list_limit)`,
    `ALTER INDEX t1_b RESET (fastupdate)`, `ALTER INDEX t1_a_idx SET (fillfactor = 55)`, `ALTER INDEX IF EXISTS missing SET (fillfactor = 55)`, `CREATE INDEX t1_c ON t1 USING gin (to_tsvector('simple', b)) WITH (fastupdate)`, `CREATE UNIQUE INDEX ON t (a)`, `ALTER TABLE t ADD UNIQUE (a, b)`, `ALTER TABLE t ADD UNIQUE (b, id)`,
    `CREATE TABLE e (a int, b int) PARTITION BY RANGE ((a + b), b)`, `CREATE UNIQUE INDEX ON e (a, b)`, `CREATE UNIQUE INDEX ON ONLY t (b)`,
    `CREATE TABLE l (LIKE t1 INCLUDING ALL)`, `ALTER TABLE l ADD CONSTRAINT l_a UNIQUE (a) WITH (fillfactor = 33)`, `ALTER INDEX l_a SET (fillfactor = 34)`,
  ] },
  { name: 'constraint names', statements: [
    `CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b int CHECK (b > 0), c int CHECK (c > b), d int NOT NULL, CHECK (d > 0), CHECK (d > 1), UNIQUE (a, b), EXCLUDE USING btree (d WITH =))`,
    `CREATE TABLE u (id bigserial, t int REFERENCES t, t2 int REFERENCES t (a) ON DELETE CASCADE ON UPDATE SET NULL, FOREIGN KEY (t) REFERENCES t (id) MATCH FULL DEFERRABLE INITIALLY DEFERRED)`,
    `ALTER TABLE u ADD PRIMARY KEY (id)`, `ALTER TABLE u ADD PRIMARY KEY (t)`, `ALTER TABLE u ADD CHECK (t > 0)`, `ALTER TABLE u ADD CHECK (t > 1) NOT VALID`,
    `ALTER TABLE u ADD FOREIGN KEY (t2) REFERENCES t NOT VALID`, `ALTER TABLE u VALIDATE CONSTRAINT u_t2_fkey1`, `ALTER TABLE u VALIDATE CONSTRAINT missing`,
    `CREATE INDEX ON u (t, t2)`, `CREATE INDEX ON u (t, t2)`, `CREATE INDEX ON u (lower(t::text))`, `CREATE INDEX ON u ((t + 1), (t + 2))`, `CREATE INDEX ON u (coalesce(t, 0))`, `CREATE INDEX ON u ((t::text))`,
    `CREATE UNIQUE INDEX ON u (t) INCLUDE (t2) WHERE t > 0`, `CREATE INDEX ON u (missing)`, `CREATE INDEX u_pkey ON u (t)`, `CREATE INDEX IF NOT EXISTS u_pkey ON u (t)`,
    `ALTER TABLE u ADD CONSTRAINT taken UNIQUE (t2)`, `ALTER TABLE u ADD CONSTRAINT taken CHECK (t2 > 0)`,
    `CREATE TABLE ${LONG} (id serial PRIMARY KEY, another_quite_long_column_name_here int UNIQUE CHECK (another_quite_long_column_name_here > 0) REFERENCES t)`,
    `CREATE TABLE "Ünï" ("Größe" int UNIQUE, "a b" text NOT NULL, CHECK ("Größe" > 0))`,
    `CREATE TABLE t_a_key (x int)`, `DROP TABLE t_a_key`,
  ] },
  { name: 'drops and cascade', statements: [
    `CREATE TABLE a (id int PRIMARY KEY, x int UNIQUE, y int)`, `CREATE TABLE b (id serial PRIMARY KEY, a int REFERENCES a, x int REFERENCES a (x))`,
    `CREATE VIEW va AS SELECT id, x FROM a`, `CREATE VIEW vva AS SELECT id FROM va`, `CREATE MATERIALIZED VIEW m AS SELECT y FROM a`, `CREATE INDEX ON m (y)`,
    `DROP TABLE a`, `ALTER TABLE a DROP COLUMN x`, `ALTER TABLE a DROP COLUMN y`, `ALTER TABLE a ALTER COLUMN y TYPE bigint`, `ALTER TABLE a DROP CONSTRAINT a_x_key`, `DROP VIEW va`, `DROP TABLE va`, `DROP VIEW m`,
    `ALTER TABLE a DROP COLUMN y CASCADE`, `ALTER TABLE a DROP CONSTRAINT a_x_key CASCADE`, `ALTER TABLE a DROP COLUMN x CASCADE`, `DROP INDEX a_pkey`, `DROP TABLE IF EXISTS missing, b`, `DROP TABLE missing`,
    `CREATE TABLE b (id int REFERENCES a)`, `DROP TABLE a, b`, `CREATE TABLE c (a int, b int, c int, CHECK (a > b), UNIQUE (a, b), d int GENERATED ALWAYS AS (c * 2) STORED)`,
    `CREATE INDEX c_partial ON c (c) WHERE a > 0`, `ALTER TABLE c DROP COLUMN a`, `ALTER TABLE c DROP COLUMN c`, `ALTER TABLE c DROP COLUMN c CASCADE`, `CREATE INDEX keep ON c (b)`, `DROP INDEX keep`, `DROP INDEX keep`, `DROP INDEX IF EXISTS keep`,
    `CREATE SCHEMA s`, `CREATE TABLE s.t (id serial PRIMARY KEY)`, `CREATE TYPE s.e AS ENUM ('a')`, `CREATE TABLE uses (e s.e, f int REFERENCES s.t)`, `CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    `DROP SCHEMA s`, `DROP SCHEMA s CASCADE`, `CREATE TABLE s.t (id int)`,
  ] },
  { name: 'renames', statements: [
    `CREATE TABLE a (id serial PRIMARY KEY, x int CHECK (x > 0), y int, "Z" text)`, `CREATE TABLE b (a int REFERENCES a (id), CONSTRAINT named CHECK (a > 0))`, `CREATE VIEW v AS SELECT id, x FROM a`,
    `CREATE INDEX ax ON a (x, lower("Z")) WHERE x > 0`, `ALTER TABLE a RENAME TO aa`, `ALTER TABLE aa RENAME COLUMN x TO xx`, `ALTER TABLE aa RENAME COLUMN id TO "Id"`, `ALTER TABLE aa RENAME COLUMN missing TO y2`, `ALTER TABLE aa RENAME COLUMN y TO xx`,
    `ALTER INDEX ax RENAME TO axx`, `ALTER TABLE aa RENAME CONSTRAINT a_pkey TO aa_pkey`, `ALTER TABLE b RENAME CONSTRAINT named TO renamed`, `ALTER INDEX aa_pkey RENAME TO pk`, `ALTER VIEW v RENAME TO vv`, `ALTER SEQUENCE a_id_seq RENAME TO aa_seq`,
    `CREATE SCHEMA s`, `ALTER TABLE aa SET SCHEMA s`, `ALTER TABLE s.aa DROP COLUMN xx`, `ALTER TABLE s.aa DROP COLUMN xx CASCADE`, `ALTER SCHEMA s RENAME TO s2`, `ALTER TABLE b ADD COLUMN c int REFERENCES s2.aa`, `ALTER TABLE b RENAME TO aa`,
    `CREATE TYPE mood AS ENUM ('a', 'b')`, `ALTER TABLE aa ADD COLUMN m mood, ADD COLUMN ms mood[]`, `ALTER TYPE mood RENAME TO feeling`, `ALTER TYPE feeling SET SCHEMA s2`, `ALTER TYPE s2.feeling RENAME VALUE 'a' TO 'aa'`, `ALTER TYPE s2.feeling ADD VALUE 'mid' AFTER 'aa'`, `ALTER TYPE s2.feeling ADD VALUE IF NOT EXISTS 'mid'`, `ALTER TYPE s2.feeling ADD VALUE 'first' BEFORE 'aa'`, `ALTER TYPE s2.feeling ADD VALUE 'mid'`,
    `DROP TYPE s2.feeling`, `DROP TYPE s2.feeling CASCADE`,
  ] },
  { name: 'not null', statements: [
    `CREATE TABLE t (a int NOT NULL, b int, c int CONSTRAINT c_nn NOT NULL, PRIMARY KEY (a))`, `ALTER TABLE t ALTER COLUMN b SET NOT NULL`, `ALTER TABLE t ALTER COLUMN a DROP NOT NULL`, `ALTER TABLE t ALTER COLUMN c DROP NOT NULL`,
    `ALTER TABLE t DROP CONSTRAINT t_pkey`, `ALTER TABLE t ALTER COLUMN a DROP NOT NULL`, `CREATE UNIQUE INDEX t_u ON t (b)`, `ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY USING INDEX t_u`, `CREATE UNIQUE INDEX t_v ON t (c)`, `ALTER TABLE t ADD UNIQUE USING INDEX t_v`,
    `ALTER TABLE t ADD COLUMN d int NOT NULL DEFAULT 1`, `ALTER TABLE t ADD CONSTRAINT missing UNIQUE USING INDEX missing`, `ALTER TABLE t RENAME COLUMN d TO dd`,
  ] },
  { name: 'named not null', from: 18, statements: [
    `CREATE TABLE t (a int, b int CONSTRAINT named NOT NULL, CONSTRAINT table_level NOT NULL a)`, `ALTER TABLE t ADD COLUMN c int, ADD CONSTRAINT later NOT NULL c NOT VALID`, `ALTER TABLE t VALIDATE CONSTRAINT later`, `ALTER TABLE t DROP CONSTRAINT named`,
    `ALTER TABLE t ADD COLUMN d int`, `ALTER TABLE t ADD NOT NULL d NOT VALID`, `ALTER TABLE t ALTER COLUMN d SET NOT NULL`, `ALTER TABLE t RENAME CONSTRAINT table_level TO renamed`, `CREATE TABLE child () INHERITS (t)`, `ALTER TABLE t ADD COLUMN e int NOT NULL`, `ALTER TABLE t ALTER COLUMN e DROP NOT NULL`,
    `CREATE TABLE u (a int CHECK (a > 0) NOT ENFORCED, b int PRIMARY KEY, c int REFERENCES u NOT ENFORCED)`, `ALTER TABLE u ALTER CONSTRAINT u_c_fkey ENFORCED`, `CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1))`,
    `CREATE TABLE likes (LIKE t INCLUDING ALL)`,
  ] },
  { name: 'identity and sequences', statements: [
    `CREATE TABLE kinds (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED BY DEFAULT AS IDENTITY, c int)`, `ALTER TABLE kinds ALTER a SET GENERATED BY DEFAULT, ALTER b SET GENERATED ALWAYS SET START WITH 5`, `ALTER TABLE kinds ALTER c SET GENERATED ALWAYS`, `ALTER TABLE kinds ADD COLUMN d int NOT NULL, ALTER d SET GENERATED BY DEFAULT SET INCREMENT 10, ALTER d ADD GENERATED ALWAYS AS IDENTITY`, `ALTER TABLE kinds DROP COLUMN a`, `ALTER TABLE kinds ALTER a RESTART`,
    `CREATE TABLE divided (a int GENERATED ALWAYS AS IDENTITY, b int) PARTITION BY RANGE (b)`, `CREATE TABLE divided_1 PARTITION OF divided FOR VALUES FROM (1) TO (2)`, `ALTER TABLE divided ALTER a SET GENERATED BY DEFAULT`,
    `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b smallint GENERATED BY DEFAULT AS IDENTITY, c int NOT NULL)`, `ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY`, `ALTER TABLE t ALTER COLUMN b DROP IDENTITY`, `ALTER TABLE t ALTER COLUMN b DROP IDENTITY`, `ALTER TABLE t ALTER COLUMN id TYPE bigint`,
    `CREATE SEQUENCE s`, `CREATE SEQUENCE s2 AS int OWNED BY t.b`, `CREATE SEQUENCE IF NOT EXISTS s`, `CREATE SEQUENCE s`, `ALTER TABLE t ADD COLUMN d bigint DEFAULT nextval('s')`, `DROP SEQUENCE s`, `ALTER SEQUENCE s OWNED BY t.d`, `ALTER SEQUENCE s2 OWNED BY NONE`, `ALTER SEQUENCE s2 AS bigint`,
    `ALTER TABLE t DROP COLUMN d`, `DROP SEQUENCE s2`, `CREATE TABLE u (id serial, v bigserial, w smallserial)`, `ALTER TABLE u ADD COLUMN x serial`, `DROP SEQUENCE u_id_seq`, `DROP SEQUENCE u_id_seq CASCADE`, `ALTER TABLE u ALTER COLUMN v DROP DEFAULT`, `DROP SEQUENCE u_v_seq`, `DROP SEQUENCE t_id_seq`, `ALTER TABLE u RENAME TO uu`, `DROP TABLE uu`,
  ] },
  { name: 'inheritance from two parents', statements: [
    `CREATE TABLE animals (id int, name text, CONSTRAINT named CHECK (name <> ''))`, `CREATE TABLE machines (name text, height int)`, `CREATE TABLE robots (age int) INHERITS (animals, machines)`, `CREATE TABLE small_robots () INHERITS (robots)`,
    `ALTER TABLE ONLY machines DROP COLUMN name`, `ALTER TABLE machines ADD COLUMN name text`, `ALTER TABLE machines DROP COLUMN name`, `ALTER TABLE ONLY machines DROP COLUMN height`, `ALTER TABLE ONLY animals DROP CONSTRAINT named`, `ALTER TABLE animals DROP COLUMN name`, `ALTER TABLE robots DROP COLUMN name`,
    `CREATE TABLE sheets (id int)`, `CREATE TABLE mails (note text, other text NOT NULL) INHERITS (sheets)`, `CREATE TABLE love_mails () INHERITS (mails)`,
    `ALTER TABLE sheets ADD COLUMN note text NOT NULL`, `ALTER TABLE sheets ADD COLUMN other text`, `ALTER TABLE sheets ADD COLUMN own text NOT NULL DEFAULT 'x'`, `ALTER TABLE sheets DROP COLUMN note`, `ALTER TABLE sheets DROP COLUMN own`, `ALTER TABLE love_mails NO INHERIT mails`,
  ] },
  { name: 'inheritance', statements: [
    `CREATE TABLE p (id int PRIMARY KEY, a int NOT NULL DEFAULT 1, CHECK (a > 0), CONSTRAINT own CHECK (a > 1) NO INHERIT)`, `CREATE TABLE c (b text, a int) INHERITS (p)`, `CREATE TABLE g () INHERITS (c)`, `ALTER TABLE p ADD COLUMN d int DEFAULT 2`, `ALTER TABLE p ADD CONSTRAINT d_ok CHECK (d > 0)`,
    `ALTER TABLE p RENAME COLUMN d TO dd`, `ALTER TABLE c DROP COLUMN dd`, `ALTER TABLE c RENAME COLUMN dd TO e`, `ALTER TABLE p ALTER COLUMN dd SET NOT NULL`, `ALTER TABLE p ALTER COLUMN dd TYPE bigint`, `ALTER TABLE p DROP COLUMN a`, `ALTER TABLE p DROP CONSTRAINT d_ok`, `ALTER TABLE c DROP CONSTRAINT p_a_check`, `ALTER TABLE p ALTER COLUMN dd DROP NOT NULL`,
    `DROP TABLE p`, `ALTER TABLE c NO INHERIT p`, `DROP TABLE p`, `CREATE TABLE q (b text)`, `ALTER TABLE c INHERIT q`, `ALTER TABLE q ADD COLUMN z int`, `DROP TABLE q CASCADE`,
  ] },
  { name: 'partitions', statements: [
    `CREATE TABLE o (id int PRIMARY KEY)`, `CREATE TABLE p (id int NOT NULL, at date NOT NULL, o int REFERENCES o, note text DEFAULT 'x', CHECK (id > 0), PRIMARY KEY (id, at)) PARTITION BY RANGE (at)`, `CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`, `CREATE INDEX p_note ON p (note)`,
    `CREATE TABLE p2 PARTITION OF p (note NOT NULL) DEFAULT PARTITION BY LIST (id)`, `CREATE TABLE p21 PARTITION OF p2 FOR VALUES IN (1, 2)`, `CREATE TABLE p3 (id int NOT NULL, at date NOT NULL, o int, note text, CONSTRAINT p_id_check CHECK (id > 0))`, `CREATE INDEX mine ON p3 (note)`,
    `ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`, `ALTER TABLE p ADD COLUMN extra int NOT NULL DEFAULT 0`, `CREATE UNIQUE INDEX ON p (at, id)`, `CREATE INDEX only_p ON ONLY p (o)`, `CREATE INDEX p1_o ON p1 (o)`, `ALTER INDEX only_p ATTACH PARTITION p1_o`, `DROP INDEX p1_o`,
    `CREATE INDEX p2_o ON p2 (o)`, `CREATE INDEX p3_o ON p3 (o)`, `ALTER INDEX only_p ATTACH PARTITION p2_o`, `ALTER INDEX only_p ATTACH PARTITION p3_o`, `ALTER TABLE p DETACH PARTITION p1`, `ALTER TABLE p1 DROP COLUMN extra`, `ALTER TABLE p3 DROP COLUMN extra`, `ALTER TABLE p DROP COLUMN at`,
    `CREATE INDEX CONCURRENTLY nope ON p (o)`, `ALTER TABLE p RENAME COLUMN note TO notes`, `ALTER TABLE p RENAME TO pp`, `ALTER TABLE pp DROP CONSTRAINT p_pkey`, `ALTER TABLE pp DROP CONSTRAINT p_o_fkey`, `DROP INDEX p_note`, `DROP TABLE pp`, `CREATE TABLE h (a int) PARTITION BY HASH (a)`, `CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0)`,
  ] },
  { name: 'like and create table as', statements: [
    `CREATE TABLE t (id serial PRIMARY KEY, a int DEFAULT 1 NOT NULL CHECK (a > 0), b int GENERATED ALWAYS AS (a + 1) STORED, c int GENERATED ALWAYS AS IDENTITY)`, `CREATE INDEX named ON t (a, lower(b::text))`, `CREATE TABLE plain (LIKE t)`, `CREATE TABLE everything (x int, LIKE t INCLUDING ALL, y int)`, `CREATE TABLE defaults (LIKE t INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
    `CREATE TABLE copy AS SELECT * FROM t`, `CREATE TABLE named_copy AS SELECT id, a AS aa FROM t`, `SELECT id, a INTO into_copy FROM t`, `CREATE TABLE IF NOT EXISTS copy AS SELECT 1 AS x`, `CREATE TABLE copy (x int)`, `CREATE UNLOGGED TABLE u (id serial)`, `ALTER TABLE u SET LOGGED`,
  ] },
  { name: 'types and domains', statements: [
    `CREATE DOMAIN email AS text NOT NULL DEFAULT 'x' CHECK (VALUE ~ '@')`, `CREATE DOMAIN positive AS int CONSTRAINT pos CHECK (VALUE > 0)`, `ALTER DOMAIN positive ADD CHECK (VALUE < 100) NOT VALID`, `ALTER DOMAIN positive VALIDATE CONSTRAINT positive_check`, `ALTER DOMAIN positive SET NOT NULL`, `ALTER DOMAIN positive DROP NOT NULL`, `ALTER DOMAIN positive DROP CONSTRAINT pos`, `ALTER DOMAIN positive DROP CONSTRAINT pos`, `ALTER DOMAIN positive SET DEFAULT 3`, `ALTER DOMAIN email DROP DEFAULT`,
    `CREATE TYPE pair AS (a int, b positive)`, `ALTER TYPE pair ADD ATTRIBUTE c text`, `ALTER TYPE pair DROP ATTRIBUTE a`, `ALTER TYPE pair RENAME TO couple`, `CREATE TABLE t (e email, p positive, c couple, r int4range)`, `DROP DOMAIN email`, `DROP DOMAIN email CASCADE`, `CREATE TYPE t AS ENUM ()`, `CREATE TABLE couple (x int)`, `CREATE TYPE rng AS RANGE (subtype = float8)`, `ALTER DOMAIN positive RENAME TO pos`, `ALTER TABLE t ADD COLUMN q pos DEFAULT 1`,
  ] },
  { name: 'functions, triggers, policies, rules', statements: [
    `CREATE TABLE t (id int, a int)`, `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`, `CREATE FUNCTION g(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'`, `CREATE FUNCTION g(a bigint) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'`, `CREATE FUNCTION g(a bigint) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    `CREATE OR REPLACE FUNCTION g(a bigint) RETURNS int LANGUAGE sql AS 'SELECT 2'`, `CREATE PROCEDURE pr(x int) LANGUAGE sql AS 'SELECT 1'`, `CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()`, `CREATE TRIGGER tr AFTER DELETE ON t EXECUTE FUNCTION f()`, `CREATE TRIGGER st AFTER TRUNCATE ON t EXECUTE FUNCTION f()`, `CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION f()`,
    `ALTER TABLE t DISABLE TRIGGER tr`, `ALTER TRIGGER st ON t RENAME TO st2`, `ALTER TABLE t DROP COLUMN a`, `ALTER TABLE t RENAME COLUMN a TO aa`, `DROP FUNCTION f()`, `DROP TRIGGER ct ON t`, `DROP TRIGGER ct ON t`, `DROP TRIGGER IF EXISTS ct ON t`, `CREATE POLICY po ON t USING (true)`, `CREATE POLICY po ON t USING (true)`, `ALTER TABLE t ENABLE ROW LEVEL SECURITY`, `ALTER POLICY po ON t RENAME TO po2`, `CREATE RULE ru AS ON INSERT TO t DO ALSO NOTHING`, `DROP RULE ru ON t`, `DROP POLICY po2 ON t`,
    `DROP FUNCTION g(int, text)`, `DROP FUNCTION g`, `DROP FUNCTION f() CASCADE`, `ALTER FUNCTION pr RENAME TO nope`, `ALTER PROCEDURE pr(int) RENAME TO pr2`, `CREATE TABLE pt (a int) PARTITION BY LIST (a)`, `CREATE FUNCTION f2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`, `CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1)`, `CREATE TRIGGER tr AFTER INSERT ON pt FOR EACH ROW EXECUTE FUNCTION f2()`, `CREATE TABLE pt2 PARTITION OF pt FOR VALUES IN (2)`, `ALTER TABLE pt DETACH PARTITION pt1`,
  ] },
  { name: 'views', statements: [
    `CREATE TABLE t (id int PRIMARY KEY, a int, b text)`, `CREATE VIEW v AS SELECT * FROM t`, `CREATE OR REPLACE VIEW v AS SELECT id, a, b, a + 1 AS c FROM t`, `CREATE OR REPLACE VIEW v AS SELECT a FROM t`, `CREATE VIEW v AS SELECT 1 AS x`, `CREATE VIEW w (x, y) AS SELECT id, a FROM t`, `CREATE MATERIALIZED VIEW m AS SELECT v.id, w.y FROM v JOIN w ON w.x = v.id`, `CREATE UNIQUE INDEX ON m (id)`,
    `CREATE TEMP TABLE tmp (x int)`, `CREATE VIEW tv AS SELECT x FROM tmp`, `ALTER TABLE t RENAME TO tt`, `ALTER VIEW w RENAME COLUMN x TO xx`, `DROP MATERIALIZED VIEW m`, `ALTER TABLE tt DROP COLUMN b CASCADE`, `DROP VIEW w`, `CREATE RECURSIVE VIEW r (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 5`,
  ] },
  { name: 'schemas and search path', statements: [
    `CREATE SCHEMA app`, `CREATE SCHEMA IF NOT EXISTS app`, `CREATE SCHEMA app`, `SET search_path TO app, public`, `CREATE TABLE t (id serial PRIMARY KEY)`, `CREATE TABLE public.t (id int)`, `ALTER TABLE t ADD COLUMN a int`, `CREATE TYPE mood AS ENUM ('x')`, `ALTER TABLE public.t ADD COLUMN m mood`, `SET search_path TO public`, `ALTER TABLE t ADD COLUMN b int`,
    `CREATE TABLE nowhere.t (id int)`, `RESET search_path`, `CREATE TABLE u (id int)`, `CREATE SCHEMA elements CREATE TABLE inner_t (id int) CREATE VIEW inner_v AS SELECT id FROM inner_t`, `SELECT set_config('search_path', 'app', false)`, `CREATE INDEX ON t (a)`, `ALTER TABLE u ADD COLUMN x int`, `SET search_path TO missing`, `CREATE TABLE z (id int)`,
  ] },
  { name: 'transactions and savepoints', statements: [
    `BEGIN`, `CREATE TABLE a (id int)`, `SAVEPOINT s`, `CREATE TABLE b (id int)`, `ALTER TABLE a ADD COLUMN x int`, `ROLLBACK TO SAVEPOINT s`, `CREATE TABLE c (id int)`, `SAVEPOINT s2`, `DROP TABLE c`, `RELEASE SAVEPOINT s2`, `COMMIT`, `BEGIN`, `DROP TABLE a`, `ROLLBACK`, `BEGIN`, `SET search_path TO nope`, `ROLLBACK`, `CREATE TABLE d (id int)`,
  ] },
  { name: 'temporary tables', statements: [
    `CREATE TABLE t (a int)`, `CREATE TEMP TABLE t (b int)`, `ALTER TABLE t ADD COLUMN c int`, `ALTER TABLE public.t ADD COLUMN d int`, `CREATE INDEX ON t (c)`, `DROP TABLE t`, `ALTER TABLE t ADD COLUMN e int`, `CREATE TEMP SEQUENCE sq`,
  ] },
  { name: 'do blocks', statements: [
    `DO $$ BEGIN CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN a int NOT NULL; END $$`, `DO $$ BEGIN CREATE TYPE e AS ENUM ('a'); END $$`,
  ] },
  { name: 'many actions in one statement', statements: [
    `CREATE TABLE t (id int, a int)`, `ALTER TABLE t ADD COLUMN b int, ADD CONSTRAINT b_ok CHECK (b > 0), ADD PRIMARY KEY (id), ALTER COLUMN a SET NOT NULL, ALTER COLUMN a TYPE bigint`, `ALTER TABLE t ADD COLUMN c int, DROP COLUMN missing`, `ALTER TABLE t ADD COLUMN d int UNIQUE CHECK (d > 0) REFERENCES t (id)`, `ALTER TABLE t ADD UNIQUE (a, b) INCLUDE (d), DROP CONSTRAINT b_ok`,
  ] },
];
