import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name text, email text UNIQUE);';

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

/** Splits that have no safe steps: the schema, and the columns that are to leave `users`. */
const NOT_SPLIT: readonly {
  readonly name: string;
  readonly before: string;
  readonly columns: string;
  readonly reason: string;
}[] = [
  {
    name: 'a table without a key',
    before: 'CREATE TABLE users (id int, name text);',
    columns: 'name',
    reason: 'primary key of one column',
  },
  {
    name: 'a column with a default',
    before: "CREATE TABLE users (id int PRIMARY KEY, name text DEFAULT 'x');",
    columns: 'name',
    reason: 'has a default',
  },
  {
    name: 'a unique column',
    before: 'CREATE TABLE users (id int PRIMARY KEY, name text UNIQUE);',
    columns: 'name',
    reason: 'is unique',
  },
  {
    name: 'a column of a check with another',
    before: 'CREATE TABLE users (id int PRIMARY KEY, a int, b int, CHECK (a < b));',
    columns: 'a',
    reason: 'ties "a"',
  },
  {
    name: 'a column that a view reads',
    before: 'CREATE TABLE users (id int PRIMARY KEY, name text);\nCREATE VIEW names AS SELECT name FROM users;',
    columns: 'name',
    reason: 'the view names',
  },
  {
    name: 'the key itself',
    before: 'CREATE TABLE users (id int PRIMARY KEY, name text);',
    columns: 'id',
    reason: 'users_pkey',
  },
  {
    name: 'a name that is taken',
    before: 'CREATE TABLE users (id int PRIMARY KEY, name text);\nCREATE TABLE other (id int);',
    columns: 'name',
    reason: '"other" already',
  },
];

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

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

describe('a split without safe steps is refused', () => {
  test.each(NOT_SPLIT)('$name', async ({ before, columns, reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('split-table');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, [`users.${columns}`, 'other'], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });
});

/** Merges of `part` into `users` that have no safe steps. */
const NOT_MERGED: readonly { readonly name: string; readonly part: string; readonly reason: string }[] = [
  {
    name: 'a table with a key of its own',
    part: 'CREATE TABLE part (id int PRIMARY KEY, user_id int REFERENCES users, city text);',
    reason: 'a foreign key to it',
  },
  {
    name: 'a column of one name',
    part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, name text);',
    reason: 'a column "name" already',
  },
  {
    name: 'a table that another points at',
    part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, city text);\nCREATE TABLE orders (part int REFERENCES part);',
    reason: 'orders_part_fkey',
  },
  {
    name: 'a table with a check',
    part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, age int CHECK (age > 0));',
    reason: 'part_age_check',
  },
  {
    name: 'a table with a unique column',
    part: 'CREATE TABLE part (id int PRIMARY KEY REFERENCES users, city text);\nCREATE UNIQUE INDEX cities ON part (city);',
    reason: 'cities',
  },
];

describe('a merge without safe steps is refused', () => {
  test.each(NOT_MERGED)('$name', async ({ part, reason }) => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      sql: `CREATE TABLE users (id int PRIMARY KEY, name text);\n${part}`,
    });
    const wish = wishOf('merge-tables');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, ['part', 'users'], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });
});

const PLACES =
  'CREATE TABLE users (id int PRIMARY KEY, street text);\nCREATE TABLE addresses (user_id int PRIMARY KEY REFERENCES users, land text);';

