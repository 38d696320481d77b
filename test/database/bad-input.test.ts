import { symlinkSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';

/*
 * Histories that are not as their tool made them, databases that have another one, and folders that are wrong in themselves, by
 * the command line on a real server: one sentence that says what to do, and nothing is written.
 */

const CONFIGURATION = '{ "dialect": "postgresql", "migrations": [{ "folder": "db/migrations", "tool": "dbmate" }] }';
const FILES = {
  'lockstep.jsonc': CONFIGURATION,
  'db/migrations/20240101000000_a.sql': '-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n',
  'db/migrations/20240102000000_b.sql': '-- migrate:up\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE b;\n',
};

describe(`PostgreSQL ${MAJORS.at(-1)}`, () => {
  let server: PostgresServer;
  let client: pg.Client;
  let url = '';
  beforeAll(async () => {
    server = await startPostgres(MAJORS.at(-1) ?? 18);
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    const database = await server.createDatabase();
    url = server.urlOf(database);
    client = await server.connect(database);
    return () => client.end();
  });

  async function tables(): Promise<readonly string[]> {
    const { rows } = await client.query(
      "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)' ORDER BY 1",
    );
    return rows.map((row: { readonly name: string }) => row.name);
  }

  /** What a command says, which leaves the tables as they were. */
  async function refused(project: CliFolder, at: string, ...words: readonly string[]): Promise<string> {
    const before = await tables();
    const { code, output } = await tellInProcess(project.folder, [...words, '--database', at], {});
    expect(code, output).not.toBe(0);
    expect(await tables()).toEqual(before);
    return output;
  }

  async function told(project: CliFolder, at: string, ...words: readonly string[]): Promise<string> {
    const { code, output } = await tellInProcess(project.folder, [...words, '--database', at], {});
    expect(code, output).toBe(0);
    return output;
  }

  test('a history with a column more is the history; one that needs a value there says so', async () => {
    using project = cliFolder(FILES);
    await client.query(
      "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY, note text); INSERT INTO schema_migrations VALUES ('20240101000000', 'by hand')",
    );
    expect(await told(project, url, 'status')).toContain('1 applied, 1 pending');
    await client.query("UPDATE schema_migrations SET note = ''; ALTER TABLE schema_migrations ALTER note SET NOT NULL");
    expect(await refused(project, url, 'apply', '--yes')).toContain(
      'The history schema_migrations could not be written: null value in column "note" of relation "schema_migrations" violates not-null constraint. No tool writes that column: give it a default, or take it out.',
    );
    await client.query("ALTER TABLE schema_migrations ALTER note SET DEFAULT ''");
    expect(await told(project, url, 'apply', '--yes')).toContain('20240102000000 applied');
  });

  test('a role without rights on the history is told which', async () => {
    using project = cliFolder(FILES);
    await client.query(
      "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101000000'); CREATE ROLE weak LOGIN",
    );
    const weak = url.replace('postgres@', 'weak@');
    expect(await refused(project, weak, 'status')).toContain(
      'The history schema_migrations cannot be read: permission denied for table schema_migrations. Grant this role SELECT on it, or connect as the role that owns it.',
    );
    expect(await refused(project, weak, 'apply', '--yes')).toContain('Grant this role SELECT on it');
    await client.query('GRANT SELECT ON schema_migrations TO weak; GRANT CREATE ON SCHEMA public TO weak');
    expect(await told(project, weak, 'status')).toContain('1 applied, 1 pending');
    expect(await refused(project, weak, 'apply', '--yes')).toContain(
      'The history schema_migrations could not be written: permission denied for table schema_migrations. Grant this role INSERT, UPDATE and DELETE on it, or connect as the role that owns it.',
    );
    await client.query('DROP TABLE schema_migrations; REVOKE CREATE ON SCHEMA public FROM weak, PUBLIC');
    expect(await refused(project, weak, 'apply', '--yes')).toContain(
      'The history schema_migrations could not be made: permission denied for schema public. Grant this role CREATE on it, or connect as the role that owns it.',
    );
  });

  test('a history in a schema where nobody looks stops a run, and says how to look there', async () => {
    using project = cliFolder(FILES);
    await client.query(
      "CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO app.schema_migrations VALUES ('20240101000000')",
    );
    const words =
      'Migrations of this folder are in the history app.schema_migrations, where this session does not look: add "?options=-csearch_path%3Dapp" to the URL, or they would be applied once more.';
    expect(await told(project, url, 'status')).toContain(words);
    expect(await refused(project, url, 'apply', '--yes')).toContain(words);
    expect(await told(project, `${url}?options=-csearch_path%3Dapp`, 'status')).toContain('1 applied, 1 pending');
    // Whoever chose where to look, as for a tenant of its own, is believed; others' histories are none of this folder.
    await client.query('CREATE SCHEMA tenant');
    expect(await told(project, `${url}?options=-csearch_path%3Dtenant`, 'apply', '--yes')).toContain(
      '20240102000000 applied',
    );
    await client.query('DROP SCHEMA tenant CASCADE; UPDATE app.schema_migrations SET version = 1');
    expect(await told(project, url, 'apply', '--yes')).toContain('20240102000000 applied');
  });

  test('rows of another tool that are migrations of this folder stop a run, whatever else their table may be', async () => {
    using project = cliFolder({
      'lockstep.jsonc': '{ "dialect": "postgresql" }',
      'db/migration/V20240101000000__a.sql': 'CREATE TABLE a (id int);\n',
    });
    await client.query(
      "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101000000')",
    );
    const words =
      "This database has migrations of this folder in schema_migrations, which is another tool's, and no history of Flyway";
    expect(await told(project, url, 'status')).toContain(words);
    expect(await refused(project, url, 'apply', '--yes')).toContain(words);
    // Other rows are another service's.
    await client.query("UPDATE schema_migrations SET version = '20200101000000'");
    expect(await told(project, url, 'apply', '--yes')).toContain('20240101000000 applied');
  });

  test.each([
    [
      'of the same name',
      'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)',
      "The table schema_migrations is the history of golang-migrate, not of this project's tool",
    ],
    [
      'of another name',
      'CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version text, success bool)',
      'This database has the history of Flyway (flyway_schema_history) and none of dbmate: connect to the project\'s own database or, where Flyway has applied these migrations, take its history over by "lockstep take-over flyway".',
    ],
    [
      'in a schema of its own',
      'CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at bigint)',
      'This database has the history of Drizzle (drizzle.__drizzle_migrations) and none of dbmate',
    ],
  ])("another tool's history %s stops status and apply", async (_, sql, words) => {
    using project = cliFolder(FILES);
    await client.query(sql);
    const { output } = await tellInProcess(project.folder, ['status', '--database', url], {});
    expect(output).toContain(words);
    expect(await refused(project, url, 'apply', '--yes')).toContain(words);
  });

  test("a table with the name of a tool's history and none of its columns is the application's own", async () => {
    using project = cliFolder(FILES);
    await client.query('CREATE TABLE flyway_schema_history (id int); CREATE TABLE "SequelizeMeta" (id int)');
    expect(await told(project, url, 'apply', '--yes')).toContain('20240102000000 applied');
  });

  test('a database beside which another tool works is applied to, where a person says so', async () => {
    using project = cliFolder(FILES);
    await client.query('CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)');
    expect(await refused(project, url, 'apply', '--yes')).toContain('--despite problems');
    expect(await told(project, url, 'apply', '--yes', '--despite', 'problems')).toContain('20240102000000 applied');
    // From then on each has its own.
    expect(await told(project, url, 'status')).not.toContain('Alembic');
  });

  test("a folder whose name is SQL is a folder's name", async () => {
    using project = cliFolder({
      "'; DROP TABLE x; --/0001_a.up.sql": 'CREATE TABLE a (id int);\n',
      "'; DROP TABLE x; --/0001_a.down.sql": 'DROP TABLE a;\n',
      "'; DROP TABLE x; --/0002_'; DROP TABLE x; --.up.sql": 'CREATE TABLE b (id int);\n',
    });
    await client.query('CREATE TABLE x (id int)');
    expect(await told(project, url, 'status')).toContain("'; DROP TABLE x; -- with sql-pairs");
    expect(await told(project, url, 'apply', '--yes')).toContain("0002_'; DROP TABLE x; -- applied");
    expect(await tables()).toEqual(['public.a', 'public.b', 'public.lockstep_history', 'public.x']);
    expect(await told(project, url, 'unmark', "0002_'; DROP TABLE x; --", '--yes')).toContain('DROP TABLE x');
    expect(await told(project, url, 'revert', '--last', '--yes')).toContain('0001_a');
    expect(await tables()).toEqual(['public.b', 'public.lockstep_history', 'public.x']);
  });

  test('an unknown placeholder is named before anything of the run is sent', async () => {
    using project = cliFolder({
      'flyway.toml': '[flyway]\nlocations = ["filesystem:sql"]\n',
      'sql/V1__a.sql': 'CREATE TABLE a (id int);\n',
      'sql/V2__b.sql': 'CREATE TABLE ${prefix}_b (id int);\n',
    });
    expect(await refused(project, url, 'apply', '--yes')).toContain('prefix');
  });

  test('two tools in one folder: what is of the other is told, and stops a run', async () => {
    using project = cliFolder({
      'db/migrations/20240101000000_a.sql': FILES['db/migrations/20240101000000_a.sql'],
      'db/migrations/20240102000000_b.sql': '-- +goose Up\nCREATE TABLE b (id int);\n\n-- +goose Down\nDROP TABLE b;\n',
    });
    expect(await refused(project, url, 'apply', '--yes')).toContain(
      '20240102000000_b.sql: dbmate refuses this file: it has no "-- migrate:up" line. Add one above the statements.',
    );
  });

  test("a configuration that cannot be read is named, ours and the tool's own", async () => {
    using project = cliFolder({ ...FILES, 'lockstep.jsonc': '{ "migrations": [' });
    expect(await refused(project, url, 'status')).toContain('lockstep.jsonc:1:18: This is not valid JSON');
    using folder = cliFolder({ 'sql/V1__a.sql': 'CREATE TABLE a (id int);\n' });
    // Whoever runs this may be allowed to read everything; a link to nothing is read by nobody.
    symlinkSync('gone.toml', path.join(folder.folder, 'flyway.toml'));
    const words = await refused(folder, url, 'apply', '--yes');
    expect(words).toContain('The configuration of Flyway cannot be read: ');
    expect(words).toContain('flyway.toml" is not there, or is a link to what is not there');
  });
});
