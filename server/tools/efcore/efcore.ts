import { efcoreLanguage } from '../../languages/efcore/efcore-language.ts';
import { loadCSharp } from '../../languages/csharp/csharp-parser.ts';
import { ENGINE_IDS, type EngineId } from '../../model/engine-id.ts';
import type { FileTree, FolderView } from '../file-tree.ts';
import { joinPath } from '../folder.ts';
import type { Format } from '../format.ts';
import type { Language } from '../../languages/language.ts';
import { CERTAINTY, type Tool, type ToolProject } from '../tool.ts';
import type { MigrationFile } from '../../model/migration.ts';
import { compareMigrationIds, type EfSurroundings, isMigrationName, listMigrations } from './efcore-files.ts';
import { efApplier, type EfProject, efProject } from './ef-command.ts';
import { efHistory } from './ef-history.ts';
import { DEFAULT_TABLE, historyPlace, unreadHistory } from './history-place.ts';
import { efSources, setUpTexts, TELLING_FILES } from './ef-sources.ts';
import { efcoreLayout } from './efcore-layout.ts';
import { modelSection } from './model-section.ts';
import { readEfScript } from './read-script.ts';
import { writeMigrations } from './write-migration.ts';

/** Files of a folder that are looked into at once to know its provider. */
const SAMPLE_FILES = 8;
/** Names of files in the order in which they are looked into: a snapshot, migrations, Designers, which are large, and others. */
const TELLING_NAMES: readonly RegExp[] = [
  /Snapshot\.cs$/i,
  /^\d{14}_(?!.*\.Designer\.cs$)/i,
  /\.Designer\.cs$/i,
  /(?:)/,
];

/** EF Core: a class for each migration, with a Designer file beside it, and the table `__EFMigrationsHistory`. */
export const efcore: Tool = {
  id: 'efcore',
  title: 'EF Core',
  tellingTables: [{ table: DEFAULT_TABLE, columns: ['MigrationId', 'ProductVersion'] }],
  configurationFiles: [],
  sidecarFiles: [],
  programFiles: TELLING_FILES,
  readScript: readEfScript,
  async find(tree) {
    const found: ToolProject[] = [];
    for (const view of await tree.walk()) {
      const provider = await providerOf(tree, view);
      if (provider !== undefined) found.push(await open(tree, view.path, provider));
    }
    return found;
  },
  async at(tree, folder) {
    const view = await tree.folder(folder);
    return open(tree, folder, view === undefined ? undefined : await providerOf(tree, view));
  },
};

async function open(tree: FileTree, folder: string, provider: FoundProvider | undefined): Promise<ToolProject> {
  // Nothing of the C# parser is loaded before a folder holds such files.
  if (provider !== undefined) await loadCSharp();
  const project = await efProject(tree, folder);
  const place = historyPlace(await setUpTexts(tree, project, folder), project.context);
  return {
    tool: efcore,
    folder,
    certainty: provider === undefined ? 0 : CERTAINTY.configured,
    format: formatOf(folder, provider?.unreadProduct, project),
    history: efHistory(place),
    applier: efApplier(project, place),
    sources: (files, root) => efSources(files, root, project, folder),
    problems:
      place.unread === undefined ? [] : [{ path: project.project ?? folder, message: unreadHistory(place.unread) }],
    ...provider,
  };
}

/** A product that an engine reads, or the name of one that none does. */
type FoundProvider =
  | { readonly dialect: EngineId; readonly unreadProduct?: never }
  | { readonly dialect?: never; readonly unreadProduct: string };

/** How a provider's migrations and its package are known. */
interface ProviderMarks {
  readonly provider: FoundProvider;
  readonly marks: RegExp;
  readonly project: RegExp;
}

const READ: Readonly<Record<EngineId, Omit<ProviderMarks, 'provider'>>> = {
  postgresql: {
    marks: /\bNpgsql|"(?:character varying|timestamp with|uuid|jsonb|boolean|bytea)/,
    project: /Npgsql\.EntityFrameworkCore/,
  },
  sqlite: {
    marks: /"Sqlite:|type: "(?:TEXT|INTEGER|REAL|BLOB)"|HasColumnType\("(?:TEXT|INTEGER|REAL|BLOB)"\)/,
    project: /EntityFrameworkCore\.Sqlite/,
  },
};

