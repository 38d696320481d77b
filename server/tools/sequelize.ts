import { queryInterfaceCalls, sequelizeLanguage } from '../languages/sequelize/sequelize-language.ts';
import { literalIn, onlyProduct } from './blocks/configuration-text.ts';
import { moduleFormat } from './blocks/module-format.ts';
import { ownCommand, ownSection, urlVariableIn } from './blocks/own-command.ts';
import { programTool, type ProgramConfiguration } from './blocks/program-tool.ts';
import { rowHistory } from './blocks/row-history.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'SequelizeMeta';

/** Source: https://github.com/sequelize/cli, src/core/migrator.js and src/commands/migrate.js. */
const NAME = /^(\d+)[-_]([\w-]+)\.([cm]?[jt]s)$/;
/** It runs every such file of its folder, whatever its name. */
const FILE = /^(?!.*\.d\.[cm]?ts$)[\w.-]+\.[cm]?[jt]s$/;
const NAMES = { title: 'Sequelize', apply: 'npx sequelize-cli db:migrate' };

/** Sequelize: a module for each migration, whose SQL stands in `queryInterface.sequelize.query`; its own command applies and reverts. */
export const sequelize = programTool({
  id: 'sequelize',
  title: 'Sequelize',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['name'] }],
  configurationFiles: ['.sequelizerc'],
  name: NAME,
  isOwn: (text) => /\bqueryInterface\b/i.test(text) && /\bup\b/.test(text),
  configurationFolders: ['config', ''],
  configuration: /^(?:config|database|sequelize)\.(?:json|[cm]?[jt]s)$/,
  readConfiguration,
  applier: ({ folder, variable }) =>
    ownCommand({
      ...NAMES,
      list: 'npx sequelize-cli db:migrate:status',
      revert: 'npx sequelize-cli db:migrate:undo',
      variable: folder === undefined ? undefined : variable,
      folder: folder ?? '',
      // Each by its name: "db:migrate" knows no end.
      words: ({ direction, ids }) =>
        ids.map((id) => [
          'npx',
          '--no-install',
          'sequelize-cli',
          direction === 'up' ? 'db:migrate' : 'db:migrate:undo',
          '--name',
          id,
        ]),
    }),
  history: ({ table, schema }) =>
    rowHistory({
      table,
      ...(schema === undefined ? {} : { schema }),
      lateArrival: 'runs',
      columns: () => ['name varchar(255) NOT NULL PRIMARY KEY'],
      needs: ['name'],
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration) => ({ name: migration.id }),
      fact: (row) => ({ key: String(row['name']) }),
    }),
  format: (view) =>
    moduleFormat(view, {
      name: NAME,
      file: FILE,
      keepsExtension: true,
      language: sequelizeLanguage,
      // A transaction is the file's own.
      section: (direction, { span, text }) =>
        ownSection(direction, span, /\bsequelize\s*\.\s*transaction\s*\(/.test(text) ? 'one' : 'none', NAMES),
      words: {
        runner: 'queryInterface',
        type: 'QueryInterface',
        imports: 'import type { QueryInterface } from "sequelize";',
        body: (sql, transaction) =>
          transaction === 'one'
            ? `  await queryInterface.sequelize.transaction(async (transaction) => {\n${queryInterfaceCalls(sql, '    ', ', { transaction }')}  });\n`
            : queryInterfaceCalls(sql, '  ', ''),
      },
    }),
});

function readConfiguration(text: string): ProgramConfiguration {
  const products = [...text.matchAll(/["']?\bdialect["']?\s*:\s*(["'`])([\w-]+)\1/g)].map(([, , name = '']) => name);
  const variable = literalIn(text, 'use_env_variable') ?? urlVariableIn(text);
  const schema = literalIn(text, 'migrationStorageTableSchema');
  return {
    ...onlyProduct([...new Set(products)]),
    table: literalIn(text, 'migrationStorageTableName') ?? HISTORY_TABLE,
    ...(schema === undefined ? {} : { schema }),
    ...(variable === undefined ? {} : { variable }),
  };
}
