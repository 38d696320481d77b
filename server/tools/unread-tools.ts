import type { TellingTable } from './tool.ts';

/** Files by their names, in any folder or in some only. */
interface Place {
  readonly names: RegExp;
  /** Of the folder's path; any where absent. */
  readonly folders?: RegExp;
}

/** A migration tool whose projects are known when they are seen, and are not read. */
export interface UnreadTool {
  readonly title: string;
  /** Id of the tool that reads some of its projects. */
  readonly readAs?: string;
  /** Why nothing of them is read, as the end of "which": `are written in Ruby`. */
  readonly because: string;
  /** Where its migrations may be; what they hold decides. */
  readonly places: readonly Place[];
  /** Every one of these is in a migration of this tool, and not all are in one of another tool. */
  readonly marks: readonly RegExp[];
  /** Each migration is a folder, and the project is the folder around them. */
  readonly isFolderEach?: true;
  /** A file beside, without which it is another tool's. */
  readonly beside?: string;
  /** Folders of SQL below, which are no migrations in the order of their names. */
  readonly sqlFolders?: readonly string[];
  /** What configures it, where there is no migration yet or none that is found. */
  readonly configuration?: { readonly names: RegExp; readonly mark?: RegExp };
  readonly tellingTables?: readonly TellingTable[];
  /** Its own commands that tell what is applied and apply the rest. */
  readonly commands: readonly string[];
  /** Its own command that writes the SQL of a migration, for lint. */
  readonly sql?: string;
}

const JAVASCRIPT = {
  because: 'are written in JavaScript or TypeScript',
  places: [
    { names: /^(?:Migration)?\d[\w.-]*\.[cm]?[jt]s$/ },
    { names: /^[\w.-]+\.[cm]?[jt]s$/, folders: /(?:^|[/_-])migrations?$/i },
  ],
} as const;
const UP = /\bup\b/;
const RUBY = { because: 'are written in Ruby', places: [{ names: /^\d+_[\w.]+\.rb$/ }] } as const;
const PHP = { because: 'are written in PHP' } as const;