/** Moves of columns of `users` to `addresses` that have no safe steps. */
const NOT_MOVED: readonly {
  readonly name: string;
  readonly before: string;
  readonly columns?: string;
  readonly reason: string;
}[] = [
  {
    name: 'tables that nothing ties',
    before: 'CREATE TABLE users (id int PRIMARY KEY, street text);\nCREATE TABLE addresses (id int PRIMARY KEY);',
    reason: 'No foreign key of one column ties addresses to users',
  },
  {
    name: 'several rows there for one here',
    before:
      'CREATE TABLE users (id int PRIMARY KEY, street text);\nCREATE TABLE addresses (id int PRIMARY KEY, user_id int REFERENCES users);',
    reason: '"user_id" is not unique',
  },
  {
    name: 'uniqueness of some rows only',
    before:
      'CREATE TABLE users (id int PRIMARY KEY, street text);\nCREATE TABLE addresses (id int PRIMARY KEY, user_id int REFERENCES users);\nCREATE UNIQUE INDEX one ON addresses (user_id) WHERE id > 5;',
    reason: '"user_id" is not unique',
  },
  {
    name: 'several rows here for one there',
    before:
      'CREATE TABLE addresses (id int PRIMARY KEY);\nCREATE TABLE users (id int PRIMARY KEY, street text, home int REFERENCES addresses);',
    reason: 'that row could hold the value of one of them only',
  },
  {
    name: 'two ties',
    before:
      'CREATE TABLE users (id int PRIMARY KEY, street text);\nCREATE TABLE addresses (id int PRIMARY KEY REFERENCES users, user_id int UNIQUE REFERENCES users);',
    reason: 'Several foreign keys',
  },
  {
    name: 'a key of two columns',
    before:
      'CREATE TABLE users (id int, part int, street text, PRIMARY KEY (id, part));\nCREATE TABLE addresses (id int, part int, PRIMARY KEY (id, part), FOREIGN KEY (id, part) REFERENCES users);',
    reason: 'No foreign key of one column',
  },
  { name: 'a column of one name', before: PLACES, columns: 'street,land', reason: 'no column "land"' },
  {
    name: 'a column that is there already',
    before: `${PLACES}\nALTER TABLE users ADD COLUMN land text;`,
    columns: 'land',
    reason: 'a column "land" already',
  },
  {
    name: 'the column that ties them',
    before:
      'CREATE TABLE addresses (id int PRIMARY KEY);\nCREATE TABLE users (id int PRIMARY KEY, home int UNIQUE REFERENCES addresses);',
    columns: 'home',
    reason: '"home" ties users to addresses',
  },
  {
    name: 'a unique column',
    before: `${PLACES}\nCREATE UNIQUE INDEX streets ON users (street);`,
    reason: 'is unique by "streets"',
  },
  {
    name: 'a column with a default',
    before: `${PLACES}\nALTER TABLE users ALTER street SET DEFAULT 'x';`,
    reason: 'has a default',
  },
  {
    name: 'a column that a view reads',
    before: `${PLACES}\nCREATE VIEW streets AS SELECT street FROM users;`,
    reason: 'the view streets',
  },
  {
    name: 'a table without a key',
    before:
      'CREATE TABLE users (id int UNIQUE, street text);\nCREATE TABLE addresses (user_id int PRIMARY KEY REFERENCES users (id));',
    reason: 'users has no primary key of one column',
  },
  {
    name: 'a partitioned table',
    before:
      'CREATE TABLE users (id int PRIMARY KEY, street text) PARTITION BY RANGE (id);\nCREATE TABLE addresses (user_id int PRIMARY KEY REFERENCES users);',
    reason: 'plain table',
  },
  {
    name: 'a table that is not known',
    before: 'CREATE TABLE addresses (user_id int PRIMARY KEY);',
    reason: 'connect to the database',
  },
];

describe('a move without safe steps is refused', () => {
  test.each(NOT_MOVED)('$name', async ({ before, columns = 'street', reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('move-column');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, [`users.${columns}`, 'addresses'], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  test('to its own table', async () => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: PLACES });
    const wish = wishOf('move-column');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, ['users.street', 'public.users'], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining('name a table that the columns are not in') });
  });

  test('in SQLite', async () => {
    const example = await openExample(engines, {
      dialect: 'sqlite',
      sql: 'CREATE TABLE users (id INTEGER PRIMARY KEY, street TEXT);\nCREATE TABLE addresses (user_id INTEGER PRIMARY KEY REFERENCES users);',
    });
    const wish = wishOf('move-column');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, ['users.street', 'addresses'], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining('In SQLite a move is written by hand') });
  });
});

const MOOD = "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE users (id int PRIMARY KEY, mood mood);";

