import { createHash } from 'node:crypto';
import { alembicLanguage, executeCalls } from '../languages/alembic/alembic-language.ts';
import { autocommitIn, scriptIn, type Script } from '../languages/alembic/script.ts';
import { byEngine, type EngineId } from '../model/engine-id.ts';
import type { DocumentLayout } from '../model/migration.ts';
import { dialectNamed, pathFrom, settingIn } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { headsOf, inCircles, inOrder, type Graph } from './blocks/graph.ts';
import { headsHistory } from './blocks/heads-history.ts';
import { keptByPath } from './blocks/kept-by-path.ts';
import { ownCommand, ownSection, plainUrl, programOf, urlVariableIn } from './blocks/own-command.ts';
import type { CommandJob } from './applier.ts';
import type { FileTree, FolderView } from './file-tree.ts';
import { joinPath } from './folder.ts';
import type { Format, WrittenStep } from './format.ts';
import type { FolderTexts } from './history.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY, type Tool, type ToolProject } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'alembic_version';

/** Source: https://github.com/sqlalchemy/alembic, alembic/script/base.py and runtime/migration.py; version 1.8.1 was run. */
const FILE = /^(?!__)[\w.-]+\.py$/;
const MARKS = [/^revision\b/m, /^down_revision\b/m];
const NAMES = { title: 'Alembic', apply: 'alembic upgrade head' };

/** What `alembic.ini` and `env.py` say, as far as literals do. */
interface Environment {
  /** Folder of alembic.ini, or of what stands for it. */
  readonly folder: string;
  readonly dialect?: EngineId;
  /** A product that no engine reads. */
  readonly isOther?: true;
  readonly table: string;
  readonly schema?: string;
  readonly variable?: string;
  /** It connects by a driver whose name the URL needs. */
  readonly isAsync: boolean;
}

/** Alembic: a script for each revision, which knows the one before it; its own command applies and reverts. */
export const alembic: Tool = {
  id: 'alembic',
  title: 'Alembic',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['version_num'] }],
  configurationFiles: ['alembic.ini', 'env.py'],
  sidecarFiles: [],
  async find(tree) {
    const found: ToolProject[] = [];
    for (const view of await tree.walk()) {
      if (!(await isOwn(tree, view))) continue;
      const project = await open(tree, view, CERTAINTY.marker);
      // A product that no engine reads is told by name, as a tool that is not read is.
      if (project !== undefined) found.push(project);
    }
    return found;
  },
  async at(tree, folder) {
    const view = (await tree.folder(folder)) ?? { path: folder, files: [], folders: [] };
    const certainty = (await isOwn(tree, view)) ? CERTAINTY.marker : 0;
    return (await open(tree, view, certainty)) ?? projectOf(view.path, await environmentOf(tree, folder), 0, 'alembic');
  },
};

async function open(tree: FileTree, { path }: FolderView, certainty: number): Promise<ToolProject | undefined> {
  const environment = await environmentOf(tree, path);
  if (environment.isOther === true) return undefined;
  return projectOf(path, environment, certainty, await programOf(tree, environment.folder, 'alembic'));
}

async function isOwn(tree: FileTree, { path, files }: FolderView): Promise<boolean> {
  const names = files.filter((name) => FILE.test(name));
  if (!/(?:^|\/)versions$/.test(path) && !names.some((name) => /^[0-9a-f]{12}_/.test(name))) return false;
  for (const name of names.slice(-2)) {
    const text = (await tree.text(joinPath(path, name))) ?? '';
    if (MARKS.every((mark) => mark.test(text))) return true;
  }
  return false;
}

