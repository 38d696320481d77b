-- setup
CREATE TABLE users (id bigint PRIMARY KEY, email text, age int, team bigint);
CREATE INDEX users_age ON users (age);
CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE MATERIALIZED VIEW totals AS SELECT team, count(*) AS members FROM users GROUP BY team;
CREATE UNIQUE INDEX totals_team ON totals (team);

-- case concurrently | safe | scan | reads and writes go on | no-transaction
CREATE INDEX CONCURRENTLY users_email ON users (email);

-- case unique-concurrently | safe | scan | reads and writes go on | no-transaction
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);

-- case drop-concurrently | safe | catalog | reads and writes go on | no-transaction
DROP INDEX CONCURRENTLY users_age;

-- case drop-leftover-and-build | safe | scan | what a failed try left goes first | no-transaction
DROP INDEX CONCURRENTLY IF EXISTS users_email;
CREATE INDEX CONCURRENTLY users_email ON users (email);

-- case new-table | safe | catalog | the table is new
CREATE TABLE notes (id bigint PRIMARY KEY, title text);
CREATE INDEX notes_title ON notes (title);

-- case temporary-table | safe | catalog | only this session has it
CREATE TEMPORARY TABLE scratch (id bigint);
CREATE INDEX scratch_id ON scratch (id);

-- case on-only | safe | catalog | the first step for a partitioned table
CREATE INDEX events_id ON ONLY events (id);

-- case partition-concurrently | safe | scan | the second step | no-transaction
CREATE INDEX CONCURRENTLY events_2024_id ON events_2024 (id);

-- case reindex-concurrently | safe | scan | reads and writes go on | no-transaction
REINDEX INDEX CONCURRENTLY users_age;

-- case rename-index | safe | catalog | ShareUpdateExclusive since 12
ALTER INDEX users_age RENAME TO users_by_age;

-- case index-options | safe | catalog | ShareUpdateExclusive
ALTER INDEX users_age SET (fillfactor = 70);

-- case drop-new-index | safe | catalog | made in the same migration on a new table
CREATE TABLE notes (id bigint PRIMARY KEY, title text);
CREATE INDEX notes_title ON notes (title);
DROP INDEX notes_title;

-- case refresh-concurrently | safe | scan | reads go on
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;

-- case plain | hazard | scan | Share: writes wait while the index is built
CREATE INDEX users_email ON users (email);

-- case unique | hazard | scan | Share: writes wait while the index is built
CREATE UNIQUE INDEX users_email ON users (email);

-- case partial | hazard | scan | every row is read all the same
CREATE INDEX users_email ON users (email) WHERE age > 18;

-- case gin | hazard | scan | Share: writes wait while the index is built
CREATE INDEX users_search ON users USING gin (to_tsvector('simple', email));

-- case same-name-other-schema | hazard | scan | the new table is another one
CREATE SCHEMA archive;
CREATE TABLE archive.users (id bigint PRIMARY KEY);
CREATE INDEX users_email ON public.users (email);

-- case plain-after-new-table | hazard | scan | another table is new, this one is not
CREATE TABLE notes (id bigint PRIMARY KEY);
CREATE INDEX users_email ON users (email);

-- case drop | hazard | lock | AccessExclusive on the table, and everyone queues behind it
DROP INDEX users_age;

-- case concurrently-in-transaction | hazard | error | cannot run inside a transaction block
CREATE INDEX CONCURRENTLY users_email ON users (email);

-- case drop-concurrently-in-transaction | hazard | error | cannot run inside a transaction block
DROP INDEX CONCURRENTLY users_age;

-- case concurrently-in-own-transaction | hazard | error | cannot run inside a transaction block | no-transaction
BEGIN;
CREATE INDEX CONCURRENTLY users_email ON users (email);
COMMIT;

-- case concurrently-if-not-exists | hazard | data | an invalid index that a failed try left is taken for good | no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email);

-- case concurrently-on-partitioned | hazard | error | not allowed on the parent | no-transaction
CREATE INDEX CONCURRENTLY events_id ON events (id);

-- case partitioned | hazard | scan | Share on every partition
CREATE INDEX events_id ON events (id);

-- case reindex-table | hazard | rewrite | writes wait, and reads by these indexes too
REINDEX TABLE users;

-- case reindex-index | hazard | rewrite | writes wait
REINDEX INDEX users_age;

-- case replaced-drop-first | hazard | scan | queries have no index in between | no-transaction
DROP INDEX CONCURRENTLY users_age;
CREATE INDEX CONCURRENTLY users_age_team ON users (age, team);

-- case refresh | hazard | rewrite | AccessExclusive: reads wait
REFRESH MATERIALIZED VIEW totals;

-- case cluster | hazard | rewrite | AccessExclusive: reads and writes wait
CLUSTER users USING users_age;

-- case vacuum-full | hazard | rewrite | AccessExclusive: reads and writes wait | no-transaction
VACUUM FULL users;
