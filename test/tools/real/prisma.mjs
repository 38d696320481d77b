// What `prisma migrate deploy` does: Prisma's schema engine applies the pending migrations of a folder. (Prisma's own
// command downloads that engine as a program from a host that is no package registry; here it is WebAssembly from npm.)
//   node prisma.mjs FOLDER URL      URL: postgres://... or file:PATH
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';

const [, , folder = '', url = ''] = process.argv;
const base = path.join(folder, 'prisma/migrations');

async function adapter() {
  if (url.startsWith('file:')) return new (await import('@prisma/adapter-better-sqlite3')).PrismaBetterSqlite3({ url });
  return new (await import('@prisma/adapter-pg')).PrismaPg({ connectionString: url });
}

const provider = url.startsWith('file:') ? 'sqlite' : 'postgresql';
const engine = await SchemaEngine.new(
  { datamodels: [['schema.prisma', `datasource db { provider = "${provider}" }`]] },
  () => undefined,
  bindMigrationAwareSqlAdapterFactory(await adapter()),
);
const { appliedMigrationNames } = await engine.applyMigrations({
  migrationsList: {
    baseDir: base,
    lockfile: { path: 'migration_lock.toml', content: `provider = "${provider}"` },
    shadowDbInitScript: '',
    migrationDirectories: readdirSync(base, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted()
      .map((name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: readFileSync(path.join(base, name, 'migration.sql'), 'utf8') },
        },
      })),
  },
  filters: { externalTables: [], externalEnums: [] },
});
console.log(JSON.stringify(appliedMigrationNames));
// The adapter's pool stays open otherwise.
process.exit(0);
