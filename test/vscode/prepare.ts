import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** The .vsix that the tests install. */
export const VSIX = path.join(root, 'dist/test/lockstep.vsix');

/** Installs the test's VS Code where it is not installed yet. Errors: throws when a program fails. */
export function installHost(): void {
  call('sh', [path.join(import.meta.dirname, 'host/install.sh')]);
}

/** Builds what a user would install, for this machine's platform. */
export function buildVsix(): void {
  mkdirSync(path.dirname(VSIX), { recursive: true });
  call(process.execPath, [path.join(root, 'esbuild.mjs'), '--production']);
  call(process.execPath, [
    path.join(root, 'node_modules/@vscode/vsce/vsce'),
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--target',
    'linux-x64',
    '-o',
    VSIX,
  ]);
}

/** Runs a program with its output shown. */
export function call(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): void {
  const { status, error } = spawnSync(command, words, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (status !== 0)
    throw new Error(
      `${path.basename(words[0] ?? command)} failed (${status ?? error?.message ?? 'ended by a signal'})`,
    );
}
