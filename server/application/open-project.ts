import { configurationFault } from '../analysis/configuration-fault.ts';
import { FileTree } from '../tools/file-tree.ts';
import { findNumbered, findProjects, projectAt } from '../tools/find-projects.ts';
import { findUnread, type UnreadProject } from '../tools/find-unread.ts';
import { Headers } from '../tools/headers.ts';
import { languageOf } from '../tools/language-of.ts';
import { plain } from '../tools/plain.ts';
import { NAMED_TOOLS } from '../tools/registry.ts';
import type { ToolProject } from '../tools/tool.ts';
import { LineIndex, type Range } from '../core/line-index.ts';
import { fileFailure } from '../core/file-failure.ts';
import { repeated } from '../core/redact.ts';
import type { FileSystem } from '../core/ports.ts';
import type { Engine } from '../engines/engine.ts';
import { ENGINE_CODES } from '../analysis/lint.ts';
import {
  DEFAULT_SETTINGS,
  readSettings,
  SETTINGS_FILE,
  settingsOfFolder,
  spanOfSetting,
  type FolderSetting,
  type RuleOptions,
  type Settings,
} from '../analysis/settings.ts';
import { ENGINE_IDS, type EngineId } from '../model/engine-id.ts';
import { parseDatabaseUrl } from '../drivers/target.ts';
import { RULES, RULES_FOR_EVERY_PRODUCT } from '../rules/index.ts';
import { CodeSearch } from './code-search.ts';
import { FolderProject } from './folder-project.ts';
import { targetOf, type WrongVersion } from './target-of.ts';

/** Files whose text decides the dialect where nothing else says it. */
const DIALECT_SAMPLE_FILES = 20;
/** Characters of each such file. */
const DIALECT_SAMPLE_LENGTH = 20_000;

export interface OpenOptions {
  /** Absolute, with `/`, no slash at the end. All paths of the projects are relative to it. */
  readonly root: string;
  readonly files: FileSystem;
  readonly engines: Readonly<Record<EngineId, Engine>>;
  /** Absolute; by default `lockstep.jsonc` in the root or the nearest folder above it. */
  readonly settingsFile?: string;
  /** Folders or files to look at, relative to the root; by default the configured or the detected migration folders. */
  readonly paths?: readonly string[];
  /**
   * What was opened before below the same root: where the configuration is the same, projects that are found again are
   * kept as they are, with what they have read.
   */
  readonly known?: OpenedProjects;
  readonly overrides?: { readonly dialect?: EngineId; readonly serverVersion?: string; readonly timeZone?: string };
}

/** A configuration problem at its place; `path` is absolute. */
export interface ConfigurationProblem {
  readonly path: string;
  readonly message: string;
  readonly range: Range | null;
}

export interface OpenedProjects {
  readonly projects: readonly FolderProject[];
  /** Migrations of tools that are not read, where no configuration says which are meant. */
  readonly unread: readonly UnreadProject[];
  readonly settings: Settings;
  /** Absolute; undefined where there is none. */
  readonly settingsFile: string | undefined;
  /** Empty where there is none. */
  readonly settingsText: string;
  readonly problems: readonly ConfigurationProblem[];
  /** Searches the source files beside the migrations; asks nothing until told to. */
  readonly codeSearch: CodeSearch;
}

/** Configurations of tools under names that other programs' have too. */
const ANYBODYS: ReadonlySet<string> = new Set([
  'config.toml',
  'config.yaml',
  'go.mod',
  'apps.py',
  'settings.py',
  'env.py',
]);

/** Every name that `rules` of the configuration may use. */
export const KNOWN_CODES: ReadonlySet<string> = new Set([
  ...RULES.flatMap((rule) => [rule.code, ...(rule.aliases ?? [])]),
  ...ENGINE_CODES,
]);

/** What may be set for each rule. */
const KNOWN_OPTIONS: RuleOptions = new Map(
  RULES.flatMap((rule) => [rule.code, ...(rule.aliases ?? [])].map((code) => [code, rule.options ?? {}] as const)),
);

