// Drizzle's own migrator, which a service calls at its start.
//   node drizzle.mjs FOLDER URL      URL: postgres://... or file:PATH
import path from 'node:path';

const [, , folder = '', url = ''] = process.argv;
const migrationsFolder = path.join(folder, 'drizzle');

if (url.startsWith('file:')) {
  const { drizzle } = await import('drizzle-orm/better-sqlite3');
  const { migrate } = await import('drizzle-orm/better-sqlite3/migrator');
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(url.slice('file:'.length));
  migrate(drizzle(database), { migrationsFolder });
  database.close();
} else {
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate } = await import('drizzle-orm/node-postgres/migrator');
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await migrate(drizzle(client), { migrationsFolder });
  await client.end();
}
