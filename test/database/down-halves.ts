/** A migration behind others, and what of them is not as it was after both of its halves. */
export interface DownHalf {
  /** What the database has that no migration made. */
  readonly hidden?: string;
  readonly before?: string;
  readonly up: string;
  readonly down: string;
  /** What lint says behind "After up and down, "; absent where it says nothing. */
  readonly said?: string;
  /** The catalog differs, and whoever wrote it wants that. */
  readonly isMeant?: true;
}

const AGAIN = '. The up half fails on that when it is applied again';
const TABLE = `CREATE TABLE users (id bigint PRIMARY KEY, email varchar(80), age int DEFAULT 1, active boolean NOT NULL DEFAULT true);
CREATE INDEX users_age ON users (age) WHERE active AND age IN (1, 2, 3);
CREATE FUNCTION doubled(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN n * 2; END $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE VIEW adults AS SELECT id, email FROM users WHERE age BETWEEN 18 AND 99 AND email <> 'x';
CREATE TRIGGER touched BEFORE UPDATE OF email ON users FOR EACH ROW WHEN (OLD.age > 1) EXECUTE FUNCTION touch();
CREATE POLICY own ON users FOR SELECT TO anna USING (id = 1);
CREATE RULE quiet AS ON DELETE TO users WHERE OLD.id = 0 DO INSTEAD NOTHING;
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0 AND email LIKE '%@%');
CREATE TYPE mood AS ENUM ('ok', 'sad');
GRANT SELECT, INSERT ON users TO anna;`;

