import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** One tool, and what its project below test/tools/projects is known to hold. */
export interface ToolCase {
  readonly id: string;
  /** Where the project's migrations are. */
  readonly folder: string;
  /** In the tool's order. */
  readonly ids: readonly string[];
  readonly databases: readonly ('sqlite' | 'postgresql')[];
  /** How many can be reverted, from the newest on, what is repeatable left out; absent where all can. */
  readonly revertible?: number;
  /** Those that run whenever they change, and are never reverted. */
  readonly repeatable?: readonly string[];
  /** Transaction rule of each migration's up half on PostgreSQL. */
  readonly transactions: readonly ('one' | 'none' | 'implicit')[];
  /** The tool has no way to run a step outside a transaction, and says so. */
  readonly refusesBare?: true;
  /** The tool's own command applies: what it leaves in the database after the first two migrations. */
  readonly appliedByTool?: readonly string[];
}

const BOTH = ['sqlite', 'postgresql'] as const;

export const TOOL_CASES: readonly ToolCase[] = [
  {
    id: 'sql-pairs',
    folder: 'migrations',
    ids: ['2_users', '10_nick', '11_index'],
    databases: BOTH,
    transactions: ['one', 'one', 'one'],
  },
  {
    id: 'dbmate',
    folder: 'db/migrations',
    ids: ['20240101000000', '20240102000000', '20240103000000'],
    databases: BOTH,
    transactions: ['one', 'one', 'one'],
  },
  {
    id: 'efcore',
    folder: 'src/Migrations',
    ids: ['20240101000000_Users', '20240102000000_Nick', '20240103000000_Index'],
    // Only EF Core runs its migrations.
    databases: [],
    transactions: ['one', 'one', 'implicit'],
  },
  {
    id: 'fluentmigrator',
    folder: 'src/Migrations',
    ids: ['2', '10', '11'],
    // Only FluentMigrator runs its migrations.
    databases: [],
    transactions: ['one', 'one', 'implicit'],
  },
  {
    id: 'diesel',
    folder: 'migrations',
    ids: ['2024-01-01-000000_users', '2024-01-02-000000_nick', '2024-01-03-000000_index'],
    databases: BOTH,
    transactions: ['one', 'one', 'implicit'],
  },
  {
    id: 'golang-migrate',
    folder: 'db/migrations',
    ids: ['2_users', '10_nick', '11_index'],
    databases: BOTH,
    transactions: ['implicit', 'implicit', 'implicit'],
  },
  {
    id: 'liquibase',
    folder: 'db/changelog',
    ids: ['users.sql::alice:1', 'users.sql::alice:2', 'index.sql::bob:1'],
    databases: BOTH,
    transactions: ['one', 'one', 'none'],
  },
  {
    id: 'flyway',
    folder: 'db/sql',
    ids: ['2', '2.1', '10', 'R__names'],
    databases: BOTH,
    transactions: ['one', 'one', 'one', 'one'],
    revertible: 2,
    repeatable: ['R__names'],
  },
  {
    id: 'goose',
    folder: 'migrations',
    ids: ['00002', '00010', '00011'],
    databases: BOTH,
    transactions: ['one', 'one', 'none'],
  },
  {
    id: 'sql-migrate',
    folder: 'db/sql',
    ids: ['2-users.sql', '10-nick.sql', '11-index.sql'],
    databases: BOTH,
    transactions: ['one', 'one', 'none'],
  },
  {
    id: 'rambler',
    folder: 'migrations',
    ids: ['201_users.sql', '202_nick.sql', '203_index.sql'],
    databases: BOTH,
    transactions: ['implicit', 'implicit', 'implicit'],
  },
  {
    id: 'tern',
    folder: 'migrations',
    ids: ['001_users', '002_nick', '003_index'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'none'],
  },
  {
    id: 'prisma',
    folder: 'prisma/migrations',
    ids: ['20240101000000_users', '20240102000000_nick', '20240103000000_index'],
    databases: BOTH,
    transactions: ['implicit', 'implicit', 'implicit'],
    revertible: 0,
  },
  {
    id: 'supabase',
    folder: 'supabase/migrations',
    ids: ['20240101000000_users', '20240102000000_nick', '20240103000000_index'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'one'],
    revertible: 0,
    refusesBare: true,
  },
  {
    id: 'node-pg-migrate',
    folder: 'migrations',
    ids: ['1704067200000_users', '1704067200001_nick', '1704067200002_index'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'one'],
    refusesBare: true,
  },
  {
    id: 'wrangler-d1',
    folder: 'sql',
    ids: ['0001_users.sql', '0002_nick.sql', '0003_index.sql'],
    databases: ['sqlite'],
    transactions: ['one', 'one', 'one'],
    revertible: 0,
    refusesBare: true,
  },
  {
    id: 'sqlx',
    folder: 'migrations',
    ids: ['20240101000000_users', '20240102000000_nick', '20240103000000_index'],
    databases: BOTH,
    transactions: ['one', 'one', 'implicit'],
  },
  {
    id: 'drizzle',
    folder: 'drizzle',
    ids: ['0000_users', '0001_nick', '0002_index'],
    databases: BOTH,
    transactions: ['one', 'one', 'one'],
    revertible: 0,
    refusesBare: true,
  },
  {
    id: 'atlas',
    folder: 'db/sql',
    ids: ['20240101000000_users', '20240102000000_nick', '20240103000000_index'],
    databases: BOTH,
    transactions: ['one', 'one', 'none'],
    revertible: 0,
  },
  {
    id: 'graphile-migrate',
    folder: 'migrations/committed',
    ids: ['000001', '000002', '000003'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'implicit'],
    revertible: 0,
  },
  {
    id: 'refinery',
    folder: 'migrations',
    ids: ['2', '10', '11'],
    databases: BOTH,
    transactions: ['one', 'one', 'one'],
    revertible: 0,
    refusesBare: true,
  },
  {
    id: 'hasura',
    folder: 'migrations/default',
    ids: ['1704067200000_users', '1704067200001_nick', '1704067200002_index'],
    databases: ['postgresql'],
    transactions: ['implicit', 'implicit', 'implicit'],
    appliedByTool: [
      'CREATE SCHEMA hdb_catalog',
      'CREATE TABLE hdb_catalog.hdb_version (hasura_uuid uuid, cli_state jsonb)',
      `INSERT INTO hdb_catalog.hdb_version (cli_state) VALUES ('{"migrations":{"default":{"1704067200000":false,"1704067200001":false}}}')`,
    ],
  },
  {
    id: 'evolve',
    folder: 'db',
    ids: ['2', '2.1', '10'],
    databases: BOTH,
    transactions: ['one', 'one', 'none'],
    appliedByTool: [
      'CREATE TABLE changelog (id integer PRIMARY KEY, type int, version varchar(50), description varchar(200), name varchar(300), checksum varchar(32), installed_by varchar(100), installed_on timestamp, success boolean)',
      "INSERT INTO changelog (id, type, version, name, success) VALUES (1, 0, '2', 'V2__users.sql', true), (2, 0, '2_1', 'V2_1__nick.sql', true)",
    ],
  },
  {
    id: 'dbup',
    folder: 'Scripts',
    ids: [
      'Shop.Migrations.Scripts.0002 - users.sql',
      'Shop.Migrations.Scripts.0010-nick.sql',
      'Shop.Migrations.Scripts._2024_first.0001_index.sql',
    ],
    databases: ['postgresql'],
    transactions: ['implicit', 'implicit', 'implicit'],
    revertible: 0,
  },
  {
    id: 'typeorm',
    folder: 'src/migrations',
    ids: ['Users1704067200000', 'Nick1704067200001', 'Index1704067200002'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'none'],
    // As TypeORM 1.1.1 left it.
    appliedByTool: [
      'CREATE TABLE migrations (id SERIAL NOT NULL, timestamp bigint NOT NULL, name character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id))',
      "INSERT INTO migrations (timestamp, name) VALUES (1704067200000, 'Users1704067200000'), (1704067200001, 'Nick1704067200001')",
    ],
  },
  {
    id: 'knex',
    folder: 'migrations',
    ids: ['20240101000000_users.js', '20240102000000_nick.js', '20240103000000_index.js'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'none'],
    // As Knex 3.3.0 left it.
    appliedByTool: [
      'CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz)',
      'CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked integer)',
      "INSERT INTO knex_migrations (name, batch, migration_time) VALUES ('20240101000000_users.js', 1, now()), ('20240102000000_nick.js', 1, now())",
    ],
  },
  {
    id: 'sequelize',
    folder: 'migrations',
    ids: ['20240101000000-users.js', '20240102000000-nick.js', '20240103000000-index.js'],
    databases: ['postgresql'],
    transactions: ['one', 'none', 'none'],
    // As Sequelize 6 leaves it.
    appliedByTool: [
      'CREATE TABLE "SequelizeMeta" (name varchar(255) NOT NULL UNIQUE PRIMARY KEY)',
      `INSERT INTO "SequelizeMeta" (name) VALUES ('20240101000000-users.js'), ('20240102000000-nick.js')`,
    ],
  },
  {
    id: 'kysely',
    folder: 'migrations',
    ids: ['20240101000000_users', '20240102000000_nick', '20240103000000_index'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'one'],
    refusesBare: true,
    // As Kysely leaves it.
    appliedByTool: [
      'CREATE TABLE kysely_migration (name varchar(255) NOT NULL PRIMARY KEY, timestamp varchar(255) NOT NULL)',
      'CREATE TABLE kysely_migration_lock (id varchar(255) NOT NULL PRIMARY KEY, is_locked integer DEFAULT 0 NOT NULL)',
      "INSERT INTO kysely_migration (name, timestamp) VALUES ('20240101000000_users', '2024-01-01T00:00:00.000Z'), ('20240102000000_nick', '2024-01-02T00:00:00.000Z')",
    ],
  },
  {
    id: 'mikro-orm',
    folder: 'src/migrations',
    ids: ['Migration20240101000000', 'Migration20240102000000', 'Migration20240103000000'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'none'],
    // As MikroORM's source makes it.
    appliedByTool: [
      'CREATE TABLE mikro_orm_migrations (id serial PRIMARY KEY, name varchar(255), executed_at timestamptz DEFAULT current_timestamp)',
      "INSERT INTO mikro_orm_migrations (name) VALUES ('Migration20240101000000'), ('Migration20240102000000')",
    ],
  },
  {
    id: 'alembic',
    folder: 'migrations/versions',
    // By down_revision, which their names say nothing of.
    ids: ['c3d4e5f60718', '1a2b3c4d5e6f', 'b0a1c2d3e4f5'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'none'],
    // As Alembic 1.8.1 left it.
    appliedByTool: [
      'CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))',
      "INSERT INTO alembic_version (version_num) VALUES ('1a2b3c4d5e6f')",
    ],
  },
  {
    id: 'django',
    folder: 'shop/migrations',
    ids: ['0001_users', '0003_nick', '0002_index'],
    databases: ['postgresql'],
    transactions: ['one', 'one', 'none'],
    // As Django 3.2.25 left it.
    appliedByTool: [
      'CREATE TABLE django_migrations (id serial NOT NULL PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamp with time zone NOT NULL)',
      "INSERT INTO django_migrations (app, name, applied) VALUES ('contenttypes', '0001_initial', now()), ('shop', '0001_users', now()), ('shop', '0003_nick', now())",
    ],
  },
  {
    id: 'grate',
    folder: 'db/up',
    ids: ['0001_users.sql', '0002_nick.sql', '0003_index.sql'],
    databases: ['postgresql'],
    transactions: ['none', 'none', 'none'],
    appliedByTool: [
      'CREATE SCHEMA grate',
      'CREATE TABLE grate."ScriptsRun" (id bigint PRIMARY KEY, script_name varchar(255), text_hash varchar(512), entry_date timestamp)',
      "INSERT INTO grate.\"ScriptsRun\" (id, script_name, text_hash) VALUES (1, '0001_users.sql', 'x'), (2, '0002_nick.sql', 'y')",
    ],
  },
];

const PROJECTS = path.resolve(import.meta.dirname, '../tools/projects');

/** Files of a tool's project by path, as they are in the repository. */
export function projectFiles(id: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const name of readdirSync(path.join(PROJECTS, id, folder))) {
      const file = folder === '' ? name : `${folder}/${name}`;
      if (statSync(path.join(PROJECTS, id, file)).isDirectory()) walk(file);
      else files[file] = readFileSync(path.join(PROJECTS, id, file), 'utf8');
    }
  };
  walk('');
  return files;
}
