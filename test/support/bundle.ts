import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

/** Bundles a program for Node.js from the sources as they are, as `NAME.cjs` in a folder, with the process for SQLite beside it. */
export async function bundleForNode(name: string, source: string, outdir: string): Promise<string> {
  await build({
    entryPoints: { [name]: source, 'sqlite-process': path.join(root, 'server/drivers/sqlite-process.ts') },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    external: ['pg-native', 'better-sqlite3'],
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  return path.join(outdir, `${name}.cjs`);
}
