// Activation in a real extension host, and the sizes of what is installed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { buildVsix, call, installHost, VSIX } from '../vscode/prepare.ts';
import { ms, percentile, table } from './measure.ts';
import { root } from './tools.ts';

/** Each extension is the first to be activated in as many of them as any other. */
const STARTS = 6;

const LOCKSTEP = 'lockstep.lockstep';
/** VS Code's own: one of 6 kB that registers a setting's listener, which is what any activation costs on this machine. */
const LEAST = 'vscode.jake';

/** Milliseconds of each activation, one after the other, in a folder that gives no reason to activate before it is asked for. */
async function activationTimes(suite: string, ids: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-bench-'));
  const result = path.join(folder, 'result.json');
  try {
    await runTests({
      vscodeExecutablePath: process.env['VSCODE_EXECUTABLE'] ?? path.join(root, 'test/vscode/code-host.mjs'),
      extensionDevelopmentPath: root,
      extensionTestsPath: suite,
      launchArgs: [folder, '--disable-extensions'],
      extensionTestsEnv: { LOCKSTEP_HOST_RESULT: result, LOCKSTEP_BENCH_EXTENSIONS: ids.join(' ') },
    });
    // Written by activation-suite.ts.
    return JSON.parse(readFileSync(result, 'utf8')) as Readonly<Record<string, number>>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Markdown: activation and sizes against their aims. */
export async function activation(): Promise<string> {
  installHost();
  buildVsix();
  const suite = path.join(root, 'dist/test/activation-suite.cjs');
  mkdirSync(path.dirname(suite), { recursive: true });
  await build({
    entryPoints: [path.join(import.meta.dirname, 'activation-suite.ts')],
    outfile: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  const taken: Readonly<Record<string, number>>[] = [];
  for (let start = 0; start < STARTS; start++)
    taken.push(await activationTimes(suite, start % 2 === 0 ? [LOCKSTEP, LEAST] : [LEAST, LOCKSTEP]));
  const median = (id: string, place: number): string =>
    ms(
      percentile(
        taken
          .filter((_, start) => (start % 2 === 0) === ((id === LOCKSTEP) === (place === 0)))
          .map((times) => times[id] ?? 0),
        0.5,
      ),
    );
  const megabytes = (file: string): string => (statSync(file).size / 1e6).toFixed(2);
  const sizes = [
    ['.vsix for one platform, MB', megabytes(VSIX), '3'],
    ['client bundle, MB', megabytes(path.join(root, 'dist/client.cjs')), ''],
    ['server bundle, MB', megabytes(path.join(root, 'dist/server-program.cjs')), ''],
  ];
  // The tests and `npm start` run the development build.
  call(process.execPath, [path.join(root, 'esbuild.mjs')]);
  return `${table(
    ['', 'measured', 'aim'],
    [
      ['activation as the first extension, ms (median of three)', median(LOCKSTEP, 0), '60'],
      ['activation as the second one, ms', median(LOCKSTEP, 1), ''],
      ["VS Code's own extension for Jake (6 kB) as the first, ms", median(LEAST, 0), ''],
      ['the same as the second, ms', median(LEAST, 1), ''],
      ...sizes,
    ],
  )}\n`;
}
