import { SETTINGS_FILE } from '../analysis/settings.ts';
import type { FileSystem } from '../core/ports.ts';
import { parseDatabaseUrl } from '../drivers/target.ts';
import type { Engine } from '../engines/engine.ts';
import { URL_FORMS } from '../model/database-url.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { FolderProject } from './folder-project.ts';
import { openProjects, type OpenedProjects } from './open-project.ts';

/** Names of variables that hold a database's URL, the most usual first. */
const VARIABLES = ['DATABASE_URL', 'POSTGRES_URL', 'POSTGRESQL_URL', 'PG_URL', 'DB_URL', 'DATABASE_URI'];
/** Files that name variables, those that are committed last: what a developer has counts before an example. */
const VARIABLE_FILES = ['.env', '.env.local', '.env.development', '.env.example', '.env.sample', '.env.template'];

/** What is outside that a first configuration is made from. Nothing is connected to: `applied` is what a caller was asked to read. */
export interface InitOptions {
  /** Absolute, with `/`. */
  readonly root: string;
  readonly files: FileSystem;
  readonly engines: Readonly<Record<EngineId, Engine>>;
  environmentVariable(name: string): string | undefined;
  /** Files of the last commit, relative to the root; undefined where there is no version control to ask. */
  committedFiles(root: string): Promise<ReadonlySet<string> | undefined>;
  /** Ids that a project's database has, where a person named one; undefined where none was. */
  applied?(
    project: FolderProject,
  ): Promise<{ readonly ids: ReadonlySet<string>; readonly version: number } | undefined>;
  readonly dialect?: EngineId;
}

/** One folder of migrations as the configuration will name it. */
export interface InitFolder {
  readonly folder: string;
  readonly tool: string;
  /** Null for a product that no engine reads: `unreadProduct` names it. */
  readonly dialect: EngineId | null;
  readonly unreadProduct?: string;
  /** Of the connected database; null where none was named. */
  readonly serverVersion: string | null;
  readonly migrations: number;
  /** Id of the newest migration that is history, and what says so; null where nothing is known of the past. */
  readonly startAfter: string | null;
  readonly accepted: 'applied' | 'committed' | null;
}

/** Where the database was found: a variable and who names it, or a SQLite file. */
export type InitDatabase =
  | { readonly env: string; readonly namedBy: string }
  | { readonly url: string; readonly namedBy: string };

export type InitPlan =
  /** A configuration is there, here or in a folder above: it is left as it is. */
  | { readonly kind: 'configured'; readonly path: string }
  | { readonly kind: 'nothing-found'; readonly unread: OpenedProjects['unread'] }
  | {
      readonly kind: 'planned';
      /** Absolute. */
      readonly path: string;
      readonly text: string;
      readonly folders: readonly InitFolder[];
      readonly database: InitDatabase | null;
      /** Migrations that are there and will not be read. */
      readonly unread: OpenedProjects['unread'];
    };

/** The first configuration of a workspace, with everything that is in it accepted; nothing is written. */
export async function planInit(options: InitOptions): Promise<InitPlan> {
  const { root, files, engines } = options;
  const open = (dialect: EngineId | undefined): ReturnType<typeof openProjects> =>
    openProjects({ root, files, engines, ...(dialect === undefined ? {} : { overrides: { dialect } }) });
  let opened = await open(options.dialect);
  if (opened.settingsFile !== undefined) return { kind: 'configured', path: opened.settingsFile };
  if (opened.projects.length === 0) return { kind: 'nothing-found', unread: opened.unread };
  const found = await findDatabase(options, opened.projects);
  // Statements that both engines read say nothing of which it is; a database of the only project does.
  if (opened.projects.length === 1 && options.dialect === undefined && found?.dialect !== undefined)
    opened = await open(found.dialect);
  const committed = await options.committedFiles(root);
  const folders: InitFolder[] = [];
  for (const project of opened.projects) folders.push(await folderOf(options, project, committed));
  const database = found?.database ?? null;
  return {
    kind: 'planned',
    path: `${root}/${SETTINGS_FILE}`,
    text: settingsText(folders, database),
    folders,
    database,
    unread: opened.unread,
  };
}