/**
 * Finds and reads the migration folders below a root.
 *
 * Errors: rejects when a named path does not exist; what is wrong with the configuration is in `problems`.
 */
export async function openProjects(options: OpenOptions): Promise<OpenedProjects> {
  const { files, root } = options;
  const settingsFile = options.settingsFile ?? (await findSettings(files, root));
  const problems: ConfigurationProblem[] = [];
  let settings = DEFAULT_SETTINGS;
  let settingsText = '';
  if (settingsFile !== undefined) {
    const text = await files.readText(settingsFile);
    settingsText = text;
    const read = readSettings(text, KNOWN_CODES, KNOWN_OPTIONS);
    const lines = new LineIndex(text);
    settings = read.settings;
    problems.push(
      ...read.problems.map((problem) => ({
        path: settingsFile,
        message: problem.message,
        range: lines.range(problem.span),
      })),
    );
  }
  const tree = new FileTree(files, root);
  const unread = settings.migrations.length === 0 ? await findUnread(tree) : [];
  const folders: Found[] = [];
  for (const found of options.paths === undefined || options.paths.length === 0
    ? await defaultFolders()
    : await foldersOf(options.paths)) {
    if (!folders.some((known) => known.project.folder === found.project.folder)) folders.push(found);
  }
  problems.push(...unreadConfigurations(), ...(await brokenConfigurations()));
  const wrongVersions: (WrongVersion & { readonly folder: string | undefined })[] = [];
  const projects = await Promise.all(
    folders.map(async ({ project: found, setting }) => {
      problems.push(
        ...found.problems.map((problem) => ({
          path: `${root}/${problem.path}`,
          message: problem.message,
          range: null,
        })),
      );
      // A product that no engine reads is none of the dialects, whatever is said of the other folders.
      const dialectId =
        (found.unreadProduct === undefined ? undefined : ENGINE_IDS[0]) ??
        options.overrides?.dialect ??
        setting?.dialect ??
        settings.dialect ??
        found.dialect ??
        (await guessEngine(options, found, settings));
      const engine = options.engines[dialectId];
      const { target, isNamed, wrong } = targetOf(engine, {
        ...(options.overrides?.serverVersion === undefined ? {} : { named: options.overrides.serverVersion }),
        ...(setting?.serverVersion === undefined ? {} : { folder: setting.serverVersion }),
        ...(settings.serverVersion === undefined ? {} : { all: settings.serverVersion }),
        ...(settings.timeZone === undefined ? {} : { timeZone: settings.timeZone }),
      });
      wrongVersions.push(...wrong.map((each) => ({ ...each, folder: setting?.folder })));
      const same =
        options.known?.settingsText === settingsText && options.known.settingsFile === settingsFile
          ? options.known.projects.find(
              (each) => each.folder === found.folder && each.tool.id === found.tool.id && each.engine === engine,
            )
          : undefined;
      if (same !== undefined) return same;
      const project = new FolderProject({
        root,
        project: found,
        engine,
        settings: settingsOfFolder(settings, setting),
        ...(settingsFile === undefined ? {} : { settingsFolder: parentOf(settingsFile) }),
        rules: found.unreadProduct === undefined ? RULES : RULES_FOR_EVERY_PRODUCT,
        files,
        target,
        isVersionNamed: isNamed,
      });
      await project.refresh();
      if (setting !== undefined && settingsFile !== undefined && project.migrations.migrations.length === 0) {
        problems.push({
          path: settingsFile,
          message: `The migrations folder ${repeated(setting.folder, 'that is named here')} holds no migration of ${found.tool.title}: correct its path or its tool in ${SETTINGS_FILE}.`,
          range: null,
        });
      }
      return project;
    }),
  );
  problems.push(
    ...wrongVersions
      // The configuration's own version may be meant for the projects of another engine.
      .filter(({ source }) => source !== 'all' || wrongVersions.length === projects.length)
      .map(({ source, message, folder }) =>
        source === 'named'
          ? { path: '--server-version', message, range: null }
          : placed(message, 'serverVersion', source === 'folder' ? folder : undefined),
      ),
  );
  if (options.paths === undefined || options.paths.length === 0) problems.push(...unknownStarts());
  const isSame =
    options.known?.projects.length === projects.length &&
    projects.every((project) => options.known?.projects.includes(project));
  const codeSearch =
    isSame && options.known !== undefined
      ? options.known.codeSearch
      : new CodeSearch({
          files,
          root,
          exclude: projects.map((project) => project.folder),
          now: () => Date.now(),
        });
  for (const project of projects) project.setCodeSearch(codeSearch);
  return { projects, unread: unreadHere(), settings, settingsFile, settingsText, problems, codeSearch };

  /** Of what is not read, that which was asked for; a configuration alone only where nothing is read. */
  function unreadHere(): readonly UnreadProject[] {
    const asked = (options.paths ?? []).map((path) =>
      relative(root, normalise(path.startsWith('/') ? path : `${root}/${path}`)),
    );
    const isRead = (readAs: string | undefined, folder: string): boolean =>
      projects.some((project) => project.tool.id === readAs && project.folder === folder);
    const left = unread.map((each) => ({
      ...each,
      folders: each.folders.filter((folder) => !isRead(each.tool.readAs, folder)),
    }));
    return left.filter(({ folders: held, configuration }) =>
      configuration === undefined
        ? (asked.length === 0 && held.length > 0) ||
          asked.some((path) => held.some((folder) => isBelow(folder, path) || isBelow(path, folder)))
        : projects.length === 0,
    );
  }

  /** The tool of a project that a file configures: it is above the migrations, or in a folder beside them. */
  function ownerOf(path: string): Found['project']['tool'] | undefined {
    const folder = parentOf(path);
    return folders.find(
      ({ project }) =>
        project.tool.configurationFiles.includes(path.slice(path.lastIndexOf('/') + 1)) &&
        (isBelow(project.folder, folder) || isBelow(project.folder, parentOf(folder))),
    )?.project.tool;
  }

  /** A tool's own configuration that is there and cannot be read: what it says of table and folder would be guessed. */
  function unreadConfigurations(): readonly ConfigurationProblem[] {
    return [...tree.unreadable].flatMap(([path, cause]) => {
      const owner = ownerOf(path);
      const message = owner === undefined ? undefined : fileFailure(cause);
      return owner === undefined
        ? []
        : [
            {
              path: `${root}/${path}`,
              message: `The configuration of ${owner.title} cannot be read: ${message ?? 'correct its permissions'}.`,
              range: null,
            },
          ];
    });
  }

  /** A tool's own configuration that is no text of its kind: the tool refuses it, and what it says would be guessed. */
  async function brokenConfigurations(): Promise<readonly ConfigurationProblem[]> {
    return (await tree.textsRead()).flatMap(([path, text]) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const owner =
        ownerOf(path) ??
        // Where nothing else tells of the tool, its configuration would have.
        (folders.length > 0 || ANYBODYS.has(name)
          ? undefined
          : NAMED_TOOLS.find((tool) => tool.configurationFiles.includes(name)));
      const fault = owner === undefined ? undefined : configurationFault(name, text);
      return owner === undefined || fault === undefined
        ? []
        : [
            {
              path: `${root}/${path}`,
              message: `The configuration of ${owner.title} ${fault.what}: correct it, for what it says of folder and history would be guessed.`,
              range: new LineIndex(text).range({ start: fault.offset, end: fault.offset }),
            },
          ];
    });
  }

  /** A problem at a setting of the configuration. */
  function placed(message: string, name: string, folder?: string): ConfigurationProblem {
    const span = spanOfSetting(settingsText, name, folder);
    return {
      path: settingsFile ?? root,
      message,
      range: span === undefined ? null : new LineIndex(settingsText).range(span),
    };
  }

  /** `startAfter` without a migration of that id would pass over nothing, or be believed to. */
  function unknownStarts(): readonly ConfigurationProblem[] {
    const missing = ({ settings: { startAfter }, migrations }: FolderProject): boolean =>
      startAfter !== undefined && !migrations.migrations.some((migration) => migration.id === startAfter);
    const own = folders.flatMap(({ setting }, index) => {
      const project = projects[index];
      const id = setting?.startAfter;
      return id === undefined || project === undefined || !missing(project)
        ? []
        : [
            placed(
              `There is no migration ${repeated(id, 'of the name that stands here')} in ${setting?.folder ?? project.folder}: name the last one that is history.`,
              'startAfter',
              setting?.folder,
            ),
          ];
    });
    const shared = projects.filter((_, index) => folders[index]?.setting?.startAfter === undefined);
    return settings.startAfter === undefined || shared.length === 0 || !shared.every(missing)
      ? own
      : [
          ...own,
          placed(
            `There is no migration ${repeated(settings.startAfter, 'of the name that stands here')} here: name the last one that is history.`,
            'startAfter',
          ),
        ];
  }

  async function defaultFolders(): Promise<readonly Found[]> {
    if (settings.migrations.length === 0 || settingsFile === undefined) {
      const known = await findProjects(tree);
      const found = known.length > 0 || unread.length > 0 ? known : await findNumbered(tree);
      return found.map((project) => ({ project }));
    }
    const base = settingsFile.slice(0, settingsFile.lastIndexOf('/'));
    const result: Found[] = [];
    for (const setting of settings.migrations) {
      const absolute = normalise(`${base}/${setting.folder}`);
      if (!(await files.exists(absolute))) {
        problems.push({
          path: settingsFile,
          message: `The migrations folder ${repeated(setting.folder, 'that is named here')} does not exist: correct its path in ${SETTINGS_FILE}.`,
          range: null,
        });
        continue;
      }
      const folder = relative(root, absolute);
      const named = setting.tool === undefined ? undefined : NAMED_TOOLS.find((tool) => tool.id === setting.tool);
      if (setting.tool !== undefined && named === undefined) {
        problems.push({
          path: settingsFile,
          message: `${repeated(setting.tool, 'What stands here')} is no migration tool that Lockstep knows: use ${NAMED_TOOLS.map((tool) => tool.id).join(', ')}.`,
          range: null,
        });
        continue;
      }
      result.push({
        project: named === undefined ? await projectAt(tree, folder) : await named.at(tree, folder),
        setting,
      });
    }
    return result;
  }

  async function foldersOf(paths: readonly string[]): Promise<readonly Found[]> {
    const known = await defaultFolders();
    const result: Found[] = [];
    for (const path of paths) {
      const absolute = path.startsWith('/') ? normalise(path) : normalise(`${root}/${path}`);
      if (!(await files.exists(absolute))) throw new MissingPathError(path);
      const named = relative(root, absolute);
      if (!(await isDirectory(files, absolute))) {
        result.push((await holderOf(named, known)) ?? { project: await projectAt(tree, parentOf(named)) });
        continue;
      }
      const within = known.filter(({ project }) => isBelow(project.folder, named));
      // A folder for one migration, or one of several that a project is spread over, belongs to the project around it.
      const around = known.filter(({ project }) => isBelow(named, project.folder) && project.folder !== named);
      if (within.length > 0) {
        result.push(...within);
        continue;
      }
      const holder = around.find(({ project }) =>
        SAMPLE_NAMES.some((name) => project.format.holds(`${named}/${name}`)),
      );
      if (holder !== undefined) {
        result.push(holder);
        continue;
      }
      const own = await projectAt(tree, named);
      if (own.tool.id !== plain.id) {
        result.push({ project: own });
        continue;
      }
      // Its files are SQL, and their names say nothing of their order.
      if (
        unread.some(({ tool, folders: held }) =>
          held.some((folder) => (tool.sqlFolders ?? []).some((name) => join(folder, name) === named)),
        )
      )
        continue;
      const below = (await findProjects(new FileTree(files, absolute))).map((found) => found.folder);
      for (const folder of below)
        result.push({ project: await projectAt(tree, folder === '' ? named : join(named, folder)) });
      if (below.length === 0 && own.certainty > 0) result.push({ project: own });
    }
    return result;
  }

  /** The project that holds a file: a known one, or one of the folders above it, the nearest first. */
  async function holderOf(path: string, known: readonly Found[]): Promise<Found | undefined> {
    const configured = known.find(({ project }) => project.format.holds(path));
    if (configured !== undefined) return configured;
    let folder = parentOf(path);
    for (let depth = 0; depth < MOST_PARENTS; depth++) {
      const candidate = await projectAt(tree, folder);
      if (candidate.tool.id !== plain.id && candidate.format.holds(path)) return { project: candidate };
      if (folder === '') return undefined;
      folder = parentOf(folder);
    }
    return undefined;
  }
}

