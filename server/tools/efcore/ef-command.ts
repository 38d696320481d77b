import type { CommandLine } from '../../core/ports.ts';
import type { Connection, DatabaseTarget } from '../../drivers/driver.ts';
import { byEngine } from '../../model/engine-id.ts';
import type { Applier, Bundle, BundleCommand, CommandJob, HeldLock } from '../applier.ts';
import type { FileTree } from '../file-tree.ts';
import { joinPath } from '../folder.ts';
import { EF_ITSELF } from './efcore-layout.ts';
import type { HistoryPlace } from './history-place.ts';
import { idempotentScript } from './idempotent-script.ts';

/** What the history is told where no file says which version of EF Core it is. */
export const NEWEST_READ = '10.0.0';

/** What `dotnet ef` has to be told of a project; paths are relative to the root. */
export interface EfProject {
  /** The project file above the migrations. */
  readonly project?: string;
  /** The program that builds the context, where it is another project. */
  readonly startup?: string;
  readonly context?: string;
  /** Of EF Core, as the snapshot has it: `10.0.3`. */
  readonly version?: string;
  /** A manifest of the workspace names the tool. */
  readonly isInManifest: boolean;
}

/** A command of `dotnet ef` for a project, as a person types it: `dotnet ef migrations add Nick --project App.csproj`. */
export function efWords(command: string, found: EfProject): string {
  return ['dotnet ef', command, ...shownWordsOf(found)].join(' ');
}