/** Renamings of the value `ok` of `mood` that have no safe steps. */
const NOT_RENAMED: readonly {
  readonly name: string;
  readonly before: string;
  readonly to?: string;
  readonly reason: string;
}[] = [
  { name: 'an enum that is not known', before: 'CREATE TABLE users (id int);', reason: 'connect to the database' },
  { name: 'a type that is no enum', before: 'CREATE DOMAIN mood AS text;', reason: 'are in no migration here' },
  { name: 'a value that is not there', before: "CREATE TYPE mood AS ENUM ('bad');", reason: 'has no value "ok"' },
  { name: 'a value that is there already', before: MOOD, to: 'bad', reason: 'has a value "bad" already' },
  { name: 'a value of too many bytes', before: MOOD, to: 'ü'.repeat(32), reason: '63 bytes' },
  {
    name: 'a check that names it',
    before: `${MOOD}\nALTER TABLE users ADD CONSTRAINT fine CHECK (mood IN ('ok'));`,
    reason: 'The check "fine"',
  },
  {
    name: 'an index that names it',
    before: `${MOOD}\nCREATE INDEX oks ON users (id) WHERE mood = 'ok';`,
    reason: 'The index "oks"',
  },
  {
    name: 'a unique index',
    before: `${MOOD}\nCREATE UNIQUE INDEX moods ON users (mood, id);`,
    reason: 'unique index "moods"',
  },
  {
    name: 'a key',
    before: "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE moods (mood mood PRIMARY KEY);",
    reason: 'part of "moods_pkey"',
  },
  {
    name: 'a partition key',
    before: "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE days (at date, mood mood) PARTITION BY LIST (mood);",
    reason: 'partition key',
  },
  {
    name: 'a generated column that names it',
    before:
      "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE users (mood mood, good bool GENERATED ALWAYS AS (mood = 'ok') STORED);",
    reason: 'The generated column "good"',
  },
  {
    name: 'a default that is made of it',
    before: `${MOOD}\nALTER TABLE users ALTER mood SET DEFAULT coalesce(NULL, 'ok'::mood);`,
    reason: 'The default of users."mood"',
  },
  {
    name: 'a default of an array',
    before: `${MOOD}\nALTER TABLE users ADD moods mood[] DEFAULT '{ok}';`,
    reason: 'The default of users."moods"',
  },
  { name: 'a domain over it', before: `${MOOD}\nCREATE DOMAIN feeling AS mood;`, reason: 'The domain feeling' },
  {
    name: 'a composite type with it',
    before: `${MOOD}\nCREATE TYPE day AS (at date, mood mood);`,
    reason: 'The type day',
  },
];

describe('the renaming of a value of an enum without safe steps is refused', () => {
  test.each(NOT_RENAMED)('$name', async ({ before, to = 'fine', reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('rename-enum-value');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, ['mood', 'ok', to], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  test('a view that names it is told of', async () => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      sql: `${MOOD}\nCREATE VIEW happy AS SELECT id FROM users WHERE mood = 'ok';`,
    });
    const wish = wishOf('rename-enum-value');
    const planned =
      wish === undefined ? undefined : example.project.planWish(wish, ['mood', 'ok', 'fine'], new Date(0));
    expect(planned?.kind === 'planned' ? planned.change.files[0]?.text : planned).toContain(
      "The view happy names 'ok'",
    );
  });
});

/** Replacements of the enum in `users.mood` that have no safe steps. */
const NOT_REPLACED: readonly { readonly name: string; readonly before: string; readonly reason: string }[] = [
  {
    name: 'a column that is no enum',
    before: 'CREATE TABLE users (id int, mood int);',
    reason: 'no migration here makes that an enum',
  },
  {
    name: 'an array',
    before: "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE users (mood mood[]);",
    reason: 'holds arrays of mood',
  },
  {
    name: 'an enum without values',
    before: 'CREATE TYPE mood AS ENUM ();\nCREATE TABLE users (mood mood);',
    reason: 'has no values',
  },
  {
    name: 'a check of the order',
    before: `${MOOD}\nALTER TABLE users ADD CONSTRAINT fine CHECK (mood < 'bad'::mood);`,
    reason: 'The check "fine" asks for the order',
  },
  {
    name: 'an index of the order',
    before: `${MOOD}\nCREATE INDEX oks ON users (id) WHERE mood >= 'ok' OR id = 3;`,
    reason: 'The index "oks" asks for the order',
  },
  {
    name: 'a foreign key',
    before:
      "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE moods (mood mood PRIMARY KEY);\nCREATE TABLE users (mood mood REFERENCES moods);",
    reason: 'users_mood_fkey',
  },
  {
    name: 'a view that reads it',
    before: `${MOOD}\nCREATE VIEW moods AS SELECT mood FROM users;`,
    reason: 'The view moods',
  },
];

