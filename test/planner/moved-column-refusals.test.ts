import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

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
