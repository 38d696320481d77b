import type { WholeCase } from './whole-case.ts';

const TABLES = `CREATE TABLE teams (id bigint PRIMARY KEY, title text);
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text, nick text, age int, score int NOT NULL DEFAULT 0, team_id bigint, seen timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), total numeric(10,2) NOT NULL DEFAULT 0, note varchar(50), state text NOT NULL DEFAULT 'new');
CREATE INDEX users_nick ON users (nick);
CREATE INDEX users_age ON users (age);`;

type Written = readonly [name: string, sql: string, more?: Partial<WholeCase>];

const CASES: readonly Written[] = [
  [
    'add, fill, require',
    "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active';\nALTER TABLE users ALTER COLUMN status SET NOT NULL;",
  ],
  [
    'add, fill, require, index',
    "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active' WHERE status IS NULL;\nALTER TABLE users ALTER COLUMN status SET NOT NULL;\nCREATE INDEX users_status ON users (status);",
  ],
  [
    'add, fill, require and default',
    'ALTER TABLE users ADD COLUMN level int;\nUPDATE users SET level = score / 10;\nALTER TABLE users ALTER COLUMN level SET DEFAULT 0, ALTER COLUMN level SET NOT NULL;',
  ],
  [
    'two columns filled by one update',
    "ALTER TABLE users ADD COLUMN a text, ADD COLUMN b text;\nUPDATE users SET a = 'x', b = 'y';\nALTER TABLE users ALTER a SET NOT NULL, ALTER b SET NOT NULL;",
  ],
  [
    'filled by a join',
    'ALTER TABLE users ADD COLUMN team_title text;\nUPDATE users SET team_title = teams.title FROM teams WHERE teams.id = users.team_id;',
  ],
  ['add and fill', 'ALTER TABLE users ADD COLUMN lower_email text;\nUPDATE users SET lower_email = lower(email);'],
  ['rows changed', 'UPDATE users SET nick = email WHERE nick IS NULL;'],
  ['rows changed by an alias', 'UPDATE users AS u SET nick = u.email WHERE u.nick IS NULL;'],
  ['rows deleted', 'DELETE FROM orders WHERE total < 5;'],
  ['all rows deleted', 'DELETE FROM orders;'],
  ['rows deleted by a join', 'DELETE FROM orders USING users WHERE users.id = orders.user_id AND users.age < 1;'],
  ['index, then column dropped', 'DROP INDEX users_nick;\nALTER TABLE users DROP COLUMN nick;'],
  [
    'constraint, then column dropped',
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nALTER TABLE orders DROP COLUMN user_id;',
  ],
  ['two columns dropped', 'ALTER TABLE users DROP COLUMN nick, DROP COLUMN age;'],
  [
    'a table dropped that another one names',
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nDROP TABLE users;',
  ],
  ['a table dropped', 'DROP TABLE orders;'],
  ['tables dropped in order', 'DROP TABLE orders;\nDROP TABLE users;'],
  [
    'primary key replaced',
    'ALTER TABLE users ADD COLUMN code bigint;\nALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nALTER TABLE users DROP CONSTRAINT users_pkey;',
  ],
  ['unique index replaced', 'CREATE UNIQUE INDEX users_email_team ON users (email, team_id);\nDROP INDEX users_age;'],
  [
    'rename and index',
    'ALTER TABLE users RENAME COLUMN nick TO handle;\nCREATE INDEX users_handle_age ON users (handle, age);',
  ],
  ['rename of a table', 'ALTER TABLE orders RENAME TO purchases;'],
  ['type and index', 'ALTER TABLE users ALTER age TYPE bigint;\nCREATE INDEX users_age_team ON users (age, team_id);'],
  ['two types', 'ALTER TABLE users ALTER age TYPE bigint, ALTER score TYPE bigint;'],
  [
    'int with default to boolean',
    'ALTER TABLE users ALTER score DROP DEFAULT, ALTER score TYPE boolean USING score <> 0, ALTER score SET DEFAULT false;',
  ],
  ['text to varchar', 'ALTER TABLE users ALTER nick TYPE varchar(100);'],
  ['varchar to shorter', 'ALTER TABLE orders ALTER note TYPE varchar(20);'],
  ['varchar to longer', 'ALTER TABLE orders ALTER note TYPE varchar(200);\nCREATE INDEX orders_note ON orders (note);'],
  [
    'several requirements',
    'ALTER TABLE users ALTER name SET NOT NULL;\nALTER TABLE users ALTER nick SET NOT NULL;\nALTER TABLE users ALTER age SET NOT NULL;',
  ],
  [
    'checks on two tables',
    'ALTER TABLE users ADD CONSTRAINT age_ok CHECK (age >= 0);\nALTER TABLE orders ADD CONSTRAINT total_ok CHECK (total >= 0);',
  ],
  [
    'foreign key without a name',
    'ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams;\nCREATE INDEX users_team ON users (team_id);',
  ],
  ['volatile default', 'ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();', { stays: [] }],
  [
    'view made again around a type',
    'CREATE VIEW ages AS SELECT id, age FROM users;\nCREATE INDEX users_score ON users (score);',
  ],
  [
    'columns, index, key and check together',
    "ALTER TABLE orders ADD COLUMN buyer_id bigint NOT NULL DEFAULT 21;\nCREATE INDEX orders_buyer ON orders (buyer_id);\nALTER TABLE orders ADD CONSTRAINT orders_buyer_key FOREIGN KEY (buyer_id) REFERENCES users (id);\nALTER TABLE orders ADD CONSTRAINT orders_state_ok CHECK (state <> '');",
  ],
  [
    'grants between',
    "ALTER TABLE users ADD COLUMN status text NOT NULL;\nCOMMENT ON COLUMN users.status IS 'what it is';\nCREATE INDEX users_status ON users (status);",
  ],
  [
    'drop and add under one name',
    'ALTER TABLE users DROP COLUMN age;\nALTER TABLE users ADD COLUMN age bigint;',
    { refused: 'RENAME COLUMN' },
  ],
  [
    'foreign key to a new table',
    'CREATE TABLE plans (id bigint PRIMARY KEY, title text);\nALTER TABLE users ADD COLUMN plan_id bigint REFERENCES plans (id);\nCREATE INDEX users_plan ON users (plan_id);',
  ],
  [
    'default dropped from several',
    'ALTER TABLE users ADD COLUMN a int NOT NULL DEFAULT 1, ADD COLUMN b int NOT NULL DEFAULT 2;\nALTER TABLE users ALTER a DROP DEFAULT, ALTER b DROP DEFAULT;',
  ],
  [
    'seed beside a change',
    "INSERT INTO teams (id, title) VALUES (900, 'x');\nALTER TABLE users ADD COLUMN status text NOT NULL;",
  ],
  ['a name of 63 bytes', `ALTER TABLE users ADD COLUMN "${'n'.repeat(63)}" text NOT NULL;`],
  [
    'dynamic SQL between',
    "ALTER TABLE users ADD COLUMN status text NOT NULL;\nDO $$ BEGIN EXECUTE 'SELECT 1'; END $$;\nCREATE INDEX users_score ON users (score);",
    { stays: ['not-analysed'] },
  ],
];

/** Migrations as people write them. */
export const HANDWRITTEN_CASES: readonly WholeCase[] = CASES.map(([name, sql, more]) => ({
  style: 'by hand',
  name,
  before: TABLES,
  sql,
  ...more,
}));
