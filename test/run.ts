// Runs every suite one after the other and adds up their results: the README's test command.
//   node test/run.ts [check] [unit] [process] [database] [faults] [vscode] [WORD...]     all suites without words
// Other words pick the test files whose path holds one of them: `node test/run.ts database plan`.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultTable, type FaultTally } from './support/faults/tally.ts';
import { browser, lookForNeeds, reasonOf } from './support/needs.ts';
import { proofTable, type Proof } from './support/proof.ts';

const root = path.resolve(import.meta.dirname, '..');

/** better-sqlite3 crashes the process below this Node-API version (Node 22.14). */
const LEAST_NODE_API = 10;

interface Result {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** What failed, by its name, so that the end of a long run says it once more. */
  readonly failures?: readonly string[];
  readonly proofs?: readonly Proof[];
  /** Test files, relative to the repository, once for each of their skipped tests. */
  readonly skipped?: readonly string[];
  readonly faults?: readonly FaultTally[];
}

/** What is read of vitest's JSON report, whose shape is Jest's with each test's own facts. */
interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message?: string;
    readonly status?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
      readonly meta?: { readonly proof?: Proof; readonly faults?: FaultTally };
    }[];
  }[];
}

/** What a line of our own programs begins with that tells a failure. */
const FAILED = 'FAIL ';

function run(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly lastLine: string; readonly failures: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      text += chunk.toString();
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      const lines = text.trimEnd().split('\n');
      resolve({
        code: code ?? 1,
        lastLine: lines.at(-1) ?? '',
        failures: lines.filter((line) => line.startsWith(FAILED)).map((line) => line.slice(FAILED.length)),
      });
    });
  });
}

