import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type pg from 'pg';
import type { RunEvent } from '../../../server/runner/report.ts';
import { catalogText } from '../../support/catalog-text.ts';
import { type CliFolder, type CliResult, cliFolder } from '../../support/cli.ts';
import { designerText, migrationText } from '../../support/ef-project.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { FIRST, recordedScript, SCRIPT_VERSIONS, SECOND, THIRD } from '../../efcore/scripts/script-projects.ts';

/* Idempotent scripts of the real `dotnet ef`, as they are recorded, applied by `lockstep apply --script` without any SDK. */

const reason = whyNoServer(17);
if (reason !== undefined) console.log(`Idempotent scripts are not applied: ${reason}.`);

type Done = Extract<RunEvent, { readonly event: 'done' }>;

describe.skipIf(reason !== undefined).each(SCRIPT_VERSIONS)('an idempotent script of EF Core $major', ({ major }) => {
  let server: PostgresServer;
  let database: string;
  let client: pg.Client;
  let folder: CliFolder;

  beforeAll(async () => {
    server = await startPostgres(17);
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    database = await server.createDatabase();
    client = await server.connect(database);
    folder = cliFolder({});
    return async () => {
      await client.end();
      folder[Symbol.dispose]();
    };
  });

  async function run(
    name: string,
    ...words: readonly string[]
  ): Promise<CliResult & { readonly done: Done | undefined }> {
    folder.write('migrate.sql', recordedScript(name, major));
    const [command = 'apply', ...rest] = words;
    const result = await folder.run(
      command,
      '--script',
      'migrate.sql',
      '--database',
      server.urlOf(database),
      '--yes',
      '--format',
      'json',
      ...rest,
    );
    const last = result.stdout === '' ? undefined : result.lines<RunEvent>().at(-1);
    return { ...result, done: last?.event === 'done' ? last : undefined };
  }

  const rows = async (sql: string): Promise<readonly unknown[]> =>
    (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  const history = (table = '"__EFMigrationsHistory"'): Promise<readonly unknown[]> =>
    rows(`SELECT "MigrationId" FROM ${table} ORDER BY 1`);

  /** What the same script leaves where a client sends it as it is. */
  async function asSent(...names: readonly string[]): Promise<string> {
    const other = await server.createDatabase();
    const direct = await server.connect(other);
    try {
      for (const name of names) for (const part of partsOf(recordedScript(name, major))) await direct.query(part);
      return await catalogText(direct);
    } finally {
      await direct.end();
    }
  }

  test('is applied, leaves what a client leaves that sends it, and does nothing the second time', async () => {
    const first = await run('plain');
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.done).toMatchObject({ applied: [FIRST, SECOND, THIRD], failed: null, notRun: [] });
    // The script of EF Core 9 has the first and the beginning of the second in one transaction.
    const events = ['start', 'migration', 'applied', 'migration', 'applied', 'migration', 'applied', 'done'];
    expect(first.lines<RunEvent>().map(({ event }) => event)).toEqual(
      major === 9 ? events.toSpliced(2, 2, 'migration', 'applied') : events,
    );
    expect(await history()).toEqual([FIRST, SECOND, THIRD]);
    expect(await rows('SELECT "Nick" FROM "Users"')).toEqual(['x', 'x']);
    expect(await catalogText(client)).toBe(await asSent('plain'));
    await client.query('UPDATE "Users" SET "Nick" = NULL');
    const second = await run('plain');
    expect([second.code, second.done?.applied]).toEqual([0, []]);
    expect(await rows('SELECT "Nick" FROM "Users"')).toEqual([null, null]);
  });

  test('is applied from the middle, without transactions of its own, and back', async () => {
    const up = await run('plain-without-transactions');
    expect([up.code, up.done?.applied]).toEqual([0, [FIRST, SECOND, THIRD]]);
    expect(await catalogText(client)).toBe(await asSent('plain-without-transactions'));
    const dry = await run('plain-back', 'revert', '--dry-run');
    expect([dry.code, dry.done?.notRun]).toEqual([0, [THIRD, SECOND]]);
    const back = await run('plain-back', 'revert');
    expect([back.code, back.done?.direction, back.done?.applied]).toEqual([0, 'down', [THIRD, SECOND]]);
    expect(await history()).toEqual([FIRST]);
    expect(await catalogText(client)).toBe(await asSent('plain', 'plain-back'));
    const again = await run('plain');
    expect([again.code, again.done?.applied]).toEqual([0, [SECOND, THIRD]]);
    expect(await rows('SELECT count(*)::int FROM "Users"')).toEqual([2]);
  });

  test('has a history of another name and schema', async () => {
    const applied = await run('named');
    expect([applied.code, applied.done?.applied]).toEqual([0, [FIRST, SECOND]]);
    expect(await history('"Ops".runs')).toEqual([FIRST, SECOND]);
    // What is there, in a history that another script does not ask, is not applied once more.
    const other = await run('plain');
    expect(other.code).toBe(4);
    expect(other.done).toMatchObject({
      refusal: 'request',
      failed: {
        message: expect.stringMatching(
          /asks the history "__EFMigrationsHistory", which this database does not have, and 20240101000000_First is in "Ops"\.runs: it would be applied once more/,
        ),
      },
    });
    expect(await rows(`SELECT to_regclass('"__EFMigrationsHistory"')`)).toEqual([null]);
  });

  test.each([
    [
      'query',
      /^20240202000000_Second cannot run in an idempotent script, .*: a query has nowhere to put its rows there\. Nothing was run/,
    ],
    ['concurrent', /: nothing is built concurrently within a transaction\. Nothing was run/],
    ['unended', /: no semicolon ends what the migration sends, .*\. Nothing was run/],
  ])(
    'is refused beforehand where a block cannot hold a migration (%s), and not once that is applied',
    async (name, message) => {
      // The reason is the server's, too.
      await expect(asSent(name)).rejects.toThrow(
        /no destination for result data|cannot (?:be executed from|run inside)|syntax error/,
      );
      for (const words of [['apply', '--dry-run'], ['apply']]) {
        const told = await run(name, ...words);
        expect(told.code).toBe(4);
        expect(told.done).toMatchObject({
          refusal: 'request',
          applied: [],
          failed: { id: SECOND, path: 'migrate.sql', outcome: 'not-done' },
        });
        expect(told.done?.failed?.message).toMatch(message);
      }
      expect(await rows(`SELECT to_regclass('"__EFMigrationsHistory"')`)).toEqual([null]);
      await client.query(
        `CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL); INSERT INTO "__EFMigrationsHistory" VALUES ('${SECOND}', '1')`,
      );
      const rest = await run(name);
      expect([rest.code, rest.done?.applied]).toEqual([0, [FIRST]]);
    },
  );

  test('that fails in the middle of a migration says what stands, and where', async () => {
    const failed = await run('failing');
    expect(failed.code).toBe(4);
    expect(failed.done).toMatchObject({
      applied: [FIRST],
      notRun: [THIRD],
      failed: { id: SECOND, sqlstate: '42P01', outcome: 'partly-done', path: 'migrate.sql' },
    });
    const line = failed.done?.failed?.position?.line ?? 0;
    expect(
      recordedScript('failing', major)
        .split('\n')
        .slice(line, line + 5)
        .join('\n'),
    ).toContain('ALTER TABLE "None"');
    expect(await history()).toEqual([FIRST]);
    // The column was committed, since what came behind it runs outside the transaction.
    expect(
      await rows(`SELECT attname FROM pg_attribute WHERE attrelid = '"Users"'::regclass AND attname = 'Nick'`),
    ).toEqual(['Nick']);
  });

  test('waits for a lock, lets others through, and tries again', async () => {
    await run('plain', 'apply');
    await run('plain-back', 'revert');
    await client.query('BEGIN; LOCK TABLE "Users" IN ACCESS SHARE MODE');
    const running = run('plain');
    setTimeout(() => void client.query('COMMIT'), 4_000);
    const ended = await running;
    expect([ended.code, ended.done?.applied]).toEqual([0, [SECOND, THIRD]]);
    expect(ended.lines<RunEvent>().filter(({ event }) => event === 'retry')).not.toEqual([]);
  });

  test.each([
    [
      'plain-once',
      /migrate\.sql: it is a script of EF Core, and not an idempotent one: what the history has already would be run once more\. Make it by "dotnet ef migrations script --idempotent"$/,
    ],
    ['marked', /migrate\.sql: a migration has \$EF\$ in its text, which ends the block around it, line \d+: /],
    [
      'sql-server',
      /an idempotent script of EF Core for SQL Server with 2 migrations, 20240101000000_First to 20240202000000_Second: Lockstep does not connect to SQL Server/,
    ],
    [
      'sql-server-once',
      /a script of EF Core for SQL Server, and not an idempotent one: Lockstep does not connect to SQL Server/,
    ],
    ['sqlite', /is a script of EF Core, and not an idempotent one/],
    ['plain-back', /reverts migrations and applies none: run it by "lockstep revert --script"$/],
  ])('is none that can be run (%s), which is said before any database is asked', async (name, message) => {
    const told = await run(name);
    expect([told.code, told.stdout]).toEqual([2, '']);
    expect(told.stderr.trimEnd()).toMatch(message);
  });

  test('is not for SQLite, for which EF Core makes none', async () => {
    for (const [name, message] of [
      ['plain', /in blocks that SQLite does not have/],
      ['sqlite', /EF Core makes none for SQLite/],
    ] as const) {
      folder.write('migrate.sql', recordedScript(name, major));
      const told = await folder.run('apply', '--script', 'migrate.sql', '--database', 'sqlite:app.db', '--yes');
      expect(told.code).toBe(2);
      expect(told.stderr).toMatch(message);
    }
    expect(folder.files()).toEqual(['migrate.sql']);
  });

  test('beside the project that it is of, and beside one that it is not of', async () => {
    for (const id of [FIRST, SECOND]) {
      folder.write(`Migrations/${id}.cs`, migrationText(id, ''));
      folder.write(
        `Migrations/${id}.Designer.cs`,
        designerText(id, 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);'),
      );
    }
    const stale = await run('plain');
    expect(stale.code).toBe(2);
    expect(stale.stderr).toMatch(
      /it has 20240303000000_Third, which the migrations in Migrations do not have: it was made of another version or another context/,
    );
    folder.write(`Migrations/${THIRD}.cs`, migrationText(THIRD, ''));
    folder.write(`Migrations/${THIRD}.Designer.cs`, designerText(THIRD, ''));
    const applied = await run('plain');
    expect([applied.code, applied.done?.applied]).toEqual([0, [FIRST, SECOND, THIRD]]);
    const status = await folder.run('status', '--database', server.urlOf(database), '--format', 'json');
    expect(status.json<{ readonly counts: unknown }>().counts).toMatchObject({ applied: 3, pending: 0 });
  });

  test('asks for the name of production, and writes the log that the team keeps', async () => {
    for (const id of [FIRST, SECOND, THIRD]) {
      folder.write(`Migrations/${id}.cs`, migrationText(id, ''));
      folder.write(
        `Migrations/${id}.Designer.cs`,
        designerText(id, 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);'),
      );
    }
    folder.write('lockstep.jsonc', '{ "audit": "database" }');
    await client.query(`COMMENT ON DATABASE "${database}" IS 'environment: production'`);
    const refused = await run('plain');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain(database);
    expect(await rows(`SELECT to_regclass('"__EFMigrationsHistory"')`)).toEqual([null]);
    const applied = await run('plain', 'apply', '--confirm', database);
    expect([applied.code, applied.done?.applied]).toEqual([0, [FIRST, SECOND, THIRD]]);
    expect(await rows('SELECT migration_id FROM lockstep_log ORDER BY 1')).toEqual([FIRST, SECOND, THIRD]);
  });

  test('is none: a file that is not there, or is something else', async () => {
    folder.write('other.sql', 'CREATE TABLE t (id int);');
    for (const [file, message] of [
      ['none.sql', /there is no file "none\.sql"/],
      ['other.sql', /is no script that a migration tool made to be run more than once/],
    ] as const) {
      const told = await folder.run('apply', '--script', file, '--database', server.urlOf(database), '--yes');
      expect([told.code, told.stdout]).toEqual([2, '']);
      expect(told.stderr).toMatch(message);
    }
  });
});

/** What a client sends at once: a transaction, or a block. */
function partsOf(script: string): readonly string[] {
  return script
    .replace(/^\u{feff}/u, '')
    .split(/(?<=^END \$EF\$;\s*$)|(?<=^COMMIT;\s*$)/m)
    .reduce<string[]>((parts, part) => {
      const last = parts.at(-1);
      const isOpen = last !== undefined && /START TRANSACTION;/.test(last) && !/COMMIT;\s*$/.test(last);
      if (isOpen) parts[parts.length - 1] = last + part;
      else parts.push(part);
      return parts;
    }, []);
}
