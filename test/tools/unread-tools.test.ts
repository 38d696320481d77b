import { describe, expect, test } from 'vitest';
import { FileTree } from '../../server/tools/file-tree.ts';
import { findUnread } from '../../server/tools/find-unread.ts';
import { UNREAD_TOOLS } from '../../server/tools/unread-tools.ts';
import { tellInProcess } from '../support/in-process-cli.ts';
import { MemoryFiles } from '../support/memory-files.ts';

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** Where its migrations are; none where only a configuration is there. */
  readonly folders: readonly string[];
}

/** What the generator of each tool writes, cut down; the first of a tool is told with its folders. */
const CASES: readonly Case[] = [
  {
    title: 'Knex',
    files: {
      'knexfile.ts': "export default { client: 'mysql2' };\n",
      'db/migrations/20240101120000_users.ts':
        "import type { Knex } from 'knex';\nexport async function up(knex: Knex): Promise<void> { await knex.raw('DROP TABLE a'); }\n",
    },
    folders: ['db/migrations'],
  },
  {
    title: 'Knex',
    files: {
      'migrations/users.js': 'exports.up = function(knex) {};\nexports.down = function(knex) {};\n',
    },
    folders: ['migrations'],
  },
  {
    title: 'Kysely',
    files: {
      'src/migrations/users.ts':
        "import type { Kysely } from 'kysely'\n\nexport async function up(db: Kysely<any>): Promise<void> {}\n",
    },
    folders: ['src/migrations'],
  },
  {
    title: 'TypeORM',
    files: {
      'src/data-source.ts':
        "import { DataSource } from 'typeorm';\nexport const source = new DataSource({ type: 'mysql' });\n",
      'src/database/1700000000000-Users.ts':
        'import { MigrationInterface, QueryRunner } from "typeorm";\nexport class Users1700000000000 implements MigrationInterface {\n  public async up(queryRunner: QueryRunner): Promise<void> { await queryRunner.query(`DROP TABLE a`); }\n}\n',
    },
    folders: ['src/database'],
  },
  {
    title: 'MikroORM',
    files: {
      'mikro-orm.config.ts': "import { defineConfig } from '@mikro-orm/mysql';\nexport default defineConfig({});\n",
      'src/Migration20240101120000.ts':
        "import { Migration } from '@mikro-orm/migrations';\nexport class Migration20240101120000 extends Migration {\n  override async up() { this.addSql('drop table a'); }\n}\n",
    },
    folders: ['src'],
  },
  {
    title: 'Sequelize',
    files: {
      'config/config.json': '{ "development": { "dialect": "mysql" } }\n',
      'migrations/20240101120000-users.js':
        "'use strict';\nmodule.exports = { async up (queryInterface, Sequelize) {}, async down (queryInterface) {} };\n",
    },
    folders: ['migrations'],
  },
  {
    title: 'Rails',
    files: {
      'db/migrate/20240101120000_users.rb': 'class Users < ActiveRecord::Migration[8.0]\n  def change; end\nend\n',
      'db/structure.sql': 'CREATE TABLE users (id bigint);\n',
    },
    folders: ['db/migrate'],
  },
  {
    title: 'Django',
    files: {
      'manage.py': 'import django\n',
      'site/settings.py': "DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql'}}\n",
      'blog/migrations/__init__.py': '',
      'blog/migrations/0001_initial.py':
        'from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n',
      'shop/migrations/0001_initial.py':
        'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    operations = []\n',
    },
    folders: ['blog/migrations', 'shop/migrations'],
  },
  {
    title: 'Alembic',
    files: {
      'alembic.ini': '[alembic]\nscript_location = alembic\nsqlalchemy.url = mysql+pymysql://localhost/app\n',
      'alembic/env.py': 'from alembic import context\n',
      'alembic/versions/1975ea83b712_users.py':
        '"""users"""\nfrom alembic import op\n\nrevision: str = "1975ea83b712"\ndown_revision = None\n\n\ndef upgrade() -> None:\n    op.execute("DROP TABLE a")\n',
    },
    folders: ['alembic/versions'],
  },
  {
    title: 'sqitch',
    files: {
      'sqitch.conf': '[core]\n\tengine = pg\n',
      'sqitch.plan': '%syntax-version=1.0.0\n%project=app\n\nusers 2024-01-01T12:00:00Z A <a@example.com> # users\n',
      'deploy/users.sql': 'BEGIN;\nCREATE TABLE users (id bigint);\nCOMMIT;\n',
      'revert/users.sql': 'BEGIN;\nDROP TABLE users;\nCOMMIT;\n',
    },
    folders: [''],
  },
  {
    title: 'Drizzle 1.x',
    files: {
      'drizzle.config.ts': "export default { dialect: 'postgresql', out: './drizzle' };\n",
      'drizzle/20240101120000_users/migration.sql': 'CREATE TABLE "users" ("id" bigint);\n',
      'drizzle/20240101120000_users/snapshot.json': '{}\n',
    },
    folders: ['drizzle'],
  },
  {
    title: 'FluentMigrator',
    files: {
      'App/App.csproj':
        '<Project><ItemGroup><PackageReference Include="FluentMigrator.Runner.SqlServer" /></ItemGroup></Project>\n',
      'App/Datastore/Migration/001_users.cs':
        'using FluentMigrator;\n[Migration(1)]\npublic class Users : Migration { public override void Up() {} public override void Down() {} }\n',
    },
    folders: ['App/Datastore/Migration'],
  },
  {
    title: 'node-pg-migrate',
    files: { 'migrations/1700000000000_users.js': 'exports.up = (pgm) => { pgm.createTable("users", {}); };\n' },
    folders: ['migrations'],
  },
  {
    title: 'AdonisJS Lucid',
    files: {
      'database/migrations/1700000000000_users.ts':
        "import { BaseSchema } from '@adonisjs/lucid/schema'\nexport default class extends BaseSchema { async up() {} }\n",
    },
    folders: ['database/migrations'],
  },
  {
    title: 'Sequel',
    files: { 'db/migrations/001_users.rb': 'Sequel.migration do\n  change { }\nend\n' },
    folders: ['db/migrations'],
  },
  {
    title: 'Ecto',
    files: {
      'priv/repo/migrations/20240101120000_users.exs':
        'defmodule A.Users do\n  use Ecto.Migration\n  def change do\n  end\nend\n',
    },
    folders: ['priv/repo/migrations'],
  },
  {
    title: 'Laravel',
    files: {
      'database/migrations/2024_01_01_120000_users.php':
        '<?php\nuse Illuminate\\Database\\Migrations\\Migration;\nreturn new class extends Migration {};\n',
    },
    folders: ['database/migrations'],
  },
  {
    title: 'Doctrine Migrations',
    files: {
      'migrations/Version20240101120000.php':
        '<?php\nuse Doctrine\\Migrations\\AbstractMigration;\nfinal class Version20240101120000 extends AbstractMigration {}\n',
    },
    folders: ['migrations'],
  },
  {
    title: 'Phinx',
    files: {
      'db/migrations/20240101120000_users.php':
        '<?php\nuse Phinx\\Migration\\AbstractMigration;\nfinal class Users extends AbstractMigration {}\n',
    },
    folders: ['db/migrations'],
  },
  {
    title: 'SeaORM',
    files: { 'migration/src/m20240101_120000_users.rs': 'impl MigrationTrait for Migration {}\n' },
    folders: ['migration/src'],
  },
  {
    title: 'goose',
    files: { 'migrations/00002_fill.go': 'package migrations\nfunc init() { goose.AddMigrationContext(up, down) }\n' },
    folders: ['migrations'],
  },
];

