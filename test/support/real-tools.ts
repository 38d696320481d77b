import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);
/** An npm project of its own: the tools are large, and no other test needs them. */
const HOME = path.resolve(import.meta.dirname, '../tools/real');
export const MODULES = path.join(HOME, 'node_modules');

type Files = Readonly<Record<string, string>>;

/** A migration tool out of its npm package, run on a folder that holds a project of it. */
export interface RealTool {
  /** As in {@link TOOL_CASES}. */
  readonly id: string;
  /** The npm package that tells the version. */
  readonly package: string;
  readonly databases: readonly ('sqlite' | 'postgresql')[];
  /** Qualified name of the history table on each. */
  readonly history: { readonly postgresql?: string; readonly sqlite?: string };
  /** Tables that the tool makes for itself alone: what it locks its own runs by. */
  readonly ownTables?: readonly string[];
  /** Columns of the history that differ from run to run: times and random ids. */
  readonly differing: readonly string[];
  /** Where the tool keeps its SQLite database below the project's folder; `app.db` where it is told. */
  readonly sqliteFile?: string;
  /** What it needs that npm does not bring; undefined where it is there. */
  readonly missing?: () => string | undefined;
  /** The files of the project with its first migration alone. */
  first(files: Files): Files;
  /** Runs all that is pending in the folder. `url` is that of PostgreSQL, or `file:` and the path of a SQLite file. */
  up(folder: string, url: string): Promise<void>;
  /** Reverts the last one; absent where the tool has no way back. */
  down?(folder: string, url: string): Promise<void>;
  /** How many migrations it says are pending, where it has a command that says so. */
  pending?(folder: string, url: string): Promise<number>;
}

/**
 * Installs the tools where they are not yet.
 *
 * @returns why they cannot be used, undefined where they can
 */
export function installRealTools(): string | undefined {
  const lock = readFileSync(path.join(HOME, 'package-lock.json'), 'utf8');
  const installed = path.join(MODULES, '.lock-of-this-install');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return undefined;
  try {
    // By the lock, which "npm ci" refuses: a registry need not hold the tools' binaries for every other platform.
    execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: HOME,
      stdio: 'pipe',
      timeout: 280_000,
    });
  } catch (error) {
    return `other migration tools could not be installed: run "npm install --no-save --ignore-scripts" in test/tools/real (${reasonOf(error)})`;
  }
  chmodSync(path.join(MODULES, 'liquibase/dist/liquibase/liquibase'), 0o755);
  writeFileSync(installed, lock);
  return undefined;
}

/** npm's own first words of a failure. */
function reasonOf(error: unknown): string {
  const told = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const line = told.split('\n').find((each) => /^npm error (?!code\b)\S/.test(each));
  return line?.replace('npm error ', '') ?? String(error).split('\n')[0] ?? '';
}

export function versionOf(tool: Pick<RealTool, 'package'>): string {
  // npm wrote it.
  const manifest = JSON.parse(readFileSync(path.join(HOME, 'package.json'), 'utf8')) as Manifest;
  return manifest.dependencies[tool.package] ?? '';
}

/** Leaves out all files of a folder but the first by name. */
function firstFile(files: Files, folder: string): Files {
  const [kept] = Object.keys(files)
    .filter((name) => path.posix.dirname(name) === folder && name.endsWith('.sql'))
    .toSorted();
  return Object.fromEntries(
    Object.entries(files).filter(([name]) => path.posix.dirname(name) !== folder || name === kept),
  );
}

async function command(folder: string, url: string, program: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execFileAsync(program, [...words], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url, CI: '1', WRANGLER_SEND_METRICS: 'false' },
    timeout: 100_000,
  });
  return stdout + stderr;
}

function bin(name: string): string {
  return path.join(MODULES, '.bin', name);
}

async function liquibase(folder: string, url: string, ...words: readonly string[]): Promise<string> {
  const { host, pathname, username } = new URL(url);
  return command(
    folder,
    url,
    path.join(MODULES, 'liquibase/dist/liquibase/liquibase'),
    `--url=jdbc:postgresql://${host}${pathname}`,
    `--username=${username}`,
    '--password=none',
    '--changelog-file=db/changelog/db.changelog-master.yaml',
    ...words,
  );
}

