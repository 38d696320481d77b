import { createHash } from 'node:crypto';

/** A repository as a stranger has it: the tool's own files among those of the application, and none of ours. */
export interface StrangerProject {
  readonly tool: string;
  readonly files: Readonly<Record<string, string>>;
  /** The migration that was written last, and is not safe to run. */
  readonly newest: string;
  /** Shape of each file that a fix writes, the tool's own bookkeeping included. */
  readonly written: RegExp;
  /** The tool's own table, as the server names it. */
  readonly history: string;
  readonly risk: Risk;
  /** Whether what the fix writes has a way back in this tool. */
  readonly revertible: boolean;
}

/** What the newest migration does to a system that runs. */
export interface Risk {
  readonly up: string;
  readonly down: string;
  /** What is found of it. */
  readonly code: string;
  /** Name of the change that the fix makes of it. */
  readonly change: string;
  /** Words that `fix` asks for. */
  readonly values: readonly string[];
  /** A query of what is there in the end, and its one row. */
  readonly proof: readonly [sql: string, row: Readonly<Record<string, unknown>>];
}

const USERS =
  'CREATE TABLE users (\n  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n  email text NOT NULL\n);\n';
const ORDERS =
  'CREATE TABLE orders (\n  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n  user_id bigint NOT NULL REFERENCES users (id)\n);\n';
/** Fails where the table has rows, and where the running version writes. */
const COLUMN: Risk = {
  up: 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n',
  down: 'ALTER TABLE users DROP COLUMN status;\n',
  code: 'required-column',
  change: 'users-status',
  values: ['--value', "users.status='active'"],
  proof: [
    "SELECT (SELECT string_agg(status, ' ') FROM users) AS rows, is_nullable FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'status'",
    { rows: 'active active', is_nullable: 'NO' },
  ],
};
/** Reads every row while nobody may write: what tools can take apart that run each file in a transaction. */
const CHECK: Risk = {
  up: "ALTER TABLE users ADD CONSTRAINT users_email_given CHECK (email <> '');\n",
  down: 'ALTER TABLE users DROP CONSTRAINT users_email_given;\n',
  code: 'blocking-alter',
  change: 'users-email-given',
  values: [],
  proof: ["SELECT convalidated FROM pg_constraint WHERE conname = 'users_email_given'", { convalidated: true }],
};

/** What stands beside the migrations of a team: nothing of it is a migration. */
const APPLICATION = {
  'README.md': '# Shop\n\nRun the migrations before the server.\n',
  '.gitignore': 'node_modules\ntarget\n.env\n',
  '.env': 'DATABASE_URL=postgres://shop:not-the-password@db.example.invalid:5432/shop\n',
  'docker-compose.yml': 'services:\n  db:\n    image: postgres:17\n',
  'scripts/seed.sql': "INSERT INTO users (email) VALUES ('ann@example.com');\n",
  'queries/list_users.sql': 'SELECT id, email FROM users ORDER BY id;\n',
};

function migrations(
  { up, down }: Risk,
  fileOf: (index: number, name: string, up: string, down: string) => Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    ...fileOf(0, 'users', USERS, 'DROP TABLE users;\n'),
    ...fileOf(1, 'orders', ORDERS, 'DROP TABLE orders;\n'),
    ...fileOf(2, 'status', up, down),
  };
}

const stamp = (index: number): string => `2024050${index + 1}093000`;

const npm = (dependencies: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  'package.json': `${JSON.stringify({ name: 'shop', private: true, dependencies }, null, 2)}\n`,
  'src/server.ts': "import { createServer } from 'node:http';\n\ncreateServer().listen(8080);\n",
});

const cargo = (dependency: string): Readonly<Record<string, string>> => ({
  'Cargo.toml': `[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${dependency}\n`,
  'src/main.rs': 'fn main() {}\n',
});

const go = (module: string): Readonly<Record<string, string>> => ({
  'go.mod': `module example.com/shop\n\ngo 1.22\n\nrequire ${module}\n`,
  'cmd/shop/main.go': 'package main\n\nfunc main() {}\n',
});