/** The whole of `TABLE` is before each. */
const CASES: readonly DownHalf[] = [
  // Indexes.
  { up: 'DROP INDEX users_age', down: 'CREATE INDEX users_age ON users (age) WHERE active AND age IN (1, 2, 3)' },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE INDEX users_age ON public.users USING btree (age) WHERE (active AND (age = ANY (ARRAY[1, 2, 3])))',
  },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE INDEX users_age ON users (age)',
    said: 'index users_age has lost its condition',
  },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE INDEX users_age ON users (age) WHERE active AND age IN (1, 2)',
    said: 'index users_age has another condition',
  },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE UNIQUE INDEX users_age ON users (age) WHERE active AND age IN (1, 2, 3)',
    said: 'index users_age is unique',
  },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE INDEX users_age ON users (age DESC, id) WHERE active AND age IN (1, 2, 3)',
    said: 'index users_age is over (age DESC, id) instead of (age)',
  },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE INDEX users_age ON users USING hash (age) WHERE active AND age IN (1, 2, 3)',
    said: 'index users_age is hash instead of btree',
  },
  {
    up: 'DROP INDEX users_age',
    down: 'CREATE INDEX users_age ON users (age) INCLUDE (email) WHERE active AND age IN (1, 2, 3)',
    said: 'index users_age includes email instead of none',
  },
  // Functions.
  {
    up: 'CREATE OR REPLACE FUNCTION doubled(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN n * 3; END $$',
    down: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 1',
    said: 'function doubled(int4) is defined in another way',
  },
  {
    up: 'CREATE OR REPLACE FUNCTION doubled(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN n * 3; END $$',
    down: "CREATE OR REPLACE FUNCTION public.doubled(n integer) RETURNS integer IMMUTABLE SECURITY INVOKER LANGUAGE 'plpgsql' AS $body$ BEGIN RETURN n * 2; END $body$",
  },
  {
    up: 'DROP FUNCTION doubled(int)',
    down: 'CREATE FUNCTION doubled(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN n * 2; END $$',
    said: 'function doubled(int4) is defined in another way',
  },
  {
    up: 'CREATE FUNCTION doubled(n bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT n * 2 $$',
    down: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 1',
    said: 'function doubled(int8) is left over',
  },
  {
    up: 'CREATE OR REPLACE FUNCTION doubled(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER AS $$ BEGIN RETURN n * 2; END $$',
    down: 'ALTER FUNCTION doubled(int) SECURITY INVOKER',
  },
  // Views.
  {
    up: 'CREATE OR REPLACE VIEW adults AS SELECT id, email FROM users WHERE age > 21',
    down: "CREATE OR REPLACE VIEW adults AS SELECT users.id, users.email FROM public.users WHERE (users.age BETWEEN 18 AND 99 AND ((users.email)::text <> 'x'::text))",
  },
  {
    up: 'CREATE OR REPLACE VIEW adults AS SELECT id, email FROM users WHERE age > 21',
    down: 'CREATE OR REPLACE VIEW adults AS SELECT id, email FROM users WHERE age > 18',
    said: 'view adults is defined in another way',
  },
  {
    up: 'CREATE OR REPLACE VIEW adults AS SELECT id, email FROM users',
    down: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 1',
    said: 'view adults is defined in another way',
  },
  { up: 'DROP VIEW adults', down: 'SELECT 1', said: 'view adults is missing' },
  { up: 'CREATE VIEW all_users AS SELECT * FROM users', down: 'SELECT 1', said: 'view all_users is left over' },
  { up: 'ALTER VIEW adults RENAME TO grown_ups', down: 'ALTER VIEW grown_ups RENAME TO adults' },
  {
    up: 'ALTER TABLE users RENAME COLUMN email TO mail',
    down: 'ALTER TABLE users RENAME COLUMN mail TO email',
  },
  // Triggers.
  {
    up: 'DROP TRIGGER touched ON users',
    down: 'CREATE TRIGGER touched BEFORE UPDATE OF email ON public.users FOR EACH ROW WHEN ((old.age > 1)) EXECUTE PROCEDURE public.touch()',
  },
  {
    up: 'DROP TRIGGER touched ON users',
    down: 'CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.age > 1) EXECUTE FUNCTION touch()',
    said: 'trigger touched of users is defined in another way',
  },
  {
    up: 'DROP TRIGGER touched ON users',
    down: 'CREATE TRIGGER touched BEFORE UPDATE OF email ON users FOR EACH ROW WHEN (OLD.age > 2) EXECUTE FUNCTION touch()',
    said: 'trigger touched of users is defined in another way',
  },
  {
    up: 'ALTER TABLE users DISABLE TRIGGER touched',
    down: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 1',
    said: 'trigger touched of users is switched off',
  },
  // Policies and row security.
  {
    up: 'DROP POLICY own ON users',
    down: 'CREATE POLICY own ON users AS PERMISSIVE FOR SELECT TO anna USING ((id = 1))',
  },
  {
    up: 'DROP POLICY own ON users',
    down: 'CREATE POLICY own ON users FOR SELECT TO anna USING (true)',
    said: 'policy own of users is defined in another way',
  },
  {
    up: 'DROP POLICY own ON users',
    down: 'CREATE POLICY own ON users FOR SELECT USING (id = 1)',
    said: 'policy own of users is defined in another way',
  },
  { up: 'ALTER POLICY own ON users USING (id = 2)', down: 'ALTER POLICY own ON users USING (id = 1)' },
  {
    up: 'ALTER POLICY own ON users TO app',
    down: 'ALTER POLICY own ON users USING (id = 1)',
    said: 'policy own of users is defined in another way',
  },
  {
    up: 'CREATE POLICY all_of ON users USING (true)',
    down: 'SELECT 1',
    said: 'policy all_of of users is left over',
  },
  { up: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY', down: 'SELECT 1', said: 'row security of users is on' },
  {
    up: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    down: 'ALTER TABLE users DISABLE ROW LEVEL SECURITY',
    said: 'row security of users holds for its owner',
  },
  {
    up: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY',
    down: 'ALTER TABLE users DISABLE ROW LEVEL SECURITY',
  },
  // Rules.
  {
    up: 'CREATE OR REPLACE RULE quiet AS ON DELETE TO users WHERE OLD.id = 1 DO INSTEAD NOTHING',
    down: 'SELECT 1',
    said: 'rule quiet of users is defined in another way',
  },
  // Constraints and columns.
  {
    up: 'ALTER TABLE users DROP CONSTRAINT grown',
    down: "ALTER TABLE users ADD CONSTRAINT grown CHECK ((age > 0) AND ((email)::text ~~ '%@%'::text))",
  },
  {
    up: 'ALTER TABLE users DROP CONSTRAINT grown',
    down: 'ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0)',
    said: 'check grown of users has another condition',
  },
  {
    up: 'ALTER TABLE users DROP CONSTRAINT grown',
    down: "ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0 AND email LIKE '%@%') NOT VALID",
    isMeant: true,
  },
  {
    up: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 2',
    down: "ALTER TABLE users ALTER COLUMN age SET DEFAULT '1'",
  },
  {
    up: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 2',
    down: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 3',
    said: 'age of users has another default',
  },
  {
    up: 'CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint REFERENCES users ON DELETE CASCADE)',
    down: 'DROP TABLE pets',
  },
  // Rights.
  { up: 'REVOKE INSERT ON users FROM anna', down: 'SELECT 1', said: 'INSERT on users for anna is missing' },
  { up: 'REVOKE ALL ON users FROM anna', down: 'GRANT SELECT, INSERT ON users TO anna' },
  {
    up: 'REVOKE ALL ON users FROM anna',
    down: 'GRANT SELECT ON users TO anna',
    said: 'INSERT on users for anna is missing',
  },
  { up: 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO app', down: 'REVOKE SELECT ON users, adults FROM app' },
  {
    up: 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO app',
    down: 'REVOKE SELECT ON users FROM app',
    said: 'SELECT on adults for app is left over',
  },
  {
    up: 'REVOKE EXECUTE ON FUNCTION doubled(int) FROM PUBLIC',
    down: 'SELECT 1',
    said: 'EXECUTE on doubled for PUBLIC is missing',
  },
  {
    up: 'REVOKE EXECUTE ON FUNCTION doubled(int) FROM PUBLIC',
    down: 'GRANT EXECUTE ON FUNCTION doubled(int) TO PUBLIC',
  },
  { up: 'REVOKE SELECT ON users FROM app', down: 'SELECT 1' },
  // What the up half fails on when it is applied again.
  {
    up: "ALTER TYPE mood ADD VALUE 'glad'",
    down: 'SELECT 1',
    said: `value 'glad' of mood is left over${AGAIN}`,
  },
  { up: "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad'", down: 'SELECT 1', isMeant: true },
  { up: 'CREATE SCHEMA audit', down: 'SELECT 1', said: `schema audit is left over${AGAIN}` },
  {
    up: 'CREATE SCHEMA audit; CREATE TABLE audit.log (id bigint)',
    down: 'DROP TABLE audit.log',
    said: `schema audit is left over${AGAIN}`,
  },
  { up: 'CREATE SCHEMA audit', down: 'DROP SCHEMA audit' },
  { up: 'CREATE SCHEMA IF NOT EXISTS audit', down: 'SELECT 1', isMeant: true },
  { up: 'CREATE ROLE bert', down: 'SELECT 1', said: `role bert is left over${AGAIN}` },
  { up: 'CREATE ROLE bert', down: 'DROP ROLE bert' },
  { up: 'CREATE PUBLICATION feed FOR TABLE users', down: 'SELECT 1', said: `publication feed is left over${AGAIN}` },
];

export const DOWN_HALVES: readonly DownHalf[] = [
  ...CASES.map((each) => ({ before: TABLE, ...each })),
  { hidden: 'CREATE TABLE legacy (id bigint)', up: 'DROP TABLE legacy', down: 'CREATE TABLE legacy (id bigint)' },
  {
    hidden: 'CREATE VIEW legacy AS SELECT 1 AS one',
    up: 'DROP VIEW legacy',
    down: 'CREATE VIEW legacy AS SELECT 1 AS one',
  },
  { hidden: 'CREATE EXTENSION ltree', up: 'DROP EXTENSION ltree', down: 'CREATE EXTENSION ltree' },
  { hidden: 'CREATE TABLE legacy (id bigint)', up: 'REVOKE SELECT ON legacy FROM anna', down: 'SELECT 1' },
  {
    before:
      'CREATE TABLE users (id bigint PRIMARY KEY, code bigint UNIQUE); CREATE TABLE pets (owner bigint CONSTRAINT by_id REFERENCES users (id) CONSTRAINT by_code REFERENCES users (code))',
    up: 'ALTER TABLE pets DROP CONSTRAINT by_code',
    down: 'SELECT 1',
    said: 'foreign key by_code of pets is missing',
  },
  { up: 'CREATE EXTENSION ltree', down: 'SELECT 1', said: `extension ltree is left over${AGAIN}` },
  { up: 'CREATE EXTENSION ltree', down: 'DROP EXTENSION ltree' },
  { up: 'CREATE EXTENSION IF NOT EXISTS ltree', down: 'SELECT 1', isMeant: true },
];
