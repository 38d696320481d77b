import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/postgresql';

export default defineConfig({
  clientUrl: process.env.DATABASE_URL,
  extensions: [Migrator],
  discovery: { warnWhenNoEntities: false },
  migrations: { pathTs: './src/migrations', snapshot: false, allOrNothing: false },
});
