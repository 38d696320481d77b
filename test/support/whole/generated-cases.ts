import { GENERATORS, type GeneratorStyle } from './generator-style.ts';
import type { WholeCase } from './whole-case.ts';

/** The tables that every generated migration starts from. */
function tables({ t, c, text, made }: GeneratorStyle): string {
  return `CREATE TYPE "role" AS ENUM ('admin', 'member', 'guest');
CREATE TABLE ${t('teams')} (${c('id')} bigint NOT NULL, ${c('title')} ${text}, CONSTRAINT ${`"${made('primary', 'teams', 'id')}"`} PRIMARY KEY (${c('id')}));
CREATE TABLE ${t('users')} (${c('id')} bigint NOT NULL, ${c('email')} ${text} NOT NULL, ${c('name')} ${text}, ${c('nick')} ${text}, ${c('age')} integer, ${c('score')} integer NOT NULL DEFAULT 0, ${c('role')} "role" NOT NULL DEFAULT 'member', ${c('team_id')} bigint, ${c('created_at')} timestamp NOT NULL DEFAULT now(), CONSTRAINT ${`"${made('primary', 'users', 'id')}"`} PRIMARY KEY (${c('id')}));
CREATE TABLE ${t('orders')} (${c('id')} bigint NOT NULL, ${c('user_id')} bigint NOT NULL, ${c('team_id')} bigint, ${c('total')} numeric(10,2) NOT NULL DEFAULT 0, ${c('note')} varchar(50), ${c('state')} ${text} NOT NULL DEFAULT 'new', CONSTRAINT ${`"${made('primary', 'orders', 'id')}"`} PRIMARY KEY (${c('id')}));
CREATE INDEX "${made('index', 'users', 'nick')}" ON ${t('users')} (${c('nick')});
ALTER TABLE ${t('orders')} ADD CONSTRAINT "${made('key', 'orders', 'user_id')}" FOREIGN KEY (${c('user_id')}) REFERENCES ${t('users')} (${c('id')});`;
}

type Change = readonly [name: string, statements: (style: GeneratorStyle) => readonly string[]];

const alter = ({ t }: GeneratorStyle, table: 'users' | 'orders' | 'teams', action: string): string =>
  `ALTER TABLE ${t(table)} ${action}`;

