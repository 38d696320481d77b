import path from 'node:path';
import Database from 'better-sqlite3';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { idempotentScriptOf } from '../../../server/application/use-cases/script-of.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { catalogText } from '../../support/catalog-text.ts';
import { entity } from '../../support/ef-project.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { dotnet, EF_VERSION } from './dotnet.ts';
import { contextFiles, MIGRATOR_FILES, type Migrator, npgsqlConnection, startMigrator } from './migrator.ts';

/* What EF Core does that its documentation hardly says, each as a run of its own migrator, and what Lockstep says of it. */

const reason = noDotnet() ?? whyNoServer(17);
if (reason !== undefined) console.log(`What EF Core does in odd cases is not run: ${reason}.`);

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';
const THIRD = '20240303000000_Third';

const CREATE = `migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false).Annotation("Sqlite:Autoincrement", true), Email = table.Column<string>(type: "TEXT", nullable: true), Nick = table.Column<string>(type: "TEXT", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });
            migrationBuilder.CreateIndex(name: "IX_Users_Email", table: "Users", column: "Email");
            migrationBuilder.Sql("INSERT INTO Users (Email, Nick) VALUES ('a', 'n')");`;
const REQUIRED =
  'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: false, defaultValue: "none", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);';
const OPTIONAL =
  'migrationBuilder.AlterColumn<string>(name: "Email", table: "Users", type: "TEXT", nullable: true, oldClrType: typeof(string), oldType: "TEXT");';
const INDEX = 'b.HasIndex("Email");';
const BEFORE = entity('User', 'Users', ['Email?', 'Nick?'], INDEX);
const AFTER = entity('User', 'Users', ['Email', 'Nick?'], INDEX);
const STALE_BEFORE = entity('User', 'Users', ['Email?'], INDEX);
const STALE_AFTER = entity('User', 'Users', ['Email'], INDEX);
const DROP = 'migrationBuilder.DropTable(name: "Users");';

/** SQL that takes as long as nobody waits for. */
const ENDLESS =
  'WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) UPDATE Users SET Nick = (SELECT max(n) FROM n);';

const SERVER_TABLE =
  'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_Users", x => x.Id); });';
const CONCURRENT =
  'migrationBuilder.CreateIndex(name: "IX_Users_Email", table: "Users", column: "Email", unique: true).Annotation("Npgsql:CreatedConcurrently", true);';