const drizzleJournal = `${JSON.stringify(
  {
    version: '7',
    dialect: 'postgresql',
    entries: ['users', 'orders', 'status'].map((name, idx) => ({
      idx,
      version: '7',
      when: 1714555800000 + idx * 86_400_000,
      tag: `000${idx}_${name}`,
      breakpoints: true,
    })),
  },
  null,
  2,
)}\n`;

/** An id in the form of a UUID, made of what the snapshot is of. */
function snapshotId(index: number): string {
  if (index < 0) return '00000000-0000-0000-0000-000000000000';
  const hash = createHash('sha1').update(`${index}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

export const STRANGER_PROJECTS: readonly StrangerProject[] = [
  {
    tool: 'prisma',
    files: {
      ...npm({ '@prisma/client': '^6.0.0' }),
      'prisma/schema.prisma':
        'generator client {\n  provider = "prisma-client-js"\n}\n\ndatasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\nmodel users {\n  id    BigInt @id @default(autoincrement())\n  email String\n}\n',
      'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
      ...migrations(COLUMN, (index, name, up) => ({ [`prisma/migrations/${stamp(index)}_${name}/migration.sql`]: up })),
    },
    newest: `prisma/migrations/${stamp(2)}_status/migration.sql`,
    written: /^prisma\/migrations\/\d{14}_\w+\/(migration|down)\.sql$/,
    history: '_prisma_migrations',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'drizzle',
    files: {
      ...npm({ 'drizzle-orm': '^0.45.0' }),
      'drizzle.config.ts':
        "import { defineConfig } from 'drizzle-kit';\n\nexport default defineConfig({\n  out: './drizzle',\n  schema: './src/schema.ts',\n  dialect: 'postgresql',\n  dbCredentials: { url: process.env.DATABASE_URL! },\n});\n",
      'drizzle/meta/_journal.json': drizzleJournal,
      ...migrations(CHECK, (index, name, up) => ({
        [`drizzle/000${index}_${name}.sql`]: up,
        [`drizzle/meta/000${index}_snapshot.json`]: `${JSON.stringify({ id: snapshotId(index), prevId: snapshotId(index - 1), version: '7', dialect: 'postgresql', tables: {} }, null, 2)}\n`,
      })),
    },
    newest: 'drizzle/0002_status.sql',
    written: /^drizzle\/(\d{4}_\w+\.sql|meta\/(_journal|\d{4}_snapshot)\.json)$/,
    history: 'drizzle.__drizzle_migrations',
    risk: CHECK,
    revertible: false,
  },
  {
    tool: 'goose',
    files: {
      ...go('github.com/pressly/goose/v3 v3.24.0'),
      ...migrations(COLUMN, (index, name, up, down) => ({
        [`migrations/0000${index + 1}_${name}.sql`]: `-- +goose Up\n${up}\n-- +goose Down\n${down}`,
      })),
    },
    newest: 'migrations/00003_status.sql',
    written: /^migrations\/\d{5}_\w+\.sql$/,
    history: 'goose_db_version',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'flyway',
    files: {
      'pom.xml':
        '<project>\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>com.example</groupId>\n  <artifactId>shop</artifactId>\n  <version>1</version>\n</project>\n',
      'src/main/java/com/example/Shop.java': 'package com.example;\n\npublic class Shop {}\n',
      'src/main/resources/application.properties': 'spring.flyway.enabled=true\n',
      ...migrations(COLUMN, (index, name, up) => ({
        [`src/main/resources/db/migration/V${index + 1}__${name}.sql`]: up,
      })),
    },
    newest: 'src/main/resources/db/migration/V3__status.sql',
    written: /^src\/main\/resources\/db\/migration\/[VU]\d+__\w+\.sql(\.conf)?$/,
    history: 'flyway_schema_history',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'diesel',
    files: {
      ...cargo('diesel = { version = "2.2", features = ["postgres"] }'),
      'diesel.toml': '[print_schema]\nfile = "src/schema.rs"\n\n[migrations_directory]\ndir = "migrations"\n',
      'src/schema.rs': '// @generated automatically by Diesel CLI.\n',
      'migrations/.keep': '',
      ...migrations(COLUMN, (index, name, up, down) => ({
        [`migrations/2024-05-0${index + 1}-093000_${name}/up.sql`]: up,
        [`migrations/2024-05-0${index + 1}-093000_${name}/down.sql`]: down,
      })),
    },
    newest: 'migrations/2024-05-03-093000_status/up.sql',
    written: /^migrations\/\d{4}-\d{2}-\d{2}-\d{6}_\w+\/(up\.sql|down\.sql|metadata\.toml)$/,
    history: '__diesel_schema_migrations',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'supabase',
    files: {
      ...npm({ '@supabase/supabase-js': '^2.0.0' }),
      'supabase/config.toml': 'project_id = "shop"\n\n[db]\nmajor_version = 17\n',
      'supabase/seed.sql': "INSERT INTO users (email) VALUES ('ann@example.com');\n",
      'supabase/functions/hello/index.ts': "Deno.serve(() => new Response('hello'));\n",
      ...migrations(CHECK, (index, name, up) => ({ [`supabase/migrations/${stamp(index)}_${name}.sql`]: up })),
    },
    newest: `supabase/migrations/${stamp(2)}_status.sql`,
    written: /^supabase\/migrations\/\d{14}_\w+\.sql$/,
    history: 'supabase_migrations.schema_migrations',
    risk: CHECK,
    revertible: false,
  },
  {
    tool: 'golang-migrate',
    files: {
      ...go('github.com/golang-migrate/migrate/v4 v4.18.0'),
      Makefile: 'migrate:\n\tmigrate -path db/migrations -database "$(DATABASE_URL)" up\n',
      ...migrations(COLUMN, (index, name, up, down) => ({
        [`db/migrations/00000${index + 1}_${name}.up.sql`]: up,
        [`db/migrations/00000${index + 1}_${name}.down.sql`]: down,
      })),
    },
    newest: 'db/migrations/000003_status.up.sql',
    written: /^db\/migrations\/\d{6}_\w+\.(up|down)\.sql$/,
    history: 'schema_migrations',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'dbmate',
    files: {
      ...npm({ dbmate: '^2.28.0' }),
      'db/schema.sql': `${USERS}\n${ORDERS}`,
      ...migrations(COLUMN, (index, name, up, down) => ({
        [`db/migrations/${stamp(index)}_${name}.sql`]: `-- migrate:up\n${up}\n-- migrate:down\n${down}`,
      })),
    },
    newest: `db/migrations/${stamp(2)}_status.sql`,
    written: /^db\/migrations\/\d{14}_\w+\.sql$/,
    history: 'schema_migrations',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'sqlx',
    files: {
      ...cargo('sqlx = { version = "0.8", features = ["postgres", "migrate"] }'),
      ...migrations(COLUMN, (index, name, up, down) => ({
        [`migrations/${stamp(index)}_${name}.up.sql`]: up,
        [`migrations/${stamp(index)}_${name}.down.sql`]: down,
      })),
    },
    newest: `migrations/${stamp(2)}_status.up.sql`,
    written: /^migrations\/\d{14}_\w+\.(up|down)\.sql$/,
    history: '_sqlx_migrations',
    risk: COLUMN,
    revertible: true,
  },
  {
    tool: 'node-pg-migrate',
    files: {
      ...npm({ 'node-pg-migrate': '^8.0.0' }),
      ...migrations(CHECK, (index, name, up, down) => ({
        [`migrations/${1714555800000 + index * 86_400_000}_${name}.sql`]: `-- Up Migration\n${up}\n-- Down Migration\n${down}`,
      })),
    },
    newest: `migrations/${1714555800000 + 2 * 86_400_000}_status.sql`,
    written: /^migrations\/\d{13}_[\w-]+\.sql$/,
    history: 'pgmigrations',
    risk: CHECK,
    revertible: true,
  },
];

/** All files of such a repository. */
export function strangerFiles(project: StrangerProject): Readonly<Record<string, string>> {
  return { ...APPLICATION, ...project.files };
}
