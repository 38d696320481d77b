// Runs the suite in a real extension host: code-server's here, VS Code's own with VSCODE_EXECUTABLE.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { call, installHost, root } from './prepare.ts';

installHost();
call(process.execPath, [path.join(root, 'esbuild.mjs')]);
const suite = path.join(root, 'dist/test/suite.cjs');
mkdirSync(path.dirname(suite), { recursive: true });
await build({
  entryPoints: [path.join(import.meta.dirname, 'suite/index.ts')],
  outfile: suite,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  external: ['vscode', 'mocha'],
  logLevel: 'warning',
});
const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-suite-'));
cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
const result = path.join(root, 'dist/test/suite-result.json');
rmSync(result, { force: true });
let code = 0;
try {
  await runTests({
    vscodeExecutablePath: process.env['VSCODE_EXECUTABLE'] ?? path.join(import.meta.dirname, 'code-host.mjs'),
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    launchArgs: [folder, '--disable-extensions'],
    extensionTestsEnv: { LOCKSTEP_HOST_RESULT: result },
  });
} catch (cause) {
  code = 1;
  console.error(String(cause));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!existsSync(result)) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
// Written by suite/index.ts.
const { passes, failures } = JSON.parse(readFileSync(result, 'utf8')) as {
  readonly passes: readonly string[];
  readonly failures: readonly { readonly title: string; readonly error: string }[];
};
for (const title of passes) console.log(`ok   ${title}`);
for (const failure of failures) console.log(`FAIL ${failure.title}\n${failure.error}`);
console.log(`${passes.length} passed, ${failures.length} failed`);
process.exit(failures.length > 0 || passes.length === 0 ? 1 : code);
