#!/usr/bin/env node
// Stands in for the `code` binary in `@vscode/test-electron`: runs the suite in code-server's extension host.
//   code-host.mjs [folder] --extensionDevelopmentPath=DIR --extensionTestsPath=FILE [flags of VS Code]
import path from 'node:path';
import { startHost } from './host.mjs';

const IGNORED =
  /^--(no-sandbox|disable-gpu-sandbox|disable-updates|skip-welcome|skip-release-notes|no-cached-data|disable-workspace-trust|disable-extensions|user-data-dir=|extensions-dir=)/;
const TIMEOUT_MS = 180_000;
const words = process.argv.slice(2);
const wordOf = (name) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = words.find((word) => !word.startsWith('-'));
const tests = wordOf('extensionTestsPath');
const extension = wordOf('extensionDevelopmentPath');
const unknown = words.filter(
  (word) => word.startsWith('--') && !/^--extension(Tests|Development)Path=/.test(word) && !IGNORED.test(word),
);
if (unknown.length > 0 || tests === undefined || extension === undefined || folder === undefined) {
  console.error(
    'code-host: not understood:',
    unknown.join(' ') || 'a folder, --extensionDevelopmentPath and --extensionTestsPath are needed',
  );
  process.exit(2);
}
const host = await startHost({ folder: path.resolve(folder), isApiTest: true });
const remote = (file) => `vscode-remote://127.0.0.1:${host.port}${path.resolve(file)}`;
let code = 1;
try {
  const ended = Promise.withResolvers();
  await host.page.exposeFunction('codeAutomationLog', (type, values) => {
    if (process.env.VERBOSE !== undefined) console.log(type, values.map(String).join(' '));
  });
  await host.page.exposeFunction('codeAutomationExit', (value) => ended.resolve(value));
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(tests)],
    ['skipWelcome', 'true'],
  ];
  await host.page.goto(
    `${host.origin}/?folder=${encodeURIComponent(host.folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    // A machine that does other things too.
    { waitUntil: 'domcontentloaded', timeout: 120_000 },
  );
  setTimeout(() => ended.reject(new Error('the suite did not end in time')), TIMEOUT_MS).unref();
  code = await ended.promise;
} catch (error) {
  console.error(String(error));
}
if (host.refused.size > 0) console.log('hosts that were refused:', [...host.refused].join(', '));
await host.stop();
process.exit(code);
