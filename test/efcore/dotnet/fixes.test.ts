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
import { strongestLocks } from '../../support/strongest-locks.ts';
import { RECIPE_CASES } from '../../support/recipe-cases.ts';
import { type RunProject, runProject } from '../../support/run-project.ts';
import { withSaidValues } from '../../support/said-values.ts';
import { catalogOf } from '../../support/sqlite-steps.ts';
import { WISHED_CASES } from '../../support/wished-cases.ts';
import { noDotnet } from '../oracle/oracle.ts';
import { dotnet } from './dotnet.ts';
import {
  contextFiles,
  directSnapshot,
  MIGRATOR_FILES,
  type Migrator,
  npgsqlConnection,
  startMigrator,
} from './migrator.ts';

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

/** What a person does to the classes, as lines of C# that do it to the model: `words` of the runbook without a line of their own. */
const HANDS: readonly (readonly [RegExp, (...parts: readonly string[]) => string])[] = [
  [
    /^The index (.+) of .+ is gone/,
    (name) =>
      everywhere(`e.GetIndexes().Where(i => i.GetDatabaseName() == ${name}).ToList().ForEach(i => e.RemoveIndex(i))`),
  ],
  [
    /^The foreign key (.+) of .+ is gone/,
    (name) =>
      everywhere(
        `e.GetForeignKeys().Where(k => k.GetConstraintName() == ${name}).ToList().ForEach(k => e.RemoveForeignKey(k))`,
      ),
  ],
  [/^The table .+ is gone: take (.+) out of the model/, (entity) => `modelBuilder.Model.RemoveEntityType(${entity});`],
  [
    /^The values of the enum (.+) are (.+) now/,
    (name = '', labels = '') =>
      `modelBuilder.Model.SetAnnotation("Npgsql:Enum:" + ${name}, ${labels.replaceAll(', ', ',')});`,
  ],
  // Of a table that is in parts, of which EF Core's scaffolding tells nothing.
  [/ is unique by /, () => ''],
];

function everywhere(work: string): string {
  return `modelBuilder.Model.GetEntityTypes().ToList().ForEach(e => ${work});`;
}

function byHand(words: string): string {
  for (const [form, hand] of HANDS) {
    const found = form.exec(words);
    if (found !== null) return hand(...found.slice(1).map((part) => JSON.stringify(part)));
  }
  throw new Error(`nobody knows what to do about: ${words}`);
}

/**
 * What EF Core's scaffolding does not see of a database, by the wish: a table in parts, and a column of an enum. What the
 * runbook says of these is compared with what is written here.
 */
const UNSEEN: Readonly<Record<string, { readonly edits: readonly RegExp[]; readonly words: readonly RegExp[] }>> = {
  'events.at': {
    edits: [/"events"\)\.HasKey\("id", "at"\)\.HasName\("events_pkey"\);$/],
    words: [/^events is unique by code, at\.$/],
  },
  'public.Ev ents.Größe': {
    edits: [/\.Property\("Größe"\)\.IsRequired\(true\);$/, /\.HasKey\("Nr", "Größe"\)\.HasName\("Ev ents_pkey"\);$/],
    words: [],
  },
  'Us er.Läune': { edits: [], words: [] },
};

/** Has the history say, for each migration whose row is written, what its transaction holds of what was there before it. */
const WATCH = `
CREATE SCHEMA watch;
CREATE VIEW watch.relations AS SELECT c.oid AS relation, c.relkind AS kind, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'watch') AND c.relname !~ '__EFMigrations';
CREATE TABLE watch.known AS SELECT * FROM watch.relations;
CREATE TABLE watch.held (migration text, relation text, lock text);
CREATE FUNCTION watch.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' THEN
    -- Of indexes those that are built again: what goes with its table or column is told with that.
    INSERT INTO watch.held SELECT NEW."MigrationId", k.name, l.mode FROM pg_locks l JOIN watch.known k USING (relation)
      WHERE l.pid = pg_backend_pid() AND (k.kind NOT IN ('i', 'I') OR l.mode = 'AccessExclusiveLock' AND EXISTS (SELECT FROM watch.relations r WHERE r.relation = k.relation));
  END IF;
  DELETE FROM watch.known;
  INSERT INTO watch.known SELECT * FROM watch.relations;
  RETURN NEW;
END $$;
CREATE TRIGGER look AFTER INSERT OR DELETE ON "__EFMigrationsHistory" FOR EACH ROW EXECUTE FUNCTION watch.look();`;