const FILES = {
  ...MIGRATOR_FILES,
  'lockstep.jsonc': '{ "rules": { "not-in-idempotent-script": "info" } }',
  ...contextFiles('sqlite', 'Order', [
    { id: FIRST, up: CREATE, down: DROP, model: BEFORE },
    {
      id: SECOND,
      up: `${REQUIRED}
            migrationBuilder.Sql("UPDATE Users SET Nick = (SELECT \\"notnull\\" FROM pragma_table_info('Users') WHERE name = 'Email')");`,
      down: OPTIONAL,
      model: AFTER,
    },
  ]),
  ...contextFiles('sqlite', 'Viewed', [
    {
      id: FIRST,
      up: `${CREATE}\nmigrationBuilder.Sql("CREATE VIEW names AS SELECT Nick FROM Users");`,
      model: BEFORE,
    },
    { id: SECOND, up: REQUIRED, model: AFTER },
  ]),
  ...contextFiles('sqlite', 'Lost', [
    {
      id: FIRST,
      up: `${CREATE}
            migrationBuilder.Sql("CREATE INDEX by_nick ON Users (Nick)");
            migrationBuilder.Sql("CREATE TRIGGER touch AFTER UPDATE ON Users BEGIN SELECT 1; END");`,
      model: BEFORE,
    },
    { id: SECOND, up: REQUIRED, model: AFTER },
  ]),
  ...contextFiles('sqlite', 'StaleUp', [
    { id: FIRST, up: CREATE, model: BEFORE },
    { id: SECOND, up: REQUIRED, model: STALE_AFTER },
  ]),
  ...contextFiles('sqlite', 'StaleDown', [
    { id: FIRST, up: CREATE, down: DROP, model: BEFORE },
    { id: SECOND, up: '', down: '', model: STALE_BEFORE },
    { id: THIRD, up: REQUIRED, down: OPTIONAL, model: AFTER },
  ]),
  ...contextFiles('sqlite', 'Killed', [
    { id: FIRST, up: CREATE, model: BEFORE },
    { id: SECOND, up: `migrationBuilder.Sql("${ENDLESS}");`, model: BEFORE },
  ]),
  ...contextFiles('postgresql', 'Mixed', [
    {
      id: FIRST,
      up: `${SERVER_TABLE}\nmigrationBuilder.Sql("INSERT INTO \\"Users\\" VALUES (1, 'a'), (2, 'a')");`,
    },
    {
      id: SECOND,
      up: `migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);\n${CONCURRENT}`,
    },
  ]),
  ...contextFiles('postgresql', 'Locked', [
    { id: FIRST, up: SERVER_TABLE },
    { id: SECOND, up: 'migrationBuilder.Sql("DO $$ BEGIN PERFORM pg_sleep(1.5); END $$", suppressTransaction: true);' },
    { id: THIRD, up: 'migrationBuilder.Sql("DO $$ BEGIN PERFORM pg_sleep(1.5); END $$");' },
  ]),
  ...contextFiles('postgresql', 'Queried', [
    { id: FIRST, up: SERVER_TABLE },
    { id: SECOND, up: "migrationBuilder.Sql(\"SELECT pg_notify('a', 'b');\");" },
  ]),
  ...contextFiles('postgresql', 'Open', [
    { id: FIRST, up: SERVER_TABLE },
    { id: SECOND, up: `migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = 'x'");` },
  ]),
  ...contextFiles('postgresql', 'Built', [
    { id: FIRST, up: SERVER_TABLE },
    { id: SECOND, up: CONCURRENT },
  ]),
  ...contextFiles('postgresql', 'Script', [
    {
      id: FIRST,
      up: `migrationBuilder.EnsureSchema(name: "shop");
            ${SERVER_TABLE}
            migrationBuilder.CreateTable(name: "Items", schema: "shop", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false).Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn), Name = table.Column<string>(type: "text", nullable: false, defaultValue: "it's") }, constraints: table => { table.PrimaryKey("PK_Items", x => x.Id); });`,
      down: 'migrationBuilder.DropTable(name: "Items", schema: "shop");\nmigrationBuilder.DropTable(name: "Users");',
      model:
        'modelBuilder.Entity("App.Item", b => { b.Property<int>("Id").ValueGeneratedOnAdd().HasColumnType("integer"); NpgsqlPropertyBuilderExtensions.UseIdentityByDefaultColumn(b.Property<int>("Id")); b.Property<string>("Name").IsRequired().HasColumnType("text"); b.HasKey("Id"); b.ToTable("Items", "shop"); });',
    },
    {
      id: SECOND,
      up: `migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "text", nullable: true);
            migrationBuilder.Sql("INSERT INTO \\"Users\\" VALUES (1, 'a'); UPDATE \\"Users\\" SET \\"Nick\\" = 'x';");
            migrationBuilder.Sql("DO $$ BEGIN UPDATE \\"Users\\" SET \\"Nick\\" = 'y'; COMMIT; END $$;", suppressTransaction: true);
            migrationBuilder.CreateIndex(name: "IX_Users_Email", table: "Users", column: "Email");`,
      down: 'migrationBuilder.DropColumn(name: "Nick", table: "Users");',
    },
  ]),
  ...contextFiles('postgresql', 'Label', [
    {
      id: FIRST,
      up: 'migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:mood", "bad,ok");',
    },
    {
      id: SECOND,
      up: 'migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:mood", "ok").OldAnnotation("Npgsql:Enum:mood", "bad,ok");',
    },
  ]),
};

