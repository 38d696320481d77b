-- setup
CREATE TYPE mood AS ENUM ('ok', 'bad');
CREATE TABLE users (id bigint PRIMARY KEY, email text, age int, mood mood);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
CREATE VIEW people AS SELECT id, email FROM users;
CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SCHEMA archive;
CREATE TABLE archive.old (id bigint PRIMARY KEY);

-- case drop-new-table | safe | catalog | made in the same migration
CREATE TABLE scratch (id bigint PRIMARY KEY);
DROP TABLE scratch;

-- case drop-temporary-table | safe | catalog | only this session has it
CREATE TEMPORARY TABLE scratch (id bigint);
DROP TABLE scratch;

-- case drop-new-column | safe | catalog | made in the same migration
ALTER TABLE users ADD COLUMN nick text;
ALTER TABLE users DROP COLUMN nick;

-- case rename-new-table | safe | catalog | made in the same migration
CREATE TABLE notes_new (id bigint PRIMARY KEY);
ALTER TABLE notes_new RENAME TO notes;

-- case rename-with-view | safe | catalog | the view answers to the old name
ALTER TABLE orders RENAME TO purchases;
CREATE VIEW orders AS SELECT * FROM purchases;

-- case replace-view | safe | catalog | a column at the end
CREATE OR REPLACE VIEW people AS SELECT id, email, age FROM users;

-- case remake-view | safe | catalog | in one transaction nobody sees the gap
DROP VIEW people;
CREATE VIEW people AS SELECT id FROM users;

-- case remake-function | safe | catalog | in one transaction nobody sees the gap
DROP FUNCTION total();
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';

-- case add-enum-value | safe | catalog | no lock on any table
ALTER TYPE mood ADD VALUE 'fine';

-- case comment | safe | catalog | ShareUpdateExclusive
COMMENT ON COLUMN users.age IS 'in years';

-- case grant | safe | catalog | no lock on the table
GRANT SELECT ON users TO CURRENT_USER;

-- case drop-column | hazard | compatibility | the running version names it
ALTER TABLE users DROP COLUMN age;

-- case drop-column-if-exists | hazard | compatibility | the running version names it
ALTER TABLE users DROP COLUMN IF EXISTS age;

-- case drop-column-cascade | hazard | compatibility | a view goes with it
ALTER TABLE users DROP COLUMN email CASCADE;

-- case drop-table | hazard | compatibility | and its rows are gone
DROP TABLE orders;

-- case drop-table-cascade | hazard | compatibility | foreign keys go with it
DROP TABLE users CASCADE;

-- case drop-table-force | hazard | data | an old table is thrown away to make a new one
DROP TABLE IF EXISTS orders CASCADE;
CREATE TABLE orders (id bigint PRIMARY KEY);

-- case drop-view | hazard | compatibility | the running version names it
DROP VIEW people;

-- case drop-schema | hazard | data | everything in it goes
DROP SCHEMA archive CASCADE;

-- case drop-function | hazard | compatibility | the running version calls it
DROP FUNCTION total();

-- case drop-trigger | hazard | compatibility | rows are no longer kept up
DROP TRIGGER touch ON users;

-- case drop-database | hazard | data | everything goes | no-transaction
DROP DATABASE shop;

-- case rename-column | hazard | compatibility | the running version uses the old name
ALTER TABLE users RENAME COLUMN age TO years;

-- case rename-table | hazard | compatibility | the running version uses the old name
ALTER TABLE orders RENAME TO purchases;

-- case rename-schema | hazard | compatibility | the running version uses the old name
ALTER SCHEMA archive RENAME TO history;

-- case rename-enum-value | hazard | compatibility | the running version writes the old value
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';

-- case set-schema | hazard | compatibility | the running version looks in the old place
ALTER TABLE orders SET SCHEMA archive;

-- case drop-and-add | hazard | data | a rename that a tool took for two changes
ALTER TABLE users DROP COLUMN age;
ALTER TABLE users ADD COLUMN years int;

-- case replace-view-fewer-columns | hazard | error | cannot drop columns from view
CREATE OR REPLACE VIEW people AS SELECT id FROM users;

-- case enum-value-used | hazard | error | unsafe use of new value
ALTER TYPE mood ADD VALUE 'fine';
UPDATE users SET mood = 'fine' WHERE id = 1;
