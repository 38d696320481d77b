import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  // out: './old',
  out: './drizzle',
  dialect: 'postgresql',
  schema: './src/schema.ts',
});