describe.skipIf(reason !== undefined)('in truth, by its own migrator', () => {
  let opened: RunProject;
  let server: PostgresServer;
  let migrator: Migrator;
  let projects: ReadonlyMap<string, FolderProject>;

  function projectOf(context: string): FolderProject {
    const project = projects.get(context);
    if (project === undefined) throw new Error(`no project in ${context}`);
    return project;
  }

  /** Codes of what is found in a migration, and what is not analysed. */
  function saidOf(context: string, id: string): readonly string[] {
    const { findings, problems } = projectOf(context).lint(`${context}/${id}.cs`);
    return [...findings.map(({ code }) => code), ...problems.map(({ message }) => message)];
  }

  /** A file of its own, asked between the runs. */
  function lite(context: string): {
    readonly connection: string;
    all(sql: string): readonly unknown[];
    run(sql: string): void;
  } {
    const file = path.join(opened.folder, `${context}.db`);
    const within = <T>(work: (database: Database.Database) => T): T => {
      const database = new Database(file);
      try {
        return work(database);
      } finally {
        database.close();
      }
    };
    return {
      connection: `Data Source=${file};Pooling=false`,
      all: (sql) => within((database) => database.prepare(sql).pluck().all()),
      run: (sql) => {
        within((database) => database.exec(sql));
      },
    };
  }

  const HISTORY = 'SELECT MigrationId FROM __EFMigrationsHistory ORDER BY 1';
  const COLUMNS = "SELECT name FROM pragma_table_info('Users')";

  beforeAll(async () => {
    opened = await runProject(FILES);
    const starting = startPostgres(17);
    dotnet(['build', '--nologo'], opened.folder);
    const found = await openProjects({ root: opened.folder, files: nodeFiles, engines: await loadEngines() });
    projects = new Map(found.projects.map((project) => [project.folder, project]));
    migrator = startMigrator(opened.folder);
    server = await starting;
  }, 600_000);

  afterAll(async () => {
    await migrator?.[Symbol.asyncDispose]();
    await server?.stop();
    opened?.[Symbol.dispose]();
  });

  describe('SQLite', () => {
    test('a rebuild comes after everything else, in the order that we say, and SQL below it still meets the old table', async () => {
      const { connection, all } = lite('Order');
      await migrator.migrate('Order', connection, FIRST);
      const sent = await migrator.migrate('Order', connection);
      const words = (sql: string): string =>
        sql.replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').replace(/;\s*$/, '').trim();
      const ours = projectOf('Order')
        .explain(`Order/${SECOND}.cs`)
        .statements.filter(({ direction }) => direction === 'up')
        .map(({ text }) => words(text));
      // What EF Core keeps its history and its lock with stands around it.
      expect(
        sent
          .flatMap((sql) => sql.split(/;\s*\n/))
          .map(words)
          .filter((sql) => sql !== '' && !/__EFMigrations|sqlite_master|^SELECT changes/.test(sql)),
      ).toEqual(ours);
      expect(ours.map((sql) => sql.split(' ').slice(0, 2).join(' '))).toEqual([
        'UPDATE Users',
        'CREATE TABLE',
        'INSERT INTO',
        'PRAGMA foreign_keys',
        'DROP TABLE',
        'ALTER TABLE',
        'PRAGMA foreign_keys',
        'CREATE INDEX',
      ]);
      // Email could still be empty when the UPDATE ran.
      expect(all('SELECT Nick FROM Users')).toEqual(['0']);
      expect(all("SELECT \"notnull\" FROM pragma_table_info('Users') WHERE name = 'Email'")).toEqual([1]);
      expect(saidOf('Order', SECOND)).toContain('runs-before-rebuild');
    });

    test('a view makes it fail: the table stays, so does its copy, and the next run fails on that', async () => {
      const { connection, all } = lite('Viewed');
      await migrator.migrate('Viewed', connection, FIRST);
      await expect(migrator.migrate('Viewed', connection)).rejects.toThrow(/error in view names/);
      expect(all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%Users' ORDER BY 1")).toEqual([
        'Users',
        'ef_temp_Users',
      ]);
      expect(all('SELECT Email FROM Users')).toEqual(['a']);
      expect(all(HISTORY)).toEqual([FIRST]);
      await expect(migrator.migrate('Viewed', connection)).rejects.toThrow(/ef_temp_Users.* already exists/);
      expect(saidOf('Viewed', SECOND)).toContain('sqlite-rename-refused');
    });

    test('a trigger and an index that the model does not have are lost without a word', async () => {
      const { connection, all } = lite('Lost');
      const kept = "SELECT name FROM sqlite_schema WHERE tbl_name = 'Users' AND type <> 'table' ORDER BY 1";
      await migrator.migrate('Lost', connection, FIRST);
      expect(all(kept)).toEqual(['IX_Users_Email', 'by_nick', 'touch']);
      await migrator.migrate('Lost', connection);
      expect(all(kept)).toEqual(['IX_Users_Email']);
      expect(saidOf('Lost', SECOND)).toContain('sqlite-rebuild-loss');
    });

    test('a Designer that lacks a column takes it away with its values, up', async () => {
      const { connection, all } = lite('StaleUp');
      await migrator.migrate('StaleUp', connection, FIRST);
      expect(all(COLUMNS)).toEqual(['Id', 'Email', 'Nick']);
      await migrator.migrate('StaleUp', connection);
      expect(all(COLUMNS)).toEqual(['Id', 'Email']);
      expect(saidOf('StaleUp', SECOND)).toContain('stale-designer');
    });

    test('and so does the Designer of the migration before, on the way back', async () => {
      const { connection, all } = lite('StaleDown');
      await migrator.migrate('StaleDown', connection);
      expect(all(COLUMNS)).toEqual(['Id', 'Email', 'Nick']);
      await migrator.migrate('StaleDown', connection, SECOND);
      expect(all(COLUMNS)).toEqual(['Id', 'Email']);
      expect(saidOf('StaleDown', THIRD)).toContain('stale-designer');
    });

    test('who is killed leaves the row that locks, and what Lockstep says of it frees the database', async () => {
      const { connection, all, run } = lite('Killed');
      await migrator.migrate('Killed', connection, FIRST);
      const victim = startMigrator(opened.folder);
      const ended = victim.migrate('Killed', connection).then(
        () => 'done',
        () => 'ended',
      );
      await expect.poll(() => all('SELECT count(*) FROM __EFMigrationsLock')[0], { timeout: 60_000 }).toBe(1);
      victim.kill();
      expect(await ended).toBe('ended');
      expect(all('SELECT count(*) FROM __EFMigrationsLock')).toEqual([1]);
      const waiting = startMigrator(opened.folder);
      const waited = waiting.migrate('Killed', connection, FIRST).then(
        () => 'done',
        () => 'ended',
      );
      expect(await Promise.race([waited, new Promise((resolve) => setTimeout(() => resolve('waits'), 3_000))])).toBe(
        'waits',
      );
      const { applier } = projectOf('Killed');
      await using asked = await opened.connect(`sqlite:${path.join(opened.folder, 'Killed.db')}`);
      const held = applier.kind === 'command' ? await applier.heldLock?.(asked) : undefined;
      expect(held?.what).toMatch(/^the row in "__EFMigrationsLock" of \d{4}-/);
      run(held?.release ?? '');
      // It asks again after a second, and ever more seldom.
      expect(await waited).toBe('done');
      await waiting[Symbol.asyncDispose]();
    });
  });

  describe('PostgreSQL', () => {
    async function databaseOf(): Promise<{
      readonly client: pg.Client;
      readonly connection: string;
    }> {
      const database = await server.createDatabase();
      return { client: await server.connect(database), connection: npgsqlConnection(server.port, database) };
    }

    async function valuesOf(client: pg.Client, sql: string): Promise<readonly unknown[]> {
      return (await client.query<{ readonly value: unknown }>(sql)).rows.map(({ value }) => value);
    }

    test('a concurrent build that fails leaves what came before it, without a row in the history, and the second run fails on that', async () => {
      const { client, connection } = await databaseOf();
      try {
        await migrator.migrate('Mixed', connection, FIRST);
        await expect(migrator.migrate('Mixed', connection)).rejects.toThrow(/23505/);
        expect(
          await valuesOf(
            client,
            `SELECT attname AS value FROM pg_attribute WHERE attrelid = '"Users"'::regclass AND attnum > 0 ORDER BY attnum`,
          ),
        ).toEqual(['Id', 'Email', 'Nick']);
        expect(
          await valuesOf(
            client,
            `SELECT indisvalid AS value FROM pg_index WHERE indexrelid = '"IX_Users_Email"'::regclass`,
          ),
        ).toEqual([false]);
        expect(await valuesOf(client, 'SELECT "MigrationId" AS value FROM "__EFMigrationsHistory"')).toEqual([FIRST]);
        await expect(migrator.migrate('Mixed', connection)).rejects.toThrow(/42701/);
        expect(saidOf('Mixed', SECOND)).toContain('mixed-transaction');
      } finally {
        await client.end();
      }
    });

    test('nothing is locked while a command runs outside the transaction, and the history is while one runs within', async () => {
      const { client, connection } = await databaseOf();
      try {
        await migrator.migrate('Locked', connection, FIRST);
        await client.query("SET lock_timeout = '100ms'");
        const asleep = `SELECT count(*)::int AS value FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
        const askedDuring = async (id: string): Promise<unknown> => {
          const running = migrator.migrate('Locked', connection, id);
          await expect.poll(async () => (await valuesOf(client, asleep))[0], { timeout: 30_000, interval: 20 }).toBe(1);
          const asked = await valuesOf(client, 'SELECT "MigrationId" AS value FROM "__EFMigrationsHistory"').then(
            () => 'read',
            (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
          );
          await running;
          return asked;
        };
        expect(await askedDuring(SECOND)).toBe('read');
        expect(await askedDuring(THIRD)).toMatch(/lock timeout/);
      } finally {
        await client.end();
      }
    });

    /** As psql sends a script: statement by statement. */
    async function runTwice(client: pg.Client, script: string): Promise<void> {
      const statements = projectOf('Script').engine.split(script, { start: 0, end: script.length });
      for (const { text } of [...statements, ...statements]) await client.query(text);
    }

    test('an idempotent script of ours leaves what that of EF Core leaves, from nothing, from the middle and twice, and back', async () => {
      const scripted = async (script: string, from?: string): Promise<readonly string[]> => {
        const { client, connection } = await databaseOf();
        try {
          if (from !== undefined) await migrator.migrate('Script', connection, from);
          await runTwice(client, script);
          const rows = await client.query<{ readonly value: string }>(
            `SELECT "MigrationId" || ' ' || "ProductVersion" AS value FROM "__EFMigrationsHistory" UNION ALL SELECT to_jsonb(u)::text FROM "Users" u ORDER BY 1`,
          );
          return [...(await catalogText(client)).split('\n'), ...rows.rows.map(({ value }) => value)];
        } finally {
          await client.end();
        }
      };
      const project = projectOf('Script');
      const ours = idempotentScriptOf(project, 'up', project.migrations.migrations);
      if (!('sql' in ours)) throw new Error(ours.refused);
      const theirs = await migrator.script('Script', 'Host=none');
      const whole = await scripted(theirs);
      expect(whole.join('\n')).toContain(`${SECOND} ${EF_VERSION}`);
      expect(await scripted(ours.sql)).toEqual(whole);
      expect(await scripted(ours.sql, FIRST)).toEqual(whole);
      const back = idempotentScriptOf(project, 'down', project.migrations.migrations.slice(1));
      if (!('sql' in back)) throw new Error(back.refused);
      const { client, connection } = await databaseOf();
      try {
        await migrator.migrate('Script', connection);
        await runTwice(client, back.sql);
        expect(await valuesOf(client, 'SELECT "MigrationId" AS value FROM "__EFMigrationsHistory"')).toEqual([FIRST]);
        // EF Core goes on where the script ended.
        await migrator.migrate('Script', connection, '0');
      } finally {
        await client.end();
      }
    });

    test.each([
      ['Queried', 'a query', /query has no destination for result data/, /has nowhere to put its rows/],
      ['Built', 'a concurrent index', /CREATE INDEX CONCURRENTLY cannot/, /nothing is built concurrently/],
      // EF Core leaves SQL as it is written; ours has a semicolon.
      ['Open', 'SQL without a semicolon', /syntax error at or near "END"/, undefined],
    ] as const)('%s: the idempotent script of %s fails', async (context, _name, message, why) => {
      const { client, connection } = await databaseOf();
      try {
        await expect(client.query(await migrator.script(context, connection))).rejects.toThrow(message);
        await client.query('ROLLBACK');
        expect(saidOf(context, SECOND)).toContain('not-in-idempotent-script');
        const project = projectOf(context);
        const ours = idempotentScriptOf(project, 'up', project.migrations.migrations);
        if (why === undefined) {
          if (!('sql' in ours)) throw new Error(ours.refused);
          await client.query(ours.sql);
          await client.query(ours.sql);
        } else expect('refused' in ours ? ours.refused : '').toMatch(why);
        // By the command itself it is applied.
        await migrator.migrate(context, connection);
      } finally {
        await client.end();
      }
    });

    test('a label that is gone from an enum makes the whole migration fail', async () => {
      const { client, connection } = await databaseOf();
      try {
        await migrator.migrate('Label', connection, FIRST);
        await expect(migrator.migrate('Label', connection)).rejects.toThrow(/[Ll]abel/);
        expect(await valuesOf(client, 'SELECT "MigrationId" AS value FROM "__EFMigrationsHistory"')).toEqual([FIRST]);
        expect(saidOf('Label', SECOND).join('\n')).toMatch(/label/i);
      } finally {
        await client.end();
      }
    });
  });
});
