import { kyselyLanguage, sqlTags } from '../languages/kysely/kysely-language.ts';
import { literalIn } from './blocks/configuration-text.ts';
import { moduleFormat } from './blocks/module-format.ts';
import { ownCommand, ownSection, urlVariableIn } from './blocks/own-command.ts';
import { programTool, type ProgramConfiguration } from './blocks/program-tool.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { ENGINE_IDS, type EngineId } from '../model/engine-id.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'kysely_migration';

/** Source: https://github.com/kysely-org/kysely, src/migration/migrator.ts; https://github.com/kysely-org/kysely-ctl. */
const NAME = /^(\d[\w.-]*?)_([\w-]+)\.([cm]?[jt]s)$/;
const FILE = /^(?!.*\.d\.[cm]?ts$)[\w.-]+\.[cm]?[jt]s$/;
const NAMES = { title: 'Kysely', apply: 'npx kysely migrate:latest' };
/** Its own constant, the second of a pair of which the first is unused. */
const LOCK_KEY = 3853314791062309107n;

/** Kysely: a module for each migration, whose SQL stands in texts marked by `sql`; the command of kysely-ctl applies and reverts. */
export const kysely = programTool({
  id: 'kysely',
  title: 'Kysely',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['name', 'timestamp'] }],
  configurationFiles: [],
  name: NAME,
  isOwn: (text) => /\bKysely\s*<|["']kysely["']/.test(text) && /\bup\b/.test(text),
  configurationFolders: ['', '.config'],
  configuration: /^kysely\.config\.[cm]?[jt]s$/,
  readConfiguration,
  applier: ({ folder, variable }) =>
    ownCommand({
      ...NAMES,
      list: 'npx kysely migrate:list',
      revert: 'npx kysely migrate:down',
      variable: folder === undefined ? undefined : variable,
      folder: folder ?? '',
      // One more, or one less, for each: they go in the order of their names.
      words: ({ direction, ids }) => ids.map(() => ['npx', '--no-install', 'kysely', `migrate:${direction}`]),
    }),
  history: ({ table, schema }) =>
    rowHistory({
      table,
      ...(schema === undefined ? {} : { schema }),
      lateArrival: 'refused',
      columns: () => ['name varchar(255) NOT NULL PRIMARY KEY', 'timestamp varchar(255) NOT NULL'],
      needs: ['name', 'timestamp'],
      order: 'timestamp',
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration, _folder, { startedAt, finishedAt = startedAt }) => ({
        name: migration.id,
        timestamp: finishedAt.toISOString(),
      }),
      fact: (row) => {
        const appliedAt = timeOf(row['timestamp']);
        return { key: String(row['name']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
      lockKey: async () => LOCK_KEY,
    }),
  format: (view) =>
    moduleFormat(view, {
      name: NAME,
      file: FILE,
      keepsExtension: false,
      language: kyselyLanguage,
      // One for all that is pending, where the product can.
      section: (direction, { span }) => ownSection(direction, span, 'one', NAMES),
      refuses: (steps) =>
        steps.some(({ transaction }) => transaction === 'none')
          ? 'Kysely runs all pending migrations in one transaction, and a step of this change must run outside one: run that step by hand, or in a migrator of its own with disableTransactions.'
          : undefined,
      words: {
        runner: 'db',
        type: 'Kysely<any>',
        imports: 'import { type Kysely, sql } from "kysely";',
        plainImports: 'import { sql } from "kysely";',
        body: sqlTags,
      },
    }),
});

/** What its configuration makes a database by. */
const PRODUCTS: Readonly<Record<EngineId, RegExp>> = {
  postgresql: /\bPostgres\w*Dialect\b|\bdialect\s*:\s*["'](?:pg|postgres)/,
  sqlite: /\b(?:Sqlite|LibSQL|D1)\w*Dialect\b|\bdialect\s*:\s*["'](?:better-|bun-)?sqlite/i,
};

function readConfiguration(text: string): ProgramConfiguration {
  const found = ENGINE_IDS.filter((id) => PRODUCTS[id].test(text));
  const [dialect] = found;
  const variable = urlVariableIn(text);
  const schema = literalIn(text, 'migrationTableSchema');
  return {
    ...(dialect === undefined || found.length > 1 ? {} : { dialect }),
    ...(found.length === 0 && /\b(?:Mysql|Mssql)Dialect\b/.test(text) ? { isOther: true as const } : {}),
    table: literalIn(text, 'migrationTableName') ?? HISTORY_TABLE,
    ...(schema === undefined ? {} : { schema }),
    ...(variable === undefined ? {} : { variable }),
  };
}
