import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { MODULES, versionOf } from './real-tools.ts';

const execFileAsync = promisify(execFile);

/** A real tool whose migrations are programs, run on the folder of its project. */
export interface ProgramTool {
  /** As in {@link TOOL_CASES}. */
  readonly id: string;
  /** Undefined where it is not on this machine, which is then told by `lacks`. */
  version(): string | undefined;
  readonly lacks: string;
  /** Files beside those of the project, so that the tool runs here; where a value is undefined, without it. */
  readonly more?: Readonly<Record<string, { readonly text: string; readonly isProgram?: true }>>;
  /** Its driver for SQLite is not among the packages, or its project here is one for PostgreSQL. */
  readonly isPostgresOnly?: true;
  /** Files that the project has instead where its database is a SQLite file. */
  readonly onSqlite?: Readonly<Record<string, string>>;
  /** Where the packages are that the project's `node_modules` would hold. */
  readonly modules?: string;
  /** The variable that the project takes the database's URL from, and its value. */
  variables(url: string): Readonly<Record<string, string>>;
  /** Applies up to a migration of the project; all where none is given. */
  up(run: Run, id?: string): Promise<void>;
  /** Reverts the newest; `before` is the one before it. */
  down(run: Run, before: string | undefined): Promise<void>;
  /** Ids that its own status tells as applied, of those of the project. */
  applied(run: Run, ids: readonly string[]): Promise<readonly string[]>;
}

/** Runs a program in the project's folder and gives what it printed. */
export type Run = (program: string, ...words: readonly string[]) => Promise<string>;

export function runIn(folder: string, variables: Readonly<Record<string, string>>): Run {
  return async (program, ...words) => {
    const { stdout, stderr } = await execFileAsync(program, [...words], {
      cwd: folder,
      env: { ...process.env, ...variables },
      timeout: 100_000,
    });
    return stdout + stderr;
  };
}

/** Debian's Python, which has what Debian's packages bring; another one may come first on the path. */
const PYTHON = '/usr/bin/python3';

