import { addSqlCalls, mikroOrmLanguage } from '../languages/mikro-orm/mikro-orm-language.ts';
import { migrationIn } from '../languages/typeorm/migration-class.ts';
import { byEngine } from '../model/engine-id.ts';
import type { Section } from '../model/migration.ts';
import { literalIn, onlyProduct } from './blocks/configuration-text.ts';
import { fileFormat } from './blocks/file-format.ts';
import { ownCommand, ownSection, urlVariableIn } from './blocks/own-command.ts';
import { programTool, type ProgramConfiguration } from './blocks/program-tool.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import type { FolderView } from './file-tree.ts';
import type { Format, WrittenStep } from './format.ts';
import { downText, stepHeader } from './step-text.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'mikro_orm_migrations';

/** Source: https://github.com/mikro-orm/mikro-orm, packages/migrations/src/Migrator.ts and MigrationStorage.ts. */
const NAME = /^Migration(\d{14})(?:_(\w+))?\.([cm]?[jt]s)$/;
const BARE = /\bisTransactional\s*\([^)]*\)[^{]*\{\s*return\s+false\b/;
const NAMES = { title: 'MikroORM', apply: 'npx mikro-orm migration:up' };

/** MikroORM: a class for each migration, whose SQL stands in `this.addSql`; its own command applies and reverts. */
export const mikroOrm = programTool({
  id: 'mikro-orm',
  title: 'MikroORM',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['name', 'executed_at'] }],
  configurationFiles: [],
  name: NAME,
  isOwn: (text) => /@mikro-orm\/migrations\b/.test(text) && /\bup\b/.test(text),
  configurationFolders: ['', 'src'],
  configuration: /^mikro-orm\.config\.[cm]?[jt]s$/,
  readConfiguration,
  applier: ({ folder, variable }) =>
    ownCommand({
      ...NAMES,
      list: 'npx mikro-orm migration:pending',
      revert: 'npx mikro-orm migration:down',
      variable: folder === undefined ? undefined : variable,
      folder: folder ?? '',
      words: ({ direction, ids }) =>
        ids.map((id) => ['npx', '--no-install', 'mikro-orm', `migration:${direction}`, '--only', id]),
    }),
  history: ({ table, schema }) =>
    rowHistory({
      table,
      ...(schema === undefined ? {} : { schema }),
      lateArrival: 'runs',
      columns: (engine) =>
        byEngine(engine, {
          postgresql: [
            'id serial PRIMARY KEY',
            'name varchar(255)',
            'executed_at timestamptz DEFAULT current_timestamp',
          ],
          sqlite: [
            'id integer NOT NULL PRIMARY KEY AUTOINCREMENT',
            'name text',
            'executed_at datetime DEFAULT current_timestamp',
          ],
        }),
      needs: ['name', 'executed_at'],
      order: 'id',
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration) => ({ name: migration.id }),
      fact: (row) => {
        const appliedAt = timeOf(row['executed_at']);
        return { key: String(row['name']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
    }),
  format: formatOf,
});

function readConfiguration(text: string): ProgramConfiguration {
  const products = [...text.matchAll(/@mikro-orm\/([a-z-]+)["']/g)]
    .map(([, name = '']) => name)
    .filter((name) => /sql(?:ite)?$|^mariadb$|^mongodb$/.test(name));
  const variable = urlVariableIn(text);
  return {
    ...onlyProduct([...new Set(products)]),
    table: literalIn(text, 'tableName') ?? HISTORY_TABLE,
    ...(variable === undefined ? {} : { variable }),
    areTransactionsOff: /\btransactional\s*:\s*false\b/.test(text),
    // What no literal says is not known, and nothing is said of it.
    runsAllInOne: !/\b(?:allOrNothing\b(?!\s*:\s*true\b)|transactional\s*:\s*false\b)/.test(text),
  };
}

function formatOf(view: FolderView, { areTransactionsOff, runsAllInOne }: ProgramConfiguration): Format {
  const extension = NAME.exec(view.files.findLast((name) => NAME.test(name)) ?? '')?.[3] ?? 'ts';
  const section = (text: string, direction: Section['direction'], span: Section['span']): Section =>
    ownSection(direction, span, areTransactionsOff === true || BARE.test(text) ? 'none' : 'one', NAMES);
  return {
    ...fileFormat({
      folder: view.path,
      keyWord: 'name',
      order: 'text',
      isSidecar: (name) => NAME.test(name),
      read: (file) => {
        const [, time, title] = NAME.exec(file) ?? [];
        if (time === undefined) return undefined;
        const id = file.replace(/\.\w+$/, '');
        return { key: id, id, name: title ?? time, half: 'both' };
      },
      check: (migrations, texts) => {
        const outside = migrations.find(
          (migration, index) => runsAllInOne === true && index > 0 && BARE.test(texts.get(migration.upPath) ?? ''),
        );
        if (outside === undefined) return [];
        return [
          {
            path: outside.upPath,
            message: `${outside.id} runs outside the one transaction that "${NAMES.apply}" puts around all that is pending, on a connection of its own: it does not see what these have made, and for what they have locked it waits for ever. Set allOrNothing: false below "migrations" in the configuration, or apply one by one with --only, as "lockstep apply" does.`,
          },
        ];
      },
      layout: (_path, text) => {
        const { up, down } = migrationIn(text);
        return {
          sections: [
            ...(up === undefined ? [] : [section(text, 'up', up.body)]),
            ...(down === undefined ? [] : [section(text, 'down', down.body)]),
          ],
          problems: [],
        };
      },
      numbering: { kind: 'timestamp' },
      numberOf: (id) => /\d{14}/.exec(id)?.[0],
      write: (number, step) => ({
        id: `Migration${number}`,
        files: [{ name: `Migration${number}.${extension}`, half: 'both', text: classText(number, step, extension) }],
      }),
    }),
    languageOf: () => mikroOrmLanguage,
  };
}

function classText(number: string, step: WrittenStep, extension: string): string {
  const isTyped = extension.endsWith('ts');
  const result = isTyped ? ': Promise<void>' : '';
  const comment = (text: string): string => text.replaceAll(/^--/gm, '//').replaceAll(/^(?=.)/gm, '    ');
  const half = (name: string, body: string): string =>
    `  ${isTyped ? 'override ' : ''}async ${name}()${result} {\n${body}  }\n`;
  const bare =
    step.transaction === 'one'
      ? ''
      : `\n  ${isTyped ? 'override ' : ''}isTransactional()${isTyped ? ': boolean' : ''} {\n    return false;\n  }\n`;
  const down = step.down === undefined ? comment(downText(step) ?? '') : addSqlCalls(step.down);
  return `import { Migration } from "@mikro-orm/migrations";\n\nexport class Migration${number} extends Migration {\n${half('up', `${comment(stepHeader(step))}${addSqlCalls(step.up)}`)}\n${half('down', down)}${bare}}\n`;
}
