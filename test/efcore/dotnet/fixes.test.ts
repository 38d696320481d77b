import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FixProposal } from '../../../server/analysis/report.ts';
import type { FolderProject } from '../../../server/application/folder-project.ts';
import { openProjects } from '../../../server/application/open-project.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { nodeFiles } from '../../../server/host/node-files.ts';
import { sqlCall } from '../../../server/languages/efcore/efcore-language.ts';
import { wishOf } from '../../../server/planner/wishes.ts';
import { catalogText } from '../../support/catalog-text.ts';
import { type PostgresServer, startPostgres, whyNoServer } from '../../support/postgres.ts';
import { RECIPE_CASES } from '../../support/recipe-cases.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { withSaidValues } from '../../support/said-values.ts';
import { catalogOf } from '../../support/sqlite-steps.ts';
import { WISHED_CASES } from '../../support/wished-cases.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { dotnet } from './dotnet.ts';
import { contextFiles, MIGRATOR_FILES, type Migrator, npgsqlConnection, startMigrator } from './migrator.ts';

/*
 * What the recipes write as classes of EF Core: they compile, and EF Core's own migrator, which `dotnet ef database update`
 * asks, runs them up, back and up again. `runs.test.ts` goes through that command itself, with a model that was scaffolded.
 */

const MAJOR = 17;
const reason = noDotnet() ?? whyNoServer(MAJOR);
if (reason !== undefined) console.log(`Fixes as EF Core's classes are not run: ${reason}.`);

const NOW = new Date('2026-01-02T03:04:05Z');
const BEFORE = '20240101000000_Before';
const CHANGE = '20240202000000_Change';

/** A change with a context of its own: the schema before, rows, and the statements that end in the same schema. */
interface FixCase {
  readonly context: string;
  readonly name: string;
  readonly before: string;
  readonly rows: string;
  readonly direct: string;
  /** A statement and the finding that has the fix, or the wish that asks for the change without one. */
  readonly asks:
    | { readonly code: string; readonly statement: string }
    | { readonly wish: readonly [string, ...string[]] };
  /** A part of the catalog's text that the way back cannot take away. */
  readonly stays?: string;
}

/** The first case of each recipe, and those whose names SQL, and so C#, has to quote: `plan/steps` runs all of them. */
function shown<Case extends { readonly before: string }>(
  cases: readonly Case[],
  recipeOf: (each: Case) => string,
): readonly Case[] {
  return cases.filter(
    (each) => each.before.includes('"') || cases.find((other) => recipeOf(other) === recipeOf(each)) === each,
  );
}

const SERVER: readonly FixCase[] = [
  ...shown(RECIPE_CASES, ({ recipe }) => recipe).map(({ name, before, rows, statement, code }, index) => ({
    context: `Recipe${index}`,
    name,
    before,
    rows,
    direct: `${before}\n${statement}`,
    asks: { code, statement },
  })),
  ...shown(WISHED_CASES, ({ wish }) => wish[0]).map(({ name, before, rows, wanted, wish, stays }, index) => ({
    context: `Wish${index}`,
    name,
    before,
    rows,
    direct: wanted,
    asks: { wish },
    ...(stays === undefined ? {} : { stays }),
  })),
];

/** Before `ALTER TABLE` had more words, so that most of it is a rebuild. */
const LITE_VERSION = '3.45';

/** All that a rebuild could lose. */
function people(columns: string): string {
  return [
    `CREATE TABLE "Peop le" (id INTEGER PRIMARY KEY AUTOINCREMENT, ${columns}) STRICT;`,
    'CREATE INDEX people_email ON "Peop le" (lower(email)) WHERE nick IS NULL;',
    'CREATE TABLE log (id INTEGER PRIMARY KEY, person INTEGER REFERENCES "Peop le" (id) ON DELETE CASCADE);',
    'CREATE TRIGGER logged AFTER INSERT ON "Peop le" BEGIN INSERT INTO log (person) VALUES (new.id); END;',
    'CREATE VIEW nicks AS SELECT id, nick FROM "Peop le";',
  ].join('\n');
}

const COLUMNS = 'email TEXT NOT NULL, nick TEXT CONSTRAINT short CHECK (length(nick) < 9)';
const PEOPLE_ROWS =
  'WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) INSERT INTO "Peop le" (email) SELECT \'user\' || n FROM n; DELETE FROM "Peop le" WHERE id > 290;';

