// npm run package [-- --target PLATFORM] [--out FILE]: the .vsix of one platform, with one SQLite binary.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const words = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const index = words.indexOf(name);
  return index < 0 ? undefined : words[index + 1];
};

/** Names of `vsce package --target`; Alpine's binaries are those for musl. */
const TARGETS = [
  'linux-x64',
  'linux-arm64',
  'alpine-x64',
  'alpine-arm64',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
];
const target = option('--target') ?? `${process.platform}-${process.arch}`;
if (!TARGETS.includes(target)) {
  console.error(`There is no SQLite binary for ${target}: use --target with ${TARGETS.join(', ')}.`);
  process.exit(2);
}
const out = path.resolve(root, option('--out') ?? `dist/lockstep-${target}.vsix`);
mkdirSync(path.dirname(out), { recursive: true });
const call = (args: readonly string[]): void => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
call([path.join(root, 'esbuild.mjs'), '--production', '--target', target]);
call([
  path.join(root, 'node_modules/@vscode/vsce/vsce'),
  'package',
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--target',
  target,
  '-o',
  out,
]);
console.log(`${path.relative(root, out)}: ${(statSync(out).size / 1024 / 1024).toFixed(2)} MB`);
