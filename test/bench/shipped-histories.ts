import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { dbMigrateSql } from './db-migrate-sql.ts';

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
  const migrations: ShippedMigration[] = [];
  for (const name of readdirSync(files).sort()) {
    const sql = await sqlOf(shipped, path.join(files, name));
    if (sql !== undefined) migrations.push({ name, sql: `${sql.trim().replace(/;$/, '')};` });
  }
  return migrations;
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
async function sqlOf({ form }: ShippedHistory, entry: string): Promise<string | undefined> {
  const file = form === 'prisma' ? path.join(entry, 'migration.sql') : entry;
  if (!existsSync(file)) return undefined;
  switch (form) {
    case 'sql':
      return file.endsWith('.sql') ? readFileSync(file, 'utf8').replaceAll('--> statement-breakpoint', '') : undefined;
    case 'prisma':
      return readFileSync(file, 'utf8');
    case 'typeorm':
      return NUMBERED.test(path.basename(file)) ? typeormSql(readFileSync(file, 'utf8')) : undefined;
    case 'db-migrate':
      return NUMBERED.test(path.basename(file)) ? await dbMigrateSql(file) : undefined;
  }
}

/** A module of a migration, and not its types or source map. */
const NUMBERED = /^\d+.*\.js$/;

/** SQL of the way up in a module of TypeORM: the strings that it gives to a query runner, as far as they are plain ones. */
function typeormSql(text: string): string | undefined {
  const start = /up\(/.exec(text)?.index;
  if (start === undefined) return undefined;
  const body = text.slice(start).split(/\n\s*(?:async )?down\(/)[0] ?? '';
  const statements = [...body.matchAll(/query\(\s*([`'"])([\s\S]*?)(?<!\\)\1/g)].map((match) =>
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