const LITE: readonly FixCase[] = (
  [
    {
      name: 'a required column',
      asks: { code: 'required-column', statement: 'ALTER TABLE "Peop le" ADD COLUMN status TEXT NOT NULL' },
      wanted: `${COLUMNS}, status TEXT NOT NULL`,
    },
    {
      name: 'a unique column',
      asks: { code: 'statement-not-supported', statement: 'ALTER TABLE "Peop le" ADD COLUMN code TEXT UNIQUE' },
      wanted: `${COLUMNS}, code TEXT UNIQUE`,
    },
    {
      name: 'a check',
      asks: {
        code: 'statement-not-supported',
        statement: 'ALTER TABLE "Peop le" ADD CONSTRAINT given CHECK (email <> \'\')',
      },
      wanted: `${COLUMNS}, CONSTRAINT given CHECK (email <> '')`,
    },
    {
      name: 'a foreign key, asked for without a statement',
      asks: { wish: ['add-foreign-key', 'Peop le.id', 'log.id'] },
      wanted: `${COLUMNS}, FOREIGN KEY (id) REFERENCES log (id)`,
    },
  ] satisfies readonly (Pick<FixCase, 'name' | 'asks'> & { readonly wanted: string })[]
).map(({ name, asks, wanted }, index) => ({
  context: `Lite${index}`,
  name,
  asks,
  before: people(COLUMNS),
  rows: PEOPLE_ROWS,
  direct: people(wanted),
}));

/** A catalog without the places of columns, and without what EF Core keeps for itself. */
function plain(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => !line.includes('__EFMigrations'))
    .map((line) => line.replace(/,"position":"\d+"/, ''))
    .sort();
}

async function serverCatalog(client: pg.Client): Promise<readonly string[]> {
  return plain((await catalogText(client)).split('\n'));
}

function liteCatalog(database: Database.Database): readonly string[] {
  // Rows of several queries, each an object.
  const rows = (JSON.parse(catalogOf(database)) as readonly (readonly unknown[])[]).flat();
  return plain(rows.map((row) => JSON.stringify(row)));
}

/** What a case's fix came to as files. */
interface Written {
  /** Ids of all migrations behind the first. */
  readonly ids: readonly string[];
  /** The newest id from which all ways lead back. */
  readonly back: string;
  readonly complaints: readonly string[];
}

