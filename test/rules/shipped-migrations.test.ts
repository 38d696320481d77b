import { beforeAll, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** `code: message` of each finding of the last migration, advice left out. */
async function said(before: readonly string[], sql: string): Promise<readonly string[]> {
  const { project, path } = await openExample(engines, { dialect: 'postgresql', before, sql });
  return project
    .lint(path)
    .findings.filter((finding) => finding.severity === 'error' || finding.severity === 'warning')
    .map((finding) => `${finding.code}: ${finding.message}`);
}

const POSTS =
  "CREATE TYPE state AS ENUM ('draft', 'sent', 'lost');\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint, state state NOT NULL DEFAULT 'draft', title text DEFAULT 'new');";

/** Ways of writing that migrations in published packages share, in our own words: what is right to say of them. */
const CASES: readonly (readonly [
  title: string,
  before: readonly string[],
  sql: string,
  expected: readonly string[],
])[] = [
  [
    "a value of an enum is taken out by a new type that takes the old one's name",
    [POSTS],
    "CREATE TYPE state_new AS ENUM ('draft', 'sent');\nALTER TABLE posts ALTER COLUMN state DROP DEFAULT;\nALTER TABLE posts ALTER COLUMN state TYPE state_new USING state::text::state_new;\nALTER TYPE state RENAME TO state_old;\nALTER TYPE state_new RENAME TO state;\nDROP TYPE state_old;\nALTER TABLE posts ALTER COLUMN state SET DEFAULT 'draft';",
    [
      'blocking-alter: Changing the type of "state" rewrites posts under ACCESS EXCLUSIVE, which blocks reads and writes until it is done.',
    ],
  ],
  [
    'a foreign key whose error is passed over is one for all that follows',
    [
      POSTS,
      'DO $$ BEGIN ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author) REFERENCES users (id); EXCEPTION WHEN duplicate_object THEN null; END $$;',
    ],
    'ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author) REFERENCES users (id);',
    [
      'blocking-alter: Adding this foreign key reads all of posts under SHARE ROW EXCLUSIVE, which blocks writes until it is done.',
      'statement-not-supported: posts has a constraint "posts_author" already.',
    ],
  ],
  [
    'an index is built while the transaction has the table to itself',
    [POSTS],
    'ALTER TABLE posts ADD COLUMN slug text;\nCREATE INDEX posts_author ON posts (author);',
    [
      'blocking-index: Building this index takes SHARE on posts, which blocks writes until every row is read, and reads too: the transaction holds ACCESS EXCLUSIVE on it.',
    ],
  ],
  [
    'a foreign key is checked while the transaction has another table to itself',
    [POSTS],
    'ALTER TABLE users ADD COLUMN name text;\nALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author) REFERENCES users (id);',
    [
      'blocking-alter: Adding this foreign key reads all of posts under SHARE ROW EXCLUSIVE, which blocks writes until it is done; reads of users wait as long, for the transaction holds ACCESS EXCLUSIVE on it.',
      'several-tables-locked: This waits for SHARE ROW EXCLUSIVE on posts while the transaction keeps ACCESS EXCLUSIVE on users: whoever uses users waits as well, and may deadlock. Change each table in a migration of its own.',
    ],
  ],
  [
    'a text with a default becomes an enum',
    [POSTS],
    'ALTER TABLE posts ALTER COLUMN title TYPE state USING title::state;',
    [
      'blocking-alter: Changing the type of "title" rewrites posts under ACCESS EXCLUSIVE, which blocks reads and writes until it is done.',
      'statement-not-supported: The default of "title" does not become state by itself, and USING is not for it, so that PostgreSQL refuses it: drop the default first, and set it again behind.',
    ],
  ],
];

test.each(CASES)('%s', async (_, before, sql, expected) => {
  expect((await said(before, sql)).toSorted()).toEqual(expected);
});

test("the query that finds duplicates keeps the index's condition together", async () => {
  const { project, path } = await openExample(
    engines,
    {
      dialect: 'postgresql',
      before: [POSTS],
      sql: "CREATE UNIQUE INDEX one_title ON posts (title) WHERE state = 'sent' OR state = 'lost';",
    },
    { code: 'unproved-unique', preset: 'strict', severity: 'hint' },
  );
  expect(
    project
      .lint(path)
      .findings.map((finding) => finding.message)
      .join('\n'),
  ).toContain(
    "SELECT title, count(*) FROM posts WHERE (state = 'sent' OR state = 'lost') AND title IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
  );
});

test('what the planner cannot know of an expression is said in one line, and of comparisons only where the index is for them', async () => {
  const rule = { code: 'expression-without-statistics', preset: 'strict' as const, severity: 'hint' as const };
  const { project, path } = await openExample(
    engines,
    {
      dialect: 'postgresql',
      before: [POSTS],
      sql: "CREATE INDEX words ON posts USING gin (to_tsvector('simple',\n  title));\nCREATE INDEX lowered ON posts (lower(title));",
    },
    rule,
  );
  expect(
    project
      .lint(path)
      .findings.filter((finding) => finding.code === rule.code)
      .map((finding) => finding.message),
  ).toEqual([
    "The planner knows nothing of to_tsvector('simple', title) until posts is analysed, which building the index does not bring about, and can only guess how many rows a query of it finds: run ANALYZE posts behind it.",
    'The planner knows nothing of lower(title) until posts is analysed, which building the index does not bring about, and takes each of its values to be one row in 200: run ANALYZE posts behind it.',
  ]);
});