function whyNoJava(): string | undefined {
  try {
    execFileSync('java', ['-version'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'Liquibase needs Java: install Debian\'s "default-jre-headless"';
  }
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Journal {
  readonly entries: readonly unknown[];
}

export const REAL_TOOLS: readonly RealTool[] = [
  {
    id: 'node-pg-migrate',
    package: 'node-pg-migrate',
    databases: ['postgresql'],
    history: { postgresql: 'public.pgmigrations' },
    differing: ['run_on'],
    first: (files) => firstFile(files, 'migrations'),
    up: async (folder, url) => {
      await command(folder, url, bin('node-pg-migrate'), 'up');
    },
    down: async (folder, url) => {
      await command(folder, url, bin('node-pg-migrate'), 'down');
    },
    pending: async (folder, url) =>
      [...(await command(folder, url, bin('node-pg-migrate'), 'up', '--dry-run')).matchAll(/^> - /gm)].length,
  },
  {
    id: 'graphile-migrate',
    package: 'graphile-migrate',
    databases: ['postgresql'],
    history: { postgresql: 'graphile_migrate.migrations' },
    differing: ['date'],
    first: (files) => firstFile(files, 'migrations/committed'),
    up: async (folder, url) => {
      await command(folder, url, bin('graphile-migrate'), 'migrate');
    },
  },
  {
    id: 'drizzle',
    package: 'drizzle-orm',
    databases: ['postgresql', 'sqlite'],
    history: { postgresql: 'drizzle.__drizzle_migrations', sqlite: '__drizzle_migrations' },
    differing: [],
    first: (files) => {
      const journal = JSON.parse(files['drizzle/meta/_journal.json'] ?? '') as Journal;
      return {
        ...firstFile(files, 'drizzle'),
        'drizzle/meta/_journal.json': JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }),
      };
    },
    up: async (folder, url) => {
      await command(folder, url, process.execPath, path.join(HOME, 'drizzle.mjs'), folder, url);
    },
  },
  {
    id: 'prisma',
    package: '@prisma/schema-engine-wasm',
    databases: ['postgresql', 'sqlite'],
    history: { postgresql: 'public._prisma_migrations', sqlite: '_prisma_migrations' },
    differing: ['id', 'started_at', 'finished_at'],
    first: (files) =>
      Object.fromEntries(Object.entries(files).filter(([name]) => !/_(nick|index)\/migration\.sql$/.test(name))),
    up: async (folder, url) => {
      await command(folder, url, process.execPath, path.join(HOME, 'prisma.mjs'), folder, url);
    },
  },
  {
    id: 'supabase',
    package: 'supabase',
    databases: ['postgresql'],
    history: { postgresql: 'supabase_migrations.schema_migrations' },
    differing: [],
    first: (files) => firstFile(files, 'supabase/migrations'),
    up: async (folder, url) => {
      await command(folder, url, bin('supabase'), 'db', 'push', '--yes', '--db-url', url);
    },
    pending: async (folder, url) =>
      [
        ...(await command(folder, url, bin('supabase'), 'migration', 'list', '--db-url', url)).matchAll(
          /^\s*`\d{14}`\s*\|[\s`]*\|/gm,
        ),
      ].length,
  },
  {
    id: 'liquibase',
    package: 'liquibase',
    databases: ['postgresql'],
    history: { postgresql: 'public.databasechangelog' },
    ownTables: ['databasechangeloglock'],
    // Liquibase takes a sum that is not there from the file, at its next run.
    differing: ['dateexecuted', 'deployment_id', 'liquibase', 'md5sum'],
    missing: whyNoJava,
    first: (files) => ({
      'db/changelog/users.sql': (files['db/changelog/users.sql'] ?? '').split('--changeset alice:2')[0] ?? '',
      'db/changelog/db.changelog-master.yaml':
        (files['db/changelog/db.changelog-master.yaml'] ?? '').split('  - include:\n      file: index.sql')[0] ?? '',
    }),
    up: async (folder, url) => {
      await liquibase(folder, url, 'update');
    },
    down: async (folder, url) => {
      await liquibase(folder, url, 'rollback-count', '--count=1');
    },
  },
  {
    id: 'wrangler-d1',
    package: 'wrangler',
    databases: ['sqlite'],
    history: { sqlite: 'd1_migrations' },
    differing: ['applied_at'],
    // Named after the binding, which stands in the project's configuration.
    sqliteFile:
      '.wrangler/state/v3/d1/miniflare-D1DatabaseObject/e7352547963de7050bd7d94658afc4fe78b61811b7815da12d90be8e863abf4d.sqlite',
    first: (files) => firstFile(files, 'sql'),
    up: async (folder, url) => {
      await command(folder, url, bin('wrangler'), 'd1', 'migrations', 'apply', 'DB', '--local');
    },
  },
];
