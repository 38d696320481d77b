import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
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