describe.skipIf(reason !== undefined)('a fix as classes of EF Core', () => {
  let opened: RunProject;
  let server: PostgresServer;
  let migrator: Migrator;
  const written = new Map<string, Written>();

  async function projects(serverVersion: string): Promise<ReadonlyMap<string, FolderProject>> {
    const found = await openProjects({
      root: opened.folder,
      files: nodeFiles,
      engines: await loadEngines(),
      overrides: { serverVersion },
    });
    return new Map(found.projects.map((project) => [project.folder, project]));
  }

  function proposalOf({ asks, context }: FixCase, project: FolderProject): Pick<FixProposal, 'files' | 'values'> {
    if ('code' in asks) {
      const { fixes, skipped } = project.fixes(`${context}/${CHANGE}.cs`, NOW, ({ code }) => code === asks.code);
      const [fix] = fixes;
      if (fix === undefined) throw new Error(`no fix of ${context}: ${JSON.stringify(skipped)}`);
      return fix;
    }
    const [wished, ...values] = asks.wish;
    const wish = wishOf(wished);
    const planned = wish === undefined ? undefined : project.planWish(wish, values, NOW);
    if (planned?.kind !== 'planned') throw new Error(`${context}: ${planned?.reason ?? `no wish ${wished}`}`);
    return planned.change;
  }

  async function write(each: FixCase, project: FolderProject | undefined): Promise<Written> {
    if (project === undefined) throw new Error(`no project in ${each.context}`);
    const { asks, context } = each;
    // What was wrong beside it stays so.
    const known = new Set(
      'code' in asks
        ? project
            .lint(`${context}/${CHANGE}.cs`)
            .findings.map(({ code }) => code)
            .filter((code) => code !== asks.code)
        : [],
    );
    const changes = withSaidValues(proposalOf(each, project)).files;
    for (const change of changes) {
      const target = path.join(opened.folder, change.path);
      mkdirSync(path.dirname(target), { recursive: true });
      if (change.action === 'delete') rmSync(target);
      else writeFileSync(target, change.text);
    }
    await project.refresh();
    const [, ...migrations] = project.migrations.migrations;
    const oneWay = migrations.findIndex(
      ({ downPath }) => downPath === undefined || project.directivesOf(downPath).irreversible !== undefined,
    );
    return {
      ids: migrations.map(({ id }) => id),
      back: (oneWay < 0 ? migrations : migrations.slice(0, oneWay)).at(-1)?.id ?? BEFORE,
      complaints: changes
        .filter(({ action }) => action !== 'delete')
        .flatMap((change) => {
          const { findings, problems } = project.lint(change.path);
          return [...findings.filter(({ code }) => !known.has(code)), ...problems].map(
            ({ message }) => `${change.path}: ${message}`,
          );
        }),
    };
  }

  beforeAll(async () => {
    const files = [
      ...SERVER.map((each) => ({ ...each, product: 'postgresql' as const })),
      ...LITE.map((each) => ({ ...each, product: 'sqlite' as const })),
    ].map(({ product, context, before, asks }) =>
      contextFiles(product, context, [
        { id: BEFORE, up: sqlCall(before, 'one').trim() },
        ...('statement' in asks ? [{ id: CHANGE, up: sqlCall(asks.statement, 'one').trim(), down: '' }] : []),
      ]),
    );
    opened = await runProject({ ...MIGRATOR_FILES, ...Object.assign({}, ...files) });
    const starting = startPostgres(MAJOR);
    for (const [cases, version] of [
      [SERVER, String(MAJOR)],
      [LITE, LITE_VERSION],
    ] as const) {
      const found = await projects(version);
      for (const each of cases) written.set(each.context, await write(each, found.get(each.context)));
    }
    dotnet(['build', '--nologo'], opened.folder);
    migrator = startMigrator(opened.folder);
    server = await starting;
  }, 600_000);

  afterAll(async () => {
    await migrator?.[Symbol.asyncDispose]();
    await server?.stop();
    opened?.[Symbol.dispose]();
  });

  /** Up, back as far as there is a way, and up again; `catalog` is that of the database and `wanted` that of the direct statements. */
  async function expectWays(
    each: FixCase,
    database: {
      readonly connection: string;
      readonly wanted: readonly string[];
      catalog(): Promise<readonly string[]>;
      fill(): Promise<unknown>;
    },
  ): Promise<void> {
    const { ids = [], back = '', complaints } = written.get(each.context) ?? {};
    expect(complaints).toEqual([]);
    const to = (id?: string): Promise<unknown> => migrator.migrate(each.context, database.connection, id);
    await to(BEFORE);
    const original = await database.catalog();
    await database.fill();
    const isWhole = back === ids.at(-1);
    await to(back);
    if (isWhole) expect(await database.catalog()).toEqual(database.wanted);
    await to(BEFORE);
    const left = await database.catalog();
    expect(each.stays === undefined ? left : left.map((line) => line.replace(each.stays ?? '', ''))).toEqual(original);
    await to();
    expect(await database.catalog()).toEqual(database.wanted);
    if (isWhole) return;
    await expect(to(BEFORE)).rejects.toThrow(/NotSupported/);
    expect(await database.catalog()).toEqual(database.wanted);
  }

  test.each(SERVER)('PostgreSQL, $name: compiles, is silent, goes up, back and up again', async (each) => {
    const direct = await server.connect(await server.createDatabase());
    const client = await server.connect(await server.createDatabase());
    try {
      await direct.query(each.direct);
      await expectWays(each, {
        connection: npgsqlConnection(server.port, client.database ?? ''),
        wanted: await serverCatalog(direct),
        catalog: () => serverCatalog(client),
        fill: () => client.query(each.rows),
      });
    } finally {
      await Promise.all([direct.end(), client.end()]);
    }
  });

  test.each(LITE)('SQLite, $name: compiles, is silent, goes up, back and up again', async (each) => {
    const file = path.join(opened.folder, `${each.context}.db`);
    const within = async <T>(work: (database: Database.Database) => T): Promise<T> => {
      const database = new Database(file);
      try {
        return work(database);
      } finally {
        database.close();
      }
    };
    const direct = new Database(':memory:');
    const rows = (): Promise<unknown> =>
      within((database) =>
        database
          .prepare('SELECT (SELECT json_group_array(id || email) FROM "Peop le"), (SELECT count(*) FROM log)')
          .get(),
      );
    try {
      direct.exec(each.direct);
      await expectWays(each, {
        connection: `Data Source=${file};Pooling=false`,
        wanted: liteCatalog(direct),
        catalog: () => within(liteCatalog),
        fill: () => within((database) => database.exec(each.rows)),
      });
      expect(JSON.stringify(await rows())).toContain('290user290');
    } finally {
      direct.close();
    }
  });
});
