import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

const PROCESS = [
  'test/cli/**/*.test.ts',
  'test/lsp/**/*.test.ts',
  'test/robustness/**/*.test.ts',
  // A SQLite database is opened in a process of its own.
  'test/runner/**/*.test.ts',
  'test/tools/**/*.test.ts',
  'test/drivers/sqlite.test.ts',
  'test/application/use-cases/**/*.test.ts',
  // These read one text in very many forms.
  'test/rules/variants.test.ts',
  'test/rules/corpus.test.ts',
  'test/languages/csharp/parse-again.test.ts',
  'test/analysis/kept-answer.test.ts',
  'test/analysis/unnamed-objects.test.ts',
  // These load the grammar of C#.
  'test/efcore/*.test.ts',
  // And these plan many migrations, each plan linted and folded until it holds.
  'test/analysis/fix-whole.test.ts',
  'test/planner/sqlite-wishes.test.ts',
];
const DATABASE = ['test/database/**/*.test.ts', 'test/*/dotnet/**/*.test.ts'];
const FAULTS = ['test/faults/**/*.test.ts'];

/**
 * Pure tests and those that start a process of ours by default; `LOCKSTEP_TESTS` picks one kind: `unit` the pure ones,
 * `process` those of the command line, the language server and the tools with their SQLite databases, and those that read
 * very large or very many texts, `database` those on real servers and with other real tools, such as EF Core's, `faults` those that end, cut and race
 * runs on servers.
 */
const kind = process.env['LOCKSTEP_TESTS'];
const include =
  kind === 'database' ? DATABASE : kind === 'faults' ? FAULTS : kind === 'process' ? PROCESS : ['test/**/*.test.ts'];

export default defineConfig({
  test: {
    ...(kind === 'unit' ? {} : { globalSetup: [`${import.meta.dirname}/support/scratch.ts`] }),
    include,
    exclude: [
      'test/vscode/**',
      '**/node_modules/**',
      ...(kind === 'database' ? [] : DATABASE),
      ...(kind === 'faults' ? [] : FAULTS),
      ...(kind === 'unit' ? PROCESS : []),
    ],
    // Far above what any takes alone: a machine that does much else besides must fail none.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Faults wait for servers and locks most of their time.
    maxWorkers: kind === 'faults' ? 3 : 2,
    // Tests start many processes of the same few programs: what Node.js compiles of them is kept, by their content.
    env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'lockstep-compile-cache') },
    // Pure tests leave nothing behind, so that a worker may go on with the parsers that it has loaded.
    isolate: kind !== 'unit',
  },
});
