import { defineConfig } from 'vitest/config';

/** Pure tests by default; `LOCKSTEP_TESTS=database` runs those that need real servers. */
const database = process.env['LOCKSTEP_TESTS'] === 'database';

export default defineConfig({
  test: {
    include: database ? ['test/database/**/*.test.ts'] : ['test/**/*.test.ts'],
    exclude: database ? [] : ['test/database/**', 'test/vscode/**', '**/node_modules/**'],
    testTimeout: database ? 120_000 : 10_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