async function folderOf(
  options: InitOptions,
  project: FolderProject,
  committed: ReadonlySet<string> | undefined,
): Promise<InitFolder> {
  const { migrations } = project.migrations;
  // Nothing connects to a product that no engine reads.
  const database = project.unreadProduct === undefined ? await options.applied?.(project) : undefined;
  const newest = (isPast: (migration: (typeof migrations)[number]) => boolean): string | undefined =>
    migrations.findLast((migration) => migration.kind === 'versioned' && isPast(migration))?.id;
  const applied = database === undefined ? undefined : newest((migration) => database.ids.has(migration.id));
  const known = applied ?? newest((migration) => committed?.has(migration.upPath) === true);
  return {
    folder: project.folder,
    tool: project.tool.id,
    ...(project.unreadProduct === undefined
      ? { dialect: project.engine.id }
      : { dialect: null, unreadProduct: project.unreadProduct }),
    serverVersion: database === undefined ? null : project.engine.formatVersion(database.version),
    migrations: migrations.length,
    startAfter: known ?? null,
    accepted: known === undefined ? null : applied === undefined ? 'committed' : 'applied',
  };
}

interface FoundDatabase {
  readonly database: InitDatabase;
  /** Undefined where only the variable's name is known. */
  readonly dialect?: EngineId;
}

/** A variable of the environment or of a file beside the project, else the only SQLite file of the root. */
async function findDatabase(
  { root, files, environmentVariable }: InitOptions,
  projects: readonly FolderProject[],
): Promise<FoundDatabase | undefined> {
  const dialectOf = (url: string): { readonly dialect?: EngineId } => {
    const target = parseDatabaseUrl(url, root);
    return 'problem' in target ? {} : { dialect: target.dialect };
  };
  for (const name of VARIABLES) {
    const value = environmentVariable(name);
    const known = value === undefined || value === '' ? {} : dialectOf(value);
    if (known.dialect !== undefined) return { database: { env: name, namedBy: 'the environment' }, ...known };
  }
  const names = (await files.readDirectory(root)).filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  for (const file of VARIABLE_FILES.filter((candidate) => names.includes(candidate))) {
    const text = await files.readText(`${root}/${file}`);
    for (const name of VARIABLES) {
      const value = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(.*)$`, 'm').exec(text)?.[1];
      // The value is looked at for its kind alone: it goes nowhere.
      if (value !== undefined)
        return { database: { env: name, namedBy: file }, ...dialectOf(value.trim().replace(/^(["'])(.*)\1$/, '$2')) };
    }
  }
  const [project] = projects.filter(({ engine }) => URL_FORMS[engine.id].file !== undefined);
  const file = project === undefined ? undefined : URL_FORMS[project.engine.id].file;
  if (project === undefined || file === undefined) return undefined;
  const [only, ...others] = names.filter((name) => file.names.test(name));
  return only !== undefined && others.length === 0
    ? { database: { url: `${file.scheme}${only}`, namedBy: only }, dialect: project.engine.id }
    : undefined;
}

/** The configuration's text, with a word on each part for whoever reads it first. */
function settingsText(folders: readonly InitFolder[], database: InitDatabase | null): string {
  const entries = folders.map((folder) =>
    [
      '    {',
      [
        ...Object.entries({
          folder: folder.folder === '' ? '.' : folder.folder,
          tool: folder.tool,
          ...(folder.dialect === null ? {} : { dialect: folder.dialect }),
        }),
        ...(folder.serverVersion === null ? [] : [['serverVersion', folder.serverVersion] as const]),
        ...(folder.startAfter === null ? [] : [['startAfter', folder.startAfter] as const]),
      ]
        .map(
          ([name, value]) =>
            `${name === 'startAfter' ? `      // ${PAST[folder.accepted ?? 'committed']}\n` : ''}      ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
        )
        .join(',\n'),
      '    }',
    ].join('\n'),
  );
  const lines = ['{', '  "migrations": [', entries.join(',\n'), `  ]${database === null ? '' : ','}`];
  if (database !== null)
    lines.push(
      'env' in database
        ? '  // The URL itself stays in the environment; nothing connects to it but commands that say so.'
        : '  // Nothing connects to it but commands that say so.',
      `  "database": ${'env' in database ? `{ "env": ${JSON.stringify(database.env)} }` : `{ "url": ${JSON.stringify(database.url)} }`}`,
    );
  return `${[...lines, '}'].join('\n')}\n`;
}

const PAST = {
  applied:
    'The newest that the database had when this was written: it and those before it are history, and not linted.',
  committed: 'The newest that was committed when this was written: it and those before it are history, and not linted.',
} as const;
