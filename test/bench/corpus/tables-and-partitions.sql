-- setup
CREATE TABLE users (id bigint PRIMARY KEY, owner text);
CREATE TABLE cache (id bigint PRIMARY KEY);
CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (id bigint, at date);
CREATE TABLE logs (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
CREATE TABLE logs_2025 (id bigint, at date);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();

-- case new-table | safe | catalog | nothing to wait for
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL DEFAULT now());

-- case new-view | safe | catalog | AccessShare on the table
CREATE VIEW people AS SELECT id FROM users;

-- case attach-proved | safe | catalog | the validated CHECK proves the bounds
-- earlier
ALTER TABLE events_2025 ADD CONSTRAINT bounds CHECK (at IS NOT NULL AND at >= '2025-01-01' AND at < '2026-01-01') NOT VALID;
-- earlier
ALTER TABLE events_2025 VALIDATE CONSTRAINT bounds;
-- migration
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

-- case attach-new-table | safe | catalog | the new table is empty
CREATE TABLE events_2026 (LIKE events INCLUDING ALL);
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

-- case detach-concurrently | safe | catalog | reads and writes go on | no-transaction
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;

-- case storage-parameter | safe | catalog | ShareUpdateExclusive
ALTER TABLE users SET (fillfactor = 80);

-- case row-security-with-policy | safe | catalog | in one transaction
CREATE POLICY own ON users USING (owner = current_user);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;

-- case row-security-new-table | safe | catalog | the table is new
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;

-- case remake-trigger | safe | catalog | in one transaction
DROP TRIGGER touch ON users;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();

-- case enable-trigger | safe | lock | brief
ALTER TABLE users ENABLE TRIGGER touch;

-- case definer-with-path | safe | catalog | names are found by its own path
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1';

-- case attach | hazard | scan | the new partition is read under AccessExclusive
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

-- case attach-without-null-check | hazard | scan | the key may be NULL, so that the CHECK proves nothing
-- earlier
ALTER TABLE events_2025 ADD CONSTRAINT bounds CHECK (at >= '2025-01-01' AND at < '2026-01-01') NOT VALID;
-- earlier
ALTER TABLE events_2025 VALIDATE CONSTRAINT bounds;
-- migration
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

-- case attach-beside-default | hazard | scan | the default partition is read under AccessExclusive
ALTER TABLE logs ATTACH PARTITION logs_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

-- case partition-of-beside-default | hazard | scan | the default partition is read under AccessExclusive
CREATE TABLE logs_2027 PARTITION OF logs FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');

-- case detach | hazard | lock | AccessExclusive on the parent
ALTER TABLE events DETACH PARTITION events_2024;

-- case detach-concurrently-in-transaction | hazard | error | cannot run inside a transaction block
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;

-- case set-unlogged | hazard | rewrite | and a crash empties it
ALTER TABLE users SET UNLOGGED;

-- case set-logged | hazard | rewrite | AccessExclusive while all is copied
-- earlier
CREATE UNLOGGED TABLE queue (id bigint PRIMARY KEY);
-- migration
ALTER TABLE queue SET LOGGED;

-- case set-tablespace | hazard | rewrite | AccessExclusive while all is copied
ALTER TABLE users SET TABLESPACE fast;

-- case row-security-without-policy | hazard | compatibility | every row is hidden
ALTER TABLE users ENABLE ROW LEVEL SECURITY;

-- case disable-triggers | hazard | data | foreign keys go unchecked
ALTER TABLE users DISABLE TRIGGER ALL;

-- case replication-role | hazard | data | foreign keys go unchecked
SET LOCAL session_replication_role = replica;
DELETE FROM cache WHERE id = 1;

-- case replica-identity-full | hazard | data | whole rows go to the log
ALTER TABLE users REPLICA IDENTITY FULL;

-- case definer-without-path | hazard | data | names are found by the caller's path
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';

-- case key-without-partition-key | hazard | error | a unique key must include what the table is partitioned by
CREATE TABLE facts (id bigint PRIMARY KEY, at date) PARTITION BY RANGE (at);

-- case key-with-partition-key | safe | catalog | it does
CREATE TABLE facts (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