function shownWordsOf(found: EfProject): readonly string[] {
  return wordsOf(found).map((word) => (/[\s"]/.test(word) ? `"${word}"` : word));
}

/** How EF Core's own command applies and reverts the migrations of a folder. */
export function efApplier(found: EfProject, place: HistoryPlace): Applier {
  const words = wordsOf(found);
  const shown = ['dotnet ef database update', ...shownWordsOf(found)];
  return {
    kind: 'command',
    why: `${EF_ITSELF}.`,
    apply: shown.join(' '),
    list: efWords('migrations list', found),
    revert: [shown[0], 'MIGRATION', ...shown.slice(1)].join(' '),
    run: (job) => [commandLine(job, words)],
    ...(found.version === undefined ? {} : { transactions: /^9\./.test(found.version) ? 'all' : 'each' }),
    explain: (printed) => explain(printed, found),
    idempotentScript: (request) => idempotentScript(request, found.version ?? NEWEST_READ, place),
    bundle: (bundle) => efBundle(found, bundle),
    heldLock: (connection) =>
      byEngine<() => Promise<HeldLock | undefined>>(connection.dialect, {
        // Npgsql locks the history's table in a transaction, which ends with its session.
        postgresql: async () => undefined,
        sqlite: () => rowThatLocks(connection),
      })(),
  };
}

const LOCK_TABLE = '"__EFMigrationsLock"';

/** Since EF Core 9 a row locks a SQLite database: who finds one waits until it is gone, for ever. */
async function rowThatLocks(connection: Connection): Promise<HeldLock | undefined> {
  const tables = await connection.query("SELECT name FROM sqlite_schema WHERE name = '__EFMigrationsLock'");
  if (tables.length === 0) return undefined;
  const [row] = await connection.query(`SELECT "Timestamp" AS since FROM ${LOCK_TABLE}`);
  return row === undefined
    ? undefined
    : { what: `the row in ${LOCK_TABLE} of ${String(row['since'])}`, release: `DELETE FROM ${LOCK_TABLE};` };
}

function wordsOf({ project, startup, context }: EfProject): readonly string[] {
  return [
    ...(project === undefined ? [] : ['--project', project]),
    ...(startup === undefined ? [] : ['--startup-project', startup]),
    ...(context === undefined ? [] : ['--context', context]),
  ];
}

/** A bundle of `dotnet ef migrations bundle`, built by that where it is not there, as it is told what to do. */
function efBundle(found: EfProject, { path, name, isThere }: Bundle): BundleCommand {
  return {
    apply: name,
    run: ({ target, root, database }) => {
      const { text, environment } = connectionString(database);
      const quiet = { DOTNET_NOLOGO: '1', DOTNET_CLI_UI_LANGUAGE: 'en' };
      const build: CommandLine = {
        command: 'dotnet',
        words: ['ef', 'migrations', 'bundle', ...wordsOf(found), '--output', path],
        folder: root,
        environment: quiet,
      };
      const run: CommandLine = {
        command: path,
        // As above: what is secret stands in the environment.
        words: [target ?? '0', '--no-color', '--connection', text],
        folder: root,
        environment: { ...environment, ...quiet },
      };
      return isThere ? [run] : [build, run];
    },
    explain: (printed) => {
      if (printed === 'missing')
        return isThere
          ? `${name} cannot be run on this machine: build it here, or for this machine by "${efWords('migrations bundle', found)} --target-runtime ...".`
          : explain('missing', found);
      const unknown = printed.map((line) => /The migration '([^']*)' was not found/.exec(line)?.[1]).find(Boolean);
      return unknown === undefined
        ? explain(printed, found)
        : `${name} does not hold ${unknown}: it was built before that was written. Build it again by "${efWords('migrations bundle', found)} --force".`;
    },
  };
}

function commandLine({ target, root, database }: CommandJob, words: readonly string[]): CommandLine {
  const { text, environment } = connectionString(database);
  return {
    command: 'dotnet',
    // Words of a command can be seen by others on the machine, and so they hold no password.
    words: ['ef', 'database', 'update', target ?? '0', ...words, '--connection', text],
    folder: root,
    environment: { ...environment, DOTNET_NOLOGO: '1', DOTNET_CLI_UI_LANGUAGE: 'en' },
  };
}

/** The database as ADO.NET writes it, and the variables that hold what must not be read by others. */
function connectionString(database: DatabaseTarget): {
  readonly text: string;
  readonly environment: Readonly<Record<string, string>>;
} {
  return byEngine(database.dialect, {
    postgresql: () => postgresConnection(database.url),
    sqlite: () => ({ text: joined({ 'Data Source': database.url }), environment: {} }),
  })();
}

function postgresConnection(text: string): ReturnType<typeof connectionString> {
  const url = new URL(text);
  const mode = url.searchParams.get('sslmode');
  const parts: Readonly<Record<string, string>> = {
    Host: decodeURIComponent(url.searchParams.get('host') ?? (url.hostname === '' ? 'localhost' : url.hostname)),
    Port: url.searchParams.get('port') ?? (url.port === '' ? '5432' : url.port),
    Database: decodeURIComponent(url.pathname.slice(1)),
    Username: decodeURIComponent(url.username),
    'SSL Mode': mode === null ? '' : mode.replaceAll('-', ''),
  };
  const password = decodeURIComponent(url.password);
  return { text: joined(parts), environment: password === '' ? {} : { PGPASSWORD: password } };
}

function joined(parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${/[;"'\s=]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value}`)
    .join(';');
}

/** The project that a folder of migrations belongs to, as far as its files tell. */
export async function efProject(tree: FileTree, folder: string): Promise<EfProject> {
  const project = await projectAbove(tree, folder);
  const startup = project === undefined ? undefined : await startupOf(tree, project);
  const view = await tree.folder(folder);
  const snapshot = view?.files.find((name) => /Snapshot\.cs$/i.test(name));
  const newest =
    view?.files.findLast((name) => /\.Designer\.cs$/i.test(name)) ??
    view?.files.findLast((name) => /\.cs$/i.test(name));
  const texts = await Promise.all(
    [snapshot, newest].map(async (name) =>
      name === undefined ? '' : ((await tree.text(joinPath(folder, name))) ?? ''),
    ),
  );
  const text = texts.join('\n');
  const context = /\[(?:\w+\.)*DbContext(?:Attribute)?\(\s*typeof\(\s*((?:\w+\.)*\w+)\s*\)/.exec(text)?.[1];
  const version = /"ProductVersion",\s*"(\d[\w.-]*)"/.exec(text)?.[1];
  const manifests = await Promise.all(
    ['.config/dotnet-tools.json', 'dotnet-tools.json'].map((name) => tree.text(name)),
  );
  return {
    ...(project === undefined ? {} : { project }),
    ...(startup === undefined ? {} : { startup }),
    ...(context === undefined ? {} : { context }),
    ...(version === undefined ? {} : { version }),
    isInManifest: manifests.some((manifest) => manifest?.includes('dotnet-ef') === true),
  };
}

/** The project file in the nearest folder above; undefined where there is none, or more than one. */
async function projectAbove(tree: FileTree, path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const projects = (await tree.folder(folder))?.files.filter((name) => /\.csproj$/i.test(name)) ?? [];
    const [project] = projects;
    if (project !== undefined) return projects.length === 1 ? joinPath(folder, project) : undefined;
    if (folder === '') return undefined;
  }
}

const RUNS = /Sdk="Microsoft\.NET\.Sdk\.(?:Web|Worker|BlazorWebAssembly)"|<OutputType>\s*(?:Win)?Exe\s*</i;

/** The one program that refers to a library of migrations; undefined where the project runs itself, or it is not clear. */
async function startupOf(tree: FileTree, project: string): Promise<string | undefined> {
  if (RUNS.test((await tree.text(project)) ?? '')) return undefined;
  const name = project.slice(project.lastIndexOf('/') + 1).toLowerCase();
  const found: string[] = [];
  for (const view of await tree.walk()) {
    for (const file of view.files) {
      if (!/\.csproj$/i.test(file)) continue;
      const path = joinPath(view.path, file);
      const text = (await tree.text(path)) ?? '';
      const refers = [...text.matchAll(/<ProjectReference\s+Include="([^"]+)"/gi)].some(
        ([, reference]) => reference?.split(/[\\/]/).at(-1)?.toLowerCase() === name,
      );
      if (refers && RUNS.test(text)) found.push(path);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

/** What stood against the command, in sentences that say what to do. */
function explain(printed: readonly string[] | 'missing', found: EfProject): string {
  const version = found.version === undefined ? '' : ` --version ${found.version}`;
  const install = found.isInManifest
    ? 'run "dotnet tool restore"'
    : `install it by "dotnet tool install --global dotnet-ef${version}"`;
  if (printed === 'missing')
    return `The .NET SDK is not on this machine, so that EF Core cannot run its migrations: install the SDK, then ${install}. Lint, status and "lockstep script" work without it.`;
  const text = printed.join('\n');
  const told: readonly (readonly [RegExp, string])[] = [
    [
      /dotnet-ef does not exist|Could not execute because the specified command or file was not found|Run "dotnet tool restore"/,
      `The command dotnet ef is not on this machine: ${install}.`,
    ],
    [
      /You must install or update \.NET to run this application|compatible \.NET SDK was not found|framework '[^']+', version '[^']+' .*was not found/,
      `The .NET on this machine is not the one that dotnet ef or the project needs: install that, or ${install.replace(/^install it/, 'the tool')}.`,
    ],
    [
      /Could not load (?:file or assembly|type)|System\.(?:MissingMethod|TypeLoad)Exception|Method not found: '|does not have an implementation/,
      `dotnet ef or one of the packages is of another version than the project's EF Core${found.version === undefined ? '' : `, ${found.version}`}: bring the packages of EF Core to one version, and ${install}.`,
    ],
    [
      /NETSDK1004|Unable to retrieve project metadata/,
      'The packages of the project are not restored, so that dotnet ef cannot read it: run "dotnet restore".',
    ],
    [/No project was found|MSB1009|MSB1003/, 'dotnet ef found no project to build.'],
    [/Build failed/, 'The project does not build, so that nothing was run: see "dotnet build".'],
    [
      /Unable to create a '?DbContext|Unable to create an object of type|Unable to resolve service/,
      `EF Core could not make the context${found.context === undefined ? '' : ` ${found.context}`}: the start-up project${found.startup === undefined ? '' : ` ${found.startup}`} has to build it, or a design-time factory beside it.`,
    ],
    [/More than one DbContext was found/, 'The project has several contexts, and which one is meant is not known.'],
    [
      /PendingModelChangesWarning|has pending changes/,
      'The model has changes that no migration has: add one by "dotnet ef migrations add NAME" first.',
    ],
    [
      /ExclusiveLock|__EFMigrationsLock/,
      'Another run holds the lock of the migrations, or one that was ended left it.',
    ],
    [/Connection refused|Failed to connect|No such host/, 'EF Core could not connect to the database.'],
    [/28P01|28000|password authentication failed/, 'The database refused the user or the password.'],
  ];
  const known = told.find(([form]) => form.test(text))?.[1];
  // What EF Core says last is the error itself, below its stack.
  const last = printed.findLast((line) => line.trim() !== '' && !/^\s+at\s/.test(line))?.trim();
  return known ?? `dotnet ef ended with an error: ${last ?? 'it said nothing'}`.replace(/([^.])$/, '$1.');
}