describe('the replacement of an enum without safe steps is refused', () => {
  test.each(NOT_REPLACED)('$name', async ({ before, reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('replace-enum');
    expect(wish === undefined ? undefined : example.project.planWish(wish, ['users.mood'], new Date(0))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });
});

const EVENTS = 'CREATE TABLE events (id bigint PRIMARY KEY, at date NOT NULL, note text);';

/** Tables that cannot become a partition of one of their name, and bounds that are none. */
const NOT_PARTITIONED: readonly {
  readonly name: string;
  readonly before: string;
  readonly column?: string;
  readonly bounds?: string;
  readonly reason: string;
}[] = [
  { name: 'an unknown table', before: '', reason: 'connect to the database' },
  { name: 'a column that is not there', before: EVENTS, column: 'day', reason: 'no column "day"' },
  {
    name: 'a partitioned table',
    before: 'CREATE TABLE events (at date) PARTITION BY RANGE (at);',
    reason: 'partitioned already',
  },
  { name: 'an unlogged table', before: 'CREATE UNLOGGED TABLE events (at date NOT NULL);', reason: 'unlogged' },
  {
    name: 'a table that others inherit from',
    before: `${EVENTS}\nCREATE TABLE more () INHERITS (events);`,
    reason: 'inherit',
  },
  {
    name: 'a generated column',
    before: 'CREATE TABLE events (id int, at int GENERATED ALWAYS AS (id + 1) STORED);',
    bounds: '7',
    reason: 'generated column',
  },
  { name: 'a column of text', before: EVENTS, column: 'note', reason: 'only numbers, dates and timestamps' },
  {
    name: 'a bound that is no date',
    before: EVENTS,
    bounds: '2027-01-01 12:00',
    reason: 'is no bound of date: write it as 2027-01-01',
  },
  { name: 'a day that no month has', before: EVENTS, bounds: '2027-02-30', reason: '"2027-02-30" is no bound' },
  { name: 'a month that no year has', before: EVENTS, bounds: '2027-13-01', reason: '"2027-13-01" is no bound' },
  {
    name: 'a time that no day has',
    before: 'CREATE TABLE events (at timestamp NOT NULL);',
    bounds: '2027-01-01 25:00',
    reason: 'is no bound',
  },
  {
    name: 'a bound that is no number',
    before: EVENTS,
    column: 'id',
    bounds: '1e6',
    reason: '"1e6" is no bound of bigint',
  },
  { name: 'bounds that fall', before: EVENTS, bounds: '2027-02-01,2027-01-01', reason: 'not above the one before' },
  {
    name: 'bounds that fall by their zones',
    before: 'CREATE TABLE events (at timestamptz NOT NULL);',
    bounds: '2027-01-01 00:00-05,2027-01-01 04:00',
    reason: 'not above the one before',
  },
  {
    name: 'a view of the table',
    before: `${EVENTS}\nCREATE VIEW days AS SELECT at FROM events;`,
    reason: 'The view days',
  },
  {
    name: 'a foreign key to the table',
    before: `${EVENTS}\nCREATE TABLE parts (event bigint REFERENCES events);`,
    reason: 'parts_event_fkey',
  },
  {
    name: 'a foreign key to the table itself',
    before: 'CREATE TABLE events (id bigint PRIMARY KEY, at date NOT NULL, parent bigint REFERENCES events);',
    reason: 'events_parent_fkey',
  },
  {
    name: 'row security',
    before: `${EVENTS}\nALTER TABLE events ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON events USING (id > 0);`,
    reason: 'row security',
  },
  {
    name: 'a rule',
    before: `${EVENTS}\nCREATE RULE none AS ON DELETE TO events DO INSTEAD NOTHING;`,
    reason: 'rules (none)',
  },
  {
    name: 'a publication',
    before: `${EVENTS}\nCREATE PUBLICATION feed FOR TABLE events;`,
    reason: 'publication "feed"',
  },
  {
    name: 'an exclusion constraint',
    before: 'CREATE TABLE events (at date NOT NULL, span daterange, EXCLUDE USING gist (span WITH &&));',
    reason: 'excludes rows',
  },
  {
    name: 'a key that is checked late',
    before: 'CREATE TABLE events (id bigint PRIMARY KEY DEFERRABLE, at date NOT NULL);',
    reason: 'checked when a transaction ends',
  },
  {
    name: 'a constraint that was not validated',
    before: `${EVENTS}\nALTER TABLE events ADD CONSTRAINT given CHECK (note <> '') NOT VALID;`,
    reason: '"given" of events is not validated',
  },
  {
    name: 'a constraint that is not inherited',
    before: `${EVENTS}\nALTER TABLE events ADD CONSTRAINT given CHECK (note <> '') NO INHERIT;`,
    reason: 'NO INHERIT',
  },
  {
    name: 'a condition that names its table',
    before: `${EVENTS}\nCREATE INDEX noted ON events (note) WHERE events.note <> '';`,
    reason: 'names events in its expressions',
  },
  {
    name: 'a replica identity of an index',
    before: `${EVENTS}\nALTER TABLE events REPLICA IDENTITY USING INDEX events_pkey;`,
    reason: 'replica identity',
  },
  {
    name: 'a trigger on a column that was renamed since',
    before: `CREATE TABLE events (at date NOT NULL, body text);\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER touch BEFORE UPDATE ON events FOR EACH ROW WHEN (NEW.body <> '') EXECUTE FUNCTION touch();\nALTER TABLE events RENAME body TO note;`,
    reason: 'not known as it is now',
  },
  {
    name: 'a trigger that reads rows as a table for each row',
    before: `${EVENTS}\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER touch AFTER INSERT ON events REFERENCING NEW TABLE AS added FOR EACH ROW EXECUTE FUNCTION touch();`,
    reason: 'FOR EACH STATEMENT',
  },
  {
    name: 'a trigger that is switched off',
    before: `${EVENTS}\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER touch AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();\nALTER TABLE events DISABLE TRIGGER touch;`,
    reason: 'is disabled',
  },
];

describe('a partition without safe steps is refused', () => {
  test.each(NOT_PARTITIONED)('$name', async ({ before, column = 'at', bounds = '2027-01-01', reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('partition-table');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, [`events.${column}`, bounds], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  test('bounds of timestamps say their zone, and long names fit', async () => {
    const table = `${'long name '.repeat(6)}end`;
    const example = await openExample(engines, {
      dialect: 'postgresql',
      sql: `CREATE TABLE "${table}" (id bigint PRIMARY KEY, at timestamptz NOT NULL);`,
    });
    const wish = wishOf('partition-table');
    const planned =
      wish === undefined
        ? undefined
        : example.project.planWish(
            wish,
            [`${table}.at`, '2027-01-01, 2027-02-01 12:30,2027-03-01T00:00:00Z,2027-04-01 00:00-05:30'],
            new Date(0),
          );
    const text =
      planned?.kind === 'planned'
        ? planned.change.files.map((file) => ('text' in file ? file.text : '')).join('\n')
        : '';
    expect(text).toContain("FROM ('2027-01-01 00:00+00') TO ('2027-02-01 12:30+00')");
    expect(text).toContain("FROM ('2027-03-01T00:00:00Z') TO ('2027-04-01 00:00-05:30')");
    const names = [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(names.filter((name) => name.startsWith('long name') && name.length > 63)).toEqual([]);
    expect(names).toContain(`${table.slice(0, 60)}_p0`);
  });
});

/** Columns that no trigger can compute. */
const NOT_COMPUTED: readonly {
  readonly name: string;
  readonly before: string;
  readonly wish: readonly string[];
  readonly reason: string;
}[] = [
  {
    name: 'an expression that differs each time',
    before: USERS,
    wish: ['users.token', 'text', 'name || random()'],
    reason: 'use a DEFAULT',
  },
  {
    name: 'a column that is not there',
    before: USERS,
    wish: ['users.token', 'text', 'nick'],
    reason: 'no column "nick"',
  },
  {
    name: 'a column computed from itself',
    before: USERS,
    wish: ['users.name', 'text', 'lower(name)'],
    reason: 'from itself',
  },
  {
    name: 'a column of another type',
    before: USERS,
    wish: ['users.name', 'varchar(20)', 'lower(email)'],
    reason: 'is text, not character varying(20)',
  },
  {
    name: 'a column that is generated',
    before: 'CREATE TABLE users (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);',
    wish: ['users.twice', 'int', 'id * 3'],
    reason: 'generated already',
  },
  {
    name: 'a partition key',
    before: 'CREATE TABLE users (id int, at int) PARTITION BY RANGE (at);',
    wish: ['users.at', 'int', 'id * 3'],
    reason: 'partition key',
  },
  {
    name: 'a view',
    before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`,
    wish: ['names.low', 'text', 'lower(name)'],
    reason: 'is no table',
  },
];

describe('a computed column without safe steps is refused', () => {
  test.each(NOT_COMPUTED)('$name', async ({ before, wish: values, reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('generated-column');
    expect(wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  test.each([
    ['17', 'lower(name)', []],
    ['18', 'lower(name)', ['VIRTUAL touches no row']],
    ['18', 'mine(name)', ['not mine']],
  ])('whether VIRTUAL would do on %s for %s', async (version, expression, told) => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      version,
      sql: `${USERS}\nCREATE FUNCTION mine(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';`,
    });
    const wish = wishOf('generated-column');
    const planned =
      wish === undefined ? undefined : example.project.planWish(wish, ['users.low', 'text', expression], new Date(0));
    const text = planned?.kind === 'planned' ? (planned.change.files[0]?.text ?? '') : '';
    expect(text).toContain('is a plain column that the trigger users_low_generated keeps, not GENERATED');
    expect(text.includes('VIRTUAL')).toBe(told.length > 0);
    for (const part of told) expect(text).toContain(part);
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