/** A project that was found or named, with what the configuration says of it. */
interface Found {
  readonly project: ToolProject;
  readonly setting?: FolderSetting;
}

/** Folders above a file that may be its project's: a folder for each migration lies one below it. */
const MOST_PARENTS = 3;
/** Names of documents in folders for each migration. */
const SAMPLE_NAMES = ['up.sql', 'migration.sql'];

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Whether a folder is another one, or lies below it. */
function isBelow(folder: string, outer: string): boolean {
  return folder === outer || outer === '' || folder.startsWith(`${outer}/`);
}

/** A path that was asked for does not exist. */
export class MissingPathError extends Error {
  constructor(path: string) {
    super(`no such file or folder: ${path}`);
    this.name = 'MissingPathError';
  }
}

async function findSettings(files: FileSystem, root: string): Promise<string | undefined> {
  for (let folder = root; ; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    const candidate = `${folder}/${SETTINGS_FILE}`;
    if (await files.exists(candidate)) return candidate;
    if (!folder.includes('/')) return undefined;
  }
}

async function isDirectory(files: FileSystem, path: string): Promise<boolean> {
  try {
    await files.readDirectory(path);
    return true;
  } catch {
    // Not a directory, or not there: both are no directory.
    return false;
  }
}

/** The engine that refuses the fewest statements of the first files; the first where several read all of them. */
async function guessEngine(options: OpenOptions, found: ToolProject, settings: Settings): Promise<EngineId> {
  const { files, root, engines } = options;
  if (settings.database.url !== undefined) {
    const target = parseDatabaseUrl(settings.database.url, root);
    if ('dialect' in target) return target.dialect;
  }
  const { migrations } = await found.format.list(files, root);
  const refused = new Map(ENGINE_IDS.map((id) => [id, 0]));
  for (const migration of migrations.slice(0, DIALECT_SAMPLE_FILES)) {
    const text = (await files.readText(`${root}/${migration.upPath}`)).slice(0, DIALECT_SAMPLE_LENGTH);
    const language = languageOf(found.format, migration.upPath);
    for (const id of ENGINE_IDS) {
      const engine = engines[id];
      for (const section of new Headers(found.format, migration.upPath, text, id).layout.sections) {
        if (section.direction === 'down') continue;
        for (const statement of language.split(engine, text, section.span)) {
          if (
            statement.unterminated === undefined &&
            language.read(engine, statement).problems.some((problem) => problem.kind === 'syntax')
          )
            refused.set(id, (refused.get(id) ?? 0) + 1);
        }
      }
    }
  }
  const count = (id: EngineId): number => refused.get(id) ?? 0;
  return ENGINE_IDS.reduce((best, id) => (count(id) < count(best) ? id : best));
}

/** An absolute path without `.` and `..`. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return /^[A-Za-z]:$/.test(parts[0] ?? '') ? parts.join('/') : `/${parts.join('/')}`;
}

/** Path from `root` to `absolute`, with `..` where it lies outside; empty for the root itself. */
function relative(root: string, absolute: string): string {
  const from = root.split('/').filter((part) => part !== '');
  const to = absolute.split('/').filter((part) => part !== '');
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/');
}
