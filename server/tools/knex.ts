import { knexLanguage, rawCalls } from '../languages/knex/knex-language.ts';
import { byEngine } from '../model/engine-id.ts';
import { literalIn, onlyProduct } from './blocks/configuration-text.ts';
import { moduleFormat } from './blocks/module-format.ts';
import { ownCommand, ownSection, urlVariableIn } from './blocks/own-command.ts';
import { programTool, type ProgramConfiguration } from './blocks/program-tool.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import type { FolderView } from './file-tree.ts';
import type { Format } from './format.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'knex_migrations';

/** Source: https://github.com/knex/knex, lib/migrations/migrate; version 3.3.0 was run. */
const NAME = /^(\d[\w-]*?)_([\w-]+)\.([cm]?[jt]s)$/;
/** Knex runs every such file of its folder, whatever its name. */
const FILE = /^(?!.*\.d\.[cm]?ts$)[\w.-]+\.[cm]?[jt]s$/;
const MARK = /\bknex\b/i;
const UP = /\bup\b/;
/** What other tools' migrations hold that mention Knex or call something by its name. */
const OTHERS = /\bMigrationInterface\b|\bqueryInterface\b|@adonisjs\/lucid|@mikro-orm\/|["']kysely["']|\bpgm\b/;
const CONFIGURATION = /^knexfile\.[cm]?[jt]s$/;
const NAMES = { title: 'Knex', apply: 'npx knex migrate:latest' };

/** Knex: a module for each migration, whose SQL stands in `knex.raw`; its own command applies and reverts. */
export const knex = programTool({
  id: 'knex',
  title: 'Knex',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['name', 'batch', 'migration_time'] }],
  configurationFiles: ['knexfile.js', 'knexfile.cjs', 'knexfile.mjs', 'knexfile.ts', 'knexfile.cts', 'knexfile.mts'],
  name: NAME,
  isOwn: (text) => MARK.test(text) && UP.test(text) && !OTHERS.test(text),
  configuration: CONFIGURATION,
  readConfiguration: readKnexfile,
  applier: ({ folder, variable }) =>
    ownCommand({
      ...NAMES,
      list: 'npx knex migrate:list',
      revert: 'npx knex migrate:down',
      variable: folder === undefined ? undefined : variable,
      folder: folder ?? '',
      // Each by its name: "migrate:latest" knows no end, and "migrate:rollback" takes a whole batch.
      words: ({ direction, ids }) => ids.map((id) => ['npx', '--no-install', 'knex', `migrate:${direction}`, id]),
    }),
  history: ({ table, schema }) =>
    rowHistory({
      table,
      ...(schema === undefined ? {} : { schema }),
      lateArrival: 'runs',
      columns: (engine) =>
        byEngine(engine, {
          postgresql: ['id serial PRIMARY KEY', 'name varchar(255)', 'batch integer', 'migration_time timestamptz'],
          sqlite: [
            'id integer NOT NULL PRIMARY KEY AUTOINCREMENT',
            'name varchar(255)',
            'batch integer',
            'migration_time datetime',
          ],
        }),
      needs: ['name', 'batch'],
      order: 'id',
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration, _folder, { startedAt, finishedAt = startedAt }, { table: rows }) => ({
        name: migration.id,
        batch: { sql: `(SELECT coalesce(max(batch), 0) + 1 FROM ${rows})` },
        migration_time: finishedAt,
      }),
      fact: (row) => {
        const appliedAt = timeOf(row['migration_time']);
        return { key: String(row['name']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
    }),
  format: formatOf,
});

function readKnexfile(text: string): ProgramConfiguration {
  const clients = [...text.matchAll(/\bclient\s*:\s*(["'`])([\w-]+)\1/g)].map(([, , name = '']) => name);
  const schema = literalIn(text, 'schemaName');
  const variable = urlVariableIn(text);
  return {
    ...onlyProduct(clients),
    table: literalIn(text, 'tableName') ?? HISTORY_TABLE,
    ...(schema === undefined ? {} : { schema }),
    ...(variable === undefined ? {} : { variable }),
    areTransactionsOff: /\bdisableTransactions\s*:\s*true\b/.test(text),
  };
}

function formatOf(view: FolderView, { areTransactionsOff }: ProgramConfiguration): Format {
  return moduleFormat(view, {
    name: NAME,
    file: FILE,
    keepsExtension: true,
    language: knexLanguage,
    section: (direction, { span }, bare) =>
      ownSection(
        direction,
        span,
        areTransactionsOff === true || bare !== undefined ? 'none' : 'one',
        NAMES,
        bare === undefined ? {} : { markerSpan: bare },
      ),
    words: {
      runner: 'knex',
      type: 'Knex',
      imports: 'import type { Knex } from "knex";',
      body: rawCalls,
      bare: ['config', '{ transaction: false }'],
    },
  });
}