/** Of two that a folder looks equally like, the first. */
const PROVIDERS: readonly ProviderMarks[] = [
  ...ENGINE_IDS.map((dialect): ProviderMarks => ({ provider: { dialect }, ...READ[dialect] })),
  {
    provider: { unreadProduct: 'SQL Server' },
    marks: /\bSqlServer(?:ModelBuilder|PropertyBuilder|:)|"(?:nvarchar|uniqueidentifier|datetime2|datetimeoffset)\b/,
    project: /EntityFrameworkCore\.SqlServer/,
  },
  {
    provider: { unreadProduct: 'MySQL' },
    marks: /\bMySql|\bMySQL:/,
    project: /(?:Pomelo|MySql)\.EntityFrameworkCore/,
  },
  {
    provider: { unreadProduct: 'Oracle Database' },
    marks: /\bOracle(?:ModelBuilder|PropertyBuilder|:)|"(?:NVARCHAR2|VARCHAR2|NUMBER)\(/,
    project: /Oracle\.EntityFrameworkCore/,
  },
];

/** The provider that the migrations of a folder are for; undefined where it holds none, or which one it is cannot be told. */
async function providerOf(tree: FileTree, view: FolderView): Promise<FoundProvider | undefined> {
  const sources = view.files.filter((name) => /\.cs$/i.test(name));
  const isLikely = sources.some((name) => /^\d{14}_/.test(name) || /ModelSnapshot\.cs$/i.test(name));
  if (!isLikely) return undefined;
  const telling = (name: string): number => TELLING_NAMES.findIndex((form) => form.test(name));
  // The newest of each kind first: what they are for now.
  const names = sources.toReversed().sort((left, right) => telling(left) - telling(right));
  let hasMigrations = false;
  let ofProject: Promise<FoundProvider | undefined> | undefined;
  for (let start = 0; start < names.length; start += SAMPLE_FILES) {
    const texts = await Promise.all(
      names.slice(start, start + SAMPLE_FILES).map(async (name) => (await tree.text(joinPath(view.path, name))) ?? ''),
    );
    hasMigrations ||= texts.some((text) => /\bMigrationBuilder\b|\bModelSnapshot\b/.test(text));
    if (!hasMigrations) continue;
    const votes = PROVIDERS.map(({ provider, marks }) => ({
      provider,
      count: texts.filter((text) => marks.test(text)).length,
    }));
    const best = votes.reduce((most, next) => (next.count > most.count ? next : most));
    if (best.count > 0) return best.provider;
    ofProject ??= providerOfProject(tree, view.path);
    const named = await ofProject;
    if (named !== undefined) return named;
  }
  return undefined;
}

/** The one provider that the project file in the nearest folder above names. */
async function providerOfProject(tree: FileTree, path: string): Promise<FoundProvider | undefined> {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const project = (await tree.folder(folder))?.files.find((name) => /\.csproj$/i.test(name));
    if (project !== undefined) {
      const text = (await tree.text(joinPath(folder, project))) ?? '';
      const named = PROVIDERS.filter((known) => known.project.test(text));
      return named.length === 1 ? named[0]?.provider : undefined;
    }
    if (folder === '') return undefined;
  }
}

function formatOf(folder: string, product: string | undefined, project: EfProject): Format {
  const known = product === undefined ? {} : { product };
  // What is known of a document that the folder does not list yet.
  const unread = efcoreLanguage({ models: { up: 'unread', down: 'unread' }, ...known });
  let surroundings: EfSurroundings = { designers: new Set(), context: 'DbContext', usings: [], documents: new Map() };
  let languages = new Map<string, Language>();
  const designerOf = (migration: MigrationFile): string => migration.upPath.replace(/\.cs$/i, '.Designer.cs');
  return {
    async list(files, root) {
      const listed = await listMigrations(files, root, folder);
      surroundings = listed.surroundings;
      languages = new Map(
        [...surroundings.documents].map(([path, document]) => [path, efcoreLanguage({ ...document, ...known })]),
      );
      return listed.folder;
    },
    holds: (path) => {
      const slash = path.lastIndexOf('/');
      return path.slice(0, Math.max(0, slash)) === folder && isMigrationName(path.slice(slash + 1));
    },
    layout: (_path, text, dialect) => efcoreLayout(text, product === undefined ? dialect : undefined),
    languageOf: (path) => languages.get(path) ?? unread,
    compareIds: compareMigrationIds,
    write: (request) => writeMigrations(request, folder, surroundings),
    // The model in its Designer is what the next migration's way back starts from.
    keepsEmpty: (migration) => surroundings.designers.has(designerOf(migration)),
    programSection: (change) => modelSection(change, surroundings.snapshot?.model, project),
    remove: (migration) => [
      { path: migration.upPath, action: 'delete', text: '' },
      ...(surroundings.designers.has(designerOf(migration))
        ? [{ path: designerOf(migration), action: 'delete' as const, text: '' }]
        : []),
    ],
  };
}
