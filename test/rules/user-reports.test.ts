import { beforeAll, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Errors and warnings of the last migration, and the kinds of its problems. */
async function report(before: readonly string[], sql: string, version?: string): Promise<readonly string[]> {
  const opened = await openExample(engines, {
    dialect: 'postgresql',
    before,
    sql,
    ...(version === undefined ? {} : { version }),
  });
  const { findings, problems } = opened.project.lint(opened.path);
  return [
    ...findings
      .filter((finding) => finding.severity === 'error' || finding.severity === 'warning')
      .map((finding) => finding.code),
    ...problems.map((problem) => problem.kind),
  ];
}

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20), age int);';
const CHECK = 'ALTER TABLE users ADD CONSTRAINT known CHECK (age IS NOT NULL) NOT VALID;';
const OUTSIDE = '-- lockstep: no-transaction\n';

/** What users of migration linters have reported: the tool and the number of the report, the migrations, and what is right. */
const REPORTS: readonly (readonly [
  title: string,
  before: readonly string[],
  sql: string,
  expected: readonly string[],
  version?: string,
])[] = [
  [
    'squawk 628: a check that an earlier migration validated is known',
    [USERS, CHECK, 'ALTER TABLE users VALIDATE CONSTRAINT known;'],
    'ALTER TABLE users ALTER COLUMN age SET NOT NULL;',
    [],
  ],
  [
    'squawk 1033: a validated constraint of another column proves nothing',
    [
      USERS,
      'ALTER TABLE users ADD CONSTRAINT other CHECK (name IS NOT NULL) NOT VALID;',
      'ALTER TABLE users VALIDATE CONSTRAINT other;',
    ],
    'ALTER TABLE users ALTER COLUMN age SET NOT NULL;',
    ['required-column'],
  ],
  [
    'squawk 314: a column with an inline check reads every row',
    [USERS],
    'ALTER TABLE users ADD COLUMN height int CHECK (height > 0);',
    ['blocking-alter'],
  ],
  [
    'squawk 364: a table of an earlier migration is no new one',
    [USERS],
    'CREATE INDEX users_age ON users (age);',
    ['blocking-index'],
  ],
  [
    "squawk 1191: temporary tables are this session's own",
    [USERS],
    'CREATE TEMP TABLE scratch (id int);\nCREATE INDEX scratch_id ON scratch (id);\nDROP TABLE scratch;',
    [],
  ],
  [
    'squawk 697: BEGIN without COMMIT',
    [USERS],
    `${OUTSIDE}BEGIN;\nALTER TABLE users ADD COLUMN nick text;`,
    ['transaction-control-inside'],
  ],
  [
    'squawk: a new table of the same name in another schema hides nothing',
    [USERS],
    'CREATE SCHEMA a;\nCREATE TABLE a.users (id bigint PRIMARY KEY);\nCREATE INDEX users_age ON public.users (age);',
    ['blocking-index'],
  ],
  [
    'squawk: a table whose creation was rolled back is not new',
    [USERS],
    `${OUTSIDE}BEGIN;\nCREATE TABLE notes (id bigint PRIMARY KEY);\nROLLBACK;\nCREATE INDEX notes_id ON notes (id);`,
    ['blocking-index'],
  ],
  [
    'squawk: a table that was created in a committed transaction of the same file is new',
    [USERS],
    `${OUTSIDE}BEGIN;\nCREATE TABLE notes (id bigint PRIMARY KEY, title text);\nCOMMIT;\nCREATE INDEX notes_title ON notes (title);`,
    [],
  ],
  [
    'squawk: a syntax error hides only its own statement',
    [USERS],
    'ALTER TABEL users;\nCREATE INDEX users_age ON users (age);',
    ['blocking-index', 'syntax'],
  ],
  [
    'squawk: a virtual column is no rewrite',
    [USERS],
    'ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (age * 2) VIRTUAL;',
    [],
    '18',
  ],
  [
    'strong_migrations 128: a wider varchar is safe',
    [USERS],
    'ALTER TABLE users ALTER COLUMN name TYPE varchar(40);',
    [],
  ],
  [
    'bytebase 13934: false is a constant',
    [USERS],
    'ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT false;',
    [],
  ],
  [
    'Postgres Language Server, pgfence: now() does not rewrite',
    [USERS],
    'ALTER TABLE users ADD COLUMN seen timestamptz NOT NULL DEFAULT now();',
    [],
  ],
  [
    'django-migration-linter 326: a constant default is safe',
    [USERS],
    'ALTER TABLE users ADD COLUMN visits int NOT NULL DEFAULT 0;',
    [],
  ],
  [
    'typeorm 3357: a column that is dropped and added to widen it loses its values',
    [USERS],
    'ALTER TABLE users DROP COLUMN age;\nALTER TABLE users ADD COLUMN age bigint;',
    ['column-replaced', 'drop-before-contract'],
  ],
  [
    'mattermost 38632: IF NOT EXISTS hides an invalid index',
    [USERS],
    `${OUTSIDE}CREATE INDEX CONCURRENTLY IF NOT EXISTS users_age ON users (age);`,
    ['concurrently-if-not-exists'],
  ],
  [
    'margince 4647: NOT VALID and VALIDATE in one file',
    [USERS],
    `${CHECK}\nALTER TABLE users VALIDATE CONSTRAINT known;`,
    ['validate-in-same-transaction'],
  ],
  [
    'eugene: an identity column is a rewrite',
    [USERS],
    'ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;',
    ['blocking-alter'],
  ],
  [
    'pgfence: an identity instead of serial rewrites just the same',
    [USERS],
    'ALTER TABLE users ADD COLUMN number serial;',
    ['blocking-alter'],
  ],
  [
    'eugene W12, MigrationPilot 058: one ALTER for both loses the proof',
    [USERS, CHECK, 'ALTER TABLE users VALIDATE CONSTRAINT known;'],
    'ALTER TABLE users ALTER COLUMN age SET NOT NULL, DROP CONSTRAINT known;',
    ['required-column'],
  ],
  [
    'all: the first step of an index on a partitioned table',
    ['CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);'],
    'CREATE INDEX events_id ON ONLY events (id);',
    [],
  ],
  [
    'all: functions that a DO block runs are seen',
    [USERS],
    'DO $$ BEGIN CREATE INDEX users_age ON users (age); END $$;',
    ['blocking-index'],
  ],
];

test.each(REPORTS.map(([title, before, sql, expected, version]) => ({ title, before, sql, expected, version })))(
  '$title',
  async ({ before, sql, expected, version }) => {
    expect(await report(before, sql, version)).toEqual(expected);
  },
);
