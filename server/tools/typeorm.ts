import { createHash } from 'node:crypto';
import type { Applier } from './applier.ts';
import { dialectNamed, literalIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { rowHistory } from './blocks/row-history.ts';
import type { FileTree, FolderView } from './file-tree.ts';
import { joinPath } from './folder.ts';
import type { Format, WrittenStep } from './format.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY, type Tool, type ToolProject } from './tool.ts';
import { migrationIn } from '../languages/typeorm/migration-class.ts';
import { queryCalls, typeormLanguage } from '../languages/typeorm/typeorm-language.ts';
import { byEngine, type EngineId } from '../model/engine-id.ts';
import type { DocumentLayout, Section } from '../model/migration.ts';

/** Source: https://github.com/typeorm/typeorm, src/migration/MigrationExecutor.ts and src/commands; version 1.1.1. */
const NAME = /^(\d{13})-(\w+)\.([cm]?[jt]s)$/;
const MARK = /\bMigrationInterface\b|\bqueryRunner\b/i;
const SOURCE = /^.*data-?source\.[cm]?[jt]s$/i;
/** Folders above the migrations in which their data source is looked for. */
const MOST_PARENTS = 4;

/** What the data source says, as far as literals do. */
interface DataSource {
  readonly path?: string;
  readonly dialect?: EngineId;
  /** A product that no engine reads. */
  readonly isOther?: true;
  readonly table: string;
  /** Undefined where no data source was found, or what it says is no literal. */
  readonly mode: 'all' | 'each' | 'none' | undefined;
}

const NO_SOURCE: DataSource = { table: 'migrations', mode: undefined };

/** TypeORM: a class for each migration, whose SQL stands in `queryRunner.query`; its own command applies and reverts. */
export const typeorm: Tool = {
  id: 'typeorm',
  title: 'TypeORM',
  configurationFiles: [],
  sidecarFiles: [],
  async find(tree) {
    const found: ToolProject[] = [];
    for (const view of await tree.walk()) {
      if (!(await isOwn(tree, view))) continue;
      const source = await sourceOf(tree, view.path);
      // A product that no engine reads is told by name, as a tool that is not read is.
      if (source.isOther !== true) found.push(projectOf(view, source, CERTAINTY.marker));
    }
    return found;
  },
  async at(tree, folder) {
    const view = (await tree.folder(folder)) ?? { path: folder, files: [], folders: [] };
    const source = await sourceOf(tree, folder);
    const isFound = source.isOther !== true && (await isOwn(tree, view));
    return projectOf(view, source, isFound ? CERTAINTY.marker : 0);
  },
};

async function isOwn(tree: FileTree, view: FolderView): Promise<boolean> {
  const newest = view.files.findLast((name) => NAME.test(name));
  return newest !== undefined && MARK.test((await tree.text(joinPath(view.path, newest))) ?? '');
}

/** The data source in the nearest folder above, or beside it in `src`; nothing of it is run. */
async function sourceOf(tree: FileTree, path: string): Promise<DataSource> {
  let folder = path;
  for (let depth = 0; depth <= MOST_PARENTS; depth++) {
    for (const place of [folder, joinPath(folder, 'src'), joinPath(folder, 'src/database')])
      for (const name of (await tree.folder(place))?.files.filter((file) => SOURCE.test(file)) ?? []) {
        const text = (await tree.text(joinPath(place, name))) ?? '';
        if (/\bDataSource\b/.test(text)) return readSource(joinPath(place, name), text);
      }
    if (folder === '') break;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  }
  return NO_SOURCE;
}

function readSource(path: string, text: string): DataSource {
  const type = literalIn(text, 'type');
  const named = literalIn(text, 'migrationsTransactionMode');
  const dialect = dialectNamed(type);
  return {
    path,
    ...(dialect === undefined ? {} : { dialect }),
    ...(dialect === undefined && type !== undefined ? { isOther: true as const } : {}),
    table: literalIn(text, 'migrationsTableName') ?? 'migrations',
    mode: MODES.find((mode) => mode === named) ?? (/\bmigrationsTransactionMode\b/.test(text) ? undefined : 'all'),
  };
}

const MODES = ['all', 'each', 'none'] as const;

function applierOf({ path = 'DATASOURCE' }: DataSource): Applier {
  const command = (name: string): string => `npx typeorm migration:${name} -d ${path}`;
  return {
    kind: 'command',
    why: 'A migration of TypeORM is a program, which TypeORM itself runs.',
    apply: command('run'),
    list: command('show'),
    revert: command('revert'),
  };
}

function projectOf(view: FolderView, source: DataSource, certainty: number): ToolProject {
  return {
    tool: typeorm,
    folder: view.path,
    certainty,
    applier: applierOf(source),
    problems: [],
    ...(source.dialect === undefined ? {} : { dialect: source.dialect }),
    format: formatOf(view, source),
    history: rowHistory({
      table: source.table,
      lateArrival: 'runs',
      columns: (engine) =>
        byEngine(engine, {
          postgresql: [
            'id SERIAL NOT NULL',
            'timestamp bigint NOT NULL',
            'name character varying NOT NULL',
            `CONSTRAINT "${primaryKeyName(source.table)}" PRIMARY KEY (id)`,
          ],
          sqlite: [
            'id integer PRIMARY KEY AUTOINCREMENT NOT NULL',
            'timestamp bigint NOT NULL',
            'name varchar NOT NULL',
          ],
        }),
      needs: ['timestamp', 'name'],
      order: 'id',
      key: (migration) => migration.id,
      where: (migration) => ({ name: migration.id }),
      row: (migration) => ({ timestamp: BigInt(/\d{13}$/.exec(migration.id)?.[0] ?? 0), name: migration.id }),
      fact: (row) => ({ key: String(row['name']) }),
    }),
  };
}

/** Source: src/naming-strategy/DefaultNamingStrategy.ts. */
function primaryKeyName(table: string): string {
  return `PK_${createHash('sha1').update(`${table}_id`).digest('hex').slice(0, 27)}`;
}

function formatOf(view: FolderView, source: DataSource): Format {
  const isJavaScript = view.files.findLast((name) => NAME.test(name))?.endsWith('js') === true;
  return {
    ...fileFormat({
      folder: view.path,
      keyWord: 'name',
      isSidecar: (name) => NAME.test(name),
      read: (file, text = '') => {
        const [, time = '', name = ''] = NAME.exec(file) ?? [];
        if (time === '') return undefined;
        const id = migrationIn(text).name ?? `${name}${time}`;
        return { key: id, id, name, half: 'both' };
      },
      // By the time at the end of the class's name.
      compareIds: (left, right) => {
        const [a, b] = [left, right].map((id) => /\d{13}$/.exec(id)?.[0] ?? '');
        return a === b ? (left < right ? -1 : left > right ? 1 : 0) : (a ?? '') < (b ?? '') ? -1 : 1;
      },
      check: (migrations, texts) => [
        ...migrations
          .filter(({ id }) => !/\d{13}$/.test(id))
          .map(({ id, upPath: path }) => ({
            path,
            message: `TypeORM refuses ${id}: the name of a migration's class ends in the 13 digits of its time.`,
          })),
        ...migrations
          .filter(({ upPath }) => source.mode === 'all' && migrationIn(texts.get(upPath) ?? '').bare !== undefined)
          .map(({ id, upPath: path }) => ({
            path,
            message: `TypeORM refuses all that is pending together with ${id}: it sets "transaction", which needs migrationsTransactionMode: 'each' in ${source.path ?? 'the data source'}.`,
          })),
      ],
      refuses: (steps) =>
        source.mode === 'all' && steps.some(({ transaction }) => transaction === 'none')
          ? `TypeORM runs all pending migrations in one transaction here, and a step of this change must run outside one: set migrationsTransactionMode: 'each' in ${source.path ?? 'the data source'} first.`
          : undefined,
      layout: (_path, text) => layoutOf(text, source),
      numbering: { kind: 'unix-milliseconds' },
      numberOf: (id) => /\d{13}$/.exec(id)?.[0],
      write: (number, step) => {
        const name = className(slugOf(step));
        return {
          id: `${name}${number}`,
          files: [
            {
              name: `${number}-${name}.${isJavaScript ? 'js' : 'ts'}`,
              half: 'both',
              text: classText(`${name}${number}`, step, isJavaScript),
            },
          ],
        };
      },
    }),
    languageOf: () => typeormLanguage,
  };
}

function layoutOf(text: string, { mode }: DataSource): DocumentLayout {
  const { bare, up, down } = migrationIn(text);
  // The way back is in a transaction whatever the class says: `undoLastMigration` asks the mode alone.
  const section = (direction: Section['direction'], span: Section['span'], marker?: Section['span']): Section => ({
    direction,
    span,
    transaction: marker !== undefined || mode === 'none' ? 'none' : 'one',
    ...(marker === undefined ? {} : { markerSpan: marker }),
    blocked: 'TypeORM itself runs its migrations: apply it by "npx typeorm migration:run"',
  });
  return {
    sections: [
      ...(up === undefined ? [] : [section('up', up.body, bare)]),
      ...(down === undefined ? [] : [section('down', down.body)]),
    ],
    problems: [],
  };
}

function className(slug: string): string {
  const name = slug.replaceAll(/(?:^|_+)([a-z0-9])/gi, (_, first: string) => first.toUpperCase()).replaceAll(/\W/g, '');
  return /^[A-Za-z]/.test(name) ? name : `M${name}`;
}

function classText(name: string, step: WrittenStep, isJavaScript: boolean): string {
  const header = stepHeader(step)
    .replaceAll(/^--/gm, '//')
    .replaceAll(/^(?=.)/gm, '        ');
  const down =
    step.down === undefined
      ? (downText(step) ?? '').replaceAll(/^--/gm, '//').replaceAll(/^(?=.)/gm, '        ')
      : /\bCONCURRENTLY\b/i.test(step.down)
        ? `        // TypeORM reverts in a transaction, in which CONCURRENTLY cannot run.\n${queryCalls(step.down.replaceAll(/\s+CONCURRENTLY\b/gi, ''))}`
        : queryCalls(step.down);
  const bare = step.transaction === 'none' ? '    transaction = false;\n\n' : '';
  const method = (half: string, body: string): string =>
    isJavaScript
      ? `    async ${half}(queryRunner) {\n${body}    }\n`
      : `    public async ${half}(queryRunner: QueryRunner): Promise<void> {\n${body}    }\n`;
  const head = isJavaScript
    ? `module.exports = class ${name} {\n`
    : `import { MigrationInterface, QueryRunner } from "typeorm";\n\nexport class ${name} implements MigrationInterface {\n`;
  return `${head}${bare}${method('up', `${header}${queryCalls(step.up)}`)}\n${method('down', down)}}\n`;
}
