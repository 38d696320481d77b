-- setup
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
CREATE TABLE users (id bigint PRIMARY KEY, email text, age int, height positive, order_id bigint, plain bigint NOT NULL);
CREATE INDEX users_order ON users (order_id);
CREATE TABLE items (id bigint, order_id bigint, optional bigint);
ALTER TABLE users ADD CONSTRAINT users_order_fk FOREIGN KEY (order_id) REFERENCES orders (id);

-- case check-not-valid | safe | catalog | AccessExclusive for a moment
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;

-- case validate-later | safe | scan | ShareUpdateExclusive: reads and writes go on
-- earlier
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
-- migration
ALTER TABLE users VALIDATE CONSTRAINT grown;

-- case foreign-key-not-valid | safe | catalog | ShareRowExclusive on both for a moment
ALTER TABLE users ADD CONSTRAINT users_order_2 FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;

-- case validate-foreign-key-later | safe | scan | reads and writes go on
-- earlier
ALTER TABLE users ADD CONSTRAINT users_order_2 FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;
-- migration
ALTER TABLE users VALIDATE CONSTRAINT users_order_2;

-- case foreign-key-of-new-table | safe | catalog | the new table is empty
CREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint);
CREATE INDEX notes_order ON notes (order_id);
ALTER TABLE notes ADD CONSTRAINT notes_order_fk FOREIGN KEY (order_id) REFERENCES orders (id);

-- case inline-foreign-key-of-new-table | safe | catalog | the new table is empty
CREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));
CREATE INDEX notes_order ON notes (order_id);

-- case unique-using-index | safe | catalog | the index is there
-- earlier
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
-- migration
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;

-- case primary-key-using-index | safe | catalog | the column is NOT NULL
-- earlier
ALTER TABLE users DROP CONSTRAINT users_pkey;
-- earlier
CREATE UNIQUE INDEX CONCURRENTLY users_plain ON users (plain);
-- migration
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_plain;

-- case drop-check | safe | catalog | no query names a CHECK
-- earlier
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
-- migration
ALTER TABLE users DROP CONSTRAINT grown;

-- case rename-constraint | safe | catalog | no query names it
ALTER TABLE users RENAME CONSTRAINT users_order_fk TO users_order_key;

-- case new-table-constraints | safe | catalog | the table is new
CREATE TABLE notes (id bigint, title text);
ALTER TABLE notes ADD PRIMARY KEY (id);
ALTER TABLE notes ADD CONSTRAINT titled CHECK (title <> '');
ALTER TABLE notes ALTER COLUMN title SET NOT NULL;

-- case domain-not-valid | safe | catalog | no table is locked
ALTER DOMAIN positive ADD CONSTRAINT small CHECK (VALUE < 100000) NOT VALID;

-- case not-null-18-not-valid | safe | catalog | 18: AccessExclusive for a moment | version 18
ALTER TABLE users ADD CONSTRAINT age_known NOT NULL age NOT VALID;

-- case validate-not-null-18 | safe | scan | 18: reads and writes go on | version 18
-- earlier
ALTER TABLE users ADD CONSTRAINT age_known NOT NULL age NOT VALID;
-- migration
ALTER TABLE users VALIDATE CONSTRAINT age_known;

-- case not-valid-and-validate-apart | safe | scan | each statement on its own | no-transaction
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT grown;

-- case check | hazard | scan | every row is read under AccessExclusive
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);

-- case foreign-key | hazard | scan | ShareRowExclusive on both while both are read
ALTER TABLE users ADD CONSTRAINT users_order_2 FOREIGN KEY (order_id) REFERENCES orders (id);

-- case unique | hazard | scan | the index is built under AccessExclusive
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);

-- case primary-key | hazard | scan | the index is built under AccessExclusive
ALTER TABLE items ADD PRIMARY KEY (id);

-- case primary-key-using-nullable-index | hazard | scan | NOT NULL is checked under AccessExclusive
-- earlier
CREATE UNIQUE INDEX CONCURRENTLY items_optional ON items (optional);
-- migration
ALTER TABLE items ADD PRIMARY KEY USING INDEX items_optional;

-- case exclusion | hazard | scan | built under AccessExclusive, no concurrent form
ALTER TABLE users ADD CONSTRAINT one_order EXCLUDE USING btree (order_id WITH =);

-- case check-and-validate-in-one | hazard | scan | AccessExclusive is held during the scan
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID, VALIDATE CONSTRAINT grown;

-- case check-and-validate-in-one-transaction | hazard | scan | AccessExclusive is held during the scan
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT grown;

-- case foreign-key-and-validate-in-one-transaction | hazard | scan | ShareRowExclusive on both is held during the scan
ALTER TABLE users ADD CONSTRAINT users_order_2 FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_order_2;

-- case check-and-validate-in-own-transaction | hazard | scan | AccessExclusive is held during the scan | no-transaction
BEGIN;
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT grown;
COMMIT;

-- case domain-check | hazard | scan | every table that uses it is read under Share
ALTER DOMAIN positive ADD CONSTRAINT small CHECK (VALUE < 100000);

-- case domain-not-null | hazard | scan | every table that uses it is read under Share
ALTER DOMAIN positive SET NOT NULL;

-- case domain-validate | hazard | scan | every table that uses it is read under Share
-- earlier
ALTER DOMAIN positive ADD CONSTRAINT small CHECK (VALUE < 100000) NOT VALID;
-- migration
ALTER DOMAIN positive VALIDATE CONSTRAINT small;

-- case not-null-18-validated | hazard | scan | 18: every row is read under AccessExclusive | version 18
ALTER TABLE users ADD CONSTRAINT age_known NOT NULL age;

-- case drop-primary-key | hazard | compatibility | ON CONFLICT, replication and foreign keys rely on it
ALTER TABLE users DROP CONSTRAINT users_pkey;

-- case drop-unique | hazard | compatibility | ON CONFLICT relies on it
-- earlier
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- migration
ALTER TABLE users DROP CONSTRAINT users_email;

-- case key-type | hazard | data | the referenced key is wider
CREATE TABLE notes (id bigint PRIMARY KEY, order_id int REFERENCES orders (id));

-- case changing-check | hazard | data | true today, false tomorrow
CREATE TABLE notes (id bigint PRIMARY KEY, due date CHECK (due > now()));

-- case swap-primary-key | safe | catalog | the finished index takes the place of the old one
-- earlier
CREATE UNIQUE INDEX CONCURRENTLY items_new ON items (id);
ALTER TABLE items ALTER COLUMN id SET NOT NULL;
ALTER TABLE items ADD CONSTRAINT items_key PRIMARY KEY (id);
-- migration
ALTER TABLE items DROP CONSTRAINT items_key, ADD CONSTRAINT items_key PRIMARY KEY USING INDEX items_new;
