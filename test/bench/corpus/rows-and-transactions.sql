-- setup
CREATE TABLE users (id bigint PRIMARY KEY, email text, age int, status text, seen timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total int);
CREATE TABLE settings (name text PRIMARY KEY, value text);
CREATE SCHEMA archive;

-- case one-row | safe | rows | by key
UPDATE users SET status = 'gone' WHERE id = 7;

-- case one-key | safe | rows | by key
DELETE FROM settings WHERE name = 'theme';

-- case some-keys | safe | rows | by keys
DELETE FROM settings WHERE name IN ('theme', 'font');

-- case seed | safe | rows | a few rows
INSERT INTO settings (name, value) VALUES ('theme', 'dark'), ('font', 'mono');

-- case fill-new-table | safe | rows | nobody uses it yet
CREATE TABLE roles (id bigint PRIMARY KEY, name text);
INSERT INTO roles (id, name) VALUES (1, 'admin');
UPDATE roles SET name = 'root';

-- case batch-by-key | safe | rows | a thousand rows
UPDATE users SET status = 'new' WHERE status IS NULL AND id BETWEEN 1 AND 1000;

-- case batch-by-limit | safe | rows | a thousand rows
DELETE FROM users WHERE id IN (SELECT id FROM users WHERE status = 'gone' LIMIT 1000);

-- case batched-loop | safe | rows | commits after each batch | no-transaction
DO $$
BEGIN
  LOOP
    UPDATE users SET status = 'new' WHERE id IN (SELECT id FROM users WHERE status IS NULL LIMIT 1000);
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
END $$;

-- case one-row-after-alter | safe | rows | done in a moment
ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = 'root' WHERE id = 1;

-- case alters-of-one-table | safe | catalog | one lock
ALTER TABLE users ADD COLUMN nick text;
ALTER TABLE users ADD COLUMN phone text;

-- case lock-timeout | safe | catalog | waits two seconds at most
SET LOCAL lock_timeout = '2s';
ALTER TABLE users ADD COLUMN nick text;

-- case own-transaction | safe | catalog | opened and ended | no-transaction
BEGIN;
ALTER TABLE users ADD COLUMN nick text;
COMMIT;

-- case analyze | safe | catalog | reads and writes go on
ANALYZE users;

-- case vacuum | safe | catalog | reads and writes go on | no-transaction
VACUUM users;

-- case local-search-path | safe | catalog | ends with the transaction
SET LOCAL search_path = public;
CREATE TABLE notes (id bigint PRIMARY KEY);

-- case weak-lock | safe | lock | reads and writes go on
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;

-- case update-all | hazard | rows | every row is locked until the end
UPDATE users SET status = 'new';

-- case delete-all | hazard | rows | every row
DELETE FROM orders;

-- case delete-tautology | hazard | rows | every row
DELETE FROM orders WHERE 1 = 1;

-- case backfill | hazard | rows | nobody knows how many
UPDATE users SET status = 'new' WHERE status IS NULL;

-- case delete-old | hazard | rows | nobody knows how many
DELETE FROM users WHERE seen < now() - interval '1 year';

-- case update-join | hazard | rows | every matching row
UPDATE orders SET total = 0 FROM users WHERE users.id = orders.user_id;

-- case update-in-do | hazard | rows | one transaction all the same
DO $$ BEGIN UPDATE users SET status = 'new' WHERE status IS NULL; END $$;

-- case alter-and-backfill | hazard | lock | AccessExclusive is held during the UPDATE
ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = email;

-- case alter-and-backfill-null | hazard | lock | AccessExclusive is held during the UPDATE
ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = email WHERE nick IS NULL;

-- case alter-and-backfill-other | hazard | lock | AccessExclusive on users is held while orders is updated
ALTER TABLE users ADD COLUMN nick text;
UPDATE orders SET total = 0 WHERE total IS NULL;

-- case alter-and-copy | hazard | lock | AccessExclusive is held while all rows are copied
ALTER TABLE users ADD COLUMN nick text;
CREATE TABLE copies AS SELECT * FROM users;

-- case alter-and-validate | hazard | lock | AccessExclusive is held while the constraint is checked
-- earlier
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
-- migration
ALTER TABLE users ADD COLUMN nick text;
ALTER TABLE users VALIDATE CONSTRAINT grown;

-- case alter-and-backfill-own-transaction | hazard | lock | AccessExclusive is held during the UPDATE | no-transaction
BEGIN;
ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = email;
COMMIT;

-- case two-tables | hazard | lock | waits for the second while the first is locked
ALTER TABLE users ADD COLUMN nick text;
ALTER TABLE orders ADD COLUMN note text;

-- case truncate | hazard | data | every row, and reads and writes wait
TRUNCATE orders;

-- case truncate-cascade | hazard | data | and every table that refers to it
TRUNCATE users CASCADE;

-- case lock-table | hazard | lock | AccessExclusive by default
LOCK TABLE users;

-- case commit-inside | hazard | error | ends the tool's transaction
ALTER TABLE users ADD COLUMN nick text;
COMMIT;
ALTER TABLE users ADD COLUMN phone text;

-- case begin-without-commit | hazard | error | the work is thrown away | no-transaction
BEGIN;
ALTER TABLE users ADD COLUMN nick text;

-- case search-path-stays | hazard | compatibility | the tool no longer finds its history
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.notes (id bigint PRIMARY KEY);

-- case set-search-path | hazard | compatibility | later migrations make their tables elsewhere
SET search_path = archive;
CREATE TABLE notes (id bigint PRIMARY KEY);

-- case never-holds | safe | rows | no row meets it
DELETE FROM users WHERE NULL IS NOT NULL;

-- case lock-given-back | safe | rows | the rollback to the savepoint releases the lock
SAVEPOINT tried;
ALTER TABLE users ADD COLUMN nick text;
ROLLBACK TO SAVEPOINT tried;
UPDATE settings SET value = 'dark' WHERE name = 'theme';

-- case numbers-and-sequence | safe | rows | the sequence is set behind them
CREATE TABLE roles (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'guest');
SELECT setval(pg_get_serial_sequence('roles', 'id'), 2);

-- case moved-by-query | hazard | rows | every row is deleted on the way
WITH gone AS (DELETE FROM orders RETURNING user_id) INSERT INTO settings SELECT user_id::text, 'x' FROM gone;

-- case holds-in-other-words | hazard | rows | every row
UPDATE users SET status = 'x' WHERE NOT false;

-- case value-of-always | hazard | error | refused without OVERRIDING SYSTEM VALUE
CREATE TABLE roles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
INSERT INTO roles (id, name) VALUES (1, 'admin');

-- case block-adds-and-fills | hazard | lock | a DO block is one transaction: the lock is kept while every row is written
DO $$ BEGIN
  ALTER TABLE users ADD COLUMN nick text;
  UPDATE users SET nick = email;
END $$;

-- case block-of-new-table | safe | catalog | made in the block
DO $$ BEGIN
  CREATE TABLE notes (id bigint PRIMARY KEY, title text);
  CREATE INDEX notes_title ON notes (title);
END $$;
