import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name text, email text UNIQUE);';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Changes that have no safe steps, and a part of the sentence that says why. `sql` stands behind `before`. */
const REFUSED: readonly {
  readonly name: string;
  readonly dialect?: 'postgresql' | 'sqlite';
  readonly version?: string;
  readonly before: string;
  readonly sql: string;
  readonly reason: string;
}[] = [
  {
    name: 'rename of a column of an unknown table',
    before: '',
    sql: 'ALTER TABLE users RENAME name TO label',
    reason: 'connect to the database',
  },
  {
    name: 'rename to a name that is taken',
    before: USERS,
    sql: 'ALTER TABLE users RENAME name TO email',
    reason: 'has a column "email" already',
  },
  {
    name: 'rename of a generated column',
    before: 'CREATE TABLE users (id bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED);',
    sql: 'ALTER TABLE users RENAME twice TO double',
    reason: 'generated column',
  },
  {
    name: 'rename of a partition key',
    before: 'CREATE TABLE logs (at date, note text) PARTITION BY RANGE (at);',
    sql: 'ALTER TABLE logs RENAME at TO day',
    reason: 'partition key',
  },
  {
    name: 'rename in an inheritance tree',
    before: `${USERS}\nCREATE TABLE admins () INHERITS (users);`,
    sql: 'ALTER TABLE users RENAME name TO label',
    reason: 'inherit',
  },
  {
    name: 'rename of a column that a trigger watches',
    before: `${USERS}\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER watch AFTER UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION touch();`,
    sql: 'ALTER TABLE users RENAME name TO label',
    reason: 'UPDATE OF',
  },
  {
    name: 'rename of a column in SQLite',
    dialect: 'sqlite',
    before: 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);',
    sql: 'ALTER TABLE users RENAME COLUMN name TO label',
    reason: 'no trigger that can change the row',
  },
  {
    name: 'rename to a table that is there',
    before: `${USERS}\nCREATE TABLE people (id int);`,
    sql: 'ALTER TABLE users RENAME TO people',
    reason: 'already',
  },
  {
    name: 'rename of a table in SQLite',
    dialect: 'sqlite',
    before: 'CREATE TABLE users (id INTEGER PRIMARY KEY);',
    sql: 'ALTER TABLE users RENAME TO people',
    reason: 'ON CONFLICT',
  },
  {
    name: 'rename of a table with row security before 15',
    version: '14',
    before: `${USERS}\nALTER TABLE users ENABLE ROW LEVEL SECURITY;`,
    sql: 'ALTER TABLE users RENAME TO people',
    reason: 'row security',
  },
  {
    name: 'drop of a column that a view reads',
    before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`,
    sql: 'ALTER TABLE users DROP name',
    reason: 'the view names',
  },
  {
    name: 'drop of a column with CASCADE',
    before: USERS,
    sql: 'ALTER TABLE users DROP name CASCADE',
    reason: 'CASCADE',
  },
  { name: "drop of a primary key's column", before: USERS, sql: 'ALTER TABLE users DROP id', reason: 'primary key' },
  {
    name: 'drop of a column in a key of two',
    before: 'CREATE TABLE users (id bigint, name text, team text, UNIQUE (name, team));',
    sql: 'ALTER TABLE users DROP team',
    reason: 'users_name_team_key',
  },
  {
    name: 'drop of a column that a generated one is made of',
    before: 'CREATE TABLE users (id bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED);',
    sql: 'ALTER TABLE users DROP id',
    reason: 'generated column "twice"',
  },
  {
    name: 'drop of a required column in SQLite',
    dialect: 'sqlite',
    before: 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);',
    sql: 'ALTER TABLE users DROP COLUMN name',
    reason: 'rebuild',
  },
  {
    name: 'drop of a table that another points at',
    before: `${USERS}\nCREATE TABLE orders (user_id bigint REFERENCES users);`,
    sql: 'DROP TABLE users',
    reason: 'orders_user_id_fkey',
  },
  {
    name: 'drop of a table that a view reads',
    before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`,
    sql: 'DROP TABLE users',
    reason: 'the view names',
  },
  {
    name: 'drop of two tables',
    before: `${USERS}\nCREATE TABLE logs (id int);`,
    sql: 'DROP TABLE users, logs',
    reason: 'several objects',
  },
  {
    name: 'drop of a key that a foreign key needs',
    before: `${USERS}\nCREATE TABLE orders (email text REFERENCES users (email));`,
    sql: 'ALTER TABLE users DROP CONSTRAINT users_email_key',
    reason: 'orders_email_fkey',
  },
  {
    name: 'another type of a column that a view reads',
    before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`,
    sql: 'ALTER TABLE users ALTER name TYPE int USING 1',
    reason: 'The view names',
  },
  {
    name: 'a time zone that nobody named',
    before: 'CREATE TABLE users (id int, at timestamp);',
    sql: 'ALTER TABLE users ALTER at TYPE timestamptz',
    reason: "AT TIME ZONE 'UTC'",
  },
  {
    name: 'another type under row security',
    before: 'CREATE TABLE users (id int);\nCREATE POLICY own ON users USING (id > 0);',
    sql: 'ALTER TABLE users ALTER id TYPE bigint',
    reason: 'policies (own)',
  },
  {
    name: 'another type of a partitioned table with an index',
    before:
      'CREATE TABLE logs (at date, size int) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs DEFAULT;\nCREATE INDEX logs_size ON logs (size);',
    sql: 'ALTER TABLE logs ALTER size TYPE bigint',
    reason: 'partitioned',
  },
  {
    name: 'another type, and the old one goes right behind',
    before:
      "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TYPE mood_new AS ENUM ('ok');\nCREATE TABLE users (id int, mood mood);",
    sql: 'ALTER TABLE users ALTER mood TYPE mood_new USING mood::text::mood_new;\nDROP TYPE mood;',
    reason:
      'A later statement of this migration drops or renames the type mood, which is needed until the change is done',
  },
  {
    name: 'another type, which gets its name behind',
    before: "CREATE TYPE mood_new AS ENUM ('ok');\nCREATE TABLE users (id int, mood text);",
    sql: 'ALTER TABLE users ALTER mood TYPE mood_new USING mood::mood_new;\nALTER TYPE mood_new RENAME TO feeling;',
    reason: 'A later statement of this migration drops or renames the type mood_new',
  },
  {
    name: 'drop of an index whose name another has behind it',
    before: `${USERS}\nCREATE INDEX users_name ON users (name);`,
    sql: 'DROP INDEX users_name;\nCREATE TABLE notes (title text);\nCREATE INDEX users_name ON notes (title)',
    reason: 'A later statement of this migration names "users_name" and would run before the drop',
  },
  {
    name: 'drop of a table that is made again behind it',
    before: USERS,
    sql: 'DROP TABLE users;\nCREATE TABLE users (id bigint PRIMARY KEY)',
    reason: 'names "users" and would run before the drop',
  },
  {
    name: 'a column whose type goes behind it',
    before: "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE users (id int, mood mood);",
    sql: 'ALTER TABLE users DROP COLUMN mood;\nDROP TYPE mood;',
    reason: 'A later statement of this migration drops or renames the type mood',
  },
  {
    name: "a table whose column's type goes behind it",
    before: "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE users (id int, mood mood);",
    sql: 'DROP TABLE users;\nDROP TYPE IF EXISTS mood;',
    reason: 'A later statement of this migration drops or renames the type mood',
  },
  {
    name: 'another type of a column that a later statement indexes',
    before: 'CREATE TABLE users (id int);',
    sql: "ALTER TABLE users ALTER id TYPE bigint;\nCOMMENT ON COLUMN users.id IS 'key'",
    reason: 'A later statement of this migration names "id"',
  },
  {
    name: 'a second change of one table',
    before: `${USERS}\nCREATE FUNCTION lockstep_users_email_mail_sync() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER lockstep_users_email_mail_sync BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION lockstep_users_email_mail_sync();`,
    sql: 'ALTER TABLE users RENAME name TO label',
    reason: 'Another change of users is under way',
  },
  {
    name: 'a column of a domain with a check',
    before: `${USERS}\nCREATE DOMAIN adult AS int CHECK (VALUE > 17);`,
    sql: 'ALTER TABLE users ADD COLUMN age adult DEFAULT 18',
    reason: 'adult is a domain with rules of its own',
  },
  {
    name: 'rename of a column of a domain with a check',
    before: 'CREATE DOMAIN adult AS int CHECK (VALUE > 17);\nCREATE TABLE users (id int PRIMARY KEY, age adult);',
    sql: 'ALTER TABLE users RENAME age TO years',
    reason: 'adult is a domain with rules of its own',
  },
  {
    name: 'another type that is a domain with a check',
    before: 'CREATE DOMAIN adult AS int CHECK (VALUE > 17);\nCREATE TABLE users (id int PRIMARY KEY, age int);',
    sql: 'ALTER TABLE users ALTER age TYPE adult',
    reason: 'adult is a domain with rules of its own',
  },
  {
    name: 'a generated column of an unknown table',
    before: '',
    sql: 'ALTER TABLE users ADD COLUMN low text GENERATED ALWAYS AS (lower(name)) STORED',
    reason: 'connect to the database',
  },
  {
    name: 'a generated column over a generated one',
    before: 'CREATE TABLE users (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);',
    sql: 'ALTER TABLE users ADD COLUMN more int GENERATED ALWAYS AS (twice * 2) STORED',
    reason: '"twice" is generated itself',
  },
  {
    name: 'a generated column in an inheritance tree',
    before: `${USERS}\nCREATE TABLE admins () INHERITS (users);`,
    sql: 'ALTER TABLE users ADD COLUMN low text GENERATED ALWAYS AS (lower(name)) STORED',
    reason: 'Other tables inherit',
  },
  {
    name: 'a generated column of a domain with a check',
    before: `${USERS}\nCREATE DOMAIN low AS text CHECK (VALUE = lower(VALUE));`,
    sql: 'ALTER TABLE users ADD COLUMN low low GENERATED ALWAYS AS (lower(name)) STORED',
    reason: 'low is a domain with rules of its own',
  },
  {
    name: 'a generated column that is a key',
    before: 'CREATE TABLE users (name text);',
    sql: 'ALTER TABLE users ADD COLUMN low text PRIMARY KEY GENERATED ALWAYS AS (lower(name)) STORED',
    reason: 'primary key of its own',
  },
  {
    name: 'a virtual column that is required',
    version: '18',
    before: USERS,
    sql: 'ALTER TABLE users ADD COLUMN low text NOT NULL GENERATED ALWAYS AS (lower(name)) VIRTUAL',
    reason: 'worked out when it is read',
  },
  {
    name: 'a column that is the primary key',
    before: 'CREATE TABLE users (name text);',
    sql: 'ALTER TABLE users ADD COLUMN id int PRIMARY KEY DEFAULT 1',
    reason: 'a primary key of its own',
  },
  {
    name: 'exclusion constraint',
    before: 'CREATE TABLE stays (id int, span tsrange);',
    sql: 'ALTER TABLE stays ADD CONSTRAINT apart EXCLUDE USING gist (span WITH &&)',
    reason: 'cannot be added without blocking',
  },
  {
    name: 'attach by a hash bound',
    before: 'CREATE TABLE logs (id int) PARTITION BY HASH (id);\nCREATE TABLE logs_1 (id int);',
    sql: 'ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0)',
    reason: 'hash bound',
  },
  {
    name: 'attach by a key of two columns',
    before: 'CREATE TABLE logs (id int, at date) PARTITION BY RANGE (id, at);\nCREATE TABLE logs_1 (id int, at date);',
    sql: "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM (1, '2026-01-01') TO (2, '2026-01-01')",
    reason: 'not one plain column',
  },
  {
    name: 'attach of a table that lacks an index',
    before:
      'CREATE TABLE logs (id int) PARTITION BY RANGE (id);\nCREATE INDEX logs_id ON logs (id);\nCREATE TABLE logs_1 (id int);',
    sql: 'ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM (1) TO (2)',
    reason: 'no index that matches "logs_id"',
  },
  {
    name: 'detach beside a default partition',
    before:
      'CREATE TABLE logs (id int) PARTITION BY RANGE (id);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (1) TO (9);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;',
    sql: 'ALTER TABLE logs DETACH PARTITION logs_1',
    reason: 'default partition',
  },
];

describe('a change without safe steps is refused, and the reason says what to do', () => {
  test.each(REFUSED)('$name', async ({ dialect = 'postgresql', version, before, sql, reason }) => {
    const example = await openExample(engines, {
      dialect,
      ...(version === undefined ? {} : { version }),
      before: before === '' ? [] : [before],
      sql: `${sql};`,
    });
    const { fixes, skipped } = example.project.fixes(example.path, new Date(0));
    expect(fixes.filter((fix) => fix.kind === 'change')).toEqual([]);
    expect(skipped.map((entry) => entry.reason).join('\n')).toContain(reason);
  });
});

describe('a wish about what is not there is refused', () => {
  test.each([
    ['drop-column', ['nobody.name'], 'nobody is in no migration here'],
    ['drop-table', ['other.users'], 'other.users is in no migration here'],
    ['drop-column', ['users.nick'], 'users has no column "nick"'],
    ['create-index', ['users.name,nick'], 'users has no column "nick"'],
    ['add-foreign-key', ['users.name', 'users.nick'], 'users has no column "nick"'],
    ['required-column', ['users.name', 'text'], 'users has a column "name" already'],
    ['rename-column', ['users.name', 'email'], 'users has a column "email" already'],
  ])('%s %s', async (name, values, reason) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: USERS });
    const wish = wishOf(name);
    expect(wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });
});