const CHANGES: readonly Change[] = [
  ['a required column', (s) => [alter(s, 'users', `${s.addWord} ${s.c('status')} ${s.text} NOT NULL`)]],
  [
    'a required column, filled by hand',
    (s) => [
      alter(s, 'users', `${s.addWord} ${s.c('status')} ${s.text}`),
      `UPDATE ${s.t('users')} SET ${s.c('status')} = 'active'`,
      alter(s, 'users', `ALTER COLUMN ${s.c('status')} SET NOT NULL`),
    ],
  ],
  [
    'a required column, filled from others where it is empty',
    (s) => [
      alter(s, 'users', `${s.addWord} ${s.c('full_name')} ${s.text}`),
      `UPDATE ${s.t('users')} SET ${s.c('full_name')} = coalesce(${s.c('name')}, ${s.c('email')}) WHERE ${s.c('full_name')} IS NULL`,
      alter(s, 'users', `ALTER COLUMN ${s.c('full_name')} SET NOT NULL`),
    ],
  ],
  [
    'a default that is dropped again',
    (s) => [
      alter(s, 'users', `${s.addWord} ${s.c('status')} ${s.text} DEFAULT 'active' NOT NULL`),
      alter(s, 'users', `ALTER COLUMN ${s.c('status')} DROP DEFAULT`),
    ],
  ],
  ['a column made required', (s) => [alter(s, 'users', `ALTER COLUMN ${s.c('name')} SET NOT NULL`)]],
  [
    'several columns of one table, and an index',
    (s) => [
      alter(
        s,
        'users',
        `${s.addWord} ${s.c('status')} ${s.text} NOT NULL, ${s.addWord} ${s.c('level')} integer NOT NULL, ${s.addWord} ${s.c('city')} ${s.text}`,
      ),
      `CREATE INDEX "${s.made('index', 'users', 'status')}" ON ${s.t('users')} (${s.c('status')})`,
    ],
  ],
  [
    'indexes of several tables',
    (s) => [
      `CREATE INDEX "${s.made('index', 'users', 'email')}" ON ${s.t('users')} (${s.c('email')})`,
      `CREATE INDEX "${s.made('index', 'orders', 'user_id')}" ON ${s.t('orders')} (${s.c('user_id')})`,
      `CREATE INDEX "${s.made('index', 'orders', 'state')}" ON ${s.t('orders')} (${s.c('state')})`,
    ],
  ],
  [
    'a unique index',
    (s) => [`CREATE UNIQUE INDEX "${s.made('unique', 'users', 'email')}" ON ${s.t('users')} (${s.c('email')})`],
  ],
  [
    'an index replaced by a unique one',
    (s) => [
      `DROP INDEX "${s.made('index', 'users', 'nick')}"`,
      `CREATE UNIQUE INDEX "${s.made('unique', 'users', 'email')}x" ON ${s.t('users')} (${s.c('nick')}, ${s.c('id')})`,
    ],
  ],
  [
    'a foreign key with its column and index',
    (s) => [
      alter(s, 'orders', `${s.addWord} ${s.c('owner_id')} bigint`),
      `CREATE INDEX "${s.made('index', 'orders', 'owner_id')}" ON ${s.t('orders')} (${s.c('owner_id')})`,
      alter(
        s,
        'orders',
        `ADD CONSTRAINT "${s.made('key', 'orders', 'owner_id')}" FOREIGN KEY (${s.c('owner_id')}) REFERENCES ${s.t('users')} (${s.c('id')})${s.keyTail}`,
      ),
    ],
  ],
  [
    'a foreign key',
    (s) => [
      alter(
        s,
        'users',
        `ADD CONSTRAINT "${s.made('key', 'users', 'team_id')}" FOREIGN KEY (${s.c('team_id')}) REFERENCES ${s.t('teams')} (${s.c('id')})${s.keyTail}`,
      ),
    ],
  ],
  [
    'a foreign key with other actions',
    (s) => [
      alter(s, 'orders', `DROP CONSTRAINT "${s.made('key', 'orders', 'user_id')}"`),
      alter(
        s,
        'orders',
        `ADD CONSTRAINT "${s.made('key', 'orders', 'user_id')}" FOREIGN KEY (${s.c('user_id')}) REFERENCES ${s.t('users')} (${s.c('id')}) ON DELETE CASCADE`,
      ),
    ],
  ],
  ['a wider number', (s) => [alter(s, 'users', `ALTER COLUMN ${s.c('age')} ${s.typeWords} bigint`)]],
  [
    'a number with more digits and its default',
    (s) => [alter(s, 'orders', `ALTER COLUMN ${s.c('total')} ${s.typeWords} numeric(12,4)`)],
  ],
  ['a column dropped', (s) => [alter(s, 'users', `DROP COLUMN ${s.c('name')}`)]],
  [
    'an index and its column dropped',
    (s) => [`DROP INDEX "${s.made('index', 'users', 'nick')}"`, alter(s, 'users', `DROP COLUMN ${s.c('nick')}`)],
  ],
  ['a column renamed', (s) => [alter(s, 'users', `RENAME COLUMN ${s.c('name')} TO ${s.c('full_name')}`)]],
  [
    'a new table with keys to those in use',
    (s) => [
      `CREATE TABLE "profiles" (${s.c('id')} bigint NOT NULL, ${s.c('user_id')} bigint NOT NULL, ${s.c('bio')} ${s.text}, CONSTRAINT "profiles_pkey" PRIMARY KEY (${s.c('id')}))`,
      `CREATE INDEX "profiles_user" ON "profiles" (${s.c('user_id')})`,
      `ALTER TABLE "profiles" ADD CONSTRAINT "profiles_user_key" FOREIGN KEY (${s.c('user_id')}) REFERENCES ${s.t('users')} (${s.c('id')})${s.keyTail}`,
      `CREATE INDEX "${s.made('index', 'users', 'team_id')}" ON ${s.t('users')} (${s.c('team_id')})`,
    ],
  ],
  [
    'the same column on several tables',
    (s) =>
      (['users', 'orders', 'teams'] as const).map((table) =>
        alter(s, table, `${s.addWord} ${s.c('updated_by')} bigint NOT NULL`),
      ),
  ],
  [
    'a check and a unique constraint',
    (s) => [
      alter(s, 'users', `ADD CONSTRAINT "users_adult" CHECK (${s.c('age')} > 0)`),
      alter(s, 'users', `ADD CONSTRAINT "users_email_once" UNIQUE (${s.c('email')})`),
    ],
  ],
  [
    'a value of an enum taken away',
    (s) => [
      `CREATE TYPE "role_new" AS ENUM ('admin', 'member')`,
      alter(s, 'users', `ALTER COLUMN ${s.c('role')} DROP DEFAULT`),
      alter(s, 'users', `ALTER COLUMN ${s.c('role')} TYPE "role_new" USING (${s.c('role')}::text::"role_new")`),
      `ALTER TYPE "role" RENAME TO "role_old"`,
      `ALTER TYPE "role_new" RENAME TO "role"`,
      `DROP TYPE "role_old"`,
    ],
  ],
  [
    'a column dropped and another added',
    (s) => [
      alter(s, 'users', `DROP COLUMN ${s.c('nick')}, ${s.addWord} ${s.c('handle')} integer NOT NULL DEFAULT 0`),
      `CREATE INDEX "${s.made('index', 'users', 'handle')}" ON ${s.t('users')} (${s.c('handle')})`,
    ],
  ],
];

/** What six generators write for the same changes of a schema. */
export const GENERATED_CASES: readonly WholeCase[] = GENERATORS.flatMap((style) =>
  CHANGES.map(
    ([name, statements]): WholeCase => ({
      style: style.name,
      name,
      before: tables(style),
      sql: style.file(statements(style)),
    }),
  ),
);
