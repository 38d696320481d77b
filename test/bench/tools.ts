import { createRequire } from 'node:module';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const require = createRequire(import.meta.url);

/** A linter with a language server and a command line. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly server: readonly [string, ...string[]];
  /** Lints every file of the folder `migrations`, run in its parent. */
  readonly commandLine: readonly [string, ...string[]];
}

/** The program of a package that ships one binary a platform: run directly, without the package's own launcher in Node. */
function binary(packageName: string, file: string): string {
  return path.join(path.dirname(require.resolve(`${packageName}/package.json`)), file);
}

function version(packageName: string): string {
  // Every published package has one.
  return (require(`${packageName}/package.json`) as { readonly version: string }).version;
}

const suffix = process.platform === 'win32' ? '.exe' : '';
const squawk = binary(`@squawk-cli/${process.platform}-${process.arch}`, `bin/squawk${suffix}`);
const languageServer = binary(
  `@postgres-language-server/cli-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${process.platform === 'darwin' ? 'apple-darwin' : process.platform === 'win32' ? 'windows-msvc' : 'linux-gnu'}`,
  `postgres-language-server${suffix}`,
);

/** Ours first: ratios are against it. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'Lockstep',
    version: (require('../../package.json') as { readonly version: string }).version,
    // With the flag that the extension starts it with.
    server: [process.execPath, '--max-semi-space-size=8', path.join(root, 'dist/server.cjs'), '--stdio'],
    commandLine: [process.execPath, path.join(root, 'dist/cli.cjs'), 'lint', '--format', 'json'],
  },
  {
    name: 'squawk',
    version: version('squawk-cli'),
    server: [squawk, 'server'],
    commandLine: [squawk, '--reporter', 'json', 'migrations/*.sql'],
  },
  {
    name: 'Postgres Language Server',
    version: version('@postgres-language-server/cli'),
    server: [languageServer, 'lsp-proxy'],
    commandLine: [languageServer, 'check', '--max-diagnostics=100000', 'migrations'],
  },
];
