import { beforeAll, describe, expect, test } from 'vitest';
import { loadDialects, type Dialects } from '../../server/host/load-dialects.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name text, email text UNIQUE);';

/** Changes that have no safe steps, and a part of the sentence that says why. `sql` stands behind `before`. */
const REFUSED: readonly { readonly name: string; readonly dialect?: 'postgresql' | 'sqlite'; readonly version?: string; readonly before: string; readonly sql: string; readonly reason: string }[] = [
  { name: 'rename of a column of an unknown table', before: '', sql: 'ALTER TABLE users RENAME name TO label', reason: 'connect to the database' },
  { name: 'rename to a name that is taken', before: USERS, sql: 'ALTER TABLE users RENAME name TO email', reason: 'has a column "email" already' },
  { name: 'rename of a generated column', before: 'CREATE TABLE users (id bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED);', sql: 'ALTER TABLE users RENAME twice TO double', reason: 'generated column' },
  { name: 'rename of a partition key', before: 'CREATE TABLE logs (at date, note text) PARTITION BY RANGE (at);', sql: 'ALTER TABLE logs RENAME at TO day', reason: 'partition key' },
  { name: 'rename in an inheritance tree', before: `${USERS}\nCREATE TABLE admins () INHERITS (users);`, sql: 'ALTER TABLE users RENAME name TO label', reason: 'inherit' },
  {
    name: 'rename of a column that a trigger watches',
    before: `${USERS}\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER watch AFTER UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION touch();`,
    sql: 'ALTER TABLE users RENAME name TO label', reason: 'UPDATE OF',
  },
  { name: 'rename of a column in SQLite', dialect: 'sqlite', before: 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);', sql: 'ALTER TABLE users RENAME COLUMN name TO label', reason: 'no trigger that can change the row' },
  { name: 'rename to a table that is there', before: `${USERS}\nCREATE TABLE people (id int);`, sql: 'ALTER TABLE users RENAME TO people', reason: 'already' },
  { name: 'rename of a table in SQLite', dialect: 'sqlite', before: 'CREATE TABLE users (id INTEGER PRIMARY KEY);', sql: 'ALTER TABLE users RENAME TO people', reason: 'ON CONFLICT' },
  { name: 'rename of a table with row security before 15', version: '14', before: `${USERS}\nALTER TABLE users ENABLE ROW LEVEL SECURITY;`, sql: 'ALTER TABLE users RENAME TO people', reason: 'row security' },
  { name: 'drop of a column that a view reads', before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`, sql: 'ALTER TABLE users DROP name', reason: 'the view names' },
  { name: 'drop of a column with CASCADE', before: USERS, sql: 'ALTER TABLE users DROP name CASCADE', reason: 'CASCADE' },
  { name: 'drop of a primary key\'s column', before: USERS, sql: 'ALTER TABLE users DROP id', reason: 'primary key' },
  { name: 'drop of a column in a key of two', before: 'CREATE TABLE users (id bigint, name text, team text, UNIQUE (name, team));', sql: 'ALTER TABLE users DROP team', reason: 'users_name_team_key' },
  { name: 'drop of a column that a generated one is made of', before: 'CREATE TABLE users (id bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED);', sql: 'ALTER TABLE users DROP id', reason: 'generated column "twice"' },
  { name: 'drop of a required column in SQLite', dialect: 'sqlite', before: 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);', sql: 'ALTER TABLE users DROP COLUMN name', reason: 'rebuild' },
  { name: 'drop of a table that another points at', before: `${USERS}\nCREATE TABLE orders (user_id bigint REFERENCES users);`, sql: 'DROP TABLE users', reason: 'orders_user_id_fkey' },
  { name: 'drop of a table that a view reads', before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`, sql: 'DROP TABLE users', reason: 'the view names' },
  { name: 'drop of two tables', before: `${USERS}\nCREATE TABLE logs (id int);`, sql: 'DROP TABLE users, logs', reason: 'several objects' },
  { name: 'drop of a key that a foreign key needs', before: `${USERS}\nCREATE TABLE orders (email text REFERENCES users (email));`, sql: 'ALTER TABLE users DROP CONSTRAINT users_email_key', reason: 'orders_email_fkey' },
  { name: 'another type of a column that a view reads', before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`, sql: 'ALTER TABLE users ALTER name TYPE int USING 1', reason: 'The view names' },
  { name: 'a time zone that nobody named', before: 'CREATE TABLE users (id int, at timestamp);', sql: 'ALTER TABLE users ALTER at TYPE timestamptz', reason: "AT TIME ZONE 'UTC'" },
  { name: 'another type under row security', before: 'CREATE TABLE users (id int);\nCREATE POLICY own ON users USING (id > 0);', sql: 'ALTER TABLE users ALTER id TYPE bigint', reason: 'policies (own)' },
  { name: 'another type of a partitioned table with an index', before: 'CREATE TABLE logs (at date, size int) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs DEFAULT;\nCREATE INDEX logs_size ON logs (size);', sql: 'ALTER TABLE logs ALTER size TYPE bigint', reason: 'partitioned' },
  { name: 'another type of a column that a later statement indexes', before: 'CREATE TABLE users (id int);', sql: 'ALTER TABLE users ALTER id TYPE bigint;\nCOMMENT ON COLUMN users.id IS \'key\'', reason: 'A later statement of this migration names "id"' },
  {
    name: 'a second change of one table',
    before: `${USERS}\nCREATE FUNCTION lockstep_users_email_mail_sync() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER lockstep_users_email_mail_sync BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION lockstep_users_email_mail_sync();`,
    sql: 'ALTER TABLE users RENAME name TO label', reason: 'Another change of users is under way',
  },
  { name: 'a column of a domain with a check', before: `${USERS}\nCREATE DOMAIN adult AS int CHECK (VALUE > 17);`, sql: 'ALTER TABLE users ADD COLUMN age adult DEFAULT 18', reason: 'adult is a domain with rules of its own' },
  { name: 'rename of a column of a domain with a check', before: 'CREATE DOMAIN adult AS int CHECK (VALUE > 17);\nCREATE TABLE users (id int PRIMARY KEY, age adult);', sql: 'ALTER TABLE users RENAME age TO years', reason: 'adult is a domain with rules of its own' },
  { name: 'another type that is a domain with a check', before: 'CREATE DOMAIN adult AS int CHECK (VALUE > 17);\nCREATE TABLE users (id int PRIMARY KEY, age int);', sql: 'ALTER TABLE users ALTER age TYPE adult', reason: 'adult is a domain with rules of its own' },
  { name: 'a stored generated column', before: USERS, sql: 'ALTER TABLE users ADD COLUMN low text GENERATED ALWAYS AS (lower(name)) STORED', reason: 'a trigger fills' },
  { name: 'a column that is the primary key', before: 'CREATE TABLE users (name text);', sql: 'ALTER TABLE users ADD COLUMN id int PRIMARY KEY DEFAULT 1', reason: 'a primary key of its own' },
  { name: 'exclusion constraint', before: 'CREATE TABLE stays (id int, span tsrange);', sql: 'ALTER TABLE stays ADD CONSTRAINT apart EXCLUDE USING gist (span WITH &&)', reason: 'cannot be added without blocking' },
  { name: 'attach by a hash bound', before: 'CREATE TABLE logs (id int) PARTITION BY HASH (id);\nCREATE TABLE logs_1 (id int);', sql: 'ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0)', reason: 'hash bound' },
  { name: 'attach by a key of two columns', before: 'CREATE TABLE logs (id int, at date) PARTITION BY RANGE (id, at);\nCREATE TABLE logs_1 (id int, at date);', sql: "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM (1, '2026-01-01') TO (2, '2026-01-01')", reason: 'not one plain column' },
  { name: 'attach of a table that lacks an index', before: 'CREATE TABLE logs (id int) PARTITION BY RANGE (id);\nCREATE INDEX logs_id ON logs (id);\nCREATE TABLE logs_1 (id int);', sql: 'ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM (1) TO (2)', reason: 'no index that matches "logs_id"' },
  { name: 'detach beside a default partition', before: 'CREATE TABLE logs (id int) PARTITION BY RANGE (id);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (1) TO (9);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;', sql: 'ALTER TABLE logs DETACH PARTITION logs_1', reason: 'default partition' },
];

/** Splits that have no safe steps: the schema, and the columns that are to leave `users`. */
const NOT_SPLIT: readonly { readonly name: string; readonly before: string; readonly columns: string; readonly reason: string }[] = [
  { name: 'a table without a key', before: 'CREATE TABLE users (id int, name text);', columns: 'name', reason: 'primary key of one column' },
  { name: 'a column with a default', before: "CREATE TABLE users (id int PRIMARY KEY, name text DEFAULT 'x');", columns: 'name', reason: 'has a default' },
  { name: 'a unique column', before: 'CREATE TABLE users (id int PRIMARY KEY, name text UNIQUE);', columns: 'name', reason: 'is unique' },
  { name: 'a column of a check with another', before: 'CREATE TABLE users (id int PRIMARY KEY, a int, b int, CHECK (a < b));', columns: 'a', reason: 'ties "a"' },
  { name: 'a column that a view reads', before: 'CREATE TABLE users (id int PRIMARY KEY, name text);\nCREATE VIEW names AS SELECT name FROM users;', columns: 'name', reason: 'the view names' },
  { name: 'the key itself', before: 'CREATE TABLE users (id int PRIMARY KEY, name text);', columns: 'id', reason: 'users_pkey' },
  { name: 'a name that is taken', before: 'CREATE TABLE users (id int PRIMARY KEY, name text);\nCREATE TABLE other (id int);', columns: 'name', reason: '"other" already' },
];

let dialects: Dialects;
beforeAll(async () => { dialects = await loadDialects(); });

describe('a change without safe steps is refused, and the reason says what to do', () => {
  test.each(REFUSED)('$name', async ({ dialect = 'postgresql', version, before, sql, reason }) => {
    const example = await openExample(dialects, { dialect, ...(version === undefined ? {} : { version }), before: before === '' ? [] : [before], sql: `${sql};` });
    const { fixes, skipped } = example.project.fixes(example.path, new Date(0));
    expect(fixes.filter((fix) => fix.kind === 'change')).toEqual([]);
    expect(skipped.map((entry) => entry.reason).join('\n')).toContain(reason);
  });
});

describe('a split without safe steps is refused', () => {
  test.each(NOT_SPLIT)('$name', async ({ before, columns, reason }) => {
    const example = await openExample(dialects, { dialect: 'postgresql', sql: before });
    const wish = wishOf('split-table');
    expect(wish === undefined ? undefined : example.project.planWish(wish, [`users.${columns}`, 'other'], new Date(0))).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });
});

/** Merges of `part` into `users` that have no safe steps. */
const NOT_MERGED: readonly { readonly name: string; readonly part: string; readonly reason: string }[] = [
  { name: 'a table with a key of its own', part: 'CREATE TABLE part (id int PRIMARY KEY, user_id int REFERENCES users, city text);', reason: 'a foreign key to it' },
  { name: 'a column of one name', part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, name text);', reason: 'a column "name" already' },
  { name: 'a table that another points at', part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, city text);\nCREATE TABLE orders (part int REFERENCES part);', reason: 'orders_part_fkey' },
  { name: 'a table with a check', part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, age int CHECK (age > 0));', reason: 'part_age_check' },
  { name: 'a table with a unique column', part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, city text);\nCREATE UNIQUE INDEX cities ON part (city);', reason: 'cities' },
];

describe('a merge without safe steps is refused', () => {
  test.each(NOT_MERGED)('$name', async ({ part, reason }) => {
    const example = await openExample(dialects, { dialect: 'postgresql', sql: `CREATE TABLE users (id int PRIMARY KEY, name text);\n${part}` });
    const wish = wishOf('merge-tables');
    expect(wish === undefined ? undefined : example.project.planWish(wish, ['part', 'users'], new Date(0))).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });
});
