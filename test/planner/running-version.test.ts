import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

const BEFORE = `CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE teams (id bigint PRIMARY KEY);
CREATE TABLE users (
  id bigint PRIMARY KEY, team_id bigint, lead_id bigint, email text, name varchar(50), age int NOT NULL, rank int, feel mood,
  CONSTRAINT users_age CHECK (age >= 18), CONSTRAINT users_rank CHECK (rank IN (1, 2)),
  CONSTRAINT users_lead FOREIGN KEY (lead_id) REFERENCES teams (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX users_email ON users (email);`;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** What the steps of a migration wait for, in order. */
async function deploysOf(sql: string, before = BEFORE): Promise<readonly string[]> {
  const example = await openExample(engines, { dialect: 'postgresql', version: '17', before: [before], sql });
  const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
  if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
  return fix.proposal.steps.flatMap(({ requires }) =>
    (requires ?? []).flatMap((each) => (each.kind === 'deploy' ? [each.description] : [])),
  );
}

const ADD = 'ALTER TABLE users ADD CONSTRAINT more';

describe('a constraint waits for a version that keeps to it', () => {
  test.each([
    ['a check over a column in use', `${ADD} CHECK (email <> '');`, 'writes no row of users that breaks more'],
    ['a check that asks for a value', `${ADD} CHECK (team_id IS NOT NULL);`, 'writes no row of users that breaks more'],
    ['a narrower check', `${ADD} CHECK (age >= 21);`, 'breaks more'],
    ['a shorter text than the type has', `${ADD} CHECK (char_length(name) <= 40);`, 'breaks more'],
    ['fewer values than the enum has', `${ADD} CHECK (feel IN ('ok'));`, 'breaks more'],
    [
      'a new column that the check wants a value of',
      `ALTER TABLE users ADD COLUMN code text;\n${ADD} CHECK (code IS NOT NULL);`,
      'breaks more',
    ],
    [
      'a new column beside one in use',
      `ALTER TABLE users ADD COLUMN code int;\n${ADD} CHECK (code < rank);`,
      'breaks more',
    ],
    [
      'a column under another name',
      `ALTER TABLE teams ADD COLUMN a int CHECK (a > 0);\nALTER TABLE teams RENAME COLUMN a TO b;\n${ADD} CHECK (email <> '');`,
      'breaks more',
    ],
    ['a foreign key over a column in use', `${ADD} FOREIGN KEY (team_id) REFERENCES teams (id);`, 'without its row in'],
    [
      'a foreign key that lets less be deleted',
      `ALTER TABLE users DROP CONSTRAINT users_lead;\n${ADD} FOREIGN KEY (lead_id) REFERENCES teams (id);`,
      'deletes none there',
    ],
    [
      'a foreign key of a column that the migration fills',
      `ALTER TABLE users ADD COLUMN t bigint;\nUPDATE users SET t = team_id;\n${ADD} FOREIGN KEY (t) REFERENCES teams (id);`,
      'deletes none there',
    ],
    ['a unique constraint', `${ADD} UNIQUE (name);`, 'writes no two rows of users with the same name'],
    [
      'a unique index',
      'CREATE UNIQUE INDEX more ON users (name);',
      'writes no two rows of users that more keeps apart',
    ],
    ['a unique index over an expression', 'CREATE UNIQUE INDEX more ON users (lower(email));', 'more keeps apart'],
    [
      'a unique constraint for which NULLs are the same',
      'CREATE UNIQUE INDEX more ON users (email) NULLS NOT DISTINCT;',
      'more keeps apart',
    ],
    [
      'a primary key of columns that may be empty',
      `ALTER TABLE users DROP CONSTRAINT users_pkey;\n${ADD} PRIMARY KEY (name);`,
      'gives users.name in every INSERT, and that writes no two rows of users with the same name',
    ],
  ])('%s', async (_name, sql, description) => {
    const deploys = await deploysOf(sql);
    expect(deploys.join('; ')).toContain(description);
  });

  test.each([
    ['the check is there already', `${ADD} CHECK (users.age >= 18);`],
    ['a check that is there is narrower', `${ADD} CHECK (age > 0);`],
    ['a list of values that is there is shorter', `${ADD} CHECK (rank IN (1, 2, 3));`],
    ['the column is NOT NULL', `${ADD} CHECK (age IS NOT NULL);`],
    ['the type is as short', `${ADD} CHECK (char_length(name) <= 50);`],
    ['the type has no other values', `${ADD} CHECK (feel IN ('ok', 'sad'));`],
    ['a new column is empty', `ALTER TABLE users ADD COLUMN code int;\n${ADD} CHECK (code > 0 AND code < 10);`],
    ['a new column has a default that passes', `ALTER TABLE users ADD COLUMN code int DEFAULT 5 CHECK (code > 0);`],
    [
      'a new column points nowhere yet',
      `ALTER TABLE users ADD COLUMN t bigint;\n${ADD} FOREIGN KEY (t) REFERENCES teams (id);`,
    ],
    [
      'the foreign key lets more be deleted',
      `ALTER TABLE users DROP CONSTRAINT users_lead;\n${ADD} FOREIGN KEY (lead_id) REFERENCES teams (id) ON DELETE CASCADE;`,
    ],
    ['a new column is empty in each row', 'ALTER TABLE users ADD COLUMN code text UNIQUE;'],
    ['fewer columns are unique already', 'CREATE UNIQUE INDEX more ON users (email, name);'],
    ['so are fewer rows', `CREATE UNIQUE INDEX more ON users (email) WHERE email <> '';`],
    [
      'NOT NULL of a new column with a default',
      'ALTER TABLE users ADD COLUMN code int DEFAULT 0;\nALTER TABLE users ALTER COLUMN code SET NOT NULL;',
    ],
  ])('but not where %s', async (_name, sql) => {
    expect((await deploysOf(sql)).filter((description) => !/relies on/.test(description))).toEqual([]);
  });
});