/** Migration tools that are told by name. Source: each tool's own documentation, and what its generator writes. */
export const UNREAD_TOOLS: readonly UnreadTool[] = [
  {
    ...JAVASCRIPT,
    title: 'Knex',
    because:
      'are for another database than PostgreSQL and SQLite, or in a folder where no name begins with a time (20240101000000_name.js)',
    readAs: 'knex',
    marks: [/\bknex\b/i, UP],
    commands: ['npx knex migrate:list', 'npx knex migrate:latest'],
  },
  {
    ...JAVASCRIPT,
    title: 'Kysely',
    because:
      'are for another database than PostgreSQL and SQLite, or in a folder where no name begins with a time (20240101000000_name.ts)',
    readAs: 'kysely',
    marks: [/\bKysely\s*<|["']kysely["']/, UP],
    configuration: { names: /^kysely\.config\.[cm]?[jt]s$/ },
    commands: ['npx kysely migrate:list', 'npx kysely migrate:latest'],
  },
  {
    ...JAVASCRIPT,
    title: 'TypeORM',
    because:
      'are for another database than PostgreSQL and SQLite, or not named as TypeORM names them (1700000000000-Name.ts)',
    readAs: 'typeorm',
    marks: [/\bMigrationInterface\b|\bqueryRunner\b/i, UP],
    commands: ['npx typeorm migration:show -d DATASOURCE', 'npx typeorm migration:run -d DATASOURCE'],
  },
  {
    ...JAVASCRIPT,
    title: 'MikroORM',
    because:
      'are for another database than PostgreSQL and SQLite, or not named as MikroORM names them (Migration20240101000000.ts)',
    readAs: 'mikro-orm',
    marks: [/@mikro-orm\/migrations\b/, UP],
    configuration: { names: /^mikro-orm\.config\.[cm]?[jt]s$/ },
    commands: ['npx mikro-orm migration:pending', 'npx mikro-orm migration:up'],
  },
  {
    ...JAVASCRIPT,
    title: 'Sequelize',
    because:
      'are for another database than PostgreSQL and SQLite, or in a folder where no name begins with a time (20240101000000-name.js)',
    readAs: 'sequelize',
    marks: [/\bqueryInterface\b/i, UP],
    configuration: { names: /^\.sequelizerc$/ },
    commands: ['npx sequelize-cli db:migrate:status', 'npx sequelize-cli db:migrate'],
  },
  {
    ...JAVASCRIPT,
    title: 'AdonisJS Lucid',
    marks: [/@adonisjs\/lucid\/schema|@ioc:Adonis\/Lucid\/Schema/, UP],
    commands: ['node ace migration:status', 'node ace migration:run'],
  },
  {
    ...JAVASCRIPT,
    title: 'node-pg-migrate',
    readAs: 'node-pg-migrate',
    marks: [/\bpgm\b/, UP],
    commands: ['npx node-pg-migrate up --dry-run', 'npx node-pg-migrate up'],
  },
  {
    title: 'Drizzle 1.x',
    because: 'are folders without a journal, remembered in another way than those of Drizzle 0.x',
    places: [{ names: /^migration\.sql$/, folders: /(?:^|\/)\d{14}_[^/]+$/ }],
    marks: [],
    isFolderEach: true,
    beside: 'snapshot.json',
    commands: ['npx drizzle-kit migrate'],
  },
  {
    ...RUBY,
    title: 'Rails',
    marks: [/\bActiveRecord::Migration\b/],
    tellingTables: [{ table: 'ar_internal_metadata', columns: ['key', 'value', 'created_at'] }],
    configuration: { names: /^application\.rb$/, mark: /\bRails::Application\b/ },
    commands: ['bin/rails db:migrate:status', 'bin/rails db:migrate'],
  },
  {
    ...RUBY,
    title: 'Sequel',
    marks: [/\bSequel\.migration\b/],
    commands: ['sequel -m FOLDER URL'],
  },
  {
    title: 'Django',
    readAs: 'django',
    because: 'are for another database than PostgreSQL and SQLite',
    places: [{ names: /^\d{4}_\w+\.py$/ }],
    marks: [/\bmigrations\.Migration\b/],
    commands: ['python manage.py showmigrations', 'python manage.py migrate'],
    sql: 'python manage.py sqlmigrate APP NAME',
  },
  {
    title: 'Alembic',
    readAs: 'alembic',
    because: 'are for another database than PostgreSQL and SQLite',
    places: [{ names: /^[\w-]+\.py$/, folders: /(?:^|\/)versions$/ }, { names: /^[0-9a-f]{12}_\w+\.py$/ }],
    marks: [/^down_revision\b/m, /^revision\b/m],
    commands: ['alembic current', 'alembic upgrade head'],
    sql: 'alembic upgrade FROM:TO --sql',
  },
  {
    title: 'sqitch',
    because: 'have their order in sqitch.plan and their transactions in their own text',
    places: [{ names: /^sqitch\.plan$/ }],
    marks: [/^%project=/m],
    sqlFolders: ['deploy', 'revert', 'verify'],
    configuration: { names: /^sqitch\.conf$/ },
    commands: ['sqitch status', 'sqitch deploy'],
  },
  {
    title: 'FluentMigrator',
    readAs: 'fluentmigrator',
    because: 'are for another database than PostgreSQL and SQLite',
    places: [{ names: /^\w*\d\w*\.cs$/ }, { names: /\.cs$/i, folders: /migrations?$/i }],
    // EF Core's attribute takes a text.
    marks: [/\[(?:FluentMigrator\.)?(?:Timestamped)?Migration\(\s*(?:\w+\s*:\s*)?\d/],
    configuration: { names: /\.csproj$/i, mark: /Include="FluentMigrator\b/i },
    commands: ['dotnet fm list migrations', 'dotnet fm migrate'],
    sql: 'dotnet fm migrate --preview',
  },
  {
    title: 'Ecto',
    because: 'are written in Elixir',
    places: [{ names: /^\d{14}_\w+\.exs$/ }],
    marks: [/\buse\s+Ecto\.Migration\b/],
    commands: ['mix ecto.migrations', 'mix ecto.migrate'],
  },
  {
    ...PHP,
    title: 'Laravel',
    places: [{ names: /^\d{4}_\d\d_\d\d_\d{6}_\w+\.php$/ }],
    marks: [/\bIlluminate\\Database\\Migrations\\Migration\b/],
    commands: ['php artisan migrate:status', 'php artisan migrate'],
    sql: 'php artisan migrate --pretend',
  },
  {
    ...PHP,
    title: 'Doctrine Migrations',
    places: [{ names: /^Version\d+\w*\.php$/ }],
    marks: [/\bDoctrine\\Migrations\\AbstractMigration\b/],
    commands: ['doctrine-migrations status', 'doctrine-migrations migrate'],
    sql: 'doctrine-migrations migrate --write-sql',
  },
  {
    ...PHP,
    title: 'Phinx',
    places: [{ names: /^\d{14}_\w+\.php$/ }],
    marks: [/\bPhinx\\Migration\\AbstractMigration\b/],
    commands: ['vendor/bin/phinx status', 'vendor/bin/phinx migrate'],
    sql: 'vendor/bin/phinx migrate --dry-run',
  },
  {
    title: 'SeaORM',
    because: 'are written in Rust',
    places: [{ names: /^m\d{8}_\d{6}_\w+\.rs$/ }],
    marks: [/\bMigrationTrait\b/],
    commands: ['sea-orm-cli migrate status', 'sea-orm-cli migrate up'],
  },
  {
    title: 'goose',
    readAs: 'goose',
    because: 'are written in Go',
    places: [{ names: /^\d+_\w+\.go$/ }],
    marks: [/\bgoose\.AddMigration/],
    commands: ['the program that carries them'],
  },
];