/** What stands in Up and in Down. */
function bodiesOf(migration: string): readonly string[] {
  return [...migration.matchAll(/void (?:Up|Down)\(MigrationBuilder migrationBuilder\)\s*\{([\s\S]*?)\n {8}\}/g)].map(
    ([, body = '']) => body.trim(),
  );
}

/** What a case's fix came to as files. */
interface Written {
  /** Ids of all migrations behind the first. */
  readonly ids: readonly string[];
  /** The newest id from which all ways lead back. */
  readonly back: string;
  readonly complaints: readonly string[];
  /** Lines of C# that the runbook lists for the program's model. */
  readonly edits: readonly string[];
  /** What it lists without such a line. */
  readonly words: readonly string[];
}

describe.skipIf(reason !== undefined)('a fix as classes of EF Core', () => {
  let opened: RunProject;
  let server: PostgresServer;
  let migrator: Migrator;
  /** Projects of the contexts, as they are with the fix. */
  const fixed = new Map<string, FolderProject>();
  /** Models that the contexts begin with. */
  const snapshots = new Map<string, string>();
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
    const section = project.format.programSection?.({
      id: context,
      deploy: undefined,
      before: project.schemaAfter(BEFORE),
      after: project.schema(),
    });
    const items = (section ?? [])
      .join('\n')
      .split(/^- \[ \] /m)
      .slice(1, -2);
    const codes = items.map((item) => /```csharp\n([\s\S]*?)\n *```/.exec(item)?.[1]?.trim());
    return {
      edits: codes.flatMap((code) => code ?? []),
      words: items.flatMap((item, index) => (codes[index] === undefined ? [item.trim()] : [])),
      ids: migrations.map(({ id }) => id),
      back: (oneWay < 0 ? migrations : migrations.slice(0, oneWay)).at(-1)?.id ?? BEFORE,
      complaints: changes
        .filter(({ action, goesWith }) => action !== 'delete' && goesWith === undefined)
        .flatMap((change) => {
          const { findings, problems } = project.lint(change.path);
          return [...findings.filter(({ code }) => !known.has(code)), ...problems].map(
            ({ message }) => `${change.path}: ${message}`,
          );
        }),
    };
  }

  function writeAll(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const target = path.join(opened.folder, name);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }

  async function serverModel(sql: string, database: string): Promise<string> {
    const client = await server.connect(database);
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
    return migrator.modelOf('postgresql', npgsqlConnection(server.port, database));
  }

  async function liteModel(sql: string, name: string): Promise<string> {
    const file = path.join(opened.folder, `${name}.model.db`);
    const database = new Database(file);
    database.exec(sql);
    // EF Core's scaffolding fails on an expression, which no model of it can have.
    database.exec('DROP INDEX people_email');
    database.close();
    return migrator.modelOf('sqlite', `Data Source=${file};Pooling=false`);
  }

  /** The files of a case whose model is that which its newest migration leaves: the change is in it where there is one. */
  async function contextOf(each: FixCase, product: 'postgresql' | 'sqlite'): Promise<Readonly<Record<string, string>>> {
    const { asks, before, context, direct } = each;
    const sql = 'statement' in asks ? direct : before;
    const database = product === 'postgresql' ? await server.createDatabase() : context;
    const modelOf = (text: string, name: string): Promise<string> =>
      product === 'postgresql' ? serverModel(text, name) : liteModel(text, name);
    const snapshot = await modelOf(sql, database);
    snapshots.set(context, snapshot);
    if (!('statement' in asks)) {
      const other = product === 'postgresql' ? await server.createDatabase() : `${context}Direct`;
      writeAll(directSnapshot(context, await modelOf(direct, other)));
    }
    return contextFiles(
      product,
      context,
      [
        { id: BEFORE, up: sqlCall(before, 'one').trim() },
        ...('statement' in asks ? [{ id: CHANGE, up: sqlCall(asks.statement, 'one').trim(), down: '' }] : []),
      ],
      { snapshot },
    );
  }

  beforeAll(async () => {
    opened = await runProject({ ...MIGRATOR_FILES, 'sql/0001_none.up.sql': 'SELECT 1;' });
    const starting = startPostgres(MAJOR);
    dotnet(['build', '--nologo'], opened.folder);
    server = await starting;
    migrator = startMigrator(opened.folder);
    for (const each of SERVER) writeAll(await contextOf(each, 'postgresql'));
    for (const each of LITE) writeAll(await contextOf(each, 'sqlite'));
    await migrator[Symbol.asyncDispose]();
    for (const [cases, version] of [
      [SERVER, String(MAJOR)],
      [LITE, LITE_VERSION],
    ] as const) {
      const found = await projects(version);
      for (const each of cases) {
        const done = await write(each, found.get(each.context));
        written.set(each.context, done);
        const project = found.get(each.context);
        if (project !== undefined) fixed.set(each.context, project);
        const snapshot = snapshots.get(each.context) ?? '';
        const product = version === LITE_VERSION ? 'sqlite' : 'postgresql';
        const edits = [...done.words.map(byHand), ...done.edits].join('\n');
        if (edits !== '') writeAll(contextFiles(product, each.context, [], { snapshot, edits }));
      }
    }
    dotnet(['build', '--nologo', '--no-restore'], opened.folder);
    migrator = startMigrator(opened.folder);
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

  /** What each migration of the fix holds in the transaction that EF Core runs it in is what we say. */
  async function expectLocks({ context }: FixCase, client: pg.Client): Promise<void> {
    const project = fixed.get(context);
    if (project === undefined) throw new Error(`no project of ${context}`);
    const { rows } = await client.query<{
      readonly migration: string;
      readonly relation: string;
      readonly lock: string;
    }>('SELECT DISTINCT migration, relation, lock FROM watch.held');
    const [, ...migrations] = project.migrations.migrations;
    for (const migration of migrations) {
      const said = strongestLocks(project.transactions('up', [migration])?.at(-1)?.heldAtEnd ?? []);
      const held = strongestLocks(rows.filter((row) => row.migration === migration.id));
      // A text that is put together when it runs may lock more: what it says is not told.
      const isOpen = /\bEXECUTE current_setting\(/.test(project.textOf(migration.upPath) ?? '');
      expect([migration.id, Object.keys(said).sort()]).toEqual([migration.id, Object.keys(held).sort()]);
      if (isOpen) expect(Object.values(said)).toContain('AccessExclusiveLock');
      else expect([migration.id, said]).toEqual([migration.id, held]);
    }
  }

  const nowhere = (context: string): string => (context.startsWith('Lite') ? 'Data Source=none' : 'Host=none');
  const ALL = [...SERVER, ...LITE];

  test.each(ALL.filter(({ asks }) => 'statement' in asks))(
    '$context, $name: leaves no pending changes of the model, and nothing to do in it or in the next migration',
    async ({ context }) => {
      const { pending, up } = await migrator.next(context, nowhere(context));
      const { edits, words } = written.get(context) ?? {};
      expect({ pending, bodies: bodiesOf(up), edits, words }).toEqual({
        pending: false,
        bodies: ['', ''],
        edits: [],
        words: [],
      });
    },
  );

  test.each(ALL.filter(({ asks }) => !('statement' in asks)))(
    '$context, $name: what the runbook says of the model makes it what the database is',
    async ({ context, asks }) => {
      const { edits = [], words = [] } = written.get(context) ?? {};
      const unseen = 'wish' in asks ? UNSEEN[asks.wish[1] ?? ''] : undefined;
      if (unseen !== undefined) {
        expect(edits).toEqual(unseen.edits.map((form) => expect.stringMatching(form)));
        expect(words).toEqual(unseen.words.map((form) => expect.stringMatching(form)));
        expect((await migrator.next(context, nowhere(context))).pending).toBe(edits.length > 0);
        return;
      }
      expect(edits.length + words.length).toBeGreaterThan(0);
      expect(bodiesOf(await migrator.difference(context, nowhere(context)))).toEqual(['', '']);
      // The migration that brings the snapshot would do again what the steps do, and is emptied.
      const { pending, snapshot } = await migrator.next(context, nowhere(context));
      expect(pending).toBe(true);
      expect(snapshot).toContain('BuildModel');
    },
  );

  test.each(SERVER)('PostgreSQL, $name: compiles, is silent, goes up, back and up again', async (each) => {
    const direct = await server.connect(await server.createDatabase());
    const client = await server.connect(await server.createDatabase());
    try {
      await direct.query(each.direct);
      await expectWays(each, {
        connection: npgsqlConnection(server.port, client.database ?? ''),
        wanted: await serverCatalog(direct),
        catalog: () => serverCatalog(client),
        fill: async () => {
          await client.query(each.rows);
          await client.query(WATCH);
        },
      });
      await expectLocks(each, client);
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