function inMemory(files: Case['files']): MemoryFiles {
  return new MemoryFiles(Object.fromEntries(Object.entries(files).map(([path, text]) => [`/w/${path}`, text])));
}

describe('a tool that is not read', () => {
  test('is one of those with a project here', () => {
    expect(
      UNREAD_TOOLS.map(({ title }) => title).filter((title) => CASES.every((each) => each.title !== title)),
    ).toEqual([]);
  });

  test.each(CASES)('$title in $folders is told by name by every command, and nothing is written', async (each) => {
    const files = inMemory(each.files);
    const found = await findUnread(new FileTree(files, '/w'));
    expect(found.map(({ tool, folders }) => ({ title: tool.title, folders }))).toEqual([
      { title: each.title, folders: each.folders },
    ]);
    for (const words of [
      ['lint'],
      ['lint', '--format', 'json'],
      ['lint', '.'],
      ['explain'],
      ['status', '--database', 'sqlite:app.db'],
      ['apply', '--all', '--yes', '--database', 'sqlite:app.db'],
      ['verify', '--database', 'sqlite:app.db'],
      ['new', 'more'],
      ['init'],
    ]) {
      const { code, output } = await tellInProcess('/w', words, {}, files);
      expect({ words, code }).toEqual({ words, code: 2 });
      expect(output.split('\n')).toHaveLength(2);
      expect(output).toContain(each.title);
      expect(output).toContain('Lockstep does not read');
      for (const command of found[0]?.tool.commands ?? []) expect(output).toContain(command);
      expect(output).not.toContain('no migrations were found');
    }
    expect([...files.files.keys()]).toEqual(Object.keys(each.files).map((path) => `/w/${path}`));
  });

  test('of a folder that a person names, too; of a file, not', async () => {
    const [sqitch] = CASES.filter(({ title }) => title === 'sqitch');
    const files = inMemory(sqitch?.files ?? {});
    const tell = (...words: readonly string[]): ReturnType<typeof tellInProcess> =>
      tellInProcess('/w', words, {}, files);
    expect(await tell('lint', 'deploy')).toMatchObject({ code: 2, output: expect.stringContaining('sqitch.plan') });
    expect(await tell('lint', 'deploy/users.sql')).toMatchObject({ output: expect.stringContaining('1 file') });
  });

  test('beside one that is read is told on standard error, and not where the configuration names what is meant', async () => {
    const goose = { 'db/00001_a.sql': '-- +goose Up\nCREATE TABLE a (id bigint);\n' };
    const [knex] = CASES;
    const files = inMemory({ ...goose, ...knex?.files });
    const lint = await tellInProcess('/w', ['lint'], {}, files);
    expect(lint.code).toBe(0);
    expect(lint.output).toContain('lockstep: not linted: The migrations in db/migrations are those of Knex');
    const json = await tellInProcess('/w', ['lint', '--format', 'json', '--rule', 'required-column'], {}, files);
    expect(JSON.parse(json.output)).toMatchObject({ unread: [{ tool: 'Knex', folders: ['db/migrations'] }] });
    const init = await tellInProcess('/w', ['init'], {}, files);
    expect(init.output).toContain('not read: The migrations in db/migrations are those of Knex');
    expect((await tellInProcess('/w', ['lint'], {}, files)).output).not.toContain('Knex');
    // What configures a tool without migrations says nothing beside those that are there.
    const configured = inMemory({ ...goose, 'knexfile.js': '' });
    expect((await tellInProcess('/w', ['lint'], {}, configured)).output).not.toContain('Knex');
  });

  test('is not seen in what only looks like it', async () => {
    const files = inMemory({
      'src/migrations/index.ts': 'export const migrations = [];\n',
      'src/1_knex.ts': 'export const knex = 1;\n',
      'App/Migrations/20240101120000_A.cs': '[Migration("20240101120000_A")]\npartial class A : Migration {}\n',
      'prisma/migrations/20240101120000_a/migration.sql': 'CREATE TABLE a (id bigint);\n',
      'app/versions/1.py': 'revision = 2\n',
      'tests/0001_test.py': 'from app import migrations\n',
    });
    expect(await findUnread(new FileTree(files, '/w'))).toEqual([]);
  });
});
