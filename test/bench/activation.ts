// Activation in a real extension host, and the sizes of what is installed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { buildVsix, call, installHost, VSIX } from '../vscode/prepare.ts';
import { ms, percentile, table } from './measure.ts';
import { root } from './tools.ts';

const STARTS = 3;

/** Milliseconds of one activation in a folder that gives no reason to activate before it is asked for. */
async function activationTime(suite: string): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-bench-'));
  const result = path.join(folder, 'result.json');
  try {
    await runTests({
      vscodeExecutablePath: process.env['VSCODE_EXECUTABLE'] ?? path.join(root, 'test/vscode/code-host.mjs'),
      extensionDevelopmentPath: root, extensionTestsPath: suite, launchArgs: [folder, '--disable-extensions'], extensionTestsEnv: { LOCKSTEP_HOST_RESULT: result },
    });
    // Written by activation-suite.ts.
    return (JSON.parse(readFileSync(result, 'utf8')) as { readonly milliseconds: number }).milliseconds;
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
  await build({ entryPoints: [path.join(import.meta.dirname, 'activation-suite.ts')], outfile: suite, bundle: true, platform: 'node', format: 'cjs', external: ['vscode'], logLevel: 'warning' });
  const taken: number[] = [];
  for (let start = 0; start < STARTS; start++) taken.push(await activationTime(suite));
  const megabytes = (file: string): string => (statSync(file).size / 1e6).toFixed(2);
  const sizes = [['.vsix for one platform, MB', megabytes(VSIX), '3'], ['client bundle, MB', megabytes(path.join(root, 'dist/client.cjs')), ''], ['server bundle, MB', megabytes(path.join(root, 'dist/server.cjs')), '']];
  // The tests and `npm start` run the development build.
  call(process.execPath, [path.join(root, 'esbuild.mjs')]);
  return `${table(['', 'measured', 'aim'], [['activation, ms (median of three)', ms(percentile(taken, 0.5)), '60'], ...sizes])}\n`;
}