/** What stands beside and above the scripts; nothing of it is run. */
async function environmentOf(tree: FileTree, versions: string): Promise<Environment> {
  let env = '';
  for (let folder: string | undefined = versions; folder !== undefined; folder = parentOf(folder)) {
    env ||= (await tree.text(joinPath(folder, 'env.py'))) ?? '';
    const ini = await tree.text(joinPath(folder, 'alembic.ini'));
    if (ini === undefined) continue;
    const places = [settingIn(ini, 'script_location'), ...(settingIn(ini, 'version_locations') ?? '').split(/[\s;]+/)];
    const isNamed = places.some((place) => {
      const named = place === undefined ? undefined : pathFrom(folder, place.replace('%(here)s/', ''));
      return named !== undefined && named !== '' && (versions === named || versions.startsWith(`${named}/`));
    });
    if (isNamed || versions.startsWith(folder)) return readEnvironment(folder, ini, env);
  }
  return readEnvironment(parentOf(versions) ?? '', '', env);
}

function readEnvironment(folder: string, ini: string, env: string): Environment {
  const url = settingIn(ini, 'sqlalchemy.url');
  // What the template leaves there says nothing.
  const product = /^(\w+)(?:\+\w+)?:\/\//.exec(url ?? '')?.[1];
  const named = product === 'driver' ? undefined : product;
  const dialect = dialectNamed(named);
  const literal = (name: string): string | undefined =>
    new RegExp(`\\b${name}\\s*=\\s*(["'])([^"']+)\\1`).exec(env)?.[2];
  const schema = literal('version_table_schema');
  const variable = urlVariableIn(env);
  return {
    folder,
    ...(dialect === undefined ? {} : { dialect }),
    ...(dialect === undefined && named !== undefined ? { isOther: true as const } : {}),
    table: literal('version_table') ?? HISTORY_TABLE,
    ...(schema === undefined ? {} : { schema }),
    ...(variable === undefined ? {} : { variable }),
    isAsync: /\basync_engine_from_config\b|\bcreate_async_engine\b/.test(env),
  };
}

