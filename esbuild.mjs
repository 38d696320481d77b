// Bundles the client, the server and the command line into dist/, with what they load beside them.
//   node esbuild.mjs [--production] [--watch] [--target linux-x64|alpine-arm64|...]
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import esbuild from 'esbuild';

const require = createRequire(import.meta.url);
const root = import.meta.dirname;
const words = process.argv.slice(2);
const isProduction = words.includes('--production');
const target = words.includes('--target') ? words[words.indexOf('--target') + 1] : undefined;

/** Platforms of `vsce package --target` and the file names of better-sqlite3's binaries for them. */
const binaryOf = (name) => name.replace(/^alpine-/, 'linuxmusl-');

const entries = [
  { in: 'client/extension.ts', out: 'client', external: ['vscode'] },
  { in: 'server/main.ts', out: 'server-program', external: [] },
  { in: 'server/cli/main.ts', out: 'cli-program', external: [] },
  { in: 'server/drivers/sqlite-process.ts', out: 'sqlite-process', external: [] },
].filter((entry) => existsSync(path.join(root, entry.in)));

/** Programs that keep what Node.js compiles of them from one start to the next: it must be told before they are read. */
const starters = [
  { out: 'server', program: 'server-program', first: '' },
  { out: 'cli', program: 'cli-program', first: '#!/usr/bin/env node\n' },
];
/**
 * The command line starts the language server's own bundle. A second copy within its own would have every module of both
 * wrapped to be loaded late, and a command that is over in a moment would wait for that.
 */
const serverBeside = {
  name: 'server-beside',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/main\.ts$/ }, () => ({ path: './server-program.cjs', external: true }));
  },
};
const options = (entry) => ({
  entryPoints: [path.join(root, entry.in)],
  outfile: path.join(root, `dist/${entry.out}.cjs`),
  bundle: true,
  platform: 'node',
  // 20, so that the command line can say in words that a newer Node.js is needed.
  target: 'node20',
  format: 'cjs',
  minify: isProduction,
  sourcemap: isProduction ? false : 'linked',
  legalComments: 'none',
  // Packages whose CommonJS form finds its parts at run time have a form of modules that can be bundled.
  mainFields: ['module', 'main'],
  external: [...entry.external, 'pg-native'],
  plugins: entry.out === 'cli-program' ? [serverBeside] : [],
  // CommonJS has no import.meta.
  define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
  banner: {
    js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  logLevel: 'warning',
});

mkdirSync(path.join(root, 'dist/native'), { recursive: true });
for (const { out, program, first } of starters) {
  writeFileSync(
    path.join(root, `dist/${out}.cjs`),
    `${first}// Node.js 20 has no cache, and says below that it is too old.\nrequire('node:module').enableCompileCache?.();\nrequire('./${program}.cjs');\n`,
  );
}
for (const old of readdirSync(path.join(root, 'dist/native'))) rmSync(path.join(root, 'dist/native', old));
for (const wasm of [
  'libpg-query/wasm/libpg-query.wasm',
  'web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-c-sharp/tree-sitter-c_sharp.wasm',
])
  copyFileSync(require.resolve(wasm), path.join(root, 'dist', path.basename(wasm)));
const prebuilds = path.join(path.dirname(require.resolve('better-sqlite3/package.json')), 'prebuilds');
const wanted = binaryOf(target ?? `${process.platform}-${process.arch}`);
for (const file of readdirSync(prebuilds))
  if (file === `${wanted}.node`) copyFileSync(path.join(prebuilds, file), path.join(root, 'dist/native', file));

if (words.includes('--watch')) for (const entry of entries) await (await esbuild.context(options(entry))).watch();
else await Promise.all(entries.map((entry) => esbuild.build(options(entry))));