/** Vitest writes its counts into a file, so that nothing is read from what it prints for people. */
async function vitest(
  suite: string,
  environment: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<Result> {
  const started = Date.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-test-'));
  const file = path.join(folder, 'result.json');
  try {
    const { code } = await run(
      process.execPath,
      [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config',
        'test/vitest.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
        ...words,
      ],
      environment,
    );
    if (!existsSync(file)) return { suite, passed: 0, failed: 1, seconds: (Date.now() - started) / 1000 };
    // Vitest wrote it in this shape just now.
    const counts = JSON.parse(readFileSync(file, 'utf8')) as Counts;
    const shown = counts.testResults.flatMap((result) =>
      result.assertionResults.flatMap((test) => (test.status === 'skipped' ? [] : (test.meta ?? []))),
    );
    // A file that cannot be loaded fails no test, and a run without tests has shown nothing.
    const isBroken = (code !== 0 && counts.numFailedTests === 0) || counts.numPassedTests === 0;
    return {
      suite,
      passed: counts.numPassedTests,
      failed: counts.numFailedTests + (isBroken ? 1 : 0),
      seconds: (Date.now() - started) / 1000,
      failures: counts.testResults.flatMap(failuresOf),
      proofs: shown.flatMap((meta) => meta.proof ?? []),
      faults: shown.flatMap((meta) => meta.faults ?? []),
      skipped: counts.testResults.flatMap(({ name, assertionResults }) =>
        assertionResults.flatMap(({ status }) =>
          status === 'passed' || status === 'failed' ? [] : [path.relative(root, name)],
        ),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each test of a file that failed with the first line of its message, or the file where it could not be loaded. */
function failuresOf({ name, status, message, assertionResults }: Counts['testResults'][number]): readonly string[] {
  const file = path.relative(root, name);
  const firstLine = (text: string | undefined): string => (text ?? '').split('\n', 1)[0] ?? '';
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `${file}: ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`);
  return tests.length === 0 && status === 'failed' ? [`${file}: ${firstLine(message)}`] : tests;
}

/** A program of our own that closes with a line `N passed, N failed`. */
async function program(suite: string, file: string): Promise<Result> {
  const started = Date.now();
  const { code, lastLine, failures } = await run(process.execPath, [path.join(root, file)]);
  const counts = /^(\d+) passed, (\d+) failed/.exec(lastLine);
  const passed = Number(counts?.[1] ?? 0);
  const failed = Number(counts?.[2] ?? 0);
  return {
    suite,
    passed,
    failed: failed + ((code !== 0 && failed === 0) || passed === 0 ? 1 : 0),
    seconds: (Date.now() - started) / 1000,
    failures,
  };
}

/** What `npm run check` runs, each program one test. */
async function check(): Promise<Result> {
  const started = Date.now();
  // Our own file.
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly check: string };
  };
  let passed = 0;
  const failures: string[] = [];
  for (const step of scripts.check.split(' && ')) {
    const [name = '', ...words] = step.split(' ');
    const { code } = await run(path.join(root, 'node_modules/.bin', name), words);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${step}`);
    if (code === 0) passed++;
    else failures.push(step);
  }
  return {
    suite: 'types, style, unused code',
    passed,
    failed: failures.length,
    seconds: (Date.now() - started) / 1000,
    failures,
  };
}

const SUITES: Readonly<Record<string, (words: readonly string[]) => Promise<readonly Result[]>>> = {
  check: async () => [await check()],
  unit: async (words) => [await vitest('unit', { LOCKSTEP_TESTS: 'unit' }, words)],
  process: async (words) => [await vitest('command line and server', { LOCKSTEP_TESTS: 'process' }, words)],
  // Who asks for some files wants all that they can show; a whole run leaves the majors between oldest and newest out where each takes long.
  database: async (words) => [
    await vitest(
      'database',
      { LOCKSTEP_TESTS: 'database', ...(words.length === 0 ? {} : { LOCKSTEP_LOAD: 'all' }) },
      words,
    ),
  ],
  faults: async (words) => [await vitest('faults', { LOCKSTEP_TESTS: 'faults' }, words)],
  vscode: async () => {
    const results: Result[] = [];
    for (const [suite, file] of [
      ['extension host', 'test/vscode/run-host.ts'],
      ['keyboard and mouse', 'test/vscode/run-ui.ts'],
    ] as const) {
      results.push(await program(suite, file));
    }
    return results;
  },
};

if (Number(process.versions['napi'] ?? 0) < LEAST_NODE_API) {
  console.error(
    `This is Node.js ${process.version}: the tests need 22.14 or later. "npm ci" installs it on Linux; run them by "npm test".`,
  );
  process.exit(2);
}
console.log(`Node.js ${process.version}`);
const wanted = process.argv.slice(2).filter((word) => word in SUITES);
const words = process.argv.slice(2).filter((word) => !(word in SUITES));
const suites = Object.keys(SUITES).filter((name) =>
  // Words pick test files, which these suites have none of.
  wanted.length > 0 ? wanted.includes(name) : words.length === 0 || (name !== 'check' && name !== 'vscode'),
);
const missing = lookForNeeds(suites, (line) => console.log(line));
const found = suites.includes('vscode') ? browser() : undefined;
if (found !== undefined) process.env['CHROMIUM'] = found;
const results: Result[] = [];
/** Suites that do not run, and how many tests were skipped, by the reason why. */
const skips = new Map<string, string>();
for (const name of suites) {
  const stop = missing.find(({ need, isBrought }) => !isBrought && need.stops?.includes(name) === true);
  if (stop === undefined) {
    results.push(...((await SUITES[name]?.(words)) ?? []));
    continue;
  }
  skips.set(`without ${stop.need.title}`, `suite "${name}"`);
  // Who asked for it, and who must not miss it, is not told that all is well.
  if (wanted.includes(name) || process.env['CI'] !== undefined)
    results.push({ suite: name, passed: 0, failed: 1, seconds: 0 });
}
const proofs = results.flatMap((result) => result.proofs ?? []);
if (proofs.length > 0) console.log(`\n${proofTable(proofs)}\n`);
const faults = results.flatMap((result) => result.faults ?? []);
if (faults.length > 0) console.log(`\n${faultTable(faults)}\n`);
const sum = (pick: (result: Result) => number): number => results.reduce((total, result) => total + pick(result), 0);
for (const result of results)
  console.log(
    `${result.suite.padEnd(24)} ${String(result.passed).padStart(6)} passed ${String(result.failed).padStart(4)} failed  ${result.seconds.toFixed(1)} s`,
  );
const skipped = Map.groupBy(
  results.flatMap((result) => result.skipped ?? []),
  (file) => reasonOf(file, missing),
);
for (const [reason, files] of skipped) skips.set(reason, `${files.length} tests`);
for (const { suite, failures = [] } of results)
  for (const failure of failures) console.log(`failed, ${suite}: ${failure}`);
for (const [reason, what] of skips) console.log(`Skipped ${reason}: ${what}`);
const failed = sum((result) => result.failed);
console.log(`${sum((result) => result.passed)} passed, ${failed} failed`);
process.exit(failed === 0 && results.length > 0 ? 0 : 1);