function parentOf(path: string): string | undefined {
  return path === '' ? undefined : path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What places a script among the others. */
type Header = Pick<Script, 'revision' | 'after' | 'dependsOn'>;
type Headers = (path: string, text: string) => Header;

function projectOf(folder: string, environment: Environment, certainty: number, program: string): ToolProject {
  const headers = keptByPath((text): Header => {
    const { revision, after, dependsOn } = scriptIn(text);
    return { revision, after, dependsOn };
  });
  const { table, schema, dialect, variable, isAsync } = environment;
  const at = environment.folder === '' ? '' : `-c ${joinPath(environment.folder, 'alembic.ini')} `;
  return {
    tool: alembic,
    folder,
    certainty,
    applier: ownCommand({
      title: 'Alembic',
      apply: `alembic ${at}upgrade head`,
      list: `alembic ${at}current`,
      revert: `alembic ${at}downgrade -1`,
      variable: isAsync ? undefined : variable,
      folder: environment.folder,
      words: (job) => [[program, job.direction === 'up' ? 'upgrade' : 'downgrade', job.target ?? 'base']],
      url: (job: CommandJob) => plainUrl(job),
    }),
    problems: [],
    ...(dialect === undefined ? {} : { dialect }),
    format: formatOf(folder, headers),
    history: headsHistory({
      tool: 'Alembic',
      table,
      ...(schema === undefined ? {} : { schema }),
      columns: () => ['version_num VARCHAR(32) NOT NULL', `CONSTRAINT ${table}_pkc PRIMARY KEY (version_num)`],
      column: 'version_num',
      graph: (texts) => graphOf(texts, headers),
    }),
  };
}

function graphOf(texts: FolderTexts, headers: Headers): Graph {
  return new Map(
    texts.migrations.migrations.map(({ id, upPath }) => {
      const { after, dependsOn } = headers(upPath, texts.textOf(upPath) ?? '');
      return [id, [...after, ...dependsOn]];
    }),
  );
}

function formatOf(folder: string, headers: Headers): Format {
  return {
    ...fileFormat({
      folder,
      keyWord: 'revision',
      isSidecar: (name) => FILE.test(name),
      read: (file, text, path) => {
        if (!FILE.test(file)) return undefined;
        const revision = text === undefined ? file : headers(joinPath(folder, path), text).revision;
        if (revision === undefined) return undefined;
        const name = file.replace(/\.py$/, '').replace(`${revision}_`, '');
        return { key: revision, id: revision, name, half: 'both' };
      },
      arrange: (migrations, others) =>
        inOrder(
          new Map(
            migrations
              .toSorted((left, right) => (left.path < right.path ? -1 : 1))
              .map(({ id, path }) => {
                const { after, dependsOn } = headers(path, others.get(path) ?? '');
                return [id, [...after, ...dependsOn]];
              }),
          ),
        ),
      check: (migrations, texts) => {
        const scripts = new Map(migrations.map(({ id, upPath }) => [id, headers(upPath, texts.get(upPath) ?? '')]));
        const lines: Graph = new Map([...scripts].map(([id, { after }]) => [id, after]));
        const pathOf = (id: string): string => migrations.find((each) => each.id === id)?.upPath ?? '';
        const heads = headsOf(lines);
        const circle = inCircles(lines);
        return [
          ...circle.map((id) => ({
            path: pathOf(id),
            message: `${id} comes after itself, by the down_revision of what is between: Alembic refuses all of them.`,
            stopsRuns: true,
          })),
          ...[...lines].flatMap(([id, after]) =>
            after
              .filter((each) => !lines.has(each))
              .map((each) => ({
                path: pathOf(id),
                message: `${id} comes after ${each}, which no file here has: Alembic refuses all of them. Bring the file back, or correct down_revision.`,
                stopsRuns: true,
              })),
          ),
          ...(heads.length > 1
            ? [
                {
                  path: pathOf(heads.at(-1) ?? ''),
                  message: `There are ${heads.length} newest revisions, ${heads.join(', ')}: "alembic upgrade head" refuses that. Join them by "alembic merge heads", or say "alembic upgrade heads".`,
                },
              ]
            : []),
        ];
      },
      layout: (_path, text, dialect) => layoutOf(text, dialect),
      numbering: { kind: 'timestamp' },
      numberOf: () => undefined,
      write: (number, step, _dialect, _texts, before) => {
        const slug = slugOf(step);
        const id = createHash('sha1').update(`${number} ${slug}`).digest('hex').slice(0, 12);
        return { id, files: [{ name: `${id}_${slug}.py`, half: 'both', text: scriptText(id, before, step) }] };
      },
    }),
    languageOf: () => alembicLanguage,
  };
}

function layoutOf(text: string, dialect: EngineId): DocumentLayout {
  const script = scriptIn(text);
  // Alembic's SQLite has no transactional DDL: it opens none. Source: alembic/ddl/sqlite.py.
  const rule = byEngine(dialect, { postgresql: 'one', sqlite: 'none' } as const);
  return {
    sections: [['up', script.up] as const, ['down', script.down] as const].flatMap(([direction, half]) => {
      if (half === undefined) return [];
      const marker = autocommitIn(script, half);
      return [
        marker === undefined
          ? ownSection(direction, half.body, rule, NAMES)
          : ownSection(direction, half.body, 'none', NAMES, { markerSpan: marker }),
      ];
    }),
    problems: [],
  };
}

function scriptText(id: string, before: string | undefined, step: WrittenStep): string {
  const comment = (text: string): string => text.replaceAll(/^--/gm, '#').replaceAll(/^(?=.)/gm, '    ');
  const half = (name: string, head: string, body: string): string =>
    `def ${name}() -> None:\n${head}${body === '' ? '    pass\n' : body}`;
  const title = step.title === '' ? step.slug : step.title;
  const down =
    step.down === undefined
      ? half('downgrade', comment(downText(step) ?? ''), '')
      : half('downgrade', '', executeCalls(step.down, step.transaction));
  return [
    `"""${title.replaceAll(/["\\\r\n]/g, "'")}"""\nfrom alembic import op\n\n`,
    `revision = "${id}"\ndown_revision = ${before === undefined ? 'None' : `"${before}"`}\nbranch_labels = None\ndepends_on = None\n\n\n`,
    half('upgrade', comment(stepHeader(step)), executeCalls(step.up, step.transaction)),
    `\n\n${down}`,
  ].join('');
}
