/** A schema with every kind of dependent that pg_depend knows of, as servers of all majors take it. */
export const SETUP = `
CREATE SCHEMA app;
CREATE SCHEMA empty;
CREATE TYPE mood AS ENUM ('ok', 'bad');
CREATE TYPE state AS ENUM ('open', 'shut');
CREATE TYPE lone AS ENUM ('a', 'b');
CREATE TYPE address AS (street text, town text);
CREATE TYPE shape AS (x int, y int);
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN score AS int DEFAULT 1;
CREATE DOMAIN spare AS int;
CREATE SEQUENCE tickets;
CREATE SEQUENCE loose;
CREATE FUNCTION doubled(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE FUNCTION slug(n text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(n)';
CREATE FUNCTION key_of(n text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(n)';
CREATE FUNCTION next_code() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT md5(random()::text)';
CREATE FUNCTION may_see(n bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT n > 0';
CREATE FUNCTION alone(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE FUNCTION greet(who text, times int DEFAULT 1) RETURNS text LANGUAGE sql STABLE AS 'SELECT repeat(who, times)';
CREATE FUNCTION over_two(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION over_two(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION unused_touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE tidy() LANGUAGE plpgsql AS 'BEGIN PERFORM 1; END';
CREATE TABLE users (
  id bigint PRIMARY KEY,
  email text NOT NULL CONSTRAINT users_email_key UNIQUE,
  name text,
  nick text,
  age int,
  born date,
  seen timestamptz,
  balance numeric(10, 2) DEFAULT 0,
  mood mood DEFAULT 'ok',
  home address,
  points score,
  contact email,
  ticket bigint DEFAULT nextval('tickets'),
  code text DEFAULT next_code(),
  tags text[],
  twice int GENERATED ALWAYS AS (age * 2) STORED,
  spare text,
  payload jsonb,
  raw json,
  active boolean DEFAULT true,
  short varchar(10),
  number_text text DEFAULT '1',
  CONSTRAINT age_positive CHECK (age > 0)
);
CREATE INDEX users_name ON users (name);
CREATE INDEX users_slug ON users (slug(nick));
CREATE INDEX users_recent ON users (id) WHERE age > 18;
CREATE UNIQUE INDEX users_nick_active ON users (nick) WHERE active;
CREATE UNIQUE INDEX users_lower ON users (lower(email));
CREATE UNIQUE INDEX users_code ON users (code);
CREATE UNIQUE INDEX users_short ON users (short);
CREATE VIEW adults AS SELECT id, name, age FROM users WHERE age > 18;
CREATE VIEW names AS SELECT id, name FROM adults;
CREATE MATERIALIZED VIEW ages AS SELECT age, count(*) AS people FROM users GROUP BY age;
CREATE VIEW moods AS SELECT id, mood FROM users;
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint CONSTRAINT orders_user REFERENCES users (id),
  email text CONSTRAINT orders_email REFERENCES users (email),
  state state NOT NULL DEFAULT 'open',
  total numeric NOT NULL,
  note text,
  placed date,
  flag boolean
);
CREATE INDEX orders_user ON orders (user_id);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER orders_total BEFORE UPDATE OF total ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER orders_note BEFORE UPDATE ON orders FOR EACH ROW WHEN (OLD.note IS DISTINCT FROM NEW.note) EXECUTE FUNCTION watch();
CREATE TABLE secrets (id bigint PRIMARY KEY, owner bigint, level int, body text);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secrets USING (owner > 0 AND may_see(id)) WITH CHECK (level < 5);
CREATE TABLE audit (id bigint, who text, at timestamptz DEFAULT now(), kind int);
CREATE TABLE audit_copy (id bigint, who text);
CREATE RULE audit_rule AS ON INSERT TO audit WHERE NEW.kind > 3 DO ALSO INSERT INTO audit_copy VALUES (NEW.id, NEW.who);
CREATE TABLE events (id bigint, at date NOT NULL, body text, region text) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE places (id bigint, region text, city text) PARTITION BY LIST (lower(region));
CREATE TABLE places_eu PARTITION OF places FOR VALUES IN ('eu');
CREATE TABLE events_new (id bigint, at date NOT NULL, body text, region text);
CREATE TABLE base (id bigint, label text, CONSTRAINT base_id CHECK (id > 0));
CREATE TABLE derived (extra text) INHERITS (base);
CREATE TABLE spots (id bigint PRIMARY KEY, at shape);
CREATE TABLE humans (id int, name text);
CREATE TABLE plain (id int, name text, at timestamp, n int, amount numeric, day date, open boolean, ref uuid, small smallint, big bigint, ratio double precision);
CREATE TABLE child (id bigint PRIMARY KEY, parent bigint CONSTRAINT child_parent REFERENCES child (id));
CREATE TABLE pair (a int, b int, c int, PRIMARY KEY (a, b), UNIQUE (c));
CREATE TABLE app.items (id bigint PRIMARY KEY, title text);
CREATE VIEW app.titles AS SELECT title FROM app.items;
CREATE TABLE published (id bigint PRIMARY KEY, body text);
CREATE PUBLICATION news FOR TABLE published;
CREATE TABLE keyless (id bigint, body text);
CREATE PUBLICATION bare FOR TABLE keyless;
CREATE TABLE later (id bigint PRIMARY KEY, user_id bigint, CONSTRAINT later_user FOREIGN KEY (user_id) REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);
CREATE STATISTICS plain_stats ON id, n FROM plain;
CREATE FUNCTION first_user() RETURNS SETOF users LANGUAGE sql STABLE AS 'SELECT * FROM users LIMIT 1';
CREATE AGGREGATE total_of (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
`;

/** Beside it on servers that have bodies as parsed SQL. */
export const SETUP_14 = `
CREATE FUNCTION user_name(n bigint) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT spare FROM users WHERE id = n; END;
`;

/** Beside it on servers whose publications name columns. */
export const SETUP_15 = `
CREATE TABLE listed (id bigint PRIMARY KEY, body text, hidden text);
CREATE PUBLICATION lists FOR TABLE listed (id, body);
`;
