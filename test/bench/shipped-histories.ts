import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

/** Where a package of npm keeps its migrations for PostgreSQL, and how the SQL stands in them. */
export interface ShippedHistory {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly form: 'sql' | 'prisma' | 'typeorm' | 'db-migrate';
  /** What the package's tool makes before the first migration. */
  readonly setup?: string;
}

export const SHIPPED_HISTORIES: readonly ShippedHistory[] = [
  { name: '@paperclipai/db', version: '2026.824.1', folder: 'dist/migrations', form: 'sql' },
  { name: '@danielcok17/prisma-db', version: '1.20.36', folder: 'prisma/migrations', form: 'prisma' },
  { name: '@dxheroes/local-mcp-database', version: '0.7.2', folder: 'prisma/migrations', form: 'prisma' },
  {
    name: 'flowise',
    version: '3.1.2',
    folder: 'dist/database/migrations/postgres',
    form: 'typeorm',
    setup: 'CREATE EXTENSION "uuid-ossp"',
  },
  { name: 'unleash-server', version: '7.5.1', folder: 'dist/migrations', form: 'db-migrate' },
];

/** One migration of a history, as statements of SQL. */
export interface ShippedMigration {
  readonly name: string;
  readonly sql: string;
}

/** Migrations of a history in their order. A package is fetched by `npm pack` once and kept under dist/test/histories. */
export async function migrationsOf(shipped: ShippedHistory): Promise<readonly ShippedMigration[]> {
  const files = path.join(await fetched(shipped), shipped.folder);
  return readdirSync(files)
    .sort()
    .flatMap((name): readonly ShippedMigration[] => {
      const sql = sqlOf(shipped, path.join(files, name));
      return sql === undefined ? [] : [{ name, sql: `${sql.trim().replace(/;$/, '')};` }];
    });
}

async function fetched({ name, version }: ShippedHistory): Promise<string> {
  const home = path.join(root, 'dist/test/histories', `${name.replaceAll(/[^\w.-]+/g, '-')}-${version}`);
  const unpacked = path.join(home, 'package');
  if (existsSync(unpacked)) return unpacked;
  mkdirSync(home, { recursive: true });
  const { stdout } = await run('npm', ['pack', `${name}@${version}`, '--pack-destination', home, '--ignore-scripts'], {
    cwd: home,
  });
  await run('tar', ['-xzf', path.join(home, stdout.trim().split('\n').at(-1) ?? ''), '-C', home]);
  return unpacked;
}

/** SQL of one file or folder of a history; undefined where it is no migration, or one whose SQL is made when it runs. */
function sqlOf({ form }: ShippedHistory, entry: string): string | undefined {
  const file = form === 'prisma' ? path.join(entry, 'migration.sql') : entry;
  if (!existsSync(file)) return undefined;
  switch (form) {
    case 'sql':
      return file.endsWith('.sql') ? readFileSync(file, 'utf8').replaceAll('--> statement-breakpoint', '') : undefined;
    case 'prisma':
      return readFileSync(file, 'utf8');
    case 'typeorm':
      return sqlOfModule(file, /up\(/, /query\(\s*([`'"])([\s\S]*?)(?<!\\)\1/g);
    case 'db-migrate':
      return sqlOfModule(file, /exports\.up|function up/, /runSql\(\s*([`'"])([\s\S]*?)(?<!\\)\1/g);
  }
}

/** SQL of the way up in a module of JavaScript: the strings that it gives to a call, as far as they are plain ones. */
function sqlOfModule(file: string, up: RegExp, call: RegExp): string | undefined {
  if (!/^\d+.*\.js$/.test(path.basename(file))) return undefined;
  const text = readFileSync(file, 'utf8');
  const start = up.exec(text)?.index;
  if (start === undefined) return undefined;
  const body = text.slice(start).split(/\n\s*(?:async )?down\(|exports\.down/)[0] ?? '';
  const statements = [...body.matchAll(call)].map((match) =>
    (match[2] ?? '')
      .replaceAll('\\`', '`')
      .replaceAll('\\n', '\n')
      .replaceAll("\\'", "'")
      .trim()
      .replace(/;?\s*$/, ';'),
  );
  const sql = statements.join('\n');
  return sql === '' || sql.includes('${') ? undefined : sql;
}