function pythonVersion(module: string): string | undefined {
  const { status, stdout } = spawnSync(PYTHON, ['-c', `import ${module}, psycopg2; print(${module}.__version__)`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

const LACKS_NPM = 'run "npm install --no-save --ignore-scripts" in test/tools/real';

function npmVersion(name: string): string | undefined {
  return existsSync(path.join(MODULES, name)) ? versionOf({ package: name }) : undefined;
}

export const PROGRAM_TOOLS: readonly ProgramTool[] = [
  {
    id: 'alembic',
    version: () => pythonVersion('alembic'),
    lacks: 'install Debian\'s packages "alembic python3-psycopg2"',
    more: { '.venv/bin/alembic': { text: `#!/bin/sh\nexec ${PYTHON} -m alembic.config "$@"\n`, isProgram: true } },
    variables: (url) => ({ DATABASE_URL: url }),
    up: async (run, id = 'head') => {
      await run('.venv/bin/alembic', 'upgrade', id);
    },
    down: async (run, before) => {
      await run('.venv/bin/alembic', 'downgrade', before ?? 'base');
    },
    applied: async (run, ids) => {
      const current = /^[0-9a-f]{12}/m.exec(await run('.venv/bin/alembic', 'current'))?.[0];
      return ids.slice(0, current === undefined ? 0 : ids.indexOf(current) + 1);
    },
  },
  {
    id: 'django',
    version: () => pythonVersion('django'),
    lacks: 'install Debian\'s packages "python3-django python3-psycopg2"',
    more: { '.venv/bin/python': { text: `#!/bin/sh\nexec ${PYTHON} "$@"\n`, isProgram: true } },
    variables: (url) => ({ DATABASE_URL: url }),
    up: async (run, id) => {
      await run('.venv/bin/python', 'manage.py', 'migrate', 'shop', ...(id === undefined ? [] : [id]));
    },
    down: async (run, before = 'zero') => {
      await run('.venv/bin/python', 'manage.py', 'migrate', 'shop', before);
    },
    applied: async (run, ids) => {
      const told = await run('.venv/bin/python', 'manage.py', 'showmigrations', 'shop');
      return ids.filter((id) => told.includes(`[X] ${id}`));
    },
  },
  {
    id: 'knex',
    version: () => npmVersion('knex'),
    lacks: LACKS_NPM,
    modules: MODULES,
    onSqlite: {
      'knexfile.js':
        "const filename = (process.env.DATABASE_URL ?? '').replace('sqlite:///', '');\n\nmodule.exports = { client: 'better-sqlite3', connection: { filename }, useNullAsDefault: true };\n",
    },
    variables: (url) => ({ DATABASE_URL: url }),
    up: async (run, id) => {
      await run('npx', '--no-install', 'knex', ...(id === undefined ? ['migrate:latest'] : ['migrate:up', id]));
    },
    down: async (run) => {
      await run('npx', '--no-install', 'knex', 'migrate:down');
    },
    applied: async (run, ids) => {
      const [completed = ''] = (await run('npx', '--no-install', 'knex', 'migrate:list')).split(/\bPending\b/);
      return ids.filter((id) => completed.includes(id));
    },
  },
  {
    id: 'sequelize',
    version: () => npmVersion('sequelize'),
    lacks: LACKS_NPM,
    modules: MODULES,
    isPostgresOnly: true,
    // Tests run in an environment of their own name.
    more: {
      'config/config.json': {
        text: '{ "test": { "dialect": "postgres", "use_env_variable": "DATABASE_URL" } }\n',
      },
    },
    variables: (url) => ({ DATABASE_URL: url }),
    up: async (run, id) => {
      await run('npx', '--no-install', 'sequelize-cli', 'db:migrate', ...(id === undefined ? [] : ['--name', id]));
    },
    down: async (run) => {
      await run('npx', '--no-install', 'sequelize-cli', 'db:migrate:undo');
    },
    applied: async (run, ids) => {
      const told = await run('npx', '--no-install', 'sequelize-cli', 'db:migrate:status');
      return ids.filter((id) => told.includes(`up ${id}`));
    },
  },
  {
    id: 'kysely',
    version: () => npmVersion('kysely'),
    lacks: LACKS_NPM,
    modules: MODULES,
    isPostgresOnly: true,
    // It prints nothing in an environment of tests.
    variables: (url) => ({ DATABASE_URL: url, CONSOLA_LEVEL: '3' }),
    up: async (run, id) => {
      // One more, which is the first where one is asked for.
      await run('npx', '--no-install', 'kysely', id === undefined ? 'migrate:latest' : 'migrate:up');
    },
    down: async (run) => {
      await run('npx', '--no-install', 'kysely', 'migrate:down');
    },
    applied: async (run, ids) => {
      const told = (await run('npx', '--no-install', 'kysely', 'migrate:list')).split('\n');
      return ids.filter((id) => told.some((line) => line.includes(id) && !line.includes('[ ]')));
    },
  },
  {
    id: 'mikro-orm',
    version: () => npmVersion('@mikro-orm/migrations'),
    lacks: LACKS_NPM,
    modules: MODULES,
    isPostgresOnly: true,
    more: {
      'package.json': {
        text: '{ "name": "shop", "private": true, "type": "module", "dependencies": { "@mikro-orm/cli": "7.2.1" } }\n',
      },
      // In the one transaction that is around all otherwise, the index that is built outside one waits for it for ever.
      'mikro-orm.config.ts': {
        text: "import { Migrator } from '@mikro-orm/migrations';\nimport { defineConfig } from '@mikro-orm/postgresql';\n\nexport default defineConfig({\n  clientUrl: process.env.DATABASE_URL,\n  extensions: [Migrator],\n  discovery: { warnWhenNoEntities: false },\n  migrations: { pathTs: './src/migrations', snapshot: false, allOrNothing: false },\n});\n",
      },
      'tsconfig.json': { text: '{ "compilerOptions": { "module": "nodenext", "target": "es2022" } }\n' },
    },
    variables: (url) => ({ DATABASE_URL: url }),
    up: async (run, id) => {
      await run('npx', '--no-install', 'mikro-orm', 'migration:up', ...(id === undefined ? [] : ['--only', id]));
    },
    down: async (run) => {
      await run('npx', '--no-install', 'mikro-orm', 'migration:down');
    },
    applied: async (run, ids) => {
      const told = await run('npx', '--no-install', 'mikro-orm', 'migration:list');
      return ids.filter((id) => told.includes(id));
    },
  },
];
