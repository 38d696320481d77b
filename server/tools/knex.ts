import { exportedHalves } from '../languages/javascript/exported-halves.ts';
import { knexLanguage, rawCalls } from '../languages/knex/knex-language.ts';
import { byEngine, type EngineId } from '../model/engine-id.ts';
import type { DocumentLayout, Section } from '../model/migration.ts';
import { dialectNamed, literalIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { ownCommand, ownSection, urlVariableIn } from './blocks/own-command.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import type { FileTree, FolderView } from './file-tree.ts';
import { joinPath } from './folder.ts';
import type { Format, WrittenStep } from './format.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY, type Tool, type ToolProject } from './tool.ts';

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

/** What the knexfile says, as far as literals do. */
interface Knexfile {
  /** Its folder; undefined where none was found. */
  readonly folder?: string;
  readonly dialect?: EngineId;
  /** A product that no engine reads. */
  readonly isOther?: true;
  readonly table: string;
  readonly schema?: string;
  readonly variable?: string;
  readonly areTransactionsOff: boolean;
}

/** Knex: a module for each migration, whose SQL stands in `knex.raw`; its own command applies and reverts. */
export const knex: Tool = {
  id: 'knex',
  title: 'Knex',
  configurationFiles: ['knexfile.js', 'knexfile.cjs', 'knexfile.mjs', 'knexfile.ts', 'knexfile.cts', 'knexfile.mts'],
  sidecarFiles: [],
  async find(tree) {
    const found: ToolProject[] = [];
    for (const view of await tree.walk()) {
      if (!(await isOwn(tree, view))) continue;
      const file = await knexfileOf(tree, view.path);
      // A product that no engine reads is told by name, as a tool that is not read is.
      if (file.isOther !== true) found.push(projectOf(view, file, CERTAINTY.marker));
    }
    return found;
  },
  async at(tree, folder) {
    const view = (await tree.folder(folder)) ?? { path: folder, files: [], folders: [] };
    const file = await knexfileOf(tree, folder);
    return projectOf(view, file, file.isOther !== true && (await isOwn(tree, view)) ? CERTAINTY.marker : 0);
  },
};

async function isOwn(tree: FileTree, view: FolderView): Promise<boolean> {
  const newest = view.files.findLast((name) => NAME.test(name));
  if (newest === undefined) return false;
  const text = (await tree.text(joinPath(view.path, newest))) ?? '';
  return MARK.test(text) && UP.test(text) && !OTHERS.test(text);
}

/** The knexfile in the nearest folder above, or beside the migrations; nothing of it is run. */
async function knexfileOf(tree: FileTree, migrations: string): Promise<Knexfile> {
  for (let folder = migrations; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const name = (await tree.folder(folder))?.files.find((file) => CONFIGURATION.test(file));
    if (name !== undefined) return readKnexfile(folder, (await tree.text(joinPath(folder, name))) ?? '');
    if (folder === '') return { table: 'knex_migrations', areTransactionsOff: false };
  }
}

function readKnexfile(folder: string, text: string): Knexfile {
  const clients = [...text.matchAll(/\bclient\s*:\s*(["'`])([\w-]+)\1/g)].map(([, , name = '']) => name);
  const dialects = new Set(clients.map((name) => dialectNamed(name)));
  const [dialect] = dialects;
  const schema = literalIn(text, 'schemaName');
  const variable = urlVariableIn(text);
  return {
    folder,
    // One of several, each for an environment, is not chosen here.
    ...(dialects.size === 1 && dialect !== undefined ? { dialect } : {}),
    ...(dialects.size === 1 && dialect === undefined ? { isOther: true as const } : {}),
    table: literalIn(text, 'tableName') ?? 'knex_migrations',
    ...(schema === undefined ? {} : { schema }),
    ...(variable === undefined ? {} : { variable }),
    areTransactionsOff: /\bdisableTransactions\s*:\s*true\b/.test(text),
  };
}

function projectOf(view: FolderView, file: Knexfile, certainty: number): ToolProject {
  const { table, schema, dialect } = file;
  return {
    tool: knex,
    folder: view.path,
    certainty,
    applier: ownCommand({
      ...NAMES,
      list: 'npx knex migrate:list',
      revert: 'npx knex migrate:down',
      variable: file.folder === undefined ? undefined : file.variable,
      folder: file.folder ?? '',
      // Each by its name: "migrate:latest" knows no end, and "migrate:rollback" takes a whole batch.
      words: ({ direction, ids }) => ids.map((id) => ['npx', '--no-install', 'knex', `migrate:${direction}`, id]),
    }),
    problems: [],
    ...(dialect === undefined ? {} : { dialect }),
    format: formatOf(view, file),
    history: rowHistory({
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
  };
}

function formatOf(view: FolderView, file: Knexfile): Format {
  const newest = view.files.findLast((name) => NAME.test(name)) ?? '';
  const [, , , extension = 'js'] = NAME.exec(newest) ?? [];
  return {
    ...fileFormat({
      folder: view.path,
      keyWord: 'name',
      order: 'text',
      isSidecar: (name) => FILE.test(name),
      read: (name) => {
        if (!FILE.test(name)) return undefined;
        const title = NAME.exec(name)?.[2] ?? name.replace(/\.\w+$/, '');
        return { key: name, id: name, name: title, half: 'both' };
      },
      layout: (_path, text) => layoutOf(text, file),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => NAME.exec(id)?.[1],
      write: (number, step, _dialect, texts) => {
        const last = texts.migrations.migrations.at(-1);
        const isModule = last === undefined ? extension !== 'js' : /^export\b/m.test(texts.textOf(last.upPath) ?? '');
        const id = `${number}_${slugOf(step)}.${extension}`;
        return { id, files: [{ name: id, half: 'both', text: moduleText(step, extension, isModule) }] };
      },
    }),
    languageOf: () => knexLanguage,
  };
}

function layoutOf(text: string, { areTransactionsOff }: Knexfile): DocumentLayout {
  const { up, down, bare } = exportedHalves(text);
  const section = (direction: Section['direction'], span: Section['span']): Section =>
    ownSection(
      direction,
      span,
      areTransactionsOff || bare !== undefined ? 'none' : 'one',
      NAMES,
      bare === undefined ? {} : { markerSpan: bare },
    );
  return {
    sections: [
      ...(up === undefined ? [] : [section('up', up.body)]),
      ...(down === undefined ? [] : [section('down', down.body)]),
    ],
    problems: [],
  };
}

function moduleText(step: WrittenStep, extension: string, isModule: boolean): string {
  const isTyped = extension.endsWith('ts');
  const comment = (text: string): string => text.replaceAll(/^--/gm, '//').replaceAll(/^(?=.)/gm, '  ');
  const half = (name: string, body: string): string => {
    const parameters = isTyped ? '(knex: Knex): Promise<void>' : '(knex)';
    return isModule || isTyped
      ? `export async function ${name}${parameters} {\n${body}}\n`
      : `exports.${name} = async function ${parameters} {\n${body}};\n`;
  };
  const config = step.transaction === 'one' ? '' : `config = { transaction: false };\n`;
  const down = step.down === undefined ? comment(downText(step) ?? '') : rawCalls(step.down);
  return [
    isTyped ? 'import type { Knex } from "knex";\n\n' : '',
    half('up', `${comment(stepHeader(step))}${rawCalls(step.up)}`),
    `\n${half('down', down)}`,
    config === '' ? '' : `\n${isModule || isTyped ? 'export const ' : 'exports.'}${config}`,
  ].join('');
}
